//! What the formats of authenticator apps have in common: a seed, its parameters, and whose they are.

use countersign_otp::{Label, OtpSecret, Parameters, Seed, SeedEncoding, Warning, Written};
use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER_PERMISSIVE};

use crate::formats::Hidden;
use crate::item::{Account, ImportRefusal, digits_of_steam};

/// What moves tokens on, by the names that formats have for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Totp,
    Hotp,
    Steam,
}

impl Kind {
    /// By its name in any case; `field` is what the format calls it.
    pub(crate) fn named(name: &str, field: &'static str) -> Result<Self, ImportRefusal> {
        let is = |known: &str| name.trim().eq_ignore_ascii_case(known);
        if is("totp") {
            Ok(Self::Totp)
        } else if is("hotp") {
            Ok(Self::Hotp)
        } else if is("steam") {
            Ok(Self::Steam)
        } else if is("yandex") || is("yaotp") {
            Err(ImportRefusal::Yandex)
        } else if is("motp") {
            Err(ImportRefusal::MobileOtp)
        } else {
            Err(ImportRefusal::UnknownKind(field))
        }
    }

    /// Understands the parameters for it.
    pub(crate) fn parameters(self, written: Written<'_>, counter: Option<u64>) -> Result<Parameters, ImportRefusal> {
        Ok(match self {
            Self::Totp => Parameters::by_time(written)?,
            Self::Hotp => Parameters::by_counter(written, counter)?,
            Self::Steam => Parameters::steam(written)?,
        })
    }
}

/// A seed in base32.
pub(crate) fn base32_seed(text: &Hidden) -> Result<Seed, ImportRefusal> {
    Ok(Seed::parse(text.as_str(), SeedEncoding::Base32)?)
}

/// An account of an authenticator app: named by its issuer and its account.
pub(crate) fn account(issuer: &str, account: &str, secret: OtpSecret) -> Result<Account, ImportRefusal> {
    let too_long = || match issuer.len() > Label::MAX_BYTES {
        true => ImportRefusal::NameTooLong { part: "issuer", bytes: issuer.len() },
        false => ImportRefusal::NameTooLong { part: "account name", bytes: account.len() },
    };
    let label = Label::new(Some(issuer), account).ok_or_else(too_long)?;
    let short = secret.seed().is_short().then(|| Warning::ShortSeed { bits: secret.seed().bits() }.to_string());
    let steam = digits_of_steam(label.issuer(), &secret);
    Ok(Account {
        name: label.name(),
        issuer: label.issuer().map(str::to_owned),
        account: label.account().to_owned(),
        secret: Some(secret),
        warnings: short.into_iter().chain(steam).collect(),
        ..Account::default()
    })
}

/// Bytes in base64 (RFC 4648 §4), with its padding or without.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    BASE64.decode(text.as_bytes()).or_else(|_| BASE64_NOPAD.decode(text.as_bytes())).ok()
}

/// Bytes in hexadecimal, in either case.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()
}
