//! Finding out which password holds: the new one first, then the old one, each by a fresh sign-in.

use std::{sync::Arc, time::Duration};

use countersign_browser::{BrowserState, Context, Error as PageError, Patience};
use countersign_model::{Challenge, ChangeReason, ChangeState, Timestamp};
use countersign_recipe::{PageKind, SignInRun, recognise};
use countersign_seal::Secret;
use countersign_vault::{End, Error as VaultError, Run, Which};

use crate::{
    Shared,
    change::{Known, MOST_BROWSERS, keep_state, of_page, open_context},
    slots::Lease,
    walk::{Broken, Outcome, Stage, Walk},
};

/// Waits between tries to find out, each longer than the one before.
const WAITS: [Duration; 6] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(3 * 60 * 60),
    Duration::from_secs(12 * 60 * 60),
];

const TO_OPEN: Duration = Duration::from_secs(20);

/// What one sign-in showed.
enum Shown {
    /// The password signs in.
    Holds,
    /// The site does not take it.
    Refused,
    /// Nothing, because of this.
    Nothing(ChangeReason),
    /// The site questions a browser that it does not know.
    Questioned(Challenge),
}

/// Which password holds. `told`: why the site may not have taken the new one, if it said so.
pub(crate) async fn what_holds(
    shared: &Shared,
    run: &mut Run,
    lease: &Lease,
    known: &mut Known<'_>,
    told: Option<ChangeReason>,
) -> Result<End, VaultError> {
    shared.point("verifying");
    shared
        .vault
        .report_change(run, ChangeState::Verifying, "proving the new password by a fresh sign-in", None)
        .await?;
    match sign_in(shared, run, lease, known, Which::Candidate).await? {
        Shown::Holds => return Ok(End::Changed),
        Shown::Refused => {}
        shown => return Ok(later(shared, run, because(shown))),
    }
    shared.point("refused");
    let text = "the new password does not sign in; trying the old one";
    shared.vault.report_change(run, ChangeState::Verifying, text, None).await?;
    match sign_in(shared, run, lease, known, Which::Current).await? {
        Shown::Holds => {
            let reason = told.unwrap_or(ChangeReason::PasswordRejected { rule: String::new() });
            Ok(End::Failed { reason })
        }
        Shown::Refused => Ok(later(shared, run, ChangeReason::WrongPassword)),
        shown => Ok(later(shared, run, because(shown))),
    }
}

fn because(shown: Shown) -> ChangeReason {
    match shown {
        Shown::Nothing(reason) => reason,
        Shown::Questioned(challenge) => ChangeReason::Challenge { challenge },
        Shown::Holds | Shown::Refused => ChangeReason::WrongPassword,
    }
}

/// In doubt, to be tried again, unless only a person can help.
fn later(shared: &Shared, run: &Run, reason: ChangeReason) -> End {
    let spent = run.tries_left(Which::Candidate) <= 0 && run.tries_left(Which::Current) <= 0;
    let index = usize::try_from(run.attempts() - 1).unwrap_or(0);
    let wait = WAITS.get(index).copied();
    let retry_at: Option<Timestamp> = wait.filter(|_| !spent).map(|wait| shared.vault.now().plus(wait));
    End::InDoubt { reason, retry_at }
}

/// A browser that goes away shows nothing of the password: another one is asked, a few times.
async fn sign_in(
    shared: &Shared,
    run: &mut Run,
    lease: &Lease,
    known: &mut Known<'_>,
    which: Which,
) -> Result<Shown, VaultError> {
    for left in (0..MOST_BROWSERS).rev() {
        if run.tries_left(which) <= 0 {
            return Ok(Shown::Refused);
        }
        match by_any_browser(shared, run, lease, known, which).await {
            Ok(shown) => return Ok(shown),
            Err(Broken::Page(error)) if left > 0 && error.is_gone() => {
                let text = format!("beginning this sign-in again: {error}");
                shared.vault.report_change(run, ChangeState::Verifying, &text, None).await?;
            }
            Err(Broken::Page(error)) => {
                shared.vault.report_change(run, ChangeState::Verifying, &error.to_string(), None).await?;
                return Ok(Shown::Nothing(of_page(&error)));
            }
            Err(Broken::Vault(error)) => return Err(error),
        }
    }
    Ok(Shown::Nothing(ChangeReason::SiteUnavailable))
}

