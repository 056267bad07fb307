//! 1Password's 1PUX: `export.data` of its archive, accounts with vaults with items.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json::{Content, entry};
use super::lists::{Count, Entries, Few, text};
use super::login::{Login, count};
use super::{FileProblem, Found, Hidden, Stop};
use crate::item::ImportRefusal;

const FORMAT: &str = "an export (1PUX) of 1Password";

#[derive(Deserialize)]
struct Export<'b> {
    #[serde(borrow)]
    accounts: Entries<'b>,
}

#[derive(Deserialize)]
struct Account<'b> {
    #[serde(default, borrow)]
    vaults: Entries<'b>,
}

#[derive(Deserialize)]
struct Vault<'b> {
    attrs: Option<VaultAttributes>,
    #[serde(default, borrow)]
    items: Entries<'b>,
}

#[derive(Deserialize)]
struct VaultAttributes {
    name: Option<Hidden>,
}

/// Before version 8 each item stood in an object `item`, and those that are archived were called trashed.
#[derive(Deserialize)]
struct Wrapped<'b> {
    #[serde(borrow)]
    item: Option<&'b RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    state: Option<String>,
    trashed: Option<bool>,
    category_uuid: Option<String>,
    details: Option<Details>,
    overview: Option<Overview>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    login_fields: Few<LoginField, 200>,
    notes_plain: Option<Hidden>,
    sections: Few<Section, 200>,
    password_history: Count,
    document_attributes: Option<IgnoredAny>,
    /// Of items that are a password alone.
    password: Option<Hidden>,
    passkey: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Overview {
    title: Option<Hidden>,
    url: Option<Hidden>,
    urls: Few<Url>,
    tags: Few<String, 50>,
}

#[derive(Deserialize)]
struct Url {
    url: Option<Hidden>,
}

#[derive(Deserialize)]
struct LoginField {
    value: Option<Value>,
    designation: Option<String>,
}

#[derive(Deserialize)]
struct Section {
    #[serde(default)]
    fields: Few<Field, 200>,
}

#[derive(Deserialize)]
struct Field {
    id: Option<String>,
    value: Option<Value>,
}

/// A text, or an object with one field that says what it is.
#[derive(Default)]
struct Value {
    totp: Option<Hidden>,
    text: Option<Hidden>,
    is_ssh_key: bool,
    is_file: bool,
}

/// Reads the document.
pub(crate) fn read(content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let export: Export<'_> = content.document(FORMAT)?;
    let mut number = 0;
    for (place, raw) in (1..).zip(export.accounts.all(FORMAT)?) {
        let account: Account<'_> = part(raw, &format!("account {place}"))?;
        for (vault_place, raw) in (1..).zip(account.vaults.all(FORMAT)?) {
            let vault: Vault<'_> = part(raw, &format!("vault {vault_place} of account {place}"))?;
            let name = vault.attrs.and_then(|attributes| attributes.name);
            for raw in vault.items.all(FORMAT)? {
                number += 1;
                match item(raw) {
                    Ok(item) => item.give(text(name.as_ref()), number, found)?,
                    Err(refusal) => found.entry(number, Err(refusal))?,
                }
            }
        }
    }
    Ok(())
}

fn part<'d, T: Deserialize<'d>>(raw: &'d RawValue, place: &str) -> Result<T, FileProblem> {
    entry(raw).map_err(|_| FileProblem::Damaged { format: FORMAT, place: place.to_owned() })
}

fn item(raw: &RawValue) -> Result<Item, ImportRefusal> {
    match entry(raw)? {
        Wrapped { item: Some(within) } => entry(within),
        Wrapped { item: None } => entry(raw),
    }
}

