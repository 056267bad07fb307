//! The Credential Exchange Format of the FIDO Alliance (version 1.0), in which password managers hand over whole accounts.

use std::collections::HashMap;
use std::fmt;

use countersign_otp::{Parameters, Seed, SeedEncoding, Written};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json::{Content, entry};
use super::lists::{Entries, Few, text};
use super::login::{Factor, Login, count};
use super::{FactorProblem, FileProblem, Found, Hidden, Known, Stop};
use crate::item::ImportRefusal;

/// The document.
pub(crate) const CXF: Known = Known {
    name: FORMAT,
    // Drafts of the format call it otherwise.
    is: |sight| ["exporterRpId", "exporter"].iter().any(|by| sight.is_object_with(&["version", "accounts", by])),
    read: |bytes, _, found| read(&Content::Plain(bytes), found),
};

/// One account of it by itself, as systems hand it to programs.
pub(crate) const ACCOUNT: Known = Known {
    name: FORMAT,
    is: |sight| sight.is_object_with(&["username", "email", "items"]) && sight.holds("\"credentials\""),
    read: |bytes, _, found| Content::Plain(bytes).document::<Account<'_>>(FORMAT)?.give(&mut 0, found),
};

/// What goes from one program to another, encrypted for the one that asked for it (Credential Exchange Protocol).
pub(crate) const ENCRYPTED: Known = Known {
    name: FORMAT,
    is: |sight| sight.is_object_with(&["version", "hpke", "payload"]),
    read: |_, _, _| {
        let reason =
            "it is encrypted for the program that asked for it: export the credentials to a file instead".to_owned();
        Err(FileProblem::NotReadable { format: FORMAT, reason }.into())
    },
};

const FORMAT: &str = "an export in the Credential Exchange Format (CXF)";

#[derive(Deserialize)]
struct Header<'b> {
    version: Version,
    #[serde(borrow)]
    accounts: Entries<'b>,
}

/// Its first number alone. Drafts of the format had no second.
struct Version {
    major: u64,
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVersion)
    }
}

struct AnyVersion;

impl<'de> Visitor<'de> for AnyVersion {
    type Value = Version;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or an object with the number major")
    }

    fn visit_u64<E>(self, major: u64) -> Result<Version, E> {
        Ok(Version { major })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Version, A::Error> {
        let mut major = None;
        while let Some(name) = map.next_key::<String>()? {
            if name == "major" {
                major = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Version { major: major.ok_or_else(|| A::Error::missing_field("major"))? })
    }
}

#[derive(Deserialize)]
struct Account<'b> {
    #[serde(default)]
    collections: Few<Collection, 10_000>,
    #[serde(default, borrow)]
    items: Entries<'b>,
}

/// With others within, as deep as the document's own limit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    title: Option<Hidden>,
    #[serde(default)]
    items: Few<LinkedItem, 100_000>,
    #[serde(default)]
    sub_collections: Few<Collection, 10_000>,
}

#[derive(Deserialize)]
struct LinkedItem {
    item: Option<String>,
}