/// First by a browser that knows nothing. Where that one is questioned, by the credential's own, signed out before: a
/// site that knows it asks less. Where that is no way either, a person is waited for.
async fn by_any_browser(
    shared: &Shared,
    run: &mut Run,
    lease: &Lease,
    known: &mut Known<'_>,
    which: Which,
) -> Result<Shown, Broken> {
    let remembered = shared.vault.browser_state(run).await?;
    let clean = open_context(shared, None).await.map_err(Broken::Page)?;
    let waits = remembered.is_none();
    let shown = sign_in_with(shared, run, lease, known, which, clean, waits).await?;
    let (Shown::Questioned(_), Some(remembered)) = (&shown, remembered) else { return Ok(shown) };
    if run.tries_left(which) > 0
        && let Some(own) = signed_out(shared, known, remembered).await.map_err(Broken::Page)?
    {
        let text = "the site questions unknown browsers; signing in afresh with this credential's own";
        shared.vault.report_change(run, ChangeState::Verifying, text, None).await?;
        let shown = sign_in_with(shared, run, lease, known, which, own, false).await?;
        if !matches!(shown, Shown::Questioned(_)) {
            return Ok(shown);
        }
    }
    if run.tries_left(which) <= 0 {
        return Ok(shown);
    }
    let clean = open_context(shared, None).await.map_err(Broken::Page)?;
    sign_in_with(shared, run, lease, known, which, clean, true).await
}

/// A context with what the credential's browser remembers, less the cookies that keep it signed in. Which those are is
/// found out by taking them away one by one until the site shows itself to somebody it does not know.
async fn signed_out(
    shared: &Shared,
    known: &Known<'_>,
    (state, identity): (Secret, String),
) -> Result<Option<Arc<Context>>, PageError> {
    const MOST: usize = 12;
    let state = BrowserState::from_bytes(state.expose().to_vec())?;
    let suspects = state.suspects()?;
    for count in 0..=suspects.len().min(MOST) {
        let left = state.without(&suspects[..count])?;
        let left = Secret::from(left.expose().to_vec());
        let context = open_context(shared, Some((left, identity.clone()))).await?;
        let page = context.open_page().await?;
        page.open(&known.site.address, TO_OPEN).await?;
        let picture = page.settled_picture(&Patience::default()).await?;
        let read = recognise(&picture, known.site);
        page.close();
        if !read.signed_in && (read.signed_out || read.kind == PageKind::SignIn) {
            return Ok(Some(context));
        }
    }
    Ok(None)
}

async fn sign_in_with(
    shared: &Shared,
    run: &mut Run,
    lease: &Lease,
    known: &mut Known<'_>,
    which: Which,
    context: Arc<Context>,
    waits: bool,
) -> Result<Shown, Broken> {
    let page = context.open_page().await.map_err(Broken::Page)?;
    let walk = SignInRun::new(known.site.clone(), run.has_token(), run.settings.trust);
    let mut stage = Stage {
        shared,
        run,
        lease,
        context: &context,
        page,
        site: known.site,
        which,
        state: ChangeState::Verifying,
        rehearse: false,
        waits,
        offset: &mut known.offset,
        learnt: &mut known.learnt,
        live: None,
    };
    let shown = match stage.walk(Walk::In(Box::new(walk))).await? {
        Outcome::SignedIn(how) if how.with_password => {
            shared.point("proven");
            stage.report_with_picture("signed in afresh").await?;
            keep_state(shared, stage.run, &context).await;
            shared.vault.password_taken(stage.run, which).await?;
            Shown::Holds
        }
        // A page that shows itself without asking for a password proves nothing.
        Outcome::SignedIn(_) | Outcome::FormFound | Outcome::Submitted(_) => {
            Shown::Nothing(ChangeReason::LayoutUnknown)
        }
        Outcome::GaveUp(ChangeReason::WrongPassword) => {
            stage.report_with_picture("the site does not take it").await?;
            Shown::Refused
        }
        Outcome::GaveUp(reason) => {
            if stage.run.state() != ChangeState::WaitingForAPerson {
                stage.report_with_picture("gave up").await?;
            }
            Shown::Nothing(reason)
        }
        Outcome::Stopped(challenge) => {
            stage.report_with_picture("the site questions this browser").await?;
            if matches!(challenge, Challenge::Location | Challenge::NewDevice | Challenge::TrustBrowser) {
                // These come once the password was taken, which is no proof yet and no failed try.
                shared.vault.password_taken(stage.run, which).await?;
            }
            Shown::Questioned(challenge)
        }
        Outcome::Cancelled => Shown::Nothing(ChangeReason::Cancelled),
    };
    Ok(shown)
}
