//! Bitwarden's JSON: of a person's vault or an organisation's, plain or with a password of its own. What is encrypted with
//! the account's key is readable by that account alone.

use std::collections::HashMap;

use countersign_seal::Secret;
use countersign_seal::foreign::{Argon2Cost, Argon2Limit, BitwardenKdf, BitwardenKey, KeyError};
use serde::Deserialize;

use super::json::{Content, document, entry};
use super::lists::{Count, Entries, Few, text};
use super::login::{Login, count};
use super::{FilePassword, FileProblem, Found, Hidden, Known, Stop};

/// With a password of its own.
pub(crate) const PROTECTED: Known = Known {
    name: PROTECTED_FORMAT,
    is: |sight| sight.is_object_with(&["encrypted", "passwordProtected", "salt", "kdfType", "data"]),
    read: read_protected,
};

/// Encrypted with the account's key.
pub(crate) const RESTRICTED: Known = Known {
    name: FORMAT,
    is: |sight| sight.is_object_with(&["encrypted", "encKeyValidation_DO_NOT_EDIT"]),
    read: |_, _, _| Err(restricted().into()),
};

/// As it is; until the end of 2020 it did not say that it is not encrypted.
pub(crate) const PLAIN: Known = Known {
    name: FORMAT,
    is: |sight| {
        let older = ["folders", "collections"].iter().any(|name| sight.is_object_with(&[name, "items"]));
        // Enpass has folders and items too.
        sight.is_object_with(&["encrypted", "items"]) || (older && sight.holds("\"organizationId\""))
    },
    read: |bytes, _, found| read(&Content::Plain(bytes), found),
};

const FORMAT: &str = "an export (JSON) of Bitwarden";
const PROTECTED_FORMAT: &str = "a password-protected export (JSON) of Bitwarden";

fn restricted() -> FileProblem {
    let reason = "it is encrypted with its account's own key, which no other program has: export it again as .json or as .json \
                  (Encrypted) with the type \"Password protected\"";
    FileProblem::NotReadable { format: FORMAT, reason: reason.to_owned() }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protected {
    #[serde(default)]
    password_protected: bool,
    salt: Hidden,
    kdf_type: u64,
    kdf_iterations: u64,
    /// In MiB.
    kdf_memory: Option<u64>,
    kdf_parallelism: Option<u32>,
    #[serde(rename = "encKeyValidation_DO_NOT_EDIT")]
    validation: Hidden,
    data: Hidden,
}

fn read_protected(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let file: Protected = document(PROTECTED_FORMAT, bytes)?;
    if !file.password_protected {
        return Err(restricted().into());
    }
    let password = password.spend(PROTECTED_FORMAT)?;
    let kdf = file.kdf()?;
    let damaged = |field: &str| FileProblem::Damaged { format: PROTECTED_FORMAT, place: format!("the field {field}") };
    let validation = Sealed::of(&file.validation).ok_or_else(|| damaged("encKeyValidation_DO_NOT_EDIT"))?;
    let data = Sealed::of(&file.data).ok_or_else(|| damaged("data"))?;
    let key = BitwardenKey::of(password, file.salt.as_str().as_bytes(), kdf)
        .map_err(|error: KeyError| FileProblem::key(PROTECTED_FORMAT, error))?;
    validation.open(&key).ok_or(FileProblem::WrongPassword(PROTECTED_FORMAT))?;
    let text = data.open(&key).ok_or_else(|| damaged("data"))?;
    read(&Content::Decrypted(text), found)
}

impl Protected {
    fn kdf(&self) -> Result<BitwardenKdf, FileProblem> {
        let missing = |field: &str| FileProblem::Damaged {
            format: PROTECTED_FORMAT,
            place: format!("the field {field}, which is missing"),
        };
        match self.kdf_type {
            0 => Ok(BitwardenKdf::Pbkdf2 { iterations: self.kdf_iterations }),
            1 => {
                let memory = self.kdf_memory.ok_or_else(|| missing("kdfMemory"))?;
                let lanes = self.kdf_parallelism.ok_or_else(|| missing("kdfParallelism"))?;
                let cost = Argon2Cost { memory_kib: memory.saturating_mul(1024), passes: self.kdf_iterations, lanes };
                Ok(BitwardenKdf::Argon2id { cost, limit: Argon2Limit::USUAL })
            }
            other => {
                let reason = format!(
                    "its key is made in a way (kdfType {other}) that nobody has described yet: export it as .json"
                );
                Err(FileProblem::NotReadable { format: PROTECTED_FORMAT, reason })
            }
        }
    }
}

/// `2.` start `|` encrypted `|` tag, each in base64: AES-256 in CBC under HMAC-SHA-256.
struct Sealed {
    start: [u8; 16],
    encrypted: Vec<u8>,
    tag: Vec<u8>,
}

impl Sealed {
    fn of(text: &Hidden) -> Option<Self> {
        let mut parts = text.as_str().strip_prefix("2.")?.split('|').map(super::factor::base64);
        let start = *parts.next()??.first_chunk::<16>()?;
        let (encrypted, tag) = (parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self { start, encrypted, tag })
    }

    fn open(&self, key: &BitwardenKey) -> Option<Secret> {
        key.open(&self.start, &self.encrypted, &self.tag).ok()
    }
}

#[derive(Deserialize)]
struct Export<'b> {
    #[serde(default)]
    encrypted: bool,
    #[serde(default, borrow)]
    folders: Entries<'b>,
    #[serde(default, borrow)]
    collections: Entries<'b>,
    #[serde(borrow)]
    items: Entries<'b>,
}

