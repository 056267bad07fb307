//! The worker's side: taking a change, the secrets it types, and every step it reports. Each function that hands out a
//! secret commits its record first, and each writes only while the worker still holds the change.

use std::time::Duration;

use countersign_audit::{Act as AuditAct, ActorRef, Entry, ObjectKind};
use countersign_model::{
    Challenge, ChangeId, ChangeKind, ChangeReason, ChangeState, CredentialId, CredentialStatus, SecondFactor,
    SecondFactorKind, SiteSettings, Timestamp, UserId, VersionId,
};
use countersign_otp::{OtpSecret, TokenText};
use countersign_recipe::{PasswordRules, generate};
use countersign_seal::{Binding, NotOpened, Secret};
use countersign_store::{
    audit, automation, changes,
    changes::ChangeRow,
    credentials,
    engine::Transaction,
    jobs, secrets,
    secrets::NewVersion,
    steps::{self, StepUse},
};

use super::{end::End, guard};
use crate::{Error, Vault, edit::PASSWORD, token::SEED};

/// How the worker appears in the log and beside a token that it took.
pub(crate) const WORKER: &str = "Countersign, changing the password";
const PICTURE: &str = "change_picture";
const BROWSER: &str = "browser_state";

const LONGEST_TEXT: usize = 300;
const LARGEST_PICTURE: usize = 2 << 20;
const MOST_ATTEMPTS: i64 = 5;
/// A password is sent to a site so often without being taken, then no more: sites lock accounts.
const MOST_TRIES: i64 = 2;
/// Two draws of the same long password are a broken source of chance; short rules are used up sooner.
const MOST_DRAWS: u32 = 100;

/// Which of a change's two passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// The one that is current in the vault.
    Current,
    /// The new one.
    Candidate,
}

/// A change that this worker has taken.
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) row: ChangeRow,
    pub(crate) worker: String,
    pub(crate) second_factor: Option<SecondFactor>,
    pub(crate) remembered: bool,
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
pub struct Held {
    /// Somebody called the change off.
    pub cancelled: bool,
}

impl Run {
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

    /// Whether there is a seed that gives tokens.
    pub fn has_token(&self) -> bool {
        self.second_factor.is_some()
    }

    /// How often a password may still be sent at a sign-in.
    pub fn tries_left(&self, which: Which) -> i64 {
        MOST_TRIES - self.tries(which)
    }

    pub(crate) fn tries(&self, which: Which) -> i64 {
        match which {
            Which::Current => self.row.current_tries,
            Which::Candidate => self.row.candidate_tries,
        }
    }

    fn tries_mut(&mut self, which: Which) -> &mut i64 {
        match which {
            Which::Current => &mut self.row.current_tries,
            Which::Candidate => &mut self.row.candidate_tries,
        }
    }
}

impl Vault {
    /// Takes the change that waits longest, for `lease`; `None` when there is nothing to do.
    pub async fn claim_change(&self, worker: &str, lease: Duration) -> Result<Option<Run>, Error> {
        loop {
            let now = self.now();
            let mut tx = self.inner.database.write().await?;
            let Some(id) = jobs::claim(&mut tx, worker, now, lease).await? else { return Ok(None) };
            let Some(row) = changes::find(&mut tx, id).await?.filter(|row| row.ended_at.is_none()) else {
                jobs::delete(&mut tx, id).await?;
                tx.commit().await?;
                continue;
            };
            if let Some(run) = self.begin(tx, row, worker).await? {
                return Ok(Some(run));
            }
        }
    }

