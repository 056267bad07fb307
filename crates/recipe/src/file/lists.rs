//! The two public lists that password managers share: password rules and change addresses, in their published JSON form.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserializer as _,
    de::{MapAccess, Visitor},
};
use serde_json::Value;
use thiserror::Error;

use super::place::{self, shown};
use crate::PasswordRules;

/// The longest list, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most entries of a list.
const MAX_ENTRIES: usize = 20_000;
/// The longest rules.
const MAX_RULES: usize = 2_000;
/// The longest password that rules may ask for.
const MAX_LENGTH: u32 = 10_000;

/// What a list says of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDomain<T> {
    /// The domain, in its ASCII form.
    pub domain: String,
    /// Nothing under the domain is meant.
    pub exact: bool,
    /// What is said.
    pub value: T,
}

/// An entry that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{entry}`: {what}")]
pub struct RefusedEntry {
    /// Its key.
    pub entry: String,
    /// What is wrong with it.
    pub what: String,
}

/// A list that was read, with what was left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicList<T> {
    /// What it says.
    pub entries: Vec<ListedDomain<T>>,
    /// What could not be read.
    pub refused: Vec<RefusedEntry>,
}

/// Why a list could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListError {
    /// Too many bytes.
    #[error("the list has {0} bytes; at most {MAX_BYTES} are read")]
    TooLong(usize),
    /// Too many entries.
    #[error("the list has more than {MAX_ENTRIES} entries")]
    TooMany,
    /// Not the JSON of such a list.
    #[error("line {line}, column {column}: {what}; the list is one JSON object whose keys are domains")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        what: String,
    },
}

/// Reads the list of password rules: `{"example.org": {"password-rules": "minlength: 8"}, …}`.
pub fn import_password_rules(json: &str) -> Result<PublicList<PasswordRules>, ListError> {
    import(json, |value| {
        let Value::Object(fields) = value else {
            return Err("its value is no object with the key `password-rules`".to_owned());
        };
        let Some(Value::String(text)) = fields.get("password-rules") else {
            return Err("it has no text at the key `password-rules`".to_owned());
        };
        if text.len() > MAX_RULES {
            return Err(format!("its rules have {} bytes; at most {MAX_RULES} are read", text.len()));
        }
        let rules: PasswordRules = text.parse().map_err(|error: crate::RulesError| error.to_string())?;
        let (least, most) = (rules.min_length.unwrap_or(0), rules.max_length.unwrap_or(u32::MAX));
        if least > most || most == 0 || least > MAX_LENGTH {
            return Err("no password can have the length that its rules ask for".to_owned());
        }
        Ok((rules, fields.get("exact-domain-match-only") == Some(&Value::Bool(true))))
    })
}

/// Reads the list of change addresses: `{"example.org": "https://example.org/settings", …}`. Only `https` is taken.
pub fn import_change_addresses(json: &str) -> Result<PublicList<String>, ListError> {
    import(json, |value| {
        let Value::String(text) = value else { return Err("its value is no text".to_owned()) };
        let url = place::whole(text).map_err(|(what, hint)| format!("{what}; {hint}"))?;
        if url.scheme() != "https" {
            return Err(format!("`{}` does not begin with https://", shown(text)));
        }
        Ok((url.to_string(), false))
    })
}

fn import<T>(json: &str, read: impl Fn(&Value) -> Result<(T, bool), String>) -> Result<PublicList<T>, ListError> {
    if json.len() > MAX_BYTES {
        return Err(ListError::TooLong(json.len()));
    }
    let pairs = pairs(json)?;
    let mut list = PublicList { entries: Vec::new(), refused: Vec::new() };
    let mut seen = BTreeSet::new();
    for (key, value) in pairs {
        let one = place::host(&key).map_err(|(what, hint)| format!("{what}; {hint}")).and_then(|domain| {
            if !seen.insert(domain.clone()) {
                return Err("it stands in the list twice; the first one holds".to_owned());
            }
            read(&value).map(|(value, exact)| ListedDomain { domain, exact, value })
        });
        match one {
            Ok(listed) => list.entries.push(listed),
            Err(what) => list.refused.push(RefusedEntry { entry: shown(&key), what }),
        }
    }
    Ok(list)
}

