//! What the vault can say about its own health, and what it tidies up.

use std::time::{Duration, Instant};

use countersign_audit::ChainHead;
use countersign_model::{Action, Actor};
use countersign_store::{
    access, audit, devices, engine::EngineKind, federated, marks, people, scim, services, steps, vault as vault_row,
};

use crate::{Error, Object, Vault, audit::committer, health::check::Check, vault::permit_by_role};

// Whoever asks whether the server is ready needs no right to, and must not keep the database busy.
const READINESS_KEPT: Duration = Duration::from_secs(1);
// A group of records needs less.
const LEAST_SPACE: u64 = 128 << 10;
// Several servers write one log, and their clocks differ a little.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);
// Who took which step is shown for minutes and claimed for seconds; the log keeps it for ever.
const STEPS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
// People see for a month which secrets of a service account have ended.
const SECRETS_SHOWN: Duration = Duration::from_secs(30 * 24 * 60 * 60);
// Enough to notice a log that was changed lately, quick enough to look at while people wait.
const RECORDS_CHECKED: u32 = 200;

impl Vault {
    /// Looks at database, log and key.
    ///
    /// # Errors
    /// [`Error::Denied`]; what does not work is a check that says so.
    pub async fn check_health(&self, actor: &Actor) -> Result<Vec<Check>, Error> {
        permit_by_role(actor, Action::ManageVault)?;
        Ok(self.checks().await)
    }

    /// As [`Vault::check_health`], for a command beside the server's data.
    pub async fn checks(&self) -> Vec<Check> {
        let mut checks = vec![self.check_database().await, self.check_log().await, self.check_marks().await];
        checks.push(self.check_users().await);
        checks.push(self.check_key_memory());
        checks.extend(self.check_durability().await);
        checks.extend(self.check_clock().await);
        checks.extend(self.check_recordings().await);
        checks.extend(self.check_backups().await);
        checks.extend(self.check_sinks().await);
        checks
    }

    /// Whether a secret could be read now: what a load balancer wants to know. It tries what a read does, short of the
    /// commit, and nothing of it stays; whether commits hold is known from the last ones. Whoever asks more than once a
    /// second is told what was found before.
    ///
    /// # Errors
    /// Why not, in words for whoever asks.
    pub async fn readiness(&self) -> Result<(), String> {
        let mut found = self.inner.readiness.lock().await;
        if let Some((at, result)) = found.as_ref()
            && at.elapsed() < READINESS_KEPT
        {
            return result.clone();
        }
        let result = self.look_whether_ready().await;
        *found = Some((Instant::now(), result.clone()));
        result
    }

    async fn look_whether_ready(&self) -> Result<(), String> {
        if let Some(cause) = self.inner.recorder.failure() {
            return Err(format!("audit records cannot be written: {cause}"));
        }
        if self.inner.database.free_space().is_some_and(|free| free < LEAST_SPACE) {
            return Err("audit records cannot be written: the database's disk is full".to_owned());
        }
        committer::try_record(&self.inner.database)
            .await
            .map_err(|cause| format!("audit records cannot be written: {cause}"))
    }

    async fn check_database(&self) -> Check {
        const NAME: &str = "database";
        let kind = match self.inner.database.kind() {
            EngineKind::Sqlite => "SQLite",
            EngineKind::Postgres => "PostgreSQL",
        };
        let begun = Instant::now();
        let hint = match self.inner.database.kind() {
            EngineKind::Sqlite => "free space, see that the data folder belongs to the user who runs this",
            EngineKind::Postgres => "see that the server runs, can be reached and has room",
        };
        if let Some(cause) = self.inner.recorder.failure() {
            return Check::failed(NAME, format!("{kind} takes no audit records: {cause:#}"), hint);
        }
        match committer::try_writing(&self.inner.database).await {
            Ok(()) => Check::ok(
                NAME,
                format!("{kind} answers; a durable write took {:.1} ms", begun.elapsed().as_secs_f64() * 1e3),
            ),
            Err(error) => Check::failed(NAME, format!("{kind} cannot be written: {error:#}"), hint),
        }
    }

