// Live sessions and their recordings: the calls, and the words of their answers.
import { call, type Query } from "./http";
import { problemFrom, unreachable } from "./problem";
import type { Page } from "./types";

export type Level = "view" | "interact" | "control";
export const LEVELS: readonly Level[] = ["view", "interact", "control"];

/** What may pass between a person's machine and the page, besides pictures and keys. */
export interface Extras {
  address: boolean;
  paste: boolean;
  copy: boolean;
  upload: boolean;
  download: boolean;
}
export const NO_EXTRAS: Extras = { address: false, paste: false, copy: false, upload: false, download: false };

export interface LiveSession {
  id: string;
  /** The id is gone once the credential has been removed. */
  credential: { id?: string | null; name: string };
  /** Of a change that waited for a person. */
  change?: string | null;
  state: "starting" | "live" | "ended";
  end?: string | null;
  /** What holds, in a sentence. */
  says: string;
  started_by: string;
  reason?: string | null;
  created_at: string;
  live_at?: string | null;
  ended_at?: string | null;
  node?: string | null;
  recorded_ms: number;
  recorded_bytes: number;
  may: { join?: Level | null; end: boolean; recording: boolean; share: boolean };
}

export interface PartInfo {
  seq: number;
  from_ms: number;
  to_ms: number;
  /** Its first picture is a whole one. */
  key: boolean;
  frames: number;
  events: number;
  bytes: number;
}

export interface Manifest {
  session: LiveSession;
  /** More parts may come. */
  running: boolean;
  duration_ms: number;
  bytes: number;
  parts: PartInfo[];
}

const V1 = "/api/v1";
const at = (id: string) => `${V1}/sessions/${encodeURIComponent(id)}`;

export const startSession = (credential: string, body: { reason?: string }) =>
  call<LiveSession>("POST", `${V1}/credentials/${encodeURIComponent(credential)}/sessions`, { body });
/** The open session of a waiting change, or a new one. */
export const openWaiting = (change: string) => call<LiveSession>("POST", `${V1}/changes/${encodeURIComponent(change)}/session`);
export const liveSessions = (query: Query, signal?: AbortSignal) => call<Page<LiveSession>>("GET", `${V1}/sessions`, { query, signal });
export const liveSession = (id: string) => call<LiveSession>("GET", at(id));
export const endSession = (id: string) => call<LiveSession>("POST", `${at(id)}/end`);
export const linkToSession = (id: string, body: { person: string; level: Level }) =>
  call<{ link: string; expires_at: string }>("POST", `${at(id)}/links`, { body });
export const recordingOf = (id: string) => call<Manifest>("GET", `${at(id)}/recording`);
export const webmOf = (id: string) => `${at(id)}/recording/webm`;
export const downloadOf = (id: string, file: string) => `${at(id)}/downloads/${encodeURIComponent(file)}`;

/** The bytes of one part of a recording. */
export const partOf = (id: string, seq: number, signal: AbortSignal) =>
  raw("GET", `${at(id)}/recording/parts/${seq}`, signal).then((answer) => answer.arrayBuffer()).then((buffer) => new Uint8Array(buffer));

/** Brings a file to the session; answers what the page is told to take it by. */
export async function uploadTo(id: string, file: File, signal: AbortSignal): Promise<string> {
  const answer = await raw("POST", `${at(id)}/uploads`, signal, file);
  return ((await answer.json()) as { upload: string }).upload;
}

async function raw(method: string, path: string, signal: AbortSignal, body?: Blob): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method, signal, cache: "no-store", credentials: "same-origin", redirect: "error",
      ...(body ? { body, headers: { "Content-Type": "application/octet-stream" } } : {}),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable(false);
  }
  if (!answer.ok) throw problemFrom(answer.status, await answer.text());
  return answer;
}
