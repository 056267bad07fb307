export type Theme = "system" | "light" | "dark";

/** What a person chose for this browser. Nothing secret is ever kept here. */
class Preferences {
  theme = $state<Theme>(read("theme") === "light" ? "light" : read("theme") === "dark" ? "dark" : "system");
  letters = $state(read("letters") !== "off");

  setTheme(theme: Theme): void {
    this.theme = theme;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    write("theme", theme === "system" ? null : theme);
  }

  setLetters(on: boolean): void {
    this.letters = on;
    write("letters", on ? null : "off");
  }
}

export const preferences = new Preferences();

/** What this browser keeps under a name; null where it keeps nothing. */
export function read(name: string): string | null {
  try {
    return localStorage.getItem(`countersign.${name}`);
  } catch {
    return null;
  }
}

function write(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`countersign.${name}`);
    else localStorage.setItem(`countersign.${name}`, value);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
