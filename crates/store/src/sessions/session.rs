//! Sessions at sites: who opened which, and where each stands.

use std::time::Duration;

use countersign_model::{
    ChangeId, ChangeReason, CredentialId, RequestId, SessionEnd, SessionId, SessionState, Timestamp, UserId,
};

use crate::{
    args,
    engine::{Error, Row, Select, Transaction, corrupt},
    statements,
};

/// The columns that [`session`] reads.
macro_rules! columns {
    () => {
        "s.id, s.credential, coalesce(c.name, s.credential_name), s.change, s.sign_in, s.state, s.ended_why, \
         s.end_wish, s.started_by, s.started_by_name, s.reason, s.created_at, s.live_at, s.ended_at, s.seen_at, s.node, \
         s.idle_seconds, s.longest_seconds, s.recorded_ms, s.recorded_bytes, s.dropped_at, h.reason, \
         s.request"
    };
}
/// Sessions with their credential, and with their sign-in where they have one.
macro_rules! tables {
    () => {
        " from session s left join credential c on c.id = s.credential \
         left join change h on h.id = s.change and s.sign_in "
    };
}
pub(super) use {columns, tables};

statements! {
    INSERT = "insert into session (id, credential, credential_name, change, sign_in, state, started_by, \
              started_by_name, reason, created_at, idle_seconds, longest_seconds, request, recorded_ms, recorded_bytes) \
              values ($1, $2, $3, $4, $5, 'starting', $6, $7, $8, $9, $10, $11, $12, 0, 0) \
              on conflict (credential) where ended_at is null do nothing";
    BY_ID = concat!("select ", columns!(), tables!(), "where s.id = $1");
    OPEN = concat!("select ", columns!(), tables!(), "where s.credential = $1 and s.ended_at is null");
    // A change that waits may be opened again after its session was ended: the open one counts.
    OF_CHANGE = "select id from session where change = $1 and sign_in = $2 and ended_at is null";
    OPEN_OF_PERSON = "select count(*) from session where started_by = $1 and ended_at is null";
    HOST = "update session set node = $2, seen_at = $3 where id = $1 and ended_at is null \
            and (node is null or node = $2)";
    LIVE = "update session set state = 'live', live_at = $3, seen_at = $3 where id = $1 and node = $2 \
            and ended_at is null";
    // It also holds the row until the transaction ends, so that nobody ends the session meanwhile.
    SEEN = "update session set seen_at = $3 where id = $1 and node = $2 and ended_at is null returning end_wish";
    // The first wish counts.
    WISH = "update session set end_wish = coalesce(end_wish, $2) where id = $1 and ended_at is null \
            returning node is not null";
    // `$4` null: whoever holds it.
    END = "update session set state = 'ended', ended_why = $2, ended_at = $3 where id = $1 and ended_at is null \
           and ($4 is null or node = $4)";
    LOST = "select id from session where ended_at is null \
            and ((node is not null and seen_at <= $1) or (node is null and created_at <= $2)) order by created_at limit $3";
    // Nobody can find them any more but through a recording, and that is gone.
    DELETE_ORPHANS = "delete from session where credential is null and dropped_at is not null \
                      and not exists (select 1 from session_part p where p.session = session.id)";
}

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// At whose site; none when the credential was removed.
    pub credential: Option<CredentialId>,
    /// The credential's name, now or when it was last there.
    pub credential_name: String,
    /// The sign-in of the session, or the waiting change that it was opened for.
    pub change: Option<ChangeId>,
    /// Whether `change` is the session's own sign-in.
    pub sign_in: bool,
    /// Where it stands.
    pub state: SessionState,
    /// Why it ended.
    pub ended_why: Option<SessionEnd>,
    /// Why somebody wants it to end.
    pub end_wish: Option<SessionEnd>,
    /// Who started it.
    pub started_by: UserId,
    /// Their name.
    pub started_by_name: String,
    /// The reason that was given.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When people could first see it.
    pub live_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When its host was last heard of.
    pub seen_at: Option<Timestamp>,
    /// Its host.
    pub node: Option<String>,
    /// It ends when nobody does anything for so long.
    pub idle: Duration,
    /// It ends after so long in any case.
    pub longest: Duration,
    /// How much of it is recorded, in milliseconds since `live_at`.
    pub recorded_ms: i64,
    /// The recording's size in bytes, unsealed.
    pub recorded_bytes: i64,
    /// When its recording was removed.
    pub dropped_at: Option<Timestamp>,
    /// Why its sign-in is not further.
    pub sign_in_reason: Option<ChangeReason>,
    /// By which approved request it was started, where that was needed.
    pub request: Option<RequestId>,
}

/// Adds a session. False when another of the credential has not ended.
pub async fn insert(tx: &mut Transaction, session: &SessionRow) -> Result<bool, Error> {
    let values = args![
        session.id.uuid(),
        session.credential.map(CredentialId::uuid),
        &session.credential_name,
        session.change.map(ChangeId::uuid),
        session.sign_in,
        session.started_by.uuid(),
        &session.started_by_name,
        session.reason.clone(),
        session.created_at,
        seconds(session.idle),
        seconds(session.longest),
        session.request.map(RequestId::uuid),
    ];
    Ok(tx.execute(&INSERT, values).await? == 1)
}