    /// What stands behind a commit on PostgreSQL, beside the one server.
    async fn check_durability(&self) -> Option<Check> {
        const NAME: &str = "durability";
        if self.inner.database.kind() != EngineKind::Postgres {
            return None;
        }
        let found = match vault_row::durability(&mut &self.inner.database).await {
            Ok(found) => found,
            Err(error) => return Some(Check::failed(NAME, format!("{error:#}"), "see that the server can be reached")),
        };
        Some(if !found.fsync {
            Check::failed(
                NAME,
                "PostgreSQL runs with fsync off: a power cut can lose records and damage the database",
                "set fsync = on",
            )
        } else if found.standbys.is_empty() {
            Check::warning(
                NAME,
                "commits wait for this server's disk; no synchronous standby stands behind it",
                "if its disk is lost, so is what came after the last backup; synchronous_standby_names names a standby that each commit waits for",
            )
        } else {
            Check::ok(NAME, format!("each commit waits for a standby: {}", found.standbys))
        })
    }

    /// The newest record as evidence of the time: it was written in the past, whatever the clock says now.
    async fn check_clock(&self) -> Option<Check> {
        const NAME: &str = "clock and log";
        let newest = async {
            let mut reader = self.inner.database.read().await?;
            let row = vault_row::find(&mut reader).await?.ok_or(Error::NotFound(Object::Vault))?;
            Ok::<_, Error>(audit::after(&mut reader, row.head.size.saturating_sub(1), 1).await?.pop())
        };
        // What hinders reading is said by the checks of database and log.
        let newest = newest.await.ok()??.entry.at;
        let now = self.now();
        let back = newest.since(now);
        Some(if back > CLOCK_TOLERANCE {
            Check::failed(
                NAME,
                format!(
                    "the clock says {now}, but the newest record was written at {newest}: the clock was set back, or was ahead then"
                ),
                "compare the clock with another: tokens, lock-outs and expiry depend on it",
            )
        } else {
            Check::ok(NAME, format!("the newest record is from {newest}, which is past"))
        })
    }

    /// Whether the vault's key may reach the swap.
    fn check_key_memory(&self) -> Check {
        const NAME: &str = "key memory";
        if self.keys().is_locked() {
            return Check::ok(NAME, "the vault's key is kept out of swap");
        }
        Check::warning(
            NAME,
            "the system did not lock the vault's key in memory: it may be written to the swap",
            "allow a little locked memory (LimitMEMLOCK=64K for the service), or encrypt the swap or do without it",
        )
    }

    /// Whether recordings can be written and read: without that no session begins.
    async fn check_recordings(&self) -> Option<Check> {
        const NAME: &str = "recordings";
        const TRIAL: &str = "trial";
        let store = &self.inner.recordings.get()?.store;
        let (name, bytes) = (format!("{TRIAL}/0"), b"countersign".to_vec());
        let tried = async {
            store.put(&name, bytes.clone()).await?;
            let read = store.get(&name).await?;
            store.remove(TRIAL).await?;
            Ok::<_, crate::RecordingStoreError>(read == Some(bytes))
        };
        let hint =
            "see that the place of recordings can be written, has room, and is the one that you mean (`recordings`)";
        Some(match tried.await {
            Ok(true) => Check::ok(NAME, format!("{} can be written and read", store.place())),
            Ok(false) => Check::failed(NAME, format!("{} gives back something else", store.place()), hint),
            Err(error) => Check::failed(NAME, error.to_string(), hint),
        })
    }

