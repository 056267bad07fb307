//! What is recorded of a session: sealed part by part while it runs, and played back from the same parts.

use std::time::Duration;

use countersign_audit::AuditAction;
use countersign_model::{Actor, ActorKind, SessionId, Timestamp};
use countersign_seal::{Binding, Sealed, Secret, SecretKind};
use countersign_store::{engine, sessions, sessions::PartRow};
use uuid::Uuid;

use super::{ask::about, view::SessionView, writer::SessionWriter};
use crate::{Error, Object, RecordingError, RunError, Vault, sessions::Recordings};

/// Who has opened a recording may fetch its parts for so long; then they open it again, recorded again.
const PLAYBACK: Duration = Duration::from_secs(10 * 60);

/// Some seconds of a recording: entries one after the other, little endian, `u8` kind, `u32` milliseconds since the
/// session was live, `u32` length, and so many bytes. Kind 1 is a whole picture (`u16` width, `u16` height, JPEG), 2 a
/// change of it (`u16` x, `u16` y, JPEG to draw there), 3 an event (JSON).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingPart {
    /// Its number, from 0.
    pub seq: u32,
    /// When its first entry happened, in milliseconds since the session was live.
    pub from_ms: u64,
    /// When its last entry happened.
    pub to_ms: u64,
    /// Whether its first picture is a whole one: playing may begin here.
    pub key: bool,
    /// How many pictures it holds.
    pub frames: u32,
    /// How many events it holds.
    pub events: u32,
    /// The entries.
    pub bytes: Vec<u8>,
}

/// A part of a recording, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartInfo {
    /// Its number, from 0.
    pub seq: u32,
    /// When its first entry happened, in milliseconds since the session was live.
    pub from_ms: u64,
    /// When its last entry happened.
    pub to_ms: u64,
    /// Whether its first picture is a whole one.
    pub key: bool,
    /// How many pictures it holds.
    pub frames: u32,
    /// How many events it holds.
    pub events: u32,
    /// Its size in bytes, unsealed.
    pub bytes: u64,
}

impl From<PartRow> for PartInfo {
    fn from(PartRow { seq, from_ms, to_ms, key, frames, events, bytes }: PartRow) -> Self {
        Self { seq, from_ms, to_ms, key, frames, events, bytes }
    }
}

/// A recording, to be played part by part.
#[derive(Debug, Clone)]
pub struct RecordingView {
    /// The session.
    pub session: SessionView,
    /// Its parts so far, in order.
    pub parts: Vec<PartInfo>,
    /// Whether more may come.
    pub running: bool,
    /// Its size so far.
    pub bytes: u64,
    /// How long it is so far.
    pub duration_ms: u64,
    /// Until when who has opened it may fetch its parts.
    pub playback_until: Timestamp,
}

