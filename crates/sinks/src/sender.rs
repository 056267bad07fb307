//! Who sends when: a task for each destination, for a lease, so that one that hangs keeps no other waiting.

use std::time::Duration;

use countersign_model::SinkId;
use countersign_outbound::AllowPrivateReceivers;
use countersign_vault::{Error as VaultError, SinkTurn, Vault};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::{
    failure::Failure,
    receiver::{Receiver, Silences},
};

/// Other servers' destinations, and those that failed before, are noticed by looking.
const LOOK: Duration = Duration::from_secs(2);
/// New records are, too.
const NEW_RECORDS: Duration = Duration::from_secs(1);
const AFTER_AN_ERROR: Duration = Duration::from_secs(5);
/// One batch, from the first look-up to the last answer. Shorter than the lease, so that nobody else sends it too.
const LONGEST_BATCH: Duration = Duration::from_secs(35);
const LEASE: Duration = Duration::from_secs(60);
const RENEW: Duration = Duration::from_secs(20);
const TELL: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Sends the audit log elsewhere until it is dropped.
pub struct SinkSender {
    task: Option<tokio::task::JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl SinkSender {
    /// Starts sending. `name` is unique among senders of the same database.
    pub fn start(vault: Vault, allow_private: AllowPrivateReceivers, name: String) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { task: Some(tokio::spawn(send_all(vault, allow_private, name, stopped))), stop }
    }

