//! What the vault can say about its own health, and what it tidies up.

use std::time::{Duration, Instant};

use countersign_audit::Head;
use countersign_model::{Act, Actor};
use countersign_store::{access, audit, engine::EngineKind, steps, vault as vault_row};

use crate::{Error, Vault, vault::permit};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub state: CheckState,
    /// What was found.
    pub detail: String,
    /// What to do about it, where something is to be done.
    pub hint: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Works, but should be looked at.
    Warning,
    /// Does not work.
    Failed,
}

impl Check {
    /// All is well.
    pub fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, state: CheckState::Ok, detail: detail.into(), hint: None }
    }

    /// Something should be looked at.
    pub fn warning(name: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: CheckState::Warning, detail: detail.into(), hint: Some(hint.into()) }
    }

    /// Something does not work.
    pub fn failed(name: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: CheckState::Failed, detail: detail.into(), hint: Some(hint.into()) }
    }
}

// Who took which step is shown for minutes and claimed for seconds; the log keeps it for ever.
const STEPS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
// Enough to notice a log that was changed lately, quick enough to look at while people wait.
const RECORDS_CHECKED: u32 = 200;

impl Vault {
    /// Looks at database, log and key.
    ///
    /// # Errors
    /// [`Error::Denied`]; what does not work is a check that says so.
    pub async fn check_health(&self, actor: &Actor) -> Result<Vec<Check>, Error> {
        permit(actor, Act::ManageVault, None)?;
        Ok(self.checks().await)
    }

    /// As [`Vault::check_health`], for a command beside the server's data.
    pub async fn checks(&self) -> Vec<Check> {
        let mut checks = vec![self.check_database().await, self.check_log().await];
        checks.extend(self.check_recordings().await);
        checks
    }

    /// Whether reading and writing work: what a load balancer wants to know.
    pub async fn is_ready(&self) -> bool {
        let written: Result<(), Error> = async {
            let mut tx = self.inner.database.write().await?;
            vault_row::lock_head(&mut tx).await?;
            Ok(tx.commit().await?)
        }
        .await;
        written.is_ok()
    }

    async fn check_database(&self) -> Check {
        const NAME: &str = "database";
        let kind = match self.inner.database.kind() {
            EngineKind::Sqlite => "SQLite",
            EngineKind::Postgres => "PostgreSQL",
        };
        let begun = Instant::now();
        if self.is_ready().await {
            Check::ok(
                NAME,
                format!("{kind} answers; a durable write took {:.1} ms", begun.elapsed().as_secs_f64() * 1e3),
            )
        } else {
            Check::failed(
                NAME,
                format!("{kind} cannot be written"),
                "look at the server's log for the reason: a full disk, a lost connection, a missing right",
            )
        }
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

    /// Whether the newest records follow from one another up to the stored end.
    async fn check_log(&self) -> Check {
        const NAME: &str = "audit log";
        let hint = "export it and run `countersign audit verify` to see what is wrong; compare with checkpoints kept elsewhere";
        match self.newest_records_hold().await {
            Ok(Some(head)) => Check::ok(NAME, format!("{} records; the newest follow from one another", head.size)),
            Ok(None) => Check::failed(NAME, "the newest records do not follow from one another", hint),
            Err(error) => Check::failed(NAME, error.to_string(), hint),
        }
    }

    async fn newest_records_hold(&self) -> Result<Option<Head>, Error> {
        let mut reader = self.inner.database.read().await?;
        let row = vault_row::find(&mut reader).await?.ok_or(Error::NotFound("vault"))?;
        let from = row.head.size.saturating_sub(u64::from(RECORDS_CHECKED));
        let records = audit::after(&mut reader, from, RECORDS_CHECKED + 1).await?;
        let Some((first, rest)) = records.split_first() else {
            return Ok((row.head.size == 0).then_some(row.head));
        };
        let mut head = if first.seq == 1 { Head::EMPTY } else { Head { size: first.seq, root: first.hash } };
        let all_follow = if first.seq == 1 { head.follow(first) } else { first.seq == from + 1 }
            && rest.iter().all(|record| head.follow(record));
        Ok((all_follow && head == row.head).then_some(head))
    }

    /// Forgets ended browsers and old step uses, indexes the log, and signs a checkpoint. To be called now and then.
    pub async fn tidy(&self) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.inner.database.write().await?;
        access::delete_expired(&mut tx, now).await?;
        steps::forget(&mut tx, now, STEPS_KEPT).await?;
        tx.commit().await?;
        while crate::recorder::index_log(&self.inner.database).await? {}
        self.tidy_changes().await?;
        self.tidy_notices().await?;
        self.tidy_sessions().await?;
        self.make_checkpoint().await?;
        Ok(())
    }
}
