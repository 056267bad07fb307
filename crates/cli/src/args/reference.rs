//! What stands for a secret where the secret itself may not: `cs://NAME/FIELD`.

use std::{fmt, str::FromStr};

use percent_encoding::percent_decode_str;

/// How each begins.
pub(crate) const SCHEME: &str = "cs://";

/// One field of one credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Reference {
    /// The credential's name or id.
    pub(crate) name: String,
    pub(crate) field: Field,
}

/// What of a credential is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Password,
    Username,
    Token,
    Site,
    Notes,
}

impl Field {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Username => "username",
            Self::Token => "token",
            Self::Site => "site",
            Self::Notes => "notes",
        }
    }

    const ALL: [Self; 5] = [Self::Password, Self::Username, Self::Token, Self::Site, Self::Notes];
}

impl FromStr for Reference {
    type Err = String;

    /// RFC 3986's percent-encoding; other characters stand for themselves, but for those that the form needs.
    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| format!("a reference begins with {SCHEME}"))?;
        let (name, field) = rest.split_once('/').ok_or("a reference ends with a field: cs://NAME/password")?;
        if name.is_empty() {
            return Err("the reference names no credential: cs://NAME/password".to_owned());
        }
        let found = Field::ALL.into_iter().find(|known| known.name() == field);
        let field = found.ok_or_else(|| match field.contains('/') {
            true => "the name has a / in it: write it %2F".to_owned(),
            false => format!("{field:?} is no field: use password, username, token, site or notes"),
        })?;
        Ok(Self { name: decoded(name)?, field })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.replace('%', "%25").replace('/', "%2F");
        write!(f, "{SCHEME}{name}/{}", self.field.name())
    }
}

fn decoded(name: &str) -> Result<String, String> {
    let whole = name.split('%').skip(1).all(|after| {
        let mut digits = after.bytes();
        (0..2).all(|_| digits.next().is_some_and(|digit| digit.is_ascii_hexdigit()))
    });
    if !whole {
        return Err("a % in a name is written %25".to_owned());
    }
    let text = percent_decode_str(name).decode_utf8().map_err(|_| "the name is no UTF-8 when decoded".to_owned())?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_kind_can_be_referred_to() {
        for (text, name, field) in [
            ("cs://Shop/password", "Shop", Field::Password),
            ("cs://Shop%2Ffront 50%25 ü?#/token", "Shop/front 50% ü?#", Field::Token),
            ("cs://%D0%9F/site", "П", Field::Site),
            ("cs://01938d1c-7a31-7000-8000-000000000000/notes", "01938d1c-7a31-7000-8000-000000000000", Field::Notes),
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!((reference.name.as_str(), reference.field), (name, field), "{text}");
            assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference, "{text}");
        }
    }

    #[test]
    fn what_is_no_reference_is_said() {
        for (text, says) in [
            ("Shop/password", "begins with cs://"),
            ("cs://Shop", "ends with a field"),
            ("cs:///password", "names no credential"),
            ("cs://Shop/", "\"\" is no field"),
            ("cs://Shop/pin", "\"pin\" is no field"),
            ("cs://Shop/front/password", "%2F"),
            ("cs://50%/password", "%25"),
            ("cs://50%2/password", "%25"),
            ("cs://%ff/password", "no UTF-8"),
        ] {
            let error = text.parse::<Reference>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