/// The session of that id.
pub async fn find(db: &mut impl Select, id: SessionId) -> Result<Option<SessionRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| session(&row)).transpose()
}

/// The credential's session that has not ended.
pub async fn open(db: &mut impl Select, credential: CredentialId) -> Result<Option<SessionRow>, Error> {
    db.fetch_optional(&OPEN, args![credential.uuid()]).await?.map(|row| session(&row)).transpose()
}

/// The session that has not ended and whose sign-in this change is, or that was opened for it while it waits.
pub async fn of_change(db: &mut impl Select, change: ChangeId, sign_in: bool) -> Result<Option<SessionId>, Error> {
    let row = db.fetch_optional(&OF_CHANGE, args![change.uuid(), sign_in]).await?;
    row.map(|row| row.get(0).map(SessionId::from_uuid)).transpose()
}

/// How many sessions somebody has open.
pub async fn open_of_person(db: &mut impl Select, person: UserId) -> Result<i64, Error> {
    db.fetch_one(&OPEN_OF_PERSON, args![person.uuid()]).await?.get(0)
}

/// Takes a session to host it. False when another host has it, or it has ended.
pub async fn host(tx: &mut Transaction, id: SessionId, node: &str, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&HOST, args![id.uuid(), node, now]).await? == 1)
}

/// Notes that people may see it. False when it is not this host's any more.
pub async fn live(tx: &mut Transaction, id: SessionId, node: &str, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&LIVE, args![id.uuid(), node, now]).await? == 1)
}

/// Notes that its host is there; gives why it is to end. `None`: it is not this host's any more. Until the transaction
/// ends, nobody else ends it.
pub async fn seen(
    tx: &mut Transaction,
    id: SessionId,
    node: &str,
    now: Timestamp,
) -> Result<Option<Option<SessionEnd>>, Error> {
    let row = tx.fetch_optional(&SEEN, args![id.uuid(), node, now]).await?;
    row.map(|row| ending(&row, 0, "session.end_wish")).transpose()
}

/// Says that it is to end; gives whether a host has it. `None`: it has ended.
pub async fn wish(tx: &mut Transaction, id: SessionId, end: SessionEnd) -> Result<Option<bool>, Error> {
    let row = tx.fetch_optional(&WISH, args![id.uuid(), end.name()]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Ends it; `node` none ends it whoever hosts it. False when it has ended, or another host has it.
pub async fn end(
    tx: &mut Transaction,
    id: SessionId,
    end: SessionEnd,
    now: Timestamp,
    node: Option<&str>,
) -> Result<bool, Error> {
    Ok(tx.execute(&END, args![id.uuid(), end.name(), now, node]).await? == 1)
}

/// Open sessions whose host was last heard of at `seen_by` or before, or that nobody took and that are from `made_by`.
pub async fn lost(
    db: &mut impl Select,
    seen_by: Timestamp,
    made_by: Timestamp,
    limit: u32,
) -> Result<Vec<SessionId>, Error> {
    let rows = db.fetch_all(&LOST, args![seen_by, made_by, limit]).await?;
    rows.iter().map(|row| row.get(0).map(SessionId::from_uuid)).collect()
}

/// Forgets sessions of removed credentials whose recordings are gone.
pub async fn delete_orphans(tx: &mut Transaction) -> Result<u64, Error> {
    tx.execute(&DELETE_ORPHANS, args![]).await
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn duration(row: &Row, column: usize) -> Result<Duration, Error> {
    u64::try_from(row.get::<i64>(column)?).map(Duration::from_secs).map_err(|_| corrupt("session.idle_seconds"))
}

fn ending(row: &Row, column: usize, name: &str) -> Result<Option<SessionEnd>, Error> {
    row.get::<Option<String>>(column)?.map(|text| text.parse().map_err(|_| corrupt(name))).transpose()
}

/// A session in the first columns of a row.
pub(super) fn session(row: &Row) -> Result<SessionRow, Error> {
    let reason: Option<String> = row.get(21)?;
    Ok(SessionRow {
        id: SessionId::from_uuid(row.get(0)?),
        credential: row.get::<Option<uuid::Uuid>>(1)?.map(CredentialId::from_uuid),
        credential_name: row.get(2)?,
        change: row.get::<Option<uuid::Uuid>>(3)?.map(ChangeId::from_uuid),
        sign_in: row.get(4)?,
        state: row.get::<String>(5)?.parse().map_err(|_| corrupt("session.state"))?,
        ended_why: ending(row, 6, "session.ended_why")?,
        end_wish: ending(row, 7, "session.end_wish")?,
        started_by: UserId::from_uuid(row.get(8)?),
        started_by_name: row.get(9)?,
        reason: row.get(10)?,
        created_at: row.get(11)?,
        live_at: row.get(12)?,
        ended_at: row.get(13)?,
        seen_at: row.get(14)?,
        node: row.get(15)?,
        idle: duration(row, 16)?,
        longest: duration(row, 17)?,
        recorded_ms: row.get(18)?,
        recorded_bytes: row.get(19)?,
        dropped_at: row.get(20)?,
        sign_in_reason: reason
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("change.reason")))
            .transpose()?,
        request: row.get::<Option<uuid::Uuid>>(22)?.map(RequestId::from_uuid),
    })
}
