//! One group of readers, written.
//!
//! Mostly the log ends where this process left it and nobody's rights have changed: then the group is chained to that end,
//! and goes to the database as one piece of work that is done only if it is so. Otherwise a transaction takes the log's end
//! and looks; there claims are decided, too.

use std::{collections::HashSet, sync::Arc};

use countersign_audit::{AuditEntry, ChainHead, Record};
use countersign_model::CredentialId;
use countersign_seal::Receipt;
use countersign_store::{
    audit,
    engine::{self, Database},
    steps::{self, StepUse},
    vault::{self, LogEnd},
};

use crate::tokens::{
    claim::{TypedAt, claim},
    steps::StepBoard,
};

/// One act to record before its secret leaves.
pub(crate) struct PendingRecord {
    /// What to record.
    pub(crate) entry: AuditEntry,
    /// The revision at which it was decided. When the vault has moved on, nothing is recorded: decide again.
    pub(crate) revision: i64,
    /// The time step that was looked at.
    pub(crate) used: Option<StepUse>,
    /// Whether the step is claimed for a machine, which only one may.
    pub(crate) claimed: bool,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum RecordOutcome {
    /// Durable: against this the secret may leave. Beside it who took the step, the latest first, where the whole group was
    /// asked for at once.
    Recorded(Receipt, Option<Vec<StepUse>>),
    /// The vault has moved on since it was decided.
    Stale,
    /// Somebody has the step already.
    Taken,
    /// Not recorded.
    Failed(Arc<engine::Error>),
}

/// Writes groups, and remembers where the log ended after the last.
pub(crate) struct GroupWriter {
    pub(crate) database: Database,
    board: Arc<StepBoard>,
    /// As this process left it, while nobody else has been found to write.
    end: Option<LogEnd>,
    /// Where the log ended then, whoever writes.
    left: Option<ChainHead>,
}

/// What belongs to a record but does not stand in it.
struct Beside {
    revision: i64,
    used: Option<StepUse>,
    claimed: bool,
}

impl GroupWriter {
    pub(crate) const fn new(database: Database, board: Arc<StepBoard>) -> Self {
        Self { database, board, end: None, left: None }
    }

    /// The question of who took the steps of a group, where only the database knows and more than one reader would ask.
    pub(crate) fn steps_of(&self, group: &[PendingRecord]) -> Option<GroupSteps> {
        if !self.board.is_shared() || group.len() < 2 {
            return None;
        }
        let steps = group.iter().map(|it| it.used.as_ref().map(|used| (used.credential, used.step))).collect();
        Some(GroupSteps { database: self.database.clone(), steps })
    }

    /// What became of each, in their order.
    pub(crate) async fn write(&mut self, group: Vec<PendingRecord>) -> Result<Vec<RecordOutcome>, engine::Error> {
        let split = |it: PendingRecord| {
            let PendingRecord { entry, revision, used, claimed } = it;
            (entry, Beside { revision, used, claimed })
        };
        let (mut entries, beside): (Vec<_>, Vec<_>) = group.into_iter().map(split).unzip();
        // Whatever happens to this one, only its success says where the log ends then.
        if let Some(end) = self.end.take()
            && beside.iter().all(|it| it.revision == end.revision && !it.claimed)
        {
            match self.write_behind(end, entries, &beside).await? {
                Ok(receipts) => return Ok(receipts.into_iter().map(recorded).collect()),
                Err(untouched) => entries = untouched,
            }
        }
        self.write_looking(entries, beside).await
    }

    /// Writes all of it behind `end`; gives the entries back where the vault has moved on.
    async fn write_behind(
        &mut self,
        end: LogEnd,
        entries: Vec<AuditEntry>,
        beside: &[Beside],
    ) -> Result<Result<Vec<Receipt>, Vec<AuditEntry>>, engine::Error> {
        let mut head = end.head;
        let records: Vec<Record> = entries.into_iter().map(|entry| head.append(entry)).collect();
        let mut looked = Looked::default();
        let looks = beside.iter().filter_map(|it| it.used.as_ref());
        let looks: Vec<StepUse> =
            looks.filter(|used| !self.board.knows(used) && looked.is_new(used)).cloned().collect();
        let Some(receipts) = audit::commit_group(&self.database, &end, &records, &looks).await? else {
            return Ok(Err(records.into_iter().map(|record| record.entry).collect()));
        };
        self.board.note(looks);
        self.end = Some(end.moved_to(head));
        self.left = Some(head);
        Ok(Ok(receipts))
    }

