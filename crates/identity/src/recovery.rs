use countersign_model::{Chance, UserId};
use countersign_seal::{Digest, Secret, Sha256};
use zeroize::Zeroizing;

/// How many recovery codes a person is given at once.
pub const RECOVERY_CODES: usize = 10;

/// A code with which somebody who lost their authenticator signs in, once: eighty random bits, written as sixteen
/// characters in groups of four, `7k3p-x2qm-…`.
///
/// Only its hash is stored, bound to its person. A plain hash is enough, since nobody can guess eighty bits.
pub struct RecoveryCode {
    /// Without dashes, in lower case.
    text: Secret,
}

// Crockford's base32: no letters that are taken for digits, so no code is misread from paper.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 16;

impl RecoveryCode {
    /// A new one.
    pub fn new(chance: &dyn Chance) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        chance.fill(bytes.as_mut());
        // Thirty-two letters divide a byte's values evenly: each letter is as likely as any other.
        let text: Zeroizing<Vec<u8>> = Zeroizing::new(bytes.iter().map(|b| LETTERS[usize::from(b % 32)]).collect());
        Self { text: Secret::from(text.as_slice()) }
    }

    /// Takes what somebody typed, in any case, with blanks or dashes anywhere, `o` for `0` and `i` or `l` for `1`; `None`
    /// when it has not the form of one. No authenticator's token has it.
    pub fn parse(text: &str) -> Option<Self> {
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
            letters.push(LETTERS.contains(&letter).then_some(letter)?);
        }
        (letters.len() == LENGTH).then(|| Self { text: Secret::from(letters.as_slice()) })
    }

    /// The code as it is shown, in groups of four.
    pub fn shown(&self) -> Secret {
        let groups: Vec<&[u8]> = self.text.expose().chunks(4).collect();
        Secret::from(groups.join(&b'-'))
    }

    /// What is stored of it for this person.
    pub fn hash(&self, person: UserId) -> Digest {
        let mut hash = Sha256::default();
        hash.field(b"countersign recovery code");
        hash.field(person.uuid().as_bytes());
        hash.field(self.text.expose());
        hash.finish()
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::{CountingChance, Timestamp};

    use super::*;

    #[test]
    fn a_code_is_recognised_however_it_is_typed() {
        let chance = CountingChance::default();
        let person = UserId::new(Timestamp::from_seconds(0), &chance);
        let code = RecoveryCode::new(&chance);
        let shown = code.shown();
        let shown = shown.expose_text().unwrap();
        assert_eq!((shown.len(), shown.matches('-').count()), (19, 3), "{shown}");
        for typed in [
            shown.to_owned(),
            shown.to_uppercase(),
            shown.replace('-', " "),
            shown.replace('-', ""),
            format!(" {shown}\n"),
            shown.replace('0', "o").replace('1', "L"),
        ] {
            let again = RecoveryCode::parse(&typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!(again.hash(person), code.hash(person), "{typed}");
        }
        assert_ne!(RecoveryCode::new(&chance).hash(person), code.hash(person));
        assert_ne!(code.hash(UserId::new(Timestamp::from_seconds(1), &chance)), code.hash(person), "another's");
    }

    #[test]
    fn other_things_are_no_code() {
        for typed in ["", "123456", "12345678", "abcd-efgh-jkmn", "uuuu-uuuu-uuuu-uuuu", "äbcd-efgh-jkmn-pqrs"] {
            assert!(RecoveryCode::parse(typed).is_none(), "{typed}");
        }
        assert!(RecoveryCode::parse(&"-".repeat(1 << 20)).is_none());
    }
}
