//! Changes that nobody has to ask for: by policy, and the daily look.

use std::time::Duration;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{ChangeKind, ChangeTrigger, CredentialId, CredentialStatus};
use countersign_store::{automation, changes::runs, check_outs, credentials, sessions};

use super::policy::spread;
use crate::{
    Conflict, Error, Vault,
    changes::{after_reveal, due},
    credentials::places::places,
};

const AT_ONCE: u32 = 50;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Pictures are kept so long after a change has ended.
const PICTURES_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Vault {
    /// Asks for what is due by policy. Gives how many changes were made.
    pub async fn ask_for_what_is_due(&self) -> Result<usize, Error> {
        let now = self.now();
        let due = automation::due_changes(&mut &self.inner.database, now, AT_ONCE).await?;
        let beats = automation::due_heartbeats(&mut &self.inner.database, now, AT_ONCE).await?;
        let all = (due.into_iter().map(|(credential, because)| (credential, ChangeKind::Change, because)))
            .chain(beats.into_iter().map(|credential| (credential, ChangeKind::Heartbeat, ChangeTrigger::Heartbeat)));
        let mut made = 0;
        for (credential, kind, because) in all {
            match self.ask_by_policy(credential, kind, because).await {
                Ok(true) => made += 1,
                // Another node, or a person, was faster.
                Ok(false)
                | Err(Error::Conflict(
                    Conflict::ChangeRunning(_) | Conflict::SessionOpen { .. } | Conflict::SessionEnding { .. },
                )) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    }

    async fn ask_by_policy(
        &self,
        credential: CredentialId,
        kind: ChangeKind,
        because: ChangeTrigger,
    ) -> Result<bool, Error> {
        let mut tx = self.unit().await?;
        if runs::open(&mut tx, credential).await?.is_some() {
            return Ok(false);
        }
        let Some(row) = credentials::find(&mut tx, credential).await? else { return Ok(false) };
        let known = automation::find(&mut tx, credential).await?;
        let now = self.now();
        if sessions::open(&mut tx, credential).await?.is_some() {
            // It was begun since this was found to be due, and is passed over from now on.
            return Ok(false);
        }
        let may_go = known.redirected_at.is_none() && places(row.site.as_ref(), &known).check_tls().is_ok();
        let usable = row.status == CredentialStatus::Active && row.has_password && row.site.is_some() && may_go;
        let settings = known.settings;
        // Who has checked it out keeps the password that they have seen.
        let check_out = check_outs::find(&mut tx, credential).await?;
        let kept = check_out.as_ref().and_then(|check_out| check_out.holder(now)).map(|held| held.until);
        // The server may have been away while the window was open; and what is not usable may be, some day.
        let earliest = kept.unwrap_or_else(|| if usable { now } else { now.plus(DAY) });
        let usable = usable && kept.is_none();
        // Nobody has it until that is done, so it waits for no window.
        let at_once = because == ChangeTrigger::AfterCheckOut;
        let fit = if at_once { earliest } else { settings.policy.fit(earliest, spread(credential)) };
        let later = match kind {
            ChangeKind::Heartbeat => (!usable).then_some(earliest),
            _ => (fit > now).then_some(fit),
        };
        match kind {
            ChangeKind::Heartbeat => automation::schedule_heartbeat(&mut tx, credential, later).await?,
            _ => automation::schedule(&mut tx, credential, later.map(|at| (at, because))).await?,
        }
        if later.is_some() {
            tx.commit_without_record("moves what is due to its window").await?;
            return Ok(false);
        }
        let change = self.new_change(credential, row.name.as_str(), kind, "the policy", because, None);
        let change = self.put_change(&mut tx, change, settings.changes_per_day).await?;
        let entry = AuditEntry::new(self.now(), ActorRef::system(), AuditAction::ChangeRequested)
            .on(ObjectKind::Credential, credential.uuid(), row.name.as_str())
            .with("change", change.id.to_string())
            .with("kind", kind.name())
            .with("because", because.name());
        self.end_idle(&mut tx, &change, "requested by the rotation policy", entry).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Waits until somebody here has asked for a change.
    pub async fn change_asked_for(&self) {
        self.inner.work.notified().await;
    }

    /// Forgets pictures of changes that ended a month ago.
    pub(crate) async fn tidy_changes(&self) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        runs::drop_pictures(&mut tx, self.now().minus(PICTURES_KEPT)).await?;
        tx.commit_without_record("forgets old screenshots").await
    }

    /// The password is new, so that the policy counts its days from now.
    pub(crate) async fn password_is_new(
        &self,
        tx: &mut countersign_store::engine::Transaction,
        credential: CredentialId,
    ) -> Result<(), Error> {
        let known = automation::find(tx, credential).await?;
        if known.next_change.is_some_and(|(_, because)| because == ChangeTrigger::Schedule) {
            let next = due(&known.settings, self.now(), spread(credential));
            automation::schedule(tx, credential, next).await?;
        }
        Ok(())
    }

    /// Somebody saw the password: where the policy says so, it is changed an hour later.
    pub(crate) async fn seen(
        &self,
        tx: &mut countersign_store::engine::Transaction,
        credential: CredentialId,
    ) -> Result<(), Error> {
        let known = automation::find(tx, credential).await?;
        if let Some(next) = after_reveal(&known.settings.policy, known.next_change, credential, self.now()) {
            automation::schedule(tx, credential, Some(next)).await?;
        }
        Ok(())
    }
}
