//! Keeper's JSON, of its vault or of Commander, also out of an archive.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::{Content, entry};
use super::lists::{Count, Entries, Few, text};
use super::login::{Login, count};
use super::{FilePassword, Found, Hidden, Known, Stop};

/// An object with records, beside shared folders and teams.
pub(crate) const OBJECT: Known = Known {
    name: FORMAT,
    is: |sight| {
        sight.is_object_with(&["records"]) && (sight.holds("\"title\"") || sight.is_object_with(&["shared_folders"]))
    },
    read: |bytes, _, found| read(&Content::Plain(bytes), found),
};

/// The records alone.
pub(crate) const LIST: Known = Known {
    name: FORMAT,
    // A note, which may be the first, has neither of them.
    is: |sight| {
        let own = [&["login", "password"][..], &["$type"], &["custom_fields"], &["login_url"]];
        sight.is_list_with(&["title"]) && own.into_iter().any(|names| sight.is_list_with(names))
    },
    read: read_list,
};

const FORMAT: &str = "an export (JSON) of Keeper";

#[derive(Deserialize)]
struct Export<'b> {
    #[serde(borrow)]
    records: Entries<'b>,
}

/// One record; the table has the same fields.
#[derive(Default, Deserialize)]
pub(super) struct Record {
    pub(super) title: Option<Hidden>,
    #[serde(rename = "$type")]
    pub(super) kind: Option<String>,
    pub(super) login: Option<Hidden>,
    pub(super) password: Option<Hidden>,
    pub(super) login_url: Option<Hidden>,
    pub(super) notes: Option<Hidden>,
    #[serde(default)]
    pub(super) custom_fields: CustomFields,
    #[serde(default)]
    pub(super) folders: Few<Folder>,
    #[serde(default)]
    pub(super) attachments: Count,
    /// What a person should know of how it was read.
    #[serde(skip)]
    pub(super) warning: Option<&'static str>,
}

#[derive(Deserialize)]
pub(super) struct Folder {
    pub(super) folder: Option<String>,
    pub(super) shared_folder: Option<String>,
}

/// By their names: `$type`, `$type:label`, or a label alone; the value is a text, a list of them, or an object.
#[derive(Default)]
pub(super) struct CustomFields {
    one_time_codes: Vec<Hidden>,
    urls: Vec<Hidden>,
    passkeys: usize,
    ssh_keys: usize,
    others: usize,
}

/// Reads the document, also out of an archive.
pub(crate) fn read(content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let export: Export<'_> = content.document(FORMAT)?;
    give_all(&export.records, found)
}

fn read_list(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let records: Entries<'_> = super::json::document(FORMAT, bytes)?;
    give_all(&records, found)
}

fn give_all(records: &Entries<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    for (number, raw) in (1..).zip(records.all(FORMAT)?) {
        match entry::<Record>(raw) {
            Ok(record) => record.give(number, found)?,
            Err(refusal) => found.entry(number, Err(refusal))?,
        }
    }
    Ok(())
}

impl Record {
    pub(super) fn give(self, number: usize, found: &mut dyn Found) -> Result<(), crate::ReadError> {
        let fields = self.custom_fields;
        count(found, "passkeys", fields.passkeys);
        count(found, "SSH keys", fields.ssh_keys);
        count(found, "custom fields", fields.others);
        count(found, "attachments", self.attachments.0);
        let nothing = text(self.password.as_ref()).is_empty() && fields.one_time_codes.is_empty();
        let kind = match self.kind.as_deref() {
            Some("encryptedNotes") => Some("secure notes"),
            Some("bankCard" | "bankAccount") => Some("cards"),
            Some(
                "address" | "contact" | "ssnCard" | "passport" | "driverLicense" | "birthCertificate" | "membership"
                | "healthInsurance",
            ) => Some("identities"),
            Some("softwareLicense") => Some("software licences"),
            // It is counted by what is in it.
            Some("sshKeys") if fields.ssh_keys > 0 && nothing => return Ok(()),
            // Whose password opens no account.
            Some("wifiCredentials") if text(self.login.as_ref()).is_empty() && fields.one_time_codes.is_empty() => {
                found.left_out("Wi-Fi passwords");
                return Ok(());
            }
            Some("file" | "photo") => Some("attachments"),
            _ => None,
        };
        if let Some(kind) = kind.filter(|_| nothing) {
            found.left_out(kind);
            return Ok(());
        }
        let mut login = Login {
            name: text(self.title.as_ref()).to_owned(),
            user: text(self.login.as_ref()).to_owned(),
            notes: text(self.notes.as_ref()).to_owned(),
            password: self.password,
            ..Login::default()
        };
        self.warning.iter().for_each(|warning| login.warn(warning));
        login.add_site(text(self.login_url.as_ref()));
        fields.urls.iter().for_each(|url| login.add_site(url.as_str()));
        for folder in &self.folders.held {
            for path in [&folder.shared_folder, &folder.folder].into_iter().flatten() {
                login.add_escaped_path(path, '\\');
            }
        }
        for code in &fields.one_time_codes {
            login.add_factor_field("field $oneTimeCode", code.as_str());
        }
        login.give(number, found)
    }
}

impl<'de> Deserialize<'de> for CustomFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = CustomFields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("custom fields by their names")
    }

    fn visit_unit<E>(self) -> Result<CustomFields, E> {
        Ok(CustomFields::default())
    }

    /// A record without fields is written with an empty list by some versions.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<CustomFields, A::Error> {
        let mut fields = CustomFields::default();
        while list.next_element::<IgnoredAny>()?.is_some() {
            fields.others += 1;
        }
        Ok(fields)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CustomFields, A::Error> {
        let mut fields = CustomFields::default();
        while let Some(name) = map.next_key::<String>()? {
            if is_text(&name) {
                map.next_value::<OneOrMore>()?.0.into_iter().for_each(|text| fields.add(&name, text));
            } else {
                map.next_value::<IgnoredAny>()?;
                fields.add(&name, Hidden::default());
            }
        }
        Ok(fields)
    }
}

/// What kind of field a name says it is; the other name of a second factor is of the time before fields had types.
fn kind_of(name: &str) -> &str {
    match name {
        "TFC:Keeper" => "oneTimeCode",
        name => name.strip_prefix('$').and_then(|kind| kind.split(':').next()).unwrap_or_default().trim(),
    }
}

/// Whether what stands in a field is looked at.
fn is_text(name: &str) -> bool {
    matches!(kind_of(name), "oneTimeCode" | "otp" | "url")
}

impl CustomFields {
    /// Takes one field for what its name says.
    pub(super) fn add(&mut self, name: &str, value: Hidden) {
        match kind_of(name) {
            "oneTimeCode" | "otp" => self.one_time_codes.extend((!value.is_empty()).then_some(value)),
            "url" => self.urls.push(value),
            "passkey" => self.passkeys += 1,
            "keyPair" => self.ssh_keys += 1,
            _ => self.others += 1,
        }
    }
}

/// A text, or a list of texts.
struct OneOrMore(Vec<Hidden>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Texts)
    }
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = OneOrMore;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_unit<E>(self) -> Result<OneOrMore, E> {
        Ok(OneOrMore(Vec::new()))
    }

    fn visit_str<E>(self, text: &str) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![Hidden::from(text.to_owned())]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMore, A::Error> {
        let mut texts = Vec::new();
        while texts.len() < MOST_CODES {
            let Some(text) = list.next_element()? else { return Ok(OneOrMore(texts)) };
            texts.push(text);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(OneOrMore(texts))
    }
}

/// Codes of one record that are looked at.
const MOST_CODES: usize = 16;
