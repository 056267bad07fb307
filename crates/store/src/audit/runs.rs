//! The index of whole runs of records: built beside the log from what a reader sees, kept in a transaction of its own.
//!
//! `vault.audit_indexed` says up to which record all runs are indexed. A part of a run's index is a row of `audit_index`, whose
//! id has the part in front and the run behind, so that one term of all runs is read in one go.

use std::collections::HashMap;

use countersign_audit::index::{IndexPart, Names, RUN, RunIndex, Term, segments};
use countersign_model::Timestamp;
use uuid::Uuid;

use crate::{
    args,
    audit::blocks::{blocks_after, number},
    engine::{Bulk, Error, Select, Transaction, Value, corrupt},
    keys::marks,
    statements,
};

static INSERT_PARTS: Bulk =
    Bulk::new("audit::INSERT_PARTS", "insert into audit_index (id, terms)", 2, "on conflict do nothing");
// A party without an id has an empty one.
static INSERT_NAMES: Bulk =
    Bulk::new("audit::INSERT_NAMES", "insert into audit_name (name, thing)", 2, "on conflict do nothing");

/// The statements of many rows, for the test that prepares all.
pub static BULKS: &[&Bulk] = &[&INSERT_PARTS, &INSERT_NAMES];

statements! {
    INDEXED = "select audit_indexed, audit_size from vault";
    SET_INDEXED = "update vault set audit_indexed = $2 where one = 1 and audit_indexed = $1";
    INSERT_RUN = "insert into audit_run (run, since, until, authority, mark) values ($1, $2, $3, $4, $5) on conflict do nothing";
    AUTHORITY = "select run, authority, mark from audit_run where run >= $1 and run < $2";
    RUNS = "select run, since, until from audit_run order by run desc";
    PART = "select id, terms from audit_index where id >= $1 and id < $2 order by id desc";
    NAMED = "select name, thing from audit_name where name like $1 escape '\\' limit $2";
}

/// A run that has been indexed and is not kept yet.
pub struct BuiltRun {
    run: u64,
    since: Timestamp,
    until: Timestamp,
    authority: u64,
    parts: Vec<IndexPart>,
    names: Names,
}

/// Up to which record the log is indexed, and how many it has.
async fn indexed(db: &mut impl Select) -> Result<(u64, u64), Error> {
    let row = db.fetch_one(&INDEXED, args![]).await?;
    let count = |index| u64::try_from(row.get::<i64>(index)?).map_err(|_| corrupt("vault.audit_indexed"));
    Ok((count(0)?, count(1)?))
}

/// How many records are indexed.
pub(super) async fn indexed_to(db: &mut impl Select) -> Result<u64, Error> {
    // What is no whole run is no place that this version has noted.
    let (to, _) = indexed(db).await?;
    Ok(to / RUN * RUN)
}

/// Indexes the first run that is whole and not indexed; `None` while there is none.
pub async fn next_run(db: &mut impl Select) -> Result<Option<BuiltRun>, Error> {
    const AT_ONCE: u32 = 64;
    let (from, size) = indexed(db).await?;
    if size < from + RUN {
        return Ok(None);
    }
    let mut index = RunIndex::default();
    let (mut since, mut until) = (i64::MAX, i64::MIN);
    let mut seen = from;
    while seen < from + RUN {
        let blocks = blocks_after(db, seen, AT_ONCE).await?;
        let Some(last) = blocks.last().map(|block| block.last) else {
            // Records are missing, which verification says; what is not there needs no index.
            break;
        };
        for block in &blocks {
            let numbered = (block.first..).zip(&block.entries);
            for (seq, entry) in numbered.filter(|(seq, _)| (from + 1..=from + RUN).contains(seq)) {
                index.add(seq, entry);
                since = since.min(entry.at.micros());
                until = until.max(entry.at.micros());
            }
        }
        seen = last;
    }
    let authority = index.authority();
    let (parts, names) = index.finish();
    let time = Timestamp::from_micros;
    Ok(Some(BuiltRun { run: from / RUN, since: time(since), until: time(until), authority, parts, names }))
}

