import { read, write } from "./storage";

export type Theme = "system" | "light" | "dark";

/** What a person chose for this browser. */
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