    /// Whether every row of authority is one that this vault has written.
    pub(crate) async fn check_marks(&self) -> Check {
        const NAME: &str = "rows of authority";
        const SHOWN: usize = 5;
        let wrong = async {
            let mut reader = self.inner.database.read().await?;
            let wrong = marks::check_all(&mut reader, SHOWN).await?;
            if !wrong.is_empty() {
                return Ok(wrong);
            }
            let row = vault_row::find(&mut reader).await?.ok_or(Error::NotFound(Object::Vault))?;
            self.rows_put_back(&mut reader, row.head.size, SHOWN).await
        };
        let wrong = wrong.await.map_err(|error: Error| error.to_string());
        match wrong {
            Ok(wrong) if wrong.is_empty() => {
                Check::ok(NAME, "users, grants, sites and ways in are as this vault has written them")
            }
            Ok(wrong) => Check::failed(
                NAME,
                format!("changed in the database by something else than this vault: {}", wrong.join(", ")),
                "see who can write the database; such rows are refused: restore a backup, or remove and make them anew",
            ),
            Err(error) => Check::failed(NAME, error, "see that the database runs and can be reached"),
        }
    }

    /// Whether the newest records follow from one another up to the stored end.
    async fn check_log(&self) -> Check {
        const NAME: &str = "audit log";
        let hint = "export it and run `countersign audit verify` to see what is wrong; compare with checkpoints kept elsewhere";
        match self.newest_records_hold().await {
            Ok(Some(head)) => Check::ok(NAME, format!("{} records; the newest follow from one another", head.size)),
            Ok(None) => Check::failed(NAME, "the newest records do not follow from one another", hint),
            Err(error) => Check::failed(NAME, format!("{error:#}"), hint),
        }
    }

    async fn newest_records_hold(&self) -> Result<Option<ChainHead>, Error> {
        let mut reader = self.inner.database.read().await?;
        let row = vault_row::find(&mut reader).await?.ok_or(Error::NotFound(Object::Vault))?;
        let from = row.head.size.saturating_sub(u64::from(RECORDS_CHECKED));
        let records = audit::after(&mut reader, from, RECORDS_CHECKED + 1).await?;
        let Some((first, rest)) = records.split_first() else {
            return Ok((row.head.size == 0).then_some(row.head));
        };
        let mut head = if first.seq == 1 { ChainHead::EMPTY } else { ChainHead { size: first.seq, root: first.hash } };
        let all_follow = if first.seq == 1 { head.follow(first) } else { first.seq == from + 1 }
            && rest.iter().all(|record| head.follow(record));
        Ok((all_follow && head == row.head).then_some(head))
    }

    /// Forgets ended browsers and old step uses, indexes the log, and signs a checkpoint. To be called now and then.
    pub async fn tidy(&self) -> Result<(), Error> {
        self.forget_what_has_ended().await?;
        committer::index_log(&self.inner.database).await?;
        self.count_uses().await?;
        self.tidy_guesses().await?;
        self.tidy_changes().await?;
        self.tidy_notices().await?;
        self.tidy_requests().await?;
        self.tidy_vault_requests().await?;
        self.tidy_sessions().await?;
        self.tidy_bin().await?;
        self.make_checkpoint().await?;
        Ok(())
    }

    /// Counts the uses of credentials and grants that the log tells of since the last time. To be called every minute: so old may be
    /// what lists say of last uses.
    pub async fn count_uses(&self) -> Result<(), Error> {
        committer::count_uses(&self.inner.database, usize::MAX).await?;
        Ok(())
    }

    async fn forget_what_has_ended(&self) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.unit().await?;
        access::delete_expired(&mut tx, now).await?;
        steps::forget(&mut tx, now, STEPS_KEPT).await?;
        people::delete_old_links(&mut tx, now).await?;
        audit::forget_uses(&mut tx).await?;
        scim::forget_tokens(&mut tx, now).await?;
        services::forget(&mut tx, now, now.minus(SECRETS_SHOWN)).await?;
        federated::forget_used(&mut tx, now).await?;
        devices::forget(&mut tx, now).await?;
        self.tidy_device_logins(&mut tx).await?;
        tx.commit_without_record("forgets what has ended").await
    }
}
