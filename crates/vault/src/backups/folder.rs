//! Backups in a folder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::store::{BackupFuture, BackupStore, BackupStoreError};

/// How a file is called until it is whole.
const HALF: &str = ".part";

/// A folder of backups; made where it is missing, for its owner alone.
#[derive(Debug)]
pub struct BackupFolder {
    path: PathBuf,
}

impl BackupFolder {
    /// The folder at this path.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn told(&self, error: &io::Error) -> BackupStoreError {
        BackupStoreError(format!("{}: {error}", self.path.display()))
    }

    /// Runs what waits for the disk where that keeps nobody waiting.
    fn beside<'a, T: Send + 'static>(
        &'a self,
        act: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> BackupFuture<'a, T> {
        let path = self.path.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || act(&path)).await;
            done.unwrap_or_else(|_| Err(io::Error::other("interrupted"))).map_err(|error| self.told(&error))
        })
    }
}

impl BackupStore for BackupFolder {
    fn put_file<'a>(&'a self, name: &'a str, file: &'a Path) -> BackupFuture<'a, ()> {
        let (name, file) = (name.to_owned(), file.to_owned());
        self.beside(move |folder| {
            make_private(folder)?;
            let half = folder.join(format!("{name}{HALF}"));
            let copied = copy(&file, &half).and_then(|()| fs::rename(&half, folder.join(&name)));
            if copied.is_err() {
                let _ = fs::remove_file(&half);
            }
            copied?;
            File::open(folder)?.sync_all()
        })
    }

    fn get_file<'a>(&'a self, name: &'a str, file: &'a Path) -> BackupFuture<'a, ()> {
        let (name, file) = (name.to_owned(), file.to_owned());
        self.beside(move |folder| copy(&folder.join(name), &file))
    }

    fn names(&self) -> BackupFuture<'_, Vec<String>> {
        self.beside(|folder| {
            let entries = match fs::read_dir(folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            entries.map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default())).collect()
        })
    }

    fn remove_file<'a>(&'a self, name: &'a str) -> BackupFuture<'a, ()> {
        let name = name.to_owned();
        self.beside(move |folder| match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut from = File::open(from)?;
    let mut to = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::BackupFolder;
    use crate::BackupStore as _;

    #[tokio::test]
    async fn a_file_is_kept_listed_given_back_and_removed() {
        let place = tempfile::tempdir().unwrap();
        let folder = BackupFolder::new(place.path().join("deep/backups"));
        assert_eq!(folder.names().await.unwrap(), Vec::<String>::new(), "a folder that is not there is empty");
        let file = place.path().join("file");
        fs::write(&file, "whole").unwrap();
        folder.put_file("one", &file).await.unwrap();
        folder.put_file("one", &file).await.unwrap();
        assert_eq!(folder.names().await.unwrap(), ["one"]);
        let back = place.path().join("back");
        folder.get_file("one", &back).await.unwrap();
        assert_eq!(fs::read_to_string(back).unwrap(), "whole");
        folder.remove_file("one").await.unwrap();
        folder.remove_file("one").await.unwrap();
        assert!(folder.names().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_written_says_where() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "whole").unwrap();
        let told = BackupFolder::new(file.clone()).put_file("one", &file).await.unwrap_err().to_string();
        assert!(told.contains("file"), "{told}");
    }
}
