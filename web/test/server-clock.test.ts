import { beforeEach, describe, expect, it } from "vitest";
import { ServerClock } from "../src/token/server-clock";

describe("ServerClock", () => {
  let monotonic: number;
  let wall: number;
  let clock: ServerClock;
  const pass = (ms: number) => {
    monotonic += ms;
    wall += ms;
  };

  beforeEach(() => {
    monotonic = 5_000;
    wall = 1_000_000;
    clock = new ServerClock(
      () => monotonic,
      () => wall,
    );
  });

  it("is this device's clock until the server has spoken", () => {
    expect(clock.now()).toBe(1_000_000);
    expect(clock.deviceAhead()).toBe(0);
  });

  it("takes the middle of the round trip as the moment of the server's time", () => {
    clock.sample(2_000_000, 4_800, 5_000);
    expect(clock.now()).toBe(2_000_100);
    pass(1_234);
    expect(clock.now()).toBe(2_001_334);
    expect(clock.deviceAhead()).toBe(-1_000_100);
  });

  it("does not follow a device clock that is set while the page is open", () => {
    clock.sample(2_000_000, 5_000, 5_000);
    wall += 3_600_000;
    pass(10);
    expect(clock.now()).toBe(2_000_010);
  });

  it("keeps the better sample of two that agree", () => {
    clock.sample(2_000_000, 4_990, 5_000);
    pass(1_000);
    clock.sample(2_000_700, 5_000, 6_000);
    expect(clock.now()).toBe(2_001_005);
  });

  it("takes the newer sample when the two cannot both be right, for the server's clock was set", () => {
    clock.sample(2_000_000, 4_990, 5_000);
    pass(1_000);
    clock.sample(2_060_000, 5_900, 6_000);
    expect(clock.now()).toBe(2_060_050);
  });

  it("lets an old sample give way to a new one, however slow", () => {
    clock.sample(2_000_000, 5_000, 5_000);
    pass(121_000);
    clock.sample(2_121_100, monotonic - 400, monotonic);
    expect(clock.now()).toBe(2_121_300);
  });

  it("trusts nothing from before the machine slept", () => {
    clock.sample(2_000_000, 5_000, 5_000);
    wall += 600_000; // asleep: the monotonic clock stood still
    clock.sample(2_600_000, 5_000, 5_800);
    monotonic = 5_800;
    expect(clock.now()).toBe(2_600_400);
  });

  it("ignores a time it cannot read", () => {
    clock.sample(Number.NaN, 0, 0);
    expect(clock.now()).toBe(1_000_000);
  });
});
