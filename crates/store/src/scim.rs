//! What an identity provider comes in by, whom it has provisioned, and which groups are its.

use countersign_model::{GroupId, ScimTokenId, Timestamp, UserId};
use countersign_seal::{Digest, MarkedRow};
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction},
    keys::marks,
    statements,
};

statements! {
    INSERT_TOKEN = "insert into scim_token (id, token, adopt, created_at, created_by, expires_at, mark) \
                    values ($1, $2, $3, $4, $5, $6, $7)";
    TOKEN = "select id, mark, token, adopt, created_at, expires_at, created_by, last_used_at from scim_token where token = $1";
    TOKEN_BY_ID = "select id, mark, token, adopt, created_at, expires_at, created_by, last_used_at from scim_token \
                   where id = $1";
    TOKENS = "select id, mark, token, adopt, created_at, expires_at, created_by, last_used_at from scim_token \
              order by created_at desc, id desc";
    UPDATE_TOKEN = "update scim_token set adopt = $2, expires_at = $3, mark = $4 where id = $1";
    TOUCH_TOKEN = "update scim_token set last_used_at = $2 where id = $1";
    DELETE_TOKEN = "delete from scim_token where id = $1";
    FORGET_TOKENS = "delete from scim_token where expires_at <= $1";
    PUT_USER = "insert into scim_user (person, external_id, attributes, updated_at, mark) values ($1, $2, $3, $4, $5) \
                on conflict (person) do update set external_id = excluded.external_id, attributes = excluded.attributes, \
                updated_at = excluded.updated_at, mark = excluded.mark";
    USER = "select person, mark, external_id, attributes, updated_at from scim_user where person = $1";
    USERS = "select person, mark, external_id, attributes, updated_at from scim_user order by person";
    USERS_CALLED = "select person, mark, external_id, attributes, updated_at from scim_user where external_id = $1";
    USER_IDS = "select person from scim_user";
    DELETE_USERS = "delete from scim_user";
    PUT_GROUP = "insert into scim_group (grp, external_id, mark) values ($1, $2, $3) on conflict (grp) \
                 do update set external_id = excluded.external_id, mark = excluded.mark";
    GROUP = "select grp, mark, external_id from scim_group where grp = $1";
    GROUPS = "select grp, mark, external_id from scim_group order by grp";
    DELETE_GROUPS = "delete from scim_group";
}

/// By what a provider comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimTokenRow {
    /// Its id; the token itself is never stored.
    pub id: ScimTokenId,
    /// Whether users who are there already may be taken over by their exact name.
    pub adopt: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a provider says of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimUserRow {
    /// Who.
    pub person: UserId,
    /// What the provider calls them.
    pub external_id: Option<String>,
    /// What else it says, as the vault writes it.
    pub attributes: String,
    /// When it last said something else.
    pub updated_at: Timestamp,
}

/// Adds a token.
pub async fn insert_token(tx: &mut Transaction, row: &ScimTokenRow, hash: &Digest) -> Result<(), Error> {
    let stored = tx.keys().bearer(hash)?;
    let mark = tx.keys().mark(&token_mark(row, stored.bytes()))?;
    let values = args![row.id.uuid(), stored.bytes(), row.adopt, row.created_at, &row.created_by, row.expires_at, mark];
    tx.execute(&INSERT_TOKEN, values).await.map(drop)
}

/// The token of this hash.
pub async fn token(db: &mut impl Select, hash: &Digest) -> Result<Option<ScimTokenRow>, Error> {
    let stored = db.keys().bearer(hash)?;
    let row = db.fetch_optional(&TOKEN, args![stored.bytes()]).await?;
    row.map(|row| read_token(db.keys(), &row).map(|(row, _)| row)).transpose()
}

/// The token of that id.
pub async fn token_by_id(db: &mut impl Select, id: ScimTokenId) -> Result<Option<ScimTokenRow>, Error> {
    let row = db.fetch_optional(&TOKEN_BY_ID, args![id.uuid()]).await?;
    row.map(|row| read_token(db.keys(), &row).map(|(row, _)| row)).transpose()
}

/// All tokens, the newest first.
pub async fn tokens(db: &mut impl Select) -> Result<Vec<ScimTokenRow>, Error> {
    let rows = db.fetch_all(&TOKENS, args![]).await?;
    rows.iter().map(|row| read_token(db.keys(), row).map(|(row, _)| row)).collect()
}

/// Says anew of every token what it may, and when it ends; gives those that are others now.
pub async fn change_tokens(
    tx: &mut Transaction,
    change: impl Fn(&mut ScimTokenRow),
) -> Result<Vec<ScimTokenRow>, Error> {
    let mut changed = Vec::new();
    for row in tx.fetch_all(&TOKENS, args![]).await? {
        let (before, stored) = read_token(tx.keys(), &row)?;
        let mut row = before.clone();
        change(&mut row);
        if row != before {
            let mark = tx.keys().mark(&token_mark(&row, &stored))?;
            tx.execute(&UPDATE_TOKEN, args![row.id.uuid(), row.adopt, row.expires_at, mark]).await?;
            changed.push(row);
        }
    }
    Ok(changed)
}

/// Notes that a token was used.
pub async fn touch_token(tx: &mut Transaction, id: ScimTokenId, now: Timestamp) -> Result<(), Error> {
    tx.execute(&TOUCH_TOKEN, args![id.uuid(), now]).await.map(drop)
}

