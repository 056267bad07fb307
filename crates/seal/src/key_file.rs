use countersign_model::{Chance, VaultId};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::Secret;

const HEAD: &str = "countersign key file 1";

/// The file that unlocks a vault by default: three lines of text, kept with mode 0600 and away from backups.
///
/// ```text
/// countersign key file 1
/// vault 01938d1c-7a31-7000-8000-000000000000
/// key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
/// ```
pub struct KeyFile {
    vault: VaultId,
    key: Secret,
}

/// The bytes are no key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a key file of Countersign: its lines are \"{HEAD}\", \"vault …\" and \"key …\"")]
pub struct ParseKeyFileError;

impl KeyFile {
    /// A new key for a vault.
    pub fn generate(vault: VaultId, chance: &dyn Chance) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        chance.fill(bytes.as_mut());
        Self { vault, key: Secret::from(&mut *bytes) }
    }

    /// Reads a file's contents.
    pub fn parse(text: &Secret) -> Result<Self, ParseKeyFileError> {
        let text = text.expose_text().ok_or(ParseKeyFileError)?;
        // Some editors put a mark of the byte order in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        if lines.next() != Some(HEAD) {
            return Err(ParseKeyFileError);
        }
        let mut field = |name| lines.next().and_then(|line| line.strip_prefix(name)).ok_or(ParseKeyFileError);
        let vault = field("vault ")?.parse().map_err(|_| ParseKeyFileError)?;
        let key = BASE64URL_NOPAD.decode(field("key ")?.as_bytes()).map_err(|_| ParseKeyFileError)?;
        let key = Secret::from(key);
        if key.len() == 32 { Ok(Self { vault, key }) } else { Err(ParseKeyFileError) }
    }

    /// The file's contents.
    pub fn to_text(&self) -> Secret {
        let key = Zeroizing::new(BASE64URL_NOPAD.encode(self.key.expose()));
        Secret::from(format!("{HEAD}\nvault {}\nkey {}\n", self.vault, *key))
    }

    /// The vault it was made for.
    pub const fn vault(&self) -> VaultId {
        self.vault
    }

    pub(crate) const fn key(&self) -> &Secret {
        &self.key
    }
}
