//! Finding out which password holds: the new one first, then the old one, each by a fresh sign-in.

use std::time::Duration;

use countersign_model::{ChangeReason, ChangeState, Timestamp};
use countersign_recipe::SignInRun;
use countersign_vault::{End, Error as VaultError, Run, Which};

use crate::{
    Shared,
    change::{Known, MOST_BROWSERS, keep_state, of_page, open_context, wish},
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

/// What one sign-in showed.
enum Shown {
    /// The password signs in.
    Holds,
    /// The site does not take it.
    Refused,
    /// Nothing, because of this.
    Nothing(ChangeReason),
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
        Shown::Nothing(reason) => return Ok(later(shared, run, reason)),
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
        Shown::Nothing(reason) => Ok(later(shared, run, reason)),
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
        match sign_in_once(shared, run, lease, known, which).await {
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

async fn sign_in_once(
    shared: &Shared,
    run: &mut Run,
    lease: &Lease,
    known: &mut Known<'_>,
    which: Which,
) -> Result<Shown, Broken> {
    // A clean context: nothing of an earlier session can make a page look signed in.
    let context = open_context(shared, None).await.map_err(Broken::Page)?;
    let page = context.open_page().await.map_err(Broken::Page)?;
    let walk = SignInRun::new(known.site.clone(), run.has_token(), wish(run));
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
        offset: &mut known.offset,
        learnt: &mut known.learnt,
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
        Outcome::Cancelled => Shown::Nothing(ChangeReason::Cancelled),
    };
    Ok(shown)
}
