//! Proton Pass's JSON, which comes in an archive; what is encrypted with PGP is told elsewhere.

use std::collections::HashMap;

use serde::Deserialize;

use super::json::{Content, entry};
use super::lists::{Count, Entries, Few, text};
use super::login::{Login, count};
use super::{FileProblem, Found, Hidden, Known, Stop};

/// The JSON by itself.
pub(crate) const PROTON_PASS: Known = Known {
    name: FORMAT,
    is: |sight| sight.is_object_with(&["version", "vaults"]),
    read: |bytes, _, found| read(&Content::Plain(bytes), found),
};

const FORMAT: &str = "an export of Proton Pass";

#[derive(Deserialize)]
struct Export<'b> {
    #[serde(default)]
    encrypted: bool,
    /// By their ids.
    #[serde(borrow)]
    vaults: Entries<'b>,
}

#[derive(Deserialize)]
struct Vault<'b> {
    name: Option<Hidden>,
    #[serde(default)]
    folders: Few<Folder, 10_000>,
    #[serde(default, borrow)]
    items: Entries<'b>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Folder {
    folder_id: Option<String>,
    parent_folder_id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    data: Data,
    /// 1 active, 2 in the bin.
    state: Option<u64>,
    folder_id: Option<String>,
    #[serde(default)]
    files: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    metadata: Metadata,
    #[serde(default)]
    extra_fields: Few<ExtraField>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    content: LoginContent,
}

#[derive(Deserialize)]
struct Metadata {
    name: Option<Hidden>,
    note: Option<Hidden>,
}

#[derive(Deserialize)]
struct ExtraField {
    #[serde(rename = "type")]
    kind: Option<String>,
    data: Option<ExtraData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtraData {
    totp_uri: Option<Hidden>,
}

/// What a login holds; other kinds have other fields.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LoginContent {
    item_email: Option<Hidden>,
    item_username: Option<Hidden>,
    /// Before the two above were told apart.
    username: Option<Hidden>,
    password: Option<Hidden>,
    totp_uri: Option<Hidden>,
    urls: Few<Hidden>,
    autofill_urls: Few<AutofillUrl>,
    passkeys: Count,
}

#[derive(Deserialize)]
struct AutofillUrl {
    url: Option<Hidden>,
}

/// Reads the document, also out of an archive.
pub(crate) fn read(content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let export: Export<'_> = content.document(FORMAT)?;
    if export.encrypted {
        return Err(FileProblem::NotReadable { format: FORMAT, reason: super::pgp::PROTON_REASON.to_owned() }.into());
    }
    let mut number = 0;
    for (place, raw) in (1..).zip(export.vaults.all(FORMAT)?) {
        let damaged = |_| FileProblem::Damaged { format: FORMAT, place: format!("vault {place}") };
        let vault: Vault<'_> = entry(raw).map_err(damaged)?;
        let around = Folders::of(text(vault.name.as_ref()), &vault.folders.held);
        for raw in vault.items.all(FORMAT)? {
            number += 1;
            match entry::<Item>(raw) {
                Ok(item) => item.give(&around, number, found)?,
                Err(refusal) => found.entry(number, Err(refusal))?,
            }
        }
    }
    Ok(())
}

/// The addresses that the table has as a list, where none is filled in by itself.
pub(crate) fn add_autofill_urls(list: &str, login: &mut Login) {
    if let Ok(urls) = serde_json::from_str::<Few<AutofillUrl>>(list) {
        urls.held.iter().for_each(|url| login.add_site(text(url.url.as_ref())));
    }
}

/// What is around the items of a vault.
struct Folders<'v> {
    vault: &'v str,
    by_id: HashMap<&'v str, &'v Folder>,
}

/// Folders within each other.
const MOST_DEPTH: usize = 32;

impl<'v> Folders<'v> {
    fn of(vault: &'v str, folders: &'v [Folder]) -> Self {
        let by_id = folders.iter().filter_map(|folder| Some((folder.folder_id.as_deref()?, folder))).collect();
        Self { vault, by_id }
    }

    fn tag(&self, folder: Option<&str>, login: &mut Login) {
        login.add_tag(self.vault);
        let at = |id: Option<&str>| self.by_id.get(id?).copied();
        let path = std::iter::successors(at(folder), |folder| at(folder.parent_folder_id.as_deref()));
        let mut path: Vec<&Folder> = path.take(MOST_DEPTH).collect();
        path.reverse();
        path.into_iter().filter_map(|folder| folder.name.as_deref()).for_each(|name| login.add_tag(name));
    }
}

/// What an item of this kind is counted as, unless it is a login; the table has the same words.
pub(crate) fn counted_as(kind: &str) -> Option<&'static str> {
    match kind {
        "login" => None,
        "alias" => Some("aliases"),
        "note" => Some("secure notes"),
        "creditCard" => Some("cards"),
        "identity" => Some("identities"),
        "sshKey" => Some("SSH keys"),
        "wifi" => Some("Wi-Fi passwords"),
        _ => Some("items of other kinds"),
    }
}

impl Item {
    fn give(self, around: &Folders<'_>, number: usize, found: &mut dyn Found) -> Result<(), crate::ReadError> {
        let kind = match self.data.kind.as_str() {
            _ if self.state == Some(2) => Some("deleted items"),
            kind => counted_as(kind),
        };
        if let Some(kind) = kind {
            found.left_out(kind);
            return Ok(());
        }
        let own = self.data.content;
        let users = [&own.item_username, &own.username, &own.item_email];
        let user = users.into_iter().map(|field| text(field.as_ref())).find(|user| !user.trim().is_empty());
        let mut login = Login {
            name: text(self.data.metadata.name.as_ref()).to_owned(),
            user: user.unwrap_or_default().to_owned(),
            notes: text(self.data.metadata.note.as_ref()).to_owned(),
            ..Login::default()
        };
        login.note_other_users(users.into_iter().map(|field| text(field.as_ref())));
        around.tag(self.folder_id.as_deref(), &mut login);
        login.add_factor_field("field totpUri", text(own.totp_uri.as_ref()));
        let mut fields = self.data.extra_fields.count;
        for field in self.data.extra_fields.held {
            if field.kind.as_deref() == Some("totp") {
                fields -= 1;
                let data = field.data.and_then(|data| data.totp_uri);
                login.add_factor_field("extra field with a second factor", text(data.as_ref()));
            }
        }
        own.urls.held.iter().for_each(|url| login.add_site(url.as_str()));
        if own.urls.count == 0 {
            own.autofill_urls.held.iter().for_each(|url| login.add_site(text(url.url.as_ref())));
        }
        login.password = own.password;
        count(found, "passkeys", own.passkeys.0);
        count(found, "custom fields", fields);
        count(found, "attachments", self.files.0);
        login.give(number, found)
    }
}
