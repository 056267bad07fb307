//! How long a change stays with this worker: renewing its lease, and hearing that it was called off.

use std::time::Duration;

use countersign_vault::{ChangeLease, RunError};
use tokio::sync::watch;

use crate::shared::WorkerShared;

/// Whoever calls a change off waits for that.
const LOOK_FOR_A_CALL: Duration = Duration::from_secs(1);

/// What is known of a lease while its change is worked on.
pub(crate) struct Lease {
    cancelled: watch::Sender<bool>,
}

impl Default for Lease {
    fn default() -> Self {
        Self { cancelled: watch::Sender::new(false) }
    }
}

impl Lease {
    pub(crate) fn cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Comes back when the change is called off, and not before.
    pub(crate) async fn until_cancelled(&self) {
        // The sender lives as long as this.
        let _ = self.cancelled.subscribe().wait_for(|cancelled| *cancelled).await;
    }

    /// What was called off stays so.
    fn is_cancelled(&self, cancelled: bool) {
        self.cancelled.send_if_modified(|known| cancelled && !std::mem::replace(known, true));
    }
}

/// Renews the lease, and looks whether its change was called off; ends when it is lost.
pub(crate) async fn keep(shared: &WorkerShared, kept: &ChangeLease, lease: &Lease) {
    let each = (shared.options.lease / 3).max(Duration::from_millis(50));
    let (mut renewals, mut looks) = (tokio::time::interval(each), tokio::time::interval(LOOK_FOR_A_CALL.min(each)));
    for rounds in [&mut renewals, &mut looks] {
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = renewals.tick() => match kept.renew(shared.options.lease).await {
                Ok(held) => lease.is_cancelled(held.cancelled),
                Err(RunError::LeaseLost) => return,
                // The database may be back before the lease has run out.
                Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
            },
            _ = looks.tick(), if !lease.cancelled() => look_for_a_call(kept, lease).await,
        }
    }
}

async fn look_for_a_call(kept: &ChangeLease, lease: &Lease) {
    match kept.is_called_off().await {
        Ok(cancelled) => lease.is_cancelled(cancelled),
        Err(error) => tracing::debug!(%error, "whether a change was called off could not be seen"),
    }
}
