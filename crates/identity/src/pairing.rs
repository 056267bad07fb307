use std::time::Duration;

use countersign_model::{Chance, DeviceName};
use countersign_seal::{DeviceKey, Digest, Secret, Sha256};
use zeroize::Zeroizing;

use crate::typed::{self, Case};

/// How long a pairing code serves.
pub const PAIRING_CODE_LASTS: Duration = Duration::from_secs(5 * 60);

/// A paired extension has to be paired anew after so long.
pub const DEVICE_LASTS: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// So many a person has at most.
pub const MAX_DEVICES: usize = 20;

/// What a person types from the page into a browser extension to pair it, once: forty random bits in two groups, `7K3P-X2QM`.
///
/// Forty bits serve because the code lives for minutes and guesses are counted before they are looked at.
pub struct PairingCode {
    /// Without the dash, in upper case.
    text: Secret,
}

const LENGTH: usize = 8;

impl PairingCode {
    /// A new one.
    pub fn new(chance: &dyn Chance) -> Self {
        Self { text: typed::draw::<LENGTH>(Case::Upper, chance) }
    }

    /// Takes what somebody typed, in any case, with blanks or dashes anywhere, `o` for `0` and `i` or `l` for `1`; `None`
    /// when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        typed::read::<LENGTH>(Case::Upper, text).map(|text| Self { text })
    }

    /// The code as it is shown, in two groups.
    pub fn shown(&self) -> Secret {
        typed::grouped(&self.text)
    }

    /// What is stored of it, before the vault's key is put to it: without that, forty bits would be tried out.
    pub fn hash(&self) -> Digest {
        let mut hash = Sha256::default();
        hash.field(b"countersign pairing code");
        hash.field(self.text.expose());
        hash.finish()
    }

    /// Whether the extension that shows the code has the private half of the key, and shows it to this server: it has signed
    /// server, code, key and name.
    pub fn is_shown_by(
        &self,
        (key, signature): (&DeviceKey, &[u8; DeviceKey::SIGNATURE]),
        origin: &str,
        name: &DeviceName,
    ) -> bool {
        let mut message = Zeroizing::new(Vec::new());
        for line in [b"countersign-pairing-1", origin.as_bytes(), self.text.expose(), name.as_str().as_bytes()] {
            message.extend_from_slice(line);
            message.push(b'\n');
        }
        message.extend_from_slice(key.bytes());
        key.verifies(&message, signature)
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::CountingChance;

    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_typed() {
        let code = PairingCode::new(&CountingChance::default());
        let shown = code.shown();
        let shown = shown.expose_text().unwrap();
        assert_eq!((shown.len(), shown.as_bytes()[4]), (9, b'-'));
        for typed in
            [shown.to_owned(), shown.to_lowercase(), shown.replace('-', ""), format!(" {} ", shown.replace('-', " "))]
        {
            assert_eq!(PairingCode::parse(&typed).unwrap().hash(), code.hash(), "{typed}");
        }
        let read = |text| PairingCode::parse(text).map(|code| code.hash());
        assert_eq!(read("OIL0-ABCD"), read("0110abcd"));
        for wrong in ["", "7K3P-X2Q", "7K3P-X2QM5", "7K3P-X2QU", "7K3P-X2Qé", &"7".repeat(80)] {
            assert!(PairingCode::parse(wrong).is_none(), "{wrong}");
        }
    }
}
