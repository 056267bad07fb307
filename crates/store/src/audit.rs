//! The audit log's tables. Records are only ever added, in the transaction of what they record.

use countersign_audit::{ActorRef, AuditActorKind, AuditEntry, Checkpoint, Details, ObjectKind, ObjectRef, Record};
use countersign_model::{Timestamp, VaultId};
use countersign_seal::Digest;
use uuid::Uuid;

use crate::{
    args,
    engine::{Bulk, Error, Row, Select, Transaction, Value, corrupt},
    keys::vault,
    like::contains,
    statements,
};

static INSERT: Bulk = Bulk::new(
    "audit::INSERT",
    "insert into audit_record \
     (seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, details, hash)",
    12,
    "",
);

/// The statements of many rows, for the test that prepares all.
pub static BULKS: &[&Bulk] = &[&INSERT];

statements! {
    AFTER = "select seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, details, hash \
             from audit_record where seq > $1 order by seq limit $2";
    // Who was let in, by what, and what was ended since.
    AUTHORITY = "select seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, details, hash \
                 from audit_record where seq > $1 and seq <= $2 and act in ('user.created', 'user.edited', 'user.removed', \
                 'user.signed_in', 'user.signed_out', 'user.set_up_link_used', 'user.second_factor_reset', \
                 'user.ways_in_ended', 'web_session.ended', 'api_token.created', 'api_token.revoked') order by seq limit $3";
    // Filters that are null hold for every record; the newest come first.
    LIST = "select seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, details, hash \
            from audit_record \
            where seq < $1 and ($2 is null or act = $2) and ($3 is null or at >= $3) and ($4 is null or at < $4) \
            and ($5 is null or lower(actor_name) like $5 escape '\\' or lower(object_name) like $5 escape '\\') \
            order by seq desc limit $6";
    // What the index does not hold yet is little, and is looked through.
    TAIL_ABOUT = "select seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, details, hash \
                  from audit_record \
                  where seq > (select audit_indexed from vault) and (object = $7 or actor = $7) \
                  and seq < $1 and ($2 is null or act = $2) and ($3 is null or at >= $3) and ($4 is null or at < $4) \
                  and ($5 is null or lower(actor_name) like $5 escape '\\' or lower(object_name) like $5 escape '\\') \
                  and ($8 is null or object = $8) and ($9 is null or actor = $9) \
                  order by seq desc limit $6";
    INDEXED_ABOUT = "select r.seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, details, \
                     hash from audit_about a join audit_record r on r.seq = a.seq \
                     where a.thing = $7 and a.seq < $1 and ($2 is null or act = $2) and ($3 is null or at >= $3) \
                     and ($4 is null or at < $4) \
                     and ($5 is null or lower(actor_name) like $5 escape '\\' or lower(object_name) like $5 escape '\\') \
                     and ($8 is null or object = $8) and ($9 is null or actor = $9) \
                  order by a.seq desc limit $6";
    INDEXED = "select audit_indexed, audit_size from vault";
    INDEX_OBJECTS = "insert into audit_about (thing, seq) select object, seq from audit_record \
                     where seq > $1 and seq <= $2 and object is not null order by object, seq on conflict do nothing";
    INDEX_ACTORS = "insert into audit_about (thing, seq) select actor, seq from audit_record \
                    where seq > $1 and seq <= $2 and actor is not null order by actor, seq on conflict do nothing";
    SET_INDEXED = "update vault set audit_indexed = $2 where one = 1 and audit_indexed = $1";
    INSERT_CHECKPOINT = "insert into audit_checkpoint (size, root, time, key, signature) values ($1, $2, $3, $4, $5) \
                         on conflict (size) do nothing";
    CHECKPOINTS = "select size, root, time, key, signature from audit_checkpoint where size >= $1 order by size limit $2";
    NEWEST_CHECKPOINT = "select size, root, time, key, signature from audit_checkpoint order by size desc limit 1";
}

