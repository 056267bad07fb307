// Kinds and states of destinations in words.
import type { Sink } from "../../api/types";

export const KINDS: Record<Sink["kind"], string> = {
  syslog: "Syslog",
  cef: "CEF",
  otlp: "OpenTelemetry",
  webhook: "Webhook",
  folder: "Folder",
};

export const STATES: Record<Sink["state"], { word: string; tone: string }> = {
  current: { word: "Up to date", tone: "ok" },
  behind: { word: "Catching up", tone: "amber" },
  failing: { word: "Failing", tone: "red" },
  paused: { word: "Paused", tone: "" },
};

/** What is asked for as the address of each kind. */
export const ADDRESSES: Record<Sink["kind"], { label: string; hint: string }> = {
  syslog: { label: "Receiver", hint: "tls://siem.example.com:6514 (RFC 5424 over TLS)" },
  cef: { label: "Receiver", hint: "tls://siem.example.com:6514 (Common Event Format over syslog)" },
  otlp: { label: "URL", hint: "https://otel.example.com:4318/v1/logs (OTLP/HTTP, JSON)" },
  webhook: { label: "URL", hint: "https://… receives signed JSON, records and checkpoints" },
  folder: { label: "Folder name", hint: "A folder within the server's audit_folder: a file of JSON lines a day" },
};
