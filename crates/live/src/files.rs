//! Files on their way into the driven page and out of it, in a folder that goes with the session.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use countersign_model::UserId;
use parking_lot::Mutex;
use tempfile::TempDir;

/// The largest file that is carried either way.
pub(crate) const LARGEST: u64 = 25 << 20;
const MAX: usize = 20;

/// A file is not taken or not given.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// It is not, or no longer, granted to them.
    #[error("you don't have access to this")]
    NotGranted,
    /// None of this name is there for them.
    #[error("there is no such file")]
    NotFound,
    /// Too large, or too many.
    #[error("at most {MAX} files of {} MiB each", LARGEST >> 20)]
    TooMuch,
    /// Without its record it stays where it is.
    #[error("this cannot be recorded at the moment, so the file stays where it is")]
    NotRecorded,
    /// The system.
    #[error("the file could not be kept: {0}")]
    System(#[from] std::io::Error),
}

#[derive(Default)]
pub(crate) struct SessionFiles {
    folder: Mutex<Option<TempDir>>,
    kept: Mutex<HashMap<String, StoredFile>>,
    count: AtomicU32,
}

#[derive(Clone)]
pub(crate) struct StoredFile {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) person: UserId,
    pub(crate) size: u64,
    pub(crate) incoming: bool,
}

impl SessionFiles {
    /// Where the browser may put what it downloads; `None` when no folder can be made.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let mut folder = self.folder.lock();
        if folder.is_none() {
            // Made for its owner alone.
            *folder = tempfile::Builder::new()
                .prefix("countersign-session-")
                .tempdir()
                .inspect_err(|error| tracing::warn!(%error, "a session has no place for files"))
                .ok();
        }
        folder.as_ref().map(|folder| folder.path().to_owned())
    }

    /// Keeps a file that a person gives; its name for the message that hands it to the page.
    pub(crate) async fn take(&self, id: String, person: UserId, name: &str, bytes: &[u8]) -> Result<(), TransferError> {
        if bytes.len() as u64 > LARGEST || self.kept.lock().len() >= MAX {
            return Err(TransferError::TooMuch);
        }
        let folder = self.folder().ok_or(TransferError::NotFound)?;
        // In a folder of its own, so that the page sees the name that the person gave it.
        let place = folder.join(&id);
        tokio::fs::create_dir(&place).await?;
        let path = place.join(plain_name(name));
        tokio::fs::write(&path, bytes).await?;
        let kept = StoredFile { path, name: name.to_owned(), person, size: bytes.len() as u64, incoming: true };
        self.kept.lock().insert(id, kept);
        Ok(())
    }

    pub(crate) fn next_name(&self) -> String {
        format!("in-{}", self.count.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn offer(&self, id: String, kept: StoredFile) {
        self.kept.lock().insert(id, kept);
    }

    /// Removes a file that nobody may have.
    pub(crate) fn remove(&self, path: &Path) {
        if let Err(error) = std::fs::remove_file(path) {
            tracing::warn!(%error, "a file that was not granted could not be removed");
        }
    }

    /// What was kept for this person in this direction; it is theirs once.
    pub(crate) fn claim(&self, id: &str, person: UserId, incoming: bool) -> Option<StoredFile> {
        let mut kept = self.kept.lock();
        let theirs = kept.get(id).is_some_and(|file| file.person == person && file.incoming == incoming);
        if theirs { kept.remove(id) } else { None }
    }
}

/// A file's name without anything that leads elsewhere.
fn plain_name(name: &str) -> String {
    let last = Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String =
        last.chars().filter(|character| !character.is_control() && *character != '\\').take(120).collect();
    if plain.trim_matches('.').is_empty() { "file".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere() {
        for (name, plain) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("..", "file"),
            ("", "file"),
            ("a\u{0}b\n.txt", "ab.txt"),
            ("Grüße 🦊.png", "Grüße 🦊.png"),
        ] {
            assert_eq!(plain_name(name), plain, "{name:?}");
        }
    }
}
