use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// A value that somebody sent and that cannot be taken: which one, and what is wrong with it.
///
/// It reads as a sentence with the field in front: "name is empty".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Invalid {
    /// The field as the API names it.
    pub field: &'static str,
    /// What is wrong and what to do; never the value of a secret.
    pub problem: String,
}

impl Invalid {
    /// An error about `field`.
    pub fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}

/// Whether somebody who reads it may see another text than is stored: characters that turn the direction of what stands around them
/// (Unicode Standard Annex #9, explicit directional formatting and isolates).
fn turns_what_is_read(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($field:literal, at least $least:literal, at most $most:literal, $lines:ident);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX: usize = $most;

            /// Takes the text when it is fit, without blanks at its ends and in Unicode's form NFC, so that what
            /// looks the same is the same.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                check($field, text, $least, $most, Lines::$lines).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

texts! {
    /// What a team calls a credential; unique in its vault, whatever the case of its letters.
    CredentialName("name", at least 1, at most 200, One);
    /// The account's name at its site; may be empty, may hold an `@`.
    Username("username", at least 0, at most 320, One);
    /// Free text beside a credential, seen by everybody who sees the credential.
    Notes("notes", at least 0, at most 16_384, Many);
    /// A word that groups credentials.
    Tag("tags", at least 1, at most 64, One);
    /// The name with which a person signs in; unique, whatever the case of its letters.
    UserName("name", at least 1, at most 100, Account);
    /// What a person calls one of their API tokens.
    ApiTokenName("name", at least 1, at most 100, One);
    /// What a team calls a group of people; unique, whatever the case of its letters.
    GroupName("name", at least 1, at most 100, One);
    /// What a team calls a place where the audit log also goes; unique, whatever the case of its letters.
    SinkName("name", at least 1, at most 100, One);
    /// What a person calls a filter that they keep.
    ViewName("name", at least 1, at most 100, One);
    /// What a person calls one of their passkeys.
    PasskeyName("name", at least 1, at most 100, One);
    /// What a person calls a browser extension that they pair.
    DeviceName("name", at least 1, at most 100, One);
    /// What a program calls itself that wants to be signed in.
    ClientName("client_id", at least 1, at most 60, Claim);
    /// What a machine calls itself on which such a program runs.
    HostName("host", at least 1, at most 64, Claim);
    /// What a service account is for.
    ServiceDescription("description", at least 0, at most 500, Many);
    /// The number of a ticket in some other system, by which somebody asks for a secret.
    Ticket("ticket", at least 1, at most 100, One);
    /// Why somebody asks for a secret.
    Reason("reason", at least 1, at most 500, One);
}

/// An address of a site: `http` or `https`, with a host, without a user name or password in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SiteAddress(String);

impl SiteAddress {
    /// The most bytes it may have.
    pub const MAX: usize = 2_048;

    /// Takes an address; one without a scheme is read as `https`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = check("site.url", text, 1, Self::MAX, Lines::One)?;
        if names_other_scheme(&text) {
            return Err(Invalid::new("site.url", "must begin with https:// or http://"));
        }
        let full = if text.contains("://") { text } else { format!("https://{text}") };
        let url = url::Url::parse(&full).map_err(|error| {
            Invalid::new("site.url", format!("is no address ({error}): write it as https://example.org/"))
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Invalid::new("site.url", "must begin with https:// or http://"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(Invalid::new("site.url", "has no host: write it as https://example.org/"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Invalid::new("site.url", "holds a user name or password: they have fields of their own"));
        }
        Ok(Self(url.into()))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, in lower case, without a port.
    pub fn host(&self) -> String {
        url::Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Whether it begins like `javascript:` or `mailto:` (RFC 3986 §3.1) and not like a host with its port.
fn names_other_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let port = rest.split(['/', '?', '#']).next().unwrap_or_default();
    is_scheme && !rest.starts_with("//") && !port.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for SiteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SiteAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The form in which names are compared and searched: lower case and NFC (Unicode Standard Annex #15), so that neither
/// case nor the way in which a keyboard writes an accent hides a match.
pub fn search_key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Capitals may come apart when they are made small.
    normalised(&normalised(text).to_lowercase())
}

fn normalised(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfc().collect() }
}

#[derive(Clone, Copy, PartialEq)]
enum Lines {
    One,
    Many,
    /// One, that names who did something.
    Account,
    /// One, that somebody says of themselves and others decide by.
    Claim,
}

/// Whether somebody who reads sees anything of it: no blank, and none of the characters that are there to be ignored (Unicode
/// Standard Annex #44, Default_Ignorable_Code_Point) or are drawn as nothing.
fn is_visible(c: char) -> bool {
    !(c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'))
}

fn check(field: &'static str, text: &str, least: usize, most: usize, lines: Lines) -> Result<String, Invalid> {
    // Before anything walks the text: a name of megabytes is refused by its length alone.
    if text.len() > most.saturating_mul(4).saturating_add(64) {
        return Err(Invalid::new(
            field,
            format!("is too long: at most {most} characters, this has {} bytes", text.len()),
        ));
    }
    let text = normalised(text.trim());
    let length = text.chars().count();
    if length < least {
        return Err(Invalid::new(field, "is empty"));
    }
    if least > 0 && !text.chars().any(is_visible) {
        return Err(Invalid::new(field, "holds nothing that can be seen: write it in letters"));
    }
    if length > most {
        return Err(Invalid::new(field, format!("is too long: at most {most} characters, this has {length}")));
    }
    // Those who approve read these; names that were stored before stay as they are.
    if matches!(field, "reason" | "ticket") && turns_what_is_read(&text) {
        let problem = "holds characters that turn the direction of the text: remove them, since it would be read as something else";
        return Err(Invalid::new(field, problem));
    }
    if lines == Lines::Account {
        check_account(field, &text)?;
    }
    if lines == Lines::Claim
        && let Some(place) = text.chars().position(|c| c != ' ' && !is_visible(c))
    {
        let problem = format!("holds a character that cannot be seen at place {}: remove it", place + 1);
        return Err(Invalid::new(field, problem));
    }
    let control =
        text.chars().position(|c| c.is_control() && !(lines == Lines::Many && matches!(c, '\n' | '\r' | '\t')));
    match control {
        Some(place) => Err(Invalid::new(field, format!("holds a control character at place {}: remove it", place + 1))),
        None => Ok(text),
    }
}

/// By what the log calls who is no user.
const RESERVED: [&str; 4] = ["countersign", "system", "nobody", "unknown"];

/// A name that says who did something must not look like that of somebody else, nor like what the log calls others.
fn check_account(field: &'static str, text: &str) -> Result<(), Invalid> {
    if let Some(place) = text.chars().position(|c| c != ' ' && !c.is_control() && !is_visible(c)) {
        let problem = format!(
            "holds a character that cannot be seen at place {}: remove it, since the name looks like another",
            place + 1
        );
        return Err(Invalid::new(field, problem));
    }
    if text.contains('/') {
        return Err(Invalid::new(
            field,
            "holds a /: the audit log names API tokens so (owner/token); use another character",
        ));
    }
    if RESERVED.contains(&search_key(text).as_str()) {
        return Err(Invalid::new(field, "is what the audit log calls something that is no user: use another name"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_user_looks_like_nobody_elses() {
        for (name, why) in [
            ("ana\u{200b}", "cannot be seen at place 4"),
            ("a\u{202e}nb", "cannot be seen at place 2"),
            ("an\u{ad}a", "cannot be seen"),
            ("an\u{a0}a", "cannot be seen"),
            ("root/ci", "holds a /"),
            ("Countersign", "audit log calls"),
            ("system", "audit log calls"),
        ] {
            let error = UserName::parse(name).unwrap_err().to_string();
            assert!(error.contains(why), "{name:?}: {error}");
        }
        for name in ["ana", "ana ruiz", "ana@example.org", "EXAMPLE\\ana", "José", "王小明", "systems"] {
            assert!(UserName::parse(name).is_ok(), "{name}");
        }
        assert!(ApiTokenName::parse("ci/deploy").is_ok() && GroupName::parse("a/b").is_ok());
    }

    #[test]
    fn a_reason_reads_as_it_is_stored() {
        for text in ["routine \u{202e}laever\u{202c} check", "\u{2067}abc\u{2069}"] {
            let error = Reason::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("reason holds characters that turn"), "{error}");
            assert!(Ticket::parse(text).is_err());
        }
        assert!(Reason::parse("سبب وجيه, ok").is_ok(), "languages that are read from the right need none");
    }

    #[test]
    fn what_nobody_can_see_is_no_text() {
        for text in
            ["\u{200b}", "\u{2060}\u{feff}", "\u{ad}\u{3164}", "\u{200e} \u{200f}", "\u{e0041}\u{fe0f}", "\u{2800}"]
        {
            let error = Reason::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("reason holds nothing that can be seen"), "{text:?}: {error}");
            assert!(UserName::parse(text).is_err() && Tag::parse(text).is_err(), "{text:?}");
        }
        for text in ["a\u{200d}b", "\u{200b}x", "👩\u{200d}🔧", "…", "山"] {
            assert!(Reason::parse(text).is_ok(), "{text:?}");
        }
        assert!(Notes::parse("").is_ok(), "what may be empty may be invisible");
    }

    #[test]
    fn an_address_of_another_kind_is_told_as_that() {
        for text in
            ["javascript:alert(1)", "mailto:ann@example.org", "data:text/html,x", "ftp://example.org", "about:blank"]
        {
            let error = SiteAddress::parse(text).unwrap_err().to_string();
            assert_eq!(error, "site.url must begin with https:// or http://", "{text}");
        }
        for text in ["example.org", "example.org:8443", "example.org:8443/a?b=c:d", "nas:80", "intranet:", "[::1]:80"] {
            assert!(SiteAddress::parse(text).is_ok(), "{text}");
        }
        let error = SiteAddress::parse("example.org:port").unwrap_err().to_string();
        assert!(error.contains("site.url"), "{error}");
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(CredentialName::parse("  Instagram ").unwrap().as_str(), "Instagram");
        assert_eq!(CredentialName::parse(" ").unwrap_err().to_string(), "name is empty");
        let long = CredentialName::parse(&"ä".repeat(201)).unwrap_err().to_string();
        assert_eq!(long, "name is too long: at most 200 characters, this has 201");
        let huge = CredentialName::parse(&"x".repeat(2 << 20)).unwrap_err().to_string();
        assert_eq!(huge, "name is too long: at most 200 characters, this has 2097152 bytes");
        assert_eq!(
            CredentialName::parse("a\u{7}b").unwrap_err().to_string(),
            "name holds a control character at place 2: remove it"
        );
        assert!(Notes::parse("two\nlines").is_ok());
        assert!(Reason::parse("two\nlines").is_err());
        assert!(Username::parse("").is_ok());
    }

    /// "é" as one character and as two, Korean as syllables and as letters, Å as a letter and as a unit.
    #[test]
    fn what_looks_the_same_is_the_same() {
        for (one, other) in
            [("Café", "Cafe\u{301}"), ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"), ("Å", "\u{212b}")]
        {
            assert_eq!(CredentialName::parse(one).unwrap(), CredentialName::parse(other).unwrap(), "{one}");
            assert_eq!(UserName::parse(one).unwrap().as_str(), one);
            assert_eq!(search_key(one), search_key(other), "{one}");
            assert_eq!(search_key(&one.to_uppercase()), search_key(&other.to_lowercase()), "{one}");
        }
        assert_ne!(search_key("Cafe"), search_key("Café"), "an accent is no matter of writing");
        assert!(UserName::parse(&"e\u{301}".repeat(100)).is_ok(), "a hundred characters as they are shown");
    }

    #[test]
    fn addresses_need_a_scheme_a_host_and_no_secret() {
        assert_eq!(SiteAddress::parse("Example.org/login").unwrap().as_str(), "https://example.org/login");
        assert_eq!(SiteAddress::parse("http://127.0.0.1:8080").unwrap().host(), "127.0.0.1");
        for bad in
            ["file:///etc/passwd", "javascript://x/%0aalert(1)", "https://", "https://u:p@example.org/", "ht tp://x"]
        {
            assert!(SiteAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
