//! What follows when a credential that was checked out has come back, by whoever or whatever: its password changes where the grant says so,
//! and the next in the queue is told. A worker sees to what passes by itself, and to who has lost their access.

use std::collections::BTreeSet;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    AccessContext, ChangeTrigger, CheckOut, CredentialId, CredentialStatus, GrantId, Held, NoticeKind, Role, UserId,
};
use countersign_store::{
    automation, check_outs,
    credentials::{self, CredentialRow},
    engine::Select,
    people, services, vault as vault_row,
};

use crate::{Conflict, Error, Vault, credentials::places::places, unit::Unit};

/// So many are seen to at once.
const AT_ONCE: u32 = 50;

impl Vault {
    /// Sees to check-outs with which something has passed by itself, and takes back what those have who may not use it any more. Gives
    /// how many have come back.
    pub async fn see_to_check_outs(&self) -> Result<usize, Error> {
        let mut seen = 0;
        for (credential, _) in check_outs::due(&mut &self.inner.database, self.now(), AT_ONCE).await? {
            seen += usize::from(self.see_to(credential).await?);
        }
        let mut after = None;
        loop {
            let some = check_outs::held(&mut &self.inner.database, after, AT_ONCE).await?;
            for (credential, check_out) in &some {
                let Some(held) = check_out.holder(self.now()) else { continue };
                if !self.may_keep(&mut &self.inner.database, *credential, held).await? {
                    seen += usize::from(self.see_to(*credential).await?);
                }
            }
            after = some.last().map(|(credential, _)| *credential);
            if some.len() < AT_ONCE as usize {
                return Ok(seen);
            }
        }
    }

    /// Whether something came back.
    async fn see_to(&self, credential: CredentialId) -> Result<bool, Error> {
        let mut tx = self.unit().await?;
        let Some(row) = credentials::find(&mut tx, credential).await? else { return Ok(false) };
        let (former, mut check_out) = self.passed_check_out(&mut tx, &row).await?;
        let came_back = former.as_ref().is_some_and(|former| former.held.is_some()) && check_out.held.is_none();
        self.tell_the_next(&mut tx, &row, &mut check_out).await?;
        if former.as_ref() == Some(&check_out)
            || !check_outs::put(&mut tx, credential, former.as_ref(), &check_out).await?
        {
            // Nothing has passed, or another node was faster.
            return Ok(false);
        }
        vault_row::bump(&mut tx).await?;
        tx.commit_recorded_or("a turn in the queue has passed").await?;
        self.wake_sender();
        Ok(came_back)
    }

    /// Lets pass what has passed, with what follows: who had it until their time was over or their access ended, who cannot use it any
    /// more and waits, who let their turn pass.
    pub(super) async fn let_pass(
        &self,
        tx: &mut Unit,
        row: &CredentialRow,
        check_out: &mut CheckOut,
    ) -> Result<(), Error> {
        let now = self.now();
        let mut came_back = check_out.settle(now).map(|held| (held, "time"));
        if let Some(held) = check_out.holder(now).cloned()
            && !self.may_keep(tx, row.id, &held).await?
        {
            came_back = check_out.check_in(now).ok().map(|held| (held, "access"));
        }
        if let Some((held, by)) = came_back {
            let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::CheckedIn)
                .on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
                .with("by", by)
                .with("had", held.name.as_str())
                .with("until", held.until.to_string());
            let entry = self.came_back(tx, row, &held, entry).await?;
            tx.record(entry);
        }
        for waiting in check_out.queue.clone() {
            if !self.may_have(tx, row.id, waiting.person, None).await? {
                check_out.leave(waiting.person, now);
            }
        }
        Ok(())
    }

    /// Whether who has it may still use it by what they checked it out by.
    async fn may_keep(&self, db: &mut impl Select, credential: CredentialId, held: &Held) -> Result<bool, Error> {
        self.may_have(db, credential, held.person, Some(held.grant)).await
    }

    /// Whether somebody may check it out by a grant, or by any: as far as is known while they do not ask.
    async fn may_have(
        &self,
        db: &mut impl Select,
        credential: CredentialId,
        person: UserId,
        by: Option<GrantId>,
    ) -> Result<bool, Error> {
        let person = people::find(db, person).await?.filter(|person| !person.disabled && person.role != Role::Auditor);
        let Some(person) = person else { return Ok(false) };
        let now = self.now();
        let service = services::find(db, person.id).await?;
        if service.as_ref().is_some_and(|service| !service.is_alive(now)) {
            return Ok(false);
        }
        let scope = service.as_ref().map(|service| &service.scope);
        let Some(row) = credentials::find_as(db, credential, person.id).await? else { return Ok(false) };
        Ok(match by {
            None => row.grants.to_check_out(&AccessContext::in_principle(now).narrowed_to(scope)).is_ok(),
            Some(grant) => row.grants.may_keep(grant, &AccessContext::elsewhere(now).narrowed_to(scope)),
        })
    }

    /// What follows when it has come back; the record says what.
    pub(super) async fn came_back(
        &self,
        tx: &mut Unit,
        row: &CredentialRow,
        held: &Held,
        entry: AuditEntry,
    ) -> Result<AuditEntry, Error> {
        if !held.rule.change_after {
            return Ok(entry);
        }
        let known = automation::find(tx, row.id).await?;
        let able = row.status == CredentialStatus::Active && row.has_password && row.site.is_some();
        if !able || places(row.site.as_ref(), &known).check_tls().is_err() {
            return Ok(entry.with(
                "change_after",
                "not possible: the credential is inactive, or has no password or no site that can be automated",
            ));
        }
        automation::ensure(tx, row.id).await?;
        automation::schedule(tx, row.id, Some((self.now(), ChangeTrigger::AfterCheckOut))).await?;
        self.inner.work.notify_waiters();
        Ok(entry.with("change_after", "planned"))
    }

    /// Tells who comes next, once each.
    pub(super) async fn tell_the_next(
        &self,
        tx: &mut Unit,
        row: &CredentialRow,
        check_out: &mut CheckOut,
    ) -> Result<(), Error> {
        let Some(next) = check_out.to_tell() else { return Ok(()) };
        let people = BTreeSet::from([next.person]);
        self.tell_of_check_out(tx, NoticeKind::CheckOutFree, (row.name.as_str(), &next.name), &people).await
    }

    /// A grant is gone or another: what was checked out by it comes back at once.
    pub(crate) async fn take_back_by_grant(&self, tx: &mut Unit, grant: GrantId) -> Result<(), Error> {
        let mut after = None;
        loop {
            let some = check_outs::held(tx, after, AT_ONCE).await?;
            let held_by = some.iter().filter(|(_, one)| one.held.as_ref().is_some_and(|held| held.grant == grant));
            for (credential, former) in held_by {
                let Some(row) = credentials::find(tx, *credential).await? else { continue };
                let mut check_out = former.clone();
                let now = self.now();
                let Some(held) = check_out.settle(now).or_else(|| check_out.check_in(now).ok()) else { continue };
                let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::CheckedIn)
                    .on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
                    .with("by", "access")
                    .with("had", held.name.as_str());
                let entry = self.came_back(tx, &row, &held, entry).await?;
                self.tell_the_next(tx, &row, &mut check_out).await?;
                if !check_outs::put(tx, *credential, Some(former), &check_out).await? {
                    return Err(Error::Conflict(Conflict::Edited));
                }
                tx.record(entry);
            }
            after = some.last().map(|(credential, _)| *credential);
            if some.len() < AT_ONCE as usize {
                return Ok(());
            }
        }
    }
}
