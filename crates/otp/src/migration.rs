//! Google Authenticator's export: protobuf in base64 behind `otpauth-migration://offline?data=`, in several QR codes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use countersign_model::Algorithm;
use countersign_seal::Secret;
use data_encoding::{BASE64, BASE64_NOPAD};
use prost::Message as _;
use zeroize::{Zeroize as _, Zeroizing};

use crate::label::{Label, decode_bytes, percent_encode, split_plain};
use crate::otp_secret::OtpSecret;
use crate::parameters::{Digits, OtpKind, Parameters, Period};
use crate::seed::{Seed, SeedError};
use crate::uri::{Setup, choose_label};

/// What one QR code of an export holds.
pub struct MigrationPart {
    /// Which part this is, the first being 1.
    pub part: u32,
    /// How many parts the export has.
    pub parts: u32,
    /// Tells the parts of different exports apart.
    pub batch: i32,
    /// The accounts, each with its own outcome: one that is refused does not hold up the others.
    pub entries: Vec<Result<Setup, EntryError>>,
}

/// Why a part could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// Longer than QR codes can carry.
    #[error("the export is too long: {bytes} bytes, at most {MAX_MIGRATION_BYTES} are taken")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// No `data` parameter.
    #[error(
        "the export holds no accounts: it must have data= after otpauth-migration://offline?; copy the whole of it"
    )]
    DataMissing,
    /// The data is no base64.
    #[error("the export is damaged: what follows data= is no base64; scan its QR code again, or copy the whole of it")]
    NotBase64,
    /// The data is no message of the known form.
    #[error("the export is damaged or cut off: scan its QR code again, or copy the whole of it")]
    NotAPayload,
    /// A part's number that cannot be.
    #[error("the export is damaged: it says that it is part {part} of {parts}")]
    PartNumber {
        /// Counted from 1.
        part: i64,
        /// How many there should be.
        parts: i64,
    },
}

/// Why one account of an export was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct EntryError {
    /// Whose it is, as far as the export says.
    pub label: Label,
    /// What is wrong.
    pub reason: EntryProblem,
}

/// What is wrong with one account of an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryProblem {
    /// Algorithm 4.
    #[error("its tokens are made with MD5, which is not supported: set the account up anew at its site")]
    Md5,
    /// An algorithm that the format does not define.
    #[error("its algorithm has the unknown number {0}")]
    Algorithm(i32),
    /// A number of digits that the format does not define.
    #[error("its number of digits has the unknown code {0}")]
    Digits(i32),
    /// Neither by time nor by counter.
    #[error("it does not say whether its tokens go by time or by counter (type {0})")]
    Type(i32),
    /// A counter below zero.
    #[error("its counter is below zero")]
    Counter,
    /// No key, or one that is too long.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// A name that nobody could read on a page.
    #[error("its {part} is too long: {bytes} bytes, at most {} are taken", Label::MAX_BYTES)]
    LabelTooLong {
        /// Issuer or account name.
        part: &'static str,
        /// Its length.
        bytes: usize,
    },
}

/// Which parts of which exports have been seen, in any order.
#[derive(Debug, Default)]
pub struct Batches {
    seen: BTreeMap<(i32, u32), BTreeSet<u32>>,
}

/// Parts of one export that nobody has shown yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingParts {
    /// The export they belong to.
    pub batch: i32,
    /// How many parts it has.
    pub parts: u32,
    /// The missing ones' numbers, from 1, in order.
    pub missing: Vec<u32>,
}

/// Why accounts cannot be written in Google's form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteMigrationError {
    /// The form has no place for a period other than 30 seconds.
    #[error("account {0} has a period other than 30 seconds, which Google's form cannot hold")]
    Period(usize),
    /// The form knows six and eight digits.
    #[error("account {0} has neither 6 nor 8 digits, and Google's form holds no other")]
    Digits(usize),
    /// The form has no Steam tokens.
    #[error("account {0} gives Steam tokens, which Google's form cannot hold")]
    Steam(usize),
    /// The form's counter has 63 bits.
    #[error("account {0} has a counter over 9223372036854775807, which Google's form cannot hold")]
    Counter(usize),
    /// More parts than are read back.
    #[error("{0} parts are too many, at most {MAX_MIGRATION_PARTS} are read back: put more accounts in each")]
    Parts(usize),
}

/// The longest export address in bytes; a QR code carries 2,953 at most.
pub(crate) const MAX_MIGRATION_BYTES: usize = 64 * 1024;

/// Parts of one export at most: it bounds the list of missing ones.
pub const MAX_MIGRATION_PARTS: usize = 1000;

