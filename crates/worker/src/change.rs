//! One change from start to end.

use std::{sync::Arc, time::Duration};

use countersign_browser::{BrowserState, Context, ContextOptions, Error as PageError, Limits, Page, Sandbox};
use countersign_live::Live;
use countersign_model::{ChangeKind, ChangeReason, ChangeState};
use countersign_recipe::{ChangeRun, ChangeTold, SignInRun, SiteKnowledge};
use countersign_seal::Secret;
use countersign_vault::{End, Error as VaultError, Run, Which};

use crate::{
    Shared,
    learn::Learnt,
    proof, site,
    slots::Lease,
    walk::{Broken, Outcome, Stage, Walk},
};

/// When a site asks for patience, or its own limit is reached.
const AFTER_RATE_LIMIT: Duration = Duration::from_secs(60 * 60);
/// A browser that goes away is replaced, and the change begins again, so often.
pub(crate) const MOST_BROWSERS: u32 = 3;
/// An end has to be written; the database may be down for a while.
const TRIES_TO_END: u32 = 60;
const BETWEEN_TRIES: Duration = Duration::from_secs(5);

/// Does a change, and writes its end. Gives where it stands then.
pub(crate) async fn carry_through(shared: &Shared, mut run: Run, lease: &Lease) -> Result<ChangeState, VaultError> {
    let site = site::knowledge(shared, &run);
    let mut known = Known { site: &site, offset: None, learnt: Learnt::default() };
    let end = if run.armed() {
        proof::what_holds(shared, &mut run, lease, &mut known, None).await?
    } else {
        whole(shared, &mut run, lease, &mut known).await?
    };
    keep_learnt(shared, &run, &known.learnt, &end).await;
    shared.point("ending");
    write_end(shared, &mut run, end).await?;
    shared.point("ended");
    Ok(run.state())
}

/// What is known of the site, and what this run finds out about it.
pub(crate) struct Known<'a> {
    pub(crate) site: &'a SiteKnowledge,
    /// The site's clock less ours, once it was seen.
    pub(crate) offset: Option<i64>,
    pub(crate) learnt: Learnt,
}

/// Worth having, and no condition.
pub(crate) async fn keep_learnt(shared: &Shared, run: &Run, learnt: &Learnt, end: &End) {
    let before = run.fingerprints.as_deref();
    let (text, moved) = match end {
        End::Changed | End::Passed => (learnt.to_keep(before), learnt.moved(before)),
        End::Failed { reason: ChangeReason::LayoutUnknown } if before.is_some() => {
            (before.unwrap_or_default().to_owned(), learnt.missing(before))
        }
        _ => return,
    };
    if let Err(error) = shared.vault.note_learnt(run, &text, &moved).await {
        tracing::warn!(%error, "what was learnt of the site was not kept");
    }
}

