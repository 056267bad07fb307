//! What a terminal sends for keys, read from its bytes.

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Letter(char),
    Enter,
    Up,
    Down,
    PageUp,
    PageDown,
    Backspace,
    DeleteWord,
    DeleteLine,
    Cancel,
}

/// Takes whole keys from the front of what has come. `is_all` says that nothing comes any more for now: then an escape
/// alone is the key Esc, and not how another begins.
pub(super) fn take(bytes: &mut Vec<u8>, is_all: bool) -> Vec<Key> {
    let mut keys = Vec::new();
    while let Some(first) = bytes.first().copied() {
        let Some((length, key)) = (if first == 0x1b { sequence(bytes, is_all) } else { plain(bytes, first) }) else {
            // The rest of a letter that never comes is dropped.
            if is_all {
                bytes.clear();
            }
            break;
        };
        bytes.drain(..length.min(bytes.len()));
        keys.extend(key);
    }
    keys
}

/// One key without an escape: how many bytes it is, and which.
fn plain(bytes: &[u8], first: u8) -> Option<(usize, Option<Key>)> {
    let key = match first {
        b'\r' | b'\n' => Some(Key::Enter),
        0x03 | 0x04 | 0x07 => Some(Key::Cancel),
        0x08 | 0x7f => Some(Key::Backspace),
        0x0b | 0x10 => Some(Key::Up),
        0x0e => Some(Key::Down),
        0x15 => Some(Key::DeleteLine),
        0x17 => Some(Key::DeleteWord),
        0x20..0x7f => Some(Key::Letter(char::from(first))),
        0x80.. => return letter(bytes),
        _ => None,
    };
    Some((1, key))
}

/// A letter of several bytes; what is no UTF-8 is passed over.
fn letter(bytes: &[u8]) -> Option<(usize, Option<Key>)> {
    const LONGEST: usize = 4;
    let begin = bytes.get(..LONGEST).unwrap_or(bytes);
    let text = match std::str::from_utf8(begin) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() == 0 => return error.error_len().map(|length| (length, None)),
        Err(error) => std::str::from_utf8(begin.get(..error.valid_up_to())?).ok()?,
    };
    let letter = text.chars().next()?;
    Some((letter.len_utf8(), (!letter.is_control()).then_some(Key::Letter(letter))))
}

/// ECMA-48: an escape, `[` or `O`, parameters, and a last byte from `@` to `~`.
fn sequence(bytes: &[u8], is_all: bool) -> Option<(usize, Option<Key>)> {
    match bytes.get(1) {
        None => is_all.then_some((1, Some(Key::Cancel))),
        Some(b'[' | b'O') => {
            let end = bytes.iter().skip(2).position(|byte| (0x40..0x7f).contains(byte));
            let Some(end) = end.map(|at| at + 2) else { return is_all.then_some((bytes.len(), None)) };
            let key = match bytes.get(2..=end)? {
                b"A" => Some(Key::Up),
                b"B" => Some(Key::Down),
                b"5~" => Some(Key::PageUp),
                b"6~" => Some(Key::PageDown),
                _ => None,
            };
            Some((end + 1, key))
        }
        // Alt with a letter.
        Some(0x7f) => Some((2, Some(Key::DeleteWord))),
        Some(_) => Some((2, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_bytes() {
        for (bytes, keys) in [
            (&b"aB "[..], &[Key::Letter('a'), Key::Letter('B'), Key::Letter(' ')][..]),
            ("ü東".as_bytes(), &[Key::Letter('ü'), Key::Letter('東')]),
            (b"\x1b[A\x1bOB\x1b[5~\x1b[6~", &[Key::Up, Key::Down, Key::PageUp, Key::PageDown]),
            (b"\x1b[1;5Cx", &[Key::Letter('x')]),
            (b"\x1b", &[Key::Cancel]),
            (b"\x03", &[Key::Cancel]),
            (
                b"\x7f\x17\x15\x1b\x7f\r",
                &[Key::Backspace, Key::DeleteWord, Key::DeleteLine, Key::DeleteWord, Key::Enter],
            ),
            (b"\xffa\xc3", &[Key::Letter('a')]),
            (b"\x1b[12", &[]),
        ] {
            let mut left = bytes.to_vec();
            assert_eq!(take(&mut left, true), keys, "{bytes:?}");
            assert!(left.is_empty(), "{bytes:?} left {left:?}");
        }
    }

    #[test]
    fn what_comes_in_pieces_is_waited_for() {
        let mut bytes = "ü".as_bytes()[..1].to_vec();
        assert_eq!(take(&mut bytes, false), []);
        bytes.extend(&"ü".as_bytes()[1..]);
        bytes.push(0x1b);
        assert_eq!(take(&mut bytes, false), [Key::Letter('ü')]);
        bytes.push(b'[');
        assert_eq!(take(&mut bytes, false), []);
        bytes.push(b'A');
        assert_eq!(take(&mut bytes, false), [Key::Up]);
    }
}
