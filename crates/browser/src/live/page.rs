use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, AtomicU32},
};

use parking_lot::Mutex;

use super::{
    host::{LiveContextShared, LiveHost},
    state::{FocusState, PendingPrompts, RequestedSize, ScreencastStream},
};
use crate::{cdp::Answer, page::core::PageInner};

/// A tab as a person has it: what they were asked through it and have not answered, and how it is shown.
pub(crate) struct LivePage {
    pub(crate) page: Arc<PageInner>,
    pub(super) host: Arc<LiveHost>,
    pub(super) me: Weak<Self>,
    pub(super) cast: Mutex<Option<ScreencastStream>>,
    pub(super) asked: Mutex<PendingPrompts>,
    pub(super) felt: Mutex<FocusState>,
    /// Chromium's answer to what was sent last.
    pub(super) last_input: Mutex<Option<Answer>>,
    pub(super) wanted: Mutex<Option<RequestedSize>>,
    /// Of its screen, in hundredths.
    pub(super) scale: AtomicU32,
    /// Nothing was ever shown in it.
    pub(super) untouched: AtomicBool,
}

impl LivePage {
    pub(crate) fn new(page: Arc<PageInner>, host: Arc<LiveHost>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            page,
            host,
            me: Weak::clone(me),
            cast: Mutex::default(),
            asked: Mutex::default(),
            felt: Mutex::default(),
            last_input: Mutex::default(),
            wanted: Mutex::default(),
            scale: AtomicU32::default(),
            untouched: AtomicBool::default(),
        })
    }

    /// What it shares with the other pages, while they belong to a person.
    pub(super) fn live(&self) -> Option<Arc<LiveContextShared>> {
        self.host.live()
    }
}
