//! Sessions of people: signing in for them.

use std::sync::Arc;

use countersign_live::Handover;
use countersign_model::SessionEnd;
use countersign_vault::{ChangeOutcome, ChangeRun, Error as VaultError, RunError};
use tokio::task::JoinSet;

use crate::{
    change,
    hosting::may_open,
    lease::{self, Lease},
    shared::{AFTER_AN_ERROR, LOOK, WorkerShared},
    site,
};

/// Takes the sign-ins that sessions begin with. They have slots of their own: a person waits for each.
pub(crate) async fn take_sign_ins(shared: Arc<WorkerShared>) {
    let name = format!("{}/sessions", shared.name);
    let mut hosted = JoinSet::new();
    loop {
        // Begun before looking, so that nothing asked for meanwhile is missed.
        let asked = shared.vault.change_asked_for();
        tokio::pin!(asked);
        while hosted.try_join_next().is_some() {}
        if shared.hub.count() >= shared.options.sessions {
            let _ = tokio::time::timeout(LOOK, asked).await;
            continue;
        }
        match shared.vault.claim_sign_in(&name, shared.options.lease).await {
            Ok(Some(run)) => {
                hosted.spawn(host(Arc::clone(&shared), run));
            }
            Ok(None) => {
                let _ = tokio::time::timeout(LOOK, asked).await;
            }
            Err(VaultError::Closing) => return,
            Err(error) => {
                tracing::warn!(%error, "no sign-in could be taken");
                tokio::time::sleep(AFTER_AN_ERROR).await;
            }
        }
    }
}

async fn host(shared: Arc<WorkerShared>, run: ChangeRun) {
    let id = run.id();
    if let Err(error) = Box::pin(sign_in(&shared, run)).await {
        tracing::warn!(change = %id, %error, "a session did not begin");
    }
}

async fn sign_in(shared: &Arc<WorkerShared>, mut run: ChangeRun) -> Result<(), RunError> {
    let Some(session) = run.session() else {
        return Err(VaultError::Internal("a sign-in without a session was taken").into());
    };
    let site = site::knowledge(&shared.options.recipes, &run);
    let session = match shared.vault.host_session(session, &shared.name).await {
        Ok(session) => session,
        // It was ended before it began: nothing is left to sign in for.
        Err(RunError::Vault(VaultError::SessionEnded | VaultError::NotFound(_))) => {
            return change::write_end(run, ChangeOutcome::Cancelled).await.map(drop);
        }
        Err(error) => return Err(error),
    };
    let live = shared.hub.open(session, may_open(&site));
    tracing::info!(session = %live.id(), credential = run.name(), "a session begins");
    let lease = Lease::default();
    let kept = run.lease();
    let outcome = tokio::select! {
        outcome = change::sign_in_for(shared, &mut run, &lease, &live) => outcome,
        () = lease::keep(shared, &kept, &lease) => Err(RunError::LeaseLost),
        // Somebody has ended it before it began.
        () = live.ended() => Ok(Err(ChangeOutcome::Cancelled)),
    };
    let written = match outcome {
        Ok(Ok((context, page))) => {
            let written = change::write_end(run, ChangeOutcome::Passed).await;
            if written.is_ok() {
                live.hand_over(Handover::SignedIn, &context, &page);
                return Ok(());
            }
            written
        }
        Ok(Err(end)) => {
            // Nobody waits for a session that is put off.
            let end =
                if let ChangeOutcome::Postponed { reason, .. } = end { ChangeOutcome::Failed { reason } } else { end };
            live.step(&run_says(&end));
            // Sign-in and session end in one transaction.
            change::write_end(run, end).await
        }
        Err(error) => Err(error),
    };
    live.end(SessionEnd::SignInFailed);
    written.map(drop)
}

fn run_says(end: &ChangeOutcome) -> String {
    match end {
        ChangeOutcome::Failed { reason } => reason.to_string(),
        _ => "it was cancelled".to_owned(),
    }
}
