use std::{path::PathBuf, time::Duration};

use countersign_snapshot::ElementRef;
use thiserror::Error;

/// What can go wrong with the browser or a page in it. No text of it holds a secret, a query or a page's content.
#[derive(Debug, Error)]
pub enum Error {
    /// No Chromium on this machine.
    #[error(
        "no Chromium found (looked for {}); install it (Debian: apt install chromium) or name the program in the \
         configuration",
        list(.looked)
    )]
    NoChromium {
        /// The programs and paths that were tried.
        looked: Vec<PathBuf>,
    },
    /// Chromium is there but did not start.
    #[error("Chromium ({path}) did not start: {why}", path = .program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The system's reason, or what Chromium wrote last.
        why: String,
    },
    /// The whole Chromium is gone or answers no more. A new one is started on the next use of the pool.
    #[error("Chromium is gone: {why}")]
    BrowserGone {
        /// How that was noticed.
        why: String,
    },
    /// The tab was closed, by itself or by us.
    #[error("the page was closed")]
    PageClosed,
    /// The tab's process crashed.
    #[error("the page crashed")]
    PageCrashed,
    /// The page used more memory than it may, and was ended.
    #[error("the page used more than {limit_mib} MiB and was ended")]
    TooMuchMemory {
        /// The limit.
        limit_mib: u64,
    },
    /// No answer in time.
    #[error("{what} took longer than {} s", .after.as_secs_f32())]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// How long.
        after: Duration,
    },
    /// The context may not go there.
    #[error("{address} may not be opened: {why}")]
    Refused {
        /// Scheme and host.
        address: String,
        /// Which rule.
        why: String,
    },
    /// The page could not be loaded.
    #[error("{origin} could not be opened: {why}")]
    NotOpened {
        /// Scheme and host.
        origin: String,
        /// Chromium's reason, such as `net::ERR_CONNECTION_REFUSED`.
        why: String,
    },
    /// The element is no longer there: the page was rebuilt or left. Take a new snapshot.
    #[error("the element is gone; the page has changed since the snapshot was taken")]
    Stale,
    /// Nobody could see or use the element.
    #[error("the element cannot be used: {why}")]
    NotUsable {
        /// What is the matter with it.
        why: String,
    },
    /// Something lies over the element.
    #[error("the element is covered by {}", if .name.is_empty() { "another element" } else { .name.as_str() })]
    Covered {
        /// What lies over it.
        by: Box<ElementRef>,
        /// Its accessible name, shortened.
        name: String,
    },
    /// The frame belongs to another origin than the secret may be typed into. Nothing was typed.
    #[error("the field stands on {found}, where this secret must not be typed")]
    WrongOrigin {
        /// The frame's own origin at that moment.
        found: String,
    },
    /// The field did not take what was typed.
    #[error("the field did not take what was typed: {why}")]
    NotTaken {
        /// In what way, without what was typed.
        why: &'static str,
    },
    /// The field keeps fewer characters than were typed, as one with a `maxlength` does. What it holds is no password of
    /// anybody's; it must not be sent.
    #[error("the field keeps only {kept} characters of what was typed")]
    CutShort {
        /// So many characters are in it.
        kept: u32,
    },
    /// The field takes no typing: it stays read-only, or lets every key go by, as lines do that belong to a drawn keypad.
    #[error("the field takes no typing; the page wants it filled in another way, such as a drawn keypad")]
    TakesNoTyping,
    /// The button stayed greyed out for as long as it was waited for.
    #[error("the button stays disabled")]
    ButtonAsleep,
    /// A browser state that was not written by this program.
    #[error("the saved browser state cannot be read: {0}")]
    BadState(&'static str),
    /// Chromium refused a command.
    #[error("Chromium refused {method}: {message}")]
    Protocol {
        /// The command.
        method: &'static str,
        /// Its reason.
        message: String,
    },
    /// The machine refused something that is needed to run a browser.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { what, source }
    }

    /// Whether the whole page or browser is gone, so that the run must begin again in a new context.
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::BrowserGone { .. } | Self::PageClosed | Self::PageCrashed | Self::TooMuchMemory { .. })
    }
}

fn list(looked: &[PathBuf]) -> String {
    looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
