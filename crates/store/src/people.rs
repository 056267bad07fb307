//! People who sign in.

use countersign_model::{Role, Timestamp, UserId, UserName, VersionId, search_key};
use countersign_seal::{PasswordHash, Sealed};

use crate::{
    args,
    engine::{Error, Row, Select, Transaction},
    statements,
    vault::corrupt,
};

statements! {
    INSERT = "insert into person (id, name, name_key, role, password, disabled, created_at, failures) \
              values ($1, $2, $3, $4, $5, false, $6, 0)";
    BY_ID = "select id, name, role, password, seed_version, seed, next_seed_version, next_seed, last_step, disabled, \
             created_at, last_sign_in_at, failures, locked_until from person where id = $1";
    BY_NAME = "select id, name, role, password, seed_version, seed, next_seed_version, next_seed, last_step, disabled, \
               created_at, last_sign_in_at, failures, locked_until from person where name_key = $1";
    ALL = "select id, name, role, password, seed_version, seed, next_seed_version, next_seed, last_step, disabled, \
           created_at, last_sign_in_at, failures, locked_until from person order by name_key limit $1";
    COUNT = "select count(*) from person";
    ADMINISTRATORS = "select count(*) from person where role = 'administrator' and not disabled";
    SET_ROLE = "update person set role = $2 where id = $1";
    SET_DISABLED = "update person set disabled = $2 where id = $1";
    SET_PASSWORD = "update person set password = $2, failures = 0, locked_until = null where id = $1";
    RENEW_PASSWORD = "update person set password = $2 where id = $1";
    SET_NEXT_SEED = "update person set next_seed_version = $2, next_seed = $3 where id = $1";
    TAKE_NEXT_SEED = "update person set seed_version = next_seed_version, seed = next_seed, \
                      next_seed_version = null, next_seed = null, last_step = $2 \
                      where id = $1 and next_seed_version is not null";
    DROP_SEED = "update person set seed_version = null, seed = null, next_seed_version = null, next_seed = null, \
                 last_step = null where id = $1";
    // Only forwards: a step serves once, also when two sign-ins race.
    TAKE_STEP = "update person set last_step = $2 where id = $1 and (last_step is null or last_step < $2)";
    SIGNED_IN = "update person set last_sign_in_at = $2, failures = 0, locked_until = null where id = $1";
    FAILED = "update person set failures = failures + 1, locked_until = $2 where id = $1 returning failures";
    EMAIL = "select email from person where id = $1 and not disabled";
    SET_EMAIL = "update person set email = $2 where id = $1";
    DELETE = "delete from person where id = $1";
}

/// A person as stored.
#[derive(Clone)]
pub struct PersonRow {
    /// Their id.
    pub id: UserId,
    /// The name they sign in with.
    pub name: String,
    /// What they are here.
    pub role: Role,
    /// What recognises their password.
    pub password: PasswordHash,
    /// Their second factor, once confirmed.
    pub seed: Option<(VersionId, Sealed)>,
    /// A second factor that was begun and not confirmed.
    pub next_seed: Option<(VersionId, Sealed)>,
    /// The last time step they signed in with.
    pub last_step: Option<i64>,
    /// Whether they are kept out.
    pub disabled: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// Failed sign-ins since the last good one.
    pub failures: i64,
    /// Until when sign-in is refused.
    pub locked_until: Option<Timestamp>,
}

/// Adds a person. [`Error::Conflict`] on `person.name_key` when the name is taken.
pub async fn insert(
    tx: &mut Transaction,
    id: UserId,
    name: &UserName,
    role: Role,
    password: &PasswordHash,
    now: Timestamp,
) -> Result<(), Error> {
    let key = search_key(name.as_str());
    tx.execute(&INSERT, args![id.uuid(), name.as_str(), key, role.name(), password.bytes(), now]).await?;
    Ok(())
}

/// The person of that id.
pub async fn find(db: &mut impl Select, id: UserId) -> Result<Option<PersonRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| person(&row)).transpose()
}

/// The person of that name, whatever the case of its letters and the form of its accents.
pub async fn find_by_name(db: &mut impl Select, name: &str) -> Result<Option<PersonRow>, Error> {
    db.fetch_optional(&BY_NAME, args![search_key(name)]).await?.map(|row| person(&row)).transpose()
}

/// Everybody, by name, at most `limit`.
pub async fn all(db: &mut impl Select, limit: u32) -> Result<Vec<PersonRow>, Error> {
    db.fetch_all(&ALL, args![limit]).await?.iter().map(person).collect()
}