impl SessionWriter {
    /// Keeps a part of a recording: sealed, durable in the store, then in the index.
    ///
    /// # Errors
    /// [`RecordingError::Full`] and [`RecordingError::Failed`]: end the session, nothing goes unrecorded. [`RunError::LeaseLost`].
    pub async fn put_part(&self, part: RecordingPart) -> Result<(), RunError> {
        let recordings = self.vault.recordings()?;
        let row = PartRow {
            seq: part.seq,
            from_ms: part.from_ms,
            to_ms: part.to_ms,
            key: part.key,
            frames: part.frames,
            events: part.events,
            bytes: part.bytes.len() as u64,
        };
        let sealed =
            self.vault.keys().seal(&binding(self.id, part.seq), &Secret::from(part.bytes), self.vault.chance());
        recordings.store.put(&name(self.id, part.seq), sealed.bytes().to_vec()).await.map_err(Error::from)?;
        match self.index_part(&row, &sealed).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(RunError::LeaseLost),
            Err(Error::Database(error)) if matches!(*error, engine::Error::Full { .. }) => {
                Err(Error::from(RecordingError::Full).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// False when the session is not this host's any more.
    async fn index_part(&self, part: &PartRow, sealed: &Sealed) -> Result<bool, Error> {
        let mut tx = self.vault.unit().await?;
        if sessions::seen(&mut tx, self.id, &self.node, self.vault.now()).await?.is_none() {
            return Ok(false);
        }
        sessions::put_part(&mut tx, self.id, part, sealed).await?;
        tx.commit_without_record("a part of a recording of a session that is on record").await?;
        Ok(true)
    }
}

impl Vault {
    /// Says where recordings are kept; without it no session begins. The first call counts, and gives true.
    pub fn keep_recordings(&self, recordings: Recordings) -> bool {
        self.inner.recordings.set(recordings).is_ok()
    }

    pub(crate) fn recordings(&self) -> Result<&Recordings, Error> {
        self.inner.recordings.get().ok_or(Error::Recording(RecordingError::NoStore))
    }

    /// A recording, also of a session that still runs; that it was opened is recorded, and for ten minutes whoever came in
    /// by the same browser or API token may fetch its parts.
    ///
    /// # Errors
    /// [`RecordingError::NotToPlay`], [`Error::NotFound`].
    pub async fn recording(&self, actor: &Actor, id: SessionId) -> Result<RecordingView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let (row, access) = self.find_session(&mut tx, &actor, id).await?;
        if !access.may_play(&actor) {
            return Err(access.not_to_play());
        }
        // What is to be removed is not shown any more.
        let parts = if row.dropped_at.is_none() { sessions::parts(&mut tx, id).await? } else { Vec::new() };
        let playback_until = self.now().plus(PLAYBACK);
        sessions::put_playback(&mut tx, id, bearer(&actor), playback_until).await?;
        let entry = about(self.entry(&actor, AuditAction::RecordingOpened), &row);
        let entry = entry.with("playback_until", playback_until.to_string());
        tx.record(entry);
        tx.commit().await?;
        Ok(RecordingView {
            running: row.ended_at.is_none(),
            bytes: parts.iter().map(|part| part.bytes).sum(),
            duration_ms: parts.iter().map(|part| part.to_ms).max().unwrap_or(0),
            session: self.session_view(&actor, row, &access),
            parts: parts.into_iter().map(Into::into).collect(),
            playback_until,
        })
    }

    /// One part of a recording, opened, for whoever has opened the recording a short while ago.
    ///
    /// # Errors
    /// [`RecordingError::PlaybackNeeded`]: open the recording first, or again.
    /// [`RecordingError::PartMissing`] and [`RecordingError::PartDamaged`] name it; the others can still be played. [`RecordingError::NotToPlay`],
    /// [`Error::NotFound`].
    pub async fn recording_part(&self, actor: &Actor, id: SessionId, seq: u32) -> Result<Vec<u8>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let (row, access) = self.find_session(&mut reader, &actor, id).await?;
        if !access.may_play(&actor) {
            return Err(access.not_to_play());
        }
        let part = sessions::part(&mut reader, id, seq).await?.filter(|_| row.dropped_at.is_none());
        let part = part.ok_or(Error::NotFound(Object::RecordingPart))?;
        let playback = sessions::playback(&mut reader, id, bearer(&actor)).await?;
        let playback = playback
            .filter(|playback| self.now() < playback.until)
            .ok_or(Error::Recording(RecordingError::PlaybackNeeded))?;
        drop(reader);
        let bytes = self
            .recordings()?
            .store
            .get(&name(id, seq))
            .await?
            .ok_or(Error::Recording(RecordingError::PartMissing(seq)))?;
        let opened = self.keys().open(&binding(id, seq), &Sealed::from_bytes(bytes));
        let opened =
            opened.map_err(|_| Error::Recording(RecordingError::PartDamaged(seq)))?.release(&playback.receipt)?;
        if opened.len() as u64 != part.bytes {
            return Err(Error::Recording(RecordingError::PartDamaged(seq)));
        }
        Ok(opened.expose().to_vec())
    }
}

/// By what they came in, as long as that is the same.
fn bearer(actor: &Actor) -> Uuid {
    match actor.kind {
        ActorKind::Person(id) => id.uuid(),
        ActorKind::Program(id) => id.uuid(),
        ActorKind::Service(id) => id.uuid(),
        ActorKind::Device(id) => id.uuid(),
        ActorKind::Machine => actor.user.uuid(),
    }
}

pub(crate) fn name(session: SessionId, seq: u32) -> String {
    format!("{session}/{seq}")
}

/// A part opens only as this part of this recording.
pub(crate) fn binding(session: SessionId, seq: u32) -> Binding {
    let version = u128::from(seq).to_be_bytes();
    Binding { kind: SecretKind::RecordingPart, owner: session.uuid().into_bytes(), version }
}
