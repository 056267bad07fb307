//! Bitwarden Authenticator, the app beside the password manager: its JSON, which is a vault without folders, and its table.
//!
//! The table's rows have more fields than its head has columns, and no quotation marks: what is an address is looked for. An
//! export that a password protects has the form of the password manager's own.

use std::borrow::Cow;

use countersign_otp::{OtpSecret, Parameters, PasteError, parse_uri};
use serde::Deserialize;

use crate::formats::factor::{self, base32_seed};
use crate::formats::json::{self, Entries};
use crate::formats::table::Beginning;
use crate::formats::{FilePassword, FileProblem, Found, Hidden, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "an export of Bitwarden Authenticator";

pub(super) const JSON: Known = Known { name: NAME, is: is_json, read: read_json };
pub(super) const TABLE: Known = Known { name: NAME, is: is_table, read: read_table };

const WITHOUT: &str = "logins without password and second factor";

/// A login, of which the app has no other kind.
const LOGIN: u64 = 1;

#[derive(Deserialize)]
struct File<'d> {
    encrypted: bool,
    #[serde(borrow)]
    items: Entries<'d>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: Option<u64>,
    name: Option<String>,
    notes: Option<String>,
    login: Option<Login>,
}

#[derive(Deserialize)]
struct Login {
    totp: Option<Hidden>,
    username: Option<String>,
}

fn is_json(sight: &Sight<'_>) -> bool {
    let of_the_manager = ["folders", "collections", "passwordProtected", "encKeyValidation_DO_NOT_EDIT"];
    // What has passwords is the manager's, whoever wrote it without folders.
    sight.is_object_with(&["encrypted", "items"])
        && !of_the_manager.iter().any(|name| sight.is_object_with(&[name]))
        && !sight.holds("\"password\"")
}

fn read_json(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let file: File<'_> = json::document(NAME, bytes)?;
    if file.encrypted {
        let reason = "it says that it is encrypted, and not how: export it without encryption".to_owned();
        return Err(FileProblem::NotReadable { format: NAME, reason }.into());
    }
    for (number, raw) in (1..).zip(file.items.0) {
        match json::entry::<Item>(raw) {
            Ok(item) if item.kind.is_some_and(|kind| kind != LOGIN) => found.left_out("items that are no logins"),
            Ok(Item { login: None | Some(Login { totp: None, .. }), .. }) => found.left_out(WITHOUT),
            item => found.entry(number, item.and_then(account))?,
        }
    }
    Ok(())
}

fn account(item: Item) -> Result<Account, ImportRefusal> {
    let login = item.login.ok_or(ImportRefusal::FieldMissing("login"))?;
    let totp = login.totp.filter(|totp| !totp.is_empty()).ok_or(ImportRefusal::FieldMissing("login.totp"))?;
    let account = of_totp(&totp, item.name.as_deref(), login.username.as_deref())?;
    Ok(Account { notes: item.notes.unwrap_or_default(), ..account })
}

/// An address, or a bare key, which means the usual parameters.
fn of_totp(totp: &Hidden, name: Option<&str>, user: Option<&str>) -> Result<Account, ImportRefusal> {
    let mut account = if totp.as_str().contains("://") {
        Account::from(parse_uri(totp.as_str()).map_err(PasteError::from)?)
    } else {
        factor::account("", user.unwrap_or_default(), OtpSecret::new(base32_seed(totp)?, Parameters::default()))?
    };
    if account.account.is_empty() {
        user.unwrap_or_default().trim().clone_into(&mut account.account);
    }
    // The app calls an account by its issuer, or by what somebody wrote in its place.
    if let Some(name) = name.map(str::trim).filter(|name| !name.is_empty() && Some(*name) != account.issuer.as_deref())
    {
        name.clone_into(&mut account.name);
    }
    Ok(account)
}

fn is_table(sight: &Sight<'_>) -> bool {
    let columns = ["folder", "favorite", "type", "name", "login_uri", "login_totp"];
    sight.has_columns(&columns) && sight.columns().len() == columns.len()
}

fn read_table(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        FileProblem::Damaged { format: NAME, place: format!("line {line}, which is not in UTF-8") }
    })?;
    let Beginning { mark, text: from_head, .. } = Beginning::of(text.as_bytes());
    let text = text.get(text.len() - from_head.len()..).unwrap_or_default();
    let rows = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    for (number, row) in (1..).zip(rows) {
        let (mut name, mut totp) = (None, None);
        for (column, field) in fields(row, char::from(mark)).enumerate() {
            let is_address = ["otpauth://", "steam://"].iter().any(|scheme| field.starts_with(scheme));
            if column == NAME_COLUMN {
                name = Some(field);
            } else if totp.is_none() && (is_address || (column == TOTP_COLUMN && !field.is_empty())) {
                totp = Some(Hidden::from(field.into_owned()));
            }
        }
        match totp {
            Some(totp) => found.entry(number, of_totp(&totp, name.as_deref(), None))?,
            None => found.left_out(WITHOUT),
        }
    }
    Ok(())
}

const NAME_COLUMN: usize = 3;
const TOTP_COLUMN: usize = 5;

/// The fields of a row (RFC 4180 §2), none of which has a line break in this format.
fn fields(row: &str, mark: char) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(row);
    std::iter::from_fn(move || {
        let row = rest?;
        let (field, after) = quoted(row, mark).unwrap_or_else(|| {
            let (field, after) = row.split_once(mark).map_or((row, None), |(field, after)| (field, Some(after)));
            (Cow::Borrowed(field.trim()), after)
        });
        rest = after;
        Some(field)
    })
}

/// A field between quotation marks, of which two stand for one, and what follows the mark behind it.
fn quoted(row: &str, mark: char) -> Option<(Cow<'_, str>, Option<&str>)> {
    let inner = row.strip_prefix('"')?;
    let mut from = 0;
    let end = loop {
        let at = from + inner.get(from..)?.find('"')?;
        match inner.as_bytes().get(at + 1) {
            Some(b'"') => from = at + 2,
            Some(byte) if char::from(*byte) != mark => return None,
            Some(_) | None => break at,
        }
    };
    let field = inner.get(..end)?;
    let field = if field.contains('"') { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) };
    Some((field, inner.get(end + 2..)))
}
