//! A viewer of a session, as its page is one: reads, draws, says that it has drawn.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use countersign_live::{Hub, Outgoing};
use countersign_model::{Actor, SessionId};
use countersign_snapshot::Bounds;
use countersign_vault::Vault;
use countersign_wire::{FrameHead, PartEntry, entries};
use image::{RgbImage, imageops};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

/// Longer than one frame takes after another, also on a busy machine.
const AT_REST: Duration = Duration::from_millis(1_000);
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct SeenPage {
    pub(crate) told: Vec<Value>,
    pub(crate) frames: Vec<Bytes>,
    pub(crate) over: bool,
}

pub(crate) struct Viewer {
    say: mpsc::UnboundedSender<String>,
    seen: Arc<Mutex<SeenPage>>,
    changed: Arc<Notify>,
}

impl Viewer {
    pub(crate) async fn join(vault: &Vault, hub: &Arc<Hub>, actor: &Actor, id: SessionId) -> Self {
        let person = vault.join_session(actor, id, None).await.unwrap();
        let mut seat = hub.join(id, person, PATIENCE).await.unwrap();
        let (say, mut heard) = mpsc::unbounded_channel::<String>();
        let (seen, changed) = (Arc::new(Mutex::new(SeenPage::default())), Arc::new(Notify::new()));
        let viewer = Self { say, seen: Arc::clone(&seen), changed: Arc::clone(&changed) };
        tokio::spawn(async move {
            loop {
                let outcome = tokio::select! {
                    said = heard.recv() => match said {
                        Some(text) => seat.heard(&text).await,
                        None => return,
                    },
                    next = seat.next() => match next {
                        Outgoing::Text(text) => {
                            seen.lock().told.push(serde_json::from_str(&text).unwrap());
                            Ok(())
                        }
                        Outgoing::Frame(frame) => {
                            let number = FrameHead::read(&frame).unwrap().0.sequence;
                            seen.lock().frames.push(frame);
                            seat.heard(&json!({"t": "seen", "seq": number}).to_string()).await
                        }
                        Outgoing::Over => {
                            seen.lock().over = true;
                            changed.notify_waiters();
                            return;
                        }
                    },
                };
                changed.notify_waiters();
                // The session has ended; nothing here is a flood or garbage.
                if outcome.is_err() {
                    return;
                }
            }
        });
        viewer
    }

    pub(crate) fn say(&self, message: &Value) {
        self.say_text(&message.to_string());
    }

    pub(crate) fn say_text(&self, text: &str) {
        // Who was let go says nothing any more.
        let _ = self.say.send(text.to_owned());
    }

    pub(crate) fn click(&self, at: &Bounds) {
        let (x, y) = (f64::from(at.x) + f64::from(at.w) / 2.0, f64::from(at.y) + f64::from(at.h) / 2.0);
        self.say(&json!({"t": "move", "x": x, "y": y, "buttons": 0}));
        for act in ["down", "up"] {
            self.say(&json!({"t": act, "x": x, "y": y, "button": 0, "clicks": 1, "mods": 0}));
        }
    }

    pub(crate) fn press(&self, key: &str) {
        let text = if key == "Enter" { Some("\r") } else { None };
        self.say(&json!({"t": "key", "down": true, "key": key, "code": key, "mods": 0, "text": text}));
        self.say(&json!({"t": "key", "down": false, "key": key, "code": key, "mods": 0}));
    }

    /// Waits until what was seen gives something.
    pub(crate) async fn until<T>(&self, what: &str, find: impl Fn(&SeenPage) -> Option<T>) -> T {
        let look = async {
            loop {
                let changed = self.changed.notified();
                if let Some(found) = find(&self.seen.lock()) {
                    return found;
                }
                // A change may be noticed between looking and waiting.
                let _ = tokio::time::timeout(Duration::from_millis(200), changed).await;
            }
        };
        match tokio::time::timeout(PATIENCE, look).await {
            Ok(found) => found,
            Err(_) => panic!("{what} did not come; told: {:#?}", self.seen.lock().told),
        }
    }

    pub(crate) async fn phase(&self, phase: &str) -> Value {
        self.until(&format!("phase {phase}"), |seen| {
            let last = seen.told.iter().rev().find(|told| told["t"] == "phase")?;
            (last["phase"] == phase).then(|| last.clone())
        })
        .await
    }

    /// The newest frame after `count` of them.
    pub(crate) async fn frame_after(&self, count: usize) -> RgbImage {
        self.until("a frame", |seen| (seen.frames.len() > count).then(|| picture(seen.frames.last().unwrap()))).await
    }

    pub(crate) fn frames(&self) -> Vec<RgbImage> {
        let frames = self.seen.lock().frames.clone();
        frames.iter().map(picture).collect()
    }

    /// How many frames there are once no more come, or a blinking caret has made some: what is done next is then seen in a
    /// later one. Without that two things that undo each other may show in none.
    pub(crate) async fn at_rest(&self) -> usize {
        for _ in 0..5 {
            let count = self.count();
            tokio::time::sleep(AT_REST).await;
            if self.count() == count {
                break;
            }
        }
        self.count()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().frames.len()
    }

    pub(crate) fn told(&self) -> Vec<Value> {
        self.seen.lock().told.clone()
    }
}

fn picture(frame: &Bytes) -> RgbImage {
    image::load_from_memory(FrameHead::read(frame).unwrap().1).unwrap().into_rgb8()
}

/// A recording, drawn again: every picture that was ever seen in it, and every event.
pub(crate) async fn play(vault: &Vault, actor: &Actor, id: SessionId) -> (Vec<RgbImage>, Vec<Value>) {
    let recording = vault.recording(actor, id).await.unwrap();
    let (mut pictures, mut events): (Vec<RgbImage>, Vec<Value>) = (Vec::new(), Vec::new());
    for part in &recording.parts {
        let bytes = vault.recording_part(actor, id, part.seq).await.unwrap();
        for entry in entries(&bytes) {
            match entry.unwrap().1 {
                PartEntry::Whole { width, height, jpeg } => {
                    let picture = image::load_from_memory(jpeg).unwrap().into_rgb8();
                    assert_eq!(picture.dimensions(), (width.into(), height.into()));
                    pictures.push(picture);
                }
                PartEntry::Change { x, y, jpeg } => {
                    let mut drawn = pictures.last().expect("a whole frame comes first").clone();
                    let piece = image::load_from_memory(jpeg).unwrap().into_rgb8();
                    imageops::replace(&mut drawn, &piece, x.into(), y.into());
                    pictures.push(drawn);
                }
                PartEntry::Event(event) => events.push(serde_json::to_value(event.expect("an event of ours")).unwrap()),
            }
        }
    }
    (pictures, events)
}
