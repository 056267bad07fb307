//! Looking at everything that a vault holds: each sealed value is opened, each record of the log is followed. It hands
//! nothing out, so it needs no record; it takes as long as there is much.

use countersign_audit::ChainHead;
use countersign_model::UserId;
use countersign_otp::OtpSecret;
use countersign_seal::{Binding, SecretKind};
use countersign_store::{audit, people, rewrap, vault as vault_row};

use crate::{Error, Object, Vault};

/// Records that are read at once.
const RECORDS: u32 = 4096;
/// Of damaged values so many are named.
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
    /// How many values could not be opened.
    pub damaged: u64,
    /// The first of them, by kind and owner.
    pub examples: Vec<String>,
    /// The record at which the log does not go on, if there is one.
    pub broken_at: Option<u64>,
}

impl WholeCheck {
    /// Whether all of it is sound.
    pub const fn is_sound(&self) -> bool {
        self.damaged == 0 && self.broken_at.is_none()
    }

    fn note_damage(&mut self, what: SecretKind, owner: uuid::Uuid) {
        self.damaged += 1;
        if self.examples.len() < NAMED {
            self.examples.push(format!("{what:?} of {owner}"));
        }
    }
}

impl Vault {
    /// Opens every sealed value, computes a token from every setup key, and follows the audit log from its first record.
    ///
    /// # Errors
    /// [`Error::Database`]. What is damaged is no error: it is counted.
    pub async fn check_everything(&self) -> Result<WholeCheck, Error> {
        let mut check = WholeCheck::default();
        self.follow_log(&mut check).await?;
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
                    Err(_) => check.note_damage(place.what, row.owner),
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
            let Some(row) = people::find(&mut reader, UserId::from_uuid(id)).await? else { continue };
            for (version, sealed) in [row.seed.as_ref(), row.next_seed.as_ref()].into_iter().flatten() {
                match self.open_otp(&Binding::of(SecretKind::UserSeed, id, version.uuid()), sealed) {
                    Ok(_) => check.opened += 1,
                    Err(_) => check.note_damage(SecretKind::UserSeed, id),
                }
            }
        }
        Ok(())
    }

    async fn follow_log(&self, check: &mut WholeCheck) -> Result<(), Error> {
        let mut reader = self.inner.database.read().await?;
        let row = vault_row::find(&mut reader).await?.ok_or(Error::NotFound(Object::Vault))?;
        let mut head = ChainHead::EMPTY;
        loop {
            let records = audit::after(&mut reader, head.size, RECORDS).await?;
            if records.is_empty() {
                break;
            }
            for record in &records {
                let next = head.size + 1;
                if !head.follow(record) {
                    check.broken_at = Some(next);
                    return Ok(());
                }
            }
            check.records = head.size;
        }
        if head != row.head {
            check.broken_at = Some(head.size + 1);
        }
        Ok(())
    }
}

fn gives_token(seed: &OtpSecret) -> bool {
    seed.token_at(0).is_some() || seed.hotp(0).is_some()
}
