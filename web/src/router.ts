/** Where one is: the parts of the path, and what follows the question mark. */
export interface Place {
  path: string[];
  query: Record<string, string>;
}

/** Reads `#/credentials/ID?tag=a`. Anything that is no such address is the start page. */
export function parseHash(hash: string): Place {
  const text = hash.startsWith("#") ? hash.slice(1) : hash;
  const mark = text.indexOf("?");
  const path = (mark < 0 ? text : text.slice(0, mark))
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  const query: Record<string, string> = {};
  if (mark >= 0) {
    for (const [name, value] of new URLSearchParams(text.slice(mark + 1))) query[name] = value;
  }
  return { path, query };
}

/** Writes an address; empty and undefined query values are left out, so that one place has one address. */
export function hashFor(path: readonly string[], query: Record<string, string | undefined> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const text = parameters.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

/** The address to go back to after signing in, or the start page when it is not one of ours to return to. */
export function returnTo(next: string | undefined): string {
  if (!next?.startsWith("#/")) return "#/";
  const first = parseHash(next).path[0];
  return first === "sign-in" || first === "setup" || first === "welcome" || first === "provider" ? "#/" : next;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
