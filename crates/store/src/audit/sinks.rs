//! Places where the audit log also goes, and how far each has taken it.

use countersign_audit::ChainHead;
use countersign_model::{SinkId, SinkKind, SinkName, Timestamp, VersionId, search_key};
use countersign_seal::{Digest, Sealed};
use uuid::Uuid;

use crate::{
    args,
    audit::blocks::number,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

macro_rules! columns {
    () => {
        "s.id, s.mark, s.name, s.kind, s.settings, s.version, s.paused, s.sealed, s.created_at, t.mark, t.start_seq, t.cursor_seq, \
         t.cursor_root, t.sent_seq, t.checkpoint_size, t.attempts, t.failing_since, t.last_error, t.next_try_at, t.taken_at, t.told_at, \
         t.leased_by, t.leased_until from audit_sink s join audit_sink_state t on t.sink = s.id"
    };
}

statements! {
    ALL = concat!("select ", columns!(), " order by s.name_key limit $1");
    BY_ID = concat!("select ", columns!(), " where s.id = $1");
    BY_NAME = concat!("select ", columns!(), " where s.name_key = $1");
    COUNT = "select count(*) from audit_sink";
    INSERT = "insert into audit_sink (id, name, name_key, kind, settings, version, sealed, paused, created_at, mark) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    UPDATE = "update audit_sink set name = $2, name_key = $3, kind = $4, settings = $5, version = $6, sealed = $7, paused = $8, \
              mark = $9 where id = $1";
    DELETE = "delete from audit_sink where id = $1";
    BEGIN = "insert into audit_sink_state (sink, start_seq, cursor_seq, cursor_root, sent_seq, checkpoint_size, mark, attempts) \
             values ($1, $2, $3, $4, $5, $6, $7, 0) on conflict (sink) do update set start_seq = excluded.start_seq, \
             cursor_seq = excluded.cursor_seq, cursor_root = excluded.cursor_root, sent_seq = excluded.sent_seq, \
             checkpoint_size = excluded.checkpoint_size, mark = excluded.mark, attempts = 0, failing_since = null, \
             last_error = null, next_try_at = null, told_at = null, leased_by = null, leased_until = null";
    // Whoever sends by what was said before loses it, and what failed before is tried at once.
    RESTART = "update audit_sink_state set attempts = 0, failing_since = null, next_try_at = null, leased_by = null, leased_until = null \
               where sink = $1";
    CLAIM = "update audit_sink_state set leased_by = $2, leased_until = $3 \
             where sink = $1 and (leased_until is null or leased_until <= $4 or leased_until > $5)";
    RENEW = "update audit_sink_state set leased_until = $3 where sink = $1 and leased_by = $2";
    RELEASE = "update audit_sink_state set leased_by = null, leased_until = null where sink = $1 and leased_by = $2";
    TAKEN = "update audit_sink_state set cursor_seq = $3, cursor_root = $4, sent_seq = $5, checkpoint_size = $6, mark = $7, \
             attempts = 0, failing_since = null, last_error = $8, next_try_at = null, taken_at = $9, leased_until = $10 \
             where sink = $1 and leased_by = $2";
    FAILED = "update audit_sink_state set attempts = attempts + 1, failing_since = coalesce(failing_since, $3), last_error = $4, \
              next_try_at = $5, leased_by = null, leased_until = null where sink = $1 and leased_by = $2";
    TOLD = "update audit_sink_state set told_at = $2 where sink = $1 and told_at is null";
    NOT_TOLD = "update audit_sink_state set told_at = null where sink = $1 and told_at is not null";
}

/// A place as it was set up.
#[derive(Debug, Clone)]
pub struct SinkRow {
    /// Its id.
    pub id: SinkId,
    /// What the team calls it.
    pub name: SinkName,
    /// How records go there.
    pub kind: SinkKind,
    /// What may be shown of its settings, as JSON.
    pub settings: String,
    /// Part of the seal.
    pub version: VersionId,
    /// Whether nothing goes there for now.
    pub paused: bool,
    /// What may not be shown.
    pub sealed: Sealed,
    /// When it was added.
    pub created_at: Timestamp,
}

/// How far a place has taken the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinkProgress {
    /// The record before the first that it gets.
    pub start: u64,
    /// The last record that it has surely taken, or that its filter has passed over, with its hash.
    pub cursor: ChainHead,
    /// The last record among them that passed its filter; 0 when none has.
    pub sent: u64,
    /// The size of the last checkpoint that it has taken.
    pub checkpoint: u64,
}

