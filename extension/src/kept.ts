// What the extension keeps: the key in IndexedDB, from which no script can read it out, and beside it where the server is. No
// secret of a credential is ever kept.

export interface Server {
  /** Without a slash at the end. */
  address: string;
  device: string;
  /** Whose vault it is, by name. */
  user: string;
  /** What this browser is called there; those that were paired before it was kept have none. */
  name?: string;
}

/** Where this browser still is listed, after its key was forgotten here. */
export type Left = Pick<Server, "address" | "name">;

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
  await chrome.storage.local.remove("left");
}

/** Forgets the key, the server and what was chosen at which page; keeps where this browser still is listed. */
export async function forget(): Promise<void> {
  const server = await keptServer();
  await request((await keys("readwrite")).delete(KEY));
  await Promise.all([chrome.storage.local.clear(), chrome.storage.session.clear()]);
  if (server) await chrome.storage.local.set({ left: { address: server.address, name: server.name } });
}

export async function keptLeft(): Promise<Left | undefined> {
  return (await chrome.storage.local.get("left"))["left"] as Left | undefined;
}

export const forgetLeft = (): Promise<void> => chrome.storage.local.remove("left");
