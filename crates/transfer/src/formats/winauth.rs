//! WinAuth: the text of `otpauth://` addresses that it exports, and the XML in which version 3 keeps its authenticators.
//!
//! An address of the text has its key and digits first, blanks of its label as `+`, an icon, and for some services more; a Steam
//! token is known by its issuer. A counter, in both forms, is that of the last token. In the XML a key is hexadecimal, followed by the digits, the
//! hash and the period behind tabs, and by what else a service has behind bars. What is protected by a password, by
//! Windows or by a YubiKey is not opened.

use countersign_otp::{OtpKind, OtpSecret, PasteError, Seed, SeedEncoding, Written, parse_uri};
use quick_xml::events::BytesStart;
use zeroize::Zeroizing;

use crate::formats::factor::{self, Kind};
use crate::formats::xml::{self, Elements};
use crate::formats::{FilePassword, FileProblem, Found, Known, Sight, Stop};
use crate::item::{Account, ImportRefusal};

const NAME: &str = "an export of WinAuth";
const XML_NAME: &str = "the store of WinAuth";

pub(super) const TEXT: Known = Known { name: NAME, is: is_text, read: read_text };
pub(super) const XML: Known = Known { name: XML_NAME, is: is_xml, read: read_xml };

fn is_text(sight: &Sight<'_>) -> bool {
    std::str::from_utf8(sight.bytes()).is_ok_and(is_its_text)
}

/// Whether all addresses of a text are in its form, and one has something that no other program writes.
pub(super) fn is_its_text(text: &str) -> bool {
    let mut is_its = false;
    for line in addresses(text) {
        let Some((_, query)) = line.split_once("?secret=") else { return false };
        let Some((_, more)) = query.split_once('&').filter(|(_, more)| more.starts_with("digits=")) else {
            return false;
        };
        is_its |= more.split('&').any(|piece| OWN.iter().any(|own| piece.starts_with(own)));
    }
    is_its
}

const OWN: [&str; 3] = ["icon=", "serial=", "deviceid="];

fn read_text(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    lines(xml::text(NAME, bytes)?, found)
}

/// Reads each line.
pub(super) fn lines(text: &str, found: &mut dyn Found) -> Result<(), Stop> {
    for (number, line) in (1..).zip(addresses(text)) {
        found.entry(number, address(line))?;
    }
    Ok(())
}

fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn address(line: &str) -> Result<Account, ImportRefusal> {
    let (before, query) = line.split_once('?').unwrap_or((line, ""));
    let (kind, label) = before.strip_prefix("otpauth://").and_then(|rest| rest.split_once('/')).unwrap_or((before, ""));
    let pieces = || query.split('&').filter_map(|piece| piece.split_once('='));
    let of = |name: &str| pieces().find_map(|(found, value)| (found == name).then_some(value));
    // The first versions that knew Steam wrote no issuer.
    let is_called_steam = of("issuer").unwrap_or(label).eq_ignore_ascii_case("steam");
    let is_steam =
        of("deviceid").is_some() || (is_called_steam && (of("issuer").is_some() || of("digits") == Some("5")));
    // Without its pictures and session data, which are longer than an address may be.
    let known = ["secret", "digits", "issuer", "algorithm", "counter", "period"];
    let mut plain = Zeroizing::new(String::with_capacity(line.len() + 16));
    plain.push_str("otpauth://");
    plain.push_str(if is_steam && kind == "totp" { "steam" } else { kind });
    plain.push('/');
    // The issuer stands in the label as it is, the rest was encoded as a form.
    match label.split_once(':').filter(|_| of("issuer").is_some()) {
        Some((issuer, account)) => {
            plain.push_str(issuer);
            plain.push(':');
            plain.push_str(&account.replace('+', " "));
        }
        None => plain.push_str(&label.replace('+', " ")),
    }
    for (number, (name, value)) in pieces().filter(|(name, _)| known.contains(name)).enumerate() {
        plain.push(if number == 0 { '?' } else { '&' });
        plain.push_str(name);
        plain.push('=');
        plain.push_str(value);
    }
    let mut account = Account::from(parse_uri(&plain).map_err(PasteError::from)?);
    account.secret = account.secret.map(from_last_counter);
    if let Some(serial) = of("serial") {
        account.notes = format!("Serial number: {serial}");
    }
    Ok(account)
}

/// The app counts up before it makes a token.
fn from_last_counter(secret: OtpSecret) -> OtpSecret {
    match secret.parameters().kind() {
        OtpKind::Hotp { counter } => secret.with_counter(counter.saturating_add(1)),
        OtpKind::Totp { .. } | OtpKind::Steam => secret,
    }
}

fn is_xml(sight: &Sight<'_>) -> bool {
    xml::root(sight.bytes()).as_deref() == Some("WinAuth")
}

/// What of an authenticator has been read so far.
#[derive(Default)]
struct Authenticator {
    kind: String,
    name: String,
    data: Zeroizing<String>,
    protected: bool,
}

/// `<WinAuth>` with a `<WinAuthAuthenticator type="…">` for each, in which are `<name>` and `<authenticatordata>` with
/// `<secretdata>`.
fn read_xml(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    xml::read(XML_NAME, bytes, &mut Authenticators { found, entry: 0, current: None })
}

struct Authenticators<'f> {
    found: &'f mut dyn Found,
    entry: usize,
    /// The one that is open.
    current: Option<Authenticator>,
}

