import { serverClock } from "../token/server-clock";
import { Problem, problemFrom, unreachable } from "./problem";

export type Query = Record<string, string | number | boolean | undefined>;

export interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Milliseconds; an import of many images takes longer than a token. */
  timeout?: number;
}

/** Called when the server no longer knows this session; set once by the session's state. */
export const onSignedOut: { call: () => void } = { call: () => undefined };

/** Called when the server wants password and code once more; true once they were shown, and the call is made again. */
export const onNotRecent: { call: () => Promise<boolean> } = { call: () => Promise.resolve(false) };

/**
 * One call of the contract: JSON out, JSON in, a thrown `Problem` for everything else.
 * An abort by the caller is thrown on as it is, so that a search overtaken by the next keystroke is no error.
 */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  try {
    return await send<T>(method, path, options);
  } catch (thrown) {
    if (!(thrown instanceof Problem && thrown.name === "recent-sign-in-needed") || !(await onNotRecent.call()))
      throw thrown;
    return await send<T>(method, path, options);
  }
}

async function send<T>(method: string, path: string, options: Options): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  const timeout = AbortSignal.timeout(options.timeout ?? 20_000);
  const request: RequestInit = {
    method,
    headers,
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
  };
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(options.body);
  }

  const sent = performance.now();
  let status: number;
  let text: string;
  try {
    const response = await fetch(path + queryString(options.query), request);
    status = response.status;
    text = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable(timeout.aborted);
  }
  const received = performance.now();

  if (status < 200 || status > 299) {
    const problem = problemFrom(status, text);
    if (problem.name === "not-signed-in") onSignedOut.call();
    throw problem;
  }
  if (text === "") return undefined as T;
  const answer = JSON.parse(text) as T;
  const time = (answer as { server_time?: unknown }).server_time;
  if (typeof time === "string") serverClock.sample(Date.parse(time), sent, received);
  return answer;
}

/** `?a=1&b=2` without what is empty or undefined. */
export function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `?${text}` : "";
}
