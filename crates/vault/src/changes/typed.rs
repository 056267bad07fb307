//! What the worker types, and that nothing of it is said again.

use std::time::Duration;

use countersign_audit::AuditAction;
use countersign_model::{ChangeKind, ChangeReason, PasswordSlot, SecondFactorKind, Timestamp, UserId, VersionId};
use countersign_otp::TokenText;
use countersign_recipe::{PasswordRules, generate};
use countersign_seal::{Secret, SecretKind, Withheld};
use countersign_snapshot::PageSnapshot;
use countersign_store::{
    changes::{ChangeRow, runs},
    engine::{Select, Transaction},
    secrets,
    secrets::{NewVersion, PasswordVersionRow},
    steps::StepUse,
    vault as vault_row,
};

use super::{
    end::ChangeOutcome,
    run::{ChangeRun, binding},
};
use crate::{
    Error, RunError, Vault,
    tokens::claim::{TypedAt, claim},
};

/// How the worker appears in the log and beside a token that it took.
const WORKER: &str = "Countersign, changing the password";
/// Two draws of the same long password are a broken source of chance; short rules are used up sooner.
const MAX_DRAWS: u32 = 100;
/// What stands in place of a password that a page has repeated.
const HIDDEN: &str = "•••";
/// Shorter ones are parts of many words, and hiding them would hide what a page says.
const SHORTEST_HIDDEN: usize = 4;

impl ChangeRun {
    /// A password to type at the site, recorded. `signing_in`: it counts as a try until the site has taken it.
    ///
    /// # Errors
    /// [`RunError::TriesSpent`] when it was sent twice and not taken; [`Error::AuditUnavailable`]: nothing left.
    pub async fn use_password(&mut self, which: PasswordSlot, signing_in: bool) -> Result<Secret, RunError> {
        let mut tx = self.hold().await?;
        if signing_in && self.tries_left(which) <= 0 {
            return Err(RunError::TriesSpent);
        }
        let version = version(&mut tx, self, which).await?.ok_or(Error::Empty("password"))?;
        let password = self.open_version(&version)?;
        let mut counted = self.row.clone();
        if signing_in {
            *tries_mut(&mut counted, which) += 1;
        }
        runs::update(&mut tx, &counted).await?;
        let entry = self.entry_of(AuditAction::ChangePasswordUsed).with("version", version.number);
        tx.record(entry);
        let receipt = tx.commit().await?;
        // A password that did not leave is no try.
        self.row = counted;
        Ok(password.release(&receipt)?)
    }

    /// A password that was counted as a try was typed at most: the form with it in it was not sent.
    pub async fn password_not_sent(&mut self, which: PasswordSlot) -> Result<(), RunError> {
        *tries_mut(&mut self.row, which) = (self.tries(which) - 1).max(0);
        let mut tx = self.hold().await?;
        runs::update(&mut tx, &self.row).await?;
        Ok(tx.commit_without_record("counts tries of an attempt that is on record").await?)
    }

    /// A person has sent the form with a password in it that was not counted yet.
    pub async fn password_sent_by_a_person(&mut self, which: PasswordSlot) -> Result<(), RunError> {
        *tries_mut(&mut self.row, which) += 1;
        let mut tx = self.hold().await?;
        runs::update(&mut tx, &self.row).await?;
        Ok(tx.commit_without_record("counts tries of an attempt that is on record").await?)
    }

    /// The site has taken a password, and asks for more before it lets anybody in: the account's tries begin anew, those of
    /// the other password as well, because sites count what they refuse until something is right. No proof of anything.
    pub async fn password_accepted(&mut self) -> Result<(), RunError> {
        *tries_mut(&mut self.row, PasswordSlot::Current) = 0;
        *tries_mut(&mut self.row, PasswordSlot::Candidate) = 0;
        let mut tx = self.hold().await?;
        runs::update(&mut tx, &self.row).await?;
        Ok(tx.commit_without_record("counts tries of an attempt that is on record").await?)
    }

    /// A sign-in with the password has worked: the account's tries begin anew, and it is known to sign in.
    pub async fn password_taken(&mut self, which: PasswordSlot) -> Result<(), RunError> {
        *tries_mut(&mut self.row, PasswordSlot::Current) = 0;
        *tries_mut(&mut self.row, PasswordSlot::Candidate) = 0;
        let mut tx = self.hold().await?;
        runs::update(&mut tx, &self.row).await?;
        let version = match which {
            PasswordSlot::Current => None,
            PasswordSlot::Candidate => self.row.candidate,
        };
        if which == PasswordSlot::Current || version.is_some() {
            secrets::prove(&mut tx, self.row.credential, version, self.vault.now(), self.row.id).await?;
        }
        Ok(tx.commit_without_record("notes the proof of an attempt that is on record").await?)
    }

