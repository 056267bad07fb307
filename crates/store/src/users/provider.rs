//! The provider with which people may sign in, and as whom it knows them.

use countersign_model::{Timestamp, UserId, VersionId};
use countersign_seal::Sealed;
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction},
    keys::marks,
    statements,
};

statements! {
    SETTINGS = "select id, mark, settings, version, sealed from provider where id = $1";
    PUT_SETTINGS = "insert into provider (id, settings, version, sealed, mark) values ($1, $2, $3, $4, $5) \
                    on conflict (id) do update set settings = excluded.settings, version = excluded.version, \
                    sealed = excluded.sealed, mark = excluded.mark";
    DELETE_SETTINGS = "delete from provider where id = $1";
    INSERT = "insert into provider_identity (id, person, issuer, subject, created_at, mark) values ($1, $2, $3, $4, $5, $6)";
    BY_SUBJECT = "select id, mark, person, issuer, subject, created_at from provider_identity where issuer = $1 and subject = $2";
    BY_PERSON = "select id, mark, person, issuer, subject, created_at from provider_identity where issuer = $1 and person = $2";
    OF_ISSUER = "select id, mark, person, issuer, subject, created_at from provider_identity where issuer = $1 order by id limit $2";
    DELETE = "delete from provider_identity where person = $1 and issuer = $2";
}

/// The provider as stored: what may be shown as JSON, and its client secret, sealed.
#[derive(Debug, Clone)]
pub struct ProviderRow {
    /// What may be shown.
    pub settings: String,
    /// Part of the seal.
    pub version: VersionId,
    /// What may not.
    pub sealed: Sealed,
}

/// As whom a provider knows somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// Its id.
    pub id: Uuid,
    /// Who it is here.
    pub person: UserId,
    /// The provider.
    pub issuer: String,
    /// Whom it means.
    pub subject: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// The provider, if one is set up. `vault` is the vault's id.
pub async fn settings(db: &mut impl Select, vault: Uuid) -> Result<Option<ProviderRow>, Error> {
    let Some(row) = db.fetch_optional(&SETTINGS, args![vault]).await? else { return Ok(None) };
    let (settings, version): (String, Uuid) = (row.get(2)?, row.get(3)?);
    let marked = marks::provider(vault, &settings, version);
    db.keys().check("sign-in provider", &vault.to_string(), &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    Ok(Some(ProviderRow { settings, version: VersionId::from_uuid(version), sealed: Sealed::from_bytes(row.get(4)?) }))
}

/// Stores the provider in place of any other.
pub async fn put_settings(tx: &mut Transaction, vault: Uuid, row: &ProviderRow) -> Result<(), Error> {
    tx.keys().admit(&row.sealed)?;
    let mark = tx.keys().mark(&marks::provider(vault, &row.settings, row.version.uuid()))?;
    let values = args![vault, &row.settings, row.version.uuid(), row.sealed.bytes(), mark];
    tx.execute(&PUT_SETTINGS, values).await.map(drop)
}

/// Takes the provider away. False when there is none.
pub async fn delete_settings(tx: &mut Transaction, vault: Uuid) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE_SETTINGS, args![vault]).await? == 1)
}

/// Connects a person with a subject of a provider. [`Error::Conflict`] where one of the two is connected already.
pub async fn connect(tx: &mut Transaction, row: &IdentityRow) -> Result<(), Error> {
    let mark = tx.keys().mark(&marks::provider_identity(row.id, row.person.uuid(), &row.issuer, &row.subject))?;
    let values = args![row.id, row.person.uuid(), &row.issuer, &row.subject, row.created_at, mark];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Who is connected with that subject.
pub async fn by_subject(db: &mut impl Select, issuer: &str, subject: &str) -> Result<Option<IdentityRow>, Error> {
    let row = db.fetch_optional(&BY_SUBJECT, args![issuer, subject]).await?;
    row.map(|row| identity(db.keys(), &row)).transpose()
}

/// As whom a provider knows that person.
pub async fn of_person(db: &mut impl Select, issuer: &str, person: UserId) -> Result<Option<IdentityRow>, Error> {
    let row = db.fetch_optional(&BY_PERSON, args![issuer, person.uuid()]).await?;
    row.map(|row| identity(db.keys(), &row)).transpose()
}

/// Everybody whom a provider knows, at most `limit`.
pub async fn all(db: &mut impl Select, issuer: &str, limit: u32) -> Result<Vec<IdentityRow>, Error> {
    db.fetch_all(&OF_ISSUER, args![issuer, limit]).await?.iter().map(|row| identity(db.keys(), row)).collect()
}

/// Connects a person no more. False when they were not.
pub async fn disconnect(tx: &mut Transaction, issuer: &str, person: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![person.uuid(), issuer]).await? == 1)
}

fn identity(keys: &MarkKeys, row: &Row) -> Result<IdentityRow, Error> {
    let read = IdentityRow {
        id: row.get(0)?,
        person: UserId::from_uuid(row.get(2)?),
        issuer: row.get(3)?,
        subject: row.get(4)?,
        created_at: row.get(5)?,
    };
    let marked = marks::provider_identity(read.id, read.person.uuid(), &read.issuer, &read.subject);
    keys.check(
        "provider's identity of user",
        &read.person.to_string(),
        &marked,
        row.get::<Option<Vec<u8>>>(1)?.as_deref(),
    )?;
    Ok(read)
}
