//! Links by which others are let into a session.

use std::collections::HashMap;

use countersign_model::{Level, SessionId, Timestamp, UserId};
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
    INSERT_LINK = "insert into session_link (token, session, person, level, expires_at, mark) \
                   values ($1, $2, $3, $4, $5, $6)";
    USE_LINK = "update session_link set used_at = $4 where token = $1 and session = $2 and person = $3 \
                and used_at is null and expires_at > $4 returning level, token, expires_at, mark";
    LINKED = "select level, token, expires_at, mark, used_at is not null from session_link where session = $1 and person = $2 \
              and (used_at is not null or expires_at > $3)";
    LINKED_BETWEEN = "select l.level, l.token, l.expires_at, l.mark, l.used_at is not null, l.session from session_link l \
                      join session s on s.id = l.session where l.person = $1 \
                      and (l.used_at is not null or l.expires_at > $2) and s.created_at >= $3 and s.created_at <= $4";
    // Who was given a link into a session, with the widest that they have; used or not.
    LINKS = "select l.person, p.name, l.level, l.token, l.expires_at, l.mark, l.used_at from session_link l \
             join person p on p.id = l.person where l.session = $1 and (l.used_at is not null or l.expires_at > $2) \
             order by p.name_key, l.expires_at";
    WITHDRAW_LINKS = "delete from session_link where session = $1 and person = $2";
    DELETE_LINKS = "delete from session_link where session in (select id from session where ended_at < $1)";
}

/// Keeps a link by its hash.
pub async fn insert_link(
    tx: &mut Transaction,
    token: &Digest,
    session: SessionId,
    person: UserId,
    level: Level,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let token = tx.keys().bearer(token)?;
    let mark = tx.keys().mark(&marks::link(token.bytes(), session.uuid(), person.uuid(), level.name(), expires_at))?;
    let values = args![token.bytes(), session.uuid(), person.uuid(), level.name(), expires_at, mark];
    tx.execute(&INSERT_LINK, values).await.map(drop)
}

/// Uses a link; `None` when it is not of this session and person, was used, or is too old.
pub async fn use_link(
    tx: &mut Transaction,
    token: &Digest,
    session: SessionId,
    person: UserId,
    now: Timestamp,
) -> Result<Option<Level>, Error> {
    let token = tx.keys().bearer(token)?;
    let row = tx.fetch_optional(&USE_LINK, args![token.bytes(), session.uuid(), person.uuid(), now]).await?;
    row.map(|row| link_level(tx.keys(), session, person, &row)).transpose()
}

/// Links of a session to somebody that were used, or may be: how far each lets them in, and whether it was used.
pub async fn linked(
    db: &mut impl Select,
    session: SessionId,
    person: UserId,
    now: Timestamp,
) -> Result<Vec<(Level, bool)>, Error> {
    let rows = db.fetch_all(&LINKED, args![session.uuid(), person.uuid(), now]).await?;
    rows.iter().map(|row| Ok((link_level(db.keys(), session, person, row)?, row.get(4)?))).collect()
}

/// As [`linked`], of all sessions that were asked for from `oldest` to `newest`.
pub(super) async fn linked_between(
    db: &mut impl Select,
    person: UserId,
    now: Timestamp,
    oldest: Timestamp,
    newest: Timestamp,
) -> Result<HashMap<SessionId, Vec<(Level, bool)>>, Error> {
    let mut links = HashMap::<_, Vec<_>>::new();
    for row in db.fetch_all(&LINKED_BETWEEN, args![person.uuid(), now, oldest, newest]).await? {
        let session = SessionId::from_uuid(row.get(5)?);
        let link = (link_level(db.keys(), session, person, &row)?, row.get(4)?);
        links.entry(session).or_default().push(link);
    }
    Ok(links)
}

/// Somebody who was given a link into a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Whom it is for.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// How far it lets in.
    pub level: Level,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// The links of a session that let somebody in, or may.
pub async fn links(db: &mut impl Select, session: SessionId, now: Timestamp) -> Result<Vec<LinkRow>, Error> {
    let rows = db.fetch_all(&LINKS, args![session.uuid(), now]).await?;
    rows.iter()
        .map(|row| {
            let (person, text, expires_at) = (row.get(0)?, row.get::<String>(2)?, row.get(4)?);
            let marked = marks::link(&row.get::<Vec<u8>>(3)?, session.uuid(), person, &text, expires_at);
            let mark = row.get::<Option<Vec<u8>>>(5)?;
            db.keys().check("link into session", &session.to_string(), &marked, mark.as_deref())?;
            let person = UserId::from_uuid(person);
            Ok(LinkRow { person, name: row.get(1)?, level: level(row, 2)?, expires_at, used_at: row.get(6)? })
        })
        .collect()
}

/// Takes somebody's links into a session back, used or not. Says how many.
pub async fn withdraw_links(tx: &mut Transaction, session: SessionId, person: UserId) -> Result<u64, Error> {
    tx.execute(&WITHDRAW_LINKS, args![session.uuid(), person.uuid()]).await
}

/// How far a link lets in: level, token, end and mark are its first columns.
fn link_level(keys: &MarkKeys, session: SessionId, person: UserId, row: &Row) -> Result<Level, Error> {
    let marked =
        marks::link(&row.get::<Vec<u8>>(1)?, session.uuid(), person.uuid(), &row.get::<String>(0)?, row.get(2)?);
    keys.check("link into session", &session.to_string(), &marked, row.get::<Option<Vec<u8>>>(3)?.as_deref())?;
    level(row, 0)
}

/// Forgets the links of sessions that ended before `before`.
pub async fn delete_links(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&DELETE_LINKS, args![before]).await
}

fn level(row: &Row, column: usize) -> Result<Level, Error> {
    row.get::<String>(column)?.parse().map_err(|_| corrupt("session_link.level"))
}
