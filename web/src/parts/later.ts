// Parts that nobody needs before the first list, and everybody soon after: fetched once a page stands.
import type { Load, PageName } from "../pages/map";

export const details = () => import("../pages/Details.svelte");
export const confirm = () => import("./dialogs/Confirm.svelte");
export const confirmSignIn = () => import("./dialogs/ConfirmSignIn.svelte");
export const expired = () => import("../pages/Expired.svelte");
export const taking = () => import("../taking");
const map = () => import("../pages/map");

const pages = new Map<string, Load>();

/** What a page is loaded by, the same for each name: known by name here, by its file in the map. */
export function page(name: PageName): Load {
  const load = pages.get(name) ?? (() => map().then(({ default: loadOf }) => loadOf(name)()));
  pages.set(name, load);
  return load;
}

export const LATER = [details, confirm, confirmSignIn, expired, taking, map];
