//! Looking at everything that a vault holds: each sealed value is opened, each record of the log is followed, each row of
//! authority is vouched for. It hands nothing out, so it needs no record; it takes as long as there is much.

use std::collections::BTreeSet;

use countersign_audit::{AuditAction, AuditEntry, ChainHead, Checkpoint};
use countersign_model::UserId;
use countersign_otp::OtpSecret;
use countersign_seal::{Binding, SecretKind};
use countersign_store::{audit, credentials, people, rewrap, vault as vault_row};
use uuid::Uuid;

use crate::{CheckState, Error, Object, Vault};

/// Records that are read at once.
const RECORDS: u32 = 4096;
/// Of what is wrong so much is named.
const NAMED: usize = 20;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WholeCheck {
    /// Records of the audit log, each of which follows from the one before it.
    pub records: u64,
    /// Sealed values that the key opened: setup keys, passwords, settings, screenshots.
    pub opened: u64,
    /// Setup keys among them, from each of which a token was computed.
    pub tokens: u64,
    /// What is wrong, a sentence each; the first of many.
    pub wrong: Vec<String>,
    /// How much is wrong in all.
    pub count: u64,
}

impl WholeCheck {
    /// Whether all of it is sound.
    pub const fn is_sound(&self) -> bool {
        self.count == 0
    }

    fn note(&mut self, wrong: impl FnOnce() -> String) {
        self.count += 1;
        if self.wrong.len() < NAMED {
            self.wrong.push(wrong());
        }
    }
}

impl Vault {
    /// Opens every sealed value, computes a token from every setup key, follows the audit log from its first record, by the
    /// vault's newest checkpoint and by one that was `kept` elsewhere, compares the credentials with those that the log says
    /// were added, and looks whether the vault has written the rows of authority.
    ///
    /// # Errors
    /// [`Error::Database`]. What is wrong is no error: it is counted.
    pub async fn check_everything(&self, kept: Option<&Checkpoint>) -> Result<WholeCheck, Error> {
        let mut check = WholeCheck::default();
        let marks = self.check_marks().await;
        if marks.state == CheckState::Failed {
            check.note(|| format!("{}: {}", marks.name, marks.detail));
        }
        self.follow_whole_log(kept, &mut check).await?;
        let mut reader = self.inner.database.read().await?;
        for place in rewrap::PLACES {
            for at in place.all(&mut reader).await? {
                let Some(row) = place.find(&mut reader, at).await? else { continue };
                let binding = Binding::of(place.what, row.owner, row.version);
                let sound = match place.what {
                    // Computed and dropped: that it can be is what is to be known.
                    SecretKind::Seed => self.open_otp(&binding, &row.sealed).map(|seed| {
                        seed.derive(|seed| check.tokens += u64::from(gives_token(seed)));
                    }),
                    _ => self.keys().open(&binding, &row.sealed).map(drop).map_err(Error::from),
                };
                match sound {
                    Ok(()) => check.opened += 1,
                    Err(_) => check.note(|| does_not_open(place.what, row.owner)),
                }
            }
        }
        drop(reader);
        self.open_own_seeds(&mut check).await?;
        Ok(check)
    }

    /// The seeds by which people sign in.
    async fn open_own_seeds(&self, check: &mut WholeCheck) -> Result<(), Error> {
        let mut reader = self.inner.database.read().await?;
        for id in rewrap::people_with_seeds(&mut reader).await? {
            // One that nobody vouches for was told with the rows of authority.
            let Ok(Some(row)) = people::find(&mut reader, UserId::from_uuid(id)).await else { continue };
            for (version, sealed) in [row.seed.as_ref(), row.next_seed.as_ref()].into_iter().flatten() {
                match self.open_otp(&Binding::of(SecretKind::UserSeed, id, version.uuid()), sealed) {
                    Ok(_) => check.opened += 1,
                    Err(_) => check.note(|| does_not_open(SecretKind::UserSeed, id)),
                }
            }
        }
        Ok(())
    }

