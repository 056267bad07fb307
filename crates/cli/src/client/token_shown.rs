//! A token on a terminal or in the clipboard, for as long as it counts.

use std::{
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use crate::{
    home::{
        clipboard::Clipboard,
        terminal::{Stop, grouped, redraw},
    },
    output,
};

/// How long the clipboard holds a token that does not end by itself, as in the page.
const COPIED_FOR: Duration = Duration::from_secs(30);
/// A little past the end, so that a clock that ticks in milliseconds has moved on too.
const PAST: Duration = Duration::from_millis(20);

/// Why one is not shown any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The next one counts.
    Over,
    /// Somebody wants to stop.
    Stopped,
}

/// Where tokens are shown while they count.
pub(super) struct Shown {
    clipboard: Option<Clipboard>,
    stop: Option<Stop>,
    /// Whether one line is written again and again.
    is_drawn: bool,
    /// Whether standard output is for JSON alone.
    json: bool,
}

impl Shown {
    /// Finds the clipboard before a token is taken for it.
    pub(super) fn new(watch: bool, copy: bool, json: bool) -> anyhow::Result<Self> {
        let clipboard = if copy { Some(Clipboard::find()?) } else { None };
        let is_drawn = !json && io::stdout().is_terminal();
        let stop = (copy || watch && is_drawn).then(Stop::new);
        Ok(Self { clipboard, stop, is_drawn, json })
    }

    /// Ends when somebody wants to stop; never, where that ends the process by itself.
    pub(super) async fn stopped(&mut self) {
        match &mut self.stop {
            Some(stop) => stop.heard().await,
            None => std::future::pending().await,
        }
    }

    /// Says something beside the token.
    fn say(json: bool, text: &str) {
        if json { output::note(text) } else { output::line(text) }
    }

    /// Whether a token is left to this, in place of being printed in a line of its own.
    pub(super) const fn takes_over(&self) -> bool {
        self.stop.is_some()
    }

    /// Shows one until it ends.
    pub(super) async fn show(&mut self, token: &str, left: Option<Duration>) -> anyhow::Result<Ended> {
        let Some(stop) = &mut self.stop else { return Ok(Ended::Over) };
        let end = Instant::now() + left.unwrap_or(COPIED_FOR);
        let Some(clipboard) = &self.clipboard else {
            let ended = count_down(end, stop, |seconds| line(token, seconds)).await;
            if ended == Ended::Stopped {
                output::line("");
            }
            return Ok(ended);
        };
        clipboard.copy(token).await?;
        let said = format!("copied with {}", clipboard.named());
        let ended = if self.is_drawn {
            count_down(end, stop, |seconds| format!("{said}; cleared in {seconds} s (Ctrl-C: now)")).await
        } else {
            let seconds = end.saturating_duration_since(Instant::now()).as_secs_f64().ceil();
            Self::say(self.json, &format!("{said}; cleared in {seconds} s"));
            wait(end, stop).await
        };
        let cleared = match clipboard.clear(token).await? {
            true => "the clipboard is cleared",
            false => "the clipboard holds something else by now, and was left alone",
        };
        if self.is_drawn {
            redraw("");
        }
        Self::say(self.json, cleared);
        Ok(ended)
    }
}

/// `123 456  ━━━━━━━━━───────── 17 s`: how much is left is seen before it is read.
fn line(token: &str, seconds: u64) -> String {
    const WIDTH: u64 = 30;
    let full = usize::try_from(seconds.min(WIDTH)).unwrap_or_default();
    let empty = usize::try_from(WIDTH.saturating_sub(seconds)).unwrap_or_default();
    format!("{}  {}{} {seconds} s", grouped(token), "━".repeat(full), "─".repeat(empty))
}

/// Draws the line once a second, when the number of seconds changes.
async fn count_down(end: Instant, stop: &mut Stop, text: impl Fn(u64) -> String) -> Ended {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let whole = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        redraw(&text(whole));
        let next = end.checked_sub(Duration::from_secs(whole.saturating_sub(1))).unwrap_or(end);
        if whole <= 1 {
            return wait(end, stop).await;
        }
        if wait_until(next, stop).await == Ended::Stopped {
            return Ended::Stopped;
        }
    }
}

async fn wait(end: Instant, stop: &mut Stop) -> Ended {
    wait_until(end + PAST, stop).await
}

async fn wait_until(end: Instant, stop: &mut Stop) -> Ended {
    tokio::select! {
        () = tokio::time::sleep_until(end.into()) => Ended::Over,
        () = stop.heard() => Ended::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_line_says_token_and_time() {
        assert_eq!(line("123456", 3), format!("123 456  ━━━{} 3 s", "─".repeat(27)));
        assert_eq!(line("12345678", 60), format!("1234 5678  {} 60 s", "━".repeat(30)));
    }
}