    /// `None`: it was settled at once, and the next may be taken.
    async fn begin(&self, mut tx: Transaction, row: ChangeRow, worker: &str) -> Result<Option<Run>, Error> {
        let now = self.now();
        let cancelled = jobs::held(&mut tx, row.id, worker).await?.unwrap_or(false);
        let credential = credentials::find(&mut tx, row.credential, nobody()).await?;
        let credential = credential.ok_or(Error::NotFound("credential"))?;
        let automation = automation::find(&mut tx, row.credential).await?;
        let mut run = Run {
            worker: worker.to_owned(),
            username: credential.username.to_string(),
            site: credential.site.as_ref().map(ToString::to_string).unwrap_or_default(),
            second_factor: credential.second_factor,
            remembered: automation.remembered,
            settings: automation.settings,
            fingerprints: automation.fingerprints,
            row,
        };
        run.row.waiting_until = None;
        let armed = run.armed();
        if cancelled && !armed {
            self.end_in(tx, &mut run, End::Cancelled).await?;
            return Ok(None);
        }
        let usable = credential.status == CredentialStatus::Active && credential.has_password && !run.site.is_empty();
        if !usable && !armed {
            self.end_in(tx, &mut run, End::Cancelled).await?;
            return Ok(None);
        }
        if run.row.attempts >= MOST_ATTEMPTS && !armed {
            self.end_in(tx, &mut run, End::Failed { reason: ChangeReason::TimedOut }).await?;
            return Ok(None);
        }
        if let Some(until) = guard::wait_until(&mut tx, &run.row, run.settings.changes_per_day, now).await? {
            self.end_in(tx, &mut run, End::Postponed { until, reason: ChangeReason::RateLimited }).await?;
            return Ok(None);
        }
        run.row.attempts += 1;
        run.row.started_at = run.row.started_at.or(Some(now));
        run.row.not_before = None;
        run.row.reason = None;
        let (next, text) = if armed {
            (ChangeState::InDoubt, "taking it up again: finding out which password holds")
        } else if run.row.attempts > 1 {
            (ChangeState::SigningIn, "beginning again")
        } else {
            (ChangeState::SigningIn, "beginning")
        };
        if run.row.state != next {
            run.row.state = next;
        }
        let entry = self.entry_of(&run, AuditAct::ChangeStarted).with("attempt", run.row.attempts);
        self.write(tx, &run, text, None, vec![entry]).await?;
        Ok(Some(run))
    }

    /// Keeps the change for another `lease`.
    ///
    /// # Errors
    /// [`Error::LeaseLost`]: stop at once, another worker has it.
    pub async fn renew_change(&self, run: &Run, lease: Duration) -> Result<Held, Error> {
        let mut tx = self.inner.database.write().await?;
        let cancelled = jobs::renew(&mut tx, run.row.id, &run.worker, self.now().plus(lease)).await?;
        tx.commit().await?;
        cancelled.map(|cancelled| Held { cancelled }).ok_or(Error::LeaseLost)
    }

