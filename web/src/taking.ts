// What is taken from one credential without a look at it: its token, its password, its user name, its site.
import * as api from "./api";
import { messageFor, Problem } from "./api/problem";
import type { Summary } from "./api/types";
import { CLEARED, copyText } from "./clipboard";
import { kept } from "./palette/kept.svelte";
import { say } from "./state/say.svelte";
import { isWebAddress } from "./words";

export type Taken = "token" | "password" | "username" | "site";
/** Opens Details, where what is asked for can be given. */
export type Show = (tab?: string) => void;

const REFUSED = "This browser does not allow copying here. Open Details and copy by hand.";

export default async function take(what: Taken, credential: Summary, show: Show): Promise<void> {
  const { id, name, may } = credential;
  kept.use(id);
  switch (what) {
    case "token":
      if (!credential.second_factor) return say(`${name} has no setup key, so it has no tokens.`);
      if (!may.token) return say(`You don't have access to the token of ${name}.`);
      return copySecret(
        `Token of ${name}`,
        api.token(id, {}).then((answer) => answer.token),
        () => show(),
      );
    case "password":
      if (!credential.has_password) return say(`${name} has no password stored.`);
      if (!may.reveal) return say(`You don't have access to the password of ${name}.`);
      return copySecret(
        `Password of ${name}`,
        api.reveal(id, {}).then((answer) => answer.password),
        () => show("password"),
      );
    case "username":
      if (!credential.username) return say(`${name} has no user name.`);
      say((await copyText(credential.username)) ? `User name of ${name} copied` : REFUSED);
      return;
    case "site": {
      const url = credential.site?.url;
      if (!url) return say(`${name} has no site.`);
      if (!isWebAddress(url)) return say(`The site of ${name} is no web address: ${url}`);
      window.open(url, "_blank", "noopener,noreferrer");
    }
  }
}

/** `ask`: goes to where what is missing, such as a reason, can be given. */
async function copySecret(what: string, text: Promise<string>, ask: () => void): Promise<void> {
  try {
    say((await copyText(text, true)) ? `${what} copied. ${CLEARED}` : REFUSED);
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.unmet.length > 0) ask();
    const { text: said, hint } = messageFor(thrown);
    say(`${said} ${hint}`.trim());
  }
}
