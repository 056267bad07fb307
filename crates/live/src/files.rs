//! Files on their way into the driven page and out of it, in a folder that goes with the session.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use countersign_model::{Level, UserId};
use countersign_vault::{Error as VaultError, Participant, SessionAction};
use countersign_wire::RecordingEvent;
use parking_lot::Mutex;
use tempfile::TempDir;

use crate::SessionHandle;

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

    fn next_name(&self) -> String {
        format!("in-{}", self.count.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn offer(&self, id: String, kept: StoredFile) {
        self.kept.lock().insert(id, kept);
    }

    /// What was kept for this person in this direction; it is theirs once.
    pub(crate) fn claim(&self, id: &str, person: UserId, incoming: bool) -> Option<StoredFile> {
        let mut kept = self.kept.lock();
        let theirs = kept.get(id).is_some_and(|file| file.person == person && file.incoming == incoming);
        if theirs { kept.remove(id) } else { None }
    }
}

impl SessionHandle {
    /// Keeps a file for the page; gives what the message that hands it over has to name. What `person` may do is as fresh
    /// as the caller has made it: [`countersign_vault::Vault::session_seat`]; it is decided again when the page gets it.
    ///
    /// # Errors
    /// [`TransferError::NotGranted`] for who may bring none.
    pub async fn take_file(&self, person: &Participant, name: &str, bytes: &[u8]) -> Result<String, TransferError> {
        if !may_bring(person) {
            return Err(TransferError::NotGranted);
        }
        let id = self.files.next_name();
        self.files.take(id.clone(), person.person, name, bytes).await?;
        Ok(id)
    }

    /// Gives a file that the page gave, once, after its record: its name and what is in it.
    ///
    /// # Errors
    /// [`TransferError`].
    pub async fn give_file(&self, person: &Participant, id: &str) -> Result<(String, Vec<u8>), TransferError> {
        if !person.extras.download {
            return Err(TransferError::NotGranted);
        }
        let kept = self.files.claim(id, person.person, false).ok_or(TransferError::NotFound)?;
        let bytes = tokio::fs::read(&kept.path).await?;
        let (length, hash) = (bytes.len() as u64, self.vault.keyed_hash(&bytes));
        let act = SessionAction::Downloaded { name: kept.name.clone(), length, hash: hash.clone() };
        if let Err(error) = self.vault.record_session(&self.run, Some(person), act).await {
            self.files.offer(id.to_owned(), kept);
            if matches!(error, VaultError::Denied(_)) {
                return Err(TransferError::NotGranted);
            }
            tracing::warn!(%error, "a file stays in its session: it cannot be recorded");
            return Err(TransferError::NotRecorded);
        }
        self.recorder.note(RecordingEvent::Download { hash, length, name: kept.name.clone() });
        if let Err(error) = tokio::fs::remove_file(&kept.path).await {
            tracing::debug!(%error, "a file that was taken is still there");
        }
        Ok((kept.name, bytes))
    }
}

/// Whether somebody may give files to the page.
pub fn may_bring(person: &Participant) -> bool {
    person.extras.upload && person.level >= Level::Interact
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
