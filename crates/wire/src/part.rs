//! What a recording consists of, byte by byte: entries one after the other, gathered into parts.
//!
//! An entry is `u8 kind, u32 at_ms, u32 length, payload`, little endian, times counted from the session's begin:
//! 1, a whole frame: `u16 width, u16 height`, then a JPEG; 2, a change of it: `u16 x, u16 y`, then a JPEG to be drawn there;
//! 3, an event: a JSON object in UTF-8.

use serde_json::Value;

use crate::RecordingEvent;

/// Bytes before an entry's payload.
pub(crate) const HEAD: usize = 9;
pub(crate) const WHOLE: u8 = 1;
pub(crate) const CHANGE: u8 = 2;
pub(crate) const EVENT: u8 = 3;

/// One entry, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartEntry<'a> {
    /// The whole picture, in pixels.
    Whole {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
        /// The picture.
        jpeg: &'a [u8],
    },
    /// What changed of the picture before.
    Change {
        /// Pixels from the left.
        x: u16,
        /// Pixels from the top.
        y: u16,
        /// What is there now.
        jpeg: &'a [u8],
    },
    /// Something happened; `None` where only another version knows what.
    Event(Option<RecordingEvent>),
}

/// A part does not read: it was cut off, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the recording is damaged at byte {at} of a part")]
pub struct DamagedPart {
    /// Where.
    pub at: usize,
}

/// Gathers entries into a part.
#[derive(Debug, Default)]
pub struct PartWriter {
    /// What it consists of.
    pub bytes: Vec<u8>,
    /// The time of its first entry, in milliseconds.
    pub from_ms: u32,
    /// The time of its last entry, in milliseconds.
    pub to_ms: u32,
    /// Whole frames and changes in it.
    pub frames: u32,
    /// Events in it.
    pub events: u32,
    /// Whether its first frame is a whole one, so that playing can begin with it.
    pub key: bool,
}

impl PartWriter {
    /// Whether nothing is in it.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds a whole frame.
    pub fn whole(&mut self, at_ms: u32, width: u16, height: u16, jpeg: &[u8]) {
        self.key |= self.frames == 0;
        self.frames += 1;
        self.put(WHOLE, at_ms, &[&width.to_le_bytes(), &height.to_le_bytes(), jpeg]);
    }

    /// Adds what has changed of the frame before.
    pub fn change(&mut self, at_ms: u32, x: u16, y: u16, jpeg: &[u8]) {
        self.frames += 1;
        self.put(CHANGE, at_ms, &[&x.to_le_bytes(), &y.to_le_bytes(), jpeg]);
    }

    /// Adds what has happened.
    pub fn event(&mut self, at_ms: u32, event: &RecordingEvent) {
        // Its fields are texts, numbers and names, for each of which there is JSON.
        let Ok(text) = serde_json::to_vec(event) else { return };
        self.events += 1;
        self.put(EVENT, at_ms, &[&text]);
    }

    fn put(&mut self, kind: u8, at_ms: u32, payload: &[&[u8]]) {
        if self.bytes.is_empty() {
            self.from_ms = at_ms;
        }
        self.to_ms = at_ms;
        let length: usize = payload.iter().map(|piece| piece.len()).sum();
        self.bytes.push(kind);
        self.bytes.extend_from_slice(&at_ms.to_le_bytes());
        self.bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        for piece in payload {
            self.bytes.extend_from_slice(piece);
        }
    }
}

/// Reads a part, entry by entry, each with its time in milliseconds. What is damaged ends it.
pub fn entries(part: &[u8]) -> impl Iterator<Item = Result<(u32, PartEntry<'_>), DamagedPart>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= part.len() {
            return None;
        }
        let read = entry(&part[at..]);
        let begin = at;
        match read {
            Some((length, time, entry)) => {
                at += length;
                Some(Ok((time, entry)))
            }
            None => {
                at = part.len();
                Some(Err(DamagedPart { at: begin }))
            }
        }
    })
}

fn entry(bytes: &[u8]) -> Option<(usize, u32, PartEntry<'_>)> {
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let number = |from: usize| Some(u32::from_le_bytes(head.get(from..from + 4)?.try_into().ok()?));
    let length = usize::try_from(number(5)?).ok()?;
    let payload = rest.get(..length)?;
    let entry = match head[0] {
        WHOLE => {
            let (width, height, jpeg) = pair(payload)?;
            PartEntry::Whole { width, height, jpeg }
        }
        CHANGE => {
            let (x, y, jpeg) = pair(payload)?;
            PartEntry::Change { x, y, jpeg }
        }
        EVENT => {
            let event: Value = serde_json::from_slice(payload).ok()?;
            PartEntry::Event(serde_json::from_value(event).ok())
        }
        _ => return None,
    };
    Some((HEAD + length, number(1)?, entry))
}

