//! KeePass's database (KDBX 3.1, 4 and 4.1), as KeePass, KeePassXC and the apps for phones write it, opened with a password alone.

mod content;
mod entry;
mod header;
mod otp;
mod payload;

use countersign_seal::Secret;
use countersign_seal::foreign::KdbxKeys;

use self::header::{FileHeader, Version};
use super::{FileProblem, Found, Known, Stop};

/// The database, by its first eight bytes; what KeePass 1 wrote is told apart.
pub(crate) const KDBX: Known = Known {
    name: FORMAT,
    is: |sight| sight.begins_with(&header::SIGNATURE) || sight.begins_with(&header::OLD_SIGNATURE),
    read,
};

const FORMAT: &str = "a KeePass database (KDBX)";

/// The file does not say whether it asks for more than a password.
const WITH_A_PASSWORD_ALONE: &str = "a KeePass database (KDBX; one that also asks for a key file or a hardware key is not opened \
                                     here: save it with a password alone)";

fn read(bytes: &[u8], password: Option<&Secret>, found: &mut dyn Found) -> Result<(), Stop> {
    if bytes.starts_with(&header::OLD_SIGNATURE) {
        let reason = "its form is of KeePass 1: open it with KeePass or KeePassXC, and save it as KDBX".to_owned();
        return Err(FileProblem::NotReadable { format: "a KeePass database (KDB)", reason }.into());
    }
    let header = FileHeader::of(bytes)?;
    let password = password.ok_or(FileProblem::PasswordNeeded(FORMAT))?;
    let keys =
        KdbxKeys::of(password, &header.kdf, &header.master_seed).map_err(|error| FileProblem::key(FORMAT, error))?;
    let payload = match header.version {
        Version::Three => payload::of_version_3(bytes, &header, &keys)?,
        Version::Four => payload::of_version_4(bytes, &header, &keys)?,
    };
    let (text, from, stream) = payload.split();
    content::read(text.expose().get(from..).unwrap_or_default(), stream, found)
}

/// What is wrong with a file, and where.
fn damaged(place: &str) -> FileProblem {
    FileProblem::Damaged { format: FORMAT, place: place.to_owned() }
}

/// What is right with a file and yet not read.
fn refused(reason: &str) -> FileProblem {
    FileProblem::NotReadable { format: FORMAT, reason: reason.to_owned() }
}

/// Bytes read one field after another.
struct Bytes<'b> {
    rest: &'b [u8],
}

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).and_then(|bytes| bytes.first().copied())
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).and_then(<[u8]>::first_chunk::<2>).copied().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).and_then(<[u8]>::first_chunk::<4>).copied().map(u32::from_le_bytes)
    }

    /// As many bytes as the number of four bytes before them says.
    fn sized(&mut self) -> Option<&'b [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }
}
