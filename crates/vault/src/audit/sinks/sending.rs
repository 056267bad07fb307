//! For whoever sends: a place for a lease, one batch after the other, and how far each was taken.

use std::time::Duration;

use countersign_audit::{ChainHead, Checkpoint, ExportLine, Record};
use countersign_model::{SinkFilter, SinkId, Timestamp, sink_wait};
use countersign_store::{
    audit::{
        self,
        sinks::{self, SinkProgress, SinkState},
    },
    engine::{Lane, Reader},
    vault as vault_row,
};

use super::stored::{MAX_SINKS, SinkWay, place, shown};
use crate::{Error, Object, Vault};

const LONGEST_ERROR: usize = 500;
/// A record is under 20 kB, so a batch stays under a few MiB.
const BATCH: u32 = 250;
const MAX_CHECKPOINTS: u32 = 100;

/// A place that this sender has taken.
pub struct SinkTurn {
    /// Its id.
    pub id: SinkId,
    /// Its name.
    pub name: String,
    /// How records go there.
    pub way: SinkWay,
    filter: SinkFilter,
    sender: String,
    lease: Duration,
}

/// What a place gets next.
pub struct SinkBatch {
    /// Records in their order, each checkpoint behind the last record that it covers. May be empty where nothing passed the filter.
    pub lines: Vec<ExportLine>,
    /// Whether there is more at this moment.
    pub more: bool,
    progress: SinkProgress,
    moved: bool,
}

impl SinkBatch {
    /// Whether there is anything to note, even where nothing is to be sent.
    pub const fn moved(&self) -> bool {
        self.moved
    }
}

/// What a place itself says that it has, where it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenFrom {
    /// It cannot say.
    Unknown,
    /// This record is the last that it has; 0: none.
    Record(u64),
}

impl Vault {
    /// Takes the places to which something is to be sent, that nobody sends to: but for those that this sender has already.
    ///
    /// # Errors
    /// Of the database.
    pub async fn claim_sinks(&self, sender: &str, lease: Duration, mine: &[SinkId]) -> Result<Vec<SinkTurn>, Error> {
        let now = self.now();
        let mut reader = self.inner.database.read().await?;
        let found = sinks::all(&mut reader, MAX_SINKS).await?;
        drop(reader);
        let mut turns = Vec::new();
        for (row, state) in found {
            if row.paused || mine.contains(&row.id) || !is_free(&state, now) {
                continue;
            }
            let (filter, way) = (shown(&row)?.acts, self.sink_way(&row)?);
            let mut tx = self.unit().await?;
            let times = (now, now.plus(lease), now.plus(LONGEST_WAIT));
            if sinks::claim(&mut tx, row.id, sender, times).await? {
                tx.commit_without_record("takes a destination to send to").await?;
                let (id, name, sender) = (row.id, row.name.to_string(), sender.to_owned());
                turns.push(SinkTurn { id, name, way, filter, sender, lease });
            }
        }
        Ok(turns)
    }

    /// What the place gets next; `None` when somebody else sends to it, or other settings hold. `there` is what the place itself has.
    ///
    /// # Errors
    /// [`Error::LogBroken`] where the log does not go on from what the place has taken: it was cut, or rewritten.
    pub async fn sink_batch(&self, turn: &SinkTurn, there: TakenFrom) -> Result<Option<SinkBatch>, Error> {
        let mut reader = self.inner.database.read_on(Lane::Usual).await?;
        let Some((row, state)) = sinks::find(&mut reader, turn.id).await? else { return Ok(None) };
        if row.paused || state.leased_by.as_deref() != Some(&turn.sender) {
            return Ok(None);
        }
        let head = vault_row::find(&mut reader).await?.ok_or(Error::NotFound(Object::Vault))?.head;
        let SinkProgress { start, cursor, sent, checkpoint } = state.progress;
        if head.size < cursor.size || (head.size == cursor.size && head.root != cursor.root) {
            return Err(Error::LogBroken { record: cursor.size });
        }
        let has = match there {
            TakenFrom::Unknown => sent,
            TakenFrom::Record(last) if last > head.size => return Err(Error::LogBroken { record: last }),
            TakenFrom::Record(last) => last,
        };
        let from = resume(start, cursor.size, sent, has);
        let again = from < cursor.size;
        let from = if again { place(&mut reader, from).await? } else { cursor };
        let checkpoint = if again { checkpoint.min(from.size) } else { checkpoint };
        let (records, to) = self.chained_after(&mut reader, from).await?;
        let wants = |record: &Record| record.seq > has && turn.filter.wants(&record.entry.act);
        let wanted: Vec<Record> = records.into_iter().filter(wants).collect();
        let checkpoints = if turn.way.kind.takes_checkpoints() {
            let kept = audit::checkpoints(&mut reader, turn.way.log, checkpoint + 1, MAX_CHECKPOINTS).await?;
            kept.into_iter().filter(|kept| kept.size <= to.size).collect()
        } else {
            Vec::new()
        };
        let progress = SinkProgress {
            start,
            cursor: to,
            sent: wanted.last().map_or(has, |record| record.seq),
            checkpoint: checkpoints.last().map_or(checkpoint, |last: &Checkpoint| last.size),
        };
        Ok(Some(SinkBatch {
            lines: interleaved(wanted, checkpoints),
            more: to.size < head.size,
            moved: progress != state.progress,
            progress,
        }))
    }

