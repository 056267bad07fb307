//! Proton Authenticator: its export of version 1, plain and encrypted.
//!
//! Encrypted, the content is a nonce of 12 bytes and AES-256-GCM with the tag behind, bound to the form's name, under Argon2id of
//! 19 MiB, two passes and one lane.

use countersign_otp::{PasteError, parse_uri};
use countersign_seal::{
    Secret,
    foreign::{Argon2Cost, Argon2Limit, aes_256_gcm, argon2id},
};
use serde::Deserialize;

use crate::formats::factor::base64;
use crate::formats::json::{self, Content, Entries};
use crate::formats::{FilePassword, FileProblem, Found, Hidden, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "an export of Proton Authenticator";

pub(super) const PROTON_AUTHENTICATOR: Known = Known { name: NAME, is, read };

/// Of the format; it has no place for other numbers.
const COST: Argon2Cost = Argon2Cost { memory_kib: 19 << 10, passes: 2, lanes: 1 };
const BOUND_TO: &[u8] = b"proton.authenticator.export.v1";

#[derive(Deserialize)]
struct Encrypted {
    version: u64,
    salt: String,
    content: String,
}

#[derive(Deserialize)]
struct File<'d> {
    version: u64,
    #[serde(borrow)]
    entries: Entries<'d>,
}

#[derive(Deserialize)]
struct Entry {
    content: Option<EntryContent>,
    note: Option<String>,
}

#[derive(Deserialize)]
struct EntryContent {
    uri: Option<Hidden>,
    name: Option<String>,
}

fn is_encrypted(sight: &Sight<'_>) -> bool {
    sight.is_object_with(&["version", "salt", "content"])
}

fn is(sight: &Sight<'_>) -> bool {
    is_encrypted(sight) || (sight.is_object_with(&["version", "entries"]) && sight.holds("\"content\""))
}

fn read(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let content = if is_encrypted(&Sight::of(bytes)) {
        Content::Decrypted(open(&json::document(NAME, bytes)?, password)?)
    } else {
        Content::Plain(bytes)
    };
    let file: File<'_> = content.document(NAME)?;
    known_version(file.version)?;
    for (number, raw) in (1..).zip(file.entries.0) {
        found.entry(number, json::entry(raw).and_then(account))?;
    }
    Ok(())
}

fn known_version(version: u64) -> Result<(), FileProblem> {
    if version == 1 {
        return Ok(());
    }
    let reason = format!("its version is {version}, and 1 is the only one that is known");
    Err(FileProblem::NotReadable { format: NAME, reason })
}

fn open(file: &Encrypted, password: FilePassword<'_>) -> Result<Secret, FileProblem> {
    known_version(file.version)?;
    let damaged = |place: &str| FileProblem::Damaged { format: NAME, place: place.to_owned() };
    let salt = base64(&file.salt).ok_or_else(|| damaged("salt, which is no base64"))?;
    let content = base64(&file.content).ok_or_else(|| damaged("content, which is no base64"))?;
    let (nonce, sealed) = content.split_first_chunk::<12>().ok_or_else(|| damaged("content, which is too short"))?;
    let password = password.spend(NAME)?;
    let key = argon2id(password, &salt, COST, Argon2Limit::USUAL).map_err(|error| FileProblem::key(NAME, error))?;
    aes_256_gcm(&key, nonce, BOUND_TO, sealed).map_err(|_| FileProblem::WrongPassword(NAME))
}

fn account(entry: Entry) -> Result<Account, ImportRefusal> {
    let content = entry.content.ok_or(ImportRefusal::FieldMissing("content"))?;
    let uri = content.uri.filter(|uri| !uri.is_empty()).ok_or(ImportRefusal::FieldMissing("content.uri"))?;
    let mut account = Account::from(parse_uri(uri.as_str()).map_err(PasteError::from)?);
    // The name that the app shows; a Steam address has no place for one.
    if let Some(name) = content.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
        && account.account.is_empty()
    {
        account.name = account.issuer.as_ref().map_or_else(|| name.clone(), |issuer| format!("{issuer}: {name}"));
        account.account = name;
    }
    Ok(Account { notes: entry.note.unwrap_or_default(), ..account })
}