/// What was found out must not be lost because the database is away for a moment.
pub(crate) async fn write_end(shared: &Shared, run: &mut Run, end: End) -> Result<(), VaultError> {
    for _ in 0..TRIES_TO_END {
        match shared.vault.end_change(run, end.clone()).await {
            Err(VaultError::Database(error) | VaultError::AuditUnavailable(error)) => {
                tracing::warn!(%error, "the end of a change cannot be written; trying again");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            other => return other,
        }
    }
    shared.vault.end_change(run, end).await
}

async fn whole(shared: &Shared, run: &mut Run, lease: &Lease, known: &mut Known<'_>) -> Result<End, VaultError> {
    let mut told = None;
    for left in (0..MOST_BROWSERS).rev() {
        let remembered = shared.vault.browser_state(run).await?;
        let context = match open_context(shared, remembered).await {
            Ok(context) => context,
            Err(error) => return Ok(no_browser(&error)),
        };
        match until_sent(shared, run, lease, known, &context).await {
            Ok(Ok(reason)) => {
                told = reason;
                break;
            }
            Ok(Err(end)) => return Ok(end),
            Err(Broken::Page(error)) if run.armed() => {
                tracing::warn!(%error, "the browser went away after the new password was typed");
                break;
            }
            // The page, or the whole browser, is gone: nothing was changed, and another one may do better.
            Err(Broken::Page(error)) if left > 0 && error.is_gone() => {
                let text = format!("beginning again: {error}");
                shared.vault.report_change(run, ChangeState::SigningIn, &text, None).await?;
            }
            Err(Broken::Page(error)) => {
                tracing::warn!(%error, "the browser went away");
                let state = run.state();
                shared.vault.report_change(run, state, &error.to_string(), None).await?;
                return Ok(End::Failed { reason: of_page(&error) });
            }
            Err(Broken::Vault(error)) if run.armed() && !matches!(error, VaultError::LeaseLost) => {
                // Promise 1: a change under way still finishes and records itself later.
                tracing::warn!(%error, "the database failed after the new password was typed");
                break;
            }
            Err(Broken::Vault(error)) => return Err(error),
        }
    }
    proof::what_holds(shared, run, lease, known, told).await
}

/// Until the new password was sent. `Err`: it has ended before. `Ok`: why the site may not have taken it, if it said so.
async fn until_sent(
    shared: &Shared,
    run: &mut Run,
    lease: &Lease,
    known: &mut Known<'_>,
    context: &Arc<Context>,
) -> Result<Result<Option<ChangeReason>, End>, Broken> {
    let trust = run.settings.trust;
    let has_token = run.has_token();
    let kind = run.kind();
    let page = context.open_page().await.map_err(Broken::Page)?;
    let rehearse = kind == ChangeKind::Rehearsal;
    let mut stage = Stage {
        shared,
        run,
        lease,
        context,
        page,
        site: known.site,
        which: Which::Current,
        state: ChangeState::SigningIn,
        rehearse,
        waits: true,
        offset: &mut known.offset,
        learnt: &mut known.learnt,
        live: None,
    };
    let site = stage.site;
    if let Err(end) = sign_in(&mut stage).await? {
        return Ok(Err(end));
    }
    shared.point("signed_in");
    if kind == ChangeKind::Heartbeat {
        return Ok(Err(End::Passed));
    }
    stage.state = ChangeState::Changing;
    stage.report("looking for the form").await?;
    let change = ChangeRun::new(site.clone(), has_token, trust);
    let outcome = stage.walk(Walk::Change(Box::new(change))).await?;
    match outcome {
        Outcome::FormFound => {
            stage.report_with_picture("found the form for a new password").await?;
            Ok(Err(End::Passed))
        }
        Outcome::Submitted(told) => {
            stage.state = ChangeState::Submitted;
            let text = match told {
                ChangeTold::Changed => "the site says that the password was changed",
                ChangeTold::Failed => "the site says that something went wrong",
                ChangeTold::Nothing => "the site says nothing",
            };
            stage.report_with_picture(text).await?;
            shared.point("told");
            Ok(Ok(None))
        }
        Outcome::GaveUp(reason) if stage.run.armed() => {
            if stage.run.state() != ChangeState::WaitingForAPerson {
                stage.state = stage.run.state();
                stage.report_with_picture("gave up; finding out which password holds").await?;
            }
            Ok(Ok(Some(reason)))
        }
        Outcome::GaveUp(reason) => {
            stage.report_with_picture("gave up").await?;
            Ok(Err(before_anything(shared, reason)))
        }
        Outcome::Cancelled => Ok(Err(End::Cancelled)),
        Outcome::SignedIn(_) | Outcome::Stopped(_) => Ok(Err(End::Failed { reason: ChangeReason::LayoutUnknown })),
    }
}

/// Signs in with the current password, and keeps what the browser remembers. `Err`: it has ended without.
async fn sign_in(stage: &mut Stage<'_>) -> Result<Result<(), End>, Broken> {
    let walk = SignInRun::new(stage.site.clone(), stage.run.has_token(), stage.run.settings.trust);
    match stage.walk(Walk::In(Box::new(walk))).await? {
        Outcome::SignedIn(how) => {
            stage.shared.vault.password_taken(stage.run, Which::Current).await?;
            let text = if how.with_password { "signed in" } else { "still signed in from before" };
            stage.report_with_picture(text).await?;
            keep_state(stage.shared, stage.run, stage.context).await;
            Ok(Ok(()))
        }
        Outcome::GaveUp(reason) => {
            stage.report_with_picture("gave up").await?;
            Ok(Err(before_anything(stage.shared, reason)))
        }
        Outcome::Cancelled => Ok(Err(End::Cancelled)),
        Outcome::FormFound | Outcome::Submitted(_) | Outcome::Stopped(_) => {
            Ok(Err(End::Failed { reason: ChangeReason::LayoutUnknown }))
        }
    }
}

/// Signs in for a session; gives the page that is then the person's. `Err`: it has ended without.
pub(crate) async fn sign_in_for(
    shared: &Shared,
    run: &mut Run,
    lease: &Lease,
    known: &mut Known<'_>,
    live: &Arc<Live>,
) -> Result<Result<(Arc<Context>, Page), End>, VaultError> {
    for left in (0..MOST_BROWSERS).rev() {
        let remembered = shared.vault.browser_state(run).await?;
        let context = match open_context(shared, remembered).await {
            Ok(context) => context,
            Err(error) => return Ok(Err(no_browser(&error))),
        };
        let page = match context.open_page().await {
            Ok(page) => page,
            Err(error) if left > 0 && error.is_gone() => continue,
            Err(error) => return Ok(Err(no_browser(&error))),
        };
        let mut stage = Stage {
            shared,
            run,
            lease,
            context: &context,
            page,
            site: known.site,
            which: Which::Current,
            state: ChangeState::SigningIn,
            rehearse: false,
            waits: true,
            offset: &mut known.offset,
            learnt: &mut known.learnt,
            live: Some(Arc::clone(live)),
        };
        let ended = sign_in(&mut stage).await;
        let page = stage.page.clone();
        match ended {
            Ok(Ok(())) => return Ok(Ok((context, page))),
            Ok(Err(end)) => return Ok(Err(end)),
            Err(Broken::Page(error)) if left > 0 && error.is_gone() => {
                let text = format!("beginning again: {error}");
                shared.vault.report_change(run, ChangeState::SigningIn, &text, None).await?;
            }
            Err(Broken::Page(error)) => {
                tracing::warn!(%error, "the browser went away");
                return Ok(Err(End::Failed { reason: of_page(&error) }));
            }
            Err(Broken::Vault(error)) => return Err(error),
        }
    }
    Ok(Err(End::Failed { reason: ChangeReason::SiteUnavailable }))
}

/// An end before the new password can have reached the site.
fn before_anything(shared: &Shared, reason: ChangeReason) -> End {
    match reason {
        ChangeReason::RateLimited => {
            End::Postponed { until: shared.vault.now().plus(AFTER_RATE_LIMIT), reason: ChangeReason::RateLimited }
        }
        reason => End::Failed { reason },
    }
}

/// A browser of its own within the browser, with what this credential's browser remembers.
pub(crate) async fn open_context(
    shared: &Shared,
    remembered: Option<(Secret, String)>,
) -> Result<Arc<Context>, PageError> {
    let browser = match shared.pool.browser().await {
        Ok(browser) => browser,
        Err(error) => {
            *shared.trouble.lock() = Some(error.to_string());
            return Err(error);
        }
    };
    *shared.trouble.lock() = None;
    *shared.sandboxed.lock() = Some(browser.sandbox() == Sandbox::On);
    let (state, identity) = remembered.unzip();
    // What cannot be read is like nothing: the site will ask more.
    let state = state.and_then(|state| BrowserState::from_bytes(state.expose().to_vec()).ok());
    let options = ContextOptions {
        identity: site::identity(browser.user_agent(), identity.as_deref()),
        limits: Limits::default(),
        policy: site::policy(shared),
        state,
    };
    browser.context(options).await.map(Arc::new)
}

/// Seals what the context remembers, for the next run. Worth having, and no condition.
pub(crate) async fn keep_state(shared: &Shared, run: &mut Run, context: &Context) {
    let kept = async {
        let state = context.state().await.map_err(|error| error.to_string())?;
        let identity = serde_json::to_string(context.identity()).map_err(|error| error.to_string())?;
        let state = Secret::from(state.expose().to_vec());
        shared.vault.keep_browser(run, &state, &identity).await.map_err(|error| error.to_string())
    };
    if let Err(error) = kept.await {
        tracing::warn!(%error, "what the browser remembers was not kept");
    }
}

fn no_browser(error: &PageError) -> End {
    tracing::warn!(%error, "no site can be visited");
    End::Failed { reason: of_page(error) }
}

pub(crate) const fn of_page(error: &PageError) -> ChangeReason {
    match error {
        PageError::NoChromium { .. } | PageError::NotStarted { .. } => ChangeReason::BrowserMissing,
        _ => ChangeReason::SiteUnavailable,
    }
}