/// Removes a token.
pub async fn delete_token(tx: &mut Transaction, id: ScimTokenId) -> Result<(), Error> {
    tx.execute(&DELETE_TOKEN, args![id.uuid()]).await.map(drop)
}

/// Forgets tokens that ended before.
pub async fn forget_tokens(tx: &mut Transaction, before: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_TOKENS, args![before]).await.map(drop)
}

/// Keeps what a provider says of somebody, who is provisioned from then on.
pub async fn put_user(tx: &mut Transaction, row: &ScimUserRow) -> Result<(), Error> {
    let mark = tx.keys().mark(&marks::scim_user(row.person.uuid(), row.external_id.as_deref()))?;
    let values = args![row.person.uuid(), row.external_id.as_deref(), &row.attributes, row.updated_at, mark];
    tx.execute(&PUT_USER, values).await.map(drop)
}

/// What a provider says of somebody; `None` where they were not provisioned.
pub async fn user(db: &mut impl Select, person: UserId) -> Result<Option<ScimUserRow>, Error> {
    let row = db.fetch_optional(&USER, args![person.uuid()]).await?;
    row.map(|row| read_user(db.keys(), &row)).transpose()
}

/// Everybody who was provisioned, the first first.
pub async fn users(db: &mut impl Select) -> Result<Vec<ScimUserRow>, Error> {
    db.fetch_all(&USERS, args![]).await?.iter().map(|row| read_user(db.keys(), row)).collect()
}

/// Whom a provider calls so.
pub async fn users_called(db: &mut impl Select, external_id: &str) -> Result<Vec<ScimUserRow>, Error> {
    db.fetch_all(&USERS_CALLED, args![external_id]).await?.iter().map(|row| read_user(db.keys(), row)).collect()
}

/// The ids of everybody who was provisioned.
pub async fn user_ids(db: &mut impl Select) -> Result<Vec<UserId>, Error> {
    db.fetch_all(&USER_IDS, args![]).await?.iter().map(|row| Ok(UserId::from_uuid(row.get(0)?))).collect()
}

/// Makes a group one of the provider's, which calls it so.
pub async fn put_group(tx: &mut Transaction, group: GroupId, external_id: Option<&str>) -> Result<(), Error> {
    let mark = tx.keys().mark(&marks::scim_group(group.uuid(), external_id))?;
    tx.execute(&PUT_GROUP, args![group.uuid(), external_id, mark]).await.map(drop)
}

/// What the provider calls a group, if anything; the outer `None` where it is none of the provider's.
pub async fn group(db: &mut impl Select, group: GroupId) -> Result<Option<Option<String>>, Error> {
    let row = db.fetch_optional(&GROUP, args![group.uuid()]).await?;
    Ok(row.map(|row| read_group(db.keys(), &row)).transpose()?.map(|(_, external)| external))
}

/// Every group of the provider's, with what it calls it.
pub async fn groups(db: &mut impl Select) -> Result<Vec<(GroupId, Option<String>)>, Error> {
    db.fetch_all(&GROUPS, args![]).await?.iter().map(|row| read_group(db.keys(), row)).collect()
}

/// Forgets who and what was provisioned: people and groups stay, and are everybody's to change. Says how many there were.
pub async fn release_all(tx: &mut Transaction) -> Result<(u64, u64), Error> {
    Ok((tx.execute(&DELETE_USERS, args![]).await?, tx.execute(&DELETE_GROUPS, args![]).await?))
}

fn token_mark(row: &ScimTokenRow, stored: &[u8]) -> MarkedRow {
    marks::scim_token(row.id.uuid(), stored, row.adopt, row.created_at, row.expires_at)
}

fn read_token(keys: &MarkKeys, row: &Row) -> Result<(ScimTokenRow, Vec<u8>), Error> {
    let stored: Vec<u8> = row.get(2)?;
    let read = ScimTokenRow {
        id: ScimTokenId::from_uuid(row.get(0)?),
        adopt: row.get(3)?,
        created_at: row.get(4)?,
        created_by: row.get(6)?,
        expires_at: row.get(5)?,
        last_used_at: row.get(7)?,
    };
    let mark: Option<Vec<u8>> = row.get(1)?;
    keys.check("provisioning token", &read.id.to_string(), &token_mark(&read, &stored), mark.as_deref())?;
    Ok((read, stored))
}

fn read_user(keys: &MarkKeys, row: &Row) -> Result<ScimUserRow, Error> {
    let (person, external_id): (Uuid, Option<String>) = (row.get(0)?, row.get(2)?);
    let marked = marks::scim_user(person, external_id.as_deref());
    let mark: Option<Vec<u8>> = row.get(1)?;
    keys.check("provisioned user", &person.to_string(), &marked, mark.as_deref())?;
    let (attributes, updated_at) = (row.get(3)?, row.get(4)?);
    Ok(ScimUserRow { person: UserId::from_uuid(person), external_id, attributes, updated_at })
}

fn read_group(keys: &MarkKeys, row: &Row) -> Result<(GroupId, Option<String>), Error> {
    let (group, external_id): (Uuid, Option<String>) = (row.get(0)?, row.get(2)?);
    let marked = marks::scim_group(group, external_id.as_deref());
    let mark: Option<Vec<u8>> = row.get(1)?;
    keys.check("provisioned group", &group.to_string(), &marked, mark.as_deref())?;
    Ok((GroupId::from_uuid(group), external_id))
}
