//! Ente Auth: its encrypted export, version 1, and the text that is in it or was exported as it is.
//!
//! The text has an `otpauth://` address in each line, with the parameter `codeDisplay`: a JSON object, percent-encoded, of tags, a note
//! and whether the code lies in the bin, with `+` for blanks as forms are encoded. What the app saves by itself has each line as a
//! JSON text, in quotation marks. Encrypted, it is the only chunk of a stream of libsodium (XChaCha20-Poly1305) under
//! Argon2id.

use std::borrow::Cow;

use countersign_otp::{ParametersError, PasteError, Setup, UriError, parse_uri};
use countersign_seal::{
    Secret,
    foreign::{Argon2Cost, Argon2Limit, argon2id, secretstream},
};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::formats::factor::base64;
use crate::formats::json::{self, Names};
use crate::formats::{FilePassword, FileProblem, Found, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "an export of Ente Auth";

pub(super) const ENCRYPTED: Known = Known { name: NAME, is: is_encrypted, read: read_encrypted };
pub(super) const TEXT: Known = Known { name: NAME, is: is_text, read: read_text };

/// The app asks for 1 GiB and four passes, and for half the memory and twice the passes where a phone has not so much: the
/// usual limit would refuse nearly every real export. One import is read at a time, so that this is given once.
const LIMIT: Argon2Limit = Argon2Limit { memory_kib: 1 << 20, passes: 64, work_kib: 4 << 20, lanes: 1 };

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    version: u64,
    kdf_params: KdfParams,
    encrypted_data: String,
    encryption_nonce: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KdfParams {
    /// Bytes.
    mem_limit: u64,
    ops_limit: u64,
    salt: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CodeDisplay {
    trashed: Option<bool>,
    tags: Option<Names>,
    note: Option<String>,
}

fn is_encrypted(sight: &Sight<'_>) -> bool {
    sight.is_object_with(&["kdfParams"])
}

fn is_text(sight: &Sight<'_>) -> bool {
    let text = sight.bytes().strip_prefix(b"\xef\xbb\xbf").unwrap_or(sight.bytes()).trim_ascii_start();
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    text.get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"otpauth://")) && sight.holds("codeDisplay=%7B")
}

fn read_encrypted(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let file: File = json::document(NAME, bytes)?;
    if file.version != 1 {
        let reason = format!("its version is {}, and 1 is the only one that is known", file.version);
        return Err(FileProblem::NotReadable { format: NAME, reason }.into());
    }
    let text = open(&file, password)?;
    lines(text.expose(), " of its decrypted content", found)
}

fn read_text(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    lines(bytes, "", found)
}

fn open(file: &File, password: FilePassword<'_>) -> Result<Secret, FileProblem> {
    let part = |place: &str, text: &str| {
        base64(text).ok_or_else(|| FileProblem::Damaged { format: NAME, place: format!("{place}, which is no base64") })
    };
    let salt = part("kdfParams.salt", &file.kdf_params.salt)?;
    let header = part("encryptionNonce", &file.encryption_nonce)?;
    let sealed = part("encryptedData", &file.encrypted_data)?;
    if header.len() != 24 {
        return Err(FileProblem::Damaged { format: NAME, place: "encryptionNonce".to_owned() });
    }
    let password = password.spend(NAME)?;
    let cost = Argon2Cost { memory_kib: file.kdf_params.mem_limit / 1024, passes: file.kdf_params.ops_limit, lanes: 1 };
    let key = argon2id(password, &salt, cost, LIMIT).map_err(|error| FileProblem::key(NAME, error))?;
    secretstream(&key, &header, &sealed).map_err(|_| FileProblem::WrongPassword(NAME))
}

fn lines(text: &[u8], within: &str, found: &mut dyn Found) -> Result<(), Stop> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let text = std::str::from_utf8(text).map_err(|error| {
        let good = text.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        FileProblem::Damaged { format: NAME, place: format!("line {line}{within}, which is not in UTF-8") }
    })?;
    let lines = text.lines().map(unquoted).filter(|line| !line.is_empty());
    for (number, line) in (1..).zip(lines) {
        let display = code_display(line);
        if display.as_ref().and_then(|display| display.trashed) == Some(true) {
            found.left_out("codes in the bin");
        } else {
            found.entry(number, account(line, display))?;
        }
    }
    Ok(())
}

/// A line without the quotation marks of a JSON text, in which an address has nothing that is written otherwise.
fn unquoted(line: &str) -> &str {
    let line = line.trim();
    line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line)
}

/// What the app keeps beside a code, if it can be read; the usual where it keeps nothing.
fn code_display(line: &str) -> Option<CodeDisplay> {
    let parameter = line.split(['?', '&', '#']).find_map(|piece| piece.strip_prefix("codeDisplay="));
    let Some(text) = parameter.filter(|text| !text.is_empty()) else { return Some(CodeDisplay::default()) };
    let text = text.replace('+', " ");
    let text: Cow<'_, str> = percent_decode_str(&text).decode_utf8().ok()?;
    // It once encoded commas twice, and decodes them so wherever they stand.
    serde_json::from_str(&text.replace("%2C", ",")).ok()
}

fn account(line: &str, display: Option<CodeDisplay>) -> Result<Account, ImportRefusal> {
    let mut account = Account::from(setup(line).map_err(PasteError::from)?);
    match display {
        Some(display) => {
            account.notes = display.note.unwrap_or_default();
            account.tags = display.tags.unwrap_or_default().0.into_iter().filter(|tag| !tag.is_empty()).collect();
        }
        None => account.warnings.push("its note and tags cannot be read: copy them by hand".to_owned()),
    }
    Ok(account)
}

/// An address, in which the app takes a counter that is not there for zero.
fn setup(line: &str) -> Result<Setup, UriError> {
    match parse_uri(line) {
        Err(UriError::Parameters(ParametersError::CounterMissing)) => {
            let address = line.split('#').next().unwrap_or_default();
            parse_uri(&Zeroizing::new(format!("{address}&counter=0")))
        }
        other => other,
    }
}
