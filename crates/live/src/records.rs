//! The vault's side of a session: what is written down, and what the vault wishes.

use std::{sync::Arc, time::Duration};

use countersign_browser::Context;
use countersign_model::SessionEnd;
use countersign_seal::Secret;
use countersign_vault::{Error as VaultError, NotClosed, RecordingError, RunError, SessionRun, SessionWriter, Vault};
use countersign_wire::ViewerId;

use crate::{
    files::SessionFiles,
    session::{Event, Heartbeat, NotRecorded, ToRecord, Upload, UploadBatch, VaultEffect},
};

/// Tries to write the end of a session, and how long between two.
const TRIES_TO_END: u32 = 30;
const BETWEEN_TRIES: Duration = Duration::from_secs(2);
const TO_KEEP: Duration = Duration::from_secs(15);

pub(crate) struct Records {
    pub(crate) vault: Vault,
    pub(crate) writer: SessionWriter,
    pub(crate) run: SessionRun,
}

impl Records {
    pub(crate) async fn carry_out(&self, effect: VaultEffect) -> Event {
        match effect {
            VaultEffect::Record(record) => {
                let ToRecord { seat, person, act, then } = *record;
                let recorded = self.writer.record(Some(&person), act).await;
                Event::Recorded { seat, then, outcome: recorded.map_err(|error| why_not(&error)) }
            }
            VaultEffect::Heartbeat => Event::Heard(self.heartbeat().await),
            VaultEffect::EndBy { seat, person } => self.end_by(seat, &person.actor).await,
        }
    }

    /// What people see from now on will be recorded.
    pub(crate) async fn go_live(&mut self) -> Result<(), SessionEnd> {
        if self.run.live_at.is_some() {
            return Ok(());
        }
        self.run.go_live().await.map_err(|error| {
            tracing::warn!(%error, "a session cannot be shown");
            match error {
                RunError::Vault(VaultError::Recording(RecordingError::Full)) => SessionEnd::StorageFull,
                RunError::Vault(VaultError::Recording(RecordingError::Failed(_) | RecordingError::NoStore)) => {
                    SessionEnd::RecordingFailed
                }
                _ => SessionEnd::NodeLost,
            }
        })
    }

    async fn heartbeat(&self) -> Heartbeat {
        match self.run.seen().await {
            Ok(wishes) => Heartbeat::Heard(wishes.end),
            Err(RunError::LeaseLost) => Heartbeat::Lost,
            Err(error) => {
                tracing::warn!(%error, "the vault does not hear that a session lives");
                Heartbeat::Failed
            }
        }
    }

    /// The vault writes down who it was. Where it cannot, the end is written without: a session can always be ended.
    async fn end_by(&self, seat: ViewerId, actor: &countersign_model::Actor) -> Event {
        let allowed = match self.vault.end_session(actor, self.run.id).await {
            Ok(_) | Err(VaultError::SessionEnded) => true,
            Err(VaultError::Denied(_) | VaultError::NotFound(_) | VaultError::NotSignedIn) => false,
            Err(error) => {
                tracing::warn!(%error, "who ended a session was not recorded");
                true
            }
        };
        Event::EndAllowed { seat, allowed }
    }

    /// A file that was brought for the page, with its mark.
    pub(crate) async fn take_upload(&self, files: &SessionFiles, mut batch: UploadBatch) -> Event {
        let upload = batch.left.pop().unwrap_or_default();
        let taken = match files.claim(&upload, batch.person, true) {
            None => Err("there is no such upload"),
            Some(kept) => match tokio::fs::read(&kept.path).await {
                Ok(bytes) => {
                    let hash = self.vault.keyed_hash(&bytes);
                    Ok(Upload { name: kept.name, size: kept.size, hash, path: kept.path })
                }
                Err(_) => Err("the upload cannot be read"),
            },
        };
        Event::UploadTaken { batch, taken }
    }

    /// What the browser remembers is kept for the next time. Worth having, and no condition.
    pub(crate) async fn keep_browser(&self, context: &Arc<Context>) {
        let kept = async {
            let state = context.state().await.map_err(|error| error.to_string())?;
            let identity = serde_json::to_string(context.identity()).map_err(|error| error.to_string())?;
            let state = Secret::from(state.expose().to_vec());
            self.run.keep_browser(&state, &identity).await.map_err(|error| error.to_string())
        };
        match tokio::time::timeout(TO_KEEP, kept).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what a session's browser remembers was not kept"),
            Err(_) => tracing::warn!("what a session's browser remembers was not kept: it does not answer"),
        }
    }

    /// Writes the end of the session, or tries to for a minute.
    pub(crate) async fn close(self, end: SessionEnd) {
        let mut run = self.run;
        for left in (0..TRIES_TO_END).rev() {
            let Err(not_closed) = run.close(end).await else { return };
            let NotClosed { run: still_open, error } = *not_closed;
            if matches!(error, RunError::LeaseLost | RunError::Vault(VaultError::Closing)) {
                return;
            }
            tracing::warn!(%error, left, "the end of a session cannot be written");
            run = still_open;
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }
}

/// Why somebody's act was not recorded.
fn why_not(error: &VaultError) -> NotRecorded {
    if matches!(error, VaultError::Denied(_)) {
        return NotRecorded::TakenBack;
    }
    tracing::warn!(%error, "what somebody does in a session cannot be recorded");
    NotRecorded::Unavailable
}
