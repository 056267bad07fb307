// Kinds and states of destinations in words.
import type { Sink } from "../../api/types";
import { t } from "../../language";

export const KINDS: Record<Sink["kind"], string> = {
  syslog: t("Syslog"),
  cef: "CEF",
  otlp: "OpenTelemetry",
  webhook: t("Webhook"),
  folder: t("Folder"),
};

export const STATES: Record<Sink["state"], { word: string; tone: string }> = {
  current: { word: t("Up to date"), tone: "ok" },
  behind: { word: t("Catching up"), tone: "amber" },
  failing: { word: t("Failing"), tone: "red" },
  paused: { word: t("Paused##destination"), tone: "" },
};

/** What is asked for as the address of each kind. */
export const ADDRESSES: Record<Sink["kind"], { label: string; hint: string }> = {
  syslog: { label: t("Receiver"), hint: t("tls://siem.example.com:6514 (RFC 5424 over TLS)") },
  cef: { label: t("Receiver"), hint: t("tls://siem.example.com:6514 (Common Event Format over syslog)") },
  otlp: { label: "URL", hint: t("https://otel.example.com:4318/v1/logs (OTLP/HTTP, JSON)") },
  webhook: { label: "URL", hint: t("https://… receives signed JSON, records and checkpoints") },
  folder: { label: t("Folder name"), hint: t("A folder within the server's audit_folder: a file of JSON lines a day") },
};