    /// Takes the log's end, and decides by what is true there.
    async fn write_looking(
        &mut self,
        entries: Vec<AuditEntry>,
        beside: Vec<Beside>,
    ) -> Result<Vec<RecordOutcome>, engine::Error> {
        let mut tx = self.database.write().await?;
        let end = vault::lock_head(&mut tx).await?;
        let mut head = end.head;
        let mut outcomes = Vec::with_capacity(entries.len());
        let mut records = Vec::with_capacity(entries.len());
        let (mut looks, mut noted, mut looked) = (Vec::new(), Vec::new(), Looked::default());
        for (entry, Beside { revision, used, claimed }) in entries.into_iter().zip(beside) {
            if revision != end.revision {
                outcomes.push(Some(RecordOutcome::Stale));
                continue;
            }
            if let Some(used) = used {
                if claimed {
                    // Looks of this group come first, in the order in which they were asked.
                    steps::note(&mut tx, std::mem::take(&mut looks)).await?;
                    if !claim(&mut tx, &used, TypedAt::Anywhere, &head).await? {
                        outcomes.push(Some(RecordOutcome::Taken));
                        continue;
                    }
                    looked.is_new(&used);
                    noted.push(used);
                } else if !self.board.knows(&used) && looked.is_new(&used) {
                    noted.push(used.clone());
                    looks.push(used);
                }
            }
            records.push(head.append(entry));
            // Its receipt comes with the commit.
            outcomes.push(None);
        }
        if records.is_empty() {
            return Ok(outcomes.into_iter().flatten().collect());
        }
        steps::note(&mut tx, looks).await?;
        audit::insert(&mut tx, records).await?;
        vault::move_head(&mut tx, head).await?;
        let mut receipts = tx.commit().await?.into_iter();
        self.board.note(noted);
        // Who finds others writing asks again, until the log is found where it was left.
        let alone = self.left.is_none_or(|left| left == end.head);
        self.end = alone.then_some(end.moved_to(head));
        self.left = Some(head);
        let with_receipt = |outcome: Option<RecordOutcome>| outcome.or_else(|| receipts.next().map(recorded));
        Ok(outcomes.into_iter().filter_map(with_receipt).collect())
    }
}

const fn recorded(receipt: Receipt) -> RecordOutcome {
    RecordOutcome::Recorded(receipt, None)
}

/// Who took the steps that a group looked at, by one question for all.
pub(crate) struct GroupSteps {
    database: Database,
    /// Of each of the group, in their order.
    steps: Vec<Option<(CredentialId, i64)>>,
}

impl GroupSteps {
    /// Adds to what was recorded who took its step. Where that cannot be told now, each reader asks for themselves.
    pub(crate) async fn add_to(self, outcomes: &mut [RecordOutcome]) {
        let asked: HashSet<_> = self.steps.iter().flatten().copied().collect();
        let Ok(found) = steps::uses_of_all(&mut &self.database, &asked).await else { return };
        for (outcome, step) in outcomes.iter_mut().zip(self.steps) {
            if let (RecordOutcome::Recorded(_, uses), Some(step)) = (outcome, step) {
                *uses = Some(found.get(&step).cloned().unwrap_or_default());
            }
        }
    }
}

/// Who looked at which step in this group already.
#[derive(Default)]
struct Looked(HashSet<(CredentialId, i64, String)>);

impl Looked {
    fn is_new(&mut self, used: &StepUse) -> bool {
        self.0.insert((used.credential, used.step, used.name.clone()))
    }
}
