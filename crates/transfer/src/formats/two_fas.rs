//! 2FAS Authenticator, plain and encrypted: schema 1 to 4 of its `.2fas` files.
//!
//! Schema 1 has tokens of the usual parameters alone and does not name them; later ones name them, and from 3 on also what
//! moves a token on. Encrypted, the services are `data:salt:nonce`, each in base64: AES-256-GCM with the tag behind, under
//! PBKDF2-HMAC-SHA-256 of 10,000 rounds.

use std::collections::HashMap;

use countersign_otp::{OtpSecret, Written};
use countersign_seal::{
    Secret,
    foreign::{Pbkdf2Hash, aes_256_gcm, pbkdf2},
};
use serde::Deserialize;

use crate::formats::factor::{self, Kind, base32_seed, base64};
use crate::formats::json::{self, Content, Entries};
use crate::formats::{FilePassword, FileProblem, Found, Hidden, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "a backup of 2FAS";

pub(super) const TWO_FAS: Known = Known { name: NAME, is, read };

/// Of the format; it has no place for another number.
const ROUNDS: u32 = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File<'d> {
    #[serde(borrow, default)]
    services: Option<Entries<'d>>,
    #[serde(default)]
    groups: Option<Vec<Group>>,
    schema_version: u64,
    services_encrypted: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    name: Option<String>,
    secret: Option<Hidden>,
    otp: Option<Otp>,
    group_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Otp {
    account: Option<String>,
    label: Option<String>,
    issuer: Option<String>,
    digits: Option<u64>,
    period: Option<u64>,
    algorithm: Option<String>,
    counter: Option<u64>,
    token_type: Option<String>,
}

fn is(sight: &Sight<'_>) -> bool {
    sight.is_object_with(&["servicesEncrypted"])
        || sight.is_object_with(&["services", "schemaVersion"])
        // One that ends among its services, which stand first.
        || (sight.is_object_with(&["services"]) && sight.holds("\"otp\""))
}

fn read(bytes: &[u8], password: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let file: File<'_> = json::document(NAME, bytes)?;
    if !(1..=4).contains(&file.schema_version) {
        let reason = format!("its schema is {}, and 4 is the newest that is known", file.schema_version);
        return Err(FileProblem::NotReadable { format: NAME, reason }.into());
    }
    let groups = file.groups.unwrap_or_default();
    let groups = groups.iter().map(|group| (group.id.as_str(), group.name.as_str())).collect();
    let encrypted = file.services_encrypted.as_deref().filter(|text| !text.is_empty());
    match (encrypted, file.services) {
        (Some(encrypted), _) => {
            let content = Content::Decrypted(open(encrypted, password)?);
            services(&content.document::<Entries<'_>>(NAME)?, &groups, found)
        }
        (None, Some(list)) => services(&list, &groups, found),
        (None, None) => Err(damaged("services, which are missing").into()),
    }
}

fn services(list: &Entries<'_>, groups: &HashMap<&str, &str>, found: &mut dyn Found) -> Result<(), Stop> {
    for (number, raw) in (1..).zip(&list.0) {
        found.entry(number, json::entry(raw).and_then(|service| account(service, groups)))?;
    }
    Ok(())
}

fn damaged(place: &str) -> FileProblem {
    FileProblem::Damaged { format: NAME, place: place.to_owned() }
}

fn open(encrypted: &str, password: FilePassword<'_>) -> Result<Secret, FileProblem> {
    let mut parts = encrypted.split(':').map(base64);
    let (Some(Some(sealed)), Some(Some(salt)), Some(Some(nonce))) = (parts.next(), parts.next(), parts.next()) else {
        return Err(damaged("servicesEncrypted, which is not three parts in base64"));
    };
    if nonce.len() != 12 || sealed.len() < 16 {
        return Err(damaged("servicesEncrypted, whose parts have wrong lengths"));
    }
    let password = password.spend(NAME)?;
    let key = pbkdf2(Pbkdf2Hash::Sha256, password, &salt, ROUNDS, 32).map_err(|error| FileProblem::key(NAME, error))?;
    aes_256_gcm(&key, &nonce, b"", &sealed).map_err(|_| FileProblem::WrongPassword(NAME))
}

/// A service; what its schema does not name is as usual.
fn account(service: Service, groups: &HashMap<&str, &str>) -> Result<Account, ImportRefusal> {
    let seed = base32_seed(&service.secret.ok_or(ImportRefusal::FieldMissing("secret"))?)?;
    // The first versions had no such object where nothing but the key was typed.
    let otp = service.otp.unwrap_or_default();
    let kind = otp.token_type.as_deref().map_or(Ok(Kind::Totp), |name| Kind::named(name, "otp.tokenType"))?;
    let written = Written {
        algorithm: otp.algorithm.as_deref(),
        digits: otp.digits,
        // Beside a counter it has no meaning.
        period: otp.period,
        ..Written::default()
    };
    let secret = OtpSecret::new(seed, kind.parameters(written, otp.counter)?);
    let name = service.name.unwrap_or_default();
    let issuer = otp.issuer.filter(|issuer| !issuer.is_empty());
    let own_issuer = issuer.as_deref().unwrap_or(&name);
    let label = otp.label.unwrap_or_default();
    // As the address had it, with its issuer in front.
    let of_label = label.strip_prefix(own_issuer).and_then(|rest| rest.strip_prefix(':')).unwrap_or(&label);
    let account = otp.account.filter(|account| !account.is_empty());
    let account = factor::account(own_issuer, account.as_deref().unwrap_or(of_label).trim(), secret)?;
    let tags = service.group_id.and_then(|id| groups.get(id.as_str()).map(|name| (*name).to_owned()));
    // What the app lists it under, where somebody gave it another name than the issuer's.
    let given = !name.trim().is_empty() && account.issuer.as_deref() != Some(name.trim());
    let name = if given { name.trim().to_owned() } else { account.name.clone() };
    Ok(Account { name, tags: tags.into_iter().collect(), ..account })
}