impl Elements for Authenticators<'_> {
    fn open(&mut self, start: &BytesStart<'_>, _: u32, _: &dyn Fn() -> FileProblem) -> Result<(), Stop> {
        Ok(begin(start, &mut self.current)?)
    }

    fn close(&mut self, name: &[u8], text: &mut Zeroizing<String>) -> Result<(), Stop> {
        if name == b"WinAuthAuthenticator"
            && let Some(authenticator) = self.current.take()
        {
            self.entry += 1;
            self.found.entry(self.entry, authenticator.account())?;
        }
        if let Some(authenticator) = &mut self.current {
            authenticator.take(name, text);
        }
        Ok(())
    }
}

fn begin(start: &BytesStart<'_>, current: &mut Option<Authenticator>) -> Result<(), FileProblem> {
    let encrypted = xml::attribute(start, "encrypted").filter(|by| !by.is_empty());
    match start.name().as_ref() {
        b"WinAuthAuthenticator" => {
            let kind = xml::attribute(start, "type").unwrap_or_default();
            *current = Some(Authenticator { kind, ..Authenticator::default() });
        }
        b"authenticatordata" => {
            if let Some(authenticator) = current {
                authenticator.protected = encrypted.is_some();
            }
        }
        b"WinAuth" | b"data" if encrypted.is_some() => {
            let reason = format!("it is protected by {}: {UNLOCK}", protections(&encrypted.unwrap_or_default()));
            return Err(FileProblem::NotReadable { format: XML_NAME, reason });
        }
        b"authenticator" => {
            let reason = format!("an older version than 3 wrote it: open it with version 3, then {UNLOCK}");
            return Err(FileProblem::NotReadable { format: XML_NAME, reason });
        }
        _ => {}
    }
    Ok(())
}

const UNLOCK: &str = "export the authenticators from WinAuth as a text";

fn protections(letters: &str) -> String {
    let words = letters.chars().filter_map(|letter| match letter {
        'y' => Some("a password"),
        'u' => Some("the Windows account"),
        'm' => Some("the computer"),
        'a' | 'b' => Some("a YubiKey"),
        _ => None,
    });
    let words: Vec<&str> = words.collect();
    if words.is_empty() { "something unknown".to_owned() } else { words.join(" and ") }
}

impl Authenticator {
    /// The text of an element that ends.
    fn take(&mut self, element: &[u8], content: &mut Zeroizing<String>) {
        match element {
            b"name" => content.trim().clone_into(&mut self.name),
            b"secretdata" => self.data = std::mem::take(content),
            _ => {}
        }
    }

    fn account(self) -> Result<Account, ImportRefusal> {
        if self.protected {
            return Err(ImportRefusal::Protected);
        }
        let (kind, issuer) = match self.kind.rsplit('.').next().unwrap_or_default() {
            "GoogleAuthenticator"
            | "MicrosoftAuthenticator"
            | "GuildWarsAuthenticator"
            | "OktaVerifyAuthenticator"
            | "TrionAuthenticator" => (Kind::Totp, ""),
            "BattleNetAuthenticator" => (Kind::Totp, "Battle.net"),
            "SteamAuthenticator" => (Kind::Steam, "Steam"),
            "HOTPAuthenticator" => (Kind::Hotp, ""),
            _ => return Err(ImportRefusal::UnknownKind("type")),
        };
        let mut parts = self.data.split('|');
        let mut fields = parts.next().unwrap_or_default().split('\t').map(str::trim);
        let key = fields.next().filter(|key| !key.is_empty()).ok_or(ImportRefusal::FieldMissing("secretdata"))?;
        let seed = Seed::parse(key, SeedEncoding::Hex)?;
        let number = |text: &str, field: &str| {
            text.parse::<u64>().map_err(|_| ImportRefusal::FieldWrong(format!("{field} in secretdata")))
        };
        let digits = fields.next().ok_or(ImportRefusal::FieldMissing("number of digits in secretdata"))?;
        let digits = number(digits, "number of digits")?;
        let algorithm = fields.next().ok_or(ImportRefusal::FieldMissing("hash in secretdata"))?;
        let period = fields.next().ok_or(ImportRefusal::FieldMissing("period in secretdata"))?;
        let written = Written {
            algorithm: Some(algorithm),
            digits: Some(digits),
            period: Some(number(period, "period")?),
            ..Written::default()
        };
        let counter = match kind {
            Kind::Hotp => Some(number(parts.next().unwrap_or_default(), "counter")?),
            Kind::Totp | Kind::Steam => None,
        };
        let secret = from_last_counter(OtpSecret::new(seed, kind.parameters(written, counter)?));
        let (of_name, account) = split_name(&self.name);
        let account = factor::account(if issuer.is_empty() { &of_name } else { issuer }, &account, secret)?;
        Ok(if self.name.is_empty() { account } else { Account { name: self.name, ..account } })
    }
}

/// `Issuer (account)`, as the app itself takes a name apart.
fn split_name(name: &str) -> (String, String) {
    let inner = name.split_once(" (").and_then(|(issuer, rest)| Some((issuer, rest.split_once(')')?)));
    match inner {
        Some((issuer, (account, rest))) if !issuer.trim().is_empty() => {
            (issuer.trim().to_owned(), format!("{account}{rest}"))
        }
        _ => (String::new(), name.to_owned()),
    }
}
