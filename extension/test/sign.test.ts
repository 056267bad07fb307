// What is signed, letter by letter, as the server takes it apart; and addresses and codes as people type them.
import { describe, expect, it } from "vitest";
import { addressOf } from "../src/server.ts";
import { authorization, base64url, messageOf, newKey, pairingMessage, pairingProof, plainCode } from "../src/sign.ts";

const PARTS = {
  method: "POST",
  origin: "https://vault.example.org",
  target: "/api/v1/fill/1?a=b",
  body: new TextEncoder().encode('{"what":["token"]}'),
  at: 1_800_000_000,
  nonce: new Uint8Array(16).fill(7),
  device: "01938d1c-7a31-7000-8000-000000000000",
};
// The same literal stands in the server's test of its message.
const MESSAGE = [
  "countersign-device-1",
  "POST",
  "https://vault.example.org",
  "/api/v1/fill/1?a=b",
  "87fb270c1d09165d8d41890972fe73e0d67070bec2983b5598ec4d996ea0a382",
  "1800000000",
  "BwcHBwcHBwcHBwcHBwcHBw",
  "01938d1c-7a31-7000-8000-000000000000",
].join("\n");

const bytes = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const VERIFY = { name: "ECDSA", hash: "SHA-256" };

describe("a request", () => {
  it("is signed as one text", async () => expect(await messageOf(PARTS)).toBe(MESSAGE));

  it("carries a signature that its key verifies, and no other", async () => {
    const key = await newKey();
    const header = await authorization(key.privateKey, PARTS);
    const read = /^Countersign-Device id=([\w-]+),ts=(\d+),nonce=([\w-]{22}),sig=([\w-]{86})$/.exec(header);
    expect(read?.slice(1, 4)).toEqual([PARTS.device, "1800000000", "BwcHBwcHBwcHBwcHBwcHBw"]);
    const verify = (message: string) =>
      crypto.subtle.verify(VERIFY, key.publicKey, bytes(read?.[4] ?? ""), new TextEncoder().encode(message));
    expect(await verify(MESSAGE)).toBe(true);
    for (const line of MESSAGE.split("\n")) expect(await verify(MESSAGE.replace(line, `${line}x`)), line).toBe(false);
  });
});

describe("a key", () => {
  it("does not leave the browser", async () => {
    const { privateKey } = await newKey();
    expect(privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("pkcs8", privateKey)).rejects.toThrow();
    await expect(crypto.subtle.exportKey("jwk", privateKey)).rejects.toThrow();
  });

  it("is shown with server, code and name", async () => {
    const key = await newKey();
    const proof = await pairingProof(key, "https://vault.example.org", "7k3p-x2qm", "Läptop");
    const point = bytes(proof.public_key);
    expect([point.length, point[0]]).toEqual([65, 4]);
    const verify = (origin: string, code: string, name: string) =>
      crypto.subtle.verify(VERIFY, key.publicKey, bytes(proof.signature), pairingMessage(origin, code, name, point));
    expect(await verify("https://vault.example.org", "7K3PX2QM", "Läptop")).toBe(true);
    expect(await verify("https://evil.example", "7K3PX2QM", "Läptop")).toBe(false);
    expect(await verify("https://vault.example.org", "7K3PX2QN", "Läptop")).toBe(false);
    expect(await verify("https://vault.example.org", "7K3PX2QM", "Laptop")).toBe(false);
  });
});

it.each([
  ["7k3p-x2qm", "7K3PX2QM"],
  [" 7K3P X2QM ", "7K3PX2QM"],
  ["oil0–abcd", "0110ABCD"],
])("reads %j as the server does", (typed, read) => expect(plainCode(typed)).toBe(read));

it.each([
  ["https://vault.example.org/", "https://vault.example.org"],
  [" vault.example.org ", "https://vault.example.org"],
  ["https://example.org/vault/", "https://example.org/vault"],
  ["https://example.org:8443/#/settings", "https://example.org:8443"],
  ["http://localhost:7117", "http://localhost:7117"],
  ["http://127.0.0.1:7117/", "http://127.0.0.1:7117"],
])("takes the address %j", (typed, address) => expect(addressOf(typed)).toBe(address));

it.each([
  "",
  "http://vault.example.org",
  "ftp://vault.example.org",
  "https://a:b@vault.example.org",
  "http://localhost.evil.example",
])("refuses the address %j", (typed) => expect(() => addressOf(typed)).toThrow("no address of a server"));

it("writes bytes as base64url", () => {
  expect(base64url(new Uint8Array([251, 255, 254]))).toBe("-__-");
  expect(base64url(new Uint8Array([1]))).toBe("AQ");
});
