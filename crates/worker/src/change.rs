//! One change from start to end: the walk, what was learnt, and the end that is written.

use std::{sync::Arc, time::Duration};

use countersign_browser::{Context, Page};
use countersign_live::SessionHandle;
use countersign_model::{ChangeReason, ChangeState};
use countersign_recipe::rules_in;
use countersign_vault::{ChangeOutcome, ChangeRun, Error as VaultError, RunError};
use countersign_walk::Ending;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    drive::{self, WalkEnd, WalkHost},
    learn::{self, Learnt},
    lease::Lease,
    pages::FoundPages,
    shared::WorkerShared,
    site,
};

/// An end has to be written; the database may be down for a while.
const TRIES_TO_END: u32 = 60;
const BETWEEN_TRIES: Duration = Duration::from_secs(5);

/// Does a change, and writes its end. Gives where it stands then.
pub(crate) async fn carry_through(
    shared: &Arc<WorkerShared>,
    mut run: ChangeRun,
    lease: &Lease,
    slot: OwnedSemaphorePermit,
) -> Result<ChangeState, RunError> {
    let site = site::knowledge(&shared.options.recipes, &run);
    let ended = drive::walk(shared, &mut run, lease, &site, WalkHost::Slot(slot)).await?;
    let WalkEnd { ending, learnt, pages, slot, .. } = ended;
    let end = end_of(shared, ending);
    keep_learnt(&run, &learnt, &end).await;
    keep_pages(&run, &pages, &end).await;
    shared.point("ending");
    let state = write_end(run, end).await?;
    drop(slot);
    shared.point("ended");
    Ok(state)
}

/// Signs in for a session; gives the page that is then the person's. `Err`: it has ended without.
pub(crate) async fn sign_in_for(
    shared: &Arc<WorkerShared>,
    run: &mut ChangeRun,
    lease: &Lease,
    live: &Arc<SessionHandle>,
) -> Result<Result<(Arc<Context>, Page), ChangeOutcome>, RunError> {
    let site = site::knowledge(&shared.options.recipes, run);
    let WalkEnd { ending, learnt, pages, open, .. } =
        drive::walk(shared, run, lease, &site, WalkHost::Session(Arc::clone(live))).await?;
    Ok(match (ending, open) {
        (Ending::Passed, Some(open)) => {
            keep_learnt(run, &learnt, &ChangeOutcome::Passed).await;
            keep_pages(run, &pages, &ChangeOutcome::Passed).await;
            Ok(open)
        }
        (Ending::Passed, None) => Err(ChangeOutcome::Failed { reason: ChangeReason::BrowserFailed }),
        (ending, _) => {
            let end = end_of(shared, ending);
            keep_pages(run, &pages, &end).await;
            Err(end)
        }
    })
}

fn end_of(shared: &WorkerShared, ending: Ending) -> ChangeOutcome {
    let now = shared.vault.now();
    match ending {
        Ending::Changed => ChangeOutcome::Changed,
        Ending::Passed => ChangeOutcome::Passed,
        Ending::Failed(reason) => ChangeOutcome::Failed { reason },
        Ending::InDoubt { reason, retry_after } => {
            ChangeOutcome::InDoubt { reason, retry_at: retry_after.map(|wait| now.plus(wait)) }
        }
        Ending::Postponed(wait, reason) => ChangeOutcome::Postponed { until: now.plus(wait), reason },
        Ending::Cancelled => ChangeOutcome::Cancelled,
    }
}

/// Worth having, and no condition.
async fn keep_learnt(run: &ChangeRun, learnt: &Learnt, end: &ChangeOutcome) {
    let before = run.fingerprints.as_deref();
    if let ChangeOutcome::Failed { reason: ChangeReason::PasswordRejected { rule } } = end {
        return keep_rule(run, rule).await;
    }
    let (text, moved) = match end {
        ChangeOutcome::Changed | ChangeOutcome::Passed => (learnt.to_keep(before), learnt.moved(before)),
        ChangeOutcome::Failed { reason: ChangeReason::LayoutUnknown } if before.is_some() => {
            (before.unwrap_or_default().to_owned(), learnt.missing(before))
        }
        _ => return,
    };
    if let Err(error) = run.note_learnt(&text, &moved).await {
        tracing::warn!(%error, "what was learnt of the site was not kept");
    }
}

/// Where the pages are, for the next time; where a run went wrong that knew it, that is forgotten, for it may be why.
async fn keep_pages(run: &ChangeRun, found: &FoundPages, end: &ChangeOutcome) {
    let before = run.pages.as_deref();
    let kept = match end {
        ChangeOutcome::Changed | ChangeOutcome::Passed => Some(found.to_keep(before)),
        // The page to change the password was there, and the password was refused.
        ChangeOutcome::Failed { reason: ChangeReason::PasswordRejected { .. } } => return,
        ChangeOutcome::Failed { .. } | ChangeOutcome::InDoubt { .. } => None,
        ChangeOutcome::Postponed { .. } | ChangeOutcome::Cancelled => return,
    };
    if kept.as_deref() == before {
        return;
    }
    if let Err(error) = run.note_pages(kept.as_deref()).await {
        tracing::warn!(%error, "where the site's pages are was not kept");
    }
}

/// What the site has said in refusing a password is obeyed by the next change.
async fn keep_rule(run: &ChangeRun, rule: &str) {
    let Some(said) = rules_in(rule) else { return };
    let Some(text) = learn::with_rules(run.fingerprints.as_deref(), &said) else { return };
    if let Err(error) = run.note_learnt(&text, &[]).await {
        tracing::warn!(%error, "the site's rule for passwords was not kept");
    }
}

/// What was found out must not be lost because the database is away for a moment. Gives where the change stands then.
pub(crate) async fn write_end(mut run: ChangeRun, end: ChangeOutcome) -> Result<ChangeState, RunError> {
    let mut tries_left = TRIES_TO_END;
    loop {
        let not_ended = match run.end(end.clone()).await {
            Ok(state) => return Ok(state),
            Err(not_ended) => *not_ended,
        };
        match not_ended.error {
            RunError::Vault(VaultError::Database(error) | VaultError::AuditUnavailable(error)) if tries_left > 0 => {
                tracing::warn!(%error, "the end of a change cannot be written; trying again");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            error => return Err(error),
        }
        tries_left -= 1;
        run = not_ended.run;
    }
}
