//! The Credential Exchange Format of the FIDO Alliance, version 1.0: one account of the exporter with an item for each of ours, in
//! which user name and password, the second factor and the notes are credentials of their own.

use countersign_otp::OtpKind;
use countersign_seal::Secret;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use super::fit::Fit;
use super::page::Page;
use super::{ExportFormat, ExportOrigin, Exported};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Header<'a> {
    version: Version,
    exporter_rp_id: &'a str,
    exporter_display_name: &'a str,
    timestamp: u64,
    accounts: [Account<'a>; 1],
}

#[derive(Serialize)]
struct Version {
    major: u8,
    minor: u8,
}

#[derive(Serialize)]
struct Account<'a> {
    id: String,
    username: &'a str,
    email: &'a str,
    collections: [&'a str; 0],
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope<'a>>,
    credentials: Vec<Credential<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Scope<'a> {
    urls: [&'a str; 1],
    android_apps: [&'a str; 0],
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Credential<'a> {
    BasicAuth {
        #[serde(skip_serializing_if = "Option::is_none")]
        username: Option<Field<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<Field<'a>>,
    },
    Totp {
        secret: &'a str,
        period: u32,
        digits: u8,
        #[serde(skip_serializing_if = "str::is_empty")]
        username: &'a str,
        algorithm: String,
        issuer: &'a str,
    },
    Note {
        content: Field<'a>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Field<'a> {
    field_type: &'a str,
    value: &'a str,
}

pub(super) fn write(accounts: &[Fit<'_>], origin: &ExportOrigin<'_>, exported: &mut Exported) {
    let keys: Vec<Option<Secret>> =
        accounts.iter().map(|account| account.secret.map(|secret| secret.seed().to_base32())).collect();
    let items = accounts.iter().zip(&keys).enumerate().map(|(place, (account, key))| Item {
        id: id(origin, place + 1),
        title: account.name,
        scope: account.site.map(|site| Scope { urls: [site], android_apps: [] }),
        credentials: credentials(account, key.as_ref()),
        tags: account.tags,
    });
    let account = Account { id: id(origin, 0), username: "", email: "", collections: [], items: items.collect() };
    let header = Header {
        version: Version { major: 1, minor: 0 },
        exporter_rp_id: origin.host,
        exporter_display_name: "Countersign",
        timestamp: origin.unix_seconds,
        accounts: [account],
    };
    let mut page = Page::default();
    // Neither these types nor the page can fail.
    let _ = serde_json::to_writer_pretty(&mut page, &header);
    exported.add_file(ExportFormat::Cxf, page.into_bytes());
}

fn credentials<'a>(account: &Fit<'a>, key: Option<&'a Secret>) -> Vec<Credential<'a>> {
    let field = |field_type, value| Field { field_type, value };
    let username = Some(account.username).filter(|username| !username.is_empty());
    let basic = (username.is_some() || account.password.is_some()).then(|| Credential::BasicAuth {
        username: username.map(|username| field("string", username)),
        password: account.password.map(|password| field("concealed-string", password)),
    });
    let totp = account.secret.zip(key.and_then(Secret::expose_text)).and_then(|(secret, key)| {
        let parameters = secret.parameters();
        let OtpKind::Totp { period } = parameters.kind() else { return None };
        Some(Credential::Totp {
            secret: key,
            period: period.seconds(),
            digits: parameters.digits().get(),
            username: account.username,
            algorithm: parameters.algorithm().name().to_ascii_lowercase(),
            issuer: account.name,
        })
    });
    let note = (!account.notes.is_empty()).then(|| Credential::Note { content: field("string", account.notes) });
    [basic, totp, note].into_iter().flatten().collect()
}

/// An id that is no other's in this file.
fn id(origin: &ExportOrigin<'_>, place: usize) -> String {
    BASE64URL_NOPAD.encode(&[&origin.batch.to_be_bytes()[..], &place.to_be_bytes()].concat())
}