/// Two numbers and what comes after them.
fn pair(payload: &[u8]) -> Option<(u16, u16, &[u8])> {
    let ([a, b, c, d], jpeg) = payload.split_first_chunk::<4>()?;
    Some((u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]), jpeg))
}

#[cfg(test)]
mod tests {
    use countersign_model::SessionEnd;
    use proptest::prelude::*;

    use super::*;

    fn click() -> RecordingEvent {
        RecordingEvent::Click { name: "Grüße".into(), role: "button".into(), who: "ana".into() }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut part = PartWriter::default();
        assert!(part.is_empty());
        part.event(5, &click());
        part.whole(10, 1280, 720, b"jpeg");
        part.change(500, 3, 700, b"other");
        let read: Vec<_> = entries(&part.bytes).map(Result::unwrap).collect();
        assert_eq!(
            read,
            [
                (5, PartEntry::Event(Some(click()))),
                (10, PartEntry::Whole { width: 1280, height: 720, jpeg: b"jpeg" }),
                (500, PartEntry::Change { x: 3, y: 700, jpeg: b"other" }),
            ]
        );
        assert_eq!((part.from_ms, part.to_ms, part.frames, part.events, part.key), (5, 500, 2, 1, true));
        let mut changes_only = PartWriter::default();
        changes_only.change(1, 0, 0, b"x");
        changes_only.whole(2, 1, 1, b"x");
        assert!(!changes_only.key, "it cannot be begun with");
    }

    #[test]
    fn entries_have_their_bytes() {
        let mut part = PartWriter::default();
        part.whole(0x0102, 0x0304, 5, &[0xff, 0xd8]);
        assert_eq!(part.bytes, [1, 2, 1, 0, 0, 6, 0, 0, 0, 4, 3, 5, 0, 0xff, 0xd8]);
        let mut part = PartWriter::default();
        part.change(1, 2, 3, &[9]);
        assert_eq!(part.bytes, [2, 1, 0, 0, 0, 5, 0, 0, 0, 2, 0, 3, 0, 9]);
        let mut part = PartWriter::default();
        part.event(7, &RecordingEvent::Left { who: "a".into() });
        assert_eq!(part.bytes[..HEAD], [3, 7, 0, 0, 0, 25, 0, 0, 0]);
        assert_eq!(&part.bytes[HEAD..], br#"{"kind":"left","who":"a"}"#);
    }

    #[test]
    fn events_are_read_whatever_the_order_of_their_fields_and_unknown_ones_are_passed_over() {
        let raw = |text: &str| {
            let length = u32::try_from(text.len()).unwrap().to_le_bytes();
            [&[EVENT, 0, 0, 0, 0][..], &length, text.as_bytes()].concat()
        };
        let ended = RecordingEvent::Ended { why: SessionEnd::Person };
        for (text, expected) in [
            (r#"{"why":"person","kind":"ended"}"#, Some(Some(ended))),
            (r#"{"kind":"from_tomorrow","who":"ana"}"#, Some(None)),
            (r#"{"kind":"ended","why":"from_tomorrow"}"#, Some(None)),
            ("[1]", Some(None)),
            ("no JSON", None),
        ] {
            let bytes = [raw(text), raw(r#"{"kind":"left","who":"a"}"#)].concat();
            let read: Vec<_> = entries(&bytes).collect();
            let first = match read[0].clone() {
                Ok((_, PartEntry::Event(event))) => Some(event),
                _ => None,
            };
            assert_eq!(first, expected, "{text}");
            assert_eq!(read.len(), if expected.is_some() { 2 } else { 1 }, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_part_that_is_cut_off_gives_what_is_whole_and_says_where_it_ends(cut in 0_usize..60) {
            let mut part = PartWriter::default();
            part.whole(1, 2, 2, &[7; 20]);
            part.event(2, &RecordingEvent::Ended { why: SessionEnd::Idle });
            let cut = cut.min(part.bytes.len());
            let read: Vec<_> = entries(&part.bytes[..cut]).collect();
            let whole = if cut == part.bytes.len() { 2 } else { usize::from(cut >= HEAD + 24) };
            prop_assert_eq!(read.iter().filter(|entry| entry.is_ok()).count(), whole);
            let clean = cut == 0 || cut == HEAD + 24 || cut == part.bytes.len();
            prop_assert_eq!(read.iter().any(Result::is_err), !clean);
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = entries(&bytes).count();
        }
    }
}
