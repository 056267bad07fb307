//! Files that people bring for the page, and take from it.

use countersign_model::Level;
use countersign_vault::{Error as VaultError, Participant, SessionAction};
use countersign_wire::RecordingEvent;

use crate::{files::TransferError, handle::SessionHandle};

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
        if let Err(error) = self.writer.record(Some(person), act).await {
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
