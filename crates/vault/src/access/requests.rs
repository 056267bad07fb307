//! Requests for what others have to approve: what approvers and the asker do about them, and what ends them by itself. `asking.rs` makes
//! them, `requested.rs` shows them.

use std::{collections::BTreeSet, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    AccessRequest, Action, Actor, Approver, GrantId, GroupId, Invalid, NoticeKind, Principal, Reason, RequestId,
    RequestRefusal, RequestState, Role, decide_by_role,
};
use countersign_store::{credentials, engine::Select, requests, vault as vault_row};

use super::{
    approvers::{Approvers, applies, may_know, person_name},
    granting::permissions,
    requested::RequestView,
};
use crate::{Conflict, Error, Object, Vault, unit::Unit};

/// So many that are over are seen to at once.
const AT_ONCE: u32 = 100;
/// For so long a request is kept once it is over.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What an approver or the asker does about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestDecision {
    /// Yes, for at most so many minutes where they shorten it.
    Approve(Option<u32>),
    /// No.
    Reject,
    /// Who asked takes it back, also once it was approved.
    Cancel,
    /// What was approved is ended.
    Revoke,
}

impl Vault {
    /// Approves, rejects, cancels or revokes. What is refused is recorded.
    ///
    /// # Errors
    /// [`Conflict::Request`] says why it cannot be; [`Error::Denied`]; [`Error::NotFound`] also for who may not know of it.
    pub async fn decide_request(
        &self,
        actor: &Actor,
        id: RequestId,
        decision: RequestDecision,
        comment: Option<Reason>,
    ) -> Result<RequestView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let approvers = Approvers::read(&mut tx).await?;
        let groups = approvers.memberships.groups_of(Principal::User(actor.user));
        let former = requests::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::Request))?;
        let name =
            credentials::find(&mut tx, former.credential).await?.map_or_else(String::new, |row| row.name.to_string());
        if !may_know(&actor, &former, &groups) {
            let entry = self.request_entry(&actor, AuditAction::AccessDecisionRefused, &former, &name);
            tx.record(entry.with("decision", decision.name()).with("why", "they may not know of it"));
            tx.commit().await?;
            return Err(Error::NotFound(Object::Request));
        }
        let mut request = former.clone();
        let by = Approver { person: actor.user, name: &actor.name, groups: &groups };
        let applies = applies(&mut tx, &former).await?;
        let decided = match &decision {
            RequestDecision::Approve(_) if !applies && former.state(self.now()) == RequestState::Pending => {
                Err(RequestRefusal::NoGrant)
            }
            _ => self.decided(&actor, &mut request, &decision, comment.clone(), by, &approvers),
        };
        let act = match decided {
            Ok(act) => act,
            Err(refusal) => {
                let entry = self.request_entry(&actor, AuditAction::AccessDecisionRefused, &former, &name);
                tx.record(entry.with("decision", decision.name()).with("why", refusal.to_string()));
                tx.commit().await?;
                return Err(match refusal {
                    RequestRefusal::Minutes(most) => Invalid::new("minutes", format!("must be 1 to {most}")).into(),
                    refusal => Conflict::Request(refusal).into(),
                });
            }
        };
        if !requests::update(&mut tx, &former, &request).await? {
            return Err(Error::Conflict(Conflict::Edited));
        }
        // What somebody may do now begins or ends with it, on every server with the next request.
        vault_row::bump(&mut tx).await?;
        self.tell_decision(&mut tx, &actor, act, &request, &name, &approvers).await?;
        let entry = self.request_entry(&actor, act, &request, &name).because(comment.as_ref());
        let entry = match request.window.filter(|_| act == AuditAction::AccessApproved) {
            Some((from, until)) => entry.with("from", from.to_string()).with("until", until.to_string()),
            None => entry,
        };
        tx.record(entry);
        let view = self.show_request(&mut tx, &actor, request, &approvers).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(view)
    }

    fn decided(
        &self,
        actor: &Actor,
        request: &mut AccessRequest,
        decision: &RequestDecision,
        comment: Option<Reason>,
        by: Approver<'_>,
        approvers: &Approvers,
    ) -> Result<AuditAction, RequestRefusal> {
        let now = self.now();
        match decision {
            // Who audits uses nothing and lets nobody use anything; an approval is a person's.
            RequestDecision::Approve(_) | RequestDecision::Reject
                if actor.role == Role::Auditor || actor.is_service() =>
            {
                Err(RequestRefusal::NotAsked)
            }
            RequestDecision::Approve(minutes) => {
                request.approve(by, *minutes, comment, now, |person, group| approvers.is_in(person, group))?;
                Ok(AuditAction::AccessApproved)
            }
            RequestDecision::Reject => request.reject(by, comment, now).map(|()| AuditAction::AccessRejected),
            RequestDecision::Cancel if request.person != actor.user => Err(RequestRefusal::NotAsked),
            RequestDecision::Cancel => {
                request.cancel(&actor.name, comment, now)?;
                let cancelled = request.state(now) == RequestState::Cancelled;
                Ok(if cancelled { AuditAction::AccessCancelled } else { AuditAction::AccessRevoked })
            }
            RequestDecision::Revoke => {
                let manages = decide_by_role(actor.role, Action::GrantCredential).is_ok();
                if !manages && request.person != actor.user && !request.asks(actor.user, by.groups) {
                    return Err(RequestRefusal::NotAsked);
                }
                request.revoke(&actor.name, comment, now).map(|()| AuditAction::AccessRevoked)
            }
        }
    }

    async fn tell_decision(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        act: AuditAction,
        request: &AccessRequest,
        name: &str,
        approvers: &Approvers,
    ) -> Result<(), Error> {
        let asker = BTreeSet::from([request.person]);
        let (kind, people) = match act {
            AuditAction::AccessApproved if request.window.is_some() => (NoticeKind::AccessApproved, asker),
            // The next level is asked once the one before has approved.
            AuditAction::AccessApproved => {
                let level = request.level();
                let begun = request.terms.approvals.iter().any(|given| Some(given.level) == level);
                if begun {
                    return Ok(());
                }
                (NoticeKind::AccessRequested, approvers.of_next(request))
            }
            AuditAction::AccessRejected => (NoticeKind::AccessRejected, asker),
            AuditAction::AccessRevoked if request.person != actor.user => (NoticeKind::AccessRevoked, asker),
            _ => return Ok(()),
        };
        let by = if kind == NoticeKind::AccessRequested { request.person } else { actor.user };
        let by = person_name(tx, by).await?;
        self.tell_of_request(tx, kind, request, (name, &by), &people).await
    }

    /// The request, where the actor may know of it: their own, one that they decide about, or any where they look after access.
    pub(crate) async fn find_request(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        id: RequestId,
        groups: &BTreeSet<GroupId>,
    ) -> Result<AccessRequest, Error> {
        let request = requests::find(db, id).await?;
        request.filter(|request| may_know(actor, request, groups)).ok_or(Error::NotFound(Object::Request))
    }

    pub(super) fn request_entry(
        &self,
        actor: &Actor,
        act: AuditAction,
        request: &AccessRequest,
        name: &str,
    ) -> AuditEntry {
        let entry = self.entry(actor, act).on(ObjectKind::Credential, request.credential.uuid(), name);
        let entry = entry.with("request", request.id.to_string()).with("grant", request.grant.to_string());
        entry.with("permissions", permissions(&request.terms.permissions))
    }

    /// Ends what was asked by a grant that is gone or another now: it does not come back with the grant.
    pub(crate) async fn grant_is_another(&self, tx: &mut Unit, actor: &Actor, grant: GrantId) -> Result<(), Error> {
        let now = self.now();
        let comment = Reason::parse("the access by which it was requested was removed or changed").ok();
        for former in requests::of_grant(tx, grant, now).await? {
            let mut request = former.clone();
            if !request.lose_grant(&actor.name, comment.clone(), now) {
                continue;
            }
            if !requests::update(tx, &former, &request).await? {
                return Err(Error::Conflict(Conflict::Edited));
            }
            let name =
                credentials::find(tx, request.credential).await?.map_or_else(String::new, |row| row.name.to_string());
            let pending = former.state(now) == RequestState::Pending;
            let (kind, act) = if pending {
                (NoticeKind::AccessRejected, AuditAction::AccessRejected)
            } else {
                (NoticeKind::AccessRevoked, AuditAction::AccessRevoked)
            };
            let by = person_name(tx, actor.user).await?;
            self.tell_of_request(tx, kind, &request, (&name, &by), &BTreeSet::from([request.person])).await?;
            let entry = self.request_entry(actor, act, &request, &name);
            tx.record(entry.because(comment.as_ref()));
        }
        Ok(())
    }

    /// Writes down which requests are over by time, so that a clock that is set back brings none back, and tells who has waited in
    /// vain. Gives how many.
    pub async fn see_to_requests(&self) -> Result<usize, Error> {
        let now = self.now();
        let over = requests::over(&mut &self.inner.database, now, AT_ONCE).await?;
        let mut seen = 0;
        for former in over {
            let mut request = former.clone();
            if !request.expire(now) {
                continue;
            }
            let mut tx = self.unit().await?;
            if !requests::update(&mut tx, &former, &request).await? {
                continue;
            }
            let name = credentials::find(&mut tx, request.credential)
                .await?
                .map_or_else(String::new, |row| row.name.to_string());
            if request.window.is_none() {
                let people = BTreeSet::from([request.person]);
                self.tell_of_request(&mut tx, NoticeKind::AccessExpired, &request, (&name, "nobody"), &people).await?;
            }
            let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::AccessExpired);
            let entry = entry.on(ObjectKind::Credential, request.credential.uuid(), name.as_str());
            let entry = entry.with("request", request.id.to_string()).with("approved", request.window.is_some());
            tx.record(entry);
            tx.commit().await?;
            self.wake_sender();
            seen += 1;
        }
        Ok(seen)
    }

    pub(crate) async fn tidy_requests(&self) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        requests::forget(&mut tx, self.now().minus(KEPT)).await?;
        tx.commit_without_record("forgets requests that were over long ago, which the log has").await
    }
}

impl RequestDecision {
    /// The name in the log.
    const fn name(&self) -> &'static str {
        match self {
            Self::Approve(_) => "approve",
            Self::Reject => "reject",
            Self::Cancel => "cancel",
            Self::Revoke => "revoke",
        }
    }
}
