//! What people and programs come in with: signed-in browsers and API tokens, kept as hashes.

use countersign_model::{ApiTokenId, Role, Timestamp, UserId, WebSessionId};
use countersign_seal::{Digest, MarkedRow};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
    users::{
        device_logins,
        people::{self, PersonRow},
    },
};

statements! {
    INSERT_SESSION = "insert into web_session (id, token, person, created_at, last_used_at, expires_at, agent, \
                      confirmed_at, mark, came_by, address) values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10)";
    SESSION = "select id, token, person, created_at, last_used_at, expires_at, agent, confirmed_at, mark, came_by, address \
               from web_session where token = $1";
    SESSION_BY_ID = "select id, token, person, created_at, last_used_at, expires_at, agent, confirmed_at, mark, came_by, address \
                     from web_session where id = $1";
    SESSIONS = "select id, token, person, created_at, last_used_at, expires_at, agent, confirmed_at, mark, came_by, address \
                from web_session where person = $1 order by last_used_at desc limit $2";
    // Takes the row, so that what is written was read from the same row.
    HOLD_SESSION = "update web_session set id = id where id = $1 returning id, token, person, created_at, last_used_at, \
                    expires_at, agent, confirmed_at, mark, came_by, address";
    CONFIRM_SESSION = "update web_session set confirmed_at = $2, mark = $3 where id = $1";
    TOUCH_SESSION = "update web_session set last_used_at = $2, expires_at = $3, mark = $4 where id = $1";
    DELETE_SESSION = "delete from web_session where id = $1 and person = $2";
    DELETE_SESSIONS = "delete from web_session where person = $1 and ($2 is null or id <> $2)";
    BY_PROVIDER = "select id, token, person, created_at, last_used_at, expires_at, agent, confirmed_at, mark, came_by, address \
                   from web_session where came_by is not null";
    DELETE_EXPIRED = "delete from web_session where expires_at <= $1";
    INSERT_TOKEN = "insert into api_token (id, token, person, name, role, created_at, expires_at, admin, legacy, parent, \
                    mark) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    TOKEN = "select id, token, person, name, role, created_at, expires_at, last_used_at, admin, legacy, parent, mark \
             from api_token where token = $1";
    TOKEN_BY_ID = "select id, token, person, name, role, created_at, expires_at, last_used_at, admin, legacy, parent, mark \
                   from api_token where id = $1";
    TOKENS = "select id, token, person, name, role, created_at, expires_at, last_used_at, admin, legacy, parent, mark \
              from api_token where person = $1 order by created_at desc limit $2";
    TOUCH_TOKEN = "update api_token set last_used_at = $2 where id = $1";
    DELETE_TOKEN = "delete from api_token where id = $1 and person = $2 returning name";
    DELETE_TOKENS = "delete from api_token where person = $1";
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
    /// Whether they have a second factor, here or, in this browser, by the provider's word.
    pub second_factor: bool,
    /// Whether they change their password before anything else, where they came by it.
    pub must_change: bool,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When the browser last asked for something, to the minute.
    pub last_used_at: Timestamp,
    /// When it ends unless used before.
    pub expires_at: Timestamp,
    /// What the browser says it is.
    pub agent: String,
    /// From where its person signed in, where that is known.
    pub address: Option<String>,
    /// When password and second factor were last shown in it.
    pub confirmed_at: Timestamp,
    /// By what its person came in.
    pub came_by: CameBy,
}

/// By what somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameBy {
    /// Their password.
    Password,
    /// The provider, in place of a password.
    Provider,
    /// The provider, which vouches for the second factor too.
    ProviderForBoth,
}

impl CameBy {
    const fn stored(self) -> Option<&'static str> {
        match self {
            Self::Password => None,
            Self::Provider => Some("provider"),
            Self::ProviderForBoth => Some("provider_both"),
        }
    }

    fn read(stored: Option<&str>) -> Result<Self, Error> {
        let all = [Self::Password, Self::Provider, Self::ProviderForBoth];
        all.into_iter().find(|it| it.stored() == stored).ok_or_else(|| corrupt("web_session.came_by"))
    }
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
    /// Whether it may manage people, grants and automation.
    pub admin: bool,
    /// Whether it is from before tokens had a scope.
    pub legacy: bool,
    /// The token that it was made by, and ends with.
    pub parent: Option<ApiTokenId>,
}

/// Signs a browser in.
pub async fn insert_session(tx: &mut Transaction, session: &WebSessionRow, token: &Digest) -> Result<(), Error> {
    let token = tx.keys().bearer(token)?;
    let marked = marks::MarkedSession {
        id: session.id.uuid(),
        token: token.bytes(),
        person: session.person.uuid(),
        created_at: session.created_at,
        confirmed_at: session.confirmed_at,
        expires_at: session.expires_at,
        came_by: session.came_by.stored(),
    };
    let mark = tx.keys().mark(&marked.row())?;
    let values = args![
        session.id.uuid(),
        token.bytes(),
        session.person.uuid(),
        session.created_at,
        session.expires_at,
        &session.agent,
        session.confirmed_at,
        mark,
        session.came_by.stored(),
        session.address.as_deref(),
    ];
    tx.execute(&INSERT_SESSION, values).await.map(drop)
}

