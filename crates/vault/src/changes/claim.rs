//! A worker takes a change: whether it may begin, and if not, how it ends at once.

use std::time::Duration;

use countersign_audit::AuditAction;
use countersign_model::{ChangeKind, ChangeReason, CredentialStatus, SessionEnd};
use countersign_store::{
    automation,
    changes::{ChangeRow, runs},
    credentials,
    engine::Transaction,
    jobs, sessions,
};

use super::{end::ChangeOutcome, guard, run::ChangeRun};
use crate::{Error, Object, Vault, credentials::places::holds_up, unit::Unit};

const MAX_ATTEMPTS: i64 = 5;
/// Where somebody is in a session of the credential, a change looks again after so long.
const AFTER_A_SESSION: Duration = Duration::from_secs(60);

/// Why a change that was taken is not begun: how it ends, what its story says of that beside, and how the session that it
/// signs in for ends.
struct Stop {
    end: ChangeOutcome,
    said: Option<String>,
    session: Option<SessionEnd>,
}

impl Vault {
    /// Takes the change that waits longest, for `lease`; `None` when there is nothing to do. Sign-ins of sessions are
    /// left alone.
    pub async fn claim_change(&self, worker: &str, lease: Duration) -> Result<Option<ChangeRun>, Error> {
        self.claim(worker, lease, false).await
    }

    /// Takes the sign-in of a session that waits longest, for `lease`. One that a worker has left in the middle is not
    /// begun again: nobody waits for it any more, and it ends with its session.
    pub async fn claim_sign_in(&self, worker: &str, lease: Duration) -> Result<Option<ChangeRun>, Error> {
        self.claim(worker, lease, true).await
    }

    async fn claim(&self, worker: &str, lease: Duration, sign_in: bool) -> Result<Option<ChangeRun>, Error> {
        loop {
            let now = self.now();
            let mut tx = self.unit().await?;
            let Some(id) = jobs::claim(&mut tx, worker, now, lease, sign_in).await? else { return Ok(None) };
            let Some(row) = runs::find(&mut tx, id).await?.filter(|row| row.ended_at.is_none()) else {
                jobs::delete(&mut tx, id).await?;
                tx.commit_without_record("forgets a job whose change has ended").await?;
                continue;
            };
            if let Some(run) = self.begin(tx, row, worker).await? {
                return Ok(Some(run));
            }
        }
    }

    /// `None`: it was settled at once, and the next may be taken.
    async fn begin(&self, mut tx: Unit, row: ChangeRow, worker: &str) -> Result<Option<ChangeRun>, Error> {
        let now = self.now();
        let cancelled = jobs::held(&mut tx, row.id, worker).await?.unwrap_or(false);
        let credential = credentials::find(&mut tx, row.credential).await?;
        let credential = credential.ok_or(Error::NotFound(Object::Credential))?;
        let automation = automation::find(&mut tx, row.credential).await?;
        let held_up = holds_up(&row, credential.site.as_ref(), &automation);
        let mut run = ChangeRun {
            vault: self.clone(),
            worker: worker.to_owned(),
            username: credential.username.to_string(),
            site: credential.site.as_ref().map(ToString::to_string).unwrap_or_default(),
            second_factor: credential.second_factor,
            remembered: automation.remembered,
            session: sessions::of_change(&mut tx, row.id, true).await?,
            settings: automation.settings,
            fingerprints: automation.fingerprints,
            pages: automation.pages,
            row,
        };
        run.row.waiting_until = None;
        let usable = credential.status == CredentialStatus::Active && credential.has_password && !run.site.is_empty();
        let stop = self.what_stops(&mut tx, &run, (cancelled, usable, held_up)).await?;
        if let Some(Stop { end, said, session }) = stop {
            if let Some(said) = said {
                runs::add_event(&mut tx, run.row.id, now, run.row.state, &said, None).await?;
            }
            if let Some(end) = session {
                self.end_session_of(&mut tx, &run, end).await?;
            }
            run.end_in(tx, end).await?;
            return Ok(None);
        }
        let text = run.take_up(now);
        let entry = run.entry_of(AuditAction::ChangeStarted).with("attempt", run.row.attempts);
        run.write(tx, text, None, vec![entry]).await?;
        Ok(Some(run))
    }

    /// Why a change that was taken is not begun, the first reason that there is.
    async fn what_stops(
        &self,
        tx: &mut Transaction,
        run: &ChangeRun,
        (cancelled, usable, held_up): (bool, bool, Option<ChangeReason>),
    ) -> Result<Option<Stop>, Error> {
        let armed = run.armed();
        let stop = |end, session| Some(Stop { end, said: None, session });
        if cancelled && !armed {
            return Ok(stop(ChangeOutcome::Cancelled, Some(SessionEnd::Person)));
        }
        if !usable && !armed {
            let said = "the credential is inactive, or has lost its password or its site: put that right and ask again";
            let (end, session) = (ChangeOutcome::Cancelled, Some(SessionEnd::SignInFailed));
            return Ok(Some(Stop { end, said: Some(said.to_owned()), session }));
        }
        if let Some(reason) = held_up {
            let end = if armed {
                ChangeOutcome::InDoubt { reason, retry_at: None }
            } else {
                ChangeOutcome::Failed { reason }
            };
            return Ok(stop(end, Some(SessionEnd::SignInFailed)));
        }
        if run.kind() == ChangeKind::SignIn && run.session.is_none() {
            return Ok(stop(ChangeOutcome::Cancelled, None));
        }
        let most = if run.kind() == ChangeKind::SignIn { 1 } else { MAX_ATTEMPTS };
        if run.row.attempts >= most && !armed {
            let end = ChangeOutcome::Failed { reason: ChangeReason::TimedOut };
            return Ok(stop(end, Some(SessionEnd::NodeLost)));
        }
        let now = self.now();
        let open = sessions::open(tx, run.row.credential).await?;
        if let Some(open) = open.filter(|open| open.change != Some(run.row.id)) {
            let said = format!("a session of \"{}\" is open, started by {}", run.name(), open.started_by_name);
            let (until, reason) = (now.plus(AFTER_A_SESSION), ChangeReason::SessionOpen);
            let end = if armed {
                ChangeOutcome::InDoubt { reason, retry_at: Some(until) }
            } else {
                ChangeOutcome::Postponed { until, reason }
            };
            return Ok(Some(Stop { end, said: Some(said), session: None }));
        }
        let wait = guard::wait_until(tx, &run.row, run.settings.changes_per_day, now).await?;
        let put_off = |until| ChangeOutcome::Postponed { until, reason: ChangeReason::RateLimited };
        Ok(wait.and_then(|until| stop(put_off(until), None)))
    }
}
