//! The worker's side: a change that it has taken, and every step it reports. Each function that hands out a
//! secret commits its record first, and each writes only while the worker still holds the change.

use std::{fmt, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Challenge, ChangeId, ChangeKind, ChangeReason, ChangeState, CredentialId, ExtraField, PasswordSlot, SecondFactor,
    SessionId, SiteAnswer, SiteSettings, Timestamp, VersionId,
};
use countersign_seal::{Binding, Secret, SecretKind, Withheld};
use countersign_store::{
    automation,
    changes::{ChangeRow, runs},
    jobs,
};

use crate::{Error, RunError, Vault, unit::Unit};

const LONGEST_TEXT: usize = 300;
const LARGEST_PICTURE: usize = 2 << 20;
/// A password is sent to a site so often without being taken, then no more: sites lock accounts.
pub(crate) const MAX_TRIES: i64 = 2;

/// A change that this worker has taken for a lease. Only a claim gives one, and [`ChangeRun::end`] takes it.
pub struct ChangeRun {
    pub(super) vault: Vault,
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
    /// Where pages of the site were found in earlier runs, as JSON.
    pub pages: Option<String>,
}

impl fmt::Debug for ChangeRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = &self.row;
        f.debug_struct("ChangeRun").field("id", &row.id).field("kind", &row.kind).field("state", &row.state).finish()
    }
}

/// The lease of a [`ChangeRun`], to be renewed beside the work on it.
pub struct ChangeLease {
    vault: Vault,
    change: ChangeId,
    worker: String,
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
}

impl ChangeLease {
    /// Keeps the change for another `lease`.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`]: stop at once, another worker has it.
    pub async fn renew(&self, lease: Duration) -> Result<LeaseStatus, RunError> {
        let mut tx = self.vault.unit().await?;
        let cancelled = jobs::renew(&mut tx, self.change, &self.worker, self.vault.now().plus(lease)).await?;
        tx.commit_without_record("keeps a lease").await?;
        cancelled.map(|cancelled| LeaseStatus { cancelled }).ok_or(RunError::LeaseLost)
    }

    /// Whether somebody has called the change off meanwhile. Moves nothing, so it may be asked often.
    pub async fn is_called_off(&self) -> Result<bool, RunError> {
        let mut reader = self.vault.inner.database.read().await?;
        Ok(jobs::called_off(&mut reader, self.change).await?)
    }
}

impl ChangeRun {
    /// What keeps the change with this worker while it is worked on.
    pub fn lease(&self) -> ChangeLease {
        ChangeLease { vault: self.vault.clone(), change: self.row.id, worker: self.worker.clone() }
    }

    /// Notes what happens, where the change stands now, and perhaps how the page looks: a JPEG without secrets.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`]; [`Error::Internal`] where the change may not go.
    pub async fn report(&mut self, state: ChangeState, text: &str, picture: Option<Vec<u8>>) -> Result<(), RunError> {
        if state != self.row.state || state == ChangeState::WaitingForAPerson {
            self.go(state)?;
        }
        if state != ChangeState::WaitingForAPerson {
            self.row.waiting_until = None;
            self.row.reason = None;
        }
        let tx = self.hold().await?;
        Ok(self.write(tx, text, picture, Vec::new()).await?)
    }

    /// Keeps what the site answered when the new password was sent, and when that was.
    pub async fn note_site_answer(&mut self, answer: &SiteAnswer) -> Result<(), RunError> {
        let mut tx = self.hold().await?;
        let answer = match answer {
            SiteAnswer::Refused { reason } => {
                SiteAnswer::Refused { reason: self.reason_without_passwords(&mut tx, reason).await? }
            }
            other => other.clone(),
        };
        let mut row = self.row.clone();
        row.site_answer = Some(answer);
        row.submitted_at = row.submitted_at.or(Some(self.vault.now()));
        runs::update(&mut tx, &row).await?;
        tx.commit_without_record("notes what a site said").await?;
        self.row = row;
        Ok(())
    }

