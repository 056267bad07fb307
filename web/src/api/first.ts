// The calls of the first page: signing in, the list, and what the side menu counts.
import { call, type Query } from "./http";
import { at, V1 } from "./paths";
import type * as T from "./types";

export const status = () => call<T.Status>("GET", `${V1}/status`);
export const signIn = (body: { name: string; password: string; token?: string }) =>
  call<T.Me>("POST", `${V1}/sign-in`, { body });
/** Answers the provider's address to go to. */
export const leaveForProvider = () => call<T.Departure>("POST", `${V1}/sign-in/oidc`);
/** Begins a sign-in without name and password. */
export const beginPasskeySignIn = () => call<{ options: T.PasskeyOptions }>("POST", `${V1}/sign-in/passkey/options`);
export const signInWithPasskey = (credential: T.PasskeyCredential) =>
  call<T.Me>("POST", `${V1}/sign-in/passkey`, { body: { credential } });
export const signOut = () => call<void>("POST", `${V1}/sign-out`);

export const me = () => call<T.Me>("GET", `${V1}/me`);

export const credentials = (query: Query, signal?: AbortSignal) =>
  call<T.Page<T.Summary>>("GET", `${V1}/credentials`, { query, signal });
export const removeCredential = (id: string) => call<void>("DELETE", at(id));
/** Takes it out of the bin again, under its name or another. */
export const restoreCredential = (id: string, name?: string) =>
  call<T.Credential>("POST", `${V1}/bin/${encodeURIComponent(id)}/restore`, {
    body: name === undefined ? {} : { name },
  });
export const tags = () => call<T.Items<{ tag: string; count: number }>>("GET", `${V1}/tags`);

// What waits for somebody, counted in the side menu.
export const changes = (query: Query) => call<T.Page<T.Change>>("GET", `${V1}/changes`, { query });
export const requests = (query: {
  scope?: string;
  state?: string;
  credential?: string;
  limit: number;
  cursor?: string | undefined;
}) => call<T.Page<T.AccessRequest>>("GET", `${V1}/requests`, { query });
export const exportRequests = (query: { scope?: string; limit: number; cursor?: string | undefined }) =>
  call<T.Page<T.ExportRequest>>("GET", `${V1}/export/requests`, { query });
export const reviews = (query: { show: string; limit: number; cursor?: string | undefined }) =>
  call<T.Reviews>("GET", `${V1}/grants/reviews`, { query });
