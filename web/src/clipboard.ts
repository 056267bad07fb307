// The clipboard. What is secret is cleared from it again: browsers keep it for every page and program there is.
import { Clearing, type Board } from "./clearing";
import { t } from "./language";

/** Said of a secret, after what was copied. */
export const CLEARED = t("The clipboard is cleared in 30 s.");

/**
 * Puts a text into the clipboard. `text` may still be on its way: some browsers allow the write only while the
 * click is being handled, and take a promise then. Answers whether it worked.
 */
export async function copyText(text: string | Promise<string>, secret = false): Promise<boolean> {
  const worked = await write(text);
  if (worked && secret) clearing.hold(await text);
  else if (worked) clearing.release();
  return worked;
}

async function write(text: string | Promise<string>): Promise<boolean> {
  if (typeof text !== "string" && typeof ClipboardItem !== "undefined" && navigator.clipboard?.write) {
    try {
      const blob = text.then((plain) => new Blob([plain], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
      return true;
    } catch {
      // Falls through: the text's own failure is thrown below, a refused clipboard tries the older way.
    }
  }
  const plain = await text;
  try {
    await navigator.clipboard.writeText(plain);
    return true;
  } catch {
    return copyBySelection(plain);
  }
}

/** For pages served without TLS, where `navigator.clipboard` does not exist. */
function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "only-read";
  // Inside the dialog that was opened last, since everything outside it is inert and cannot be selected.
  const home = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  home.append(area);
  area.select();
  const worked = copySelected();
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return worked;
}

function copySelected(): boolean {
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- without TLS there is no other
    return document.execCommand("copy");
  } catch {
    return false;
  }
}

/** Nothing can be selected that is empty, so the event of the copying is given what to copy. */
function clearBySelection(): boolean {
  const empty = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData("text/plain", "");
  };
  document.addEventListener("copy", empty, { capture: true });
  const worked = copySelected();
  document.removeEventListener("copy", empty, { capture: true });
  return worked;
}

const board: Board = {
  async read() {
    try {
      // Asked without that, the browser would ask the person.
      const { state } = await navigator.permissions.query({ name: "clipboard-read" as PermissionName });
      return state === "granted" ? await navigator.clipboard.readText() : null;
    } catch {
      return null;
    }
  },
  async clear() {
    try {
      await navigator.clipboard.writeText("");
      return true;
    } catch {
      return clearBySelection();
    }
  },
};

const clearing = new Clearing(board, {
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
});
for (const event of ["focus", "pointerdown", "keydown"]) addEventListener(event, () => void clearing.look());
for (const event of ["copy", "cut"] as const) {
  document.addEventListener(event, () => {
    // With nothing selected nothing is copied.
    const field = document.activeElement;
    const inField =
      (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) &&
      field.selectionStart !== field.selectionEnd;
    if (inField || String(getSelection()) !== "") clearing.release();
  });
}
