// A second implementation of RFC 6238, so that the tests do not believe the server.
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export interface Totp {
  seed: string;
  algorithm?: "SHA1" | "SHA256" | "SHA512";
  digits?: number;
  period?: number;
}

/** The token of the step that holds `at`, in ms since the epoch. */
export function totp({ seed, algorithm = "SHA1", digits = 6, period = 30 }: Totp, at = Date.now()): string {
  return hotp(seed, Math.floor(at / 1000 / period), digits, algorithm);
}

export function hotp(seed: string, counter: number, digits = 6, algorithm = "SHA1"): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm.toLowerCase(), decoded(seed)).update(message).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, "0");
}

function decoded(seed: string): Buffer {
  const bits = [...seed.toUpperCase().replace(/[^A-Z2-7]/g, "")]
    .map((character) => ALPHABET.indexOf(character).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? []);
}