/// Keeps a run's index. Two servers may do so at once: the later one finds the place moved.
pub async fn keep_run(tx: &mut Transaction, built: BuiltRun) -> Result<(), Error> {
    let (from, to) = (number(built.run * RUN), number((built.run + 1) * RUN));
    if tx.execute(&SET_INDEXED, args![from, to]).await? != 1 {
        return Ok(());
    }
    let marked = marks::run(built.run, built.authority);
    let mark = tx.keys().are_there().then(|| tx.keys().mark(&marked)).transpose()?;
    let authority = built.authority.cast_signed();
    tx.execute(&INSERT_RUN, args![number(built.run), built.since, built.until, authority, mark]).await?;
    let mut parts = Vec::with_capacity(built.parts.len() * 2);
    for (part, terms) in built.parts {
        parts.extend(args![id(part, built.run), terms]);
    }
    tx.execute_bulk(&INSERT_PARTS, parts).await?;
    let thing = |id: Option<Uuid>| Value::from(id.map(|id| id.as_bytes().to_vec()).unwrap_or_default());
    let names = built.names.into_iter().flat_map(|(name, id)| [Value::from(name), thing(id)]).collect();
    tx.execute_bulk(&INSERT_NAMES, names).await.map(drop)
}

fn id(part: u8, run: u64) -> i64 {
    i64::from(part) << 40 | number(run)
}

/// An indexed run, and when its records were made: from the first of these times to the last.
pub(super) struct RunTimes {
    pub(super) run: u64,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
}

/// All indexed runs, the newest first.
pub(super) async fn all_runs(db: &mut impl Select) -> Result<Vec<RunTimes>, Error> {
    let rows = db.fetch_all(&RUNS, args![]).await?;
    rows.iter()
        .map(|row| {
            let run = u64::try_from(row.get::<i64>(0)?).map_err(|_| corrupt("audit_run.run"))?;
            Ok(RunTimes { run, since: row.get(1)?, until: row.get(2)? })
        })
        .collect()
}

/// In which segments of the runs from `from` to before `before` any of the terms occurs, all of one part: run and mask, the
/// newest run first. Runs without them are left out.
pub(super) async fn occurrences(
    db: &mut impl Select,
    part: u8,
    terms: &[Term],
    from: u64,
    before: u64,
) -> Result<Vec<(u64, u64)>, Error> {
    let rows = db.fetch_all(&PART, args![id(part, from), id(part, before)]).await?;
    let mut found = Vec::new();
    for row in &rows {
        let run = u64::try_from(row.get::<i64>(0)? & ((1 << 40) - 1)).map_err(|_| corrupt("audit_index.id"))?;
        let bytes: Vec<u8> = row.get(1)?;
        let mask = terms.iter().fold(0, |mask, term| mask | segments(&bytes, *term));
        if mask != 0 {
            found.push((run, mask));
        }
    }
    Ok(found)
}

/// In which segments of the runs from `from` to before `before` something of authority happened, for those of which this vault
/// has said so, under the key that it has now. An index that was changed would hide what was ended, so others are looked through.
pub(super) async fn authority(db: &mut impl Select, from: u64, before: u64) -> Result<HashMap<u64, u64>, Error> {
    let rows = db.fetch_all(&AUTHORITY, args![number(from), number(before)]).await?;
    let mut known = HashMap::new();
    for row in &rows {
        let run = u64::try_from(row.get::<i64>(0)?).map_err(|_| corrupt("audit_run.run"))?;
        let (authority, mark) = (row.get::<i64>(1)?.cast_unsigned(), row.get::<Option<Vec<u8>>>(2)?);
        if db.keys().check("index of the audit log", "", &marks::run(run, authority), mark.as_deref()).is_ok() {
            known.insert(run, authority);
        }
    }
    Ok(known)
}

/// Who and what bears a name that holds the text, by `pattern`, at most `limit`: the name, and the id if there is one.
pub(super) async fn named(
    db: &mut impl Select,
    pattern: &str,
    limit: u32,
) -> Result<Vec<(String, Option<Uuid>)>, Error> {
    let rows = db.fetch_all(&NAMED, args![pattern, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, Uuid::from_slice(&row.get::<Vec<u8>>(1)?).ok()))).collect()
}
