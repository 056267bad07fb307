// Whether a form may be trusted with a secret: by which ways it can be sent, as its attributes say, and where that would put it.

/** One way to send a form: by itself, or by one of its buttons. Attributes as they are written; `null` where there is none. */
export interface Way {
  method: string | null;
  action: string | null;
}

export interface Sending {
  ways: Way[];
  /** The origin of the page. */
  origin: string;
  /** What its addresses are read against. */
  base: string;
  /** Whether the browser would send the field along: one without a name stays where it is. */
  named: boolean;
}

export type Peril = "address" | "clear" | "elsewhere";

/** Why a secret is not typed, as it is told after the field's name. */
export const REFUSED: Record<Peril, string> = {
  address: "its form would put it into the address of the next page",
  clear: "its form is sent without encryption",
  elsewhere: "its form is sent to another site",
};

/** What is told where a form was to be sent with a secret in it all the same. */
export const STOPPED: Record<Peril, string> = {
  address: "the form was not sent, since it would have put a secret into the address of the next page",
  clear: "the form was not sent, since a secret would have gone without encryption",
  elsewhere: "the form was not sent, since a secret would have gone to another site",
};

export const isPeril = (value: unknown): value is Peril => typeof value === "string" && Object.hasOwn(STOPPED, value);

/** A form that is sent nowhere by the browser: a script of the page runs, or a dialog is closed. */
const isSentNowhere = ({ method, action }: Way): boolean =>
  method?.toLowerCase() === "dialog" || /^\s*javascript:/i.test(action ?? "");

function perilOf(way: Way, { origin, base, named }: Sending, origins: readonly string[] | undefined) {
  if (isSentNowhere(way)) return undefined;
  if (way.action) {
    const url = URL.parse(way.action, base);
    if (!url || !/^https?:$/.test(url.protocol)) return "elsewhere";
    if (url.protocol === "http:" && origin.startsWith("https:")) return "clear";
    if (origins && !origins.includes(url.origin)) return "elsewhere";
  }
  return named && way.method?.toLowerCase() === "get" ? "address" : undefined;
}

/**
 * What is wrong with a form before a secret is typed into it. `origins`: where it may be sent, as far as that is known yet. A form that
 * names no method is left to the scripts of its page: `perilWhenSent` looks whether they have taken it.
 */
export function perilOfForm(sending: Sending, origins?: readonly string[]): Peril | undefined {
  for (const way of sending.ways) {
    const peril = perilOf(way, sending, origins);
    if (peril) return peril;
  }
  return undefined;
}

/** What is wrong with the one way by which the browser is about to send a form. Without a method of its own, it is GET. */
export function perilWhenSent(way: Way, sending: Omit<Sending, "ways">, origins: readonly string[]): Peril | undefined {
  const method = /^(post|dialog)$/i.test(way.method ?? "") ? way.method : "get";
  return perilOfForm({ ...sending, ways: [{ ...way, method }] }, origins);
}
