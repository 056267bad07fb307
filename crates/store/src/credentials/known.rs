//! What there is of a credential, for an import that asks whether an account is there already.

use countersign_model::{CredentialId, SecondFactor};

use crate::engine::{Error, Row, corrupt};

// From the second column on.
macro_rules! columns {
    () => {
        "c.id, c.name, c.username, c.has_password, c.kind, c.algorithm, c.digits, c.period, c.site, \
         cast(length(c.notes) as bigint)"
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
    /// How its tokens are made.
    pub second_factor: Option<SecondFactor>,
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
        second_factor: second_factor(row, 5)?,
        site: row.get(9)?,
        has_notes: row.get::<i64>(10)? > 0,
    })
}

/// What kind of tokens a seed gives: kind, algorithm, digits and period, from this column on.
pub(super) fn second_factor(row: &Row, at: usize) -> Result<Option<SecondFactor>, Error> {
    fn text<T, E>(parsed: Result<T, E>, column: &str) -> Result<T, Error> {
        parsed.map_err(|_| corrupt(column))
    }
    let Some(kind) = row.get::<Option<String>>(at)? else { return Ok(None) };
    Ok(Some(SecondFactor {
        kind: text(kind.parse(), "credential.kind")?,
        algorithm: text(row.get::<Option<String>>(at + 1)?.unwrap_or_default().parse(), "credential.algorithm")?,
        digits: text(row.get::<Option<i64>>(at + 2)?.unwrap_or_default().try_into(), "credential.digits")?,
        period: text(row.get::<Option<i64>>(at + 3)?.map(u32::try_from).transpose(), "credential.period")?,
    }))
}