/// Chains entries to the log's end. The first step of a transaction's last part: it holds the log until the commit.
///
/// Gives the vault's revision as it stood, for whoever must know that nothing changed meanwhile.
pub async fn append(tx: &mut Transaction, entries: Vec<AuditEntry>) -> Result<i64, Error> {
    let (revision, mut head) = vault::lock_head(tx).await?;
    let records: Vec<Record> = entries.into_iter().map(|entry| head.append(entry)).collect();
    insert(tx, records).await?;
    vault::move_head(tx, head).await?;
    Ok(revision)
}

/// Writes records that were chained under [`vault::lock_head`] in this transaction.
pub async fn insert(tx: &mut Transaction, records: Vec<Record>) -> Result<(), Error> {
    let mut values = Vec::with_capacity(records.len() * INSERT.columns());
    for record in records {
        tx.records(record.entry.object.as_ref().and_then(|object| object.id));
        push(record, &mut values);
    }
    tx.execute_bulk(&INSERT, values).await.map(drop)
}

fn push(record: Record, values: &mut Vec<Value>) {
    let AuditEntry { at, actor, act, object, reason, details } = record.entry;
    let (kind, id, name) =
        object.map_or((None, None, None), |object| (Some(object.kind.name()), object.id, Some(object.name)));
    let details = (!details.is_empty())
        .then(|| serde_json::to_string(&details).expect("flags, numbers and texts are plain data"));
    values.extend(args![
        i64::try_from(record.seq).unwrap_or(i64::MAX),
        at,
        actor.kind.name(),
        actor.id,
        actor.name,
        act.as_ref(),
        kind,
        id,
        name,
        reason,
        details,
        record.hash.bytes(),
    ]);
}

/// Which records to list.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Those before this number; all when none.
    pub before: Option<u64>,
    /// Those of one act, by its stable name.
    pub act: Option<String>,
    /// Those at or after this time.
    pub since: Option<Timestamp>,
    /// Those before this time.
    pub until: Option<Timestamp>,
    /// Those whose actor's or object's name holds this text, whatever its case.
    pub search: Option<String>,
    /// Those about one thing.
    pub object: Option<Uuid>,
    /// Those of one person.
    pub actor: Option<Uuid>,
}

/// Records that pass the filter, the newest first, at most `limit`.
pub async fn list(db: &mut impl Select, filter: &RecordFilter, limit: u32) -> Result<Vec<Record>, Error> {
    let pattern = filter.search.as_deref().map(|text| contains(&text.to_lowercase()));
    let mut values = args![
        filter.before.map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX)),
        filter.act.as_deref(),
        filter.since,
        filter.until,
        pattern,
        limit,
    ]
    .to_vec();
    let Some(thing) = filter.object.or(filter.actor) else {
        return db.fetch_all(&LIST, values).await?.iter().map(record).collect();
    };
    values.extend(args![thing, filter.object, filter.actor]);
    let mut rows = db.fetch_all(&TAIL_ABOUT, &values).await?;
    if rows.len() < limit as usize {
        rows.extend(db.fetch_all(&INDEXED_ABOUT, values).await?);
    }
    rows.iter().take(limit as usize).map(record).collect()
}

/// Indexes at most `most` further records by what they are about and by whom. False when nothing was left to do.
pub async fn index_more(tx: &mut Transaction, most: u32) -> Result<bool, Error> {
    let row = tx.fetch_one(&INDEXED, args![]).await?;
    let (from, size): (i64, i64) = (row.get(0)?, row.get(1)?);
    let to = size.min(from + i64::from(most));
    if to <= from {
        return Ok(false);
    }
    // Two servers that index at once: the later one finds the place moved, and its entries there already.
    if tx.execute(&SET_INDEXED, args![from, to]).await? == 1 {
        tx.execute(&INDEX_OBJECTS, args![from, to]).await?;
        tx.execute(&INDEX_ACTORS, args![from, to]).await?;
    }
    Ok(to < size)
}

