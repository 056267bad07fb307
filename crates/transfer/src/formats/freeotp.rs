//! FreeOTP and FreeOTP+: the JSON that the latter exports, and the XML in which Android keeps the same objects (`tokens.xml`).
//!
//! A key is a list of bytes with a sign. A counter is that of the next token, and -1 before the first.

use std::fmt;

use countersign_otp::{OtpSecret, Seed, Written};
use countersign_seal::Secret;
use quick_xml::events::BytesStart;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::formats::factor::{self, Kind};
use crate::formats::json::{self, Entries};
use crate::formats::xml::{self, Elements};
use crate::formats::{FilePassword, FileProblem, Found, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "an export of FreeOTP+";
const XML_NAME: &str = "the store of FreeOTP (tokens.xml)";

pub(super) const JSON: Known = Known { name: NAME, is: is_json, read: read_json };
pub(super) const XML: Known = Known { name: XML_NAME, is: is_xml, read: read_xml };

#[derive(Deserialize)]
struct File<'d> {
    #[serde(borrow)]
    tokens: Entries<'d>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Token {
    #[serde(rename = "type")]
    kind: Option<String>,
    algo: Option<String>,
    digits: Option<u64>,
    period: Option<u64>,
    counter: Option<i64>,
    pub(super) secret: Option<Key>,
    /// Of the label, which decides what is made of it.
    issuer_ext: Option<String>,
    /// Of the parameter.
    issuer_int: Option<String>,
    /// What somebody wrote in its place.
    issuer_alt: Option<String>,
    label: Option<String>,
    label_alt: Option<String>,
    /// What FreeOTP+ lists it under where somebody gave it a name, and the group in which it does.
    alias: Option<String>,
    category: Option<String>,
}

/// Bytes as a list of numbers from -128 to 127, at most as many as a key may have.
pub(super) struct Key(pub(super) Zeroizing<Vec<u8>>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Bytes)
    }
}

struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of bytes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Key, A::Error> {
        // Never grown: a buffer that was outgrown would keep a part of the key. One more than a seed may have is refused there.
        let mut key = Zeroizing::new(Vec::with_capacity(Seed::MAX_BYTES + 1));
        while key.len() <= Seed::MAX_BYTES {
            match list.next_element::<i8>()? {
                Some(byte) => key.push(byte.cast_unsigned()),
                None => return Ok(Key(key)),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Key(key))
    }
}

fn is_json(sight: &Sight<'_>) -> bool {
    sight.is_object_with(&["tokens", "tokenOrder"])
        || (sight.is_object_with(&["tokens"]) && sight.holds("\"issuerExt\""))
}

fn read_json(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let file: File<'_> = json::document(NAME, bytes)?;
    for (number, raw) in (1..).zip(file.tokens.0) {
        found.entry(number, json::entry(raw).and_then(account))?;
    }
    Ok(())
}

fn is_xml(sight: &Sight<'_>) -> bool {
    xml::root(sight.bytes()).as_deref() == Some("map") && sight.holds("issuerExt")
}

/// `<map>` of `<string name="…">` with an object in each, and the order of all in one that is called so.
fn read_xml(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    xml::read(XML_NAME, bytes, &mut Texts { found, entry: 0, name: None })
}

/// The texts of the map.
struct Texts<'f> {
    found: &'f mut dyn Found,
    entry: usize,
    /// Of the text that is open.
    name: Option<String>,
}

impl Elements for Texts<'_> {
    fn open(&mut self, start: &BytesStart<'_>, depth: u32, damaged: &dyn Fn() -> FileProblem) -> Result<(), Stop> {
        if self.name.is_some() {
            return Err(damaged().into());
        }
        self.name = (depth == 2 && start.name().as_ref() == b"string")
            .then(|| xml::attribute(start, "name").unwrap_or_default());
        Ok(())
    }

    fn close(&mut self, _: &[u8], text: &mut Zeroizing<String>) -> Result<(), Stop> {
        if self.name.take().is_some_and(|name| name != "tokenOrder") {
            self.entry += 1;
            self.found.entry(self.entry, token(text).and_then(account))?;
        }
        Ok(())
    }
}

fn token(text: &str) -> Result<Token, ImportRefusal> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| ImportRefusal::FieldWrong("entry".to_owned()))?;
    json::entry(raw)
}

/// An account of a token. Its kind is named; FreeOTP 2 leaves out what is as usual.
pub(super) fn account(token: Token) -> Result<Account, ImportRefusal> {
    let kind = Kind::named(&token.kind.ok_or(ImportRefusal::FieldMissing("type"))?, "type")?;
    let of_label = token.issuer_ext.unwrap_or_default();
    // The app itself goes by this name.
    let kind = if kind == Kind::Totp && of_label == "Steam" { Kind::Steam } else { kind };
    let Key(mut key) = token.secret.ok_or(ImportRefusal::FieldMissing("secret"))?;
    let seed = Seed::from_key(Secret::from(std::mem::take(&mut *key)))?;
    let written =
        Written { algorithm: token.algo.as_deref(), digits: token.digits, period: token.period, ..Written::default() };
    let counter = match token.counter {
        Some(-1) => Some(0),
        Some(counter) if kind == Kind::Hotp => {
            Some(u64::try_from(counter).map_err(|_| ImportRefusal::FieldWrong("field counter".to_owned()))?)
        }
        _ => None,
    };
    let secret = OtpSecret::new(seed, kind.parameters(written, counter)?);
    let chosen = [token.issuer_alt, token.issuer_int].into_iter().flatten().find(|issuer| !issuer.is_empty());
    let label = token.label_alt.or(token.label).unwrap_or_default();
    let account = factor::account(&chosen.unwrap_or(of_label), &label, secret)?;
    let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let name = given(token.alias).unwrap_or_else(|| account.name.clone());
    Ok(Account { name, tags: given(token.category).into_iter().collect(), ..account })
}