/// The browser that holds the token of this hash.
pub async fn session(db: &mut impl Select, token: &Digest) -> Result<Option<WebSessionRow>, Error> {
    let token = db.keys().bearer(token)?;
    let row = db.fetch_optional(&SESSION, args![token.bytes()]).await?;
    one_session(db, row).await
}

/// The browser of that id.
pub async fn session_by_id(db: &mut impl Select, id: WebSessionId) -> Result<Option<WebSessionRow>, Error> {
    let row = db.fetch_optional(&SESSION_BY_ID, args![id.uuid()]).await?;
    one_session(db, row).await
}

async fn one_session(db: &mut impl Select, row: Option<Row>) -> Result<Option<WebSessionRow>, Error> {
    let Some(row) = row else { return Ok(None) };
    // The person's own row has a mark of its own, so it is read as a whole.
    let person = people::find(db, UserId::from_uuid(row.get(2)?)).await?;
    person.map(|person| session_row(db.keys(), &row, &person)).transpose()
}

/// Somebody's browsers, the latest used first.
pub async fn sessions(db: &mut impl Select, person: UserId, limit: u32) -> Result<Vec<WebSessionRow>, Error> {
    let Some(owner) = people::find(db, person).await? else { return Ok(Vec::new()) };
    let rows = db.fetch_all(&SESSIONS, args![person.uuid(), limit]).await?;
    rows.iter().map(|row| session_row(db.keys(), row, &owner)).collect()
}

/// Notes that a browser was used and ends later.
pub async fn touch_session(
    tx: &mut Transaction,
    id: WebSessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let change = |session: marks::MarkedSession<'_>| marks::MarkedSession { expires_at, ..session }.row();
    let Some(mark) = marked_anew(tx, id, change).await? else { return Ok(()) };
    tx.execute(&TOUCH_SESSION, args![id.uuid(), now, expires_at, mark]).await.map(drop)
}

/// Notes that password and second factor were shown once more in a browser.
pub async fn confirm_session(tx: &mut Transaction, id: WebSessionId, now: Timestamp) -> Result<(), Error> {
    let change = |session: marks::MarkedSession<'_>| marks::MarkedSession { confirmed_at: now, ..session }.row();
    let Some(mark) = marked_anew(tx, id, change).await? else { return Ok(()) };
    tx.execute(&CONFIRM_SESSION, args![id.uuid(), now, mark]).await.map(drop)
}

