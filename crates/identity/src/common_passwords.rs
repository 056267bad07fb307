//! Passwords that everybody tries first: a filter that ships with the binary. Its source and licence stand in
//! docs/licences.md, `tools/common-passwords` makes it.

use countersign_seal::{Secret, Sha256};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// So many bytes of each entry's SHA-256, sorted: of a hundred million other passwords, less than one is taken for an entry.
const KEPT: usize = 5;
static COMMON: &[u8] = include_bytes!("common_passwords.bin");

/// Whether a password is among the common ones, whatever the case and width of its letters, and whatever digits and signs
/// stand behind it.
pub(crate) fn is_common(password: &Secret) -> bool {
    let Some(text) = password.expose_text() else { return false };
    // NFKC makes nothing longer than eighteen times (Annex #15 §12), and what is that long is no entry.
    let mut folded = Zeroizing::new(String::with_capacity(18 * text.len()));
    folded.extend(text.trim().nfkc().flat_map(char::to_lowercase));
    let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    is_listed(&folded) || is_listed(bare)
}

fn is_listed(word: &str) -> bool {
    let digest = Sha256::of(word.as_bytes());
    let wanted = &digest.bytes()[..KEPT];
    let (entries, _) = COMMON.as_chunks::<KEPT>();
    entries.binary_search_by(|entry| entry.as_slice().cmp(wanted)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_known() {
        let table = [
            ("password", true),
            ("PassWord", true),
            ("\u{ff50}\u{ff41}\u{ff53}\u{ff53}\u{ff57}\u{ff4f}\u{ff52}\u{ff44}", true),
            ("  football  ", true),
            ("iloveyou", true),
            ("iloveyou2024!", true),
            ("qwertyuiop", true),
            ("plum velvet anchor sixteen", false),
            ("passwordanchor", false),
            ("", false),
        ];
        for (word, common) in table {
            assert_eq!(is_common(&Secret::from(word.to_owned())), common, "{word}");
        }
    }

    #[test]
    fn the_filter_is_sorted_and_whole() {
        let (entries, rest) = COMMON.as_chunks::<KEPT>();
        assert!(rest.is_empty() && entries.len() > 8_000, "{}", entries.len());
        assert!(entries.is_sorted());
    }
}