impl Item {
    fn give(self, vault: &str, number: usize, found: &mut dyn Found) -> Result<(), crate::ReadError> {
        if self.trashed == Some(true) || matches!(self.state.as_deref(), Some("archived" | "deleted" | "trashed")) {
            found.left_out("archived items");
            return Ok(());
        }
        let category = self.category_uuid.unwrap_or_default();
        let (details, overview) = (self.details.unwrap_or_default(), self.overview.unwrap_or_default());
        let mut login = Login {
            name: text(overview.title.as_ref()).to_owned(),
            notes: text(details.notes_plain.as_ref()).to_owned(),
            password: details.password,
            ..Login::default()
        };
        login.add_tag(vault);
        overview.tags.held.iter().for_each(|tag| login.add_path(tag, &['/']));
        let urls = overview.urls.held.iter().map(|url| text(url.url.as_ref()));
        urls.for_each(|url| login.add_site(url));
        if overview.urls.count == 0 {
            login.add_site(text(overview.url.as_ref()));
        }
        let (mut others, mut ssh_keys) = (0, 0);
        let mut attachments = usize::from(details.document_attributes.is_some());
        for field in details.login_fields.held {
            others += usize::from(!take(&mut login, field.designation.as_deref(), field.value.unwrap_or_default()));
        }
        let is_sign_in = SIGN_INS.contains(&category.as_str());
        for field in details.sections.held.into_iter().flat_map(|section| section.fields.held) {
            let value = field.value.unwrap_or_default();
            ssh_keys += usize::from(value.is_ssh_key);
            attachments += usize::from(value.is_file);
            if value.is_ssh_key || value.is_file {
                continue;
            }
            others += usize::from(!take(&mut login, field.id.as_deref().filter(|_| is_sign_in), value));
        }
        count(found, "SSH keys", ssh_keys);
        count(found, "attachments", attachments);
        count(found, "passkeys", usize::from(details.passkey.is_some()));
        count(found, "earlier passwords", details.password_history.0);
        match kind_of(&category).filter(|_| login.is_nothing_to_sign_in_with()) {
            // It is counted by what is in it.
            Some("SSH keys" | "documents") if ssh_keys + attachments > 0 => {}
            Some(kind) => found.left_out(kind),
            None => {
                count(found, "custom fields", others);
                login.give(number, found)?;
            }
        }
        Ok(())
    }
}

/// Takes a field for what it is named, if that is still missing; `false` where it is something else.
fn take(login: &mut Login, named: Option<&str>, value: Value) -> bool {
    if let Some(totp) = value.totp {
        login.add_factor_field("field with a one-time password", totp.as_str());
        return true;
    }
    let Some(text) = value.text.filter(|text| !text.is_empty()) else { return true };
    match named {
        Some("username") if login.user.is_empty() => text.as_str().clone_into(&mut login.user),
        Some("password" | "credential") if login.password.as_ref().is_none_or(Hidden::is_empty) => {
            login.password = Some(text);
        }
        Some("url" | "website") => login.add_site(text.as_str()),
        _ => return false,
    }
    true
}

/// Categories whose sections have a user name, a password or an address: login, password, database, server, API credential.
const SIGN_INS: [&str; 5] = ["001", "005", "102", "110", "112"];

/// What an item is counted as that has nothing to sign in with, by its category.
fn kind_of(category: &str) -> Option<&'static str> {
    match category {
        "002" | "101" => Some("cards"),
        "003" => Some("secure notes"),
        "004" | "103" | "104" | "105" | "106" | "107" | "108" | "113" => Some("identities"),
        "006" => Some("documents"),
        "100" => Some("software licences"),
        "109" => Some("Wi-Fi passwords"),
        "114" => Some("SSH keys"),
        // An e-mail account, a wallet.
        "111" | "115" => Some("items of other kinds"),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or an object")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::default())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value { text: Some(Hidden::from(text.to_owned())), ..Value::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut value = Value::default();
        while let Some(kind) = map.next_key::<String>()? {
            match kind.as_str() {
                "totp" => value.totp = map.next_value()?,
                "string" | "concealed" | "url" | "email_address" => value.text = map.next_value()?,
                // An address with its provider, or a text as it was before.
                "email" => value.text = map.next_value::<Self::Value>()?.text,
                other => {
                    value.is_ssh_key |= other == "sshKey";
                    value.is_file |= other == "file";
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(value)
    }
}
