//! Writes down what viewers can see and what happens, in parts that are sealed and stored one after the other.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use countersign_browser::ScreencastFrame;
use countersign_vault::{Error as VaultError, RecordingError, RecordingPart, RunError, SessionWriter};
use countersign_wire::{PartWriter, RecordingEvent};
use image::RgbImage;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use crate::frame_diff::{Difference, decode, difference, encode, whole};

/// Frames a second at most.
const BETWEEN_FRAMES: Duration = Duration::from_millis(500);
/// A part is stored when it is this old or this large, so that a running recording can be played.
const OLDEST_PART: Duration = Duration::from_secs(5);
const LARGEST_PART: usize = 256 << 10;
/// Playing can begin at a whole frame only.
const BETWEEN_WHOLE: Duration = Duration::from_secs(30);
/// The rest of a recording is given so long to be stored.
const TO_END: Duration = Duration::from_secs(20);

enum Note {
    Event(RecordingEvent),
    /// People can see it from now on: its time begins.
    Begin,
    /// The last frame before nothing is shown any more.
    Frame(Arc<ScreencastFrame>),
    /// Store what is there, and say when that is done.
    End(oneshot::Sender<()>),
}

/// Where events are noted. The recording goes on until it is ended.
#[derive(Clone)]
pub(crate) struct Recorder {
    notes: mpsc::UnboundedSender<Note>,
    failed: watch::Receiver<Option<RecordingFailure>>,
}

/// A recording cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordingFailure {
    /// There is no room.
    Full,
    /// The store or the database refuses.
    Refused,
}

impl Recorder {
    /// Records `frames`, which are those that viewers are sent.
    pub(crate) fn start(writer: SessionWriter, frames: watch::Receiver<Option<Arc<ScreencastFrame>>>) -> Self {
        let (notes, heard) = mpsc::unbounded_channel();
        let (failing, failed) = watch::channel(None);
        let recording =
            Recording { writer, begun: None, sequence: 0, part: PartWriter::default(), before: None, whole_at: None };
        tokio::spawn(async move {
            if let Err(failure) = recording.go_on(heard, frames).await {
                failing.send_replace(Some(failure));
            }
        });
        Self { notes, failed }
    }

    pub(crate) fn note(&self, event: RecordingEvent) {
        // A recording that has failed ends its session.
        let _ = self.notes.send(Note::Event(event));
    }

    pub(crate) fn begin(&self) {
        let _ = self.notes.send(Note::Begin);
    }

    pub(crate) fn note_last(&self, frame: Arc<ScreencastFrame>) {
        let _ = self.notes.send(Note::Frame(frame));
    }

