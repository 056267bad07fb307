use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use countersign_snapshot::Size;
use parking_lot::Mutex;

use super::{event::Queue, screens::Screens};
use crate::{LiveEvent, cdp::CdpSession, chromium::account::SystemUser};

/// How a context belongs to a person.
#[derive(Clone)]
pub struct LiveOptions {
    /// Whether a page of that origin (such as `https://example.org`) may be opened in a tab. Be quick: it is asked while
    /// events wait. What pages load into themselves is a matter of the gate alone.
    pub may_open: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// The folder of ours that downloads come to, under names of Chromium's own, once [`crate::LiveContext::let_download`]
    /// says so; `None` refuses them always.
    pub downloads: Option<PathBuf>,
}

/// What the pages of a context that belongs to a person share.
pub(crate) struct LiveContextShared {
    pub(super) options: LiveOptions,
    pub(super) queue: Queue,
    pub(super) downloads: Mutex<Vec<RunningDownload>>,
    /// Whether downloads are taken.
    pub(super) takes_downloads: AtomicBool,
    pub(super) size: Mutex<Option<(Size, f64)>>,
}

/// A download under way.
pub(super) struct RunningDownload {
    pub(super) guid: String,
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) refused: bool,
}

impl LiveContextShared {
    pub(super) fn new(options: LiveOptions) -> Self {
        Self {
            options,
            queue: Queue::default(),
            downloads: Mutex::default(),
            takes_downloads: AtomicBool::new(false),
            size: Mutex::default(),
        }
    }

    pub(crate) fn tell(&self, event: LiveEvent) {
        self.queue.push(event);
    }
}

/// What a context has ready for a person, whether its pages belong to one or not.
pub(crate) struct LiveHost {
    /// Of the context.
    pub(super) id: String,
    pub(super) root: CdpSession,
    /// Who Chromium runs as, where that is somebody else than us.
    pub(super) account: Option<Arc<SystemUser>>,
    pub(super) screens: Arc<Screens>,
    /// Set while its pages belong to a person.
    live: Mutex<Option<Arc<LiveContextShared>>>,
    /// Set for good once they did: secret fields stay covered.
    covers: AtomicBool,
}

impl LiveHost {
    pub(crate) fn new(
        id: String,
        root: CdpSession,
        account: Option<Arc<SystemUser>>,
        screens: Arc<Screens>,
    ) -> Arc<Self> {
        Arc::new(Self { id, root, account, screens, live: Mutex::default(), covers: AtomicBool::new(false) })
    }

    pub(super) fn live(&self) -> Option<Arc<LiveContextShared>> {
        self.live.lock().clone()
    }

    pub(super) fn covers(&self) -> bool {
        self.covers.load(Ordering::Acquire)
    }

    /// From now on its pages belong to a person.
    pub(super) fn begin(&self, shared: &Arc<LiveContextShared>) {
        *self.live.lock() = Some(Arc::clone(shared));
        self.covers.store(true, Ordering::Release);
    }

    /// Whether it was `shared` by which the pages belonged to a person; then they do not any more. A newer one may have
    /// taken its place.
    pub(super) fn end(&self, shared: &Arc<LiveContextShared>) -> bool {
        let mut live = self.live.lock();
        live.take_if(|live| Arc::ptr_eq(live, shared)).is_some()
    }

    pub(crate) fn tell_tabs(&self) {
        if let Some(live) = self.live() {
            live.tell(LiveEvent::Tabs);
        }
    }
}

/// Numbers questions and downloads; no two of a process are the same.
pub(super) fn number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}
