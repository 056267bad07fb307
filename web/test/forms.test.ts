import { describe, expect, it } from "vitest";
import { generatePassword } from "../src/generate";
import { checkOf, fitted, isAddress, totpOf } from "../src/seed";
import { strengthOf } from "../src/strength";
import { ago } from "../src/when";
import { factorWords, hostOf, isWebAddress, tagsOf } from "../src/words";

describe("seeds", () => {
  it.each([
    ["otpauth://totp/x?secret=A", true],
    ["  OTPAUTH://totp/x", true],
    ["steam://ABC", true],
    ["otpauth-migration://offline?data=x", true],
    ["JBSW Y3DP", false],
    ["otpauth:totp", false],
    ["", false],
  ])("%s is an address: %s", (text, is) => expect(isAddress(text)).toBe(is));

  it("lets an address speak for itself", () => {
    expect(totpOf({ text: " otpauth://totp/x?secret=A ", digits: 8 })).toEqual({ uri: "otpauth://totp/x?secret=A" });
    expect(checkOf({ text: "otpauth://totp/x?secret=A", period: 60 })).toEqual({ text: "otpauth://totp/x?secret=A" });
  });

  it("sends a seed with what was chosen and nothing else", () => {
    expect(totpOf({ text: "jbsw y3dp" })).toEqual({ secret: "jbsw y3dp" });
    expect(totpOf({ text: "00ff", encoding: "hex", digits: 8, algorithm: "SHA256" })).toEqual({
      secret: "00ff",
      encoding: "hex",
      digits: 8,
      algorithm: "SHA256",
    });
  });

  it("makes large photographs smaller and leaves small ones alone", () => {
    expect(fitted(4000, 3000)).toEqual({ width: 2000, height: 1500 });
    expect(fitted(300, 200)).toEqual({ width: 300, height: 200 });
    expect(fitted(1, 100_000)).toEqual({ width: 1, height: 2000 });
  });
});

describe("strengthOf", () => {
  it.each([
    ["", "ana", ""],
    ["short", "ana", "Too weak"],
    ["aaaaaaaaaaaaaaaa", "ana", "Too weak"],
    ["121212121212", "ana", "Too weak"],
    ["Ana likes long words", "ana", "Too weak"],
    ["mTr7-qPx2-vKd9", "ana", "Fair"],
    ["correct horse battery staple", "ana", "Good"],
    ["al fresco dinner time", "al", "Good"],
  ])("%s", (password, name, word) => expect(strengthOf(password, name).word).toBe(word));

  it("always says what to do", () => {
    for (const password of ["", "a", "aaaaaaaaaaaaaaaa", "correct horse battery staple"])
      expect(strengthOf(password, "").advice).not.toBe("");
    expect(strengthOf("elevenchars", "").advice).toBe("1 more character needed.");
  });
});

describe("generatePassword", () => {
  it("has every class and no look-alikes, whatever the bytes", () => {
    let seed = 1;
    const random = (bytes: Uint8Array<ArrayBuffer>) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      bytes[0] = (seed >> 16) & 255;
    };
    for (let i = 0; i < 50; i++) {
      const password = generatePassword(20, random);
      expect(password).toHaveLength(20);
      expect(password).toMatch(/[a-z]/);
      expect(password).toMatch(/[A-Z]/);
      expect(password).toMatch(/[2-9]/);
      expect(password).toMatch(/[!#%+\-=?@_]/);
      expect(password).not.toMatch(/[lIO01]/);
    }
  });
});

describe("words", () => {
  it("names a second factor shortly", () => {
    expect(factorWords({ kind: "totp", algorithm: "SHA1", digits: 6, period: 30 })).toBe("6 digits, 30 s");
    expect(factorWords({ kind: "hotp", algorithm: "SHA1", digits: 8 })).toBe("HOTP, 8 digits");
    expect(factorWords({ kind: "steam", algorithm: "SHA1", digits: 5, period: 30 })).toBe("Steam");
  });

  it("knows a site by its host, and follows web addresses only", () => {
    expect(hostOf("https://www.example.com:8443/x?y")).toBe("example.com:8443");
    expect(hostOf("not an address")).toBe("not an address");
    expect(isWebAddress("https://example.com")).toBe(true);
    expect(isWebAddress("javascript:alert(1)")).toBe(false);
    expect(isWebAddress("example.com")).toBe(false);
  });

  it("splits tags", () => expect(tagsOf(" a, b ,,a,c d ")).toEqual(["a", "b", "c d"]));

  it("says how long ago", () => {
    const now = Date.parse("2026-11-24T09:00:00.000Z");
    const at = (seconds: number) => ago(new Date(now - seconds * 1000).toISOString(), now);
    expect(at(-2)).toBe("just now");
    expect(at(4)).toBe("4 s ago");
    expect(at(65)).toBe("1 min ago");
    expect(at(7_200)).toBe("2 h ago");
    expect(at(100_000)).toBe("yesterday");
    expect(at(300_000)).toBe("3 days ago");
  });
});
