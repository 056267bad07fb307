//! The texts of an entry in which KeePass and its plugins keep second factors.

use countersign_otp::{Parameters, Seed, SeedEncoding, SeedError, Written};
use countersign_seal::Secret;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::tree::Entry;
use crate::formats::FactorProblem;
use crate::formats::login::{Factor, Login};

/// The endings of KeePass's own names for a secret, with what it is written in; the first is the text itself.
const SECRETS: [(&str, Option<SeedEncoding>); 4] = [
    ("", None),
    ("-Hex", Some(SeedEncoding::Hex)),
    ("-Base32", Some(SeedEncoding::Base32)),
    ("-Base64", Some(SeedEncoding::Base64)),
];

/// Whether a text belongs to a second factor.
pub(super) fn is_field(name: &str) -> bool {
    matches!(name, "otp" | "TOTP Seed" | "TOTP Settings")
        || name.starts_with("TimeOtp-")
        || name.starts_with("HmacOtp-")
}

/// Takes what is there, the newest form first.
pub(super) fn add(entry: &Entry, login: &mut Login) {
    let otp = entry.text("otp");
    if otp.contains("://") || !is_query(otp) {
        login.add_factor_field("field otp", otp);
    } else {
        login.add_factor("field otp (KeeOtp)", || keeotp(otp));
    }
    if has_secret(entry, "TimeOtp-Secret") {
        login.add_factor("field TimeOtp-Secret", || time_otp(entry));
    }
    if has_secret(entry, "HmacOtp-Secret") {
        login.add_factor("field HmacOtp-Secret", || hmac_otp(entry));
    }
    let seed = entry.text("TOTP Seed");
    if !seed.trim().is_empty() {
        login.add_factor("field TOTP Seed", || tray_totp(seed, entry.text("TOTP Settings")));
    }
}

/// KeeOtp: `key=…&size=…&step=…`, percent-encoded, with `type`, `counter`, `encoding` and `otpHashMode` where they are not
/// the usual.
fn keeotp(query: &str) -> Result<Factor, FactorProblem> {
    let value = |name: &str| {
        let pieces = query.split('&').filter_map(|piece| piece.split_once('='));
        let raw = pieces.into_iter().find(|(own, _)| own.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value);
        Zeroizing::new(percent_decode_str(raw.unwrap_or_default()).decode_utf8_lossy().trim().to_owned())
    };
    let key = value("key");
    let is = |name: &str, known: &str| value(name).eq_ignore_ascii_case(known);
    let seed = match value("encoding").to_ascii_lowercase().as_str() {
        "" | "base32" => Seed::parse(&key, SeedEncoding::Base32)?,
        "hex" => Seed::parse(&key, SeedEncoding::Hex)?,
        "base64" => Seed::parse(&key, SeedEncoding::Base64)?,
        "utf8" => text_seed(&key)?,
        _ => return Err(FactorProblem::UnknownForm),
    };
    let algorithm = value("otpHashMode");
    let written = Written {
        algorithm: Some(&algorithm),
        digits: number("size", &value("size"))?,
        period: number("step", &value("step"))?,
        encoder: None,
    };
    let parameters = if is("type", "hotp") {
        // Which the plugin does not write before the first token.
        Parameters::by_counter(written, number("counter", &value("counter"))?.or(Some(0)))?
    } else if is("type", "steam") {
        Parameters::steam(written)?
    } else if is("type", "totp") || value("type").is_empty() {
        Parameters::by_time(written)?
    } else {
        return Err(FactorProblem::UnknownForm);
    };
    Ok(Factor::of_parts(seed, parameters))
}

fn is_query(text: &str) -> bool {
    text.split('&').any(|piece| piece.trim_start().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("key=")))
}

/// Tray TOTP: a key in base32, and beside it `period;digits`, or `period;S` for Steam, with an address behind for the time.
fn tray_totp(seed: &str, settings: &str) -> Result<Factor, FactorProblem> {
    let seed = Seed::parse(seed, SeedEncoding::Base32)?;
    if settings.trim().is_empty() {
        return Ok(Factor::of_parts(seed, Parameters::default()));
    }
    let mut parts = settings.split(';').map(str::trim);
    let (period, digits) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let written = Written { period: number("the period of TOTP Settings", period)?, ..Written::default() };
    let parameters = if digits.eq_ignore_ascii_case("S") {
        Parameters::steam(written)?
    } else {
        Parameters::by_time(Written { digits: number("the digits of TOTP Settings", digits)?, ..written })?
    };
    Ok(Factor::of_parts(seed, parameters))
}

/// KeePass's own, since version 2.47.
fn time_otp(entry: &Entry) -> Result<Factor, FactorProblem> {
    let seed = secret(entry, "TimeOtp-Secret")?;
    let written = Written {
        algorithm: Some(entry.text("TimeOtp-Algorithm").trim()),
        digits: number("TimeOtp-Length", entry.text("TimeOtp-Length"))?,
        period: number("TimeOtp-Period", entry.text("TimeOtp-Period"))?,
        encoder: None,
    };
    Ok(Factor::of_parts(seed, Parameters::by_time(written)?))
}

/// The same by counter: SHA-1 and six digits, always.
fn hmac_otp(entry: &Entry) -> Result<Factor, FactorProblem> {
    let seed = secret(entry, "HmacOtp-Secret")?;
    // Which is written with the first token.
    let counter = number("HmacOtp-Counter", entry.text("HmacOtp-Counter"))?.or(Some(0));
    Ok(Factor::of_parts(seed, Parameters::by_counter(Written::default(), counter)?))
}

fn has_secret(entry: &Entry, name: &str) -> bool {
    SECRETS.iter().any(|(ending, _)| !entry.text(&format!("{name}{ending}")).is_empty())
}

fn secret(entry: &Entry, name: &str) -> Result<Seed, FactorProblem> {
    let text = |ending: &str| entry.text(&format!("{name}{ending}"));
    let (ending, encoding) = SECRETS.iter().find(|(ending, _)| !text(ending).is_empty()).ok_or(SeedError::Empty)?;
    match encoding {
        Some(encoding) => Ok(Seed::parse(text(ending), *encoding)?),
        None => text_seed(text(ending)),
    }
}

/// A key whose bytes are the text's.
fn text_seed(text: &str) -> Result<Seed, FactorProblem> {
    Ok(Seed::from_key(Secret::from(text.as_bytes()))?)
}

/// A number, or none where nothing is written.
fn number(name: &'static str, text: &str) -> Result<Option<u64>, FactorProblem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| FactorProblem::NotANumber(name)),
    }
}
