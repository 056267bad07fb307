//! Bitwarden's unencrypted JSON of a person's vault, which its importer and those of most others read.
//!
//! An item lies in one folder: the first of an account's tags that has no slash, since a slash makes a folder within another. Further
//! tags have no place and are counted.

use countersign_otp::{OtpKind, OtpSecret};
use countersign_seal::Secret;
use serde::Serialize;

use super::fit::Fit;
use super::page::Page;
use super::{ExportFormat, ExportOrigin, Exported};

#[derive(Serialize)]
struct Export<'a> {
    encrypted: bool,
    folders: Vec<Folder<'a>>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Folder<'a> {
    id: String,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    id: String,
    organization_id: Option<&'a str>,
    folder_id: Option<String>,
    #[serde(rename = "type")]
    kind: u8,
    reprompt: u8,
    name: &'a str,
    notes: Option<&'a str>,
    favorite: bool,
    login: Login<'a>,
    collection_ids: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Login<'a> {
    uris: Vec<Uri<'a>>,
    username: Option<&'a str>,
    password: Option<&'a str>,
    totp: Option<&'a str>,
}

#[derive(Serialize)]
struct Uri<'a> {
    #[serde(rename = "match")]
    how: Option<u8>,
    uri: &'a str,
}

/// A login, among the kinds of items.
const LOGIN: u8 = 1;

pub(super) fn write(accounts: &[Fit<'_>], origin: &ExportOrigin<'_>, exported: &mut Exported) {
    let factors: Vec<Option<Secret>> =
        accounts.iter().map(|account| account.secret.map(|secret| factor(secret, account))).collect();
    let mut folders: Vec<&str> = accounts.iter().filter_map(folder_of).collect();
    folders.sort_unstable();
    folders.dedup();
    let folder_id = |name: &str| folders.binary_search(&name).ok().map(|place| id(origin, FOLDERS, place));
    let items = accounts.iter().zip(&factors).enumerate().map(|(place, (account, factor))| Item {
        id: id(origin, ITEMS, place),
        organization_id: None,
        folder_id: folder_of(account).and_then(folder_id),
        kind: LOGIN,
        reprompt: 0,
        name: account.name,
        notes: Some(account.notes).filter(|notes| !notes.is_empty()),
        favorite: false,
        login: Login {
            uris: account.site.into_iter().map(|uri| Uri { how: None, uri }).collect(),
            username: Some(account.username).filter(|username| !username.is_empty()),
            password: account.password,
            totp: factor.as_ref().and_then(Secret::expose_text),
        },
        collection_ids: None,
    });
    let items = items.collect();
    let folders = folders.iter().enumerate();
    let folders = folders.map(|(place, name)| Folder { id: id(origin, FOLDERS, place), name }).collect();
    let mut page = Page::default();
    // Neither these types nor the page can fail.
    let _ = serde_json::to_writer_pretty(&mut page, &Export { encrypted: false, folders, items });
    exported.add_file(ExportFormat::Bitwarden, page.into_bytes());
    for account in accounts {
        exported.count("tags", account.tags.len() - usize::from(folder_of(account).is_some()));
    }
}

fn folder_of<'a>(account: &Fit<'a>) -> Option<&'a str> {
    account.tags.iter().map(String::as_str).find(|tag| !tag.contains('/'))
}

/// As Bitwarden writes it: an address, or Steam's key behind a scheme of its own.
fn factor(secret: &OtpSecret, account: &Fit<'_>) -> Secret {
    if secret.parameters().kind() != OtpKind::Steam {
        return secret.to_uri(&account.label);
    }
    let key = secret.seed().to_base32();
    let mut text = Vec::with_capacity(STEAM.len() + key.len());
    text.extend_from_slice(STEAM);
    text.extend_from_slice(key.expose());
    Secret::from(text)
}

const STEAM: &[u8] = b"steam://";
const FOLDERS: u16 = 1;
const ITEMS: u16 = 2;

/// An id in the form of a UUID; the reader keeps none of them.
fn id(origin: &ExportOrigin<'_>, kind: u16, place: usize) -> String {
    format!("{:08x}-{kind:04x}-4000-8000-{place:012x}", origin.batch)
}
