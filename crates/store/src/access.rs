//! What people and programs come in with: signed-in browsers and API tokens, kept as hashes.

use countersign_model::{ApiTokenId, Role, Timestamp, UserId, WebSessionId};
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, Row, Select, Transaction},
    statements,
    vault::corrupt,
};

statements! {
    INSERT_SESSION = "insert into web_session (id, token, person, created_at, last_used_at, expires_at, agent) \
                      values ($1, $2, $3, $4, $4, $5, $6)";
    SESSION = "select s.id, s.person, p.name, p.role, p.disabled, p.seed_version is not null, s.created_at, \
               s.last_used_at, s.expires_at, s.agent from web_session s join person p on p.id = s.person \
               where s.token = $1";
    SESSION_BY_ID = "select s.id, s.person, p.name, p.role, p.disabled, p.seed_version is not null, s.created_at, \
                     s.last_used_at, s.expires_at, s.agent from web_session s join person p on p.id = s.person \
                     where s.id = $1";
    SESSIONS = "select s.id, s.person, p.name, p.role, p.disabled, p.seed_version is not null, s.created_at, \
                s.last_used_at, s.expires_at, s.agent from web_session s join person p on p.id = s.person \
                where s.person = $1 order by s.last_used_at desc limit $2";
    TOUCH_SESSION = "update web_session set last_used_at = $2, expires_at = $3 where id = $1";
    DELETE_SESSION = "delete from web_session where id = $1 and person = $2";
    DELETE_SESSIONS = "delete from web_session where person = $1 and ($2 is null or id <> $2)";
    DELETE_EXPIRED = "delete from web_session where expires_at <= $1";
    INSERT_TOKEN = "insert into api_token (id, token, person, name, role, created_at, expires_at) \
                    values ($1, $2, $3, $4, $5, $6, $7)";
    TOKEN = "select t.id, t.person, p.name, t.name, t.role, p.role, p.disabled, t.created_at, t.expires_at, \
             t.last_used_at from api_token t join person p on p.id = t.person where t.token = $1";
    TOKEN_BY_ID = "select t.id, t.person, p.name, t.name, t.role, p.role, p.disabled, t.created_at, t.expires_at, \
                   t.last_used_at from api_token t join person p on p.id = t.person where t.id = $1";
    TOKENS = "select t.id, t.person, p.name, t.name, t.role, p.role, p.disabled, t.created_at, t.expires_at, \
              t.last_used_at from api_token t join person p on p.id = t.person where t.person = $1 \
              order by t.created_at desc limit $2";
    TOUCH_TOKEN = "update api_token set last_used_at = $2 where id = $1";
    DELETE_TOKEN = "delete from api_token where id = $1 and person = $2 returning name";
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone)]
pub struct WebSessionRow {
    /// Its id; its token is never stored.
    pub id: WebSessionId,
    /// Who is signed in.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Whether they are kept out.
    pub disabled: bool,
    /// Whether they have a second factor.
    pub second_factor: bool,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When the browser last asked for something, to the minute.
    pub last_used_at: Timestamp,
    /// When it ends unless used before.
    pub expires_at: Timestamp,
    /// What the browser says it is.
    pub agent: String,
}

/// A token of a program.
#[derive(Debug, Clone)]
pub struct ApiTokenRow {
    /// Its id; the token itself is never stored.
    pub id: ApiTokenId,
    /// Who owns it.
    pub person: UserId,
    /// The owner's name.
    pub person_name: String,
    /// What the owner calls it.
    pub name: String,
    /// What it was made to be.
    pub role: Role,
    /// What its owner is now.
    pub person_role: Role,
    /// Whether its owner is kept out.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Signs a browser in.
pub async fn insert_session(tx: &mut Transaction, session: &WebSessionRow, token: &Digest) -> Result<(), Error> {
    let values = args![
        session.id.uuid(),
        token.bytes(),
        session.person.uuid(),
        session.created_at,
        session.expires_at,
        &session.agent,
    ];
    tx.execute(&INSERT_SESSION, values).await.map(drop)
}

/// The browser that holds the token of this hash.
pub async fn session(db: &mut impl Select, token: &Digest) -> Result<Option<WebSessionRow>, Error> {
    db.fetch_optional(&SESSION, args![token.bytes()]).await?.map(|row| session_row(&row)).transpose()
}

/// The browser of that id.
pub async fn session_by_id(db: &mut impl Select, id: WebSessionId) -> Result<Option<WebSessionRow>, Error> {
    db.fetch_optional(&SESSION_BY_ID, args![id.uuid()]).await?.map(|row| session_row(&row)).transpose()
}

/// Somebody's browsers, the latest used first.
pub async fn sessions(db: &mut impl Select, person: UserId, limit: u32) -> Result<Vec<WebSessionRow>, Error> {
    db.fetch_all(&SESSIONS, args![person.uuid(), limit]).await?.iter().map(session_row).collect()
}

/// Notes that a browser was used and ends later.
pub async fn touch_session(
    tx: &mut Transaction,
    id: WebSessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    tx.execute(&TOUCH_SESSION, args![id.uuid(), now, expires_at]).await.map(drop)
}

/// Signs one of somebody's browsers out. False when they have none of that id.
pub async fn delete_session(tx: &mut Transaction, id: WebSessionId, person: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE_SESSION, args![id.uuid(), person.uuid()]).await? == 1)
}