#[derive(Deserialize)]
struct Folder {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(rename = "type")]
    kind: u64,
    name: Option<Hidden>,
    notes: Option<Hidden>,
    folder_id: Option<String>,
    #[serde(default)]
    collection_ids: Few<Option<String>>,
    #[serde(default)]
    fields: Count,
    #[serde(default)]
    password_history: Count,
    #[serde(default)]
    attachments: Count,
    login: Option<ItemLogin>,
    deleted_date: Option<Hidden>,
    archived_date: Option<Hidden>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemLogin {
    username: Option<Hidden>,
    password: Option<Hidden>,
    totp: Option<Hidden>,
    #[serde(default)]
    uris: Few<Uri>,
    #[serde(default)]
    fido2_credentials: Count,
}

#[derive(Deserialize)]
struct Uri {
    uri: Option<Hidden>,
}

/// Reads what is not encrypted, also out of an archive.
pub(crate) fn read(content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let export: Export<'_> = content.document(FORMAT)?;
    if export.encrypted {
        return Err(restricted().into());
    }
    let mut folders: HashMap<String, String> = HashMap::new();
    for raw in export.folders.all(FORMAT)?.iter().chain(export.collections.all(FORMAT)?) {
        if let Ok(Folder { id: Some(id), name: Some(name) }) = entry(raw) {
            folders.insert(id, name);
        }
    }
    for (number, raw) in (1..).zip(export.items.all(FORMAT)?) {
        match entry::<Item>(raw) {
            Ok(item) => item.give(&folders, number, found)?,
            Err(refusal) => found.entry(number, Err(refusal))?,
        }
    }
    Ok(())
}

impl Item {
    fn give(
        self,
        folders: &HashMap<String, String>,
        number: usize,
        found: &mut dyn Found,
    ) -> Result<(), crate::ReadError> {
        let kind = match self.kind {
            _ if self.deleted_date.is_some() => Some("deleted items"),
            _ if self.archived_date.is_some() => Some("archived items"),
            1 => None,
            2 => Some("secure notes"),
            3 => Some("cards"),
            4 => Some("identities"),
            5 => Some("SSH keys"),
            // A bank account, a driving licence, a passport.
            6 => Some("cards"),
            7 | 8 => Some("identities"),
            _ => Some("items of other kinds"),
        };
        if let Some(kind) = kind {
            found.left_out(kind);
            return Ok(());
        }
        let mut login = Login {
            name: text(self.name.as_ref()).to_owned(),
            notes: text(self.notes.as_ref()).to_owned(),
            ..Login::default()
        };
        let ids = self.folder_id.iter().chain(self.collection_ids.held.iter().flatten());
        for path in ids.filter_map(|id| folders.get(id)) {
            login.add_path(path, &['/']);
        }
        let mut passkeys = 0;
        if let Some(own) = self.login {
            login.user = text(own.username.as_ref()).to_owned();
            login.add_factor_field("field totp", text(own.totp.as_ref()));
            own.uris.held.iter().for_each(|uri| login.add_site(text(uri.uri.as_ref())));
            login.password = own.password;
            passkeys = own.fido2_credentials.0;
        }
        count(found, "passkeys", passkeys);
        count(found, "custom fields", self.fields.0);
        count(found, "earlier passwords", self.password_history.0);
        count(found, "attachments", self.attachments.0);
        login.give(number, found)
    }
}
