//! Sessions at sites: who opened which, who was let in by a link, and the index of their recordings.

use std::time::Duration;

use countersign_model::{
    ChangeId, ChangeReason, CredentialId, Level, SessionEnd, SessionId, SessionState, Timestamp, UserId,
};
use countersign_seal::{Digest, Receipt, Sealed};
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, Value},
    marks, statements,
    vault::corrupt,
};

macro_rules! columns {
    () => {
        "select s.id, s.credential, coalesce(c.name, s.credential_name), s.change, s.sign_in, s.state, s.ended_why, \
         s.end_wish, s.started_by, s.started_by_name, s.reason, s.created_at, s.live_at, s.ended_at, s.seen_at, s.node, \
         s.idle_seconds, s.longest_seconds, s.recorded_ms, s.recorded_bytes, s.dropped_at, h.reason \
         from session s left join credential c on c.id = s.credential left join change h on h.id = s.change and s.sign_in "
    };
}

statements! {
    INSERT = "insert into session (id, credential, credential_name, change, sign_in, state, started_by, \
              started_by_name, reason, created_at, idle_seconds, longest_seconds, recorded_ms, recorded_bytes) \
              values ($1, $2, $3, $4, $5, 'starting', $6, $7, $8, $9, $10, $11, 0, 0) \
              on conflict (credential) where ended_at is null do nothing";
    BY_ID = concat!(columns!(), "where s.id = $1");
    OPEN = concat!(columns!(), "where s.credential = $1 and s.ended_at is null");
    // A change that waits may be opened again after its session was ended: the open one counts.
    OF_CHANGE = "select id from session where change = $1 and sign_in = $2 and ended_at is null";
    OPEN_OF_PERSON = "select count(*) from session where started_by = $1 and ended_at is null";
    // `$1` null: of any credential; `$2` null sees everything; `$3` open or not.
    LIST = concat!(columns!(), "where ($1 is null or s.credential = $1) \
        and ($2 is null or s.started_by = $2 \
            or exists (select 1 from credential_grant g where g.person = $2 and g.credential = s.credential \
                and g.session is not null) \
            or exists (select 1 from session_link l where l.person = $2 and l.session = s.id)) \
        and ($3 is null or (s.ended_at is null) = $3) \
        and ($4 is null or s.created_at < $4 or (s.created_at = $4 and s.id < $5)) \
        order by s.created_at desc, s.id desc limit $6");
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
    INSERT_LINK = "insert into session_link (token, session, person, level, expires_at, mark) \
                   values ($1, $2, $3, $4, $5, $6)";
    USE_LINK = "update session_link set used_at = $4 where token = $1 and session = $2 and person = $3 \
                and used_at is null and expires_at > $4 returning level, token, expires_at, mark";
    LINKED = "select level, token, expires_at, mark, used_at is not null from session_link where session = $1 and person = $2 \
              and (used_at is not null or expires_at > $3)";
    // Who was given a link into a session, with the widest that they have; used or not.
    LINKS = "select l.person, p.name, l.level, l.token, l.expires_at, l.mark, l.used_at from session_link l \
             join person p on p.id = l.person where l.session = $1 and (l.used_at is not null or l.expires_at > $2) \
             order by p.name_key, l.expires_at";
    WITHDRAW_LINKS = "delete from session_link where session = $1 and person = $2";
    PUT_PLAYBACK = "insert into playback (session, bearer, expires_at, mark) values ($1, $2, $3, $4) \
                    on conflict (session, bearer) do update set expires_at = excluded.expires_at, mark = excluded.mark";
    PLAYBACK = "select expires_at, mark from playback where session = $1 and bearer = $2";
    DELETE_PLAYBACKS = "delete from playback where expires_at < $1";
    PUT_PART = "insert into session_part (session, seq, from_ms, to_ms, is_key, frames, events, bytes, key_number) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    RECORDED = "update session set recorded_ms = $2, recorded_bytes = recorded_bytes + $3 where id = $1";
    PARTS = "select seq, from_ms, to_ms, is_key, frames, events, bytes from session_part where session = $1 order by seq";
    PART = "select seq, from_ms, to_ms, is_key, frames, events, bytes from session_part where session = $1 and seq = $2";
    OLD = "select id, credential_name, recorded_bytes from session where ended_at < $1 and dropped_at is null \
           order by ended_at limit $2";
    OLDEST = "select id, credential_name, recorded_bytes from session where ended_at is not null and dropped_at is null \
              and recorded_bytes > 0 order by ended_at limit $1";
    TOTAL_BYTES = "select cast(coalesce(sum(recorded_bytes), 0) as bigint) from session where dropped_at is null";
    DROP = "update session set dropped_at = $2 where id = $1 and dropped_at is null";
    HALF_DROPPED = "select id from session s where dropped_at is not null \
                    and exists (select 1 from session_part p where p.session = s.id) order by id limit $1";
    DELETE_PARTS = "delete from session_part where session = $1";
    // Nobody can find them any more but through a recording, and that is gone.
    DELETE_ORPHANS = "delete from session where credential is null and dropped_at is not null \
                      and not exists (select 1 from session_part p where p.session = session.id)";
    DELETE_LINKS = "delete from session_link where session in (select id from session where ended_at < $1)";
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
}