    /// Keeps what a person has written into a line that the site asks for beside name and secrets, so that it is filled the
    /// next time. Recorded, because it changes the settings of the credential.
    pub async fn keep_extra_field(&mut self, field: ExtraField) -> Result<(), RunError> {
        let mut settings = self.settings.clone();
        settings.extra_fields.retain(|one| (&one.html_name, &one.label) != (&field.html_name, &field.label));
        settings.extra_fields.push(field.clone());
        settings.check().map_err(Error::from)?;
        let mut tx = self.hold().await?;
        automation::ensure(&mut tx, self.row.credential).await?;
        let mut row = automation::find(&mut tx, self.row.credential).await?;
        row.settings = settings.clone();
        automation::put_settings(&mut tx, self.row.credential, &row).await?;
        let entry = self.entry_of(AuditAction::AutomationEdited).with("extra_field", field.label.as_str());
        tx.record(entry);
        tx.commit().await?;
        self.settings = settings;
        Ok(())
    }

    /// The change waits for a person until then. `why`: what a person should know beside what the site asks.
    pub async fn park(
        &mut self,
        challenge: Challenge,
        why: Option<&str>,
        until: Timestamp,
        picture: Option<Vec<u8>>,
    ) -> Result<(), RunError> {
        self.go(ChangeState::WaitingForAPerson)?;
        self.row.waiting_until = Some(until);
        self.row.reason = Some(ChangeReason::Challenge { challenge });
        let mut tx = self.hold().await?;
        let entry = self.entry_of(AuditAction::ChangeWaiting).with("challenge", challenge.name());
        let text = match challenge {
            Challenge::Captcha => "needs attention: the site shows a CAPTCHA",
            Challenge::Location => "needs attention: the site asks for extra verification of this sign-in",
            Challenge::TrustBrowser => "needs attention: the site asks whether to trust this browser",
            Challenge::NewDevice => "needs attention: the site has sent a code to the account's owner",
            Challenge::Unknown => "needs attention: the page is not recognised",
        };
        let text = why.map_or_else(|| text.to_owned(), |why| format!("{text}. {why}"));
        self.tell(&mut tx).await?;
        self.write(tx, &text, picture, vec![entry]).await?;
        self.vault.wake_sender();
        Ok(())
    }

    /// Tells people where the change stands. Signing in for a session is seen there, by whoever asked for it.
    pub(super) async fn tell(&self, tx: &mut Unit) -> Result<(), Error> {
        if self.kind() == ChangeKind::SignIn { Ok(()) } else { self.vault.tell(tx, &self.row).await }
    }

    /// What the credential's browser remembers, with how it presents itself.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`].
    pub async fn browser_state(&self) -> Result<Option<(Secret, String)>, RunError> {
        if !self.remembered {
            return Ok(None);
        }
        let mut tx = self.hold().await?;
        let Some(row) = automation::browser(&mut tx, self.row.credential).await? else {
            return Ok(None);
        };
        // A state that does not open is like none: the site will ask more.
        Ok(self
            .vault
            .keys()
            .open(&binding(SecretKind::BrowserState, self.row.credential, row.version), &row.sealed)
            .ok()
            .map(|state| {
                state.release_unrecorded("the worker's own browser goes on as it was; what it does is recorded")
            })
            .map(|state| (state, row.identity)))
    }

    /// Keeps what the credential's browser remembers.
    pub async fn keep_browser(&mut self, state: &Secret, identity: &str) -> Result<(), RunError> {
        let mut tx = self.hold().await?;
        let version = VersionId::new(self.vault.now(), self.vault.chance());
        let sealed = self.vault.keys().seal(
            &binding(SecretKind::BrowserState, self.row.credential, version),
            state,
            self.vault.chance(),
        );
        automation::ensure(&mut tx, self.row.credential).await?;
        let row = automation::BrowserRow { version, sealed, identity: identity.to_owned() };
        automation::set_browser(&mut tx, self.row.credential, Some(&row)).await?;
        tx.commit_without_record("keeps what a browser remembers").await?;
        self.remembered = true;
        Ok(())
    }

    /// Notes the site's clock less ours.
    pub async fn note_clock(&self, offset_seconds: i64) -> Result<(), RunError> {
        let mut tx = self.hold().await?;
        automation::ensure(&mut tx, self.row.credential).await?;
        automation::set_clock(&mut tx, self.row.credential, offset_seconds, self.vault.now()).await?;
        Ok(tx.commit_without_record("notes a clock").await?)
    }