/// Records after number `seq`, in order, at most `limit`.
pub async fn after(db: &mut impl Select, seq: u64, limit: u32) -> Result<Vec<Record>, Error> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    db.fetch_all(&AFTER, args![seq, limit]).await?.iter().map(record).collect()
}

/// Records of who was let in and of what was ended, after number `seq` and up to number `to`, in order, at most `limit`.
pub async fn of_authority(db: &mut impl Select, seq: u64, to: u64, limit: u32) -> Result<Vec<Record>, Error> {
    let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    db.fetch_all(&AUTHORITY, args![number(seq), number(to), limit]).await?.iter().map(record).collect()
}

/// Keeps a checkpoint; one per size.
pub async fn keep_checkpoint(tx: &mut Transaction, checkpoint: &Checkpoint) -> Result<(), Error> {
    let root = checkpoint.root().ok_or_else(|| corrupt("audit_checkpoint.root"))?;
    let size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
    let values = args![size, root.bytes(), checkpoint.time, &checkpoint.key, &checkpoint.signature];
    tx.execute(&INSERT_CHECKPOINT, values).await?;
    Ok(())
}

/// Checkpoints over `size` records or more, the smallest first, at most `limit`.
pub async fn checkpoints(
    db: &mut impl Select,
    vault: VaultId,
    size: u64,
    limit: u32,
) -> Result<Vec<Checkpoint>, Error> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    db.fetch_all(&CHECKPOINTS, args![size, limit]).await?.iter().map(|row| checkpoint(vault, row)).collect()
}

/// The checkpoint that covers the most.
pub async fn newest_checkpoint(db: &mut impl Select, vault: VaultId) -> Result<Option<Checkpoint>, Error> {
    db.fetch_optional(&NEWEST_CHECKPOINT, args![]).await?.map(|row| checkpoint(vault, &row)).transpose()
}

fn checkpoint(vault: VaultId, row: &Row) -> Result<Checkpoint, Error> {
    let root = Digest::from_bytes(&row.get::<Vec<u8>>(1)?).ok_or_else(|| corrupt("audit_checkpoint.root"))?;
    Ok(Checkpoint {
        vault,
        size: u64::try_from(row.get::<i64>(0)?).map_err(|_| corrupt("audit_checkpoint.size"))?,
        root: root.to_string(),
        time: row.get(2)?,
        key: row.get(3)?,
        signature: row.get(4)?,
    })
}

fn record(row: &Row) -> Result<Record, Error> {
    let kind: String = row.get(2)?;
    let object = match row.get::<Option<String>>(6)? {
        None => None,
        Some(kind) => Some(ObjectRef {
            kind: ObjectKind::from_name(&kind).ok_or_else(|| corrupt("audit_record.object_kind"))?,
            id: row.get(7)?,
            name: row.get::<Option<String>>(8)?.unwrap_or_default(),
        }),
    };
    let details: Details = match row.get::<Option<String>>(10)? {
        None => Details::new(),
        Some(text) => serde_json::from_str(&text).map_err(|_| corrupt("audit_record.details"))?,
    };
    Ok(Record {
        seq: u64::try_from(row.get::<i64>(0)?).map_err(|_| corrupt("audit_record.seq"))?,
        hash: Digest::from_bytes(&row.get::<Vec<u8>>(11)?).ok_or_else(|| corrupt("audit_record.hash"))?,
        entry: AuditEntry {
            at: row.get(1)?,
            actor: ActorRef {
                kind: AuditActorKind::from_name(&kind).ok_or_else(|| corrupt("audit_record.actor_kind"))?,
                id: row.get(3)?,
                name: row.get(4)?,
            },
            act: row.get::<String>(5)?.into(),
            object,
            reason: row.get(9)?,
            details,
        },
    })
}
