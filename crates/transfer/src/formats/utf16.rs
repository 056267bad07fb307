//! Text in UTF-16 behind its mark (RFC 2781 §3.2), as spreadsheets and some editors save it.

use countersign_seal::Secret;

/// The same text in UTF-8, without the mark; `None` where there is no mark, or where what follows is no such text.
pub(crate) fn decoded(bytes: &[u8]) -> Option<Secret> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    // Three bytes of UTF-8 are the most for one unit: a buffer that never grows leaves no copy behind.
    let mut text = String::with_capacity(bytes.len() / 2 * 3);
    for character in char::decode_utf16(pairs.iter().skip(1).copied().map(unit)) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => {
                zeroize::Zeroize::zeroize(&mut text);
                return None;
            }
        }
    }
    Some(Secret::from(text))
}

#[cfg(test)]
mod tests {
    use super::decoded;

    fn shown(bytes: &[u8]) -> Option<String> {
        decoded(bytes).and_then(|text| text.expose_text().map(str::to_owned))
    }

    #[test]
    fn both_orders_and_nothing_else() {
        for (bytes, expected) in [
            (&b"\xff\xfea\0\xe4\0"[..], Some("aä")),
            (b"\xfe\xff\0a\0\xe4", Some("aä")),
            // Two units for one character.
            (b"\xff\xfe\x3d\xd8\x11\xdd", Some("\u{1f511}")),
            (b"\xff\xfe", Some("")),
            // Half a unit, half a pair, no mark, and another mark.
            (b"\xff\xfea\0b", None),
            (b"\xff\xfe\x3d\xd8", None),
            (b"a\0b\0", None),
            (b"\xef\xbb\xbfa", None),
        ] {
            assert_eq!(shown(bytes).as_deref(), expected, "{bytes:?}");
        }
    }
}
