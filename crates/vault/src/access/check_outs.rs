//! Checking a credential out for oneself alone, keeping it, giving it back, waiting for it. `check_in.rs` is what follows when it has
//! come back.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    AccessContext, Action, Actor, ChangeTrigger, CheckOut, CheckOutRefusal, CheckOutRule, Denied, GrantId, Held,
    Invalid, Role, Timestamp, check_out_ends, decide_by_role,
};
use countersign_store::{
    automation, check_outs,
    credentials::{self, CredentialRow},
    vault as vault_row,
};

use super::approvers::person_name;
use crate::{Conflict, CredentialRef, Error, Object, Vault, unit::Unit};

/// Who has a credential, and who waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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

/// By which grant somebody may check it out, how it asks for that, and when it ends by itself.
struct CheckOutGrant {
    id: GrantId,
    rule: CheckOutRule,
    end: Option<Timestamp>,
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
    /// [`Error::Denied`] where something else that the grant asks for does not hold; [`Conflict::CheckOut`], which is recorded;
    /// [`Conflict::SessionOpen`], [`Conflict::ChangeRunning`] while it is in use; [`Error::Invalid`], [`Error::NotFound`].
    pub async fn check_out(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        minutes: Option<u32>,
    ) -> Result<CheckOutView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let by = may_check_out(&actor, &row, &self.asked(&actor))?;
        let (former, mut check_out) = self.present_check_out(&mut tx, &row).await?;
        let now = self.now();
        let minutes = minutes.unwrap_or(by.rule.minutes);
        if !(1..=by.rule.minutes).contains(&minutes) {
            return Err(Invalid::new("minutes", format!("must be 1 to {}", by.rule.minutes)).into());
        }
        let until = check_out_ends(now, minutes, by.end);
        let name = person_name(&mut tx, actor.user).await?;
        let held = Held { person: actor.user, name, grant: by.id, rule: by.rule, from: now, until };
        let planned = automation::find(&mut tx, row.id).await?.next_change;
        let changing = planned.is_some_and(|(_, because)| because == ChangeTrigger::AfterCheckOut);
        let taken = check_out.take(held).and(if changing { Err(CheckOutRefusal::Changing) } else { Ok(()) });
        if let Err(refusal) = taken {
            return self.refuse_check_out(tx, &actor, &row, "check out", refusal).await;
        }
        self.nothing_open(&mut tx, row.id).await?;
        let entry = self.about_check_out(&actor, AuditAction::CheckedOut, &row);
        let entry = entry.because(actor.purpose.reason.as_ref()).with("grant", by.id.to_string());
        self.put_check_out(tx, &actor, row, former, check_out, entry.with("until", until.to_string())).await
    }

    /// Who has it keeps it for so many minutes from now; as long as the grant allows when nothing is said.
    ///
    /// # Errors
    /// [`Conflict::CheckOut`], which is recorded; [`Error::Denied`] where the grant does not allow it any more, [`Error::Invalid`],
    /// [`Error::NotFound`].
    pub async fn extend_check_out(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        minutes: Option<u32>,
    ) -> Result<CheckOutView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let (former, mut check_out) = self.present_check_out(&mut tx, &row).await?;
        let now = self.now();
        if check_out.holder(now).is_none_or(|held| held.person != actor.user) {
            return self.refuse_check_out(tx, &actor, &row, "extend", CheckOutRefusal::NotYours).await;
        }
        // Reason, ticket and sign-in were asked for when it was checked out.
        let by = may_check_out(&actor, &row, &self.asked(&actor).under_way())?;
        let most = by.rule.minutes;
        match check_out.extend(actor.user, (minutes.unwrap_or(most), most), by.end, now) {
            Ok(until) => {
                let entry = self.about_check_out(&actor, AuditAction::CheckOutExtended, &row);
                let entry = entry.with("until", until.to_string());
                self.put_check_out(tx, &actor, row, former, check_out, entry).await
            }
            Err(CheckOutRefusal::Minutes(most)) => Err(Invalid::new("minutes", format!("must be 1 to {most}")).into()),
            Err(refusal) => self.refuse_check_out(tx, &actor, &row, "extend", refusal).await,
        }
    }

    /// Gives it back, or takes it back from who has it. Sessions that were started with it end; its password is changed where the grant
    /// asks for that; the next in the queue is told. Who has it may give it back also where they do not see it any more.
    ///
    /// # Errors
    /// [`Conflict::CheckOut`] when nobody has it, and for who neither has it nor manages access; [`Error::NotFound`].
    pub async fn check_in(&self, actor: &Actor, wanted: &CredentialRef) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = match wanted {
            CredentialRef::Id(id) => credentials::find_as(&mut tx, *id, actor.user).await?,
            CredentialRef::Name(name) => credentials::find_by_name_as(&mut tx, name, actor.user).await?,
        };
        let row = row.ok_or(Error::NotFound(Object::Credential))?;
        // Who neither sees nor has it learns nothing of it, not even by how long the answer takes.
        let stored = check_outs::find(&mut tx, row.id).await?;
        if stored.and_then(|it| it.held).is_none_or(|held| held.person != actor.user) {
            self.visible(&mut tx, &actor, wanted).await?;
        }
        let (former, mut check_out) = self.present_check_out(&mut tx, &row).await?;
        let now = self.now();
        let held = check_out.holder(now).filter(|held| held.person == actor.user);
        let own = held.is_some();
        if let Some(held) = held {
            permit_own_check_in(&actor, &row, held, now)?;
        } else {
            self.visible(&mut tx, &actor, wanted).await?;
            if decide_by_role(actor.role, Action::GrantCredential).is_err() {
                let none = check_out.holder(now).is_none();
                let refusal = if none { CheckOutRefusal::Free } else { CheckOutRefusal::NotYours };
                return self.refuse_check_out(tx, &actor, &row, "check in", refusal).await.map(drop);
            }
        }
        let held = check_out.check_in(now).map_err(Conflict::CheckOut)?;
        let entry = self.about_check_out(&actor, AuditAction::CheckedIn, &row);
        let entry = entry.with("by", if own { "person" } else { actor.role.name() }).with("had", held.name.as_str());
        let entry = self.came_back(&mut tx, &row, &held, entry).await?;
        self.put_check_out(tx, &actor, row, former, check_out, entry).await.map(drop)
    }

    /// Joins the queue of those who wait for it, or leaves it. Nothing but the check-out itself is asked for meanwhile.
    ///
    /// # Errors
    /// [`Conflict::CheckOut`] where there is nothing to wait for, which is recorded; [`Error::NotFound`].
    pub async fn wait_for_check_out(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        joins: bool,
    ) -> Result<CheckOutView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let (former, mut check_out) = self.present_check_out(&mut tx, &row).await?;
        let now = self.now();
        let act = if joins {
            may_check_out(&actor, &row, &AccessContext::in_principle_for(&actor, now))?;
            let name = person_name(&mut tx, actor.user).await?;
            if let Err(refusal) = check_out.wait(actor.user, &name, now) {
                return self.refuse_check_out(tx, &actor, &row, "wait", refusal).await;
            }
            AuditAction::CheckOutAwaited
        } else {
            check_out.leave(actor.user, now);
            AuditAction::CheckOutNotAwaited
        };
        if former.as_ref() == Some(&check_out) || (former.is_none() && check_out == CheckOut::default()) {
            return Ok(self.view_check_out(&actor, &row, &check_out));
        }
        let entry = self.about_check_out(&actor, act, &row);
        self.put_check_out(tx, &actor, row, former, check_out, entry).await
    }

    /// As it was stored, and as it is now: who cannot use it any more waits no more, and what has passed has passed.
    pub(super) async fn passed_check_out(
        &self,
        tx: &mut Unit,
        row: &CredentialRow,
    ) -> Result<(Option<CheckOut>, CheckOut), Error> {
        let former = check_outs::find(tx, row.id).await?;
        let mut check_out = former.clone().unwrap_or_default();
        self.let_pass(tx, row, &mut check_out).await?;
        Ok((former, check_out))
    }

    /// As it is stored, and as it is now, which differ where nothing is stored yet. What has passed is stored with its records, also where
    /// what is asked for is refused afterwards: so it happens once.
    async fn present_check_out(
        &self,
        tx: &mut Unit,
        row: &CredentialRow,
    ) -> Result<(Option<CheckOut>, CheckOut), Error> {
        let (former, check_out) = self.passed_check_out(tx, row).await?;
        if former.as_ref().is_none_or(|former| *former == check_out) {
            return Ok((former, check_out));
        }
        if !check_outs::put(tx, row.id, former.as_ref(), &check_out).await? {
            return Err(Error::Conflict(Conflict::Edited));
        }
        vault_row::bump(tx).await?;
        Ok((Some(check_out.clone()), check_out))
    }

    async fn refuse_check_out(
        &self,
        mut tx: Unit,
        actor: &Actor,
        row: &CredentialRow,
        what: &'static str,
        refusal: CheckOutRefusal,
    ) -> Result<CheckOutView, Error> {
        let entry = self.about_check_out(actor, AuditAction::CheckOutRefused, row);
        tx.record(entry.because(actor.purpose.reason.as_ref()).with("what", what).with("why", refusal.to_string()));
        tx.commit().await?;
        Err(Conflict::CheckOut(refusal).into())
    }

    async fn put_check_out(
        &self,
        mut tx: Unit,
        actor: &Actor,
        row: CredentialRow,
        former: Option<CheckOut>,
        mut check_out: CheckOut,
        entry: AuditEntry,
    ) -> Result<CheckOutView, Error> {
        self.tell_the_next(&mut tx, &row, &mut check_out).await?;
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
        let mut check_out = check_out.clone();
        check_out.settle(now);
        let rule = may_check_out(actor, row, &AccessContext::in_principle_for(actor, now)).ok().map(|by| by.rule);
        let waits = check_out.queue.iter().any(|waiting| waiting.person == actor.user);
        let own = check_out.held.as_ref().is_some_and(|held| held.person == actor.user);
        let others = check_out.held.is_some() && !own;
        let kept = check_out.turn().is_some_and(|(next, _)| next.person != actor.user);
        let manages = decide_by_role(actor.role, Action::GrantCredential).is_ok();
        let keeps = own && may_check_out(actor, row, &self.asked(actor).under_way()).is_ok();
        CheckOutView {
            may: CheckOutPermissions {
                check_out: rule.is_some() && check_out.held.is_none() && !kept,
                extend: keeps && check_out.queue.is_empty(),
                check_in: own || (manages && check_out.held.is_some()),
                wait: rule.is_some() && !waits && (others || kept),
                leave: waits,
            },
            turn: check_out.turn().map(|(next, until)| (next.name.clone(), until)),
            queue: check_out.queue.iter().map(|waiting| (waiting.name.clone(), waiting.since)).collect(),
            held: check_out.held,
            rule,
        }
    }

    fn about_check_out(&self, actor: &Actor, act: AuditAction, row: &CredentialRow) -> AuditEntry {
        self.entry(actor, act).on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
    }
}