/// Reads one part of an export.
pub fn parse_migration(uri: &str) -> Result<MigrationPart, MigrationError> {
    let uri = uri.trim();
    if uri.len() > MAX_MIGRATION_BYTES {
        return Err(MigrationError::TooLong { bytes: uri.len() });
    }
    let query = uri.split_once('?').map(|(_, query)| query).ok_or(MigrationError::DataMissing)?;
    let data = query
        .split('&')
        .filter_map(|piece| piece.split_once('='))
        .find_map(|(name, value)| name.trim().eq_ignore_ascii_case("data").then_some(value))
        .filter(|data| !data.is_empty())
        .ok_or(MigrationError::DataMissing)?;
    let bytes = Zeroizing::new(decode_data(data).ok_or(MigrationError::NotBase64)?);
    let payload = Payload::decode(bytes.as_slice()).map_err(|_| MigrationError::NotAPayload)?;
    let (part, parts) = place_in_batch(payload.batch_index, payload.batch_size)?;
    let entries = payload.accounts.into_iter().map(entry).collect();
    Ok(MigrationPart { part, parts, batch: payload.batch_id, entries })
}

/// Writes accounts in Google's form: one address for each `per_part` of them, all in one batch.
pub fn write_migration(
    accounts: &[(&OtpSecret, &Label)],
    per_part: usize,
    batch: i32,
) -> Result<Vec<Secret>, WriteMigrationError> {
    let parts: Vec<_> = accounts.chunks(per_part.max(1)).collect();
    write_migration_parts(&parts, batch)
}

/// The same with the accounts of each part chosen by the caller, who knows how much a picture holds.
pub fn write_migration_parts(
    parts: &[&[(&OtpSecret, &Label)]],
    batch: i32,
) -> Result<Vec<Secret>, WriteMigrationError> {
    let too_many = || WriteMigrationError::Parts(parts.len());
    if parts.len() > MAX_MIGRATION_PARTS {
        return Err(too_many());
    }
    let size = i32::try_from(parts.len()).map_err(|_| too_many())?;
    let mut number = 0;
    (0..)
        .zip(parts)
        .map(|(index, part)| {
            let mut written = Vec::with_capacity(part.len());
            for (secret, label) in *part {
                number += 1;
                written.push(account(secret, label, number)?);
            }
            let payload =
                Payload { accounts: written, version: 1, batch_size: size, batch_index: index, batch_id: batch };
            let bytes = Zeroizing::new(payload.encode_to_vec());
            let data = Zeroizing::new(BASE64.encode(&bytes));
            let mut uri = Vec::with_capacity(3 * data.len() + 40);
            uri.extend(b"otpauth-migration://offline?data=");
            percent_encode(&data, &mut uri);
            Ok(Secret::from(uri))
        })
        .collect()
}

impl Batches {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a part. `false` when it had been seen before.
    pub fn add(&mut self, part: &MigrationPart) -> bool {
        self.seen.entry((part.batch, part.parts)).or_default().insert(part.part)
    }

    /// What is still missing; empty when every export is whole.
    pub fn missing(&self) -> Vec<MissingParts> {
        let gaps = self.seen.iter().map(|(&(batch, parts), seen)| MissingParts {
            batch,
            parts,
            missing: (1..=parts).filter(|part| !seen.contains(part)).collect(),
        });
        gaps.filter(|gap| !gap.missing.is_empty()).collect()
    }
}

impl std::error::Error for MissingParts {}

impl fmt::Display for MissingParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parts, missing, .. } = self;
        match missing.as_slice() {
            [one] => write!(f, "part {one} of {parts} of the export is missing: add its QR code too"),
            many => {
                f.write_str("parts ")?;
                for (index, part) in many.iter().enumerate() {
                    let before = match index {
                        0 => "",
                        _ if index + 1 == many.len() => " and ",
                        _ => ", ",
                    };
                    write!(f, "{before}{part}")?;
                }
                write!(f, " of {parts} of the export are missing: add their QR codes too")
            }
        }
    }
}

/// Standard or URL-safe base64, percent-encoded or not, whose `+` a form may have turned into a blank.
fn decode_data(data: &str) -> Option<Vec<u8>> {
    let mut text = Zeroizing::new(decode_bytes(data));
    let mut kept = 0;
    for index in 0..text.len() {
        let byte = match text[index] {
            b' ' | b'-' => b'+',
            b'_' => b'/',
            b'\r' | b'\n' | b'\t' => continue,
            other => other,
        };
        text[kept] = byte;
        kept += 1;
    }
    let text = text.get(..kept)?;
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let mut specification = BASE64_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().ok()?.decode(text.get(..text.len() - padding)?).ok()
}

