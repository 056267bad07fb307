//! The encrypted backup of FreeOTP 2 (`externalBackup.xml`, which is no XML): a map of Java's texts, serialised by Java.
//!
//! `masterKey` holds a key that is sealed under PBKDF2 of the password; each token has its object under `ID-token`, and its key, sealed
//! with the master key, under `ID`. Both are sealed with AES-256-GCM and bound to the name of what they are for. Nonces stand in the
//! parameters of RFC 5084 §3.2.

use std::collections::HashMap;

use countersign_otp::Seed;
use countersign_seal::{
    Secret,
    foreign::{DoesNotOpen, Pbkdf2Hash, aes_256_gcm, pbkdf2},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::formats::freeotp::{self, Key, Token};
use crate::formats::{FilePassword, FileProblem, Found, Known, Sight, Stop, json};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "an encrypted backup of FreeOTP 2";

pub(super) const BACKUP: Known = Known { name: NAME, is, read };

/// Java's mark, and the beginning of an object whose class is described here.
const MARK: &[u8] = b"\xac\xed\x00\x05\x73\x72\x00\x11java.util.HashMap";

/// Marks a text of up to 65,535 bytes.
const TEXT: u8 = 0x74;

const OF_TOKEN: &str = "-token";

/// Two for each token, and more than are imported at once.
const MOST_PAIRS: u32 = 250_000;

#[derive(Deserialize)]
struct MasterKey {
    #[serde(rename = "mAlgorithm")]
    algorithm: String,
    #[serde(rename = "mEncryptedKey")]
    sealed: Sealed,
    #[serde(rename = "mIterations")]
    iterations: u32,
    #[serde(rename = "mSalt")]
    salt: Key,
}

/// A key that is sealed with another one.
#[derive(Deserialize)]
struct Sealed {
    #[serde(rename = "mCipher")]
    cipher: String,
    #[serde(rename = "mCipherText")]
    text: Key,
    #[serde(rename = "mParameters")]
    parameters: Key,
    /// What the key is for, such as `HmacSHA1`.
    #[serde(rename = "mToken")]
    purpose: String,
}

#[derive(Deserialize)]
struct TokenKey {
    /// An object within a text.
    key: String,
}

fn is(sight: &Sight<'_>) -> bool {
    sight.begins_with(MARK)
}

fn read(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let pairs = bytes.strip_prefix(MARK).and_then(pairs).ok_or_else(|| damaged("its map, which ends too early"))?;
    let values: HashMap<&[u8], &[u8]> = pairs.iter().copied().collect();
    let master = values.get(&b"masterKey"[..]).ok_or_else(|| damaged("masterKey, which is missing"))?;
    let master: MasterKey = serde_json::from_slice(master).map_err(|_| damaged("masterKey"))?;
    let master = open(&master, password)?;
    let tokens = pairs.iter().filter_map(|(key, value)| Some((key.strip_suffix(OF_TOKEN.as_bytes())?, *value)));
    for (number, (id, token)) in (1..).zip(tokens) {
        found.entry(number, account(token, values.get(id).copied(), &master))?;
    }
    Ok(())
}

fn damaged(place: &str) -> FileProblem {
    FileProblem::Damaged { format: NAME, place: place.to_owned() }
}

fn open(master: &MasterKey, password: FilePassword<'_>) -> Result<Secret, FileProblem> {
    let hash = match master.algorithm.as_str() {
        "PBKDF2withHmacSHA512" => Pbkdf2Hash::Sha512,
        "PBKDF2withHmacSHA1" => Pbkdf2Hash::Sha1,
        _ => return Err(damaged("masterKey.mAlgorithm, which is unknown")),
    };
    let Key(salt) = &master.salt;
    // The key is as long as the salt, and that is as long as AES-256 has it.
    if salt.len() != 32 {
        return Err(damaged("masterKey.mSalt"));
    }
    if master.sealed.nonce().is_none() {
        return Err(damaged("masterKey.mEncryptedKey"));
    }
    let password = password.spend(NAME)?;
    let key = pbkdf2(hash, password, salt, master.iterations, 32).map_err(|error| FileProblem::key(NAME, error))?;
    master.sealed.open(&key).map_err(|_| FileProblem::WrongPassword(NAME))
}

impl Sealed {
    fn open(&self, key: &Secret) -> Result<Secret, DoesNotOpen> {
        let nonce = self.nonce().ok_or(DoesNotOpen)?;
        aes_256_gcm(key, nonce, self.purpose.as_bytes(), &self.text.0)
    }

    /// A text of twelve bytes, alone or at the beginning of a list with the tag's length.
    fn nonce(&self) -> Option<&[u8]> {
        let parameters = self.parameters.0.as_slice();
        let list = parameters.strip_prefix(&[0x30]).and_then(<[u8]>::split_first).map(|(_, list)| list);
        let nonce = list.unwrap_or(parameters).strip_prefix(&[0x04, 12])?;
        (self.cipher == "AES/GCM/NoPadding").then_some(nonce)?.get(..12)
    }
}

fn account(token: &[u8], key: Option<&[u8]>, master: &Secret) -> Result<Account, ImportRefusal> {
    let wrong = || ImportRefusal::FieldWrong("entry".to_owned());
    let raw: &RawValue = serde_json::from_slice(token).map_err(|_| wrong())?;
    let mut token: Token = json::entry(raw)?;
    let key: TokenKey = serde_json::from_slice(key.ok_or(ImportRefusal::FieldMissing("key"))?).map_err(|_| wrong())?;
    let sealed: Sealed = serde_json::from_str(&key.key).map_err(|_| ImportRefusal::FieldWrong("key".to_owned()))?;
    let opened = sealed.open(master).map_err(|DoesNotOpen| ImportRefusal::FieldWrong("key".to_owned()))?;
    // One more than a seed may have is refused where it becomes one.
    let bytes = opened.expose().get(..opened.len().min(Seed::MAX_BYTES + 1)).unwrap_or_default();
    token.secret = Some(Key(Zeroizing::new(bytes.to_vec())));
    freeotp::account(token)
}

/// What is behind the class's name: its number and its fields' names, their values, and then the map's keys and values
/// (Java Object Serialization Specification §6.4).
fn pairs(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut rest = Rest(bytes);
    // The class's number, and how it is written.
    rest.take(9)?;
    let fields = rest.number()?;
    for _ in 0..fields {
        // A number of 32 bits, whole or not.
        if !matches!(rest.take(1)?, b"F" | b"I") {
            return None;
        }
        rest.text()?;
    }
    // The end of the class and that it has none above it; the fields; the mark of eight bytes, of which four say the room.
    rest.take(2 + 4 * usize::from(fields) + 2 + 4)?;
    let size = u32::from_be_bytes(*rest.take(4)?.first_chunk()?);
    if size > MOST_PAIRS {
        return None;
    }
    let mut pairs = Vec::new();
    for _ in 0..size {
        pairs.push((rest.marked_text()?, rest.marked_text()?));
    }
    Some(pairs)
}

/// What is not read yet.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(*self.take(2)?.first_chunk()?))
    }

    fn text(&mut self) -> Option<&'b [u8]> {
        let length = self.number()?;
        self.take(usize::from(length))
    }

    fn marked_text(&mut self) -> Option<&'b [u8]> {
        (self.take(1)? == [TEXT]).then_some(())?;
        self.text()
    }
}
