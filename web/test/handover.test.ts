import { expect, it } from "vitest";
import { keyOf, oneTimeKey } from "../src/handover";

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

/** The same numbers as in the test of `seal/src/handover.rs`: the recipient's scalar is 32 bytes of 1, the sender's of 2. */
async function pair(scalar: number): Promise<CryptoKeyPair> {
  const head = hex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420");
  const pkcs8 = new Uint8Array([...head, ...new Uint8Array(32).fill(scalar)]);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, CURVE, true, ["deriveBits"]);
  const { d: _, key_ops: __, ...jwk } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", jwk, CURVE, true, []);
  return { privateKey, publicKey };
}

it("opens what the server seals", async () => {
  const own = await keyOf(await pair(1));
  const sender = base64(new Uint8Array(await crypto.subtle.exportKey("raw", (await pair(2)).publicKey)));
  const file = { name: "a.txt", sender, data: base64(hex("6b2612525b279866c35d69d8c7d01e43f330011819")) };
  expect(new TextDecoder().decode(await own.open(file))).toBe("hello");
  await expect(own.open({ ...file, name: "b.txt" })).rejects.toThrow();
  const other = await oneTimeKey();
  await expect(other.open(file)).rejects.toThrow();
});

it("has another key each time, which stays in the browser", async () => {
  const [one, two] = [await oneTimeKey(), await oneTimeKey()];
  expect(one.recipient).not.toBe(two.recipient);
  expect(atob(one.recipient)).toHaveLength(65);
});