    /// Waits until it fails; for ever when it does not.
    pub(crate) async fn failed(&mut self) -> RecordingFailure {
        loop {
            if let Some(failure) = *self.failed.borrow_and_update() {
                return failure;
            }
            if self.failed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(crate) async fn end(&self) {
        let (done, stored) = oneshot::channel();
        if self.notes.send(Note::End(done)).is_ok() && tokio::time::timeout(TO_END, stored).await.is_err() {
            tracing::warn!("the end of a recording was not stored in time");
        }
    }
}

struct Recording {
    writer: SessionWriter,
    /// When people could first see it. What happens before is at nought.
    begun: Option<Instant>,
    sequence: u32,
    part: PartWriter,
    before: Option<RgbImage>,
    whole_at: Option<Instant>,
}

impl Recording {
    async fn go_on(
        mut self,
        mut notes: mpsc::UnboundedReceiver<Note>,
        mut frames: watch::Receiver<Option<Arc<ScreencastFrame>>>,
    ) -> Result<(), RecordingFailure> {
        let mut next_frame = Instant::now();
        let mut frames_end = false;
        let mut part_begun: Option<Instant> = None;
        loop {
            let store_at = *part_begun.get_or_insert_with(Instant::now) + OLDEST_PART;
            if self.part.is_empty() {
                part_begun = None;
            }
            tokio::select! {
                note = notes.recv() => match note {
                    Some(Note::Event(event)) => {
                        let at = self.now_ms();
                        self.part.event(at, &event);
                    }
                    Some(Note::Begin) => self.begun = self.begun.or(Some(Instant::now())),
                    Some(Note::Frame(frame)) => self.take(frame).await,
                    Some(Note::End(done)) => {
                        let stored = self.store().await;
                        let _ = done.send(());
                        return stored;
                    }
                    None => return self.store().await,
                },
                changed = at(next_frame, frames.changed()), if !frames_end => {
                    frames_end = changed.is_err();
                    let frame = frames.borrow_and_update().clone();
                    if let Some(frame) = frame {
                        self.take(frame).await;
                        next_frame = Instant::now() + BETWEEN_FRAMES;
                    }
                }
                () = tokio::time::sleep_until(store_at), if !self.part.is_empty() => self.store().await?,
            }
            if self.part.bytes.len() >= LARGEST_PART {
                self.store().await?;
            }
        }
    }

    fn now_ms(&self) -> u32 {
        self.begun.map_or(0, |begun| u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX))
    }

    async fn take(&mut self, frame: Arc<ScreencastFrame>) {
        let before = self.before.take();
        let whole_is_due = self.whole_at.is_none_or(|at| at.elapsed() >= BETWEEN_WHOLE);
        // Pictures are worked on where no socket waits for it.
        let worked = tokio::task::spawn_blocking(move || compare(&frame, before, whole_is_due)).await;
        let Ok((now, found)) = worked else { return };
        self.before = now;
        let at = self.now_ms();
        match found {
            Found::Nothing => {}
            Found::Whole { width, height, jpeg } => {
                self.part.whole(at, width, height, &jpeg);
                self.whole_at = Some(Instant::now());
            }
            Found::Parts(parts) => {
                for (x, y, jpeg) in parts {
                    self.part.change(at, x, y, &jpeg);
                }
            }
        }
    }

    async fn store(&mut self) -> Result<(), RecordingFailure> {
        if self.part.is_empty() {
            return Ok(());
        }
        let part = std::mem::take(&mut self.part);
        let part = RecordingPart {
            seq: self.sequence,
            from_ms: part.from_ms.into(),
            to_ms: part.to_ms.into(),
            key: part.key,
            frames: part.frames,
            events: part.events,
            bytes: part.bytes,
        };
        self.sequence += 1;
        self.writer.put_part(part).await.map_err(|error| {
            tracing::warn!(session = %self.writer.session(), %error, "a recording cannot go on");
            if matches!(error, RunError::Vault(VaultError::Recording(RecordingError::Full))) {
                RecordingFailure::Full
            } else {
                RecordingFailure::Refused
            }
        })
    }
}

/// What `work` gives, asked for no sooner than `when`.
async fn at<T>(when: Instant, work: impl Future<Output = T>) -> T {
    tokio::time::sleep_until(when).await;
    work.await
}

enum Found {
    Nothing,
    Whole { width: u16, height: u16, jpeg: Bytes },
    Parts(Vec<(u16, u16, Vec<u8>)>),
}

fn compare(frame: &ScreencastFrame, before: Option<RgbImage>, whole_is_due: bool) -> (Option<RgbImage>, Found) {
    let Some(decoded) = decode(&frame.jpeg, frame.css.w, frame.css.h) else { return (before, Found::Nothing) };
    let now = decoded.picture;
    let difference = before.map_or(Difference::Whole, |before| difference(&before, &now));
    let pixels = |size: u32| u16::try_from(size).unwrap_or(u16::MAX);
    let found = match difference {
        Difference::None => Found::Nothing,
        Difference::Parts(parts) if !whole_is_due => {
            Found::Parts(parts.into_iter().map(|part| (pixels(part.x), pixels(part.y), encode(&now, part))).collect())
        }
        Difference::Parts(_) | Difference::Whole => {
            // It is a JPEG already: to write it anew takes an encoder's time and loses some of it.
            let jpeg = if decoded.made_smaller { encode(&now, whole(&now)).into() } else { frame.jpeg.clone() };
            Found::Whole { width: pixels(now.width()), height: pixels(now.height()), jpeg }
        }
    };
    (Some(now), found)
}
