// What is said between the extension and the script that it has put into a page.

export type Part = "username" | "password" | "token";
export type Secrets = { [part in Part]?: string | undefined };
/** Parts that were not filled in, and why: "the password, since it is covered". */
export type Refused = [Part, string][];

/** What can be filled in in one document. */
export interface Found {
  /** It, or one around it, is of another origin. */
  foreign: boolean;
  parts: Part[];
  refused: Refused;
}

export interface Filled {
  parts: Part[];
  refused: Refused;
}

/** What the script offers, in a world of its own. */
export interface PageTools {
  /** `drawn`: while nothing lets the pointer through, so that whatever is drawn over a field is found. */
  find(origin: string, sight: "pressed" | "drawn"): Found;
  /**
   * To be asked while nothing lets the pointer through. `origins`: where a form may be sent beside the page's own. `until`: nothing is
   * typed after that, in milliseconds since 1970.
   */
  fill(origin: string, origins: string[], secrets: Secrets, until: number): Filled;
}

declare global {
  var countersignTools: PageTools | undefined;
}
