/**
 * Puts a text into the clipboard. `text` may still be on its way: some browsers allow the write only while the
 * click is being handled, and take a promise then. Answers whether it worked.
 */
export async function copyText(text: string | Promise<string>): Promise<boolean> {
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
  // Inside an open dialog, since everything outside it is inert and cannot be selected.
  const home = document.querySelector("dialog:modal") ?? document.body;
  home.append(area);
  area.select();
  let worked: boolean;
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- without TLS there is no other
    worked = document.execCommand("copy");
  } catch {
    worked = false;
  }
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return worked;
}
