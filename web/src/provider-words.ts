import { t } from "./language";

/** Why somebody does not come in with the provider, by the server's own stable names. A test compares them with the server's. */
export const REFUSALS: Record<string, string> = {
  off: t("sign-in with a provider is not set up here: use your password"),
  not_begun: t(
    "this sign-in was not begun in this browser, has taken more than ten minutes, or was used before: begin again",
  ),
  declined: t("the provider did not sign you in: you have cancelled, or it does not let you use Countersign"),
  provider_error: t("the provider answered with an error: try again, and if it stays, tell an administrator"),
  unreachable: t("the provider cannot be reached: try again later, or sign in with your password"),
  wrong_answer: t(
    "the provider's answer cannot be used: tell an administrator, who can test the provider in the settings",
  ),
  wrong_issuer: t("the answer does not come from the provider that you were sent to: begin again"),
  wrong_token: t(
    "the provider's token does not prove who you are: begin again, and if it stays, tell an administrator",
  ),
  not_fresh: t("the provider did not ask you to sign in again: sign out there, or sign in to Countersign anew"),
  disabled: t("your account here is disabled: ask an administrator"),
  unknown: t("you have no account here: ask an administrator to add you"),
  name_taken: t(
    "an account with your name exists and is not connected with the provider: sign in with your password and connect it in your account, or ask an administrator",
  ),
  no_name: t("the provider gives no name that can be used here: ask an administrator to add you"),
  too_many_groups: t("the provider sends more groups than can be read: an administrator can have it send fewer"),
  somebody_else: t(
    "you have signed in at the provider as somebody else: use the account that is connected with yours here",
  ),
  connected_already: t("this account of the provider is connected with another user, or yours is connected already"),
};
