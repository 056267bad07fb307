//! Finding records: the newest first by what a filter asks, or in order by what they tell of authority.

use std::{collections::BTreeMap, ops::Range};

use countersign_audit::{
    AuditAction, AuditEntry, Record,
    index::{RUN, SEGMENT, Term},
};
use countersign_model::Timestamp;
use countersign_seal::Digest;
use uuid::Uuid;

use crate::{
    audit::{
        blocks::{blocks_before, entries_of},
        runs::{all_runs, authority, indexed_to, named, occurrences},
    },
    engine::{Error, Select},
    like::contains,
};

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

impl RecordFilter {
    pub(super) fn passes(&self, entry: &AuditEntry, search: Option<&str>) -> bool {
        let object = entry.object.as_ref();
        let named = |text: &str| {
            let holds = |name: &str| name.to_lowercase().contains(text);
            holds(&entry.actor.name) || object.is_some_and(|object| holds(&object.name))
        };
        self.act.as_deref().is_none_or(|act| act == entry.act)
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self.actor.is_none_or(|actor| entry.actor.id == Some(actor))
            && self.object.is_none_or(|id| object.is_some_and(|object| object.id == Some(id)))
            && search.is_none_or(named)
    }
}

/// Records that pass the filter, the newest first, at most `limit`.
pub async fn list(db: &mut impl Select, filter: &RecordFilter, limit: u32) -> Result<Vec<Record>, Error> {
    Ok(list_linked(db, filter, limit).await?.into_iter().map(|(_, record)| record).collect())
}

/// As [`list`], each with the hash of the record before it in the log.
pub async fn list_linked(
    db: &mut impl Select,
    filter: &RecordFilter,
    limit: u32,
) -> Result<Vec<(Digest, Record)>, Error> {
    let search = filter.search.as_deref().map(str::to_lowercase);
    let mut page = Page { filter, search: search.as_deref(), limit: limit as usize, found: Vec::new() };
    let before = filter.before.unwrap_or(u64::MAX);
    let Some(plan) = Plan::of(db, filter, page.search).await? else {
        page.read(db, 0, before).await?;
        return Ok(page.found);
    };
    let indexed = indexed_to(db).await?;
    page.read(db, indexed + 1, before).await?;
    let (mut below, mut at_once) = (before.saturating_sub(1).min(indexed).div_ceil(RUN), 4);
    while below > 0 && !page.is_full() {
        let from = below.saturating_sub(at_once);
        for (run, mask) in plan.segments(db, from, below).await?.into_iter().rev() {
            for (first, last) in ranges(run, mask).into_iter().rev() {
                page.read(db, first, before.min(last + 1)).await?;
            }
        }
        below = from;
        at_once = (at_once * 2).min(64);
    }
    Ok(page.found)
}

/// What is found of a page so far.
struct Page<'a> {
    filter: &'a RecordFilter,
    search: Option<&'a str>,
    limit: usize,
    found: Vec<(Digest, Record)>,
}

impl Page<'_> {
    fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    /// Adds what passes of the records from number `from` to before `before`, the last first.
    async fn read(&mut self, db: &mut impl Select, from: u64, before: u64) -> Result<(), Error> {
        let (mut before, mut at_once) = (before, 4);
        while !self.is_full() && from < before {
            let blocks = blocks_before(db, from, before, at_once).await?;
            let Some(first) = blocks.last().map(|block| block.first) else { break };
            for block in blocks {
                let within = |seq: u64| (from..before).contains(&seq);
                let passes = |entry: &AuditEntry| self.filter.passes(entry, self.search);
                // Hashes are computed for blocks that give something.
                if !(block.first..).zip(&block.entries).any(|(seq, entry)| within(seq) && passes(entry)) {
                    continue;
                }
                let records = block.into_linked().into_iter().rev();
                let room = self.limit - self.found.len();
                let passed: Vec<_> =
                    records.filter(|(_, record)| within(record.seq) && passes(&record.entry)).take(room).collect();
                self.found.extend(passed);
            }
            before = first;
            at_once = (at_once * 2).min(64);
        }
        Ok(())
    }
}

/// Where in the indexed runs to look.
pub(super) struct Plan {
    /// Segments with any of these terms, by their parts; all segments when none are given.
    terms: Option<BTreeMap<u8, Vec<Term>>>,
    /// Runs that the times leave, where times are asked for.
    runs: Option<Vec<u64>>,
}

// A text that more names than this hold is found soon, wherever one begins to look.
const MOST_NAMES: u32 = 2_048;