/// Where somebody wants to be told of what they asked for; `None` nowhere, or they are kept out.
pub async fn email(db: &mut impl Select, id: UserId) -> Result<Option<String>, Error> {
    let row = db.fetch_optional(&EMAIL, args![id.uuid()]).await?;
    Ok(row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten())
}

/// Says where somebody wants to be told.
pub async fn set_email(tx: &mut Transaction, id: UserId, email: Option<&str>) -> Result<(), Error> {
    tx.execute(&SET_EMAIL, args![id.uuid(), email]).await.map(drop)
}

/// How many people there are.
pub async fn count(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![]).await?.get(0)
}

/// How many administrators can sign in.
pub async fn administrators(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&ADMINISTRATORS, args![]).await?.get(0)
}

/// Gives another role.
pub async fn set_role(tx: &mut Transaction, id: UserId, role: Role) -> Result<(), Error> {
    tx.execute(&SET_ROLE, args![id.uuid(), role.name()]).await.map(drop)
}

/// Keeps somebody out, or lets them in again.
pub async fn set_disabled(tx: &mut Transaction, id: UserId, disabled: bool) -> Result<(), Error> {
    tx.execute(&SET_DISABLED, args![id.uuid(), disabled]).await.map(drop)
}

/// Sets a password and forgets failed sign-ins.
pub async fn set_password(tx: &mut Transaction, id: UserId, password: &PasswordHash) -> Result<(), Error> {
    tx.execute(&SET_PASSWORD, args![id.uuid(), password.bytes()]).await.map(drop)
}

/// Begins a second factor.
pub async fn set_next_seed(tx: &mut Transaction, id: UserId, version: VersionId, seed: &Sealed) -> Result<(), Error> {
    tx.execute(&SET_NEXT_SEED, args![id.uuid(), version.uuid(), seed.bytes()]).await.map(drop)
}

/// Makes the begun second factor the one in force, `step` used up. False when none was begun.
pub async fn take_next_seed(tx: &mut Transaction, id: UserId, step: i64) -> Result<bool, Error> {
    Ok(tx.execute(&TAKE_NEXT_SEED, args![id.uuid(), step]).await? == 1)
}

/// Forgets the second factor.
pub async fn drop_seed(tx: &mut Transaction, id: UserId) -> Result<(), Error> {
    tx.execute(&DROP_SEED, args![id.uuid()]).await.map(drop)
}

/// Puts a hash of the same password in the place of the one that was stored.
pub async fn renew_password(tx: &mut Transaction, id: UserId, password: &PasswordHash) -> Result<(), Error> {
    tx.execute(&RENEW_PASSWORD, args![id.uuid(), password.bytes()]).await.map(drop)
}

/// Uses a time step up. False when it, or a later one, was used before.
pub async fn take_step(tx: &mut Transaction, id: UserId, step: i64) -> Result<bool, Error> {
    Ok(tx.execute(&TAKE_STEP, args![id.uuid(), step]).await? == 1)
}

/// Notes a good sign-in.
pub async fn signed_in(tx: &mut Transaction, id: UserId, now: Timestamp) -> Result<(), Error> {
    tx.execute(&SIGNED_IN, args![id.uuid(), now]).await.map(drop)
}

/// Notes a failed sign-in; gives how many there are since the last good one.
pub async fn failed(tx: &mut Transaction, id: UserId, locked_until: Option<Timestamp>) -> Result<i64, Error> {
    tx.fetch_one(&FAILED, args![id.uuid(), locked_until]).await?.get(0)
}

/// Removes somebody with their browsers, API tokens and grants. False when nobody has that id.
pub async fn delete(tx: &mut Transaction, id: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid()]).await? == 1)
}

fn person(row: &Row) -> Result<PersonRow, Error> {
    let role: String = row.get(2)?;
    Ok(PersonRow {
        id: UserId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        role: role.parse().map_err(|_| corrupt("person.role"))?,
        password: PasswordHash::from_bytes(row.get(3)?),
        seed: seed(row.get(4)?, row.get(5)?),
        next_seed: seed(row.get(6)?, row.get(7)?),
        last_step: row.get(8)?,
        disabled: row.get(9)?,
        created_at: row.get(10)?,
        last_sign_in_at: row.get(11)?,
        failures: row.get(12)?,
        locked_until: row.get(13)?,
    })
}

fn seed(version: Option<uuid::Uuid>, sealed: Option<Vec<u8>>) -> Option<(VersionId, Sealed)> {
    Some((VersionId::from_uuid(version?), Sealed::from_bytes(sealed?)))
}