    /// Some records after a place in the log, and the place behind them. Each has to follow from the one before.
    async fn chained_after(&self, reader: &mut Reader, from: ChainHead) -> Result<(Vec<Record>, ChainHead), Error> {
        let mut head = from;
        let records = audit::after(reader, from.size, BATCH).await?;
        for record in &records {
            if !head.follow(record) {
                return Err(Error::LogBroken { record: head.size + 1 });
            }
        }
        Ok((records, head))
    }

    /// The place has taken the batch. False when somebody else sends to it: nothing is noted then. `note` is what the receiver had to say.
    pub async fn sink_taken(&self, turn: &SinkTurn, batch: &SinkBatch, note: Option<&str>) -> Result<bool, Error> {
        let now = self.now();
        let note = note.map(plain);
        let mut tx = self.unit().await?;
        let times = (now, now.plus(turn.lease));
        let kept = sinks::taken(&mut tx, (turn.id, &turn.sender), &batch.progress, note.as_deref(), times).await?;
        tx.commit_without_record("how far a destination has the log").await?;
        Ok(kept)
    }

    /// The place has not taken it; it is tried again after a while, by whoever is first. `error` says why, without a secret; `wait` is how
    /// long the receiver asks for.
    pub async fn sink_failed(&self, turn: &SinkTurn, error: &str, wait: Option<Duration>) -> Result<(), Error> {
        let now = self.now();
        let mut chance = [0; 2];
        self.chance().fill(&mut chance);
        let mut tx = self.unit().await?;
        let Some((_, state)) = sinks::find(&mut tx, turn.id).await? else { return Ok(()) };
        let usual = sink_wait(state.attempts + 1, u16::from_le_bytes(chance));
        let wait = wait.unwrap_or_default().min(LONGEST_WAIT).max(usual);
        sinks::failed(&mut tx, (turn.id, &turn.sender), &plain(error), now, now.plus(wait)).await?;
        tx.commit_without_record("what stands in the way of a destination").await
    }

    /// Keeps the place for longer. False when it was lost.
    pub async fn renew_sink(&self, turn: &SinkTurn) -> Result<bool, Error> {
        let mut tx = self.unit().await?;
        let kept = sinks::renew(&mut tx, turn.id, &turn.sender, self.now().plus(turn.lease)).await?;
        tx.commit_without_record("keeps a destination to send to").await?;
        Ok(kept)
    }

    /// Lets the place go, so that another sender need not wait for the lease.
    pub async fn release_sink(&self, turn: &SinkTurn) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        sinks::release(&mut tx, turn.id, &turn.sender).await?;
        tx.commit_without_record("lets a destination go").await
    }

    /// Waits until other settings hold in this process.
    pub async fn sinks_changed(&self) {
        self.inner.sink_work.notified().await;
    }
}

/// Nobody waits longer for a place than this, whatever the clock said when the wait was written down.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

fn is_free(state: &SinkState, now: Timestamp) -> bool {
    has_come(state.leased_until, now) && has_come(state.next_try_at, now)
}

/// Whether a time has come. One that is further away than any wait was written by a clock that was set back since.
fn has_come(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_none_or(|at| at <= now || at.since(now) > LONGEST_WAIT)
}

/// After which record a place goes on that has `has` as its last one: where what was noted as sent is there, behind the cursor; where
/// it is not, with what it lacks.
fn resume(start: u64, cursor: u64, sent: u64, has: u64) -> u64 {
    if has >= sent { cursor } else { has.max(start) }
}

/// Each checkpoint behind the last record that it covers.
fn interleaved(records: Vec<Record>, checkpoints: Vec<Checkpoint>) -> Vec<ExportLine> {
    let mut lines = Vec::with_capacity(records.len() + checkpoints.len());
    let mut checkpoints = checkpoints.into_iter().peekable();
    for record in records {
        while let Some(due) = checkpoints.next_if(|next| next.size < record.seq) {
            lines.push(ExportLine::Checkpoint(due));
        }
        lines.push(ExportLine::Record(record));
    }
    lines.extend(checkpoints.map(ExportLine::Checkpoint));
    lines
}

/// A receiver's words end up in pages and terminals.
fn plain(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).take(LONGEST_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use countersign_model::Timestamp;

    use super::{has_come, resume};

    #[test]
    fn no_wait_is_longer_for_a_clock_that_was_set_back() {
        let now = Timestamp::from_seconds(1_000_000);
        let at = |seconds: i64| Some(Timestamp::from_seconds(1_000_000 + seconds));
        let table = [(None, true), (at(-1), true), (at(0), true), (at(1), false), (at(300), false), (at(301), true)];
        for (time, free) in table {
            assert_eq!(has_come(time, now), free, "{time:?}");
        }
        assert!(super::LONGEST_WAIT <= Duration::from_secs(300));
    }

    #[test]
    fn a_place_goes_on_where_it_is() {
        for (start, cursor, sent, has, from) in [
            (0, 0, 0, 0, 0),
            // As it was noted; the filter has passed over the rest.
            (0, 10, 8, 8, 10),
            // It has more than was noted: the process ended in between.
            (0, 10, 10, 14, 10),
            // It has lost what it had.
            (0, 10, 8, 5, 5),
            (4, 10, 8, 0, 4),
            (4, 4, 0, 0, 4),
        ] {
            assert_eq!(resume(start, cursor, sent, has), from, "{start} {cursor} {sent} {has}");
        }
    }
}
