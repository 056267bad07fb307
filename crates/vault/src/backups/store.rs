//! Where backups lie.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use countersign_model::{Timestamp, VaultId};

use super::{name::BackupName, retention::Retention};

/// What a [`BackupStore`] gives.
pub type BackupFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BackupStoreError>> + Send + 'a>>;

/// Where backups lie, each under a name.
pub trait BackupStore: Send + Sync + 'static {
    /// Keeps a file under a name; done when it is durable. What is there under that name is replaced as a whole.
    fn put_file<'a>(&'a self, name: &'a str, file: &'a Path) -> BackupFuture<'a, ()>;
    /// Copies what is kept under a name into a new file.
    fn get_file<'a>(&'a self, name: &'a str, file: &'a Path) -> BackupFuture<'a, ()>;
    /// The names of all files that are there and not empty, those of other things among them.
    fn names(&self) -> BackupFuture<'_, Vec<String>>;
    /// Removes one; that it is gone already is no error.
    fn remove_file<'a>(&'a self, name: &'a str) -> BackupFuture<'a, ()>;
    /// Where it is, for people.
    fn place(&self) -> String;
}

/// Why a store of backups does not do what it was asked; names the place.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct BackupStoreError(pub String);

/// Where the server's own backups lie, how often one is made, and which of them stay.
#[derive(Clone)]
pub struct Backups {
    /// Where.
    pub store: Arc<dyn BackupStore>,
    /// How often.
    pub every: Duration,
    /// Which stay.
    pub retention: Retention,
    /// A private folder in which a backup is put together.
    pub scratch: PathBuf,
}

impl Backups {
    /// The names of those that are there, of whichever vault, the newest first.
    ///
    /// # Errors
    /// [`BackupStoreError`].
    pub async fn all(&self) -> Result<Vec<BackupName>, BackupStoreError> {
        let names = self.store.names().await?;
        let mut found: Vec<BackupName> = names.iter().filter_map(|name| BackupName::parse(name)).collect();
        found.sort_unstable_by_key(|name| std::cmp::Reverse(name.at()));
        Ok(found)
    }

    /// When those of a vault were made.
    ///
    /// # Errors
    /// [`BackupStoreError`].
    pub async fn times(&self, vault: VaultId) -> Result<Vec<Timestamp>, BackupStoreError> {
        Ok(self.all().await?.iter().filter(|name| name.is_of(vault)).map(BackupName::at).collect())
    }
}