/// Which sessions to list.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Of this credential.
    pub credential: Option<CredentialId>,
    /// That this person has started, was granted or was given a link to; `None`: all.
    pub shown_to: Option<UserId>,
    /// Ended or not.
    pub open: Option<bool>,
    /// After this one in the list.
    pub after: Option<(Timestamp, SessionId)>,
}

/// A part of a recording, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRow {
    /// Its number, from 0.
    pub seq: u32,
    /// When its first entry happened, in milliseconds since the session was live.
    pub from_ms: u64,
    /// When its last entry happened.
    pub to_ms: u64,
    /// Whether its first picture is a whole one.
    pub key: bool,
    /// How many pictures it holds.
    pub frames: u32,
    /// How many events it holds.
    pub events: u32,
    /// Its size unsealed.
    pub bytes: u64,
}

/// A recording that may have to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldRecording {
    /// The session.
    pub id: SessionId,
    /// Its credential's name when it began.
    pub credential_name: String,
    /// Its size unsealed.
    pub bytes: i64,
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

/// A page of sessions, the newest first.
pub async fn list(db: &mut impl Select, filter: &SessionFilter, limit: u32) -> Result<Vec<SessionRow>, Error> {
    let values: [Value; 6] = args![
        filter.credential.map(CredentialId::uuid),
        filter.shown_to.map(UserId::uuid),
        filter.open,
        filter.after.map(|(at, _)| at),
        filter.after.map(|(_, id)| id.uuid()),
        limit,
    ];
    db.fetch_all(&LIST, values).await?.iter().map(session).collect()
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

/// Lets who came in by `bearer`, a browser's or an API token's id, fetch the parts of a recording until then.
pub async fn put_playback(
    tx: &mut Transaction,
    session: SessionId,
    bearer: Uuid,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let mark = tx.keys().mark(&marks::playback(session.uuid(), bearer, expires_at))?;
    tx.execute(&PUT_PLAYBACK, args![session.uuid(), bearer, expires_at, mark]).await.map(drop)
}

/// That somebody has opened a recording. The row bears the vault's mark and was written with the record of it.
#[derive(Debug)]
pub struct Playback {
    /// Until when they may fetch its parts.
    pub until: Timestamp,
    /// Of the record that they have opened it.
    pub receipt: Receipt,
}

/// Whether they may; `None` when they have not opened it.
pub async fn playback(db: &mut impl Select, session: SessionId, bearer: Uuid) -> Result<Option<Playback>, Error> {
    let row = db.fetch_optional(&PLAYBACK, args![session.uuid(), bearer]).await?;
    row.map(|row| {
        let until = row.get(0)?;
        let marked = marks::playback(session.uuid(), bearer, until);
        db.keys().check("playback of session", &session.to_string(), &marked, Some(&row.get::<Vec<u8>>(1)?))?;
        Ok(Playback { until, receipt: Receipt::of_durable_record(Some(session.uuid().into_bytes())) })
    })
    .transpose()
}

/// Forgets playbacks that ended before `before`.
pub async fn delete_playbacks(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&DELETE_PLAYBACKS, args![before]).await
}

/// How far a link lets in: level, token, end and mark are its first columns.
fn link_level(keys: &MarkKeys, session: SessionId, person: UserId, row: &Row) -> Result<Level, Error> {
    let marked =
        marks::link(&row.get::<Vec<u8>>(1)?, session.uuid(), person.uuid(), &row.get::<String>(0)?, row.get(2)?);
    keys.check("link into session", &session.to_string(), &marked, row.get::<Option<Vec<u8>>>(3)?.as_deref())?;
    level(row, 0)
}

