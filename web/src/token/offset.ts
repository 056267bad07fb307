// Sentences about a clock that is ahead of another, or behind it. Pure.
import { t } from "../language";

/** "75 s", "3 min": how far two clocks are apart. */
function amount(seconds: number): string {
  const apart = Math.abs(seconds);
  return apart < 120 ? t("{count} s", { count: apart }) : t("{count} min", { count: Math.round(apart / 60) });
}

/** "75 s behind this server": a site's clock. */
export function siteClockWords(seconds: number): string {
  return t(seconds > 0 ? "{time} ahead of this server" : "{time} behind this server", { time: amount(seconds) });
}

/** That a site's clock is another than ours, and what follows from it for the token. */
export function siteClockSentence(seconds: number): string {
  return t(
    seconds > 0
      ? "The site's clock is {time} ahead of this server's: there the next token begins that much sooner."
      : "The site's clock is {time} behind this server's: there this token begins that much later.",
    { time: amount(seconds) },
  );
}

/** That the reader's device is ahead of the server, or behind. */
export function deviceClockSentence(seconds: number): string {
  return t(
    seconds > 0
      ? "This device's clock is {time} ahead of the server's. The countdown follows the server's."
      : "This device's clock is {time} behind the server's. The countdown follows the server's.",
    { time: amount(seconds) },
  );
}
