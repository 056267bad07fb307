//! The vault key as shares for people: split, and put together again when the key file is lost.

use std::path::Path;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{Chance, Clock};
use countersign_seal::{KeyFile, KeyId, KeyRing, KeyShare, ShareError, UnlockError, VaultKey, Withheld};
use countersign_store::{
    MIGRATIONS, audit,
    engine::{self, Database, MigrateError},
    vault as vault_row, vault_keys,
};

use crate::{Conflict, Error, KeyFileError, Vault, keys::unlock::write_key_file};

/// Why shares were not put together to a key file.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The shares.
    #[error(transparent)]
    Shares(#[from] ShareError),
    /// The key that they give.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The schema.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The database.
    #[error(transparent)]
    Database(#[from] engine::Error),
    /// There is nothing that a key would open.
    #[error("this database holds no vault")]
    NoVault,
    /// The former key opens a part, the new one the rest.
    #[error(
        "the vault key is just being replaced: start the server with what unlocked it before, let it finish (`countersign key \
         show`), and export shares anew"
    )]
    BeingReplaced,
    /// The new key file.
    #[error("the key file {path} {source}")]
    KeyFile {
        /// Where it was to be.
        path: String,
        /// What is wrong.
        source: KeyFileError,
    },
}

/// A key file that was made from shares.
#[derive(Debug, Clone, Copy)]
pub struct KeyImport {
    /// The vault key that it opens.
    pub key: KeyId,
}

impl Vault {
    /// Splits the vault key into shares, any `threshold` of which make it again. For a command beside the data: whoever holds
    /// enough shares holds the vault.
    ///
    /// # Errors
    /// [`Error::Invalid`] for numbers that make no sense; [`Conflict::KeyBeingReplaced`].
    pub async fn export_key(&self, count: u8, threshold: u8) -> Result<Vec<KeyShare>, Error> {
        let keys = self.keys();
        let mut tx = self.unit().await?;
        if vault_keys::all(&mut tx).await?.len() > 1 {
            return Err(Error::Conflict(Conflict::KeyBeingReplaced));
        }
        let shares = KeyShare::split(keys.active(), count, threshold, self.chance())
            .map_err(|error| countersign_model::Invalid::new("shares", error.to_string()))?;
        let shares = Withheld::new(keys.vault().uuid().into_bytes(), shares);
        let entry = AuditEntry::new(self.now(), ActorRef::system(), AuditAction::KeyExported);
        let entry =
            about(entry, keys.active()).with("shares", i64::from(count)).with("threshold", i64::from(threshold));
        tx.record(entry);
        let receipt = tx.commit().await?;
        Ok(shares.release(&receipt)?)
    }

    /// Makes a new key file at `path` from shares; it is from then on the only thing that unlocks the vault. The vault must
    /// not be open elsewhere.
    ///
    /// # Errors
    /// [`ImportError`]. A file that is there is not replaced; one that was written before a failure is removed.
    pub async fn import_key(
        database: &Database,
        shares: &[KeyShare],
        path: &Path,
        clock: &dyn Clock,
        chance: &dyn Chance,
    ) -> Result<KeyImport, ImportError> {
        let shared = KeyShare::combine(shares)?;
        database.migrate(MIGRATIONS, clock.now().micros()).await?;
        let row = vault_row::find(&mut &*database).await?.ok_or(ImportError::NoVault)?;
        let slots = vault_row::slots(&mut &*database).await?;
        let rows = vault_keys::all(&mut &*database).await?;
        let slot = slots.first().ok_or(UnlockError::Damaged)?;
        if rows.len() > 1 {
            return Err(ImportError::BeingReplaced);
        }
        // In a vault from before keys had names, the mark below tells whether it is the right one.
        let id = rows.first().map_or_else(|| shares[0].key(), |row| row.id);
        let key = VaultKey::unlock_with_shares(row.id, id, slot, shared)?;
        let ring = KeyRing::new(key);
        database.vouch_with(&ring);
        // With the key there, the row's mark is compared.
        vault_row::find(&mut &*database).await?;
        let file = KeyFile::generate(row.id, chance);
        let wrong = |source: KeyFileError| ImportError::KeyFile { path: path.display().to_string(), source };
        write_key_file(path, &file).map_err(|error| wrong(error.into()))?;
        let done = put(database, &ring, &file, clock, chance).await;
        if done.is_err() {
            // It opens nothing.
            let _ = std::fs::remove_file(path);
        }
        done?;
        Ok(KeyImport { key: ring.active().id() })
    }
}

async fn put(
    database: &Database,
    ring: &KeyRing,
    file: &KeyFile,
    clock: &dyn Clock,
    chance: &dyn Chance,
) -> Result<(), engine::Error> {
    let mut tx = database.write().await?;
    vault_row::delete_slots(&mut tx).await?;
    vault_row::put_slot(&mut tx, &ring.active().slot_for_key_file(file, chance)).await?;
    let entry = AuditEntry::new(clock.now(), ActorRef::system(), AuditAction::KeyImported);
    audit::append(&mut tx, vec![about(entry, ring.active())]).await?;
    tx.commit().await.map(drop)
}

fn about(entry: AuditEntry, key: &VaultKey) -> AuditEntry {
    entry.on(ObjectKind::Vault, key.vault().uuid(), "vault key").with("key", key.id().to_string())
}