/// Signs all of somebody's browsers out, but one if told so.
pub async fn delete_sessions(tx: &mut Transaction, person: UserId, except: Option<WebSessionId>) -> Result<u64, Error> {
    tx.execute(&DELETE_SESSIONS, args![person.uuid(), except.map(WebSessionId::uuid)]).await
}

/// Forgets browsers whose time is over.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, Error> {
    tx.execute(&DELETE_EXPIRED, args![now]).await
}

/// Adds an API token.
pub async fn insert_token(tx: &mut Transaction, token: &ApiTokenRow, hash: &Digest) -> Result<(), Error> {
    let values = args![
        token.id.uuid(),
        hash.bytes(),
        token.person.uuid(),
        &token.name,
        token.role.name(),
        token.created_at,
        token.expires_at,
    ];
    tx.execute(&INSERT_TOKEN, values).await.map(drop)
}

/// The API token of this hash.
pub async fn token(db: &mut impl Select, hash: &Digest) -> Result<Option<ApiTokenRow>, Error> {
    db.fetch_optional(&TOKEN, args![hash.bytes()]).await?.map(|row| token_row(&row)).transpose()
}

/// The API token of that id.
pub async fn token_by_id(db: &mut impl Select, id: ApiTokenId) -> Result<Option<ApiTokenRow>, Error> {
    db.fetch_optional(&TOKEN_BY_ID, args![id.uuid()]).await?.map(|row| token_row(&row)).transpose()
}

/// Somebody's API tokens, the newest first.
pub async fn tokens(db: &mut impl Select, person: UserId, limit: u32) -> Result<Vec<ApiTokenRow>, Error> {
    db.fetch_all(&TOKENS, args![person.uuid(), limit]).await?.iter().map(token_row).collect()
}

/// Notes that an API token was used.
pub async fn touch_token(tx: &mut Transaction, id: ApiTokenId, now: Timestamp) -> Result<(), Error> {
    tx.execute(&TOUCH_TOKEN, args![id.uuid(), now]).await.map(drop)
}

/// Revokes one of somebody's API tokens; gives its name, or `None` when they have none of that id.
pub async fn delete_token(tx: &mut Transaction, id: ApiTokenId, person: UserId) -> Result<Option<String>, Error> {
    tx.fetch_optional(&DELETE_TOKEN, args![id.uuid(), person.uuid()]).await?.map(|row| row.get(0)).transpose()
}

fn session_row(row: &Row) -> Result<WebSessionRow, Error> {
    Ok(WebSessionRow {
        id: WebSessionId::from_uuid(row.get(0)?),
        person: UserId::from_uuid(row.get(1)?),
        name: row.get(2)?,
        role: role(&row.get::<String>(3)?)?,
        disabled: row.get(4)?,
        second_factor: row.get(5)?,
        created_at: row.get(6)?,
        last_used_at: row.get(7)?,
        expires_at: row.get(8)?,
        agent: row.get(9)?,
    })
}

fn token_row(row: &Row) -> Result<ApiTokenRow, Error> {
    Ok(ApiTokenRow {
        id: ApiTokenId::from_uuid(row.get(0)?),
        person: UserId::from_uuid(row.get(1)?),
        person_name: row.get(2)?,
        name: row.get(3)?,
        role: role(&row.get::<String>(4)?)?,
        person_role: role(&row.get::<String>(5)?)?,
        disabled: row.get(6)?,
        created_at: row.get(7)?,
        expires_at: row.get(8)?,
        last_used_at: row.get(9)?,
    })
}

fn role(name: &str) -> Result<Role, Error> {
    name.parse().map_err(|_| corrupt("role"))
}