#[derive(Deserialize)]
struct Item<'b> {
    id: Option<String>,
    title: Option<Hidden>,
    scope: Option<Scope>,
    #[serde(default, borrow)]
    credentials: Few<&'b RawValue, 200>,
    #[serde(default)]
    tags: Few<String, 50>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scope {
    #[serde(default)]
    urls: Few<String>,
    #[serde(default)]
    android_apps: Few<AndroidApp, 1>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AndroidApp {
    bundle_id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct BasicAuth {
    username: Option<Field>,
    password: Option<Field>,
    /// In drafts, where an item had no scope.
    #[serde(default)]
    urls: Few<String>,
}

#[derive(Deserialize)]
struct GeneratedPassword {
    password: Hidden,
}

#[derive(Deserialize)]
struct Note {
    content: Option<Field>,
}

#[derive(Deserialize)]
struct Totp {
    secret: Hidden,
    period: Option<u64>,
    digits: Option<u64>,
    algorithm: Option<String>,
    username: Option<String>,
    issuer: Option<String>,
}

/// An editable field: only its value is read.
#[derive(Deserialize)]
struct Field {
    value: Option<Hidden>,
}

fn read(content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let header: Header<'_> = content.document(FORMAT)?;
    if header.version.major > MAJOR {
        let reason =
            format!("its version, {}, is not described yet: export it again in version 1", header.version.major);
        return Err(FileProblem::NotReadable { format: FORMAT, reason }.into());
    }
    let mut number = 0;
    for (place, raw) in (1..).zip(header.accounts.all(FORMAT)?) {
        let damaged = |_| FileProblem::Damaged { format: FORMAT, place: format!("account {place}") };
        entry::<Account<'_>>(raw).map_err(damaged)?.give(&mut number, found)?;
    }
    Ok(())
}

impl Account<'_> {
    fn give(&self, number: &mut usize, found: &mut dyn Found) -> Result<(), Stop> {
        let mut folders = Folders::default();
        self.collections.held.iter().for_each(|collection| folders.add(collection, None));
        for raw in self.items.all(FORMAT)? {
            *number += 1;
            give(raw, &folders, *number, found)?;
        }
        Ok(())
    }
}

/// The highest version whose form is known; later ones of the same number only add to it.
const MAJOR: u64 = 1;

/// Collections by the items in them: each with its title and the one around it.
#[derive(Default)]
struct Folders<'c> {
    list: Vec<(&'c str, Option<usize>)>,
    by_item: HashMap<&'c str, usize>,
}

impl<'c> Folders<'c> {
    fn add(&mut self, collection: &'c Collection, around: Option<usize>) {
        let own = self.list.len();
        self.list.push((text(collection.title.as_ref()), around));
        let items = collection.items.held.iter().filter_map(|linked| linked.item.as_deref());
        items.for_each(|item| {
            self.by_item.insert(item, own);
        });
        collection.sub_collections.held.iter().for_each(|collection| self.add(collection, Some(own)));
    }

    fn tag(&self, item: &str, login: &mut Login) {
        let mut titles = Vec::new();
        let mut next = self.by_item.get(item).copied();
        while let Some((title, around)) = next.and_then(|own| self.list.get(own)) {
            titles.push(*title);
            next = *around;
        }
        titles.iter().rev().for_each(|title| login.add_tag(title));
    }
}

fn give(raw: &RawValue, folders: &Folders<'_>, number: usize, found: &mut dyn Found) -> Result<(), crate::ReadError> {
    let item: Item<'_> = match entry(raw) {
        Ok(item) => item,
        Err(refusal) => return found.entry(number, Err(refusal)),
    };
    let mut login = Login { name: text(item.title.as_ref()).to_owned(), ..Login::default() };
    folders.tag(item.id.as_deref().unwrap_or_default(), &mut login);
    item.tags.held.iter().for_each(|tag| login.add_tag(tag));
    item.scope.iter().flat_map(|scope| &scope.urls.held).for_each(|url| login.add_site(url));
    // A sign-in of an app may have neither a title nor a page.
    let app = item.scope.as_ref().and_then(|scope| scope.android_apps.held.first());
    if let Some(name) = app.and_then(|app| app.name.as_ref().or(app.bundle_id.as_ref())) {
        name.clone_into(&mut login.fallback_name);
    }
    let mut taken = Taken::default();
    for credential in &item.credentials.held {
        if let Err(refusal) = taken.credential(credential, &mut login, found) {
            return found.entry(number, Err(refusal));
        }
    }
    let further = item.credentials.count.saturating_sub(item.credentials.held.len());
    count(found, "credentials beyond the first 200 of one item", further);
    if login.is_nothing_to_sign_in_with() && taken.sign_ins == 0 && item.credentials.count > 0 {
        // Each credential is counted as what it is; a text alone is a note.
        count(found, "secure notes", usize::from(taken.notes > 0));
        return Ok(());
    }
    if taken.sign_ins > 1 {
        login.warn("it has several user names and passwords: the first were taken");
    }
    login.give(number, found)
}

#[derive(Default)]
struct Taken {
    sign_ins: usize,
    notes: usize,
}

impl Taken {
    fn credential(&mut self, raw: &RawValue, login: &mut Login, found: &mut dyn Found) -> Result<(), ImportRefusal> {
        let Kind { kind } = entry(raw)?;
        match kind.as_str() {
            "basic-auth" => {
                let own: BasicAuth = entry(raw)?;
                self.sign_ins += 1;
                own.urls.held.iter().for_each(|url| login.add_site(url));
                if self.sign_ins == 1 {
                    login.user = text(own.username.and_then(|field| field.value).as_ref()).to_owned();
                    login.password = own.password.and_then(|field| field.value).or(login.password.take());
                }
            }
            "generated-password" => {
                let own: GeneratedPassword = entry(raw)?;
                if login.password.is_none() {
                    login.password = Some(own.password);
                }
            }
            "totp" => {
                let own: Totp = entry(raw)?;
                login.add_factor("credential of type totp", || own.factor());
            }
            "note" => {
                let own: Note = entry(raw)?;
                self.notes += 1;
                let content = own.content.and_then(|field| field.value);
                let content = text(content.as_ref());
                // One note is taken as it is, several one below the other.
                login.notes = match login.notes.trim().is_empty() {
                    true => content.to_owned(),
                    false => [login.notes.as_str(), content].join("\n").trim().to_owned(),
                };
            }
            "item-reference" => {}
            other => found.left_out(name_of(other)),
        }
        Ok(())
    }
}

impl Totp {
    /// The format demands all of its parameters, and none is made up.
    fn factor(&self) -> Result<Factor, FactorProblem> {
        let algorithm = self.algorithm.as_deref().filter(|name| !name.trim().is_empty());
        let written = Written {
            algorithm: Some(algorithm.ok_or(FactorProblem::Missing("algorithm"))?),
            digits: Some(self.digits.ok_or(FactorProblem::Missing("number of digits"))?),
            period: Some(self.period.ok_or(FactorProblem::Missing("period"))?),
            encoder: None,
        };
        let seed = Seed::parse(self.secret.as_str(), SeedEncoding::Base32)?;
        let factor = Factor::of_parts(seed, Parameters::by_time(written)?);
        Ok(factor.with_label(self.issuer.as_deref(), self.username.as_deref().unwrap_or_default()))
    }
}

/// What a credential is counted as that is not imported.
fn name_of(kind: &str) -> &'static str {
    match kind {
        "passkey" => "passkeys",
        "credit-card" => "cards",
        "ssh-key" => "SSH keys",
        "file" => "attachments",
        "custom-fields" => "custom fields",
        "api-key" => "API keys",
        "wifi" => "Wi-Fi passwords",
        "address" | "person-name" | "drivers-license" | "identity-document" | "passport" => "identities",
        _ => "items of other kinds",
    }
}