/// The part's number from 1 and the number of parts. Exports of the format's first days say 0 parts and mean one.
fn place_in_batch(index: i32, size: i32) -> Result<(u32, u32), MigrationError> {
    let wrong = || MigrationError::PartNumber { part: i64::from(index) + 1, parts: i64::from(size) };
    let parts = u32::try_from(size).map_err(|_| wrong())?.max(1);
    let index = u32::try_from(index).map_err(|_| wrong())?;
    if index >= parts || usize::try_from(parts).map_or(true, |parts| parts > MAX_MIGRATION_PARTS) {
        return Err(wrong());
    }
    Ok((index + 1, parts))
}

fn entry(mut account: Account) -> Result<Setup, EntryError> {
    let key = Secret::from(std::mem::take(&mut account.secret));
    let issuer = Some(account.issuer.as_str()).filter(|issuer| !issuer.is_empty());
    let (prefix, name) = split_plain(&account.name, issuer);
    let mut warnings = Vec::new();
    let label = choose_label(prefix, &name, issuer, &mut warnings).map_err(|long| EntryError {
        label: Label::default(),
        reason: EntryProblem::LabelTooLong { part: long.part, bytes: long.bytes },
    })?;
    let made = parameters(&account).and_then(|parameters| Ok(OtpSecret::new(Seed::from_key(key)?, parameters)));
    match made {
        Ok(secret) => Ok(Setup::new(label, secret, warnings)),
        Err(reason) => Err(EntryError { label, reason }),
    }
}

fn parameters(account: &Account) -> Result<Parameters, EntryProblem> {
    let algorithm = match account.algorithm {
        // Unspecified: the format's own program makes SHA-1 of it.
        0 | 1 => Algorithm::Sha1,
        2 => Algorithm::Sha256,
        3 => Algorithm::Sha512,
        4 => return Err(EntryProblem::Md5),
        other => return Err(EntryProblem::Algorithm(other)),
    };
    let digits = match account.digits {
        0 | 1 => Digits::new(6),
        2 => Digits::new(8),
        other => return Err(EntryProblem::Digits(other)),
    };
    let digits = digits.map_err(|_| EntryProblem::Digits(account.digits))?;
    match account.kind {
        HOTP => {
            let counter = u64::try_from(account.counter).map_err(|_| EntryProblem::Counter)?;
            Ok(Parameters::hotp(algorithm, digits, counter))
        }
        TOTP => Ok(Parameters::totp(algorithm, digits, Period::USUAL)),
        other => Err(EntryProblem::Type(other)),
    }
}

fn account(secret: &OtpSecret, label: &Label, number: usize) -> Result<Account, WriteMigrationError> {
    let parameters = secret.parameters();
    let (kind, counter) = match parameters.kind() {
        OtpKind::Totp { period: Period::USUAL } => (TOTP, 0),
        OtpKind::Totp { .. } => return Err(WriteMigrationError::Period(number)),
        OtpKind::Hotp { counter } => (HOTP, i64::try_from(counter).map_err(|_| WriteMigrationError::Counter(number))?),
        OtpKind::Steam => return Err(WriteMigrationError::Steam(number)),
    };
    Ok(Account {
        secret: secret.seed().key().expose().to_vec(),
        name: label
            .issuer()
            .map_or_else(|| label.account().to_owned(), |issuer| format!("{issuer}:{}", label.account())),
        issuer: label.issuer().unwrap_or_default().to_owned(),
        algorithm: match parameters.algorithm() {
            Algorithm::Sha1 => 1,
            Algorithm::Sha256 => 2,
            Algorithm::Sha512 => 3,
        },
        digits: match parameters.digits().get() {
            6 => 1,
            8 => 2,
            _ => return Err(WriteMigrationError::Digits(number)),
        },
        kind,
        counter,
    })
}

const HOTP: i32 = 1;
const TOTP: i32 = 2;

/// `MigrationPayload`. Without `Debug`: it carries keys.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Payload {
    #[prost(message, repeated, tag = "1")]
    accounts: Vec<Account>,
    #[prost(int32, tag = "2")]
    version: i32,
    #[prost(int32, tag = "3")]
    batch_size: i32,
    #[prost(int32, tag = "4")]
    batch_index: i32,
    #[prost(int32, tag = "5")]
    batch_id: i32,
}

/// `OtpParameters`.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Account {
    #[prost(bytes = "vec", tag = "1")]
    secret: Vec<u8>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, tag = "3")]
    issuer: String,
    #[prost(int32, tag = "4")]
    algorithm: i32,
    #[prost(int32, tag = "5")]
    digits: i32,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(int64, tag = "7")]
    counter: i64,
}

impl Drop for Account {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}
