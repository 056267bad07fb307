//! Keeps the slots busy.

use std::{sync::Arc, time::Duration};

use countersign_model::{ChangeId, ChangeState};
use countersign_vault::{ChangeRun, Error as VaultError, RunError};
use tokio::{sync::OwnedSemaphorePermit, task::JoinSet};

use crate::{
    change,
    lease::{self, Lease},
    shared::{AFTER_AN_ERROR, LOOK, WorkerShared},
};

const LOOK_FOR_WHAT_IS_DUE: Duration = Duration::from_secs(30);

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
    let kept = run.lease();
    let outcome = tokio::select! {
        outcome = change::carry_through(shared, run, &lease, slot) => outcome,
        () = lease::keep(shared, &kept, &lease) => Err(RunError::LeaseLost),
    };
    shared.waiting.lock().remove(&id);
    if outcome.is_err() {
        shared.point("left");
    }
    say_how_it_ended(id, &name, outcome);
}

fn say_how_it_ended(id: ChangeId, name: &str, outcome: Result<ChangeState, RunError>) {
    match outcome {
        Ok(state) => tracing::info!(change = %id, credential = name, state = state.name(), "a change has ended"),
        Err(error) => tracing::warn!(change = %id, credential = name, %error, "a change was left as it is"),
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
        let over = shared.vault.see_to_requests().await;
        say_how_many(over, "requests are over by time");
        let over = shared.vault.see_to_vault_requests().await;
        say_how_many(over, "requests about the vault are over by time");
        let back = shared.vault.see_to_check_outs().await;
        say_how_many(back, "check-outs are over");
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
