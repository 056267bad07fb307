//! Browser extensions that people have paired, the codes by which they are, and which of their requests were taken.

use countersign_model::{DeviceId, DeviceName, Role, Timestamp, UserId};
use countersign_seal::{DeviceKey, Digest};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
    users::people::{self, PersonRow},
};

statements! {
    INSERT = "insert into device (id, mark, person, name, public_key, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)";
    BY_ID = "select id, mark, person, name, public_key, created_at, expires_at, last_used_at from device where id = $1";
    OF_PERSON = "select id, mark, person, name, public_key, created_at, expires_at, last_used_at from device where person = $1 \
                 order by created_at desc, id desc limit $2";
    TOUCH = "update device set last_used_at = $2 where id = $1";
    DELETE = "delete from device where id = $1 and person = $2 returning name";
    DELETE_ALL = "delete from device where person = $1";
    DELETE_EXPIRED = "delete from device where expires_at <= $1";
    PUT_CODE = "insert into pairing_code (person, token, expires_at, mark) values ($1, $2, $3, $4) on conflict (person) \
                do update set token = excluded.token, expires_at = excluded.expires_at, mark = excluded.mark";
    TAKE_CODE = "delete from pairing_code where token = $1 returning person, expires_at, mark";
    DELETE_CODE = "delete from pairing_code where person = $1";
    DELETE_OLD_CODES = "delete from pairing_code where expires_at <= $1";
    FORGET_REQUESTS = "delete from device_request where expires_at <= $1";
    REQUESTS = "select count(*) from device_request where device = $1";
    TAKE_REQUEST = "insert into device_request (device, nonce, expires_at) values ($1, $2, $3) on conflict do nothing";
}

/// A browser extension of somebody's.
#[derive(Debug, Clone)]
pub struct DeviceRow {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub person: UserId,
    /// Their name.
    pub person_name: String,
    /// What they are now.
    pub person_role: Role,
    /// Whether they are kept out.
    pub disabled: bool,
    /// What they call it.
    pub name: String,
    /// The public half of its key.
    pub key: DeviceKey,
    /// When it was paired.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it last asked for something, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A browser extension to add.
pub struct NewDeviceRow<'a> {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub person: UserId,
    /// What they call it.
    pub name: &'a DeviceName,
    /// The public half of its key.
    pub key: &'a DeviceKey,
    /// When it is paired.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What became of a request that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenRequest {
    /// It is the first of that number.
    New,
    /// It was taken before.
    Before,
    /// The extension has sent too many.
    TooMany,
}

/// Adds an extension.
pub async fn insert(tx: &mut Transaction, new: &NewDeviceRow<'_>) -> Result<(), Error> {
    let (id, person, name) = (new.id.uuid(), new.person.uuid(), new.name.as_str());
    let (key, created_at, expires_at) = (new.key.bytes().as_slice(), new.created_at, new.expires_at);
    let marked = marks::MarkedDevice { id, person, name, key, created_at, expires_at };
    let mark = tx.keys().mark(&marked.row())?;
    tx.execute(&INSERT, args![id, mark, person, name, key, created_at, expires_at]).await.map(drop)
}

/// The extension of that id.
pub async fn find(db: &mut impl Select, id: DeviceId) -> Result<Option<DeviceRow>, Error> {
    let Some(row) = db.fetch_optional(&BY_ID, args![id.uuid()]).await? else { return Ok(None) };
    // The person's own row has a mark of its own, so it is read as a whole.
    let person = people::find(db, UserId::from_uuid(row.get(2)?)).await?;
    person.map(|person| device(db.keys(), &row, &person)).transpose()
}

/// Somebody's extensions, the newest first.
pub async fn of(db: &mut impl Select, person: UserId, limit: u32) -> Result<Vec<DeviceRow>, Error> {
    let Some(owner) = people::find(db, person).await? else { return Ok(Vec::new()) };
    let rows = db.fetch_all(&OF_PERSON, args![person.uuid(), limit]).await?;
    rows.iter().map(|row| device(db.keys(), row, &owner)).collect()
}

