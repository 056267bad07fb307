// Live sessions and their recordings: the calls, and the words of their answers.
import { call, type Query } from "./http";
import { problemFrom, unreachable } from "./problem";
import type { components } from "./schema";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type Level = "view" | "interact" | "control";
export const LEVELS: readonly Level[] = ["view", "interact", "control"];

/** What may pass between a person's machine and the page, besides pictures and keys. */
export type Extras = Required<Schemas["ExtrasBody"]>;
export const NO_EXTRAS: Extras = { address: false, paste: false, copy: false, upload: false, download: false };

export type LiveSession = Omit<Schemas["SessionBody"], "state" | "may"> & {
  state: "starting" | "live" | "ended";
  may: Omit<Schemas["SessionMayBody"], "join"> & { join?: Level | null };
};
export type PartInfo = Schemas["PartBody"];
export type Manifest = Omit<Schemas["RecordingBody"], "session"> & { session: LiveSession };

const V1 = "api/v1";
const at = (id: string) => `${V1}/sessions/${encodeURIComponent(id)}`;

export const startSession = (credential: string, body: { reason?: string }) =>
  call<LiveSession>("POST", `${V1}/credentials/${encodeURIComponent(credential)}/sessions`, { body });
/** The open session of a waiting change, or a new one. */
export const openWaiting = (change: string) =>
  call<LiveSession>("POST", `${V1}/changes/${encodeURIComponent(change)}/session`);
export const liveSessions = (query: Query, signal?: AbortSignal) =>
  call<Page<LiveSession>>("GET", `${V1}/sessions`, { query, signal });
export const liveSession = (id: string) => call<LiveSession>("GET", at(id));
export const endSession = (id: string) => call<LiveSession>("POST", `${at(id)}/end`);
export const linkToSession = (id: string, body: { person: string; level: Level }) =>
  call<{ link: string; expires_at: string }>("POST", `${at(id)}/links`, { body });
/** Uses a link that one was given; it works once. */
export const useLink = (id: string, link: string) =>
  call<LiveSession>("POST", `${at(id)}/links/use`, { body: { link } });
export type GivenLink = Schemas["GivenLinkBody"];
export const linksOf = (id: string) => call<{ items: GivenLink[] }>("GET", `${at(id)}/links`);
export const withdrawLinks = (id: string, person: string) =>
  call<void>("DELETE", `${at(id)}/links/${encodeURIComponent(person)}`);
export const recordingOf = (id: string) => call<Manifest>("GET", `${at(id)}/recording`);
export const webmOf = (id: string) => `${at(id)}/recording/webm`;
export const downloadOf = (id: string, file: string) => `${at(id)}/downloads/${encodeURIComponent(file)}`;

/** The bytes of one part of a recording. */
export const partOf = (id: string, seq: number, signal: AbortSignal) =>
  raw("GET", `${at(id)}/recording/parts/${seq}`, signal)
    .then((answer) => answer.arrayBuffer())
    .then((buffer) => new Uint8Array(buffer));

/** Brings a file to the session; answers what the page is told to take it by. */
export async function uploadTo(id: string, file: File, signal: AbortSignal): Promise<string> {
  const answer = await raw("POST", `${at(id)}/uploads?name=${encodeURIComponent(file.name)}`, signal, file);
  return ((await answer.json()) as { upload: string }).upload;
}

async function raw(method: string, path: string, signal: AbortSignal, body?: Blob): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      signal,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      ...(body ? { body, headers: { "Content-Type": "application/octet-stream" } } : {}),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable(false);
  }
  if (!answer.ok) throw problemFrom(answer.status, await answer.text());
  return answer;
}
