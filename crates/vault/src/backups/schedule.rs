//! The backups that a server makes by itself. When the next is due is read from what is there, so that a restart forgets
//! nothing, and several servers with one place make one backup.

use std::time::{Duration, Instant};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};

use super::{name::backup_name, retention::Retention, store::Backups, taking::BackupError};
use crate::{Error, Vault, health::check::Check};

/// How often a server looks whether a backup is due.
const LOOK: Duration = Duration::from_secs(60);
/// The same failure is recorded no more often.
const RECORDED_AGAIN: Duration = Duration::from_secs(60 * 60);

impl Vault {
    /// Says that the server makes backups by itself. The first call counts, and gives true.
    pub fn keep_backups(&self, backups: Backups) -> bool {
        self.inner.backups.set(backups).is_ok()
    }

    /// Makes a backup if one is due, and removes those whose time is over. Gives its name.
    ///
    /// # Errors
    /// [`BackupError`]. What is there stays then.
    pub async fn back_up_when_due(&self) -> Result<Option<String>, BackupError> {
        let Some(backups) = self.inner.backups.get() else { return Ok(None) };
        if !Retention::is_due(&backups.times().await?, self.now(), backups.every) {
            return Ok(None);
        }
        let name = backup_name(self.now());
        // So that two servers with one folder do not write into one file.
        let mut random = [0; 8];
        self.chance().fill(&mut random);
        let half = backups.scratch.join(format!(".{name}.{:016x}", u64::from_be_bytes(random)));
        self.back_up_into(&half).await?;
        // Another server may have made one meanwhile.
        let kept = match backups.times().await {
            Ok(times) if !Retention::is_due(&times, self.now(), backups.every) => Ok(None),
            Ok(_) => backups.store.put_file(&name, &half).await.map(|()| Some(name)),
            Err(error) => Err(error),
        };
        let _ = std::fs::remove_file(&half);
        let kept = kept?;
        if let Some(name) = &kept {
            self.record_backup(AuditAction::BackupMade, &backups.store.place(), "file", name).await?;
            for time in backups.retention.superfluous(&backups.times().await?, self.now()) {
                backups.store.remove_file(&backup_name(time)).await?;
            }
        }
        Ok(kept)
    }

    /// Calls [`Vault::back_up_when_due`] again and again, until the runtime ends. What fails is recorded, once an hour while
    /// it is the same.
    pub async fn keep_backing_up(self) {
        let mut failed: Option<(String, Instant)> = None;
        loop {
            match self.back_up_when_due().await {
                Ok(made) => {
                    made.iter().for_each(|name| tracing::info!(name, "a backup was made"));
                    failed = None;
                }
                Err(error) => {
                    let cause = error.to_string();
                    let is_known = |(was, at): &(String, Instant)| *was == cause && at.elapsed() < RECORDED_AGAIN;
                    if !failed.as_ref().is_some_and(is_known) {
                        self.record_failed_backup(&cause).await;
                        failed = Some((cause, Instant::now()));
                    }
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn record_failed_backup(&self, cause: &str) {
        tracing::error!("no backup could be made: {cause}");
        let place = self.inner.backups.get().map(|backups| backups.store.place()).unwrap_or_default();
        if let Err(error) = self.record_backup(AuditAction::BackupFailed, &place, "error", cause).await {
            tracing::warn!(%error, "that no backup could be made is not recorded");
        }
    }

    async fn record_backup(&self, act: AuditAction, place: &str, word: &'static str, what: &str) -> Result<(), Error> {
        let entry = AuditEntry::new(self.now(), ActorRef::system(), act)
            .on(ObjectKind::Vault, self.keys().active().vault().uuid(), "vault")
            .with("place", place.to_owned())
            .with(word, what.to_owned());
        let mut unit = self.unit().await?;
        unit.record(entry);
        unit.commit().await.map(drop)
    }

    /// How the server's own backups stand; nothing where it makes none.
    pub(crate) async fn check_backups(&self) -> Option<Check> {
        const NAME: &str = "backups";
        let backups = self.inner.backups.get()?;
        let place = backups.store.place();
        let hint = "see that the place of backups can be read and written and has room (`backups`); the audit log says why one failed";
        let times = match backups.times().await {
            Ok(times) => times,
            Err(error) => return Some(Check::failed(NAME, error.to_string(), hint)),
        };
        Some(match times.iter().max() {
            None => Check::warning(NAME, format!("none in {place} yet"), hint),
            Some(&newest) if self.now().since(newest) > backups.every * 2 => {
                Check::failed(NAME, format!("the newest in {place} is from {newest}"), hint)
            }
            Some(newest) => Check::ok(NAME, format!("{} in {place}, the newest from {newest}", times.len())),
        })
    }
}
