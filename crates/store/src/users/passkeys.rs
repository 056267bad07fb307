//! Passkeys. What of them counts is `countersign_identity`'s to say; here they are texts. How many somebody has also stands in
//! their own row, under its mark.

use countersign_model::{PasskeyId, PasskeyName, Timestamp, UserId};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction},
    keys::marks,
    statements,
    users::people,
};

statements! {
    INSERT = "insert into passkey (id, mark, person, credential, name, stored, created_at) values ($1, $2, $3, $4, $5, $6, $7)";
    BY_CREDENTIAL = "select id, mark, person, credential, name, stored, created_at, last_used_at from passkey where credential = $1";
    OF_PERSON = "select id, mark, person, credential, name, stored, created_at, last_used_at from passkey where person = $1 \
                 order by created_at, id limit $2";
    // Only if it still is as it was read: of two who were shown the same counter, one is first.
    USE = "update passkey set mark = $2, stored = $3, last_used_at = $4 where id = $1 and stored = $5";
    DELETE = "delete from passkey where id = $1 and person = $2 returning name";
    DELETE_ALL = "delete from passkey where person = $1";
}

/// A passkey as stored.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// Its id here.
    pub id: PasskeyId,
    /// Whose it is.
    pub person: UserId,
    /// The authenticator's own id of it.
    pub credential: Vec<u8>,
    /// What its person calls it.
    pub name: String,
    /// The public key, and what else is known.
    pub stored: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last let somebody in.
    pub last_used_at: Option<Timestamp>,
}

/// What is to be kept of a new passkey.
pub struct NewPasskeyRow<'a> {
    /// Its id here.
    pub id: PasskeyId,
    /// Whose it is.
    pub person: UserId,
    /// The authenticator's own id of it.
    pub credential: &'a [u8],
    /// What its person calls it.
    pub name: &'a PasskeyName,
    /// The public key, and what else is known.
    pub stored: &'a str,
}

/// Adds a passkey. False when its person has `most` already; [`Error::Conflict`] on `passkey.credential` when somebody has it.
pub async fn insert(tx: &mut Transaction, new: &NewPasskeyRow<'_>, most: usize, now: Timestamp) -> Result<bool, Error> {
    if !people::count_passkey(tx, new.person, most).await? {
        return Ok(false);
    }
    let (id, person, name) = (new.id.uuid(), new.person.uuid(), new.name.as_str());
    let (credential, stored) = (new.credential, new.stored);
    let marked = marks::MarkedPasskey { id, person, credential, name, stored, created_at: now };
    let mark = tx.keys().mark(&marked.row())?;
    tx.execute(&INSERT, args![id, mark, person, credential, name, stored, now]).await?;
    Ok(true)
}

/// The passkey of which this is the authenticator's own id.
pub async fn find(db: &mut impl Select, credential: &[u8]) -> Result<Option<PasskeyRow>, Error> {
    db.fetch_optional(&BY_CREDENTIAL, args![credential]).await?.map(|row| passkey(db.keys(), &row)).transpose()
}

/// Somebody's passkeys, the first one first.
pub async fn of(db: &mut impl Select, person: UserId, limit: u32) -> Result<Vec<PasskeyRow>, Error> {
    let rows = db.fetch_all(&OF_PERSON, args![person.uuid(), limit]).await?;
    rows.iter().map(|row| passkey(db.keys(), row)).collect()
}

/// Notes that a passkey was used, with what is known of it from now on. False when it is gone, or another use was faster.
pub async fn used(tx: &mut Transaction, row: &PasskeyRow, stored: &str, now: Timestamp) -> Result<bool, Error> {
    let (id, person) = (row.id.uuid(), row.person.uuid());
    let (credential, name, created_at) = (&row.credential, &row.name, row.created_at);
    let mark = tx.keys().mark(&marks::MarkedPasskey { id, person, credential, name, stored, created_at }.row())?;
    Ok(tx.execute(&USE, args![id, mark, stored, now, &row.stored]).await? == 1)
}

/// Removes one of somebody's passkeys; gives its name, or `None` when they have none of that id.
pub async fn delete(tx: &mut Transaction, id: PasskeyId, person: UserId) -> Result<Option<String>, Error> {
    let Some(row) = tx.fetch_optional(&DELETE, args![id.uuid(), person.uuid()]).await? else { return Ok(None) };
    people::discount_passkey(tx, person).await?;
    row.get(0).map(Some)
}

/// Removes all of somebody's passkeys, whose own row is for the caller to write; says how many.
pub async fn delete_all(tx: &mut Transaction, person: UserId) -> Result<u64, Error> {
    tx.execute(&DELETE_ALL, args![person.uuid()]).await
}

fn passkey(keys: &MarkKeys, row: &Row) -> Result<PasskeyRow, Error> {
    let read = PasskeyRow {
        id: PasskeyId::from_uuid(row.get(0)?),
        person: UserId::from_uuid(row.get(2)?),
        credential: row.get(3)?,
        name: row.get(4)?,
        stored: row.get(5)?,
        created_at: row.get(6)?,
        last_used_at: row.get(7)?,
    };
    let marked = marks::with_passkey(row, |passkey| passkey.row())?;
    keys.check("passkey", &read.name, &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    Ok(read)
}
