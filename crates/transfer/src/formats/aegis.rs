//! Aegis, plain and encrypted: the vault's file version 1 with content of version 1 to 3, as its `docs/vault.md` describes it; and that
//! content by itself, as the scripts beside that page decrypt it.
//!
//! An encrypted vault's content is sealed with a random key; each password has a slot in which a key that scrypt makes of the
//! password seals that one. Slots of the phone's own key store open nowhere else and are passed over.

use std::collections::HashMap;

use countersign_otp::{OtpSecret, Written};
use countersign_seal::{
    Secret,
    foreign::{KeyError, ScryptCost, aes_256_gcm, scrypt},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::formats::factor::{self, Kind, base32_seed, base64, hex};
use crate::formats::json::{self, AtMost, Content, Entries, Names};
use crate::formats::{FilePassword, FileProblem, Found, Hidden, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "an export of Aegis";

pub(super) const AEGIS: Known = Known { name: NAME, is, read };

/// A password's slot.
const PASSWORD: u8 = 1;

/// N · r · p of all password slots at most: sixteen of those that the app makes.
const MOST_WORK: u64 = 1 << 22;

#[derive(Deserialize)]
struct File<'d> {
    version: u64,
    header: Header,
    #[serde(borrow)]
    db: &'d RawValue,
}

#[derive(Deserialize)]
struct Header {
    slots: Option<AtMost<Slot, 64>>,
    params: Option<Sealed>,
}

#[derive(Deserialize)]
struct Slot {
    #[serde(rename = "type")]
    kind: u8,
    key: Option<String>,
    key_params: Option<Sealed>,
    n: Option<u64>,
    r: Option<u32>,
    p: Option<u32>,
    salt: Option<String>,
}

#[derive(Deserialize)]
struct Sealed {
    nonce: String,
    tag: String,
}

#[derive(Deserialize)]
struct Vault<'d> {
    version: u64,
    #[serde(borrow)]
    entries: Entries<'d>,
    groups: Option<Vec<Group>>,
}

#[derive(Deserialize)]
struct Group {
    uuid: String,
    name: String,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    issuer: Option<String>,
    note: Option<String>,
    /// By its name, in content of version 1 and 2.
    group: Option<String>,
    /// By their ids, in version 3.
    groups: Option<Names>,
    archived: Option<bool>,
    info: Option<Info>,
}

#[derive(Deserialize)]
struct Info {
    secret: Option<Hidden>,
    algo: Option<String>,
    digits: Option<u64>,
    period: Option<u64>,
    counter: Option<u64>,
}

fn is(sight: &Sight<'_>) -> bool {
    sight.is_object_with(&["header", "db"])
        || (sight.is_object_with(&["version", "header"]) && sight.holds("\"slots\""))
        || is_content(sight)
}

fn is_content(sight: &Sight<'_>) -> bool {
    sight.is_object_with(&["version", "entries"]) && !sight.is_object_with(&["header"]) && sight.holds("\"info\"")
}

fn read(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    if is_content(&Sight::of(bytes)) {
        return entries(&Content::Plain(bytes), found);
    }
    let file: File<'_> = json::document(NAME, bytes)?;
    known_version("file", file.version, 1)?;
    let content = match &file.header.slots {
        None => Content::Field(file.db, "db"),
        Some(AtMost(slots)) => Content::Decrypted(open(&file, slots, password)?),
    };
    entries(&content, found)
}

fn entries(content: &Content<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let vault: Vault<'_> = content.document(NAME)?;
    known_version("content", vault.version, 3)?;
    let groups: HashMap<&str, &str> =
        vault.groups.iter().flatten().map(|group| (group.uuid.as_str(), group.name.as_str())).collect();
    for (number, raw) in (1..).zip(&vault.entries.0) {
        match json::entry::<Entry>(raw) {
            Ok(entry) if entry.archived == Some(true) => found.left_out("archived accounts"),
            entry => found.entry(number, entry.and_then(|entry| account(entry, &groups)))?,
        }
    }
    Ok(())
}

fn known_version(of: &str, version: u64, newest: u64) -> Result<(), FileProblem> {
    if (1..=newest).contains(&version) {
        return Ok(());
    }
    let reason =
        format!("its {of} has version {version}, and {newest} is the newest that is known: export otpauth:// URLs");
    Err(FileProblem::NotReadable { format: NAME, reason })
}

