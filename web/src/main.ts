import { mount } from "svelte";
import { language, load } from "./language";
import "./styles.css";
import "./shapes.css";

/** The texts first: a module looks some of them up where it begins. */
async function begin(): Promise<void> {
  document.documentElement.lang = language;
  await load();
  const { default: App } = await import("./App.svelte");
  const target = document.getElementById("app");
  if (target) mount(App, { target });
}

void begin();
