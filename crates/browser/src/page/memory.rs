//! Ends a page that takes more memory than it may. Looks once a second.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use super::core::{PageEnd, PageInner};
use crate::cdp::{CdpSession, runtime::GetHeapUsage};

pub(crate) async fn watch(page: Weak<PageInner>) {
    const EVERY: Duration = Duration::from_secs(1);
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(page) = page.upgrade() else { return };
        if page.ended().is_some() || page.session.connection().gone().is_some() {
            return;
        }
        let sessions: Vec<CdpSession> = {
            let guests = page.guests.lock();
            let workers = page.workers.lock();
            let all = guests.iter().chain(workers.iter()).map(|one| page.session.named(Arc::clone(one)));
            all.chain([page.session.clone()]).collect()
        };
        let mut bytes = 0.0;
        for session in sessions {
            // A page that is busy answers later; that it hangs is noticed elsewhere.
            if let Ok(usage) = session.call_within(EVERY, GetHeapUsage {}).await {
                bytes += usage.used_size + usage.embedder_heap_used_size + usage.backing_storage_size;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a limit in MiB is exact in a double")]
        if bytes > (page.limits.memory_mib << 20) as f64 {
            tracing::warn!(limit_mib = page.limits.memory_mib, "a page took too much memory");
            page.end(PageEnd::TooMuchMemory);
            page.close();
            return;
        }
    }
}
