import { describe, expect, it } from "vitest";
import { CLEAR_AFTER_MS, Clearing } from "../src/clearing";
import { Timers } from "./world";

/** A clipboard whose browser tells what it holds only where `tells`, and refuses to clear it while `refuses`. */
class World {
  holds = "";
  tells = true;
  refuses = false;
  readonly timers = new Timers();
  readonly clearing = new Clearing(
    {
      read: async () => (this.tells && !this.refuses ? this.holds : null),
      clear: async () => {
        if (!this.refuses) this.holds = "";
        return !this.refuses;
      },
    },
    this.timers,
  );

  copy(text: string, secret: boolean): void {
    this.holds = text;
    if (secret) this.clearing.hold(text);
    else this.clearing.release();
  }
}

describe("Clearing", () => {
  it("clears a secret after half a minute, and not before", async () => {
    const world = new World();
    world.copy("123456", true);
    await world.timers.pass(CLEAR_AFTER_MS - 1);
    expect(world.holds).toBe("123456");
    await world.timers.pass(1);
    expect(world.holds).toBe("");
  });

  it("leaves what is no secret, also after a secret", async () => {
    const world = new World();
    world.copy("123456", true);
    world.copy("the.team", false);
    await world.timers.pass(CLEAR_AFTER_MS * 2);
    expect(world.holds).toBe("the.team");
  });

  it("counts from the last of several", async () => {
    const world = new World();
    world.copy("123456", true);
    await world.timers.pass(20_000);
    world.copy("654321", true);
    await world.timers.pass(20_000);
    expect(world.holds).toBe("654321");
    await world.timers.pass(10_000);
    expect(world.holds).toBe("");
  });

  it("leaves what another program has put there, where the browser tells", async () => {
    const world = new World();
    world.copy("123456", true);
    world.holds = "a letter";
    await world.timers.pass(CLEAR_AFTER_MS);
    await world.clearing.look();
    expect(world.holds).toBe("a letter");
  });

  it("clears where the browser does not tell", async () => {
    const world = new World();
    world.tells = false;
    world.copy("123456", true);
    await world.timers.pass(CLEAR_AFTER_MS);
    expect(world.holds).toBe("");
  });

  it("tries again once the page is used, where the browser has refused", async () => {
    const world = new World();
    world.copy("123456", true);
    world.refuses = true;
    await world.timers.pass(CLEAR_AFTER_MS);
    await world.clearing.look();
    expect(world.holds).toBe("123456");
    world.refuses = false;
    await world.clearing.look();
    expect(world.holds).toBe("");
    // Once is enough.
    world.holds = "123456";
    await world.clearing.look();
    expect(world.holds).toBe("123456");
  });

  it("clears nothing early, however often the page is used", async () => {
    const world = new World();
    world.copy("123456", true);
    await world.clearing.look();
    await world.timers.pass(CLEAR_AFTER_MS - 1);
    await world.clearing.look();
    expect(world.holds).toBe("123456");
  });
});
