// What the server asks of an authenticator, and what goes back: bytes and base64url, and words for what browsers do not say.
import { afterEach, expect, it, vi } from "vitest";
import { Problem } from "../src/api/problem";
import { makePasskey, showPasskey } from "../src/passkey";
import { whyNoPasskeys } from "../src/passkeys-here";

const bytes = (...values: number[]) => new Uint8Array(values).buffer;
const browser = (name: "create" | "get", does: (asked: never) => unknown) =>
  vi.stubGlobal("navigator", { credentials: { [name]: (asked: never) => Promise.resolve(does(asked)) } });

afterEach(() => vi.unstubAllGlobals());

it("says where passkeys can be used, and why not here", () => {
  const at = { usable: true, origin: "https://vault.example.com" };
  expect(whyNoPasskeys(at, "https://vault.example.com", true)).toBeNull();
  expect(whyNoPasskeys(at, "https://vault.example.com", false)).toBe("This browser does not support passkeys.");
  expect(whyNoPasskeys(at, "https://192.0.2.1", true)).toBe(
    "Passkeys work only at https://vault.example.com: open this page there.",
  );
  const problem = "this server's address is an IP address";
  expect(whyNoPasskeys({ usable: false, problem }, "https://192.0.2.1", true)).toBe(problem);
});

it("has a passkey made", async () => {
  let asked: PublicKeyCredentialCreationOptions | undefined;
  browser("create", ({ publicKey }: { publicKey: PublicKeyCredentialCreationOptions }) => {
    asked = publicKey;
    return {
      rawId: bytes(251, 255),
      type: "public-key",
      response: { clientDataJSON: bytes(1), attestationObject: bytes(2, 3), getTransports: () => ["internal"] },
    };
  });
  const options = {
    rp: { id: "vault.example.com", name: "Countersign" },
    challenge: "-_8",
    user: { id: "AQI", name: "ana", displayName: "ana" },
    excludeCredentials: [{ type: "public-key", id: "AwQF" }],
    authenticatorSelection: { residentKey: "required" },
  };
  expect(await makePasskey(options)).toEqual({
    id: "-_8",
    rawId: "-_8",
    type: "public-key",
    response: { clientDataJSON: "AQ", attestationObject: "AgM", transports: ["internal"] },
    clientExtensionResults: {},
  });
  expect(asked).toMatchObject({
    rp: { id: "vault.example.com" },
    challenge: new Uint8Array([251, 255]),
    user: { id: new Uint8Array([1, 2]), name: "ana" },
    excludeCredentials: [{ id: new Uint8Array([3, 4, 5]) }],
    authenticatorSelection: { residentKey: "required" },
  });
});

it("has a passkey shown", async () => {
  let asked: PublicKeyCredentialRequestOptions | undefined;
  const response = { clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(3) };
  browser("get", ({ publicKey }: { publicKey: PublicKeyCredentialRequestOptions }) => {
    asked = publicKey;
    return { rawId: bytes(9), type: "public-key", response: { ...response, userHandle: bytes(4) } };
  });
  const shown = await showPasskey({ challenge: "AQ", rpId: "vault.example.com", allowCredentials: [] });
  expect(shown).toEqual({
    id: "CQ",
    rawId: "CQ",
    type: "public-key",
    response: { clientDataJSON: "AQ", authenticatorData: "Ag", signature: "Aw", userHandle: "BA" },
    clientExtensionResults: {},
  });
  expect(asked).toMatchObject({ challenge: new Uint8Array([1]), rpId: "vault.example.com", allowCredentials: [] });
  browser("get", () => ({ rawId: bytes(9), type: "public-key", response: { ...response, userHandle: null } }));
  expect(await showPasskey({ challenge: "AQ" })).toMatchObject({ response: { userHandle: null } });
});

it("has words for what a browser refuses", async () => {
  const table = [
    ["NotAllowedError", "No passkey was used."],
    ["AbortError", "No passkey was used."],
    ["InvalidStateError", "This device already has a passkey for your account."],
    ["SecurityError", "This browser does not accept passkeys for this address."],
    ["ConstraintError", "This device cannot create a passkey that verifies that it is you."],
  ] as const;
  for (const [name, words] of table) {
    browser("get", () => {
      throw new DOMException("", name);
    });
    const thrown: unknown = await showPasskey({ challenge: "AQ" }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Problem);
    expect((thrown as Problem).message).toBe(words);
  }
  browser("get", () => null);
  await expect(showPasskey({ challenge: "AQ" })).rejects.toThrow("No passkey was used.");
});