/// The pairs of a JSON object in their order. A map would hide keys that stand there twice.
fn pairs(json: &str) -> Result<Vec<(String, Value)>, ListError> {
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Option<Vec<(String, Value)>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                if pairs.len() < MAX_ENTRIES + 1 {
                    pairs.push(pair);
                }
            }
            Ok((pairs.len() <= MAX_ENTRIES).then_some(pairs))
        }
    }
    let mut reader = serde_json::Deserializer::from_str(json.trim_start_matches('\u{feff}'));
    let pairs = reader.deserialize_map(Pairs).and_then(|pairs| reader.end().map(|()| pairs));
    match pairs {
        Ok(Some(pairs)) => Ok(pairs),
        Ok(None) => Err(ListError::TooMany),
        Err(error) => {
            let text = error.to_string();
            let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned();
            Err(ListError::NotJson { line: error.line(), column: error.column(), what })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CharSet;

    #[test]
    fn password_rules_are_read_and_the_rest_is_named() {
        let json = r#"{
            "example.org": {"password-rules": "minlength: 8; maxlength: 16; required: upper; allowed: [-!#];"},
            "Login.Example.NET": {"exact-domain-match-only": true, "password-rules": "minlength: 6"},
            "broken.example": {"password-rules": "minlenght: 8"},
            "empty.example": {},
            "list.example": [],
            "https://address.example/": {"password-rules": "minlength: 8"},
            "short.example": {"password-rules": "minlength: 9; maxlength: 8"},
            "long.example": {"password-rules": "minlength: 4000000000"},
            "example.org": {"password-rules": "minlength: 1"}
        }"#;
        let list = import_password_rules(json).unwrap();
        let domains: Vec<_> = list.entries.iter().map(|one| (one.domain.as_str(), one.exact)).collect();
        assert_eq!(domains, [("example.org", false), ("login.example.net", true)]);
        assert_eq!(list.entries[0].value.allowed, Some(CharSet::of("-!#")));
        let refused: Vec<String> = list.refused.iter().map(ToString::to_string).collect();
        for (at, part) in [
            "`broken.example`: there is no rule `minlenght`",
            "`empty.example`: it has no text",
            "`list.example`: its value is no object",
            "`https://address.example/`: `https://address.example/` is an address, not a host; write \"address.example\"",
            "`short.example`: no password can have",
            "`long.example`: no password can have",
            "`example.org`: it stands in the list twice",
        ]
        .into_iter()
        .enumerate()
        {
            assert!(refused[at].starts_with(part), "{refused:#?}");
        }
        assert_eq!(refused.len(), 7);
    }

    #[test]
    fn change_addresses_are_read_over_tls_only() {
        let json = r#"{"example.org": "https://id.example.org/password", "plain.example": "http://plain.example/",
            "near.example": "http://127.0.0.1/", "script.example": "javascript:alert(1)", "number.example": 7}"#;
        let list = import_change_addresses(json).unwrap();
        assert_eq!(list.entries[0].value, "https://id.example.org/password");
        assert_eq!((list.entries.len(), list.refused.len()), (1, 4));
        assert!(list.refused[0].what.contains("write \"https://plain.example/\""), "{}", list.refused[0]);
    }

    #[test]
    fn what_is_no_list() {
        for (json, part) in [
            ("", "line 1, column 0"),
            ("[]", "invalid type: sequence"),
            ("{\"a.example\": }", "line 1, column 15"),
            ("{} more", "trailing characters"),
        ] {
            let error = import_change_addresses(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let many: Vec<String> = (0..=MAX_ENTRIES).map(|number| format!("\"a{number}.example\": \"\"")).collect();
        assert_eq!(import_change_addresses(&format!("{{{}}}", many.join(","))), Err(ListError::TooMany));
        let long = " ".repeat(MAX_BYTES + 1);
        assert_eq!(import_password_rules(&long), Err(ListError::TooLong(MAX_BYTES + 1)));
    }
}
