//! Downloads of a context that belongs to a person: who gets them, and what is told of them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Weak, atomic::Ordering},
};

use super::host::{LiveContextShared, LiveHost, RunningDownload, number};
use crate::{
    LiveEvent,
    cdp::{
        Event, Heard, Listener,
        browser::{CancelDownload, DownloadProgress, DownloadWillBegin, SetDownloadBehavior},
    },
    context::inner::ContextInner,
};

/// A file that is bigger is not taken.
const BIGGEST: f64 = 100.0 * 1024.0 * 1024.0;

/// Hears of the browser's downloads as long as the context belongs to a person.
pub(super) struct Downloads {
    context: Weak<ContextInner>,
    host: Arc<LiveHost>,
    shared: Arc<LiveContextShared>,
}

impl Downloads {
    pub(super) fn new(context: &Arc<ContextInner>, shared: &Arc<LiveContextShared>) -> Arc<Self> {
        let host = Arc::clone(&context.live);
        Arc::new(Self { context: Arc::downgrade(context), host, shared: Arc::clone(shared) })
    }
}

impl Listener for Downloads {
    fn event(&self, _session: &Arc<str>, event: &Event<'_>) -> Heard {
        // A newer one may have taken its place.
        let live = self.host.live().filter(|live| Arc::ptr_eq(live, &self.shared));
        let (Some(live), Some(context)) = (live, self.context.upgrade()) else { return Heard::Left };
        match event {
            // The frame says whose it is.
            Event::DownloadWillBegin(begun) if context.page_with_frame(&begun.frame_id).is_some() => {
                self.host.download_begins(&live, begun);
            }
            Event::DownloadProgress(goes) => self.host.download_goes(&live, goes),
            _ => {}
        }
        Heard::Left
    }
}

impl LiveHost {
    /// Where downloads go: into a folder within `folder`, or nowhere.
    pub(super) fn allow_downloads(&self, folder: Option<&Path>) {
        let inbox = match folder.map(|folder| self.inbox(folder)) {
            Some(Ok(inbox)) => Some(inbox),
            Some(Err(error)) => {
                tracing::warn!(%error, "there is no place for downloads, so none are let in");
                None
            }
            None => None,
        };
        let inbox = inbox.as_deref().map(Path::to_string_lossy);
        self.root.cast(&match &inbox {
            Some(inbox) => SetDownloadBehavior::into_folder(&self.id, inbox),
            None => SetDownloadBehavior::deny(&self.id),
        });
    }

    pub(super) fn break_downloads_off(&self, live: &LiveContextShared) {
        for one in live.downloads.lock().iter_mut() {
            one.refused = true;
            self.cancel(&one.guid);
        }
    }

    fn download_begins(&self, live: &LiveContextShared, begun: &DownloadWillBegin) {
        const MAX: usize = 20;
        let refused = live.options.downloads.is_none() || !live.takes_downloads.load(Ordering::Acquire);
        // A name, not a path.
        let name: String =
            begun.suggested_filename.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(200).collect();
        let id = number();
        let mut loading = live.downloads.lock();
        if loading.len() >= MAX {
            self.cancel(&begun.guid);
        } else {
            loading.push(RunningDownload { guid: begun.guid.clone(), id, name: name.clone(), refused });
        }
        drop(loading);
        if !refused {
            live.tell(LiveEvent::Download { id, name });
        }
    }

    fn download_goes(&self, live: &LiveContextShared, goes: &DownloadProgress) {
        let mut loading = live.downloads.lock();
        let Some(place) = loading.iter().position(|one| one.guid == goes.guid) else { return };
        if goes.state == "inProgress" {
            if goes.received_bytes.max(goes.total_bytes) > BIGGEST {
                self.cancel(&goes.guid);
            }
            return;
        }
        let ended = loading.swap_remove(place);
        drop(loading);
        let folder = live.options.downloads.as_ref().filter(|_| goes.state == "completed" && !ended.refused);
        let path: Option<PathBuf> = folder.and_then(|folder| self.take_out(folder, &goes.guid));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes of a file")]
        let size = goes.received_bytes as u64;
        live.tell(LiveEvent::DownloadEnded { id: ended.id, name: ended.name, size, path });
    }

    fn cancel(&self, guid: &str) {
        self.root.cast(&CancelDownload { guid, browser_context_id: &self.id });
    }
}
