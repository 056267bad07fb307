//! What a recording consists of, byte by byte: entries one after the other, gathered into parts.
//!
//! An entry is `u8 kind, u32 at_ms, u32 length, payload`, little endian, times counted from the session's begin:
//! 1, a whole frame: `u16 width, u16 height`, then a JPEG; 2, a change of it: `u16 x, u16 y`, then a JPEG to be drawn there;
//! 3, an event: a JSON object in UTF-8.

use serde_json::Value;

const HEAD: usize = 9;

/// One entry, as it is read.
#[derive(Debug, Clone, PartialEq)]
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
    /// Something happened.
    Event(Value),
}

/// A part does not read: it was cut off, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the recording is damaged at byte {at} of a part")]
pub struct DamagedPart {
    /// Where.
    pub at: usize,
}

/// Gathers entries.
#[derive(Debug, Default)]
pub(crate) struct PartWriter {
    pub(crate) bytes: Vec<u8>,
    pub(crate) from_ms: u32,
    pub(crate) to_ms: u32,
    pub(crate) frames: u32,
    pub(crate) events: u32,
    /// Whether its first frame is a whole one.
    pub(crate) key: bool,
}

impl PartWriter {
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn whole(&mut self, at_ms: u32, width: u16, height: u16, jpeg: &[u8]) {
        self.key |= self.frames == 0;
        self.frames += 1;
        self.put(1, at_ms, &[&width.to_le_bytes(), &height.to_le_bytes(), jpeg]);
    }

    pub(crate) fn change(&mut self, at_ms: u32, x: u16, y: u16, jpeg: &[u8]) {
        self.frames += 1;
        self.put(2, at_ms, &[&x.to_le_bytes(), &y.to_le_bytes(), jpeg]);
    }

    pub(crate) fn event(&mut self, at_ms: u32, event: &Value) {
        self.events += 1;
        self.put(3, at_ms, &[event.to_string().as_bytes()]);
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

/// Reads a part, entry by entry, each with its time. What is damaged ends it.
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
    let pair = |payload: &[u8]| {
        let pair = [payload.first_chunk::<4>()?];
        let [a, b, c, d] = *pair[0];
        Some((u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])))
    };
    let entry = match head[0] {
        1 => {
            let (width, height) = pair(payload)?;
            PartEntry::Whole { width, height, jpeg: &payload[4..] }
        }
        2 => {
            let (x, y) = pair(payload)?;
            PartEntry::Change { x, y, jpeg: &payload[4..] }
        }
        3 => PartEntry::Event(serde_json::from_slice(payload).ok()?),
        _ => return None,
    };
    Some((HEAD + length, number(1)?, entry))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut part = PartWriter::default();
        part.event(5, &json!({"kind": "click", "name": "Grüße"}));
        part.whole(10, 1280, 720, b"jpeg");
        part.change(500, 3, 700, b"other");
        let read: Vec<_> = entries(&part.bytes).map(Result::unwrap).collect();
        assert_eq!(
            read,
            [
                (5, PartEntry::Event(json!({"kind": "click", "name": "Grüße"}))),
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

    proptest! {
        #[test]
        fn a_part_that_is_cut_off_gives_what_is_whole_and_says_where_it_ends(cut in 0_usize..60) {
            let mut part = PartWriter::default();
            part.whole(1, 2, 2, &[7; 20]);
            part.event(2, &json!({"kind": "ended"}));
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
