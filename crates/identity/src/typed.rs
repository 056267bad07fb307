//! Codes that people type: Crockford's base32, which has no letters that are taken for digits, so that none is misread.

use countersign_model::Chance;
use countersign_seal::Secret;
use zeroize::Zeroizing;

const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// In which case a code is shown, kept and hashed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
}

impl Case {
    fn of(self, letter: u8) -> u8 {
        match self {
            Self::Lower => letter,
            Self::Upper => letter.to_ascii_uppercase(),
        }
    }
}

/// A new code of so many letters, five bits each.
pub(crate) fn draw<const LENGTH: usize>(case: Case, chance: &dyn Chance) -> Secret {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    chance.fill(bytes.as_mut());
    // Thirty-two letters divide a byte's values evenly: each letter is as likely as any other.
    let letters = bytes.iter().map(|byte| case.of(LETTERS[usize::from(byte % 32)]));
    let text: Zeroizing<Vec<u8>> = Zeroizing::new(letters.collect());
    Secret::from(text.as_slice())
}

/// What somebody typed, in any case, with blanks or dashes anywhere, `o` for `0` and `i` or `l` for `1`; `None` when it has not the
/// form of a code of so many letters.
pub(crate) fn read<const LENGTH: usize>(case: Case, text: &str) -> Option<Secret> {
    if text.len() > 8 * LENGTH {
        return None;
    }
    let mut letters = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
        let letter = match character.to_ascii_lowercase() {
            'o' => b'0',
            'i' | 'l' => b'1',
            other => u8::try_from(other).ok()?,
        };
        letters.push(LETTERS.contains(&letter).then(|| case.of(letter))?);
    }
    (letters.len() == LENGTH).then(|| Secret::from(letters.as_slice()))
}

/// As it is shown: in groups of four.
pub(crate) fn grouped(code: &Secret) -> Secret {
    let groups: Vec<&[u8]> = code.expose().chunks(4).collect();
    Secret::from(groups.join(&b'-'))
}
