//! The worker's side: a change that it has taken, and every step it reports. Each function that hands out a
//! secret commits its record first, and each writes only while the worker still holds the change.

use std::time::Duration;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Challenge, ChangeId, ChangeKind, ChangeReason, ChangeState, CredentialId, ExtraField, PasswordSlot, SecondFactor,
    SessionId, SiteAnswer, SiteSettings, Timestamp, UserId, VersionId,
};
use countersign_seal::{Binding, Secret, SecretKind, Withheld};
use countersign_store::{automation, changes, changes::ChangeRow, jobs};

use crate::{Error, Vault, unit::Unit};

const LONGEST_TEXT: usize = 300;
const LARGEST_PICTURE: usize = 2 << 20;
/// A password is sent to a site so often without being taken, then no more: sites lock accounts.
pub(crate) const MAX_TRIES: i64 = 2;

/// A change that this worker has taken.
#[derive(Debug, Clone)]
pub struct ChangeRun {
    pub(crate) row: ChangeRow,
    pub(crate) worker: String,
    pub(crate) second_factor: Option<SecondFactor>,
    pub(crate) remembered: bool,
    pub(crate) session: Option<SessionId>,
    /// The account's name at the site.
    pub username: String,
    /// Any address of the site.
    pub site: String,
    /// What the owner wishes.
    pub settings: SiteSettings,
    /// How the fields looked that were used with success, as JSON.
    pub fingerprints: Option<String>,
}

/// A lease that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseStatus {
    /// Somebody called the change off.
    pub cancelled: bool,
}

impl ChangeRun {
    /// Counts another attempt. Gives what the story says.
    pub(super) fn take_up(&mut self, now: Timestamp) -> &'static str {
        self.row.attempts += 1;
        self.row.started_at = self.row.started_at.or(Some(now));
        self.row.not_before = None;
        self.row.reason = None;
        let (next, text) = if self.armed() {
            (ChangeState::InDoubt, "continuing: finding out which password is valid")
        } else if self.row.attempts > 1 {
            (ChangeState::SigningIn, "started again")
        } else {
            (ChangeState::SigningIn, "started")
        };
        self.row.state = next;
        text
    }

    /// The change.
    pub fn id(&self) -> ChangeId {
        self.row.id
    }

    /// Whose password.
    pub fn credential(&self) -> CredentialId {
        self.row.credential
    }

    /// The credential's name.
    pub fn name(&self) -> &str {
        &self.row.credential_name
    }

    /// What is done.
    pub fn kind(&self) -> ChangeKind {
        self.row.kind
    }

    /// Where it stands.
    pub fn state(&self) -> ChangeState {
        self.row.state
    }

    /// The session that this signs in for.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// Whether the new password may have reached the site.
    pub fn armed(&self) -> bool {
        self.row.armed_at.is_some()
    }

    /// What it waits for a person to do.
    pub fn challenge(&self) -> Option<Challenge> {
        match &self.row.reason {
            Some(ChangeReason::Challenge { challenge }) => Some(*challenge),
            _ => None,
        }
    }

    /// Until when it waits for a person.
    pub fn waiting_until(&self) -> Option<Timestamp> {
        self.row.waiting_until
    }

    /// How often a worker has begun with it, this time included.
    pub fn attempts(&self) -> i64 {
        self.row.attempts
    }

    /// Whether there is a browser of this credential that remembers something.
    pub fn remembers(&self) -> bool {
        self.remembered
    }

    /// Whether there is a seed that gives tokens.
    pub fn has_token(&self) -> bool {
        self.second_factor.is_some()
    }

    /// What the site answered when the new password was sent; `None`: not known.
    pub fn site_answer(&self) -> Option<&SiteAnswer> {
        self.row.site_answer.as_ref()
    }

    /// How long ago the new password was sent, or could have been.
    pub fn since_submitted(&self, now: Timestamp) -> Option<Duration> {
        self.row.submitted_at.or(self.row.armed_at).map(|at| now.since(at))
    }

    /// How often a password may still be sent at a sign-in.
    pub fn tries_left(&self, which: PasswordSlot) -> i64 {
        MAX_TRIES - self.tries(which)
    }

    pub(crate) fn tries(&self, which: PasswordSlot) -> i64 {
        match which {
            PasswordSlot::Current => self.row.current_tries,
            PasswordSlot::Candidate => self.row.candidate_tries,
        }
    }

    pub(crate) fn tries_mut(&mut self, which: PasswordSlot) -> &mut i64 {
        match which {
            PasswordSlot::Current => &mut self.row.current_tries,
            PasswordSlot::Candidate => &mut self.row.candidate_tries,
        }
    }
}

impl Vault {
    /// Keeps the change for another `lease`.
    ///
    /// # Errors
    /// [`Error::LeaseLost`]: stop at once, another worker has it.
    pub async fn renew_change(&self, run: &ChangeRun, lease: Duration) -> Result<LeaseStatus, Error> {
        let mut tx = self.unit().await?;
        let cancelled = jobs::renew(&mut tx, run.row.id, &run.worker, self.now().plus(lease)).await?;
        tx.commit_without_record("keeps a lease").await?;
        cancelled.map(|cancelled| LeaseStatus { cancelled }).ok_or(Error::LeaseLost)
    }

