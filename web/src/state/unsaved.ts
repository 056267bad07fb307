// Typed text that nobody has saved: whoever would lose it is asked first, by the address, by the dialog around it, and by
// the browser when the page is closed.
import { getContext, onMount, setContext } from "svelte";
import { route } from "./route.svelte";

type Guard = () => boolean;
// A name for who looks into a program (not-a-text).
const DIALOG = Symbol("what a dialog would lose");

/** For a dialog: answers whether closing it would lose typed text. */
export function guardedDialog(): Guard {
  const guards = new Set<Guard>();
  setContext(DIALOG, guards);
  return () => [...guards].some((guard) => guard());
}

/** For a form, called while it is made: as long as it exists, people are asked while `unsaved` says so. */
export function holdWhile(unsaved: Guard): void {
  const dialog = getContext<Set<Guard> | undefined>(DIALOG);
  onMount(() => {
    const release = route.hold(unsaved);
    dialog?.add(unsaved);
    return () => {
      release();
      dialog?.delete(unsaved);
    };
  });
}

/** What stands in a form's fields, to be compared: those that are typed, ticked or chosen. */
export function valuesOf(form: HTMLFormElement): string {
  const values: string[] = [];
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio"))
      values.push(String(field.checked));
    else if (
      field instanceof HTMLInputElement ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement
    )
      values.push(field.value);
  }
  return JSON.stringify(values);
}
