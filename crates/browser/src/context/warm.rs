//! A context that waits for whoever wants the next one, with an empty tab in it: making one takes longer than anything else that
//! is done before a page is asked for. It was used by nobody before, connects nowhere as long as it waits, and is used once.

use std::{
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;

use super::inner::ContextInner;
use crate::{AddressPolicy, BrowserIdentity, Page, page::surroundings::ContextLimits};

/// The context that waits, and the wish that there be one.
#[derive(Default)]
pub(crate) struct WarmContexts {
    /// Held while one is made, so that no second is.
    pub(super) making: tokio::sync::Mutex<()>,
    waiting: Mutex<Option<WarmContext>>,
    /// Once there was one, there always is.
    kept: AtomicBool,
}

/// One that nobody has used.
pub(super) struct WarmContext {
    pub(super) inner: Arc<ContextInner>,
    pub(super) page: Page,
    pub(super) policy: Arc<LatePolicy>,
}

/// Refuses everything until it is known where the pages of its context may connect to.
#[derive(Default)]
pub(super) struct LatePolicy {
    policy: OnceLock<Arc<dyn AddressPolicy>>,
}

impl AddressPolicy for LatePolicy {
    fn check(&self, host: &str, address: IpAddr, port: u16) -> Result<(), String> {
        match self.policy.get() {
            Some(policy) => policy.check(host, address, port),
            None => Err("nobody uses this browser yet".to_owned()),
        }
    }
}

impl WarmContexts {
    /// Whether one waits, which is nobody's yet.
    pub(crate) fn is_one_waiting(&self) -> bool {
        self.waiting.lock().is_some()
    }

    pub(super) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed)
    }

    pub(super) fn keeps(&self) {
        self.kept.store(true, Ordering::Relaxed);
    }

    pub(super) fn put(&self, warm: WarmContext) {
        *self.waiting.lock() = Some(warm);
    }

    /// The one that waits, if it presents itself so and may take so much. From here on its pages connect where `policy` lets
    /// them.
    pub(super) fn take(
        &self,
        identity: &BrowserIdentity,
        limits: ContextLimits,
        policy: &Arc<dyn AddressPolicy>,
    ) -> Option<Arc<ContextInner>> {
        let fits = |warm: &mut WarmContext| {
            let surroundings = &warm.inner.surroundings;
            *surroundings.identity == *identity && surroundings.limits == limits
        };
        let warm = self.waiting.lock().take_if(fits)?;
        // A tab that has crashed meanwhile is none to begin with.
        if warm.page.ended().is_some() || warm.policy.policy.set(Arc::clone(policy)).is_err() {
            return None;
        }
        warm.inner.put_spare(warm.page);
        Some(warm.inner)
    }
}
