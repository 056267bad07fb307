//! What a backup is called: `countersign-1a2b3c4d-20261201T023000Z.backup`, by whose it is and when it was made. What is called
//! otherwise is somebody else's, and stays.

use std::fmt;

use countersign_model::{Timestamp, VaultId};

const BEFORE: &str = "countersign-";
const AFTER: &str = ".backup";
/// So many digits of the vault's id tell vaults apart that share a place.
const DIGITS: usize = 8;

/// The name of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupName {
    vault: String,
    at: Timestamp,
}

impl BackupName {
    /// For a backup of this vault that is made at this moment, to the second.
    pub fn new(vault: VaultId, at: Timestamp) -> Self {
        Self { vault: mark_of(vault), at: Timestamp::from_seconds(at.seconds()) }
    }

    /// Reads it; `None` for what is none.
    pub fn parse(name: &str) -> Option<Self> {
        let (vault, text) = name.strip_prefix(BEFORE)?.strip_suffix(AFTER)?.split_once('-')?;
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let plain = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|it| it.is_ascii_digit());
        let is_mark = vault.len() == DIGITS && vault.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        if !is_mark || !plain(date, 8) || !plain(time, 6) {
            return None;
        }
        let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
        let (hour, minute, second) = (&time[..2], &time[2..4], &time[4..]);
        let at = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()?;
        Some(Self { vault: vault.to_owned(), at })
    }

    /// Whether it is a backup of this vault.
    pub fn is_of(&self, vault: VaultId) -> bool {
        self.vault == mark_of(vault)
    }

    /// When it was made.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.at.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        // "20261201T023000000Z": without the milliseconds.
        let (seconds, _) = text.split_at(text.len().min("20261201T023000".len()));
        write!(f, "{BEFORE}{}-{seconds}Z{AFTER}", self.vault)
    }
}

/// The end of its id: the front says when a vault was made, and two may be of one moment.
fn mark_of(vault: VaultId) -> String {
    let id = vault.uuid().simple().to_string();
    id.get(id.len() - DIGITS..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use countersign_model::VaultId;
    use uuid::Uuid;

    use super::BackupName;

    #[test]
    fn a_name_says_whose_and_when_and_is_read_back() {
        let (ours, other) = (VaultId::from_uuid(Uuid::from_u128(0x1a2b_3c4d)), VaultId::from_uuid(Uuid::from_u128(7)));
        let name = BackupName::new(ours, "2026-12-01T02:30:05.678Z".parse().unwrap());
        assert_eq!(name.to_string(), "countersign-1a2b3c4d-20261201T023005Z.backup");
        let read = BackupName::parse(&name.to_string()).unwrap();
        assert_eq!((read.clone(), read.at().to_string().as_str()), (name, "2026-12-01T02:30:05.000Z"));
        assert!(read.is_of(ours) && !read.is_of(other));
    }

    #[test]
    fn what_others_have_put_there_is_none() {
        for name in [
            "",
            "countersign.db",
            "countersign-.backup",
            "countersign-20261201T023005Z.backup",
            "countersign-1a2b3c4d-20261201T023005Z.backup.part",
            "countersign-1A2B3C4D-20261201T023005Z.backup",
            "countersign-1a2b3c4-20261201T023005Z.backup",
            "countersign-1a2b3c4d-20261301T023005Z.backup",
            "countersign-1a2b3c4d-20261201T996005Z.backup",
            "countersign-1a2b3c4d-2026-12-01T02:30:05Z.backup",
            "countersign-1a2b3c4d-+0261201T023005Z.backup",
            "countersign-1a2b3c4d-20261201T02300é.backup",
            "x-countersign-1a2b3c4d-20261201T023005Z.backup",
        ] {
            assert_eq!(BackupName::parse(name), None, "{name}");
        }
    }
}
