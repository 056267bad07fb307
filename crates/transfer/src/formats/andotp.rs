//! andOTP: its plain JSON, and both of its encrypted forms, neither of which bears a mark.
//!
//! The newer form is the number of rounds (32 bits, big end first), a salt of 12 bytes, a nonce of 12, and AES-256-GCM with the
//! tag behind, under PBKDF2-HMAC-SHA-1; the older one is nonce and text alone, under the SHA-256 of the password. The app took
//! 140,000 to 160,000 rounds by chance (`PBKDF2_MIN_BACKUP_ITERATIONS` and `…MAX…` in its `Constants.java`), and 1,000 to 5,000
//! at first. A file that OpenPGP encrypted is told by its own mark elsewhere.
//!
//! Random bytes look like the older form, and nothing within a file tells them apart. So that no picture, program or other
//! encrypted file is asked for a password, it also has to be small, to bear no known mark, and to be named as the app named it:
//! `otp_accounts.json.aes`, `otp_accounts_2021-03-04_10-11-12.json.aes`. Where a password comes with the file, it is tried.

use std::ops::RangeInclusive;

use countersign_otp::{OtpSecret, Written};
use countersign_seal::{
    Secret,
    foreign::{Pbkdf2Hash, aes_256_gcm, pbkdf2, sha256},
};
use serde::Deserialize;

