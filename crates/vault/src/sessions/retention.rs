//! How long recordings are kept.

use std::time::Duration;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::SessionId;
use countersign_store::{sessions, sessions::OldRecording};

use crate::{Error, Vault};

const AT_ONCE: u32 = 100;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Vault {
    /// Ends sessions whose host is gone, and removes recordings by their age and for room.
    pub(crate) async fn tidy_sessions(&self) -> Result<(), Error> {
        while self.sweep_sessions().await? > 0 {}
        let mut tx = self.unit().await?;
        sessions::delete_playbacks(&mut tx, self.now()).await?;
        tx.commit_without_record("forgets who may fetch parts no more").await?;
        let Some(recordings) = self.inner.recordings.get() else { return Ok(()) };
        // What a stop in the middle has left comes first.
        for id in sessions::half_dropped(&mut &self.inner.database, AT_ONCE).await? {
            self.remove_bytes(id).await?;
        }
        let before = self.now().minus(recordings.kept);
        loop {
            let old = sessions::old(&mut &self.inner.database, before, AT_ONCE).await?;
            if old.is_empty() {
                break;
            }
            self.remove_recordings(&old, "age").await?;
        }
        let most = i64::try_from(recordings.most_bytes).unwrap_or(i64::MAX);
        loop {
            let mut over = sessions::total_bytes(&mut &self.inner.database).await? - most;
            let mut oldest = sessions::oldest(&mut &self.inner.database, AT_ONCE).await?;
            oldest.retain(|recording| {
                let goes = over > 0;
                over -= recording.bytes;
                goes
            });
            if oldest.is_empty() {
                break;
            }
            self.remove_recordings(&oldest, "size").await?;
        }
        let mut tx = self.unit().await?;
        sessions::delete_orphans(&mut tx).await?;
        sessions::delete_links(&mut tx, self.now().minus(DAY)).await?;
        tx.commit_without_record("forgets links that have ended").await
    }

    async fn remove_recordings(&self, recordings: &[OldRecording], because: &'static str) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.unit().await?;
        let mut entries = Vec::new();
        for recording in recordings {
            if sessions::drop_recording(&mut tx, recording.id, now).await? && recording.bytes > 0 {
                let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::RecordingRemoved)
                    .on(ObjectKind::Session, recording.id.uuid(), recording.credential_name.as_str())
                    .with("because", because)
                    .with("bytes", recording.bytes);
                entries.push(entry);
            }
        }
        tx.record_all(entries);
        tx.commit_recorded_or("another server has removed them, on record").await?;
        for recording in recordings {
            self.remove_bytes(recording.id).await?;
        }
        Ok(())
    }

    /// The bytes first, then what names them: a stop between leaves something to do for the next time.
    async fn remove_bytes(&self, id: SessionId) -> Result<(), Error> {
        self.recordings()?.store.remove(&id.to_string()).await?;
        let mut tx = self.unit().await?;
        sessions::delete_parts(&mut tx, id).await?;
        tx.commit_without_record("the removal of the recording is on record").await
    }
}
