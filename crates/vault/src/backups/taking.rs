//! Writing a backup, while everything goes on.

use std::{fs, io, path::Path};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::Timestamp;
use countersign_store::{
    MIGRATIONS, audit,
    engine::{CopyError, Database, Error as DatabaseError},
    vault as vault_row,
};

use super::store::BackupStoreError;
use crate::{Error, Object, Vault};

/// Why there is no backup. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file could not be made.
    #[error("{path} cannot be made: {source}")]
    File {
        /// Where.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A database did not do what it was asked.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The vault did not.
    #[error(transparent)]
    Vault(#[from] Error),
    /// The place where backups lie did not.
    #[error(transparent)]
    Store(#[from] BackupStoreError),
}

impl From<DatabaseError> for BackupError {
    fn from(error: DatabaseError) -> Self {
        Self::Copy(CopyError::Database(error))
    }
}

/// Writes a backup of the vault in a database, as of this moment, into a new file that its owner alone can read, while
/// everything goes on. It needs no key. Says how many records of the audit log it holds at least.
///
/// # Errors
/// [`BackupError`]; then there is no file.
pub async fn write_backup(database: &Database, file: &Path, now: Timestamp) -> Result<u64, BackupError> {
    let row = vault_row::find(&mut &*database).await?;
    let row = row.ok_or(BackupError::Vault(Error::NotFound(Object::Vault)))?;
    let of_file = |source| BackupError::File { path: file.display().to_string(), source };
    make_private(file).map_err(of_file)?;
    let copied = match database.copy_into(file, MIGRATIONS, now.micros()).await {
        Ok(()) => make_durable(file).map_err(of_file),
        Err(error) => Err(error.into()),
    };
    if copied.is_err() {
        // Half a copy must not be taken for one.
        let _ = fs::remove_file(file);
    }
    copied.map(|()| row.head.size)
}

impl Vault {
    /// [`write_backup`] of this vault.
    ///
    /// # Errors
    /// As there.
    pub async fn back_up_into(&self, file: &Path) -> Result<u64, BackupError> {
        write_backup(&self.inner.database, file, self.now()).await
    }

    /// Records that the vault was moved from one kind of database to another; not twice, one after the other.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn record_move(&self, from: &str, to: &str) -> Result<(), Error> {
        let entry = AuditEntry::new(self.now(), ActorRef::system(), AuditAction::VaultMoved)
            .on(ObjectKind::Vault, self.keys().active().vault().uuid(), "vault")
            .with("from", from.to_owned())
            .with("to", to.to_owned());
        let mut unit = self.unit().await?;
        let size = vault_row::lock_head(&mut unit).await?.head.size;
        let newest = audit::after(&mut unit, size.saturating_sub(1), 1).await?;
        // Said already, by a try that was interrupted behind it.
        if newest.last().is_some_and(|record| record.entry.act == AuditAction::VaultMoved.name()) {
            return Ok(());
        }
        unit.record(entry);
        unit.commit().await.map(drop)
    }
}

fn make_private(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map(drop)
}

fn make_durable(file: &Path) -> io::Result<()> {
    fs::File::open(file)?.sync_all()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}
