//! What there is of a credential, for an import that asks whether an account is there already.

use countersign_model::CredentialId;

use crate::engine::{Error, Row};

// From the second column on.
macro_rules! columns {
    () => {
        "c.id, c.name, c.username, c.has_password, c.kind, c.site, cast(length(c.notes) as bigint)"
    };
}
pub(super) use columns;

/// A credential, and what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCredential {
    /// Its id.
    pub id: CredentialId,
    /// What it is called.
    pub name: String,
    /// The account's name; may be empty.
    pub username: String,
    /// Whether a password is stored.
    pub has_password: bool,
    /// Whether a seed is.
    pub has_seed: bool,
    /// Where it signs in.
    pub site: Option<String>,
    /// Whether something is noted.
    pub has_notes: bool,
}

pub(super) fn known(row: &Row) -> Result<KnownCredential, Error> {
    Ok(KnownCredential {
        id: CredentialId::from_uuid(row.get(1)?),
        name: row.get(2)?,
        username: row.get(3)?,
        has_password: row.get(4)?,
        has_seed: row.get::<Option<String>>(5)?.is_some(),
        site: row.get(6)?,
        has_notes: row.get::<i64>(7)? > 0,
    })
}