fn damaged(place: &str) -> FileProblem {
    FileProblem::Damaged { format: NAME, place: place.to_owned() }
}

/// The content of an encrypted vault.
fn open(file: &File<'_>, slots: &[Slot], password: FilePassword<'_>) -> Result<Secret, FileProblem> {
    let slots: Vec<&Slot> = slots.iter().filter(|slot| slot.kind == PASSWORD).collect();
    if slots.is_empty() {
        let reason = "no password opens it, only the phone that wrote it: export it again with a password";
        return Err(FileProblem::NotReadable { format: NAME, reason: reason.to_owned() });
    }
    let text: String = serde_json::from_str(file.db.get())
        .map_err(|_| damaged("db, which is no text though the vault is encrypted"))?;
    let mut sealed = base64(&text).ok_or_else(|| damaged("db, which is no base64"))?;
    let params = file.header.params.as_ref().ok_or_else(|| damaged("header.params"))?;
    let (nonce, tag) = params.bytes().ok_or_else(|| damaged("header.params"))?;
    let password = password.spend(NAME)?;
    let work = slots.iter().fold(0u64, |sum, slot| sum.saturating_add(slot.cost().work()));
    if work > MOST_WORK {
        let asked = format!("scrypt with {work} for N · r · p over {} passwords", slots.len());
        return Err(FileProblem::TooCostly { format: NAME, asked, most: MOST_WORK.to_string() });
    }
    for slot in slots {
        if let Some(key) = slot.open(password)? {
            sealed.extend(tag);
            return aes_256_gcm(&key, &nonce, b"", &sealed).map_err(|_| damaged("db"));
        }
    }
    Err(FileProblem::WrongPassword(NAME))
}

impl Slot {
    fn cost(&self) -> ScryptCost {
        ScryptCost { n: self.n.unwrap_or_default(), r: self.r.unwrap_or_default(), p: self.p.unwrap_or_default() }
    }

    /// The vault's key, if the password is this slot's.
    fn open(&self, password: &Secret) -> Result<Option<Secret>, FileProblem> {
        let part = |text: &Option<String>| text.as_deref().and_then(hex);
        let (mut sealed, salt) =
            part(&self.key).zip(part(&self.salt)).ok_or_else(|| damaged("header.slots, in a key or a salt"))?;
        let sealed_with = self.key_params.as_ref().and_then(Sealed::bytes);
        let (nonce, tag) = sealed_with.ok_or_else(|| damaged("header.slots, in key_params"))?;
        sealed.extend(tag);
        let key = scrypt(password, &salt, self.cost()).map_err(|error: KeyError| FileProblem::key(NAME, error))?;
        Ok(aes_256_gcm(&key, &nonce, b"", &sealed).ok())
    }
}

impl Sealed {
    fn bytes(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        hex(&self.nonce).zip(hex(&self.tag)).filter(|(nonce, tag)| nonce.len() == 12 && tag.len() == 16)
    }
}

fn account(entry: Entry, groups: &HashMap<&str, &str>) -> Result<Account, ImportRefusal> {
    let kind = Kind::named(&entry.kind.ok_or(ImportRefusal::FieldMissing("type"))?, "type")?;
    let info = entry.info.ok_or(ImportRefusal::FieldMissing("info"))?;
    let seed = base32_seed(&info.secret.ok_or(ImportRefusal::FieldMissing("info.secret"))?)?;
    let algorithm = info.algo.ok_or(ImportRefusal::FieldMissing("info.algo"))?;
    let digits = info.digits.ok_or(ImportRefusal::FieldMissing("info.digits"))?;
    let written =
        Written { algorithm: Some(&algorithm), digits: Some(digits), period: info.period, ..Written::default() };
    if kind == Kind::Totp && info.period.is_none() {
        return Err(ImportRefusal::FieldMissing("info.period"));
    }
    let secret = OtpSecret::new(seed, kind.parameters(written, info.counter)?);
    let named = |id: &String| groups.get(id.as_str()).map(|name| (*name).to_owned());
    let account = factor::account(&entry.issuer.unwrap_or_default(), &entry.name.unwrap_or_default(), secret)?;
    let groups = entry.groups.unwrap_or_default().0;
    let tags = groups.iter().filter_map(named).chain(entry.group).filter(|tag| !tag.is_empty()).collect();
    Ok(Account { notes: entry.note.unwrap_or_default(), tags, ..account })
}