/// What has become of sending to a place.
#[derive(Debug, Clone)]
pub struct SinkState {
    /// How far it is.
    pub progress: SinkProgress,
    /// How many tries failed in a row.
    pub attempts: i64,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// What stood in the way; or, where nothing did, what the receiver had to say.
    pub last_error: Option<String>,
    /// When it is tried again.
    pub next_try_at: Option<Timestamp>,
    /// When it last took something.
    pub taken_at: Option<Timestamp>,
    /// When people were told that it is behind; none as long as it is not.
    pub told_at: Option<Timestamp>,
    /// Who sends.
    pub leased_by: Option<String>,
    /// For how long.
    pub leased_until: Option<Timestamp>,
}

/// Adds a place. [`Error::Conflict`] when the name is taken.
pub async fn insert(tx: &mut Transaction, row: &SinkRow, progress: &SinkProgress) -> Result<(), Error> {
    tx.keys().admit(&row.sealed)?;
    let mark = tx.keys().mark(&row.marked())?;
    let values = args![
        row.id.uuid(),
        row.name.as_str(),
        search_key(row.name.as_str()),
        row.kind.name(),
        &row.settings,
        row.version.uuid(),
        row.sealed.bytes(),
        row.paused,
        row.created_at,
        mark
    ];
    tx.execute(&INSERT, values).await?;
    begin(tx, row.id, progress).await
}

/// Says from where on a place gets records. Whoever sends to it meanwhile loses it.
pub async fn begin(tx: &mut Transaction, id: SinkId, progress: &SinkProgress) -> Result<(), Error> {
    let mark = tx.keys().mark(&progress.marked(id.uuid()))?;
    let SinkProgress { start, cursor, sent, checkpoint } = *progress;
    let values = args![
        id.uuid(),
        number(start),
        number(cursor.size),
        cursor.root.bytes(),
        number(sent),
        number(checkpoint),
        mark
    ];
    tx.execute(&BEGIN, values).await.map(drop)
}

/// Writes a place anew. Whoever sends by the former settings loses it. [`Error::Conflict`] when the name is taken; false when it is gone.
pub async fn update(tx: &mut Transaction, row: &SinkRow) -> Result<bool, Error> {
    tx.keys().admit(&row.sealed)?;
    let mark = tx.keys().mark(&row.marked())?;
    let values = args![
        row.id.uuid(),
        row.name.as_str(),
        search_key(row.name.as_str()),
        row.kind.name(),
        &row.settings,
        row.version.uuid(),
        row.sealed.bytes(),
        row.paused,
        mark
    ];
    let there = tx.execute(&UPDATE, values).await? == 1;
    tx.execute(&RESTART, args![row.id.uuid()]).await?;
    Ok(there)
}

/// Removes a place. False when it is gone.
pub async fn delete(tx: &mut Transaction, id: SinkId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid()]).await? == 1)
}

/// How many there are.
pub async fn count(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![]).await?.get(0)
}

/// All of them by name, at most `limit`.
pub async fn all(db: &mut impl Select, limit: u32) -> Result<Vec<(SinkRow, SinkState)>, Error> {
    db.fetch_all(&ALL, args![limit]).await?.iter().map(|row| sink(db.keys(), row)).collect()
}

/// The one of that id.
pub async fn find(db: &mut impl Select, id: SinkId) -> Result<Option<(SinkRow, SinkState)>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| sink(db.keys(), &row)).transpose()
}

/// The one of that name, whatever the case of its letters.
pub async fn find_by_name(db: &mut impl Select, name: &str) -> Result<Option<(SinkRow, SinkState)>, Error> {
    let row = db.fetch_optional(&BY_NAME, args![search_key(name.trim())]).await?;
    row.map(|row| sink(db.keys(), &row)).transpose()
}

/// Takes a place to send to it, for a lease: `times` are now, its end, and the furthest end that another's can have. False when somebody else
/// has it.
pub async fn claim(
    tx: &mut Transaction,
    id: SinkId,
    sender: &str,
    (now, until, furthest): (Timestamp, Timestamp, Timestamp),
) -> Result<bool, Error> {
    Ok(tx.execute(&CLAIM, args![id.uuid(), sender, until, now, furthest]).await? == 1)
}

