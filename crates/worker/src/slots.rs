//! Keeps the slots busy, and leases alive.

use std::{sync::Arc, time::Duration};

use countersign_model::{ChangeId, ChangeState};
use countersign_vault::{ChangeRun, Error as VaultError};
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    task::JoinSet,
};

use crate::{WorkerShared, change};

/// Other nodes' requests are noticed by looking.
pub(crate) const LOOK: Duration = Duration::from_secs(3);
pub(crate) const AFTER_AN_ERROR: Duration = Duration::from_secs(5);
/// Whoever calls a change off waits for that.
const LOOK_FOR_A_CALL: Duration = Duration::from_secs(1);
const LOOK_FOR_WHAT_IS_DUE: Duration = Duration::from_secs(30);

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

/// Takes changes, as many at once as there are slots. One that waits for a person has left its slot.
pub(crate) async fn take_changes(shared: Arc<WorkerShared>) {
    let mut under_way = JoinSet::new();
    let mut count: u64 = 0;
    loop {
        while under_way.try_join_next().is_some() {}
        let Ok(slot) = Arc::clone(&shared.slots).acquire_owned().await else { return };
        let name = format!("{}/{count}", shared.name);
        // Begun before looking, so that nothing asked for meanwhile is missed.
        let asked = shared.vault.change_asked_for();
        tokio::pin!(asked);
        match shared.vault.claim_change(&name, shared.options.lease).await {
            Ok(Some(run)) => {
                count += 1;
                shared.point("claimed");
                let shared = Arc::clone(&shared);
                under_way.spawn(async move { Box::pin(do_one(&shared, run, slot)).await });
            }
            Ok(None) => {
                drop(slot);
                let _ = tokio::time::timeout(LOOK, asked).await;
            }
            Err(VaultError::Closing) => return,
            Err(error) => {
                tracing::warn!(%error, "no change could be taken");
                drop(slot);
                tokio::time::sleep(AFTER_AN_ERROR).await;
            }
        }
    }
}

async fn do_one(shared: &Arc<WorkerShared>, run: ChangeRun, slot: OwnedSemaphorePermit) {
    let lease = Lease::default();
    let (id, name) = (run.id(), run.name().to_owned());
    tracing::info!(change = %id, credential = name, kind = run.kind().name(), "a change begins");
    let kept = run.clone();
    let outcome = tokio::select! {
        outcome = change::carry_through(shared, run, &lease, slot) => outcome,
        () = keep(shared, &kept, &lease) => Err(VaultError::LeaseLost),
    };
    shared.waiting.lock().remove(&id);
    if outcome.is_err() {
        shared.point("left");
    }
    say_how_it_ended(id, &name, outcome);
}

fn say_how_it_ended(id: ChangeId, name: &str, outcome: Result<ChangeState, VaultError>) {
    match outcome {
        Ok(state) => tracing::info!(change = %id, credential = name, state = state.name(), "a change has ended"),
        Err(error) => tracing::warn!(change = %id, credential = name, %error, "a change was left as it is"),
    }
}

/// Renews the lease, and looks whether its change was called off; ends when it is lost.
pub(crate) async fn keep(shared: &WorkerShared, run: &ChangeRun, lease: &Lease) {
    let each = (shared.options.lease / 3).max(Duration::from_millis(50));
    let (mut renewals, mut looks) = (tokio::time::interval(each), tokio::time::interval(LOOK_FOR_A_CALL.min(each)));
    for rounds in [&mut renewals, &mut looks] {
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = renewals.tick() => match shared.vault.renew_change(run, shared.options.lease).await {
                Ok(held) => lease.is_cancelled(held.cancelled),
                Err(VaultError::LeaseLost) => return,
                // The database may be back before the lease has run out.
                Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
            },
            _ = looks.tick(), if !lease.cancelled() => look_for_a_call(shared, run, lease).await,
        }
    }
}

async fn look_for_a_call(shared: &WorkerShared, run: &ChangeRun, lease: &Lease) {
    match shared.vault.is_called_off(run).await {
        Ok(cancelled) => lease.is_cancelled(cancelled),
        Err(error) => tracing::debug!(%error, "whether a change was called off could not be seen"),
    }
}

/// Policies that ask for a change, and sessions that a dead process has left.
pub(crate) async fn ask_for_what_is_due(shared: Arc<WorkerShared>) {
    let mut rounds = tokio::time::interval(LOOK_FOR_WHAT_IS_DUE);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let due = shared.vault.ask_for_what_is_due().await;
        say_how_many(due, "policies have asked for changes");
        let lost = shared.vault.sweep_sessions().await;
        say_how_many(lost, "sessions whose machine is gone have ended");
    }
}

fn say_how_many(done: Result<usize, VaultError>, what: &'static str) {
    match done {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "{what}"),
        Err(error) => tracing::warn!(%error, "it could not be looked at which {what}"),
    }
}
