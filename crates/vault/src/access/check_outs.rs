//! Checking a credential out for oneself alone, keeping it, giving it back, waiting for it; and what follows when its time is over.

use std::{collections::BTreeSet, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    AccessContext, Action, Actor, ChangeTrigger, CheckOut, CheckOutRefusal, CheckOutRule, CredentialId, Denied,
    GrantId, Held, NoticeKind, Role, Timestamp, UserId, decide_by_role,
};
use countersign_store::{
    automation, check_outs,
    credentials::{self, CredentialRow},
    vault as vault_row,
};

use crate::{Conflict, CredentialRef, Error, Vault, unit::Unit};

/// So many that are over are seen to at once.
const AT_ONCE: u32 = 50;

/// Who has a credential, and who waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutView {
    /// Who has it, until when.
    pub held: Option<Held>,
    /// Who waits, the first first, by name and since when.
    pub queue: Vec<(String, Timestamp)>,
    /// For whom it is kept now, and until when; none while somebody has it.
    pub turn: Option<(String, Timestamp)>,
    /// How the actor's grant asks for it, whatever else it asks for; none where none does.
    pub rule: Option<CheckOutRule>,
    /// What the actor may do.
    pub may: CheckOutPermissions,
}

/// What somebody may do about a check-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub struct CheckOutPermissions {
    /// Check it out now.
    pub check_out: bool,
    /// Keep it for longer.
    pub extend: bool,
    /// Give it back, or take it back from who has it.
    pub check_in: bool,
    /// Join the queue.
    pub wait: bool,
    /// Leave the queue.
    pub leave: bool,
}