    /// Notes what happens, where the change stands now, and perhaps how the page looks: a JPEG without secrets.
    ///
    /// # Errors
    /// [`Error::LeaseLost`]; [`Error::Moved`] where the change may not go.
    pub async fn report_change(
        &self,
        run: &mut Run,
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

    /// The change waits for a person until then.
    pub async fn park_change(
        &self,
        run: &mut Run,
        challenge: Challenge,
        until: Timestamp,
        picture: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        self.go(run, ChangeState::WaitingForAPerson)?;
        run.row.waiting_until = Some(until);
        run.row.reason = Some(ChangeReason::Challenge { challenge });
        let tx = self.hold(run).await?;
        let entry = self.entry_of(run, AuditAct::ChangeWaiting).with("challenge", challenge.name());
        let text = match challenge {
            Challenge::Captcha => "waiting for a person: the site asks for proof that one is human",
            Challenge::Location => "waiting for a person: the site asks whether this sign-in is yours",
            Challenge::TrustBrowser => "waiting for a person: the site asks whether to trust this browser",
            Challenge::NewDevice => "waiting for a person: the site has sent a code to the account's owner",
            Challenge::Unknown => "waiting for a person: the page cannot be read with certainty",
        };
        self.write(tx, run, text, picture, vec![entry]).await
    }

    /// A password to type at the site, recorded. `signing_in`: it counts as a try until the site has taken it.
    ///
    /// # Errors
    /// [`Error::TriesSpent`] when it was sent twice and not taken; [`Error::AuditUnavailable`]: nothing left.
    pub async fn use_password(&self, run: &mut Run, which: Which, signing_in: bool) -> Result<Secret, Error> {
        let mut tx = self.hold(run).await?;
        if signing_in && run.tries_left(which) <= 0 {
            return Err(Error::TriesSpent);
        }
        let version = match which {
            Which::Current => secrets::password(&mut tx, run.row.credential, None).await?,
            Which::Candidate => match run.row.candidate {
                Some(id) => secrets::version_by_id(&mut tx, run.row.credential, id).await?,
                None => None,
            },
        };
        let version = version.ok_or(Error::Empty("password"))?;
        let password = self.inner.key.open(&binding(PASSWORD, run.row.credential, version.id), &version.sealed)?;
        let mut counted = run.clone();
        if signing_in {
            *counted.tries_mut(which) += 1;
        }
        changes::update(&mut tx, &counted.row).await?;
        let entry = self.entry_of(run, AuditAct::ChangePasswordUsed).with("version", version.number);
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        // A password that did not leave is no try.
        run.row = counted.row;
        Ok(password)
    }

    /// The site has taken a password: its tries begin anew.
    pub async fn password_taken(&self, run: &mut Run, which: Which) -> Result<(), Error> {
        if run.tries(which) == 0 {
            return Ok(());
        }
        *run.tries_mut(which) = 0;
        let mut tx = self.hold(run).await?;
        changes::update(&mut tx, &run.row).await?;
        Ok(tx.commit().await?)
    }

    /// A token of a step that nobody has taken, claimed and recorded. `offset_seconds` is the site's clock less ours.
    ///
    /// # Errors
    /// [`Error::StepTaken`] with how long to wait; [`Error::Empty`] without a seed.
    pub async fn use_token(&self, run: &Run, offset_seconds: i64) -> Result<TokenText, Error> {
        let mut tx = self.hold(run).await?;
        let row = secrets::seed(&mut tx, run.row.credential).await?.ok_or(Error::Empty("seed"))?;
        let bytes = self.inner.key.open(&binding(SEED, run.row.credential, row.version), &row.sealed)?;
        let secret = OtpSecret::from_sealed_bytes(&bytes).map_err(|_| Error::Damaged(NotOpened))?;
        if secret.second_factor().kind == SecondFactorKind::Hotp {
            let counter = secrets::next_counter(&mut tx, run.row.credential, row.version).await?;
            let counter = counter.and_then(|counter| u64::try_from(counter).ok()).ok_or(Error::Empty("seed"))?;
            let token = secret.hotp(counter).ok_or(Error::Empty("token by counter"))?;
            let entry = self.entry_of(run, AuditAct::TokenClaimed);
            let entry = entry.with("counter", i64::try_from(counter).unwrap_or(i64::MAX));
            audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
            tx.commit().await.map_err(Error::of_record)?;
            return Ok(token);
        }
        let now = self.now();
        let there = now.seconds().saturating_add(offset_seconds);
        let token = secret.token_at(u64::try_from(there).unwrap_or(0)).ok_or(Error::Empty("token by time"))?;
        let ends = i64::try_from(token.ends_at).unwrap_or(i64::MAX).saturating_sub(offset_seconds);
        let left = Timestamp::from_seconds(ends).since(now);
        let whole = Duration::from_secs(token.ends_at.saturating_sub(token.begins_at));
        if left < (whole / 3).min(Duration::from_secs(10)) {
            return Err(Error::StepTaken { wait: left });
        }
        let step = i64::try_from(token.step).unwrap_or(i64::MAX);
        let used = StepUse {
            credential: run.row.credential,
            step,
            person: self.worker_id(),
            name: WORKER.to_owned(),
            machine: true,
            at: now,
        };
        if !steps::claim(&mut tx, &used).await? {
            return Err(Error::StepTaken { wait: left });
        }
        let entry = self.entry_of(run, AuditAct::TokenClaimed).with("step", step);
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        self.inner.steps.note([used]);
        Ok(token.text)
    }

    /// The new password, sealed and committed before it is given: from here on it may hold. Asked for again, it gives
    /// the same one, unless the field turns out to be shorter than it.
    ///
    /// # Errors
    /// [`Error::NoPassword`] when the rules leave none; [`Error::CalledOff`] when somebody has called the change off: it has
    /// ended then. [`Error::Moved`] for a rehearsal or heartbeat.
    pub async fn new_password(
        &self,
        run: &mut Run,
        rules: Option<&PasswordRules>,
        field_length: Option<u32>,
    ) -> Result<Secret, Error> {
        if run.armed() {
            let password = self.use_password(run, Which::Candidate, false).await?;
            if field_length.is_none_or(|most| password.len() <= most as usize) {
                return Ok(password);
            }
            // The one before was too long to be taken, and may not be thrown away before that is proven.
            return Err(Error::NoPassword("the form keeps fewer characters than the password that was stored for it"));
        }
        if run.kind() != ChangeKind::Change {
            return Err(Error::Moved);
        }
        let (mut tx, cancelled) = self.hold_or_cancelled(run).await?;
        if cancelled {
            // From here on it could not be called off, and somebody was told that it is.
            self.end_in(tx, run, End::Cancelled).await?;
            return Err(Error::CalledOff);
        }
        let (password, print) = self.unknown_password(&mut tx, rules, field_length).await?;
        let id = VersionId::new(self.now(), self.chance());
        let sealed = self.inner.key.seal(&binding(PASSWORD, run.row.credential, id), &password, self.chance());
        let created_by = format!("change asked for by {}", run.row.asked_by);
        let version =
            NewVersion { id, sealed: &sealed, print: &print, created_by: &created_by, created_at: self.now() };
        let number = secrets::put_candidate(&mut tx, run.row.credential, &version).await?;
        run.row.candidate = Some(id);
        run.row.armed_at = Some(self.now());
        let entry = self.entry_of(run, AuditAct::ChangeCandidateStored).with("version", number);
        let stored = self.write(tx, run, "the new password is stored; typing it now", None, vec![entry]).await;
        if let Err(error) = stored {
            run.row.candidate = None;
            run.row.armed_at = None;
            return Err(error);
        }
        Ok(password)
    }

    /// Never the same password for two credentials, nor one for the second time.
    async fn unknown_password(
        &self,
        tx: &mut Transaction,
        rules: Option<&PasswordRules>,
        field_length: Option<u32>,
    ) -> Result<(Secret, [u8; 16]), Error> {
        for _ in 0..MOST_DRAWS {
            let password =
                generate(rules, field_length, self.chance()).map_err(|error| Error::NoPassword(error.why()))?;
            let print = self.inner.key.fingerprint(PASSWORD, &password);
            if !secrets::password_known(tx, &print).await? {
                return Ok((password, print));
            }
        }
        Err(Error::NoPassword("the site's rules leave only passwords that were used before"))
    }

    /// What the credential's browser remembers, with how it presents itself.
    pub async fn browser_state(&self, run: &Run) -> Result<Option<(Secret, String)>, Error> {
        if !run.remembered {
            return Ok(None);
        }
        let Some(row) = automation::browser(&mut &self.inner.database, run.row.credential).await? else {
            return Ok(None);
        };
        // A state that does not open is like none: the site will ask more.
        Ok(self
            .inner
            .key
            .open(&binding(BROWSER, run.row.credential, row.version), &row.sealed)
            .ok()
            .map(|state| (state, row.identity)))
    }

    /// Keeps what the credential's browser remembers.
    pub async fn keep_browser(&self, run: &mut Run, state: &Secret, identity: &str) -> Result<(), Error> {
        let mut tx = self.hold(run).await?;
        let version = VersionId::new(self.now(), self.chance());
        let sealed = self.inner.key.seal(&binding(BROWSER, run.row.credential, version), state, self.chance());
        automation::ensure(&mut tx, run.row.credential).await?;
        let row = automation::BrowserRow { version, sealed, identity: identity.to_owned() };
        automation::set_browser(&mut tx, run.row.credential, Some(&row)).await?;
        tx.commit().await?;
        run.remembered = true;
        Ok(())
    }

    /// Notes the site's clock less ours.
    pub async fn note_clock(&self, run: &Run, offset_seconds: i64) -> Result<(), Error> {
        let mut tx = self.hold(run).await?;
        automation::ensure(&mut tx, run.row.credential).await?;
        automation::set_clock(&mut tx, run.row.credential, offset_seconds, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Notes how the fields looked that were used with success, as JSON, and what has moved since.
    pub async fn note_learnt(&self, run: &Run, fingerprints: &str, moved: &[String]) -> Result<(), Error> {
        let mut tx = self.hold(run).await?;
        automation::ensure(&mut tx, run.row.credential).await?;
        automation::set_learnt(&mut tx, run.row.credential, fingerprints, moved).await?;
        Ok(tx.commit().await?)
    }

    /// A transaction, when this worker still has the change.
    pub(crate) async fn hold(&self, run: &Run) -> Result<Transaction, Error> {
        Ok(self.hold_or_cancelled(run).await?.0)
    }

    async fn hold_or_cancelled(&self, run: &Run) -> Result<(Transaction, bool), Error> {
        let mut tx = self.inner.database.write().await?;
        let held = jobs::held(&mut tx, run.row.id, &run.worker).await?;
        held.map(|cancelled| (tx, cancelled)).ok_or(Error::LeaseLost)
    }

    fn go(&self, run: &mut Run, next: ChangeState) -> Result<(), Error> {
        if !run.row.state.may_become(run.row.kind, next, run.armed()) {
            tracing::error!(from = run.row.state.name(), to = next.name(), "a change may not go this way");
            return Err(Error::Moved);
        }
        run.row.state = next;
        Ok(())
    }

    /// Writes the change, a line of what happened, and records; commits.
    pub(crate) async fn write(
        &self,
        mut tx: Transaction,
        run: &Run,
        text: &str,
        picture: Option<Vec<u8>>,
        entries: Vec<Entry>,
    ) -> Result<(), Error> {
        changes::update(&mut tx, &run.row).await?;
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        let picture = picture.filter(|bytes| bytes.len() <= LARGEST_PICTURE).map(|bytes| {
            let version = VersionId::new(self.now(), self.chance());
            let binding =
                Binding { kind: PICTURE, owner: run.row.id.uuid().into_bytes(), version: version.uuid().into_bytes() };
            (version, self.inner.key.seal(&binding, &Secret::from(bytes), self.chance()))
        });
        let picture = picture.as_ref().map(|(version, sealed)| (*version, sealed));
        changes::add_event(&mut tx, run.row.id, self.now(), run.row.state, &text, picture).await?;
        if !entries.is_empty() {
            audit::append(&mut tx, entries).await.map_err(Error::of_record)?;
        }
        tx.commit().await.map_err(Error::of_record)
    }

    pub(crate) fn entry_of(&self, run: &Run, act: AuditAct) -> Entry {
        Entry::new(self.now(), ActorRef::system(), act)
            .on(ObjectKind::Credential, run.row.credential.uuid(), run.row.credential_name.as_str())
            .with("change", run.row.id.to_string())
            .with("asked_by", run.row.asked_by.as_str())
    }

    pub(crate) fn open_picture(
        &self,
        change: ChangeId,
        version: VersionId,
        sealed: &countersign_seal::Sealed,
    ) -> Result<Secret, Error> {
        let binding =
            Binding { kind: PICTURE, owner: change.uuid().into_bytes(), version: version.uuid().into_bytes() };
        Ok(self.inner.key.open(&binding, sealed)?)
    }

    /// The worker takes steps in the vault's own name.
    fn worker_id(&self) -> UserId {
        UserId::from_uuid(self.inner.key.vault().uuid())
    }
}

pub(crate) fn nobody() -> UserId {
    UserId::from_uuid(uuid::Uuid::nil())
}

pub(crate) fn binding(kind: &'static str, credential: CredentialId, version: VersionId) -> Binding<'static> {
    Binding { kind, owner: credential.uuid().into_bytes(), version: version.uuid().into_bytes() }
}