/// Keeps it for longer. False when it was lost.
pub async fn renew(tx: &mut Transaction, id: SinkId, sender: &str, until: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&RENEW, args![id.uuid(), sender, until]).await? == 1)
}

/// Lets it go.
pub async fn release(tx: &mut Transaction, id: SinkId, sender: &str) -> Result<(), Error> {
    tx.execute(&RELEASE, args![id.uuid(), sender]).await.map(drop)
}

/// It has taken records up to there. False when the lease was lost, and nothing is noted.
pub async fn taken(
    tx: &mut Transaction,
    (id, sender): (SinkId, &str),
    progress: &SinkProgress,
    note: Option<&str>,
    (now, until): (Timestamp, Timestamp),
) -> Result<bool, Error> {
    let mark = tx.keys().mark(&progress.marked(id.uuid()))?;
    let SinkProgress { start: _, cursor, sent, checkpoint } = *progress;
    let values = args![
        id.uuid(),
        sender,
        number(cursor.size),
        cursor.root.bytes(),
        number(sent),
        number(checkpoint),
        mark,
        note,
        now,
        until
    ];
    Ok(tx.execute(&TAKEN, values).await? == 1)
}

/// It has not taken them, and is tried again then, by whoever is first.
pub async fn failed(
    tx: &mut Transaction,
    (id, sender): (SinkId, &str),
    error: &str,
    now: Timestamp,
    again_at: Timestamp,
) -> Result<(), Error> {
    tx.execute(&FAILED, args![id.uuid(), sender, now, error, again_at]).await.map(drop)
}

/// Notes that people are told that it is behind. False when they were told already.
pub async fn told(tx: &mut Transaction, id: SinkId, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&TOLD, args![id.uuid(), now]).await? == 1)
}

/// It is not behind any more.
pub async fn not_told(tx: &mut Transaction, id: SinkId) -> Result<(), Error> {
    tx.execute(&NOT_TOLD, args![id.uuid()]).await.map(drop)
}

impl SinkRow {
    fn marked(&self) -> countersign_seal::MarkedRow {
        marks::sink(
            self.id.uuid(),
            self.name.as_str(),
            self.kind.name(),
            &self.settings,
            self.version.uuid(),
            self.paused,
        )
    }
}

impl SinkProgress {
    fn marked(&self, sink: Uuid) -> countersign_seal::MarkedRow {
        let Self { start, cursor, sent, checkpoint } = self;
        let numbers = [*start, cursor.size, *sent, *checkpoint].map(number);
        marks::sink_state(sink, numbers, cursor.root.bytes())
    }
}

fn sink(keys: &MarkKeys, row: &Row) -> Result<(SinkRow, SinkState), Error> {
    let (name, kind): (String, String) = (row.get(2)?, row.get(3)?);
    let sink = SinkRow {
        id: SinkId::from_uuid(row.get(0)?),
        name: SinkName::parse(&name).map_err(|_| corrupt("audit_sink.name"))?,
        kind: kind.parse().map_err(|_| corrupt("audit_sink.kind"))?,
        settings: row.get(4)?,
        version: VersionId::from_uuid(row.get(5)?),
        paused: row.get(6)?,
        sealed: Sealed::from_bytes(row.get(7)?),
        created_at: row.get(8)?,
    };
    keys.check("destination of the audit log", &name, &sink.marked(), row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    let count = |at: usize| u64::try_from(row.get::<i64>(at)?).map_err(|_| corrupt("audit_sink_state.cursor_seq"));
    let root = Digest::from_bytes(&row.get::<Vec<u8>>(12)?).ok_or_else(|| corrupt("audit_sink_state.cursor_root"))?;
    let progress = SinkProgress {
        start: count(10)?,
        cursor: ChainHead { size: count(11)?, root },
        sent: count(13)?,
        checkpoint: count(14)?,
    };
    let marked = progress.marked(sink.id.uuid());
    keys.check("progress of the destination", &name, &marked, row.get::<Option<Vec<u8>>>(9)?.as_deref())?;
    let state = SinkState {
        progress,
        attempts: row.get(15)?,
        failing_since: row.get(16)?,
        last_error: row.get(17)?,
        next_try_at: row.get(18)?,
        taken_at: row.get(19)?,
        told_at: row.get(20)?,
        leased_by: row.get(21)?,
        leased_until: row.get(22)?,
    };
    Ok((sink, state))
}
