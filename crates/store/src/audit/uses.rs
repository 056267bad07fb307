//! The last use of each credential and grant, counted from the log beside it, like the index of runs: `vault.uses_counted` says up to
//! which record. It decides nothing, and is not marked: what happened stands in the log.

use std::collections::HashMap;

use countersign_audit::uses::{Usage, Usages, may_hold_uses};
use countersign_model::Timestamp;
use uuid::Uuid;

use crate::{
    args,
    audit::blocks::{number, packed_after},
    engine::{Bulk, Error, Row, Select, Transaction, Value, corrupt, fetch_bulk},
    statements,
};

static PUT: Bulk = Bulk::new(
    "audit::PUT_USES",
    "insert into last_use (thing, used_at, actor, actor_name, act, uses)",
    6,
    "on conflict (thing) do update set used_at = excluded.used_at, actor = excluded.actor, actor_name = excluded.actor_name, \
     act = excluded.act, uses = last_use.uses + excluded.uses",
);

static LAST_OF: Bulk =
    Bulk::of_keys("audit::LAST_USES", "select thing, used_at from last_use where thing in (", "uuid", ")");

/// The statements of many rows, for the test that prepares all.
pub static BULKS: &[&Bulk] = &[&PUT, &LAST_OF];

statements! {
    COUNTED = "select uses_counted, audit_size from vault";
    SET_COUNTED = "update vault set uses_counted = $2 where one = 1 and uses_counted = $1";
    OF = "select thing, used_at, actor, actor_name, act, uses from last_use where thing = $1";
    // What is gone is used no more; what lies in the bin may come back.
    FORGET = "delete from last_use where not exists (select 1 from access_grant g where g.id = thing) \
              and not exists (select 1 from credential c where c.id = thing) \
              and not exists (select 1 from removed_grant g where g.id = thing) \
              and not exists (select 1 from removed_credential c where c.id = thing)";
}

/// What some records tell, not kept yet.
pub struct CountedUses {
    from: u64,
    to: u64,
    uses: Usages,
}

/// Counts the uses in the next records, some thousands; `None` where all are counted.
pub async fn next_uses(db: &mut impl Select) -> Result<Option<CountedUses>, Error> {
    const AT_ONCE: u32 = 256;
    let row = db.fetch_one(&COUNTED, args![]).await?;
    let from = u64::try_from(row.get::<i64>(0)?).map_err(|_| corrupt("vault.uses_counted"))?;
    let blocks = packed_after(db, from, AT_ONCE).await?;
    let Some(to) = blocks.last().map(|block| block.last) else { return Ok(None) };
    let mut uses = Usages::default();
    // One block after the other: unpacked at once they would take fifty megabytes.
    for block in blocks.iter().filter(|block| may_hold_uses(&block.bytes)) {
        let entries = block.entries()?;
        (block.first..).zip(&entries).filter(|(seq, _)| *seq > from).for_each(|(_, entry)| uses.add(entry));
    }
    Ok(Some(CountedUses { from, to, uses }))
}

/// Keeps what was counted. Two servers may count at once: the later one finds the place moved, and keeps nothing.
pub async fn keep_uses(tx: &mut Transaction, counted: CountedUses) -> Result<(), Error> {
    if tx.execute(&SET_COUNTED, args![number(counted.from), number(counted.to)]).await? != 1 {
        return Ok(());
    }
    let mut values = Vec::new();
    for (thing, last) in counted.uses.into_each() {
        let uses = i64::try_from(last.uses).unwrap_or(i64::MAX);
        values.extend(args![thing, last.at, last.actor, last.name, last.act, uses]);
    }
    tx.execute_bulk(&PUT, values).await.map(drop)
}

/// Up to which record uses are counted, and how many records there are.
pub async fn uses_counted(db: &mut impl Select) -> Result<(u64, u64), Error> {
    let row = db.fetch_one(&COUNTED, args![]).await?;
    let count = |column| u64::try_from(row.get::<i64>(column)?).map_err(|_| corrupt("vault.uses_counted"));
    Ok((count(0)?, count(1)?))
}

/// The last use of a credential or a grant, as far as it is counted.
pub async fn usage(db: &mut impl Select, thing: Uuid) -> Result<Option<Usage>, Error> {
    let row = db.fetch_optional(&OF, args![thing]).await?;
    row.map_or(Ok(None), |row| usage_at(&row, 1))
}

/// When each of these was last used, as far as it is counted; without those that nobody has used.
pub async fn last_uses(db: &mut impl Select, things: &[Uuid]) -> Result<HashMap<Uuid, Timestamp>, Error> {
    if things.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = fetch_bulk(db, &LAST_OF, things.iter().map(|thing| Value::from(*thing)).collect()).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Forgets the uses of what is gone.
pub async fn forget_uses(tx: &mut Transaction) -> Result<(), Error> {
    tx.execute(&FORGET, args![]).await.map(drop)
}

/// The columns of a last use, from `at` on; `None` where they are null.
pub(crate) fn usage_at(row: &Row, at: usize) -> Result<Option<Usage>, Error> {
    let Some(used_at) = row.get(at)? else { return Ok(None) };
    let uses = u64::try_from(row.get::<i64>(at + 4)?).map_err(|_| corrupt("last_use.uses"))?;
    Ok(Some(Usage { at: used_at, actor: row.get(at + 1)?, name: row.get(at + 2)?, act: row.get(at + 3)?, uses }))
}
