// Fields of dates and times hold what the clocks of the chosen time zone show.
import { expect, it } from "vitest";
import { fieldOf, momentAt, ownZone } from "../src/zone";

it.each([
  ["2026-11-24T12:00:00.000Z", "America/Sao_Paulo", "2026-11-24T09:00"],
  ["2026-11-24T02:30:00.000Z", "America/Sao_Paulo", "2026-11-23T23:30"],
  ["2026-07-01T12:00:00.000Z", "Europe/Berlin", "2026-07-01T14:00"],
  ["2026-01-01T12:00:00.000Z", "Asia/Kolkata", "2026-01-01T17:30"],
  ["2026-01-01T00:00:00.000Z", "UTC", "2026-01-01T00:00"],
  // The hours around the end and the beginning of summer time.
  ["2026-10-24T23:30:00.000Z", "Europe/Berlin", "2026-10-25T01:30"],
  ["2026-10-25T02:30:00.000Z", "Europe/Berlin", "2026-10-25T03:30"],
  ["2026-03-29T00:30:00.000Z", "Europe/Berlin", "2026-03-29T01:30"],
  ["2026-03-29T01:30:00.000Z", "Europe/Berlin", "2026-03-29T03:30"],
])("%s in %s is %s, and back", (moment, zone, field) => {
  expect(fieldOf(moment, zone)).toBe(field);
  expect(momentAt(field, zone)).toBe(moment);
});

it("gives the last moment of a day to the millisecond", () => {
  expect(momentAt("2026-11-24T23:59:59.999", "America/Sao_Paulo")).toBe("2026-11-25T02:59:59.999Z");
});

it("is the browser's own zone where none was chosen", () => {
  expect(momentAt("2026-11-24T09:00")).toBe(new Date("2026-11-24T09:00").toISOString());
  expect(ownZone()).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
});
