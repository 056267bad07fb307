use std::sync::{Arc, OnceLock};

use countersign_seal::{Digest, MarkedRow, RowKey};

use super::{Database, Error};

/// The key that vouches for rows of authority, once the vault is unlocked. Every reader and transaction of a database has
/// it, so that no row is read past it.
#[derive(Clone, Debug, Default)]
pub struct Keys(Arc<OnceLock<RowKey>>);

impl Keys {
    fn key(&self) -> Result<&RowKey, Error> {
        self.0
            .get()
            .ok_or_else(|| Error::Other { detail: "the vault is locked: no row of authority is read".to_owned() })
    }

    /// What is stored of a bearer.
    ///
    /// # Errors
    /// [`Error::Other`] before the vault is unlocked.
    pub fn bearer(&self, hash: &Digest) -> Result<Digest, Error> {
        Ok(self.key()?.bearer(hash))
    }

    /// The mark of a row that is about to be written.
    ///
    /// # Errors
    /// [`Error::Other`] before the vault is unlocked.
    pub fn mark(&self, row: &MarkedRow) -> Result<Vec<u8>, Error> {
        Ok(self.key()?.mark(row))
    }

    /// Makes sure that the vault has written this row.
    ///
    /// # Errors
    /// [`Error::Tampered`] naming `what` it is and its name.
    pub fn check(&self, what: &str, name: &str, row: &MarkedRow, mark: Option<&[u8]>) -> Result<(), Error> {
        match mark {
            Some(mark) if self.key()?.vouches(row, mark) => Ok(()),
            _ => Err(Error::Tampered { what: format!("{what} \"{name}\"") }),
        }
    }

    /// Whether the vault is unlocked.
    pub fn are_there(&self) -> bool {
        self.0.get().is_some()
    }
}

impl Database {
    /// Says by which key rows of authority are marked. The first that is given stays: it is the vault's own.
    pub fn vouch_with(&self, key: RowKey) {
        let _ = self.keys.0.set(key);
    }
}
