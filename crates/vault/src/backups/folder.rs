//! Backups in a folder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::store::{BackupFuture, BackupStore, BackupStoreError};
use crate::open_regular;

/// How a file is called until it is whole.
const HALF: &str = ".part";

/// A folder of backups.
#[derive(Debug)]
pub struct BackupFolder {
    path: PathBuf,
    makes: bool,
}

impl BackupFolder {
    /// The folder at this path, which has to be there: made anew, it would lie on the root disk when a disk is not mounted.
    pub fn at(path: PathBuf) -> Self {
        Self { path, makes: false }
    }

    /// The same within a folder of the vault's own; it is made where it is missing, for its owner alone.
    pub fn within(data: &Path, path: &Path) -> Self {
        Self { path: data.join(path), makes: true }
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
        let (name, file, makes) = (name.to_owned(), file.to_owned(), self.makes);
        self.beside(move |folder| {
            if makes {
                make_private(folder)?;
            }
            // A name that nobody can have waiting: what is put together has one of its own.
            let own = file.file_name().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
            let half = folder.join(format!(".{}{HALF}", own.trim_start_matches('.')));
            let copied = copy_new(&file, &half).and_then(|()| fs::rename(&half, folder.join(&name)));
            if copied.is_err() {
                let _ = fs::remove_file(&half);
            }
            copied?;
            File::open(folder)?.sync_all()
        })
    }

    fn get_file<'a>(&'a self, name: &'a str, file: &'a Path) -> BackupFuture<'a, ()> {
        let (name, file) = (name.to_owned(), file.to_owned());
        self.beside(move |folder| {
            let found =
                open_regular(&folder.join(&name)).map_err(|error| io::Error::other(format!("{name} {error}")))?;
            copy(found, fs::OpenOptions::new().create(true).truncate(true), &file)
        })
    }

    fn names(&self) -> BackupFuture<'_, Vec<String>> {
        let makes = self.makes;
        self.beside(move |folder| {
            let entries = match fs::read_dir(folder) {
                Ok(entries) => entries,
                Err(error) if makes && error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            let mut names = Vec::new();
            for entry in entries {
                let entry = entry?;
                // Of a link this says what the link is. What is gone again is not there.
                let is_file = entry.metadata().is_ok_and(|found| found.is_file() && found.len() > 0);
                names.extend(entry.file_name().into_string().ok().filter(|_| is_file));
            }
            Ok(names)
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

/// Into a file that is not there yet; a link that somebody has laid is not followed.
fn copy_new(from: &Path, to: &Path) -> io::Result<()> {
    copy(File::open(from)?, fs::OpenOptions::new().create_new(true), to)
}

fn copy(mut from: File, options: &mut fs::OpenOptions, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut to = options.write(true).mode(0o600).open(to)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::BackupFolder;
    use crate::BackupStore as _;

    #[tokio::test]
    async fn a_file_is_kept_listed_given_back_and_removed() {
        let place = tempfile::tempdir().unwrap();
        let missing = BackupFolder::at(place.path().join("mounted"));
        assert!(missing.names().await.unwrap_err().to_string().contains("mounted"), "nobody makes it by mistake");
        let folder = BackupFolder::within(place.path(), Path::new("deep/backups"));
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
        let told = BackupFolder::at(file.clone()).put_file("one", &file).await.unwrap_err().to_string();
        assert!(told.contains("file"), "{told}");
    }
}
