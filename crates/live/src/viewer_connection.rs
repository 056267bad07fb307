//! A viewer's connection: frames of which the newest wins, messages that wait their turn, and how much it may send.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::{BufMut as _, Bytes, BytesMut};
use countersign_browser::ScreencastFrame;
use countersign_vault::Participant;
use countersign_wire::{ClientMessage, CloseReason, FrameHead, ServerMessage, ViewerId};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::session::Event;

/// So many messages may wait for a viewer that does not read; then it is let go.
pub(crate) const WAITING_MESSAGES: usize = 256;
/// Messages a second, and how many at once: a hand on a mouse and a keyboard sends a tenth of it.
const PER_SECOND: f64 = 300.0;
const AT_ONCE: f64 = 600.0;
/// Messages that are none, before the connection is ended.
const MAX_GARBAGE: u32 = 10;

/// A viewer's place in a session. Dropping it is leaving.
pub struct ViewerConnection {
    id: ViewerId,
    person: Participant,
    input: mpsc::Sender<Event>,
    urgent: mpsc::UnboundedSender<Event>,
    told: mpsc::Receiver<Arc<ServerMessage>>,
    frames: watch::Receiver<Option<Arc<ScreencastFrame>>>,
    allowance: RateLimit,
    garbage: u32,
    /// The last frame that was sent, and the last that was drawn.
    sent: u32,
    drawn: AtomicU32,
    last: Option<Instant>,
}

/// What is to be sent to the viewer next.
pub enum Outgoing {
    /// A message.
    Text(String),
    /// A frame with its head.
    Frame(Bytes),
    /// The session has ended, or the viewer did not read: nothing more comes.
    Over,
}

impl ViewerConnection {
    /// Input goes its way in its order, what is urgent before it.
    pub(crate) fn new(
        id: ViewerId,
        person: Participant,
        (input, urgent): (mpsc::Sender<Event>, mpsc::UnboundedSender<Event>),
        told: mpsc::Receiver<Arc<ServerMessage>>,
        frames: watch::Receiver<Option<Arc<ScreencastFrame>>>,
    ) -> Self {
        let allowance = RateLimit::full(Instant::now());
        let (garbage, sent, drawn, last) = (0, 0, AtomicU32::default(), None);
        Self { id, person, input, urgent, told, frames, allowance, garbage, sent, drawn, last }
    }

    /// Who sits here.
    pub fn person(&self) -> &Participant {
        &self.person
    }

    /// They may do this from now on. Nobody need wait for it.
    ///
    /// # Errors
    /// [`CloseReason::Ended`].
    pub async fn seated(&mut self, person: Participant) -> Result<(), CloseReason> {
        let rights = |it: &Participant| (it.level, it.extras, it.may_end, it.may_freeze);
        if rights(&person) == rights(&self.person) {
            return Ok(());
        }
        self.person = person.clone();
        let seat = self.id;
        // Before the input that waits: what was taken back counts for that too.
        self.urgent.send(Event::Seated { seat, person }).map_err(|_| CloseReason::Ended)
    }

    /// Takes a text message of the page.
    ///
    /// # Errors
    /// [`CloseReason`]: the connection is to be ended.
    pub async fn heard(&mut self, text: &str) -> Result<(), CloseReason> {
        if !self.allowance.take(Instant::now()) {
            return Err(CloseReason::Flooding);
        }
        let asked = match ClientMessage::parse(text) {
            Ok(asked) => asked,
            Err(error) => {
                tracing::debug!(%error, "a viewer sent what is no message");
                self.garbage += 1;
                return if self.garbage > MAX_GARBAGE { Err(CloseReason::Garbage) } else { Ok(()) };
            }
        };
        if let ClientMessage::Seen { seq } = asked {
            self.drawn.fetch_max(seq.min(self.sent), Ordering::Relaxed);
            return Ok(());
        }
        let seat = self.id;
        // Input is taken in order; a viewer that is faster than the page waits here, and with it its socket.
        self.input.send(Event::Asked { seat, asked }).await.map_err(|_| CloseReason::Ended)
    }

    /// Waits for what is to be sent next. One frame is on its way at a time, and it is the newest.
    pub async fn next(&mut self) -> Outgoing {
        loop {
            let free = self.drawn.load(Ordering::Relaxed) >= self.sent;
            tokio::select! {
                biased;
                told = self.told.recv() => {
                    return match told {
                        Some(told) => Outgoing::Text(serde_json::to_string(&*told).unwrap_or_default()),
                        None => Outgoing::Over,
                    };
                }
                changed = self.frames.changed(), if free => {
                    if changed.is_err() {
                        // What is left to be told says why.
                        return match self.told.recv().await {
                            Some(told) => Outgoing::Text(serde_json::to_string(&*told).unwrap_or_default()),
                            None => Outgoing::Over,
                        };
                    }
                    let frame = self.frames.borrow_and_update().clone();
                    if let Some(frame) = frame.filter(|frame| Some(frame.at) != self.last) {
                        self.last = Some(frame.at);
                        self.sent = self.sent.wrapping_add(1);
                        return Outgoing::Frame(with_head(&frame, self.sent, frame.at.elapsed()));
                    }
                }
            }
        }
    }
}

impl Drop for ViewerConnection {
    fn drop(&mut self) {
        let left = Event::Left(self.id);
        if let Err(mpsc::error::TrySendError::Full(left)) = self.input.try_send(left) {
            let input = self.input.clone();
            tokio::spawn(async move {
                // A session that has ended needs no farewell.
                let _ = input.send(left).await;
            });
        }
    }
}

fn with_head(frame: &ScreencastFrame, sequence: u32, age: Duration) -> Bytes {
    let head = FrameHead {
        sequence,
        age_ms: u32::try_from(age.as_millis()).unwrap_or(u32::MAX),
        width: pixels(frame.css.w),
        height: pixels(frame.css.h),
    };
    let mut out = BytesMut::with_capacity(FrameHead::LENGTH + frame.jpeg.len());
    out.put_slice(&head.to_bytes());
    out.put_slice(&frame.jpeg);
    out.freeze()
}

fn pixels(size: impl TryInto<u16>) -> u16 {
    size.try_into().unwrap_or(u16::MAX)
}

/// How much may be sent: a bucket that fills by itself.
#[derive(Debug)]
pub(crate) struct RateLimit {
    left: f64,
    at: Instant,
}

impl RateLimit {
    pub(crate) const fn full(now: Instant) -> Self {
        Self { left: AT_ONCE, at: now }
    }

    fn take(&mut self, now: Instant) -> bool {
        let filled = self.left + now.saturating_duration_since(self.at).as_secs_f64() * PER_SECOND;
        self.at = now;
        self.left = filled.min(AT_ONCE) - 1.0;
        self.left >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_is_let_through_and_a_flood_is_not() {
        let begin = Instant::now();
        let mut hand = RateLimit::full(begin);
        assert!((0..20_000_u64).all(|n| hand.take(begin + Duration::from_millis(n * 10))), "100 a second for long");
        let mut flood = RateLimit::full(begin);
        let taken = (0..2_000).take_while(|_| flood.take(begin)).count();
        assert_eq!(taken, 600);
        assert!(flood.take(begin + Duration::from_secs(10)), "who rests may go on");
    }
}
