use countersign_model::{Chance, UserId};
use countersign_seal::{Digest, Secret, Sha256};

use crate::typed::{self, Case};

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

const LENGTH: usize = 16;

impl RecoveryCode {
    /// A new one.
    pub fn new(chance: &dyn Chance) -> Self {
        Self { text: typed::draw::<LENGTH>(Case::Lower, chance) }
    }

    /// Takes what somebody typed, in any case, with blanks or dashes anywhere, `o` for `0` and `i` or `l` for `1`; `None`
    /// when it has not the form of one. No authenticator's token has it.
    pub fn parse(text: &str) -> Option<Self> {
        typed::read::<LENGTH>(Case::Lower, text).map(|text| Self { text })
    }

    /// The code as it is shown, in groups of four.
    pub fn shown(&self) -> Secret {
        typed::grouped(&self.text)
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
