use std::borrow::Cow;

/// Whose tokens they are: the account, and who issued it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    issuer: Option<String>,
    account: String,
}

/// A label's part that nobody could read on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartTooLong {
    pub(crate) part: &'static str,
    pub(crate) bytes: usize,
}

impl Label {
    /// The most bytes of the issuer, and of the account.
    pub const MAX_BYTES: usize = 1024;

    /// A label without control characters and without blanks at the ends of its parts; an empty issuer is none.
    /// `None` when a part has more than [`Label::MAX_BYTES`].
    pub fn new(issuer: Option<&str>, account: &str) -> Option<Self> {
        Self::checked(issuer, account).ok()
    }

    /// Who issued the account, usually the site's name.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The account's name at the site; empty when nothing names it.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// `issuer: account`, or whichever of the two there is; empty when there is neither.
    pub fn name(&self) -> String {
        match (&self.issuer, self.account.as_str()) {
            (None, account) => account.to_owned(),
            (Some(issuer), "") => issuer.clone(),
            (Some(issuer), account) => format!("{issuer}: {account}"),
        }
    }

    pub(crate) fn checked(issuer: Option<&str>, account: &str) -> Result<Self, PartTooLong> {
        let fit = |part: &'static str, text: &str| {
            // Length first: a name of megabytes is refused before it is walked.
            if text.len() > Self::MAX_BYTES { Err(PartTooLong { part, bytes: text.len() }) } else { Ok(tidy(text)) }
        };
        let issuer = issuer.map(|text| fit("issuer", text)).transpose()?.filter(|issuer| !issuer.is_empty());
        Ok(Self { issuer, account: fit("account name", account)? })
    }
}

/// The issuer and account of a label `issuer:account` as it stands in a URI, percent-encoded.
///
/// A colon that belongs to the issuer is known by the issuer parameter, which the label repeats, or by being encoded
/// while the one between the parts is not.
pub(crate) fn split_encoded(label: &str, issuer: Option<&str>) -> (Option<String>, String) {
    let decoded = percent_decode(label);
    if let Some((prefix, account)) = issuer.and_then(|issuer| split_after(&decoded, issuer)) {
        return (Some(prefix), account);
    }
    match label.split_once(':') {
        Some((prefix, account)) => {
            (Some(percent_decode(prefix).into_owned()), percent_decode(account).trim().to_owned())
        }
        None => split_plain(&decoded, None),
    }
}

/// The same for a label that is not encoded, as migration payloads hold it.
pub(crate) fn split_plain(label: &str, issuer: Option<&str>) -> (Option<String>, String) {
    if let Some((prefix, account)) = issuer.and_then(|issuer| split_after(label, issuer)) {
        return (Some(prefix), account);
    }
    match label.split_once(':') {
        Some((prefix, account)) => (Some(prefix.to_owned()), account.trim().to_owned()),
        None => (None, label.to_owned()),
    }
}

/// Decodes `%XX` once. What is no such sequence stays as it stands; bytes that are no UTF-8 become U+FFFD.
pub(crate) fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = decode_bytes(text);
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The bytes of percent-decoding, in one allocation that never grows.
pub(crate) fn decode_bytes(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let value = match (first, after) {
            (b'%', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        match value {
            Some(value) => {
                decoded.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}

/// Appends `text` with everything but RFC 3986's unreserved characters encoded.
pub(crate) fn percent_encode(text: &str, into: &mut Vec<u8>) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(byte);
        } else {
            into.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}

/// Whether two names differ in case and blanks at most.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.trim() == other.trim() || one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Splits `label` into a beginning equal to `issuer` and what follows the colon behind it.
fn split_after(label: &str, issuer: &str) -> Option<(String, String)> {
    let issuer = issuer.trim();
    if issuer.is_empty() {
        return None;
    }
    let label = label.trim_start();
    let prefix = label.get(..issuer.len()).filter(|prefix| prefix.eq_ignore_ascii_case(issuer))?;
    let account = label.get(issuer.len()..)?.trim_start().strip_prefix(':')?;
    Some((prefix.to_owned(), account.trim().to_owned()))
}

fn tidy(text: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !turns(*c)).collect();
    kept.trim().to_owned()
}

/// Characters that turn the direction of text: a name must not be shown as another one.
fn turns(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";
