//! Records of vaults from before blocks: a row each, which become blocks at the first start since.

use countersign_audit::{
    ActorRef, AuditActorKind, AuditEntry, ChainHead, Details, ObjectKind, ObjectRef, Record, block::MAX_BLOCK,
};
use countersign_seal::Digest;

use crate::{
    args,
    audit::blocks,
    engine::{Error, Row, Select, Transaction, corrupt},
    keys::vault,
    statements,
};

// Some tenths of a second of work, so that no other server waits long.
const AT_ONCE: u32 = 8_192;

statements! {
    OLDEST = "select seq, at, actor_kind, actor, actor_name, act, object_kind, object, object_name, reason, details, hash \
              from audit_record order by seq limit $1";
    FORGET = "delete from audit_record where seq <= $1";
    ROOT = "select root from audit_block where last = $1";
}

/// Turns the oldest rows into blocks, and says how many; 0 when there are none.
///
/// Nothing is vouched for by it: a record that does not follow from the one before keeps its own hash as the last of a block,
/// and one that is missing stays so, so that verification finds after it what it found before.
pub async fn fold_rows(tx: &mut Transaction) -> Result<usize, Error> {
    // One server at a time.
    vault::lock_head(tx).await?;
    let rows = tx.fetch_all(&OLDEST, args![AT_ONCE]).await?;
    let records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(0) };
    let root = tx.fetch_optional(&ROOT, args![blocks::number(first.seq.saturating_sub(1))]).await?;
    let root = root.and_then(|row| row.get::<Vec<u8>>(0).ok()).and_then(|bytes| Digest::from_bytes(&bytes));
    let head = ChainHead { size: first.seq.saturating_sub(1), root: root.unwrap_or(Digest::ZERO) };
    for block in into_blocks(head, &records) {
        blocks::write(tx, block).await?;
    }
    tx.execute(&FORGET, args![blocks::number(last.seq)]).await?;
    Ok(records.len())
}

/// Cuts records so that in each block all but the last follow from what stands before them.
fn into_blocks(head: ChainHead, records: &[Record]) -> Vec<&[Record]> {
    let (mut head, mut begin, mut blocks) = (head, 0, Vec::new());
    for (place, record) in records.iter().enumerate() {
        if record.seq != head.size + 1 && begin < place {
            blocks.push(&records[begin..place]);
            begin = place;
        }
        let follows = head.follow(record);
        head = ChainHead { size: record.seq, root: record.hash };
        if !follows || place + 1 - begin == MAX_BLOCK {
            blocks.push(&records[begin..=place]);
            begin = place + 1;
        }
    }
    if begin < records.len() {
        blocks.push(&records[begin..]);
    }
    blocks
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

#[cfg(test)]
mod tests {
    use countersign_audit::{ActorRef, AuditAction, AuditEntry, ChainHead, Record};
    use countersign_model::Timestamp;
    use countersign_seal::Digest;

    use super::into_blocks;

    fn log(count: i64) -> Vec<Record> {
        let mut head = ChainHead::EMPTY;
        let entry = |n| AuditEntry::new(Timestamp::from_micros(n), ActorRef::system(), AuditAction::TokenRead);
        (0..count).map(|n| head.append(entry(n))).collect()
    }

    fn cut(records: &[Record]) -> Vec<(u64, u64)> {
        let ends = |block: &&[Record]| (block[0].seq, block[block.len() - 1].seq);
        into_blocks(ChainHead::EMPTY, records).iter().map(ends).collect()
    }

    #[test]
    fn what_does_not_follow_ends_a_block() {
        assert_eq!(cut(&log(5)), [(1, 5)]);
        assert_eq!(cut(&log(300)), [(1, 256), (257, 300)]);
        let mut missing = log(5);
        missing.remove(2);
        assert_eq!(
            cut(&missing),
            [(1, 2), (4, 4), (5, 5)],
            "the one behind the gap does not follow, the next does again"
        );
        let mut changed = log(5);
        changed[1].entry.at = Timestamp::from_micros(77);
        assert_eq!(cut(&changed), [(1, 2), (3, 5)]);
        changed[1].hash = Digest::ZERO;
        assert_eq!(cut(&changed), [(1, 2), (3, 3), (4, 5)]);
        changed.remove(0);
        assert_eq!(cut(&changed), [(2, 2), (3, 3), (4, 5)]);
        assert_eq!(cut(&[]), []);
    }
}
