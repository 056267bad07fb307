//! The backups that a server makes by itself. When the next is due is read from what is there, so that a restart forgets
//! nothing, and several servers with one place make one backup.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::NoticeKind;

use super::{
    name::BackupName,
    retention::Retention,
    store::{BackupStoreError, Backups},
    taking::BackupError,
};
use crate::{Error, Vault, health::check::Check};

/// How often a server looks whether a backup is due.
const LOOK: Duration = Duration::from_secs(60);
/// And after a failure, for a place that is away must not be filled when it comes back.
const LOOK_AGAIN: Duration = Duration::from_secs(10 * 60);
/// What a backup was put together in is somebody's who is at it for so long, and then nobody's.
const LEFT: Duration = Duration::from_secs(24 * 60 * 60);
/// After each backup no more than so many are removed.
const MAX_REMOVED: usize = 2;
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
        let vault = self.keys().active().vault();
        if !Retention::is_due(&backups.times(vault).await?, self.now(), backups.every) {
            return Ok(None);
        }
        remove_left(&backups.scratch);
        let name = BackupName::new(vault, self.now());
        // So that two servers with one folder do not write into one file.
        let mut random = [0; 8];
        self.chance().fill(&mut random);
        let half = Half(backups.scratch.join(format!(".{name}.{:016x}", u64::from_be_bytes(random))));
        self.back_up_into(&half.0).await?;
        // Another server may have made one meanwhile.
        let kept = match backups.times(vault).await {
            Ok(times) if !Retention::is_due(&times, self.now(), backups.every) => Ok(None),
            Ok(_) => backups.store.put_file(&name.to_string(), &half.0).await.map(|()| Some(name)),
            Err(error) => Err(error),
        };
        drop(half);
        let Some(name) = kept? else { return Ok(None) };
        let times = backups.times(vault).await?;
        if !times.contains(&name.at()) {
            let told = format!("{}: {name} was taken and is not there", backups.store.place());
            return Err(BackupStoreError(told).into());
        }
        let name = name.to_string();
        // The oldest, and few: a clock that is wrong for a moment must not cost more than that.
        let gone = backups.retention.superfluous(&times, self.now()).into_iter().rev().take(MAX_REMOVED);
        let gone: Vec<String> = gone.map(|time| BackupName::new(vault, time).to_string()).collect();
        self.record_made(&backups.store.place(), &name, &gone).await?;
        for old in gone {
            // The backup was made all the same, and it is tried again after the next.
            if let Err(error) = backups.store.remove_file(&old).await {
                tracing::warn!(%error, old, "an old backup could not be removed");
            }
        }
        Ok(Some(name))
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
                        self.record_failed_backup(&cause, failed.is_none()).await;
                        failed = Some((cause, Instant::now()));
                    }
                }
            }
            tokio::time::sleep(if failed.is_some() { LOOK_AGAIN } else { LOOK }).await;
        }
    }

    /// Records why, and tells the administrators where it is the first time after one that was made.
    async fn record_failed_backup(&self, cause: &str, first: bool) {
        tracing::error!("no backup could be made: {cause}");
        let place = self.inner.backups.get().map(|backups| backups.store.place()).unwrap_or_default();
        let entry = self.backup_entry(AuditAction::BackupFailed, &place).with("error", cause.to_owned());
        let recorded = async {
            let mut unit = self.unit().await?;
            if first {
                self.tell_administrators(&mut unit, NoticeKind::BackupFailed, &place, None).await?;
            }
            unit.record(entry);
            unit.commit().await.map(drop)
        };
        match recorded.await {
            Ok(()) => self.wake_sender(),
            Err(error) => tracing::warn!(%error, "that no backup could be made is not recorded"),
        }
    }

    async fn record_made(&self, place: &str, name: &str, gone: &[String]) -> Result<(), Error> {
        let entry = self.backup_entry(AuditAction::BackupMade, place).with("file", name.to_owned());
        self.record_one(if gone.is_empty() { entry } else { entry.with("removes", gone.join(", ")) }).await
    }

    fn backup_entry(&self, act: AuditAction, place: &str) -> AuditEntry {
        AuditEntry::new(self.now(), ActorRef::system(), act)
            .on(ObjectKind::Vault, self.keys().active().vault().uuid(), "vault")
            .with("place", place.to_owned())
    }

    async fn record_one(&self, entry: AuditEntry) -> Result<(), Error> {
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
        let times = match backups.times(self.keys().active().vault()).await {
            Ok(times) => times,
            Err(error) => return Some(Check::failed(NAME, error.to_string(), hint)),
        };
        let now = self.now();
        Some(match times.iter().filter(|&&time| time <= now).max() {
            None => Check::warning(NAME, format!("none of this vault in {place} yet"), hint),
            Some(&newest) if now.since(newest) > backups.every * 2 => {
                Check::failed(NAME, format!("the newest in {place} is from {newest}"), hint)
            }
            Some(newest) => Check::ok(NAME, format!("{} in {place}, the newest from {newest}", times.len())),
        })
    }
}

/// What a backup is put together in; it goes with whoever is at it, also when that is told to stop.
struct Half(PathBuf);

impl Drop for Half {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Takes away what a server has left that was ended while it made a backup.
fn remove_left(scratch: &Path) {
    let Ok(entries) = fs::read_dir(scratch) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = name.strip_prefix('.').and_then(|name| name.rsplit_once('.')).is_some_and(|(name, random)| {
            BackupName::parse(name).is_some() && random.len() == 16 && random.bytes().all(|it| it.is_ascii_hexdigit())
        });
        let is_old = entry
            .metadata()
            .and_then(|found| found.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT));
        if is_ours && is_old {
            let _ = fs::remove_file(entry.path());
        }
    }
}
