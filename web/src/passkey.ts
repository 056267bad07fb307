// Passkeys in the browser: what the server asks goes to the authenticator, and what comes back goes to the server, with bytes as
// base64url on the way (Web Authentication's own forms in JSON, which not every browser converts by itself).
import { ofThisPage } from "./api/problem";
import type { PasskeyCredential, PasskeyOptions } from "./api/types";
import { t } from "./language";

/** Has a new passkey made. */
export async function makePasskey(options: PasskeyOptions): Promise<PasskeyCredential> {
  const asked = options as unknown as CreationJson;
  const made = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: (asked.excludeCredentials ?? []).map(withBytes),
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  return answered(made, {
    attestationObject: text(response.attestationObject),
    transports: response.getTransports(),
  });
}

/** Has a passkey shown: any, or one of those that the server names. */
export async function showPasskey(options: PasskeyOptions): Promise<PasskeyCredential> {
  const asked = options as unknown as RequestJson;
  const shown = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        allowCredentials: (asked.allowCredentials ?? []).map(withBytes),
      },
    }),
  );
  const response = shown.response as AuthenticatorAssertionResponse;
  return answered(shown, {
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle && text(response.userHandle),
  });
}

interface NamedJson {
  id: string;
  type: "public-key";
}
type CreationJson = Omit<PublicKeyCredentialCreationOptions, "challenge" | "user" | "excludeCredentials"> & {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: NamedJson[];
};
type RequestJson = Omit<PublicKeyCredentialRequestOptions, "challenge" | "allowCredentials"> & {
  challenge: string;
  allowCredentials?: NamedJson[];
};

const withBytes = (named: NamedJson): PublicKeyCredentialDescriptor => ({ ...named, id: bytes(named.id) });

function answered(credential: PublicKeyCredential, response: Record<string, unknown>): PasskeyCredential {
  const rawId = text(credential.rawId);
  return {
    id: rawId,
    rawId,
    type: credential.type,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
    clientExtensionResults: {},
  };
}

async function ask(asking: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await asking();
  } catch (thrown) {
    throw refusal(thrown instanceof DOMException ? thrown.name : "");
  }
  if (answer === null) throw refusal("NotAllowedError");
  return answer as PublicKeyCredential;
}

function refusal(name: string) {
  if (name === "InvalidStateError")
    return ofThisPage("passkey-there", t("This device already has a passkey for your account."));
  if (name === "SecurityError")
    return ofThisPage(
      "passkey-elsewhere",
      t("This browser does not accept passkeys for this address."),
      t("Open this page at the server's own address."),
    );
  if (name === "NotSupportedError" || name === "ConstraintError")
    return ofThisPage(
      "passkey-unfit",
      t("This device cannot create a passkey that verifies that it is you."),
      t("Set a screen lock or a PIN on it, or use another device."),
    );
  // Browsers do not tell whether somebody has none, has cancelled, or was too slow.
  return ofThisPage(
    "passkey-not-used",
    t("No passkey was used."),
    t("Try again. If you have no passkey on this device, use another way."),
  );
}

function bytes(encoded: string): Uint8Array<ArrayBuffer> {
  const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