/// Notes that an extension asked for something.
pub async fn touch(tx: &mut Transaction, id: DeviceId, now: Timestamp) -> Result<(), Error> {
    tx.execute(&TOUCH, args![id.uuid(), now]).await.map(drop)
}

/// Removes one of somebody's extensions; gives its name, or `None` when they have none of that id.
pub async fn delete(tx: &mut Transaction, id: DeviceId, person: UserId) -> Result<Option<String>, Error> {
    tx.fetch_optional(&DELETE, args![id.uuid(), person.uuid()]).await?.map(|row| row.get(0)).transpose()
}

/// Removes all of somebody's extensions, and the code by which another would be paired; says how many there were.
pub async fn delete_all(tx: &mut Transaction, person: UserId) -> Result<u64, Error> {
    tx.execute(&DELETE_CODE, args![person.uuid()]).await?;
    tx.execute(&DELETE_ALL, args![person.uuid()]).await
}

/// Forgets extensions, codes and requests whose time is over.
pub async fn forget(tx: &mut Transaction, now: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_REQUESTS, args![now]).await?;
    tx.execute(&DELETE_OLD_CODES, args![now]).await?;
    tx.execute(&DELETE_EXPIRED, args![now]).await.map(drop)
}

/// Keeps the code by which a person pairs an extension, by its hash, in the place of any before.
pub async fn put_code(tx: &mut Transaction, person: UserId, code: &Digest, expires_at: Timestamp) -> Result<(), Error> {
    let token = tx.keys().bearer(code)?;
    let mark = tx.keys().mark(&marks::pairing_code(person.uuid(), token.bytes(), expires_at))?;
    tx.execute(&PUT_CODE, args![person.uuid(), token.bytes(), expires_at, mark]).await.map(drop)
}

/// Takes a code, which serves once. Says whose it was; `None` when it is nobody's, or too old.
pub async fn take_code(tx: &mut Transaction, code: &Digest, now: Timestamp) -> Result<Option<UserId>, Error> {
    let token = tx.keys().bearer(code)?;
    let Some(row) = tx.fetch_optional(&TAKE_CODE, args![token.bytes()]).await? else { return Ok(None) };
    let (person, expires_at) = (row.get(0)?, row.get(1)?);
    let marked = marks::pairing_code(person, token.bytes(), expires_at);
    tx.keys().check("pairing code of user", &person.to_string(), &marked, Some(&row.get::<Vec<u8>>(2)?))?;
    Ok((now < expires_at).then(|| UserId::from_uuid(person)))
}

/// Takes a request by its number, unless it was taken before or more than `most` of that extension are remembered.
pub async fn take_request(
    tx: &mut Transaction,
    device: DeviceId,
    nonce: &[u8],
    (expires_at, now): (Timestamp, Timestamp),
    most: i64,
) -> Result<TakenRequest, Error> {
    tx.execute(&FORGET_REQUESTS, args![now]).await?;
    if tx.fetch_one(&REQUESTS, args![device.uuid()]).await?.get::<i64>(0)? >= most {
        return Ok(TakenRequest::TooMany);
    }
    let taken = tx.execute(&TAKE_REQUEST, args![device.uuid(), nonce, expires_at]).await?;
    Ok(if taken == 1 { TakenRequest::New } else { TakenRequest::Before })
}

fn device(keys: &MarkKeys, row: &Row, person: &PersonRow) -> Result<DeviceRow, Error> {
    let key: Vec<u8> = row.get(4)?;
    let read = DeviceRow {
        id: DeviceId::from_uuid(row.get(0)?),
        person: person.id,
        person_name: person.name.clone(),
        person_role: person.role,
        disabled: person.disabled,
        name: row.get(3)?,
        key: DeviceKey::from_bytes(&key).ok_or_else(|| corrupt("device.public_key"))?,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        last_used_at: row.get(7)?,
    };
    let marked = marks::with_device(row)?;
    keys.check("browser extension", &read.name, &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    Ok(read)
}