impl Plan {
    /// `None` where the log has to be looked through from its end.
    pub(super) async fn of(
        db: &mut impl Select,
        filter: &RecordFilter,
        search: Option<&str>,
    ) -> Result<Option<Self>, Error> {
        let (act, actor, object) = (filter.act.as_deref(), filter.actor, filter.object);
        let mut terms = Term::wanted(act, actor, object).map(|term| vec![term]);
        if let Some(text) = search {
            let names = named(db, &contains(text), MOST_NAMES + 1).await?;
            if names.len() <= MOST_NAMES as usize {
                terms =
                    Some(names.into_iter().flat_map(|(name, id)| of_named(&name, id, act, actor, object)).collect());
            }
        }
        let runs = if filter.since.is_some() || filter.until.is_some() {
            let overlaps = |since, until| {
                filter.since.is_none_or(|from| until >= from) && filter.until.is_none_or(|to| since < to)
            };
            let runs = all_runs(db).await?.into_iter().filter(|run| overlaps(run.since, run.until));
            Some(runs.map(|run| run.run).collect())
        } else {
            None
        };
        if terms.is_none() && runs.is_none() {
            return Ok(None);
        }
        let terms = terms.map(|terms| {
            let mut parts = BTreeMap::<u8, Vec<Term>>::new();
            terms.into_iter().for_each(|term| parts.entry(term.part()).or_default().push(term));
            parts
        });
        Ok(Some(Self { terms, runs }))
    }

    /// From the first to behind the last of the `runs` that the times leave.
    pub(super) fn within(&self, runs: Range<u64>) -> Range<u64> {
        match &self.runs {
            Some(left) => {
                let first = left.iter().min().map_or(runs.end, |first| runs.start.max(*first));
                first..left.iter().max().map_or(first, |last| runs.end.min(last + 1)).max(first)
            }
            None => runs,
        }
    }

    /// The segments to look at in the runs from `from` to before `below`, as masks.
    pub(super) async fn segments(
        &self,
        db: &mut impl Select,
        from: u64,
        below: u64,
    ) -> Result<BTreeMap<u64, u64>, Error> {
        let mut masks = BTreeMap::new();
        match &self.terms {
            None => masks.extend((from..below).map(|run| (run, u64::MAX))),
            Some(parts) => {
                for (part, terms) in parts {
                    for (run, mask) in occurrences(db, *part, terms, from, below).await? {
                        *masks.entry(run).or_default() |= mask;
                    }
                }
            }
        }
        if let Some(runs) = &self.runs {
            masks.retain(|run, _| runs.contains(run));
        }
        Ok(masks)
    }
}

/// The terms of records that a found name may be in, as the actor's or as the object's.
fn of_named(name: &str, id: Option<Uuid>, act: Option<&str>, actor: Option<Uuid>, object: Option<Uuid>) -> Vec<Term> {
    let Some(id) = id else { return vec![Term::nameless(name)] };
    let as_actor = actor.is_none_or(|actor| actor == id).then(|| Term::wanted(act, Some(id), object)).flatten();
    let as_object = object.is_none_or(|object| object == id).then(|| Term::wanted(act, actor, Some(id))).flatten();
    as_actor.into_iter().chain(as_object).collect()
}

/// The first and last numbers of neighbouring segments of a run, in order.
pub(super) fn ranges(run: u64, mask: u64) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for segment in (0..RUN / SEGMENT).filter(|segment| mask >> segment & 1 == 1) {
        let before = run * RUN + segment * SEGMENT;
        match ranges.last_mut() {
            Some((_, last)) if *last == before => *last += SEGMENT,
            _ => ranges.push((before + 1, before + SEGMENT)),
        }
    }
    ranges
}

/// Records of who was let in and of what was ended, after number `seq` and up to number `to`, in order, at most `limit`: each
/// with its number.
pub async fn of_authority(
    db: &mut impl Select,
    seq: u64,
    to: u64,
    limit: u32,
) -> Result<Vec<(u64, AuditEntry)>, Error> {
    let (mut found, limit) = (Vec::new(), limit as usize);
    let mut seq = seq;
    // What is near is looked through; only a long way is worth the index.
    let indexed = if to.saturating_sub(seq) > RUN { indexed_to(db).await?.min(to) } else { 0 };
    if seq < indexed {
        let runs = seq / RUN..indexed.div_ceil(RUN);
        let known = authority(db, runs.start, runs.end).await?;
        for run in runs {
            for (first, last) in ranges(run, known.get(&run).copied().unwrap_or(u64::MAX)) {
                let within = (seq.max(first - 1), last.min(to));
                entries_of(db, within, &AuditAction::OF_AUTHORITY, limit, &mut found).await?;
            }
        }
        seq = indexed;
    }
    entries_of(db, (seq, to), &AuditAction::OF_AUTHORITY, limit, &mut found).await?;
    Ok(found)
}

/// Entries of one act, the oldest first, at most `limit`, from the log itself: for what must not be hidden by an index that was
/// changed. It looks through all of the log where there are none.
pub async fn oldest_of(db: &mut impl Select, act: AuditAction, limit: u32) -> Result<Vec<AuditEntry>, Error> {
    let mut found = Vec::new();
    entries_of(db, (0, u64::MAX), &[act], limit as usize, &mut found).await?;
    Ok(found.into_iter().map(|(_, entry)| entry).collect())
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn neighbouring_segments_are_read_in_one_go() {
        assert_eq!(ranges(0, 0), []);
        assert_eq!(ranges(0, 0b1011), [(1, 512), (769, 1024)]);
        assert_eq!(ranges(1, 1 << 63), [(16_384 + 63 * 256 + 1, 2 * 16_384)]);
        assert_eq!(ranges(2, u64::MAX), [(2 * 16_384 + 1, 3 * 16_384)]);
    }
}