    /// Lets all destinations go, so that another server need not wait for the leases.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            let mut task = task;
            if timeout(STOP_WITHIN, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

impl Drop for SinkSender {
    fn drop(&mut self) {
        // What was being sent is sent again by whoever takes it after the lease.
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn send_all(vault: Vault, allow_private: AllowPrivateReceivers, name: String, mut stop: watch::Receiver<bool>) {
    let mut held = Held { tasks: JoinSet::new(), ids: Vec::new(), allow_private, silences: Silences::default() };
    let mut told_at: Option<Instant> = None;
    while !*stop.borrow() {
        held.let_go();
        match vault.claim_sinks(&name, LEASE, &held.ids).await {
            Ok(turns) => held.take(&vault, turns, &stop),
            Err(VaultError::Closing) => break,
            Err(error) => {
                tracing::warn!(%error, "no destination of the audit log could be taken");
                sleep(AFTER_AN_ERROR).await;
            }
        }
        if told_at.is_none_or(|at| at.elapsed() > TELL) {
            told_at = Some(Instant::now());
            tell(&vault).await;
        }
        tokio::select! {
            _ = stop.changed() => {}
            _ = timeout(LOOK, vault.sinks_changed()) => {}
        }
    }
    while held.tasks.join_next().await.is_some() {}
}

/// The destinations that this sender has, each with its task.
struct Held {
    tasks: JoinSet<SinkId>,
    ids: Vec<SinkId>,
    allow_private: AllowPrivateReceivers,
    silences: Silences,
}

impl Held {
    fn take(&mut self, vault: &Vault, turns: Vec<SinkTurn>, stop: &watch::Receiver<bool>) {
        for turn in turns {
            self.ids.push(turn.id);
            self.tasks.spawn(hold(vault.clone(), turn, self.allow_private, self.silences.clone(), stop.clone()));
        }
    }

    /// Forgets those whose task has ended: they may be taken again.
    fn let_go(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            match ended {
                Ok(id) => self.ids.retain(|one| *one != id),
                Err(error) => {
                    tracing::error!(%error, "a destination of the audit log is not sent to until the next start");
                }
            }
        }
    }
}

async fn tell(vault: &Vault) {
    if let Err(error) = vault.tell_of_sinks().await {
        tracing::warn!(%error, "nobody could be told of destinations that are behind");
    }
}

/// Sends to a destination until it fails, is lost, or the server stops.
async fn hold(
    vault: Vault,
    turn: SinkTurn,
    allow_private: AllowPrivateReceivers,
    silences: Silences,
    mut stop: watch::Receiver<bool>,
) -> SinkId {
    let id = turn.id;
    let held = async {
        let Some(mut receiver) = opened(&vault, &turn, allow_private, silences).await? else { return Ok(()) };
        let mut renewed = Instant::now();
        loop {
            match pass(&vault, &turn, &mut receiver).await? {
                Passed::Lost => return Ok(()),
                Passed::All if *stop.borrow() => return vault.release_sink(&turn).await,
                Passed::All => {}
                Passed::Some if *stop.borrow() => return vault.release_sink(&turn).await,
                Passed::Some => continue,
            }
            if renewed.elapsed() > RENEW {
                renewed = Instant::now();
                if !vault.renew_sink(&turn).await? {
                    return Ok(());
                }
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = sleep(NEW_RECORDS) => {}
            }
        }
    };
    if let Err(error) = held.await {
        tracing::warn!(destination = turn.name, %error, "a destination of the audit log was let go");
    }
    id
}

/// Sends all that is due to every destination that is free, once; gives how many batches were taken.
///
/// # Errors
/// Of the vault: what a destination has not taken is written down, and is none.
pub async fn send_due(vault: &Vault, allow_private: AllowPrivateReceivers, name: &str) -> Result<usize, VaultError> {
    let mut taken = 0;
    for turn in vault.claim_sinks(name, LEASE, &[]).await? {
        let Some(mut receiver) = opened(vault, &turn, allow_private, Silences::default()).await? else { continue };
        loop {
            match pass(vault, &turn, &mut receiver).await? {
                Passed::Some => taken += 1,
                Passed::All => {
                    vault.release_sink(&turn).await?;
                    break;
                }
                Passed::Lost => break,
            }
        }
    }
    Ok(taken)
}

async fn opened<'a>(
    vault: &Vault,
    turn: &'a SinkTurn,
    allow_private: AllowPrivateReceivers,
    silences: Silences,
) -> Result<Option<Receiver<'a>>, VaultError> {
    match Receiver::open(turn.id, &turn.way, allow_private, silences).await {
        Ok(receiver) => Ok(Some(receiver)),
        Err(failure) => failed(vault, turn, failure).await.map(|()| None),
    }
}

enum Passed {
    /// A batch was taken; there may be more.
    Some,
    /// There is nothing to send.
    All,
    /// The destination is not this sender's any more.
    Lost,
}

/// Sends one batch.
async fn pass(vault: &Vault, turn: &SinkTurn, receiver: &mut Receiver<'_>) -> Result<Passed, VaultError> {
    let mut batch = match vault.sink_batch(turn, receiver.has()).await {
        Ok(Some(batch)) => batch,
        Ok(None) => return Ok(Passed::Lost),
        Err(VaultError::LogBroken { record }) => {
            let text = format!(
                "the log does not go on from record {record} as this destination has it: it was cut, changed or restored from a backup; nothing \
                 is sent until an administrator has looked"
            );
            tracing::error!(destination = turn.name, record, "the log does not go on as a destination has it");
            return failed(vault, turn, text.into()).await.map(|()| Passed::Lost);
        }
        Err(error) => return Err(error),
    };
    if !batch.moved() {
        return Ok(Passed::All);
    }
    let lines = std::mem::take(&mut batch.lines);
    let taken = if lines.is_empty() {
        Ok(None)
    } else {
        let taking = timeout(LONGEST_BATCH, receiver.take(lines, vault.now())).await;
        taking.unwrap_or_else(|_| Err("no answer within 35 seconds".to_owned().into()))
    };
    match taken {
        Ok(note) if vault.sink_taken(turn, &batch, note.as_deref()).await? => Ok(Passed::Some),
        Ok(_) => Ok(Passed::Lost),
        Err(failure) => failed(vault, turn, failure).await.map(|()| Passed::Lost),
    }
}

async fn failed(vault: &Vault, turn: &SinkTurn, failure: Failure) -> Result<(), VaultError> {
    tracing::warn!(destination = turn.name, error = failure.text, "a destination has not taken the audit log");
    vault.sink_failed(turn, &failure.text, failure.wait).await
}
