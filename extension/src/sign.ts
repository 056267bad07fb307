// How a request is signed, so that nobody else can send it, at another time, to another server or with another content
// (`crates/identity/src/device.rs` takes it apart).

export interface SignedParts {
  method: string;
  /** The server's origin. */
  origin: string;
  /** Path and query below the server's address. */
  target: string;
  body: Uint8Array<ArrayBuffer>;
  /** Seconds since 1970. */
  at: number;
  /** Sixteen random bytes. */
  nonce: Uint8Array;
  device: string;
}

const ALGORITHM = { name: "ECDSA", hash: "SHA-256" };
const utf8 = (text: string) => new TextEncoder().encode(text);

export function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function signature(key: CryptoKey, message: Uint8Array<ArrayBuffer>): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, message)));
}

/** What is signed of a request: each part in its line. */
export async function messageOf(parts: SignedParts): Promise<string> {
  const body = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", parts.body)));
  const { method, origin, target, at, nonce, device } = parts;
  return ["countersign-device-1", method, origin, target, body, at, base64url(nonce), device].join("\n");
}

/** The value of `Authorization`. */
export async function authorization(key: CryptoKey, parts: SignedParts): Promise<string> {
  const sig = await signature(key, utf8(await messageOf(parts)));
  return `Countersign-Device id=${parts.device},ts=${parts.at},nonce=${base64url(parts.nonce)},sig=${sig}`;
}

/** A code as the server reads it: without dashes and blanks, in upper case, `O` as `0`, `I` and `L` as `1`. */
export const plainCode = (typed: string): string =>
  typed
    .replace(/[\s\-\u2010-\u2015]/g, "")
    .toUpperCase()
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");

/** What an extension signs to be paired: server, code, name, and the point that is its public key. */
export function pairingMessage(origin: string, code: string, name: string, point: Uint8Array): Uint8Array<ArrayBuffer> {
  const lines = utf8(["countersign-pairing-1", origin, plainCode(code), name, ""].join("\n"));
  const message = new Uint8Array(lines.length + point.length);
  message.set(lines);
  message.set(point, lines.length);
  return message;
}

/** A key whose private half leaves the browser by no way, its public half, and a signature that shows both to the server. */
export async function pairingProof(key: CryptoKeyPair, origin: string, code: string, name: string) {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", key.publicKey));
  const message = pairingMessage(origin, code, name, point);
  return { code, name, public_key: base64url(point), signature: await signature(key.privateKey, message) };
}

export const newKey = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
