//! Stratum, formerly Authenticator Pro: its plain JSON, and both encrypted forms, each behind a mark of 16 letters.
//!
//! `AUTHENTICATORPRO`, a salt of 16 bytes, a nonce of 12, then AES-256-GCM with the tag behind, under Argon2id of 64 MiB, three passes
//! and four lanes. Formerly `AuthenticatorPro`, a salt of 20 bytes, a start of 16, then AES-256-CBC under PBKDF2-HMAC-SHA-1 of
//! 64,000 rounds.

use std::collections::HashMap;

use countersign_otp::{OtpSecret, Written};
use countersign_seal::{
    Secret,
    foreign::{Argon2Cost, Argon2Limit, Pbkdf2Hash, aes_256_cbc, aes_256_gcm, argon2id, pbkdf2},
};
use serde::Deserialize;

use crate::formats::factor::{self, Kind, base32_seed};
use crate::formats::json::{self, Content, Entries};
use crate::formats::{FilePassword, FileProblem, Found, Hidden, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "a backup of Stratum (Authenticator Pro)";

pub(super) const PLAIN: Known = Known { name: NAME, is: is_plain, read: read_plain };
pub(super) const ENCRYPTED: Known = Known { name: NAME, is: is_encrypted, read: read_encrypted };

const MARK: &[u8; 16] = b"AUTHENTICATORPRO";
const OLD_MARK: &[u8; 16] = b"AuthenticatorPro";

/// Of the format; it has no place for other numbers.
const COST: Argon2Cost = Argon2Cost { memory_kib: 64 << 10, passes: 3, lanes: 4 };
const OLD_ROUNDS: u32 = 64_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File<'d> {
    #[serde(borrow)]
    authenticators: Entries<'d>,
    #[serde(default)]
    categories: Option<Vec<Category>>,
    #[serde(default)]
    authenticator_categories: Option<Vec<Belonging>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Category {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Belonging {
    category_id: String,
    authenticator_secret: Hidden,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(rename = "Type")]
    kind: Option<u64>,
    issuer: Option<String>,
    username: Option<String>,
    secret: Option<Hidden>,
    algorithm: Option<u64>,
    digits: Option<u64>,
    period: Option<u64>,
    counter: Option<u64>,
}

fn is_plain(sight: &Sight<'_>) -> bool {
    sight.is_object_with(&["Authenticators"])
}

fn read_plain(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    entries(&Content::Plain(bytes), found)
}

fn is_encrypted(sight: &Sight<'_>) -> bool {
    sight.begins_with(MARK) || sight.begins_with(OLD_MARK)
}

fn read_encrypted(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let text = match bytes.strip_prefix(MARK) {
        Some(rest) => open(rest, password)?,
        None => open_old(bytes.get(OLD_MARK.len()..).unwrap_or_default(), password)?,
    };
    entries(&Content::Decrypted(text), found)
}

fn cut_off() -> FileProblem {
    FileProblem::Damaged { format: NAME, place: "its end, which comes too early".to_owned() }
}

fn open(rest: &[u8], password: FilePassword<'_>) -> Result<Secret, FileProblem> {
    let (salt, rest) = rest.split_first_chunk::<16>().ok_or_else(cut_off)?;
    let (nonce, sealed) = rest.split_first_chunk::<12>().filter(|(_, rest)| rest.len() > 16).ok_or_else(cut_off)?;
    let password = password.spend(NAME)?;
    let key = argon2id(password, salt, COST, Argon2Limit::USUAL).map_err(|error| FileProblem::key(NAME, error))?;
    aes_256_gcm(&key, nonce, b"", sealed).map_err(|_| FileProblem::WrongPassword(NAME))
}

fn open_old(rest: &[u8], password: FilePassword<'_>) -> Result<Secret, FileProblem> {
    let (salt, rest) = rest.split_first_chunk::<20>().ok_or_else(cut_off)?;
    let (start, encrypted) = rest.split_first_chunk::<16>().ok_or_else(cut_off)?;
    if encrypted.is_empty() || encrypted.len() % 16 != 0 {
        return Err(cut_off());
    }
    let password = password.spend(NAME)?;
    let key =
        pbkdf2(Pbkdf2Hash::Sha1, password, salt, OLD_ROUNDS, 32).map_err(|error| FileProblem::key(NAME, error))?;
    let text = aes_256_cbc(&key, start, encrypted).map_err(|_| FileProblem::WrongPassword(NAME))?;
    // Nothing vouches for it: with a wrong key, one in 256 comes out as nonsense.
    if text.expose().trim_ascii_start().first() == Some(&b'{') && text.expose_text().is_some() {
        Ok(text)
    } else {
        Err(FileProblem::WrongPassword(NAME))
    }
}

fn entries(content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let file: File<'_> = content.document(NAME)?;
    let categories = file.categories.unwrap_or_default();
    let names: HashMap<&str, &str> =
        categories.iter().map(|category| (category.id.as_str(), category.name.as_str())).collect();
    let mut tags: HashMap<&str, Vec<&str>> = HashMap::new();
    let belongings = file.authenticator_categories.unwrap_or_default();
    for belonging in &belongings {
        if let Some(name) = names.get(belonging.category_id.as_str()) {
            tags.entry(belonging.authenticator_secret.as_str()).or_default().push(name);
        }
    }
    for (number, raw) in (1..).zip(file.authenticators.0) {
        found.entry(number, json::entry(raw).and_then(|entry| account(entry, &tags)))?;
    }
    Ok(())
}

fn account(entry: Entry, tags: &HashMap<&str, Vec<&str>>) -> Result<Account, ImportRefusal> {
    let kind = match entry.kind.ok_or(ImportRefusal::FieldMissing("Type"))? {
        1 => Kind::Hotp,
        2 => Kind::Totp,
        3 => return Err(ImportRefusal::MobileOtp),
        4 => Kind::Steam,
        5 => return Err(ImportRefusal::Yandex),
        _ => return Err(ImportRefusal::UnknownKind("Type")),
    };
    let text = entry.secret.ok_or(ImportRefusal::FieldMissing("Secret"))?;
    let seed = base32_seed(&text)?;
    let written = match kind {
        // Its parameters are fixed, and the app looks at none of these fields for it.
        Kind::Steam => Written::default(),
        Kind::Totp | Kind::Hotp => Written {
            algorithm: Some(algorithm(entry.algorithm)?),
            digits: Some(entry.digits.ok_or(ImportRefusal::FieldMissing("Digits"))?),
            period: entry.period.filter(|_| kind == Kind::Totp),
            ..Written::default()
        },
    };
    if kind == Kind::Totp && entry.period.is_none() {
        return Err(ImportRefusal::FieldMissing("Period"));
    }
    let secret = OtpSecret::new(seed, kind.parameters(written, entry.counter)?);
    let account = factor::account(&entry.issuer.unwrap_or_default(), &entry.username.unwrap_or_default(), secret)?;
    let tags = tags.get(text.as_str()).into_iter().flatten().map(|tag| (*tag).to_owned()).collect();
    Ok(Account { tags, ..account })
}

fn algorithm(number: Option<u64>) -> Result<&'static str, ImportRefusal> {
    match number.ok_or(ImportRefusal::FieldMissing("Algorithm"))? {
        0 => Ok("SHA1"),
        1 => Ok("SHA256"),
        2 => Ok("SHA512"),
        _ => Err(ImportRefusal::FieldWrong("field Algorithm".to_owned())),
    }
}
