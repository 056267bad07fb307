// What is taken from one credential without a look at it: its token, its password, its user name, its site.
import * as api from "./api";
import { messageFor, Problem } from "./api/problem";
import type { Summary } from "./api/types";
import { CLEARED, copyText } from "./clipboard";
import { t } from "./language";
import { kept } from "./palette/kept.svelte";
import { say } from "./state/say.svelte";
import { isWebAddress } from "./words";

export type Taken = "token" | "password" | "username" | "site";
/** Opens Details, where what is asked for can be given. */
export type Show = (tab?: string) => void;

const REFUSED = t("This browser does not allow copying here. Open Details and copy by hand.");

export default async function take(what: Taken, credential: Summary, show: Show): Promise<void> {
  const { id, name, may } = credential;
  kept.use(id);
  switch (what) {
    case "token":
      if (!credential.second_factor) return say(t("{name} has no setup key, so it has no tokens.", { name }));
      if (!may.token) return say(t("You don't have access to the token of {name}.", { name }));
      return copySecret(
        t("Token of {name} copied.", { name }),
        api.token(id, {}).then((answer) => answer.token),
        () => show(),
      );
    case "password":
      if (!credential.has_password) return say(t("{name} has no password stored.", { name }));
      if (!may.reveal) return say(t("You don't have access to the password of {name}.", { name }));
      return copySecret(
        t("Password of {name} copied.", { name }),
        api.reveal(id, {}).then((answer) => answer.password),
        () => show("password"),
      );
    case "username":
      if (!credential.username) return say(t("{name} has no user name.", { name }));
      say((await copyText(credential.username)) ? t("User name of {name} copied", { name }) : REFUSED);
      return;
    case "site": {
      const url = credential.site?.url;
      if (!url) return say(t("{name} has no site.", { name }));
      if (!isWebAddress(url)) return say(t("The site of {name} is not a web URL: {url}", { name, url }));
      window.open(url, "_blank", "noopener,noreferrer");
    }
  }
}

/** `copied`: what is said once it is. `ask`: goes to where what is missing, such as a reason, can be given. */
async function copySecret(copied: string, text: Promise<string>, ask: () => void): Promise<void> {
  try {
    say((await copyText(text, true)) ? `${copied} ${CLEARED}` : REFUSED);
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.unmet.length > 0) ask();
    const { text: said, hint } = messageFor(thrown);
    say(`${said} ${hint}`.trim());
  }
}
