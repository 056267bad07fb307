use std::sync::{Arc, PoisonError, RwLock};

use countersign_seal::{Digest, KeyRing, MarkedRow, RowKey, Sealed, VaultKey};

use super::{Database, Error};

/// The key that vouches for rows of authority, once the vault is unlocked. Every reader and transaction of a database has
/// it, so that no row is read past it.
#[derive(Clone, Debug, Default)]
pub struct MarkKeys(Arc<RwLock<Option<Arc<Held>>>>);

#[derive(Debug)]
struct Held {
    rows: RowKey,
    /// The number of the vault key that seals, and of the one that only opens while it is being replaced.
    active: u32,
    other: Option<u32>,
}

impl MarkKeys {
    fn held(&self) -> Option<Arc<Held>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn key(&self) -> Result<Arc<Held>, Error> {
        self.held()
            .ok_or_else(|| Error::Other { detail: "the vault is locked: no row of authority is read".to_owned() })
    }

    /// What is stored of a bearer.
    ///
    /// # Errors
    /// [`Error::Other`] before the vault is unlocked.
    pub fn bearer(&self, hash: &Digest) -> Result<Digest, Error> {
        Ok(self.key()?.rows.bearer(hash))
    }

    /// The mark of a row that is about to be written.
    ///
    /// # Errors
    /// [`Error::Other`] before the vault is unlocked.
    pub fn mark(&self, row: &MarkedRow) -> Result<Vec<u8>, Error> {
        Ok(self.key()?.rows.mark(row))
    }

    /// Makes sure that the vault has written this row.
    ///
    /// # Errors
    /// [`Error::Tampered`] naming `what` it is and its name.
    pub fn check(&self, what: &str, name: &str, row: &MarkedRow, mark: Option<&[u8]>) -> Result<(), Error> {
        match mark {
            Some(mark) if self.key()?.rows.vouches(row, mark) => Ok(()),
            _ => Err(Error::Tampered { what: format!("{what} \"{name}\"") }),
        }
    }

    /// Whether the vault has written this row, under a key that is being replaced.
    ///
    /// # Errors
    /// [`Error::Other`] before the vault is unlocked.
    pub fn is_former(&self, row: &MarkedRow, mark: &[u8]) -> Result<bool, Error> {
        let held = self.key()?;
        Ok(!held.rows.is_newest(row, mark) && held.rows.vouches(row, mark))
    }

    /// Makes sure that a sealed value can be opened again: it may have been sealed before the vault key was replaced.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn admit(&self, sealed: &Sealed) -> Result<(), Error> {
        // Before the vault is unlocked nothing is sealed but by tests of this room.
        let Some(held) = self.held() else { return Ok(()) };
        let number = sealed.key_number();
        if number == Some(held.active) || number.is_some() && number == held.other { Ok(()) } else { Err(replaced()) }
    }

    /// Makes sure that this process has a key which still is in use, where `oldest` is the oldest that is.
    pub(crate) fn admit_oldest(&self, oldest: Option<i64>) -> Result<(), Error> {
        match (self.held(), oldest) {
            (Some(held), Some(oldest)) if i64::from(held.active) < oldest => Err(replaced()),
            _ => Ok(()),
        }
    }

    /// Whether the vault is unlocked.
    pub fn are_there(&self) -> bool {
        self.held().is_some()
    }
}

fn replaced() -> Error {
    Error::Stale { detail: "the vault key has been replaced meanwhile".to_owned() }
}

impl Database {
    /// Says by which keys rows of authority are marked, and under which secrets are sealed, from now on.
    pub fn vouch_with(&self, keys: &KeyRing) {
        self.hold(keys, keys.other().map(VaultKey::number));
    }

    /// The same, when nothing may be written any more that is sealed under the key which only opens: it is about to go.
    pub fn vouch_with_active(&self, keys: &KeyRing) {
        self.hold(keys, None);
    }

    fn hold(&self, keys: &KeyRing, other: Option<u32>) {
        let held = Held { rows: keys.row_key(), active: keys.active().number(), other };
        *self.keys.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held));
    }
}