    /// A token of a step that nobody has taken at this site, claimed and recorded. `offset_seconds` is the site's clock less ours.
    ///
    /// # Errors
    /// [`Error::StepTaken`] with how long to wait; [`Error::Empty`] without a seed.
    pub async fn use_token(&self, offset_seconds: i64) -> Result<TokenText, RunError> {
        let mut tx = self.hold().await?;
        let row = secrets::seed(&mut tx, self.row.credential).await?.ok_or(Error::Empty("setup key"))?;
        let secret = self.vault.open_otp(&binding(SecretKind::Seed, self.row.credential, row.version), &row.sealed)?;
        if secret.stays_inside("how it is made is no secret").second_factor().kind == SecondFactorKind::Hotp {
            let counter = secrets::next_counter(&mut tx, self.row.credential, row.version).await?;
            let counter = counter.and_then(|counter| u64::try_from(counter).ok()).ok_or(Error::Empty("setup key"))?;
            let token = secret.derive(|secret| secret.hotp(counter)).transpose();
            let token = token.ok_or(Error::Empty("token by counter"))?;
            let entry = self.entry_of(AuditAction::TokenClaimed);
            let entry = entry.with("counter", i64::try_from(counter).unwrap_or(i64::MAX));
            tx.record(entry);
            let receipt = tx.commit().await?;
            return Ok(token.release(&receipt)?);
        }
        let now = self.vault.now();
        let there = now.seconds().saturating_add(offset_seconds);
        let there = u64::try_from(there).unwrap_or(0);
        let withheld = secret.derive(|secret| secret.token_at(there)).transpose();
        let withheld = withheld.ok_or(Error::Empty("token by time"))?;
        let token = withheld.stays_inside("when it holds is no secret");
        let ends = i64::try_from(token.ends_at).unwrap_or(i64::MAX).saturating_sub(offset_seconds);
        let left = Timestamp::from_seconds(ends).since(now);
        let whole = Duration::from_secs(token.ends_at.saturating_sub(token.begins_at));
        if left < (whole / 3).min(Duration::from_secs(10)) {
            return Err(Error::StepTaken { wait: left }.into());
        }
        let step = i64::try_from(token.step).unwrap_or(i64::MAX);
        let used = StepUse {
            credential: self.row.credential,
            step,
            person: self.vault.worker_id(),
            name: WORKER.to_owned(),
            machine: true,
            at: now,
        };
        let end = vault_row::lock_head(&mut tx).await?.head;
        if !claim(&mut tx, &used, TypedAt::Site(&self.site), &end).await? {
            return Err(Error::StepTaken { wait: left }.into());
        }
        let entry = self.entry_of(AuditAction::TokenClaimed).with("step", step);
        tx.record(entry);
        let receipt = tx.commit().await?;
        self.vault.inner.steps.note([used]);
        Ok(withheld.release(&receipt)?.text)
    }

    /// The new password, sealed and committed before it is given: from here on it may hold. Asked for again, it gives
    /// the same one, unless the field turns out to be shorter than it.
    ///
    /// # Errors
    /// [`RunError::NoPassword`] when the rules leave none; [`RunError::CalledOff`] when somebody has called the change off: it has
    /// ended then. [`Error::Internal`] for a test run or sign-in check.
    pub async fn new_password(
        &mut self,
        rules: Option<&PasswordRules>,
        field_length: Option<u32>,
    ) -> Result<Secret, RunError> {
        if self.armed() {
            let password = self.use_password(PasswordSlot::Candidate, false).await?;
            if field_length.is_none_or(|most| password.len() <= most as usize) {
                return Ok(password);
            }
            // The one before was too long to be taken, and may not be thrown away before that is proven.
            return Err(RunError::NoPassword(
                "the form keeps fewer characters than the password that was stored for it",
            ));
        }
        if self.kind() != ChangeKind::Change {
            return Err(Error::Internal("only a change takes a new password").into());
        }
        let (mut tx, cancelled) = self.hold_or_cancelled().await?;
        if cancelled {
            // From here on it could not be called off, and somebody was told that it is.
            self.end_in(tx, ChangeOutcome::Cancelled).await?;
            return Err(RunError::CalledOff);
        }
        let (password, print) = self.vault.unknown_password(&mut tx, rules, field_length).await?;
        let id = VersionId::new(self.vault.now(), self.vault.chance());
        let sealed = self.vault.keys().seal(
            &binding(SecretKind::Password, self.row.credential, id),
            &password,
            self.vault.chance(),
        );
        let created_by = format!("change requested by {}", self.row.asked_by);
        let version =
            NewVersion { id, sealed: &sealed, print: &print, created_by: &created_by, created_at: self.vault.now() };
        let number = secrets::put_candidate(&mut tx, self.row.credential, &version).await?;
        self.row.candidate = Some(id);
        self.row.armed_at = Some(self.vault.now());
        let entry = self.entry_of(AuditAction::ChangeCandidateStored).with("version", number);
        let password = Withheld::new(self.row.credential.uuid().into_bytes(), password);
        let stored = async {
            self.write_in(&mut tx, "the new password is stored; typing it now", None).await?;
            tx.record(entry);
            tx.commit().await
        };
        match stored.await {
            Ok(receipt) => Ok(password.release(&receipt)?),
            Err(error) => {
                self.row.candidate = None;
                self.row.armed_at = None;
                Err(error.into())
            }
        }
    }