    /// Notes how the fields looked that were used with success, as JSON, and what has moved since.
    pub async fn note_learnt(&self, fingerprints: &str, moved: &[String]) -> Result<(), RunError> {
        let mut tx = self.hold().await?;
        automation::ensure(&mut tx, self.row.credential).await?;
        // Names of fields are the page's own words.
        let fingerprints = self.without_passwords(&mut tx, fingerprints).await?;
        let mut lines = Vec::with_capacity(moved.len());
        for line in moved {
            lines.push(self.without_passwords(&mut tx, line).await?);
        }
        automation::set_learnt(&mut tx, self.row.credential, &fingerprints, &lines).await?;
        Ok(tx.commit_without_record("notes how fields look").await?)
    }

    /// Keeps where pages of the site were found, as JSON, or forgets it.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`].
    pub async fn note_pages(&self, pages: Option<&str>) -> Result<(), RunError> {
        let mut tx = self.hold().await?;
        automation::ensure(&mut tx, self.row.credential).await?;
        let pages = match pages {
            Some(pages) => Some(self.without_passwords(&mut tx, pages).await?),
            None => None,
        };
        automation::set_pages(&mut tx, self.row.credential, pages.as_deref()).await?;
        Ok(tx.commit_without_record("notes where pages are").await?)
    }

    /// A transaction, when this worker still has the change.
    pub(crate) async fn hold(&self) -> Result<Unit, RunError> {
        Ok(self.hold_or_cancelled().await?.0)
    }

    pub(crate) async fn hold_or_cancelled(&self) -> Result<(Unit, bool), RunError> {
        let mut tx = self.vault.unit().await?;
        let held = jobs::held(&mut tx, self.row.id, &self.worker).await?;
        held.map(|cancelled| (tx, cancelled)).ok_or(RunError::LeaseLost)
    }

    fn go(&mut self, next: ChangeState) -> Result<(), Error> {
        if !self.row.state.can_transition_to(self.row.kind, next, self.armed()) {
            tracing::error!(from = self.row.state.name(), to = next.name(), "a change may not go this way");
            return Err(Error::Internal("a change went where none may go"));
        }
        self.row.state = next;
        Ok(())
    }

    /// Writes the change, a line of what happened, and records; commits.
    pub(crate) async fn write(
        &self,
        mut tx: Unit,
        text: &str,
        picture: Option<Vec<u8>>,
        entries: Vec<AuditEntry>,
    ) -> Result<(), Error> {
        self.write_in(&mut tx, text, picture).await?;
        tx.record_all(entries);
        tx.commit_recorded_or("the story of a change tells it").await
    }

    /// Writes the change and a line of what happened.
    pub(crate) async fn write_in(&self, tx: &mut Unit, text: &str, picture: Option<Vec<u8>>) -> Result<(), Error> {
        runs::update(tx, &self.row).await?;
        let text = self.without_passwords(tx, text).await?;
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let picture = picture.filter(|bytes| bytes.len() <= LARGEST_PICTURE).map(|bytes| {
            let version = VersionId::new(self.vault.now(), self.vault.chance());
            let binding = Binding::of(SecretKind::Screenshot, self.row.id.uuid(), version.uuid());
            (version, self.vault.keys().seal(&binding, &Secret::from(bytes), self.vault.chance()))
        });
        let picture = picture.as_ref().map(|(version, sealed)| (*version, sealed));
        runs::add_event(tx, self.row.id, self.vault.now(), self.row.state, &text, picture).await?;
        Ok(())
    }

    pub(crate) fn entry_of(&self, act: AuditAction) -> AuditEntry {
        AuditEntry::new(self.vault.now(), ActorRef::system(), act)
            .on(ObjectKind::Credential, self.row.credential.uuid(), self.row.credential_name.as_str())
            .with("change", self.row.id.to_string())
            .with("asked_by", self.row.asked_by.as_str())
    }
}

impl Vault {
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

pub(crate) fn binding(kind: SecretKind, credential: CredentialId, version: VersionId) -> Binding {
    Binding::of(kind, credential.uuid(), version.uuid())
}
