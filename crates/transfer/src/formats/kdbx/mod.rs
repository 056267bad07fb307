//! KeePass's database (KDBX 3.1, 4 and 4.1), as KeePass, KeePassXC and the apps for phones write it, opened with a password alone.

mod bytes;
mod content;
mod entry;
mod header;
mod otp;
mod payload;
mod tree;

use countersign_seal::foreign::KdbxKeys;

use self::bytes::FORMAT;
use self::header::{FileHeader, Version};
use super::{FilePassword, FileProblem, Found, Known, Stop};

/// The database, by its first eight bytes; what KeePass 1 wrote is told apart.
pub(crate) const KDBX: Known = Known {
    name: FORMAT,
    is: |sight| sight.begins_with(&header::SIGNATURE) || sight.begins_with(&header::OLD_SIGNATURE),
    read,
};

fn read(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    if bytes.starts_with(&header::OLD_SIGNATURE) {
        let reason = "its form is of KeePass 1: open it with KeePass or KeePassXC, and save it as KDBX".to_owned();
        return Err(FileProblem::NotReadable { format: "a KeePass database (KDB)", reason }.into());
    }
    let header = FileHeader::of(bytes)?;
    let password = password.spend(FORMAT)?;
    let keys =
        KdbxKeys::of(password, &header.kdf, &header.master_seed).map_err(|error| FileProblem::key(FORMAT, error))?;
    let payload = match header.version {
        Version::Three => payload::of_version_3(bytes, &header, &keys)?,
        Version::Four => payload::of_version_4(bytes, &header, &keys)?,
    };
    let (text, from, stream) = payload.split();
    content::read(text.expose().get(from..).unwrap_or_default(), stream, found)
}
