//! Blocks of records: written once, read in the order of their numbers.

use countersign_audit::{
    AuditAction, AuditEntry, ChainHead, Record,
    block::{MAX_BLOCK, chained, may_hold, may_name, pack, unpack},
};
use countersign_seal::Digest;
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, Row, Select, Transaction, corrupt},
    keys::vault,
    statements,
};

statements! {
    INSERT = "insert into audit_block (last, first, root, entries) values ($1, $2, $3, $4)";
    // The hash of the record in front of a block stands with the block before.
    AFTER = "select b.last, b.first, b.root, b.entries, (select p.root from audit_block p where p.last = b.first - 1) \
             from audit_block b where b.last > $1 order by b.last limit $2";
    ENTRIES_AFTER = "select last, first, entries from audit_block where last > $1 order by last limit $2";
    ENTRIES_BEFORE = "select last, first, entries from audit_block where last >= $1 and first < $2 and last < $3 \
                      order by last desc limit $4";
    // A block has at most 256 records, so one that reaches into the range ends soon behind it.
    BEFORE = "select b.last, b.first, b.root, b.entries, (select p.root from audit_block p where p.last = b.first - 1) \
              from audit_block b where b.last >= $1 and b.first < $2 and b.last < $3 order by b.last desc limit $4";
}

/// Chains entries to the log's end. The first step of a transaction's last part: it holds the log until the commit.
///
/// Gives the vault's revision as it stood, for whoever must know that nothing changed meanwhile.
pub async fn append(tx: &mut Transaction, entries: Vec<AuditEntry>) -> Result<i64, Error> {
    let mut end = vault::lock_head(tx).await?;
    let records: Vec<Record> = entries.into_iter().map(|entry| end.head.append(entry)).collect();
    insert(tx, records).await?;
    vault::move_head(tx, end.head).await?;
    Ok(end.revision)
}

/// Writes records that were chained under [`vault::lock_head`] in this transaction.
pub async fn insert(tx: &mut Transaction, records: Vec<Record>) -> Result<(), Error> {
    for record in &records {
        tx.records(about(record));
    }
    for block in records.chunks(MAX_BLOCK) {
        write(tx, block).await?;
    }
    Ok(())
}

/// Writes one block, of records that follow one another; the hash of the last is kept as it is.
pub(super) async fn write(tx: &mut Transaction, records: &[Record]) -> Result<(), Error> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(()) };
    let entries = pack(records.iter().map(|record| &record.entry));
    tx.execute(&INSERT, args![number(last.seq), number(first.seq), last.hash.bytes(), entries]).await.map(drop)
}

/// The id of what a record is about.
pub(super) fn about(record: &Record) -> Option<Uuid> {
    record.entry.object.as_ref().and_then(|object| object.id)
}

/// A number of a record, as the database counts.
pub(super) fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A block as it was read. Its records' hashes are computed only where they are wanted.
pub(super) struct Block {
    pub(super) first: u64,
    pub(super) last: u64,
    root: Digest,
    before: Digest,
    pub(super) entries: Vec<AuditEntry>,
}

impl Block {
    fn read(row: &Row) -> Result<Self, Error> {
        let digest = |bytes: &[u8]| Digest::from_bytes(bytes).ok_or_else(|| corrupt("audit_block.root"));
        let entries = unpack(&row.get::<Vec<u8>>(3)?).ok_or_else(|| corrupt("audit_block.entries"))?;
        let before: Option<Vec<u8>> = row.get(4)?;
        let (last, first): (u64, u64) = (seq(row, 0)?, seq(row, 1)?);
        if first == 0 || last.checked_sub(first).is_none_or(|more| more + 1 != entries.len() as u64) {
            return Err(corrupt("audit_block.first"));
        }
        Ok(Self {
            first,
            last,
            root: digest(&row.get::<Vec<u8>>(2)?)?,
            // Where the block before is missing, nothing follows from it, which verification says.
            before: before.as_deref().map(digest).transpose()?.unwrap_or(Digest::ZERO),
            entries,
        })
    }

    /// Its records with their numbers and hashes.
    pub(super) fn into_records(self) -> Vec<Record> {
        chained(ChainHead { size: self.first - 1, root: self.before }, self.entries, self.root)
    }
}

impl Block {
    /// Its records, each with the hash of the one before.
    pub(super) fn into_linked(self) -> Vec<(Digest, Record)> {
        let mut before = self.before;
        let link = |record: Record| (std::mem::replace(&mut before, record.hash), record);
        self.into_records().into_iter().map(link).collect()
    }
}

