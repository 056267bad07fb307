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
pub(crate) const LIST: Known =
    Known { name: FORMAT, is: |sight| sight.is_list_with(&["title", "login", "password"]), read: read_list };

const FORMAT: &str = "an export (JSON) of Keeper";

#[derive(Deserialize)]
struct Export<'b> {
    #[serde(borrow)]
    records: Entries<'b>,
}

#[derive(Deserialize)]
struct Record {
    title: Option<Hidden>,
    #[serde(rename = "$type")]
    kind: Option<String>,
    login: Option<Hidden>,
    password: Option<Hidden>,
    login_url: Option<Hidden>,
    notes: Option<Hidden>,
    #[serde(default)]
    custom_fields: CustomFields,
    #[serde(default)]
    folders: Few<Folder>,
    #[serde(default)]
    attachments: Count,
}

#[derive(Deserialize)]
struct Folder {
    folder: Option<String>,
    shared_folder: Option<String>,
}

/// By their names: `$type`, `$type:label`, or a label alone; the value is a text, a list of them, or an object.
#[derive(Default)]
struct CustomFields {
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
    fn give(self, number: usize, found: &mut dyn Found) -> Result<(), crate::ReadError> {
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
            Some("wifiCredentials") => Some("Wi-Fi passwords"),
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
            let kind = name.strip_prefix('$').and_then(|kind| kind.split(':').next()).unwrap_or_default().trim();
            // Before fields had types.
            if matches!(kind, "oneTimeCode" | "otp") || name == "TFC:Keeper" {
                let codes = map.next_value::<OneOrMore>()?;
                fields.one_time_codes.extend(codes.0.into_iter().filter(|code| !code.is_empty()));
                continue;
            }
            if kind == "url" {
                fields.urls.extend(map.next_value::<OneOrMore>()?.0);
                continue;
            }
            map.next_value::<IgnoredAny>()?;
            match kind {
                "passkey" => fields.passkeys += 1,
                "keyPair" => fields.ssh_keys += 1,
                _ => fields.others += 1,
            }
        }
        Ok(fields)
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
