//! How a change ends, or is put down for a while.

use std::time::Duration;

use countersign_audit::AuditAction;
use countersign_model::{ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CredentialId, Timestamp, VersionState};
use countersign_store::{
    automation::{self, Heartbeat},
    changes::{ChangeRow, runs},
    credentials, jobs, secrets, vault as vault_row,
};

use super::run::ChangeRun;
use crate::{
    Error, Object, RunError, Vault,
    changes::{due, spread},
    unit::Unit,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SOON: Duration = Duration::from_secs(2 * 60);

/// What became of a change, as far as this worker is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeOutcome {
    /// A fresh sign-in has proven the new password.
    Changed,
    /// The rehearsal or heartbeat went well.
    Passed,
    /// The password is unchanged: nothing was sent, or a fresh sign-in with the old one has proven it.
    Failed {
        /// Why.
        reason: ChangeReason,
    },
    /// Which password holds could not be found out. Both stay.
    InDoubt {
        /// What stood in the way.
        reason: ChangeReason,
        /// When to try again; `None` when only a person can help.
        retry_at: Option<Timestamp>,
    },
    /// To be begun again later; nothing was sent that could have changed the password.
    Postponed {
        /// When.
        until: Timestamp,
        /// Why.
        reason: ChangeReason,
    },
    /// Called off before anything was changed.
    Cancelled,
}

impl ChangeOutcome {
    /// The state that a change is in then, what is recorded, and what its story says.
    const fn told(&self, kind: ChangeKind, armed: bool) -> (ChangeState, AuditAction, &'static str) {
        match self {
            Self::Changed => (ChangeState::Changed, AuditAction::ChangeDone, "changed and verified by a new sign-in"),
            Self::Passed => {
                let text = match kind {
                    ChangeKind::Heartbeat => "signed in: no relevant site changes",
                    ChangeKind::SignIn => "signed in for a session",
                    _ => "test run passed: the form was found and left empty",
                };
                (ChangeState::Passed, AuditAction::ChangePassed, text)
            }
            Self::Failed { .. } if armed => {
                (ChangeState::Failed, AuditAction::ChangeFailed, "failed: a new sign-in has verified the old password")
            }
            Self::Failed { .. } => (ChangeState::Failed, AuditAction::ChangeFailed, "failed: nothing was changed"),
            Self::InDoubt { .. } => {
                (ChangeState::InDoubt, AuditAction::ChangeInDoubt, "unverified: both passwords are kept")
            }
            Self::Postponed { .. } => (ChangeState::Postponed, AuditAction::ChangePostponed, "postponed"),
            Self::Cancelled => (ChangeState::Cancelled, AuditAction::ChangeCancelled, "cancelled"),
        }
    }

    fn reason(&self) -> Option<ChangeReason> {
        match self {
            Self::Changed | Self::Passed => None,
            Self::Cancelled => Some(ChangeReason::Cancelled),
            Self::Failed { reason } | Self::InDoubt { reason, .. } | Self::Postponed { reason, .. } => {
                Some(reason.clone())
            }
        }
    }

    /// When it is to be begun again.
    const fn again_at(&self) -> Option<Timestamp> {
        match self {
            Self::Postponed { until, .. } => Some(*until),
            Self::InDoubt { retry_at, .. } => *retry_at,
            _ => None,
        }
    }
}

/// An end that could not be written.
#[derive(Debug)]
pub struct NotEnded {
    /// The change, which goes on.
    pub run: ChangeRun,
    /// Why.
    pub error: RunError,
}

impl ChangeRun {
    /// Ends a change, or puts it down. What it says is committed together with its record, and with the promotion of the
    /// new password.
    ///
    /// # Errors
    /// [`NotEnded`], which gives the change back: the end may be tried again, unless the lease is lost.
    pub async fn end(mut self, end: ChangeOutcome) -> Result<ChangeState, Box<NotEnded>> {
        let written = match self.hold().await {
            Ok(tx) => self.end_in(tx, end).await.map_err(RunError::from),
            Err(error) => Err(error),
        };
        match written {
            Ok(()) => Ok(self.row.state),
            Err(error) => Err(Box::new(NotEnded { run: self, error })),
        }
    }

    pub(crate) async fn end_in(&mut self, mut tx: Unit, end: ChangeOutcome) -> Result<(), Error> {
        let (state, act, text) = end.told(self.row.kind, self.armed());
        if !self.row.state.can_transition_to(self.row.kind, state, self.armed()) {
            tracing::error!(from = self.row.state.name(), to = state.name(), "a change may not end this way");
            return Err(Error::Internal("a change ended as none may end"));
        }
        let end = self.reasons_without_passwords(&mut tx, end).await?;
        let before = self.row.clone();
        let written = match self.put_down(&mut tx, state, &end).await {
            Ok(()) => {
                let entry = self.entry_of(act);
                let entry = match &self.row.reason {
                    Some(reason) => entry.with("reason", reason.code()),
                    None => entry,
                };
                self.write(tx, text, None, vec![entry]).await
            }
            Err(error) => Err(error),
        };
        if written.is_err() {
            self.row = before;
        } else {
            self.vault.wake_sender();
        }
        written
    }