/// Who has it may give it back, whatever has become of their access; a token that was narrowed to less may not do it in their name.
fn permit_own_check_in(actor: &Actor, row: &CredentialRow, held: &Held, now: Timestamp) -> Result<(), Error> {
    let may_keep = |context: &AccessContext<'_>| row.grants.may_keep(held.grant, context);
    let scope = actor.service.as_ref().map(|service| &service.scope);
    if may_keep(&AccessContext::elsewhere(now)) && !may_keep(&AccessContext::elsewhere(now).narrowed_to(scope)) {
        may_check_out(actor, row, &AccessContext::of(actor, now).under_way())?;
    }
    Ok(())
}

/// The grant by which somebody may check it out, and how it asks for that.
fn may_check_out(actor: &Actor, row: &CredentialRow, context: &AccessContext<'_>) -> Result<CheckOutGrant, Error> {
    if actor.role == Role::Auditor {
        return Err(Denied::plainly(Action::TakeToken).into());
    }
    let (grant, end) = row.grants.to_check_out(context).map_err(|denied| match denied {
        Denied { unmet, .. } if unmet.is_empty() => Conflict::CheckOut(CheckOutRefusal::NotAsked).into(),
        denied => Error::from(denied),
    })?;
    let rule = grant.conditions.check_out.clone().ok_or(Error::Internal("a grant asks for no check-out"))?;
    Ok(CheckOutGrant { id: grant.id, rule, end })
}