    async fn follow_whole_log(&self, kept: Option<&Checkpoint>, check: &mut WholeCheck) -> Result<(), Error> {
        let mut reader = self.inner.database.read().await?;
        let row = vault_row::find(&mut reader).await?.ok_or(Error::NotFound(Object::Vault))?;
        let mut vouched: Vec<ChainHead> = Vec::new();
        match self.newest_kept(&mut reader).await {
            Ok((_, head)) => vouched.push(head),
            Err(_) => check.note(|| "the newest checkpoint is not one that this vault has signed".to_owned()),
        }
        if let Some(kept) = kept {
            match self.root_of(kept) {
                Some(head) => vouched.push(head),
                None => check.note(|| "the checkpoint that was kept is not one that this vault has signed".to_owned()),
            }
        }
        let mut head = ChainHead::EMPTY;
        let mut told = ToldCredentials::default();
        loop {
            let records = audit::after(&mut reader, head.size, RECORDS).await?;
            if records.is_empty() {
                break;
            }
            for record in &records {
                let next = head.size + 1;
                if !head.follow(record) {
                    check.note(|| format!("the audit log does not go on at record {next}"));
                    return Ok(());
                }
                told.note(&record.entry);
                if vouched.iter().any(|vouched| vouched.size == head.size && *vouched != head) {
                    check.note(|| format!("a checkpoint says something else of record {next} than the audit log"));
                }
            }
            check.records = head.size;
        }
        if head != row.head {
            check.note(|| format!("the audit log ends at record {}, and had {}", head.size, row.head.size));
        }
        for longer in vouched.iter().filter(|vouched| vouched.size > head.size) {
            check.note(|| {
                format!("the audit log ends at record {}, and a checkpoint covers {}", head.size, longer.size)
            });
        }
        let there: BTreeSet<Uuid> = credentials::all_ids(&mut reader).await?.into_iter().collect();
        for id in told.standing.difference(&there) {
            check.note(|| format!("the credential {id} was added and not removed, and is not there"));
        }
        for id in there.difference(&told.standing) {
            check.note(|| format!("the credential {id} is there, and no record says that it was added"));
        }
        let binned: BTreeSet<Uuid> = credentials::removed::all_ids(&mut reader).await?.into_iter().collect();
        for id in told.binned.difference(&binned) {
            check.note(|| format!("the credential {id} was removed and not deleted, and is not in the bin"));
        }
        for id in binned.difference(&told.binned) {
            check.note(|| format!("the credential {id} is in the bin, and no record says that it was removed"));
        }
        Ok(())
    }

    /// The place in the log that a checkpoint vouches for, where this vault has signed it.
    fn root_of(&self, checkpoint: &Checkpoint) -> Option<ChainHead> {
        let ours = checkpoint.key == self.keys().audit_signing_key().verifying_key().to_string();
        let root = checkpoint.root().filter(|_| ours && checkpoint.is_genuine())?;
        Some(ChainHead { size: checkpoint.size, root })
    }
}

/// Which credentials there have to be, and which in the bin, by what the log says.
#[derive(Default)]
struct ToldCredentials {
    standing: BTreeSet<Uuid>,
    binned: BTreeSet<Uuid>,
}

impl ToldCredentials {
    fn note(&mut self, entry: &AuditEntry) {
        let Some(id) = entry.object.as_ref().and_then(|object| object.id) else { return };
        let is = |act: AuditAction| entry.act == act.name();
        if is(AuditAction::CredentialCreated) || is(AuditAction::CredentialImported) {
            self.standing.insert(id);
        } else if is(AuditAction::CredentialRestored) {
            self.standing.insert(id);
            self.binned.remove(&id);
        } else if is(AuditAction::CredentialRemoved) {
            self.standing.remove(&id);
            // What was removed before there was a bin is in none.
            if entry.details.contains_key("deleted_at") {
                self.binned.insert(id);
            }
        } else if is(AuditAction::CredentialDeleted) {
            self.binned.remove(&id);
        }
    }
}

fn does_not_open(what: SecretKind, owner: Uuid) -> String {
    format!("the {} of {owner} does not open", what.name().replace('_', " "))
}

fn gives_token(seed: &OtpSecret) -> bool {
    seed.token_at(0).is_some() || seed.hotp(0).is_some()
}
