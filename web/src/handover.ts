// Opens files that the server has sealed for a key made here for one answer: `seal/src/handover.rs` has the rules.

const CURVE = { name: "ECDH", namedCurve: "P-256" };

export interface SealedFile {
  name: string;
  /** In base64: the sender's point, and the file. */
  sender: string;
  data: string;
}

export interface OneTimeKey {
  /** In base64, to send. */
  recipient: string;
  open: (file: SealedFile) => Promise<ArrayBuffer>;
}

/** A key that only this page holds, and that cannot be taken out of the browser. */
export async function oneTimeKey(): Promise<OneTimeKey> {
  return keyOf(await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]));
}

export async function keyOf({ privateKey, publicKey }: CryptoKeyPair): Promise<OneTimeKey> {
  const own = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  return { recipient: toBase64(own), open: (file) => open(privateKey, own, file) };
}

async function open(privateKey: CryptoKey, own: Uint8Array<ArrayBuffer>, file: SealedFile): Promise<ArrayBuffer> {
  const sender = fromBase64(file.sender);
  const other = await crypto.subtle.importKey("raw", sender, CURVE, false, []);
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, privateKey, 256);
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  // Bytes of the rules (not-a-text).
  const label = new TextEncoder().encode("countersign handover 1");
  const info = new Uint8Array([...label, ...sender, ...own]);
  const derived = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  const key = await crypto.subtle.deriveKey(derived, root, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  // The key opens this file alone, so it needs no number.
  const iv = new Uint8Array(12);
  const additionalData = new TextEncoder().encode(file.name);
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, fromBase64(file.data));
}

const toBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
