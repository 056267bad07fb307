use zeroize::Zeroizing;

/// `text` as a JSON string with its quotes, in memory that is wiped.
///
/// Serialising through `serde_json` would leave copies in buffers that grow; this one is measured first.
pub(crate) fn json_text(text: &str) -> Zeroizing<Vec<u8>> {
    // Six bytes is the longest escape of one byte.
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() * 6 + 2));
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..=0x1f => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[hex(byte >> 4), hex(byte & 0xf)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
    out
}

const fn hex(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_back_as_it_was() {
        for text in ["", "plain", "quote\" back\\slash", "line\nfeed\u{1}", "pässword 🔑", "\u{7f}</script>"] {
            let json = super::json_text(text);
            assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text);
            assert!(json.capacity() >= json.len());
        }
    }
}
