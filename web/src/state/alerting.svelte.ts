// Tells of changes that begin to wait, by the browser's own notifications. Fetched by those who want that.
import { live } from "../token/live";
import { Alerts, browser, watchHidden } from "./alerts.svelte";
import { route } from "./route.svelte";
import { session } from "./session.svelte";
import { waiting } from "./waiting.svelte";

export const alerts = new Alerts(browser, (change) => route.go(["changes", change]));

// What waited before is no news.
if (waiting.items) alerts.look(waiting.items);
waiting.onlook = (items) => alerts.look(items);

// Who wants to be told is told also while another tab is in front: that is what it is for.
$effect.root(() => {
  $effect(() => (alerts.on && session.me ? watchHidden(() => waiting.look(), live) : undefined));
});