    /// The end, with a reason in which no password stands, should a site have repeated one.
    async fn reasons_without_passwords(&self, tx: &mut Unit, mut end: ChangeOutcome) -> Result<ChangeOutcome, Error> {
        if let ChangeOutcome::Failed { reason } | ChangeOutcome::InDoubt { reason, .. } = &mut end {
            *reason = self.reason_without_passwords(tx, reason).await?;
        }
        Ok(end)
    }

    /// Writes the end into the change, its job, its credential, and tells whoever is to be told.
    async fn put_down(&mut self, tx: &mut Unit, state: ChangeState, end: &ChangeOutcome) -> Result<(), Error> {
        let now = self.vault.now();
        self.row.state = state;
        self.row.waiting_until = None;
        self.row.ended_at = state.is_end().then_some(now);
        self.row.reason = end.reason();
        self.row.not_before = end.again_at();
        match self.row.not_before {
            Some(at) => jobs::release(tx, self.row.id, &self.worker, at).await?,
            None => jobs::delete(tx, self.row.id).await?,
        }
        self.settle(tx, end).await?;
        if is_told(end, now) {
            self.tell(tx).await?;
        }
        Ok(())
    }

    /// What follows from an end for the credential.
    async fn settle(&self, tx: &mut Unit, end: &ChangeOutcome) -> Result<(), Error> {
        let credential = self.row.credential;
        match (end, self.row.candidate) {
            (ChangeOutcome::Changed, Some(candidate)) => {
                self.vault.promote(tx, credential, candidate).await?;
                secrets::prove(tx, credential, Some(candidate), self.vault.now(), self.row.id).await?;
            }
            (ChangeOutcome::Failed { .. } | ChangeOutcome::Cancelled, Some(candidate)) => {
                secrets::set_state(tx, credential, candidate, VersionState::Unused).await?;
            }
            _ => {}
        }
        if matches!(end, ChangeOutcome::Changed | ChangeOutcome::Passed) {
            self.vault.rehearsed(tx, &self.row).await?;
        }
        if self.row.ended_at.is_some() {
            self.vault.schedule_next(tx, &self.row).await?;
        }
        Ok(())
    }
}

impl Vault {
    /// Makes the candidate the current password.
    pub(crate) async fn promote(
        &self,
        tx: &mut Unit,
        credential: CredentialId,
        candidate: countersign_model::VersionId,
    ) -> Result<(), Error> {
        // The credential first: it keeps an edit of the password, under way elsewhere, from making a second current one.
        if !credentials::password_changed(tx, credential, self.now()).await? {
            return Err(Error::NotFound(Object::Credential));
        }
        secrets::promote(tx, credential, candidate).await?;
        Ok(vault_row::bump(tx).await?)
    }

    /// When the password, or the look at the site, comes next, now that `row` has ended.
    pub(crate) async fn schedule_next(&self, tx: &mut Unit, row: &ChangeRow) -> Result<(), Error> {
        let now = self.now();
        let credential = row.credential;
        let known = automation::find(tx, credential).await?;
        let spread = spread(credential);
        if row.kind == ChangeKind::Heartbeat {
            automation::ensure(tx, credential).await?;
            let text = row.reason.as_ref().map_or_else(|| "Sign-in works.".to_owned(), ToString::to_string);
            let passed = row.state == ChangeState::Passed;
            let beat = Heartbeat { at: now.micros(), passed, text };
            automation::set_heartbeat(tx, credential, &beat).await?;
            let next = known.settings.heartbeat.then(|| now.plus(DAY));
            return Ok(automation::schedule_heartbeat(tx, credential, next).await?);
        }
        if row.kind != ChangeKind::Change {
            return Ok(());
        }
        let next = if row.state == ChangeState::Changed {
            due(&known.settings, now, spread)
        } else if row.because == ChangeTrigger::Person {
            return Ok(());
        } else {
            // What a policy asked for is asked for again, on another day, unless something is planned before.
            let again = (known.settings.policy.fit(now.plus(DAY), spread), row.because);
            Some(known.next_change.filter(|(planned, _)| *planned < again.0).unwrap_or(again))
        };
        Ok(automation::schedule(tx, credential, next).await?)
    }
}

/// Whether people are told of an end now: a doubt that is looked into again at once may be none a minute later.
fn is_told(end: &ChangeOutcome, now: Timestamp) -> bool {
    !matches!(end, ChangeOutcome::InDoubt { retry_at: Some(at), .. } if *at < now.plus(SOON))
}

/// Records and writes for a change that no worker has.
impl Vault {
    pub(crate) async fn end_idle(
        &self,
        tx: &mut Unit,
        row: &ChangeRow,
        text: &str,
        entry: countersign_audit::AuditEntry,
    ) -> Result<(), Error> {
        runs::update(tx, row).await?;
        runs::add_event(tx, row.id, self.now(), row.state, text, None).await?;
        tx.record(entry);
        Ok(())
    }
}
