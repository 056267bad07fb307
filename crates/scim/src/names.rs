//! Names of attributes.

use crate::{GROUP_SCHEMA, USER_SCHEMA};

/// The attributes that are kept, as they are written. Names are compared whatever their case (RFC 7643 §2.1).
const NAMES: &[&str] = &[
    "schemas",
    "id",
    "externalId",
    "meta",
    "userName",
    "name",
    "givenName",
    "familyName",
    "formatted",
    "displayName",
    "active",
    "emails",
    "value",
    "type",
    "primary",
    "display",
    "members",
    "$ref",
];

/// An attribute's name as it is written; one that is not known stays as it is.
pub(crate) fn name_of(text: &str) -> String {
    NAMES.iter().find(|name| name.eq_ignore_ascii_case(text)).map_or_else(|| text.to_owned(), |name| (*name).to_owned())
}

/// Whether the text is an attribute's name (RFC 7643 §2.1).
pub(crate) fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '$');
    begins && text.len() <= 100 && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}

/// Without the schema in front, where it is one of ours.
pub(crate) fn without_schema(text: &str) -> &str {
    for schema in [USER_SCHEMA, GROUP_SCHEMA] {
        let head = text.get(..schema.len()).filter(|head| head.eq_ignore_ascii_case(schema));
        if let Some(rest) = head.and_then(|_| text[schema.len()..].strip_prefix(':')) {
            return rest;
        }
    }
    text
}
