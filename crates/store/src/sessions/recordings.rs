//! The index of recordings, who has opened one, and which have to go. Their bytes lie elsewhere.

use countersign_model::{SessionId, Timestamp};
use countersign_seal::{Receipt, Sealed};
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
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
