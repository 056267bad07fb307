import { serverClock } from "../token/server-clock";
import { Problem, problemFrom, unreachable } from "./problem";

export type Query = Record<string, string | number | boolean | undefined>;

export interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Milliseconds; an import of many images takes longer than a token. */
  timeout?: number;
  /** The answer is no JSON, but a file. */
  file?: boolean;
}

/** Called when the server no longer knows this session; set once by the session's state. */
export const onSignedOut: { call: () => void } = { call: () => undefined };

/** Called when the server wants password and code once more; true once they were shown, and the call is made again. */
export const onNotRecent: { call: () => Promise<boolean> } = { call: () => Promise.resolve(false) };

/**
 * One call of the contract: JSON out, JSON in, a thrown `Problem` for everything else.
 * An abort by the caller is thrown on as it is, so that a search overtaken by the next keystroke is no error.
 */
export function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  return twice(() => send<T>(method, path, options));
}

/** As `call`, for an answer that is a file. */
export function download(method: string, path: string, options: Options = {}): Promise<Blob> {
  return twice(() => send<Blob>(method, path, { ...options, file: true }));
}

/** Once more where password and code had to be shown first. */
async function twice<T>(go: () => Promise<T>): Promise<T> {
  try {
    return await go();
  } catch (thrown) {
    if (!(thrown instanceof Problem && thrown.name === "recent-sign-in-needed") || !(await onNotRecent.call()))
      throw thrown;
    return await go();
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
    if (options.file && response.ok) return (await response.blob()) as T;
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