/// Adds a part to the index of a recording. [`Error::Conflict`] when its number is there.
///
/// `sealed` is the part as it was stored elsewhere.
pub async fn put_part(tx: &mut Transaction, session: SessionId, part: &PartRow, sealed: &Sealed) -> Result<(), Error> {
    tx.keys().admit(sealed)?;
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let values = args![
        session.uuid(),
        part.seq,
        number(part.from_ms),
        number(part.to_ms),
        part.key,
        part.frames,
        part.events,
        number(part.bytes),
        i64::from(sealed.key_number().unwrap_or(1)),
    ];
    tx.execute(&PUT_PART, values).await?;
    tx.execute(&RECORDED, args![session.uuid(), number(part.to_ms), number(part.bytes)]).await.map(drop)
}

/// The parts of a recording, in order.
pub async fn parts(db: &mut impl Select, session: SessionId) -> Result<Vec<PartRow>, Error> {
    db.fetch_all(&PARTS, args![session.uuid()]).await?.iter().map(part_row).collect()
}

/// One part of a recording.
pub async fn part(db: &mut impl Select, session: SessionId, seq: u32) -> Result<Option<PartRow>, Error> {
    db.fetch_optional(&PART, args![session.uuid(), seq]).await?.map(|row| part_row(&row)).transpose()
}

/// Recordings of sessions that ended before `before`, the oldest first.
pub async fn old(db: &mut impl Select, before: Timestamp, limit: u32) -> Result<Vec<OldRecording>, Error> {
    db.fetch_all(&OLD, args![before, limit]).await?.iter().map(old_recording).collect()
}

/// Recordings of ended sessions, the oldest first.
pub async fn oldest(db: &mut impl Select, limit: u32) -> Result<Vec<OldRecording>, Error> {
    db.fetch_all(&OLDEST, args![limit]).await?.iter().map(old_recording).collect()
}

/// The size of all recordings that are kept, unsealed.
pub async fn total_bytes(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&TOTAL_BYTES, args![]).await?.get(0)
}

/// Says that a recording is to be removed: from now on it is not shown. False when that was said before.
pub async fn drop_recording(tx: &mut Transaction, id: SessionId, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&DROP, args![id.uuid(), now]).await? == 1)
}

/// Sessions whose recording is to be removed and still has parts.
pub async fn half_dropped(db: &mut impl Select, limit: u32) -> Result<Vec<SessionId>, Error> {
    let rows = db.fetch_all(&HALF_DROPPED, args![limit]).await?;
    rows.iter().map(|row| row.get(0).map(SessionId::from_uuid)).collect()
}

/// Forgets the parts of a recording, after their bytes are gone.
pub async fn delete_parts(tx: &mut Transaction, id: SessionId) -> Result<(), Error> {
    tx.execute(&DELETE_PARTS, args![id.uuid()]).await.map(drop)
}

/// Forgets sessions of removed credentials whose recordings are gone.
pub async fn delete_orphans(tx: &mut Transaction) -> Result<u64, Error> {
    tx.execute(&DELETE_ORPHANS, args![]).await
}

/// Forgets the links of sessions that ended before `before`.
pub async fn delete_links(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&DELETE_LINKS, args![before]).await
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn duration(row: &Row, column: usize) -> Result<Duration, Error> {
    u64::try_from(row.get::<i64>(column)?).map(Duration::from_secs).map_err(|_| corrupt("session.idle_seconds"))
}

fn level(row: &Row, column: usize) -> Result<Level, Error> {
    row.get::<String>(column)?.parse().map_err(|_| corrupt("session_link.level"))
}

fn ending(row: &Row, column: usize, name: &str) -> Result<Option<SessionEnd>, Error> {
    row.get::<Option<String>>(column)?.map(|text| text.parse().map_err(|_| corrupt(name))).transpose()
}

fn old_recording(row: &Row) -> Result<OldRecording, Error> {
    Ok(OldRecording { id: SessionId::from_uuid(row.get(0)?), credential_name: row.get(1)?, bytes: row.get(2)? })
}

fn part_row(row: &Row) -> Result<PartRow, Error> {
    fn number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, Error> {
        row.get::<i64>(column)?.try_into().map_err(|_| corrupt("session_part"))
    }
    Ok(PartRow {
        seq: number(row, 0)?,
        from_ms: number(row, 1)?,
        to_ms: number(row, 2)?,
        key: row.get(3)?,
        frames: number(row, 4)?,
        events: number(row, 5)?,
        bytes: number(row, 6)?,
    })
}

fn session(row: &Row) -> Result<SessionRow, Error> {
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
    })
}
