//! The ZIP archive of a text in which Authenticator Plus (`Accounts.txt`) and WinAuth export their accounts, encrypted or not; and one of
//! decrypted entries of pass and gopass, in their folders.
//!
//! Each line of the text is an `otpauth://` address. Encrypted archives are AES of WinZip (AE-1, AE-2) or PKWARE's older
//! cipher; the rounds of the former are 1,000 by its rule.

use std::io::{Cursor, Read as _};

use countersign_otp::{PasteError, Pasted, uris};
use countersign_seal::Secret;
use zip::{ZipArchive, read::ZipFile, result::ZipError};

use crate::formats::{FilePassword, FileProblem, Found, Known, Sight, Stop, pass, winauth};
use crate::item::ImportRefusal;

const NAME: &str = "a ZIP archive of texts, as Authenticator Plus and WinAuth export it";

pub(super) const ZIPPED_TEXT: Known = Known { name: NAME, is, read };

/// Files in it.
const MOST_FILES: usize = 10_000;

/// Those that are encrypted, each of which makes a key: the programs put one.
const MOST_ENCRYPTED: usize = 5;

/// Bytes of all texts.
const MOST_BYTES: u64 = 32 << 20;

/// Longer paths are none of these programs'.
const LONGEST_NAME: usize = 255;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

fn is(sight: &Sight<'_>) -> bool {
    sight.begins_with(b"PK\x03\x04") && opened(sight.bytes()).is_some_and(|archive| all_texts(&archive))
}

/// The archive, unless it has more files than are looked at: a record for each stands behind this mark.
fn opened(bytes: &[u8]) -> Option<Archive<'_>> {
    let files = memchr::memmem::find_iter(bytes, b"PK\x01\x02").take(MOST_FILES + 1).count();
    if files > MOST_FILES { None } else { ZipArchive::new(Cursor::new(bytes)).ok() }
}

fn all_texts(archive: &Archive<'_>) -> bool {
    let names = || archive.file_names().map(|name| name.ok());
    names().all(|name| name.is_some_and(|name| is_text(&name) || is_beside(&name)))
        && names().flatten().any(|name| is_text(&name))
}

fn is_text(name: &str) -> bool {
    let ends_so = name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("txt"));
    ends_so && name.len() <= LONGEST_NAME && !is_beside(name)
}

/// A folder, or what a Mac keeps beside each file that it packs.
fn is_beside(name: &str) -> bool {
    name.ends_with('/') || name.starts_with("__MACOSX/")
}

fn read(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let mut archive = opened(bytes).ok_or_else(|| damaged("its directory"))?;
    let (mut left, mut encrypted, mut entries) = (MOST_BYTES, 0, 0);
    for index in 0..archive.len() {
        let head = archive.by_index_raw(index).map_err(|_| damaged("the head of a file in it"))?;
        let path = head.name().map(|name| name.into_owned()).unwrap_or_default();
        if is_beside(&path) {
            continue;
        }
        encrypted += usize::from(head.encrypted());
        if encrypted > MOST_ENCRYPTED {
            let reason =
                format!("more than {MOST_ENCRYPTED} of its files are encrypted: unpack it, and import the texts");
            return Err(FileProblem::NotReadable { format: NAME, reason }.into());
        }
        drop(head);
        let text = text(&mut archive, index, password, left)?;
        left = left.saturating_sub(text.len() as u64);
        let text = text.expose_text().ok_or_else(|| damaged("its text, which is not in UTF-8"))?;
        if pass::is_its_text(text.as_bytes()) {
            entries += 1;
            pass::entry(text.as_bytes(), &path, entries, found)?;
        } else if winauth::is_its_text(text) {
            winauth::lines(text, found)?;
        } else {
            lines(text, found)?;
        }
    }
    Ok(())
}

fn damaged(place: &str) -> FileProblem {
    FileProblem::Damaged { format: NAME, place: place.to_owned() }
}

/// One of its texts, of at most `most` bytes.
fn text(archive: &mut Archive<'_>, index: usize, password: FilePassword<'_>, most: u64) -> Result<Secret, FileProblem> {
    let encrypted = archive.by_index_raw(index).map_err(|_| damaged("the head of a file in it"))?.encrypted();
    // The rounds of this cipher are 1,000 by its rule: nothing that has to be counted.
    let file = match (encrypted, password.free()) {
        (false, _) => archive.by_index(index),
        (true, None) => return Err(FileProblem::PasswordNeeded(NAME)),
        (true, Some(password)) => archive.by_index_decrypt(index, password.expose()),
    };
    match file {
        Ok(file) => unpacked(file, encrypted, most),
        Err(ZipError::InvalidPassword) => Err(FileProblem::WrongPassword(NAME)),
        Err(ZipError::UnsupportedArchive(_)) => Err(FileProblem::NotReadable {
            format: NAME,
            reason: "it is packed in a way that is not known: unpack it, and import the text".to_owned(),
        }),
        Err(_) => Err(damaged("a file in it")),
    }
}

fn unpacked(file: ZipFile<'_, Cursor<&[u8]>>, encrypted: bool, most: u64) -> Result<Secret, FileProblem> {
    // What the head says of its size is only said; a buffer of that size, if it is believable, never grows.
    let size = file.size().min(most);
    let mut text = zeroize::Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1));
    let read = file.take(most + 1).read_to_end(&mut text);
    if text.len() as u64 > most {
        let reason = format!("its texts have more than {} MiB: import it in several parts", MOST_BYTES >> 20);
        return Err(FileProblem::NotReadable { format: NAME, reason });
    }
    match read {
        Ok(_) => Ok(Secret::from(std::mem::take(&mut *text))),
        // The older cipher takes one wrong password in 256, which is told at the end by the sum over the text.
        Err(_) if encrypted => Err(FileProblem::WrongPassword(NAME)),
        Err(_) => Err(damaged("the text in it")),
    }
}

fn lines(text: &str, found: &mut dyn Found) -> Result<(), Stop> {
    for address in uris(text) {
        let outcome = match address.outcome {
            Ok(Pasted::Setup(setup)) => Ok((*setup).into()),
            Ok(Pasted::Migration(_)) => Err(ImportRefusal::MigrationInside),
            Err(PasteError::Foreign) => {
                found.left_out("lines without an otpauth:// URL");
                continue;
            }
            Err(error) => Err(error.into()),
        };
        found.entry(address.line, outcome)?;
    }
    Ok(())
}