    /// Whether somebody has called the change off meanwhile. Moves nothing, so it may be asked often.
    pub async fn is_called_off(&self, run: &ChangeRun) -> Result<bool, Error> {
        let mut reader = self.inner.database.read().await?;
        Ok(jobs::called_off(&mut reader, run.row.id).await?)
    }

    /// Notes what happens, where the change stands now, and perhaps how the page looks: a JPEG without secrets.
    ///
    /// # Errors
    /// [`Error::LeaseLost`]; [`Error::Moved`] where the change may not go.
    pub async fn report_change(
        &self,
        run: &mut ChangeRun,
        state: ChangeState,
        text: &str,
        picture: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        if state != run.row.state || state == ChangeState::WaitingForAPerson {
            self.go(run, state)?;
        }
        if state != ChangeState::WaitingForAPerson {
            run.row.waiting_until = None;
            run.row.reason = None;
        }
        let tx = self.hold(run).await?;
        self.write(tx, run, text, picture, Vec::new()).await
    }

    /// Keeps what the site answered when the new password was sent, and when that was.
    pub async fn note_site_answer(&self, run: &mut ChangeRun, answer: &SiteAnswer) -> Result<(), Error> {
        let mut tx = self.hold(run).await?;
        let answer = match answer {
            SiteAnswer::Refused { reason } => {
                SiteAnswer::Refused { reason: self.reason_without_passwords(&mut tx, run, reason).await? }
            }
            other => other.clone(),
        };
        let mut row = run.row.clone();
        row.site_answer = Some(answer);
        row.submitted_at = row.submitted_at.or(Some(self.now()));
        changes::update(&mut tx, &row).await?;
        tx.commit_without_record("notes what a site said").await?;
        run.row = row;
        Ok(())
    }

    /// Keeps what a person has written into a line that the site asks for beside name and secrets, so that it is filled the
    /// next time. Recorded, because it changes the settings of the credential.
    pub async fn keep_extra_field(&self, run: &mut ChangeRun, field: ExtraField) -> Result<(), Error> {
        let mut settings = run.settings.clone();
        settings.extra_fields.retain(|one| (&one.html_name, &one.label) != (&field.html_name, &field.label));
        settings.extra_fields.push(field.clone());
        settings.check()?;
        let mut tx = self.hold(run).await?;
        automation::ensure(&mut tx, run.row.credential).await?;
        let mut row = automation::find(&mut tx, run.row.credential).await?;
        row.settings = settings.clone();
        automation::put_settings(&mut tx, run.row.credential, &row).await?;
        let entry = self.entry_of(run, AuditAction::AutomationEdited).with("extra_field", field.label.as_str());
        tx.record(entry);
        tx.commit().await?;
        run.settings = settings;
        Ok(())
    }

    /// The change waits for a person until then. `why`: what a person should know beside what the site asks.
    pub async fn park_change(
        &self,
        run: &mut ChangeRun,
        challenge: Challenge,
        why: Option<&str>,
        until: Timestamp,
        picture: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        self.go(run, ChangeState::WaitingForAPerson)?;
        run.row.waiting_until = Some(until);
        run.row.reason = Some(ChangeReason::Challenge { challenge });
        let mut tx = self.hold(run).await?;
        let entry = self.entry_of(run, AuditAction::ChangeWaiting).with("challenge", challenge.name());
        let text = match challenge {
            Challenge::Captcha => "needs attention: the site shows a CAPTCHA",
            Challenge::Location => "needs attention: the site asks for extra verification of this sign-in",
            Challenge::TrustBrowser => "needs attention: the site asks whether to trust this browser",
            Challenge::NewDevice => "needs attention: the site has sent a code to the account's owner",
            Challenge::Unknown => "needs attention: the page is not recognised",
        };
        let text = why.map_or_else(|| text.to_owned(), |why| format!("{text}. {why}"));
        self.tell(&mut tx, &run.row).await?;
        self.write(tx, run, &text, picture, vec![entry]).await?;
        self.wake_sender();
        Ok(())
    }

    /// What the credential's browser remembers, with how it presents itself.
    pub async fn browser_state(&self, run: &ChangeRun) -> Result<Option<(Secret, String)>, Error> {
        if !run.remembered {
            return Ok(None);
        }
        let Some(row) = automation::browser(&mut &self.inner.database, run.row.credential).await? else {
            return Ok(None);
        };
        // A state that does not open is like none: the site will ask more.
        Ok(self
            .keys()
            .open(&binding(SecretKind::BrowserState, run.row.credential, row.version), &row.sealed)
            .ok()
            .map(|state| {
                state.release_unrecorded("the worker's own browser goes on as it was; what it does is recorded")
            })
            .map(|state| (state, row.identity)))
    }