/// Holds a browser's row, compares its mark, and gives the mark of what it becomes; `None` when it is gone.
async fn marked_anew(
    tx: &mut Transaction,
    id: WebSessionId,
    change: impl FnOnce(marks::MarkedSession<'_>) -> MarkedRow,
) -> Result<Option<Vec<u8>>, Error> {
    let Some(row) = tx.fetch_optional(&HOLD_SESSION, args![id.uuid()]).await? else { return Ok(None) };
    check_session(tx.keys(), &row)?;
    let (token, came_by): (Vec<u8>, Option<String>) = (row.get(1)?, row.get(9)?);
    Ok(Some(tx.keys().mark(&change(marked_session(&row, &token, came_by.as_deref())?))?))
}

fn marked_session<'a>(row: &Row, token: &'a [u8], came_by: Option<&'a str>) -> Result<marks::MarkedSession<'a>, Error> {
    Ok(marks::MarkedSession {
        id: row.get(0)?,
        token,
        person: row.get(2)?,
        created_at: row.get(3)?,
        confirmed_at: row.get(7)?,
        expires_at: row.get(5)?,
        came_by,
    })
}

/// Every browser whose person came by the provider.
pub async fn sessions_by_provider(db: &mut impl Select) -> Result<Vec<(WebSessionId, UserId)>, Error> {
    let rows = db.fetch_all(&BY_PROVIDER, args![]).await?;
    let read = |row: &Row| {
        check_session(db.keys(), row)?;
        Ok((WebSessionId::from_uuid(row.get(0)?), UserId::from_uuid(row.get(2)?)))
    };
    rows.iter().map(read).collect()
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
    let stored = tx.keys().bearer(hash)?;
    let marked = marks::MarkedToken {
        id: token.id.uuid(),
        token: stored.bytes(),
        person: token.person.uuid(),
        name: &token.name,
        role: token.role.name(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        admin: token.admin,
        legacy: token.legacy,
        parent: token.parent.map(ApiTokenId::uuid),
    };
    let mark = tx.keys().mark(&marked.row())?;
    let values = args![
        token.id.uuid(),
        stored.bytes(),
        token.person.uuid(),
        &token.name,
        token.role.name(),
        token.created_at,
        token.expires_at,
        token.admin,
        token.legacy,
        token.parent.map(ApiTokenId::uuid),
        mark,
    ];
    tx.execute(&INSERT_TOKEN, values).await.map(drop)
}

/// The API token of this hash.
pub async fn token(db: &mut impl Select, hash: &Digest) -> Result<Option<ApiTokenRow>, Error> {
    let stored = db.keys().bearer(hash)?;
    let row = db.fetch_optional(&TOKEN, args![stored.bytes()]).await?;
    one_token(db, row).await
}

/// The API token of that id.
pub async fn token_by_id(db: &mut impl Select, id: ApiTokenId) -> Result<Option<ApiTokenRow>, Error> {
    let row = db.fetch_optional(&TOKEN_BY_ID, args![id.uuid()]).await?;
    one_token(db, row).await
}

async fn one_token(db: &mut impl Select, row: Option<Row>) -> Result<Option<ApiTokenRow>, Error> {
    let Some(row) = row else { return Ok(None) };
    let person = people::find(db, UserId::from_uuid(row.get(2)?)).await?;
    person.map(|person| token_row(db.keys(), &row, &person)).transpose()
}

/// Somebody's API tokens, the newest first.
pub async fn tokens(db: &mut impl Select, person: UserId, limit: u32) -> Result<Vec<ApiTokenRow>, Error> {
    let Some(owner) = people::find(db, person).await? else { return Ok(Vec::new()) };
    let rows = db.fetch_all(&TOKENS, args![person.uuid(), limit]).await?;
    rows.iter().map(|row| token_row(db.keys(), row, &owner)).collect()
}

/// Notes that an API token was used.
pub async fn touch_token(tx: &mut Transaction, id: ApiTokenId, now: Timestamp) -> Result<(), Error> {
    tx.execute(&TOUCH_TOKEN, args![id.uuid(), now]).await.map(drop)
}

/// Revokes one of somebody's API tokens; gives its name, or `None` when they have none of that id.
pub async fn delete_token(tx: &mut Transaction, id: ApiTokenId, person: UserId) -> Result<Option<String>, Error> {
    tx.fetch_optional(&DELETE_TOKEN, args![id.uuid(), person.uuid()]).await?.map(|row| row.get(0)).transpose()
}

/// Revokes all of somebody's API tokens, and lets none be fetched that they have approved; says how many there were.
pub async fn delete_tokens(tx: &mut Transaction, person: UserId) -> Result<u64, Error> {
    device_logins::delete_of(tx, person).await?;
    tx.execute(&DELETE_TOKENS, args![person.uuid()]).await
}

fn check_session(keys: &MarkKeys, row: &Row) -> Result<(), Error> {
    let (id, token): (uuid::Uuid, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let came_by: Option<String> = row.get(9)?;
    let marked = marked_session(row, &token, came_by.as_deref())?.row();
    keys.check("signed-in browser", &id.to_string(), &marked, row.get::<Option<Vec<u8>>>(8)?.as_deref())
}

fn session_row(keys: &MarkKeys, row: &Row, person: &PersonRow) -> Result<WebSessionRow, Error> {
    check_session(keys, row)?;
    let came_by = CameBy::read(row.get::<Option<String>>(9)?.as_deref())?;
    Ok(WebSessionRow {
        id: WebSessionId::from_uuid(row.get(0)?),
        person: person.id,
        name: person.name.clone(),
        role: person.role,
        disabled: person.disabled,
        second_factor: person.has_second_factor() || came_by == CameBy::ProviderForBoth,
        must_change: person.must_change && came_by == CameBy::Password,
        created_at: row.get(3)?,
        last_used_at: row.get(4)?,
        expires_at: row.get(5)?,
        agent: row.get(6)?,
        address: row.get(10)?,
        confirmed_at: row.get(7)?,
        came_by,
    })
}

fn token_row(keys: &MarkKeys, row: &Row, person: &PersonRow) -> Result<ApiTokenRow, Error> {
    let read = ApiTokenRow {
        id: ApiTokenId::from_uuid(row.get(0)?),
        person: person.id,
        person_name: person.name.clone(),
        name: row.get(3)?,
        role: row.get::<String>(4)?.parse().map_err(|_| corrupt("api_token.role"))?,
        person_role: person.role,
        disabled: person.disabled,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        last_used_at: row.get(7)?,
        admin: row.get(8)?,
        legacy: row.get(9)?,
        parent: row.get::<Option<uuid::Uuid>>(10)?.map(ApiTokenId::from_uuid),
    };
    let marked = marks::MarkedToken {
        id: read.id.uuid(),
        token: &row.get::<Vec<u8>>(1)?,
        person: row.get(2)?,
        name: &read.name,
        role: read.role.name(),
        created_at: read.created_at,
        expires_at: read.expires_at,
        admin: read.admin,
        legacy: read.legacy,
        parent: read.parent.map(ApiTokenId::uuid),
    };
    keys.check("API token", &read.name, &marked.row(), row.get::<Option<Vec<u8>>>(11)?.as_deref())?;
    Ok(read)
}