impl Vault {
    /// Who has a credential, and who waits for it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn check_out_of(&self, actor: &Actor, wanted: &CredentialRef) -> Result<CheckOutView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = self.visible(&mut reader, &actor, wanted).await?;
        let found = check_outs::find(&mut reader, row.id).await?.unwrap_or_default();
        Ok(self.view_check_out(&actor, &row, &found))
    }

    /// Checks a credential out, for as long as the grant allows or for less. Nobody else uses it by a grant meanwhile.
    ///
    /// # Errors
    /// [`Error::Denied`] where no grant asks for it, or something else that it asks for does not hold; [`Conflict::CheckOut`], which is
    /// recorded; [`Conflict::SessionOpen`], [`Conflict::ChangeRunning`] while it is in use; [`Error::NotFound`].
    pub async fn check_out(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        minutes: Option<u32>,
    ) -> Result<CheckOutView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let (grant, rule) = may_check_out(&actor, &row, &self.asked(&actor))?;
        self.nothing_open(&mut tx, row.id).await?;
        let former = check_outs::find(&mut tx, row.id).await?;
        let mut check_out = former.clone().unwrap_or_default();
        let now = self.now();
        let minutes = minutes.unwrap_or(rule.minutes);
        let until = now.plus(Duration::from_secs(u64::from(minutes) * 60));
        let taken = if (1..=rule.minutes).contains(&minutes) {
            let name = actor.name.clone();
            check_out.take(Held { person: actor.user, name, grant, rule: rule.clone(), from: now, until })
        } else {
            Err(CheckOutRefusal::Minutes(rule.minutes))
        };
        if let Err(refusal) = taken {
            let entry = self.about_check_out(&actor, AuditAction::CheckOutRefused, &row);
            tx.record(entry.because(actor.purpose.reason.as_ref()).with("why", refusal.to_string()));
            tx.commit().await?;
            return Err(Conflict::CheckOut(refusal).into());
        }
        let entry = self.about_check_out(&actor, AuditAction::CheckedOut, &row);
        let entry = entry.because(actor.purpose.reason.as_ref()).with("grant", grant.to_string());
        self.put_check_out(tx, &actor, row, former, check_out, entry.with("until", until.to_string())).await
    }

    /// Who has it keeps it for so many minutes from now; as long as the grant allows when nothing is said.
    ///
    /// # Errors
    /// [`Conflict::CheckOut`], [`Error::Denied`] where the grant does not allow it any more, [`Error::NotFound`].
    pub async fn extend_check_out(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        minutes: Option<u32>,
    ) -> Result<CheckOutView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let former = check_outs::find(&mut tx, row.id).await?.unwrap_or_default();
        let mut check_out = former.clone();
        let most = former.held.as_ref().map_or(0, |held| held.rule.minutes);
        let until = check_out.extend(actor.user, minutes.unwrap_or(most), self.now()).map_err(Conflict::CheckOut)?;
        may_check_out(&actor, &row, &self.asked(&actor))?;
        let entry = self.about_check_out(&actor, AuditAction::CheckOutExtended, &row).with("until", until.to_string());
        self.put_check_out(tx, &actor, row, Some(former), check_out, entry).await
    }

    /// Gives it back, or takes it back from who has it. Sessions that were started with it end; its password is changed where the grant
    /// asks for that; the next in the queue is told.
    ///
    /// # Errors
    /// [`Conflict::CheckOut`] when nobody has it; [`Error::Denied`] for who neither has it nor manages access; [`Error::NotFound`].
    pub async fn check_in(&self, actor: &Actor, wanted: &CredentialRef) -> Result<CheckOutView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let former = check_outs::find(&mut tx, row.id).await?.unwrap_or_default();
        let mut check_out = former.clone();
        let held = check_out.check_in(self.now()).map_err(Conflict::CheckOut)?;
        let own = held.person == actor.user;
        if !own {
            decide_by_role(actor.role, Action::GrantCredential)
                .map_err(|_| Conflict::CheckOut(CheckOutRefusal::NotYours))?;
        }
        self.came_back(&mut tx, row.id, row.name.as_str(), &held, &check_out).await?;
        let entry = self.about_check_out(&actor, AuditAction::CheckedIn, &row);
        let entry = entry.with("by", if own { "person" } else { "administrator" }).with("had", held.name);
        self.put_check_out(tx, &actor, row, Some(former), check_out, entry).await
    }

    /// Joins the queue of those who wait for it, or leaves it.
    ///
    /// # Errors
    /// [`Conflict::CheckOut`] where there is nothing to wait for; [`Error::Denied`], [`Error::NotFound`].
    pub async fn wait_for_check_out(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        joins: bool,
    ) -> Result<CheckOutView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let former = check_outs::find(&mut tx, row.id).await?;
        let mut check_out = former.clone().unwrap_or_default();
        if joins {
            may_check_out(&actor, &row, &self.asked(&actor))?;
            check_out.wait(actor.user, &actor.name, self.now()).map_err(Conflict::CheckOut)?;
        } else {
            check_out.leave(actor.user);
        }
        if former.as_ref() == Some(&check_out) || former.is_none() {
            return Ok(self.view_check_out(&actor, &row, &check_out));
        }
        if !check_outs::put(&mut tx, row.id, former.as_ref(), &check_out).await? {
            return Err(Error::Conflict(Conflict::Edited));
        }
        let view = self.view_check_out(&actor, &row, &check_out);
        tx.commit_without_record("who waits may do nothing by it").await?;
        Ok(view)
    }

    /// Sees to check-outs whose time is over: changes passwords where grants ask for that, and tells who comes next. Gives how many.
    pub async fn see_to_check_outs(&self) -> Result<usize, Error> {
        let over = check_outs::ended(&mut &self.inner.database, self.now(), AT_ONCE).await?;
        let mut seen = 0;
        for (credential, check_out) in over {
            let Some(held) = check_out.held.clone() else { continue };
            let mut tx = self.unit().await?;
            let Some(row) = credentials::find(&mut tx, credential).await? else { continue };
            if !check_outs::seen_to(&mut tx, credential, &check_out).await? {
                // Another node was faster, or it was taken anew.
                continue;
            }
            self.came_back(&mut tx, credential, row.name.as_str(), &held, &check_out).await?;
            let entry = AuditEntry::new(self.now(), ActorRef::system(), AuditAction::CheckedIn)
                .on(ObjectKind::Credential, credential.uuid(), row.name.as_str())
                .with("by", "time")
                .with("had", held.name)
                .with("until", held.until.to_string());
            tx.record(entry);
            tx.commit().await?;
            self.wake_sender();
            seen += 1;
        }
        Ok(seen)
    }

    /// What follows when it has come back.
    async fn came_back(
        &self,
        tx: &mut Unit,
        credential: CredentialId,
        name: &str,
        held: &Held,
        check_out: &CheckOut,
    ) -> Result<(), Error> {
        let now = self.now();
        if held.rule.change_after {
            automation::ensure(tx, credential).await?;
            automation::schedule(tx, credential, Some((now, ChangeTrigger::AfterCheckOut))).await?;
            self.inner.work.notify_waiters();
        }
        if let Some((next, _)) = check_out.turn(now) {
            let people = BTreeSet::from([next.person]);
            self.tell_of_check_out(tx, NoticeKind::CheckOutFree, (name, &next.name), &people).await?;
        }
        Ok(())
    }

    async fn put_check_out(
        &self,
        mut tx: Unit,
        actor: &Actor,
        row: CredentialRow,
        former: Option<CheckOut>,
        check_out: CheckOut,
        entry: AuditEntry,
    ) -> Result<CheckOutView, Error> {
        if !check_outs::put(&mut tx, row.id, former.as_ref(), &check_out).await? {
            return Err(Error::Conflict(Conflict::Edited));
        }
        // Who may use it changes with it, on every server with the next request.
        vault_row::bump(&mut tx).await?;
        tx.record(entry);
        let view = self.view_check_out(actor, &row, &check_out);
        tx.commit().await?;
        self.wake_sender();
        Ok(view)
    }

    fn view_check_out(&self, actor: &Actor, row: &CredentialRow, check_out: &CheckOut) -> CheckOutView {
        let now = self.now();
        let held = check_out.holder(now).cloned();
        let turn = check_out.turn(now);
        let rule = may_check_out(actor, row, &AccessContext::in_principle(now)).ok().map(|(_, rule)| rule);
        let waits = check_out.queue.iter().any(|waiting| waiting.person == actor.user);
        let is = |person: UserId| person == actor.user;
        let own = held.as_ref().is_some_and(|held| is(held.person));
        let others = held.is_some() && !own;
        let kept = turn.is_some_and(|(next, _)| !is(next.person));
        let manages = decide_by_role(actor.role, Action::GrantCredential).is_ok();
        CheckOutView {
            may: CheckOutPermissions {
                check_out: rule.is_some() && held.is_none() && !kept,
                extend: own && rule.is_some() && check_out.queue.is_empty(),
                check_in: own || (manages && held.is_some()),
                wait: rule.is_some() && !waits && (others || kept),
                leave: waits,
            },
            queue: check_out.queue.iter().map(|waiting| (waiting.name.clone(), waiting.since)).collect(),
            turn: turn.map(|(next, until)| (next.name.clone(), until)),
            held,
            rule,
        }
    }

    fn about_check_out(&self, actor: &Actor, act: AuditAction, row: &CredentialRow) -> AuditEntry {
        self.entry(actor, act).on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
    }
}

/// The grant by which somebody may check it out, and how it asks for that.
fn may_check_out(
    actor: &Actor,
    row: &CredentialRow,
    context: &AccessContext<'_>,
) -> Result<(GrantId, CheckOutRule), Error> {
    if actor.role == Role::Auditor {
        return Err(Denied::plainly(Action::TakeToken).into());
    }
    let found = row.grants.to_check_out(context);
    let grant = found.map_err(|denied| match denied {
        Denied { unmet, .. } if unmet.is_empty() => Conflict::CheckOut(CheckOutRefusal::NotAsked).into(),
        denied => Error::from(denied),
    })?;
    let rule = grant.conditions.check_out.clone().ok_or(Error::Internal("a grant asks for no check-out"))?;
    Ok((grant.id, rule))
}