    /// Keeps what the credential's browser remembers.
    pub async fn keep_browser(&self, run: &mut ChangeRun, state: &Secret, identity: &str) -> Result<(), Error> {
        let mut tx = self.hold(run).await?;
        let version = VersionId::new(self.now(), self.chance());
        let sealed =
            self.keys().seal(&binding(SecretKind::BrowserState, run.row.credential, version), state, self.chance());
        automation::ensure(&mut tx, run.row.credential).await?;
        let row = automation::BrowserRow { version, sealed, identity: identity.to_owned() };
        automation::set_browser(&mut tx, run.row.credential, Some(&row)).await?;
        tx.commit_without_record("keeps what a browser remembers").await?;
        run.remembered = true;
        Ok(())
    }

    /// Notes the site's clock less ours.
    pub async fn note_clock(&self, run: &ChangeRun, offset_seconds: i64) -> Result<(), Error> {
        let mut tx = self.hold(run).await?;
        automation::ensure(&mut tx, run.row.credential).await?;
        automation::set_clock(&mut tx, run.row.credential, offset_seconds, self.now()).await?;
        tx.commit_without_record("notes a clock").await
    }

    /// Notes how the fields looked that were used with success, as JSON, and what has moved since.
    pub async fn note_learnt(&self, run: &ChangeRun, fingerprints: &str, moved: &[String]) -> Result<(), Error> {
        let mut tx = self.hold(run).await?;
        automation::ensure(&mut tx, run.row.credential).await?;
        // Names of fields are the page's own words.
        let fingerprints = self.without_passwords(&mut tx, run, fingerprints).await?;
        let mut lines = Vec::with_capacity(moved.len());
        for line in moved {
            lines.push(self.without_passwords(&mut tx, run, line).await?);
        }
        automation::set_learnt(&mut tx, run.row.credential, &fingerprints, &lines).await?;
        tx.commit_without_record("notes how fields look").await
    }

    /// A transaction, when this worker still has the change.
    pub(crate) async fn hold(&self, run: &ChangeRun) -> Result<Unit, Error> {
        Ok(self.hold_or_cancelled(run).await?.0)
    }

    pub(crate) async fn hold_or_cancelled(&self, run: &ChangeRun) -> Result<(Unit, bool), Error> {
        let mut tx = self.unit().await?;
        let held = jobs::held(&mut tx, run.row.id, &run.worker).await?;
        held.map(|cancelled| (tx, cancelled)).ok_or(Error::LeaseLost)
    }

    fn go(&self, run: &mut ChangeRun, next: ChangeState) -> Result<(), Error> {
        if !run.row.state.can_transition_to(run.row.kind, next, run.armed()) {
            tracing::error!(from = run.row.state.name(), to = next.name(), "a change may not go this way");
            return Err(Error::Moved);
        }
        run.row.state = next;
        Ok(())
    }

    /// Writes the change, a line of what happened, and records; commits.
    pub(crate) async fn write(
        &self,
        mut tx: Unit,
        run: &ChangeRun,
        text: &str,
        picture: Option<Vec<u8>>,
        entries: Vec<AuditEntry>,
    ) -> Result<(), Error> {
        changes::update(&mut tx, &run.row).await?;
        let text = self.without_passwords(&mut tx, run, text).await?;
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let picture = picture.filter(|bytes| bytes.len() <= LARGEST_PICTURE).map(|bytes| {
            let version = VersionId::new(self.now(), self.chance());
            let binding = Binding::of(SecretKind::Screenshot, run.row.id.uuid(), version.uuid());
            (version, self.keys().seal(&binding, &Secret::from(bytes), self.chance()))
        });
        let picture = picture.as_ref().map(|(version, sealed)| (*version, sealed));
        changes::add_event(&mut tx, run.row.id, self.now(), run.row.state, &text, picture).await?;
        tx.record_all(entries);
        tx.commit_recorded_or("the story of a change tells it").await
    }

    pub(crate) fn entry_of(&self, run: &ChangeRun, act: AuditAction) -> AuditEntry {
        AuditEntry::new(self.now(), ActorRef::system(), act)
            .on(ObjectKind::Credential, run.row.credential.uuid(), run.row.credential_name.as_str())
            .with("change", run.row.id.to_string())
            .with("asked_by", run.row.asked_by.as_str())
    }

    /// How a page looked. `about`: what the record will be about that lets it out.
    pub(crate) fn open_picture(
        &self,
        change: ChangeId,
        version: VersionId,
        sealed: &countersign_seal::Sealed,
        about: CredentialId,
    ) -> Result<Withheld, Error> {
        let binding = Binding::of(SecretKind::Screenshot, change.uuid(), version.uuid());
        Ok(self.keys().open(&binding, sealed)?.owned_by(about.uuid().into_bytes()))
    }
}

pub(crate) fn nobody() -> UserId {
    UserId::from_uuid(uuid::Uuid::nil())
}

pub(crate) fn binding(kind: SecretKind, credential: CredentialId, version: VersionId) -> Binding {
    Binding::of(kind, credential.uuid(), version.uuid())
}
