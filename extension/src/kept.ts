// What the extension keeps: the key in IndexedDB, from which no script can read it out, and beside it where the server is. No
// secret of a credential is ever kept.

export interface Server {
  /** Without a slash at the end. */
  address: string;
  device: string;
  /** Whose vault it is, by name. */
  user: string;
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () =>
      reject(new Error("this browser keeps no key: see that it may store data", { cause: asked.error }));
  });
}

async function keys(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open("countersign", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  return (await request(opening)).transaction("keys", mode).objectStore("keys");
}

const KEY = "device";

export async function keptKey(): Promise<CryptoKey | undefined> {
  const pair = (await request((await keys("readonly")).get(KEY))) as CryptoKeyPair | undefined;
  return pair?.privateKey;
}

export async function keptServer(): Promise<Server | undefined> {
  return (await chrome.storage.local.get("server"))["server"] as Server | undefined;
}

/** Keeps a key and its server, in the place of those before. */
export async function keep(pair: CryptoKeyPair, server: Server): Promise<void> {
  await request((await keys("readwrite")).put(pair, KEY));
  await chrome.storage.local.set({ server });
}

export async function forget(): Promise<void> {
  await request((await keys("readwrite")).delete(KEY));
  await chrome.storage.local.clear();
}
