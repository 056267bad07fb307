//! Group commit: many readers, one disk flush.
//!
//! A token may leave only after its record is durable, and a flush takes longer than all other work of a read. So
//! readers hand their entries to one task; while it flushes one group, the next gathers. Under load a flush serves
//! dozens of readers, alone a reader waits for one flush, and nobody ever waits for a timer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, block::MAX_BLOCK, index::RUN};
use countersign_model::Timestamp;
use countersign_store::{
    audit,
    engine::{self, Database, EngineKind},
    vault,
};
use parking_lot::Mutex;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    Error,
    audit::group::{GroupWriter, PendingRecord, RecordOutcome},
    tokens::steps::StepBoard,
};

// Bounds what a group holds in memory and how long its readers wait for one another.
const LARGEST_GROUP: usize = MAX_BLOCK;
// From so many on they are woken by a task beside them.
const WAKE_TOGETHER: usize = 4;
// Beyond this, readers wait for a place in the queue: back pressure instead of memory.
const QUEUE: usize = 1_024;

// While records cannot be written, it is tried so often whether they can be again, also when nobody reads.
const TRY_AGAIN: Duration = Duration::from_secs(2);
// Failures of groups are written to the log so often; those between are counted.
const SAY_AGAIN: Duration = Duration::from_secs(30);

struct Waiting {
    recording: PendingRecord,
    reply: oneshot::Sender<RecordOutcome>,
}

/// Whether records can be written, by what became of the last ones.
#[derive(Default)]
pub(crate) struct WritingState {
    failing: Mutex<Option<Failing>>,
}

struct Failing {
    cause: Arc<engine::Error>,
    said_at: Instant,
    /// How many records failed since it was last said.
    unsaid: usize,
}

impl WritingState {
    /// Why records cannot be written; `None` when they can.
    pub(crate) fn failure(&self) -> Option<Arc<engine::Error>> {
        self.failing.lock().as_ref().map(|failing| Arc::clone(&failing.cause))
    }

    fn failed(&self, cause: &Arc<engine::Error>, count: usize) {
        let mut failing = self.failing.lock();
        let (unsaid, said_at) = failing.as_ref().map_or((count, None), |it| (it.unsaid + count, Some(it.said_at)));
        let say = said_at.is_none_or(|at| at.elapsed() >= SAY_AGAIN);
        if say {
            tracing::error!(count = unsaid, "audit records could not be written, so no secret left: {cause:#}");
        }
        *failing = Some(Failing {
            cause: Arc::clone(cause),
            said_at: said_at.filter(|_| !say).unwrap_or_else(Instant::now),
            unsaid: if say { 0 } else { unsaid },
        });
    }

    fn worked(&self) {
        if let Some(failing) = self.failing.lock().take() {
            tracing::info!(count = failing.unsaid, "audit records can be written again");
        }
    }
}

/// The way to the task that writes.
pub(crate) struct AuditCommitter {
    queue: mpsc::Sender<Waiting>,
    state: Arc<WritingState>,
}

impl AuditCommitter {
    /// Starts the task that writes.
    ///
    /// On SQLite it has a thread of its own: the answer of the database's thread would wait behind all requests that are
    /// ready to run. PostgreSQL's connections belong to the runtime that made
    /// them, so there it stays among the other tasks.
    pub(crate) fn start(database: &Database, steps: Arc<StepBoard>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let state = Arc::<WritingState>::default();
        let writer = GroupWriter::new(database.clone(), steps);
        let writing = write_groups(writer, waiting, Arc::clone(&state), Handle::current());
        if database.kind() == EngineKind::Postgres {
            tokio::spawn(writing);
            return Self { queue, state };
        }
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(writing),
                Err(error) => tracing::error!(%error, "the recorder has no runtime: nothing can be recorded"),
            }
        });
        if let Err(error) = thread {
            tracing::error!(%error, "the recorder has no thread: nothing can be recorded");
        }
        Self { queue, state }
    }

    /// Why records cannot be written, as far as is known; `None` when they can.
    pub(crate) fn failure(&self) -> Option<Arc<engine::Error>> {
        self.state.failure()
    }

    /// Records, and answers when that is durable or will not be.
    pub(crate) async fn record(&self, recording: PendingRecord) -> Result<RecordOutcome, Error> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Waiting { recording, reply }).await.map_err(|_| Error::Closing)?;
        answer.await.map_err(|_| Error::Closing)
    }

    /// Waits until all that was handed over is written. What comes later is written too, as long as the database is open.
    pub(crate) async fn close(&self) {
        // All places of the queue are free only when nothing waits in it.
        let _ = self.queue.reserve_many(QUEUE).await;
    }
}

