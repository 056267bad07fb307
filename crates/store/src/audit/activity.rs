//! How often a credential was used, or a person used any, on each day: counted from the log itself when somebody asks.
//!
//! The index of runs says where in the days that are asked about they occur, as for a page of records. What is found there is
//! skimmed as it lies, and unpacked only where it names them.

use countersign_audit::{
    daily::{DailyUses, UseCounts},
    index::RUN,
    uses::COUNTED,
};
use countersign_model::Timestamp;
use uuid::Uuid;

use crate::{
    audit::{
        blocks::{Packed, packed_before},
        list::{Plan, RecordFilter, ranges},
        runs::indexed_to,
    },
    engine::{Error, Select},
};

/// Whose uses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityOf {
    /// Those of a credential, whoever used it.
    Credential(Uuid),
    /// Those by a person or a program, whatever they used.
    User(Uuid),
}

/// How often something was used on each day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyActivity {
    /// In order, a day each.
    pub days: Vec<UseCounts>,
    /// Where there was too much to look at: uses before this are not counted.
    pub counted_from: Option<Timestamp>,
}

/// Counts the uses on each day; `bounds` are when each begins, in order, and when the last one ends. The newest records come
/// first, and after `at_most` of them it stops.
pub async fn activity(
    db: &mut impl Select,
    of: ActivityOf,
    bounds: Vec<Timestamp>,
    at_most: u64,
) -> Result<DailyActivity, Error> {
    let (since, until) = (bounds.first().copied(), bounds.last().copied());
    let filter = match of {
        ActivityOf::Credential(id) => RecordFilter { object: Some(id), since, until, ..RecordFilter::default() },
        ActivityOf::User(id) => RecordFilter { actor: Some(id), since, until, ..RecordFilter::default() },
    };
    let (ActivityOf::Credential(id) | ActivityOf::User(id)) = of;
    let mut counting =
        Counting { filter: &filter, id, uses: DailyUses::new(bounds), left: at_most, counted_from: None };
    let indexed = indexed_to(db).await?;
    counting.read(db, indexed + 1, u64::MAX).await?;
    if let Some(plan) = Plan::of(db, &filter, None).await? {
        let runs = plan.within(0..indexed.div_ceil(RUN));
        let mut below = runs.end;
        while below > runs.start && !counting.is_over() {
            let from = below.saturating_sub(RUNS_AT_ONCE).max(runs.start);
            for (run, mask) in plan.segments(db, from, below).await?.into_iter().rev() {
                for (first, last) in ranges(run, mask).into_iter().rev() {
                    counting.read(db, first, last + 1).await?;
                }
            }
            below = from;
        }
    }
    Ok(DailyActivity { days: counting.uses.into_days(), counted_from: counting.counted_from })
}

const RUNS_AT_ONCE: u64 = 32;
const BLOCKS_AT_ONCE: u32 = 64;

struct Counting<'a> {
    filter: &'a RecordFilter,
    /// What every record that counts names.
    id: Uuid,
    uses: DailyUses,
    /// So many records may still be looked at.
    left: u64,
    counted_from: Option<Timestamp>,
}

impl Counting<'_> {
    const fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Counts the uses in the records from number `from` to before `before`, the last first.
    async fn read(&mut self, db: &mut impl Select, from: u64, before: u64) -> Result<(), Error> {
        let mut before = before;
        while from < before && !self.is_over() {
            let blocks = packed_before(db, from, before, BLOCKS_AT_ONCE).await?;
            let Some(first) = blocks.last().map(|block| block.first) else { break };
            for block in blocks {
                self.look(&block, from, before)?;
            }
            before = first;
        }
        Ok(())
    }

    fn look(&mut self, block: &Packed, from: u64, before: u64) -> Result<(), Error> {
        if self.is_over() {
            return Ok(());
        }
        if block.may_hold(&COUNTED, self.id) {
            let entries = block.entries()?;
            let within = (block.first..).zip(&entries).filter(|(seq, _)| (from..before).contains(seq));
            let passed = within.filter(|(_, entry)| self.filter.passes(entry, None));
            passed.for_each(|(_, entry)| self.uses.add(entry));
        }
        self.left = self.left.saturating_sub(block.last + 1 - block.first);
        if self.is_over() {
            let earliest = block.entries()?.iter().map(|entry| entry.at).min();
            // What is left may be of before the days alone.
            self.counted_from = earliest.filter(|at| self.filter.since.is_none_or(|since| *at > since));
        }
        Ok(())
    }
}
