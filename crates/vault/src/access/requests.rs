//! Requests for what others have to approve: asking, and what approvers and the asker do about it. `requested.rs` shows them.

use std::{collections::BTreeSet, time::Duration};

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    AccessRequest, Action, Actor, Approver, Denied, Grant, GrantPermissions, GroupId, Invalid, NoticeKind, Principal,
    Reason, RequestId, RequestRefusal, RequestState, RequestTerms, Role, Timestamp, decide, decide_by_role,
};
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select,
    groups, people, requests, vault as vault_row,
};

use super::{
    approvers::{Approvers, may_know},
    granting::permissions,
    requested::RequestView,
};
use crate::{Conflict, CredentialRef, Error, Object, Vault, unit::Unit};

/// So long a request waits for approvals.
const WAITS: Duration = Duration::from_secs(24 * 60 * 60);
/// So far ahead somebody may ask.
const FARTHEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// So many may wait, of one person and of all.
const MAX_PENDING: (i64, i64) = (50, 5_000);
/// For so long a request is kept once it is over.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDraft {
    /// With which credential.
    pub credential: CredentialRef,
    /// What they want to do.
    pub permissions: GrantPermissions,
    /// For how many minutes; `None`: for as long as the grant allows.
    pub minutes: Option<u32>,
    /// Not before; `None`: as soon as it is approved.
    pub not_before: Option<Timestamp>,
    /// Why it cannot wait for an approval, where it cannot.
    pub emergency: Option<Reason>,
}

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
    /// Asks for what a grant allows after others have approved. Reason and ticket are the actor's.
    ///
    /// # Errors
    /// [`Error::Denied`] where no grant allows it with an approval; [`Conflict::NoRequestNeeded`], [`Conflict::RequestPending`];
    /// [`Error::Invalid`] without a reason or a ticket that is asked for, for too long a time, and where nobody could approve;
    /// [`Error::NotFound`].
    pub async fn request_access(&self, actor: &Actor, draft: RequestDraft) -> Result<RequestView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, &draft.credential).await?;
        let grant = self.grant_to_request(&actor, &row, draft.permissions)?;
        let rule = grant.conditions.approval.clone().ok_or(Error::Internal("a grant asks for no approval"))?;
        let now = self.now();
        self.room_for_request(&mut tx, &actor, &row, draft.permissions).await?;
        let minutes = minutes_of(&draft, rule.minutes, rule.emergency_minutes)?;
        let not_before = draft.not_before.filter(|begin| *begin > now);
        if not_before.is_some_and(|begin| begin > now.plus(FARTHEST)) {
            return Err(Invalid::new("not_before", "is more than 30 days ahead").into());
        }
        let emergency = draft.emergency.clone();
        let request = AccessRequest {
            id: RequestId::new(now, self.chance()),
            credential: row.id,
            grant: grant.id,
            person: actor.user,
            created_at: now,
            waits_until: not_before.unwrap_or(now).plus(WAITS),
            window: None,
            closed: None,
            terms: RequestTerms {
                permissions: draft.permissions,
                rule,
                minutes,
                not_before: not_before.filter(|_| emergency.is_none()),
                reason: Some(needed_reason(&actor)?),
                ticket: needed_ticket(&actor, &grant)?,
                emergency,
                address: actor.address.map(|address| address.to_string()),
                approvals: Vec::new(),
            },
        };
        self.put_request(tx, &actor, request, &row).await
    }

    /// Stores a new request, tells those who approve, and lets it begin where it is an emergency.
    async fn put_request(
        &self,
        mut tx: Unit,
        actor: &Actor,
        mut request: AccessRequest,
        row: &CredentialRow,
    ) -> Result<RequestView, Error> {
        let approvers = Approvers::read(&mut tx).await?;
        let rule = &request.terms.rule;
        if let Some(level) = rule.lacking(|group| approvers.of(group, request.person)) {
            let group = groups::find(&mut tx, rule.levels[level].group).await?;
            let name = group.map_or_else(|| "a group that is gone".to_owned(), |group| format!("\"{}\"", group.name));
            let problem = format!(
                "cannot be approved by anybody: {name} has not enough people beside you; ask who manages access to change the grant"
            );
            return Err(Invalid::new("request", problem).into());
        }
        let (kind, act, people) = if request.terms.emergency.is_some() {
            request.window = Some(request.window_from(self.now()));
            (NoticeKind::AccessTaken, AuditAction::AccessTaken, approvers.of_all(&request))
        } else {
            (NoticeKind::AccessRequested, AuditAction::AccessRequested, approvers.of_next(&request))
        };
        requests::insert(&mut tx, &request).await?;
        if request.window.is_some() {
            vault_row::bump(&mut tx).await?;
        }
        self.tell_of_request(&mut tx, kind, &request, (row.name.as_str(), &actor.name), &people).await?;
        let entry = self.request_entry(actor, act, &request, row.name.as_str());
        let entry = entry.because(request.terms.reason.as_ref()).with("minutes", i64::from(request.terms.minutes));
        let entry = match &request.terms.emergency {
            Some(why) => entry.with("emergency", why.as_str()),
            None => entry,
        };
        tx.record(entry);
        let view = self.show_request(&mut tx, actor, request).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(view)
    }

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
        let former = self.find_request(&mut tx, &actor, id, &groups).await?;
        let name =
            credentials::find(&mut tx, former.credential).await?.map_or_else(String::new, |row| row.name.to_string());
        let mut request = former.clone();
        let by = Approver { person: actor.user, name: &actor.name, groups: &groups };
        let decided = self.decided(&actor, &mut request, &decision, comment.clone(), by, &approvers);
        let act = match decided {
            Ok(act) => act,
            Err(refusal) => {
                let entry = self.request_entry(&actor, AuditAction::AccessDecisionRefused, &former, &name);
                tx.record(entry.with("decision", decision.name()).with("why", refusal.to_string()));
                tx.commit().await?;
                return Err(Conflict::Request(refusal).into());
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
        let view = self.show_request(&mut tx, &actor, request).await?;
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
            // Who audits uses nothing and lets nobody use anything.
            RequestDecision::Approve(_) | RequestDecision::Reject if actor.role == Role::Auditor => {
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
        let by = if kind == NoticeKind::AccessRequested {
            people::find(tx, request.person).await?.map_or_else(String::new, |person| person.name)
        } else {
            actor.name.clone()
        };
        self.tell_of_request(tx, kind, request, (name, &by), &people).await
    }

    /// The grant by which somebody may ask for this.
    fn grant_to_request(&self, actor: &Actor, row: &CredentialRow, wanted: GrantPermissions) -> Result<Grant, Error> {
        let acts: Vec<Action> =
            Action::ALL.into_iter().filter(|act| *act != Action::SeeCredential && wanted.allow(*act)).collect();
        let Some(first) = acts.first() else {
            return Err(Invalid::new("permissions", "name nothing to ask for").into());
        };
        let context = self.asked(actor);
        if acts.iter().all(|act| decide(actor.role, *act, &row.grants, &context).is_ok()) {
            return Err(Conflict::NoRequestNeeded.into());
        }
        let found = row.grants.to_request(wanted, self.now()).filter(|_| actor.role != Role::Auditor);
        found.cloned().ok_or_else(|| Error::Denied(Denied::plainly(*first)))
    }

    async fn room_for_request(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        row: &CredentialRow,
        wanted: GrantPermissions,
    ) -> Result<(), Error> {
        let now = self.now();
        let filter = requests::RequestFilter {
            person: Some(actor.user),
            credential: Some(row.id),
            state: Some(RequestState::Pending),
            before: None,
        };
        let (of_one, of_all) = MAX_PENDING;
        let pending = requests::list(tx, &filter, now, u32::try_from(of_one).unwrap_or(u32::MAX)).await?;
        if let Some(same) = pending.iter().find(|one| wanted.is_within(one.terms.permissions)) {
            return Err(Conflict::RequestPending(same.id).into());
        }
        if requests::count_open(tx, now, Some(actor.user)).await? >= of_one
            || requests::count_open(tx, now, None).await? >= of_all
        {
            let problem = format!("is one too many: {of_one} of yours, or {of_all} of all, are pending already");
            return Err(Invalid::new("request", problem).into());
        }
        Ok(())
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

    fn request_entry(&self, actor: &Actor, act: AuditAction, request: &AccessRequest, name: &str) -> AuditEntry {
        let entry = self.entry(actor, act).on(ObjectKind::Credential, request.credential.uuid(), name);
        let entry = entry.with("request", request.id.to_string()).with("grant", request.grant.to_string());
        entry.with("permissions", permissions(&request.terms.permissions))
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

fn minutes_of(draft: &RequestDraft, most: u32, in_emergency: Option<u32>) -> Result<u32, Error> {
    let most = match (&draft.emergency, in_emergency) {
        (None, _) => most,
        (Some(_), Some(most)) => most,
        (Some(_), None) => {
            let problem = "is not provided for by your grant: ask for approval instead";
            return Err(Invalid::new("emergency", problem).into());
        }
    };
    let minutes = draft.minutes.unwrap_or(most);
    if (1..=most).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(Invalid::new("minutes", format!("must be 1 to {most}")).into())
    }
}

fn needed_reason(actor: &Actor) -> Result<Reason, Error> {
    let missing = || Invalid::new("reason", "is needed: those who approve read it").into();
    actor.purpose.reason.clone().ok_or_else(missing)
}

fn needed_ticket(actor: &Actor, grant: &Grant) -> Result<Option<countersign_model::Ticket>, Error> {
    let ticket = actor.purpose.ticket.clone();
    match &grant.conditions.ticket {
        Some(pattern) if !ticket.as_ref().is_some_and(|ticket| pattern.matches(ticket)) => {
            Err(Invalid::new("ticket", format!("is needed, written as {pattern}")).into())
        }
        _ => Ok(ticket),
    }
}