/// Blocks with a record after number `seq`, in order, at most `limit`.
pub(super) async fn blocks_after(db: &mut impl Select, seq: u64, limit: u32) -> Result<Vec<Block>, Error> {
    db.fetch_all(&AFTER, args![number(seq), limit]).await?.iter().map(Block::read).collect()
}

/// Adds the entries of these acts, after the first number and up to the second, in order, with their numbers, until there
/// are `limit` of them.
pub(super) async fn entries_of(
    db: &mut impl Select,
    (after, to): (u64, u64),
    acts: &[AuditAction],
    limit: usize,
    found: &mut Vec<(u64, AuditEntry)>,
) -> Result<(), Error> {
    const AT_ONCE: u32 = 128;
    let mut after = after;
    while after < to && found.len() < limit {
        let rows = db.fetch_all(&ENTRIES_AFTER, args![number(after), AT_ONCE]).await?;
        let Some(last) = rows.last() else { break };
        let end = seq(last, 0)?;
        for row in &rows {
            let bytes: Vec<u8> = row.get(2)?;
            if may_hold(&bytes, acts) {
                let entries = (seq(row, 1)?..).zip(unpack(&bytes).ok_or_else(|| corrupt("audit_block.entries"))?);
                found.extend(entries.filter(|(seq, entry)| {
                    (after + 1..=to).contains(seq) && acts.iter().any(|act| entry.act == act.name())
                }));
            }
        }
        after = end;
    }
    found.truncate(limit);
    Ok(())
}

fn seq(row: &Row, column: usize) -> Result<u64, Error> {
    u64::try_from(row.get::<i64>(column)?).map_err(|_| corrupt("audit_block.last"))
}

/// Blocks with a record of a number from `from` to before `before`, the last first, at most `limit`.
pub(super) async fn blocks_before(
    db: &mut impl Select,
    from: u64,
    before: u64,
    limit: u32,
) -> Result<Vec<Block>, Error> {
    let ends_before = before.saturating_add(MAX_BLOCK as u64);
    let values = args![number(from), number(before), number(ends_before), limit];
    db.fetch_all(&BEFORE, values).await?.iter().map(Block::read).collect()
}

/// A block as it lies in the database, for who looks into few of many.
pub(super) struct Packed {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) bytes: Vec<u8>,
}

impl Packed {
    /// Whether it may hold an entry of any of these acts that names this id. Where it says no there is none: both stand in the
    /// block as they are.
    pub(super) fn may_hold(&self, acts: &[AuditAction], id: Uuid) -> bool {
        may_name(&self.bytes, id) && may_hold(&self.bytes, acts)
    }

    pub(super) fn entries(&self) -> Result<Vec<AuditEntry>, Error> {
        unpack(&self.bytes).ok_or_else(|| corrupt("audit_block.entries"))
    }
}

/// As [`blocks_after`], without what only hashes need, and not unpacked.
pub(super) async fn packed_after(db: &mut impl Select, after: u64, limit: u32) -> Result<Vec<Packed>, Error> {
    let rows = db.fetch_all(&ENTRIES_AFTER, args![number(after), limit]).await?;
    rows.iter().map(|row| Ok(Packed { last: seq(row, 0)?, first: seq(row, 1)?, bytes: row.get(2)? })).collect()
}

/// As [`blocks_before`], without what only hashes need, and not unpacked.
pub(super) async fn packed_before(
    db: &mut impl Select,
    from: u64,
    before: u64,
    limit: u32,
) -> Result<Vec<Packed>, Error> {
    let ends_before = before.saturating_add(MAX_BLOCK as u64);
    let values = args![number(from), number(before), number(ends_before), limit];
    let rows = db.fetch_all(&ENTRIES_BEFORE, values).await?;
    rows.iter().map(|row| Ok(Packed { last: seq(row, 0)?, first: seq(row, 1)?, bytes: row.get(2)? })).collect()
}

/// Records after number `seq`, in order, at most `limit`.
pub async fn after(db: &mut impl Select, seq: u64, limit: u32) -> Result<Vec<Record>, Error> {
    const AT_ONCE: u32 = 16;
    let limit = limit as usize;
    let (mut found, mut seq) = (Vec::new(), seq);
    while found.len() < limit {
        let blocks = blocks_after(db, seq, AT_ONCE).await?;
        let Some(last) = blocks.last().map(|block| block.last) else { break };
        found.extend(blocks.into_iter().flat_map(Block::into_records).filter(|record| record.seq > seq));
        seq = last;
    }
    found.truncate(limit);
    Ok(found)
}