    /// Whether a page shows one of the change's passwords in the open. Such a page is not photographed.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`].
    pub async fn page_shows_password(&self, page: &PageSnapshot) -> Result<bool, RunError> {
        let mut tx = self.hold().await?;
        let passwords = self.stored_passwords(&mut tx).await?;
        Ok(texts(&passwords).any(|password| page.shows(password)))
    }

    /// The text with every password of the change hidden: pages repeat what was typed into them.
    pub(crate) async fn without_passwords(&self, tx: &mut Transaction, text: &str) -> Result<String, Error> {
        let passwords = self.stored_passwords(tx).await?;
        Ok(texts(&passwords).fold(text.to_owned(), hide))
    }

    /// The same for what a page said of why it refuses.
    pub(crate) async fn reason_without_passwords(
        &self,
        tx: &mut Transaction,
        reason: &ChangeReason,
    ) -> Result<ChangeReason, Error> {
        Ok(match reason {
            ChangeReason::PasswordRejected { rule } => {
                ChangeReason::PasswordRejected { rule: self.without_passwords(tx, rule).await? }
            }
            other => other.clone(),
        })
    }

    async fn stored_passwords(&self, db: &mut impl Select) -> Result<Vec<Withheld>, Error> {
        let mut passwords = Vec::new();
        for which in [PasswordSlot::Candidate, PasswordSlot::Current] {
            if let Some(version) = version(db, self, which).await? {
                passwords.push(self.open_version(&version)?);
            }
        }
        passwords.retain(|password| password.stays_inside(HIDING).len() >= SHORTEST_HIDDEN);
        Ok(passwords)
    }

    fn open_version(&self, version: &PasswordVersionRow) -> Result<Withheld, Error> {
        Ok(self.vault.keys().open(&binding(SecretKind::Password, self.credential(), version.id), &version.sealed)?)
    }
}

impl Vault {
    /// Never the same password for two credentials, nor one for the second time.
    async fn unknown_password(
        &self,
        tx: &mut Transaction,
        rules: Option<&PasswordRules>,
        field_length: Option<u32>,
    ) -> Result<(Secret, [u8; 16]), RunError> {
        for _ in 0..MAX_DRAWS {
            let password =
                generate(rules, field_length, self.chance()).map_err(|error| RunError::NoPassword(error.why()))?;
            let print = self.keys().fingerprint(SecretKind::Password.name(), &password);
            if !secrets::password_known(tx, &print).await? {
                return Ok((password, print));
            }
        }
        Err(RunError::NoPassword("the site's rules leave only passwords that were used before"))
    }

    /// The worker takes steps in the vault's own name.
    fn worker_id(&self) -> UserId {
        UserId::from_uuid(self.keys().vault().uuid())
    }
}

/// Why stored passwords are looked at where none of them leaves.
const HIDING: &str = "it is looked for in a text, to be hidden there";

fn texts(passwords: &[Withheld]) -> impl Iterator<Item = &str> {
    passwords.iter().filter_map(|password| password.stays_inside(HIDING).expose_text())
}

fn hide(text: String, password: &str) -> String {
    let mut text = if text.contains(password) { text.replace(password, HIDDEN) } else { text };
    // What a page says is cut at some length, and that may be in the middle.
    let begins = (SHORTEST_HIDDEN..password.len()).rev().filter(|end| password.is_char_boundary(*end));
    if let Some(end) = begins.into_iter().find(|end| text.ends_with(&password[..*end])) {
        text.truncate(text.len() - end);
        text.push_str(HIDDEN);
    }
    text
}

fn tries_mut(row: &mut ChangeRow, which: PasswordSlot) -> &mut i64 {
    match which {
        PasswordSlot::Current => &mut row.current_tries,
        PasswordSlot::Candidate => &mut row.candidate_tries,
    }
}

async fn version(
    db: &mut impl Select,
    run: &ChangeRun,
    which: PasswordSlot,
) -> Result<Option<PasswordVersionRow>, Error> {
    Ok(match (which, run.row.candidate) {
        (PasswordSlot::Current, _) => secrets::password(db, run.credential(), None).await?,
        (PasswordSlot::Candidate, Some(id)) => secrets::version_by_id(db, run.credential(), id).await?,
        (PasswordSlot::Candidate, None) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::hide;

    #[test]
    fn promise_7_a_password_that_a_page_repeats_is_hidden_also_where_it_is_cut() {
        for (said, told) in [
            ("Your new password is Tr0ub4dor&3!", "Your new password is •••!"),
            ("Tr0ub4dor&3 Tr0ub4dor&3", "••• •••"),
            ("\"Tr0ub4dor&3\" is too short: Tr0ub4", "\"•••\" is too short: •••"),
            ("Choose a longer one. Try", "Choose a longer one. Try"),
        ] {
            assert_eq!(hide(said.to_owned(), "Tr0ub4dor&3"), told);
        }
    }
}
