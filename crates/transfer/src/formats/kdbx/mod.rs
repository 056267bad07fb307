//! KeePass's database (KDBX 3.1, 4 and 4.1), as KeePass, KeePassXC and the apps for phones write it, opened with a password alone.

mod bytes;
mod content;
mod entry;
mod header;
mod otp;
mod payload;
mod tree;

use countersign_seal::foreign::{KdbxKeys, KdbxStream};

use self::bytes::FORMAT;
use self::header::{FileHeader, Version};
use super::{FilePassword, FileProblem, Found, Known, Stop, xml};

/// The database, by its first eight bytes; what KeePass 1 wrote is told apart.
pub(crate) const KDBX: Known = Known {
    name: FORMAT,
    is: |sight| sight.begins_with(&header::SIGNATURE) || sight.begins_with(&header::OLD_SIGNATURE),
    read,
};

/// The document by itself, as KeePass and KeePassXC export it: what is within the database, and nothing of it encrypted.
pub(crate) const XML: Known = Known {
    name: XML_FORMAT,
    is: |sight| xml::root(sight.bytes()).as_deref() == Some("KeePassFile"),
    read: |bytes, _, found| {
        let document = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        content::read(document, KdbxStream::Plain, found).map_err(|stop| match stop {
            Stop::File(FileProblem::Damaged { place, .. }) => FileProblem::Damaged { format: XML_FORMAT, place }.into(),
            other => other,
        })
    },
};

const XML_FORMAT: &str = "an export (XML) of KeePass";

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