async fn write_groups(
    mut writer: GroupWriter,
    mut waiting: mpsc::Receiver<Waiting>,
    state: Arc<WritingState>,
    readers: Handle,
) {
    let mut group = Vec::new();
    let mut indexing = Indexing::default();
    loop {
        let gathering = waiting.recv_many(&mut group, LARGEST_GROUP);
        let gathered = if state.failure().is_none() {
            gathering.await
        } else if let Ok(gathered) = timeout(TRY_AGAIN, gathering).await {
            gathered
        } else {
            match try_writing(&writer.database).await {
                Ok(()) => state.worked(),
                Err(error) => state.failed(&Arc::new(error), 0),
            }
            continue;
        };
        if gathered == 0 {
            return;
        }
        let count = group.len();
        answer_group(&mut writer, &state, &readers, std::mem::take(&mut group)).await;
        indexing.count(count, &writer.database, &readers);
    }
}

/// When the log is to be indexed further.
#[derive(Default)]
struct Indexing {
    since: u64,
    running: Option<JoinHandle<()>>,
}

impl Indexing {
    /// So many records more. Their index is built beside, one run at a time.
    fn count(&mut self, records: usize, database: &Database, beside: &Handle) {
        self.since += records as u64;
        if self.since < RUN || self.running.as_ref().is_some_and(|running| !running.is_finished()) {
            return;
        }
        self.since = 0;
        let database = database.clone();
        self.running = Some(beside.spawn(async move {
            // It is no promise: what is not indexed is looked through, and the next time takes it along.
            if let Err(error) = index_log(&database).await {
                tracing::warn!("the audit log could not be indexed: {error:#}");
            }
        }));
    }
}

/// Writes one group and tells each who waits what became of it.
async fn answer_group(writer: &mut GroupWriter, state: &WritingState, readers: &Handle, group: Vec<Waiting>) {
    let (recordings, replies): (Vec<_>, Vec<_>) =
        group.into_iter().map(|Waiting { recording, reply }| (recording, reply)).unzip();
    let count = recordings.len();
    let steps = writer.steps_of(&recordings);
    let mut outcomes = match writer.write(recordings).await {
        Ok(outcomes) => {
            if outcomes.iter().any(|outcome| matches!(outcome, RecordOutcome::Recorded(..))) {
                state.worked();
            }
            outcomes
        }
        Err(error) => {
            let error = Arc::new(error);
            state.failed(&error, count);
            (0..count).map(|_| RecordOutcome::Failed(Arc::clone(&error))).collect()
        }
    };
    let answer = |outcomes: Vec<RecordOutcome>| {
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Who has stopped waiting gets no secret; the record stays and says more than happened, never less.
            let _ = reply.send(outcome);
        }
    };
    if let Some(steps) = steps {
        // Beside the next group, which need not wait for it.
        drop(readers.spawn(async move {
            steps.add_to(&mut outcomes).await;
            answer(outcomes);
        }));
    } else if count < WAKE_TOGETHER {
        answer(outcomes);
    } else {
        // To wake a reader from another thread costs several times what it costs from one of their own.
        drop(readers.spawn(async move { answer(outcomes) }));
    }
}

/// Tries all that a record needs and leaves nothing of it: a row in the log, which is taken back, then a commit that
/// reaches the disk and changes nothing.
pub(crate) async fn try_writing(database: &Database) -> Result<(), engine::Error> {
    try_record(database).await?;
    let mut tx = database.write().await?;
    vault::lock_head(&mut tx).await?;
    tx.commit().await.map(drop)
}

/// As far as that goes without a commit.
pub(crate) async fn try_record(database: &Database) -> Result<(), engine::Error> {
    let mut tx = database.write().await?;
    let mut head = vault::lock_head(&mut tx).await?.head;
    // Longer than a page, so that it needs room that is not set aside yet.
    let entry = AuditEntry::new(Timestamp::from_micros(0), ActorRef::system(), AuditAction::VaultCreated);
    let record = head.append(entry.with("trial", "x".repeat(8 << 10)));
    audit::insert(&mut tx, vec![record]).await
    // Dropped, it never was.
}

/// Counts the uses of credentials and grants in the records since the last time, in at most so many steps of some thousands.
/// Says whether all are counted.
pub(crate) async fn count_uses(database: &Database, steps: usize) -> Result<bool, engine::Error> {
    for _ in 0..steps {
        let mut reader = database.read().await?;
        let Some(counted) = audit::next_uses(&mut reader).await? else { return Ok(true) };
        drop(reader);
        let mut tx = database.write().await?;
        audit::keep_uses(&mut tx, counted).await?;
        tx.commit().await?;
    }
    Ok(false)
}

/// Indexes all whole runs of the log that are not indexed yet.
pub(crate) async fn index_log(database: &Database) -> Result<(), engine::Error> {
    loop {
        let mut reader = database.read().await?;
        let Some(run) = audit::next_run(&mut reader).await? else { return Ok(()) };
        drop(reader);
        let mut tx = database.write().await?;
        audit::keep_run(&mut tx, run).await?;
        tx.commit().await?;
    }
}
