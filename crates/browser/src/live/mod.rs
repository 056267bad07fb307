//! A context whose pages a person watches and uses, through a stream.
//!
//! Begin at [`crate::Context::live`], which gives a [`LiveContext`]; [`LiveContext::told`] says what a person must be told or asked.
//! [`crate::Page::start_screencast`] gives pictures, [`crate::Page::send_input`] takes what the person does.
//!
//! What only Chromium's own windows would show is in no picture of a page: dialogs, lists of `<select>`, file choosers,
//! context menus. Those that matter are told and answered here; the others do not open.

mod event;
mod files;
mod focus;
mod input;
mod keys;
mod look;
mod prompts;
mod redaction;
mod refuse;
mod screen;
mod screencast;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

use countersign_snapshot::Size;
use parking_lot::Mutex;
use serde_json::json;

pub use event::{LiveEvent, SelectOption};
pub use input::{Input, MouseButton};
pub use screencast::{Screencast, ScreencastFrame};

use crate::{Context, Error, Page, cdp::Answer, context::ContextInner};
use event::Queue;
pub(crate) use screen::Screens;

/// How a context belongs to a person.
#[derive(Clone)]
pub struct LiveOptions {
    /// Whether a page of that origin (such as `https://example.org`) may be opened in a tab. Be quick: it is asked while
    /// events wait. What pages load into themselves is a matter of the gate alone.
    pub may_open: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// The folder of ours that downloads come to, under names of Chromium's own, once [`LiveContext::let_download`] says so; `None` refuses
    /// them always.
    pub downloads: Option<PathBuf>,
}

/// A context that belongs to a person. Dropping it gives the context back to the machine: dialogs are answered at once
/// again and any address may be opened; what is covered stays covered.
pub struct LiveContext {
    shared: Arc<LiveContextShared>,
    context: Arc<ContextInner>,
}

/// What the pages of such a context share.
pub(crate) struct LiveContextShared {
    options: LiveOptions,
    queue: Queue,
    machine: AtomicBool,
    downloads: Mutex<Vec<focus::RunningDownload>>,
    /// Whether downloads are taken.
    takes_downloads: AtomicBool,
    size: Mutex<Option<(Size, f64)>>,
}

/// What a person was asked through one page and has not answered, and how the page is shown.
#[derive(Default)]
pub(crate) struct LivePageState {
    cast: Mutex<Option<screencast::ScreencastStream>>,
    asked: Mutex<prompts::PendingPrompts>,
    felt: Mutex<focus::FocusState>,
    /// Chromium's answer to what was sent last.
    last_input: Mutex<Option<Answer>>,
    wanted: Mutex<Option<screen::RequestedSize>>,
    /// Of its screen, in hundredths.
    scale: AtomicU32,
    /// Nothing was ever shown in it.
    untouched: AtomicBool,
}

/// Numbers questions and downloads; no two of a process are the same.
fn number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

impl Context {
    /// From now on its pages belong to a person: dialogs, file choosers, lists and new tabs are told and wait for answers
    /// instead of being answered by us, documents of other origins are refused, and every secret field is covered, for
    /// good. Returns when everything that is open is covered.
    ///
    /// Covered is, in every frame and shadow tree: each field that is or ever was of the kind `password`, that says it
    /// holds one, or that a secret was typed into; and whatever newly shows, as text or in another field, six or more
    /// characters that such a field of the same document holds. It is covered before it is painted. Not covered are
    /// values that a page takes apart, draws on a canvas, writes into style sheets or brings back with its next document.
    pub async fn live(&self, options: LiveOptions) -> Result<LiveContext, Error> {
        let context = Arc::clone(&self.inner);
        let shared = Arc::new(LiveContextShared::new(options));
        *context.live.lock() = Some(Arc::clone(&shared));
        context.covers.store(true, Ordering::Release);
        context.allow_downloads(None);
        let live = LiveContext { shared, context };
        for page in live.pages() {
            page.inner.live_begin().await?;
        }
        Ok(live)
    }
}

impl LiveContext {
    /// Waits for what comes next; `None` when Chromium is gone. What waits is bounded: what only tells of a state is kept
    /// in its newest form, and of too much the oldest is left out.
    pub async fn told(&self) -> Option<LiveEvent> {
        tokio::select! {
            biased;
            event = self.shared.queue.next() => Some(event),
            _ = self.context.root().connection().ended() => None,
        }
    }

    /// The tabs, oldest first.
    pub fn pages(&self) -> Vec<Page> {
        self.context.living_pages().into_iter().map(Page::of).collect()
    }

    /// Lets downloads come, or refuses them before a byte of them is stored: what is under way is broken off.
    pub fn let_download(&self, on: bool) {
        if self.shared.takes_downloads.swap(on, Ordering::AcqRel) == on {
            return;
        }
        self.context.allow_downloads(self.shared.options.downloads.as_deref().filter(|_| on));
        if !on {
            self.context.break_downloads_off(&self.shared);
        }
    }

    /// While `on`, the machine does the next steps by itself: dialogs and file choosers are answered as without a person.
    /// Covers and refused addresses stay as they are.
    pub fn by_machine(&self, on: bool) {
        self.shared.machine.store(on, Ordering::Release);
        if on {
            self.context.living_pages().iter().for_each(|page| page.forget_questions());
        }
    }
}

impl Drop for LiveContext {
    fn drop(&mut self) {
        let mine = {
            let mut live = self.context.live.lock();
            let mine = live.as_ref().is_some_and(|live| Arc::ptr_eq(live, &self.shared));
            if mine {
                live.take();
            }
            mine
        };
        // A newer one may have taken its place.
        if !mine {
            return;
        }
        self.context.allow_downloads(None);
        for page in self.context.living_pages() {
            page.forget_questions();
            page.session.cast("Fetch.disable", &json!({}));
        }
    }
}

impl LiveContextShared {
    fn new(options: LiveOptions) -> Self {
        Self {
            options,
            queue: Queue::default(),
            machine: AtomicBool::new(false),
            downloads: Mutex::default(),
            takes_downloads: AtomicBool::new(false),
            size: Mutex::default(),
        }
    }

    pub(crate) fn tell(&self, event: LiveEvent) {
        self.queue.push(event);
    }

    /// Whether a person is to be asked.
    fn asks(&self) -> bool {
        !self.machine.load(Ordering::Acquire)
    }
}
