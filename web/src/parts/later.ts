// Parts that nobody needs before the first list, and everybody soon after: fetched once a page stands.

export const details = () => import("../pages/Details.svelte");
export const confirm = () => import("./dialogs/Confirm.svelte");
export const confirmSignIn = () => import("./dialogs/ConfirmSignIn.svelte");
export const expired = () => import("../pages/Expired.svelte");
export const taking = () => import("../taking");

export const LATER = [details, confirm, confirmSignIn, expired, taking];
