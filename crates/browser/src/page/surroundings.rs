use std::{collections::BTreeSet, sync::Arc};

use parking_lot::Mutex;

use crate::{BrowserIdentity, gate::proxy::Gate};

/// What the pages of a context may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextLimits {
    /// Tabs at once, those included that pages open; more are closed at once.
    pub windows: usize,
    /// Memory of a page with the frames in it.
    pub memory_mib: u64,
}

impl Default for ContextLimits {
    fn default() -> Self {
        Self { windows: 4, memory_mib: 512 }
    }
}

/// What the tabs of a context share.
pub(crate) struct Surroundings {
    pub(crate) identity: Arc<BrowserIdentity>,
    pub(crate) limits: ContextLimits,
    pub(crate) gate: Gate,
    /// The tab that was acted on last.
    pub(crate) acted: Mutex<Option<String>>,
    origins: Mutex<BTreeSet<String>>,
}

impl Surroundings {
    pub(crate) fn new(identity: BrowserIdentity, limits: ContextLimits, gate: Gate) -> Self {
        Self { identity: Arc::new(identity), limits, gate, acted: Mutex::default(), origins: Mutex::default() }
    }

    /// A document of that origin was there.
    pub(crate) fn origin_seen(&self, origin: &str) {
        const MAX: usize = 40;
        if !origin.starts_with("http://") && !origin.starts_with("https://") {
            return;
        }
        let mut origins = self.origins.lock();
        if origins.len() < MAX && !origins.contains(origin) {
            origins.insert(origin.to_owned());
        }
    }

    /// The origins of the documents that were there.
    pub(crate) fn origins(&self) -> Vec<String> {
        self.origins.lock().iter().cloned().collect()
    }
}