use crate::formats::factor::{self, Kind, base32_seed};
use crate::formats::json::{self, Content, Entries, Names};
use crate::formats::marks::has_foreign_mark;
use crate::formats::{FilePassword, FileProblem, Found, Hidden, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "a backup of andOTP";
const UNMARKED: &str = "an encrypted file without a mark, as older backups of andOTP are";

pub(super) const PLAIN: Known = Known { name: NAME, is: is_plain, read: read_plain };
pub(super) const ENCRYPTED: Known = Known { name: NAME, is: is_encrypted, read: read_encrypted };
/// The last of all formats: it is known by little more than looking like chance.
pub(super) const OLD_ENCRYPTED: Known = Known { name: UNMARKED, is: is_old_encrypted, read: read_old_encrypted };

const NONCE: usize = 12;
const TAG: usize = 16;
const SALT: usize = 12;

/// What the app wrote, first and later: one random file in 180,000 begins so.
const ROUNDS: [RangeInclusive<u32>; 2] = [1_000..=5_000, 140_000..=160_000];

/// An account takes some 300 bytes: more than three thousand.
const MOST_BYTES: usize = 1 << 20;

/// How the app named what it encrypted.
const NAMED_WITH: &str = ".aes";

#[derive(Deserialize)]
struct Entry {
    secret: Option<Hidden>,
    issuer: Option<String>,
    label: Option<String>,
    digits: Option<u64>,
    #[serde(rename = "type")]
    kind: Option<String>,
    algorithm: Option<String>,
    period: Option<u64>,
    counter: Option<u64>,
    #[serde(default)]
    tags: Option<Names>,
}

fn is_plain(sight: &Sight<'_>) -> bool {
    ["type", "thumbnail", "last_used", "period"].iter().any(|name| sight.is_list_with(&["secret", "label", name]))
}

fn read_plain(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    entries(NAME, &Content::Plain(bytes), found)
}

fn is_encrypted(sight: &Sight<'_>) -> bool {
    let likely = |(rounds, rest): (&[u8; 4], &[u8])| {
        let rounds = u32::from_be_bytes(*rounds);
        ROUNDS.iter().any(|written| written.contains(&rounds))
            && rest.len() >= SALT + NONCE + TAG
            && looks_like_chance(rest)
    };
    let bytes = sight.bytes();
    bytes.len() <= MOST_BYTES && bytes.split_first_chunk::<4>().is_some_and(likely) && !has_foreign_mark(bytes)
}

fn read_encrypted(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    // By chance, an older one may begin with what looks like a number of rounds; this costs nothing.
    if let Some(text) = password.free().and_then(|password| open_old(bytes, password)) {
        return entries(NAME, &Content::Decrypted(text), found);
    }
    let password = password.spend(NAME)?;
    let damaged = || FileProblem::Damaged { format: NAME, place: "its beginning".to_owned() };
    let (rounds, rest) = bytes.split_first_chunk::<4>().ok_or_else(damaged)?;
    let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or_else(damaged)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
    let key = pbkdf2(Pbkdf2Hash::Sha1, password, salt, u32::from_be_bytes(*rounds), 32)
        .map_err(|error| FileProblem::key(NAME, error))?;
    let text = aes_256_gcm(&key, nonce, b"", sealed).map_err(|_| FileProblem::WrongPassword(NAME))?;
    entries(NAME, &Content::Decrypted(text), found)
}

fn is_old_encrypted(sight: &Sight<'_>) -> bool {
    let bytes = sight.bytes();
    let fits = (NONCE + TAG + 1..=MOST_BYTES).contains(&bytes.len());
    fits && sight.is_named_with(NAMED_WITH) && !has_foreign_mark(bytes) && looks_like_chance(bytes)
}

/// Whether a password opens such a file, whatever it is called: that is no chance, and costs next to nothing.
pub(super) fn opens(bytes: &[u8], password: &Secret) -> bool {
    bytes.len() <= MOST_BYTES && looks_like_chance(bytes) && open_old(bytes, password).is_some()
}

fn read_old_encrypted(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let password = password.free().ok_or(FileProblem::PasswordNeeded(UNMARKED))?;
    let text = open_old(bytes, password).ok_or(FileProblem::WrongPassword(UNMARKED))?;
    entries(UNMARKED, &Content::Decrypted(text), found)
}

fn open_old(bytes: &[u8], password: &Secret) -> Option<Secret> {
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    aes_256_gcm(&sha256(password), nonce, b"", sealed).ok()
}

/// Whether bytes have no more order than chance gives them: each value is about as frequent as the others, and half of them
/// lie beyond ASCII.
pub(super) fn looks_like_chance(bytes: &[u8]) -> bool {
    let sample = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let mut counts = [0u64; 256];
    for byte in sample {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let length = sample.len() as u64;
    // 256 times the sum of squares over the length, less the length: 255 on average, and seldom beyond 380.
    let squares: u64 = counts.iter().map(|count| count * count).sum();
    let unevenness = (256 * squares).checked_div(length).unwrap_or(u64::MAX).saturating_sub(length);
    let high = sample.iter().filter(|byte| **byte >= 0x80).count() as u64;
    // Four standard deviations to either side of the half.
    let far_from_half = high.abs_diff(length / 2).pow(2) > 4 * length;
    unevenness < 400 && !far_from_half && std::str::from_utf8(sample).is_err()
}

fn entries(name: &'static str, content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    for (number, raw) in (1..).zip(content.document::<Entries<'_>>(name)?.0) {
        found.entry(number, json::entry(raw).and_then(account))?;
    }
    Ok(())
}

fn account(entry: Entry) -> Result<Account, ImportRefusal> {
    let seed = base32_seed(&entry.secret.ok_or(ImportRefusal::FieldMissing("secret"))?)?;
    // The first versions made tokens by time alone, over SHA-1 with six digits, and did not say so.
    let kind = entry.kind.as_deref().map_or(Ok(Kind::Totp), |name| Kind::named(name, "type"))?;
    let written = Written {
        algorithm: entry.algorithm.as_deref(),
        digits: entry.digits,
        period: entry.period,
        ..Written::default()
    };
    let secret = OtpSecret::new(seed, kind.parameters(written, entry.counter)?);
    let label = entry.label.unwrap_or_default();
    let (issuer, name) = match &entry.issuer {
        Some(issuer) => (issuer.as_str(), label.as_str()),
        // Before there was an issuer, it stood in the label.
        None => label.split_once(" - ").unwrap_or(("", &label)),
    };
    let account = factor::account(issuer, name, secret)?;
    let tags = entry.tags.unwrap_or_default().0.into_iter().filter(|tag| !tag.is_empty()).collect();
    Ok(Account { tags, ..account })
}
