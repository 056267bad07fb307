//! Asking for what others have to approve: by which grant, whether it can be, and what follows at once.

use std::time::Duration;

use countersign_audit::AuditAction;
use countersign_model::{
    AccessRequest, Action, Actor, CredentialId, Denied, Grant, GrantPermissions, Invalid, NoticeKind, Reason,
    RequestId, RequestState, RequestTerms, Role, Ticket, Timestamp, decide,
};
use countersign_store::{credentials::CredentialRow, groups, requests, vault as vault_row};

use super::{
    approvers::{Approvers, person_name},
    requested::RequestView,
};
use crate::{Conflict, CredentialRef, Error, Vault, unit::Unit};

/// So long a request waits for approvals.
const WAITS: Duration = Duration::from_secs(24 * 60 * 60);
/// So far ahead somebody may ask.
const FARTHEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// So many may wait, of one person and of all.
const MAX_PENDING: (i64, i64) = (50, 5_000);
/// So many may one person ask for in an hour.
const MOST_AN_HOUR: u32 = 30;
const HOUR: Duration = Duration::from_secs(60 * 60);
/// More than anybody can ask for in a day.
const MOST_A_DAY: u32 = 30 * 24;
/// Within so long an emergency is not a new one.
const ONE_EMERGENCY_IN: Duration = Duration::from_secs(24 * 60 * 60);

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
        let reason = needed_reason(&actor)?;
        let grants = self.grants_to_request(&actor, &row, draft.permissions)?;
        self.room_for_request(&mut tx, &actor, &row, &draft).await?;
        let approvers = Approvers::read(&mut tx).await?;
        // The first that takes it as it is asked; what the first of all has against it is told where none does.
        let mut refused = None;
        for grant in &grants {
            match self.new_request(&mut tx, &actor, &row, grant, &draft, &reason, &approvers).await {
                Ok(request) => return self.put_request(tx, &actor, request, &row, &approvers).await,
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or(Error::Internal("there was no grant to request by")))
    }

    /// A request by one grant, where that takes it.
    #[expect(clippy::too_many_arguments, reason = "each is looked at")]
    async fn new_request(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        row: &CredentialRow,
        grant: &Grant,
        draft: &RequestDraft,
        reason: &Reason,
        approvers: &Approvers,
    ) -> Result<AccessRequest, Error> {
        let now = self.now();
        let rule = grant.conditions.approval.clone().ok_or(Error::Internal("a grant asks for no approval"))?;
        let minutes = minutes_of(draft, rule.minutes, rule.emergency_minutes)?;
        let not_before = draft.not_before.filter(|begin| *begin > now);
        if not_before.is_some_and(|begin| begin > now.plus(FARTHEST)) {
            return Err(Invalid::new("not_before", "is more than 30 days ahead").into());
        }
        let ends = grant.conditions.until;
        if not_before.is_some_and(|begin| ends.is_some_and(|until| begin >= until)) {
            return Err(Invalid::new("not_before", "is after the end of your access").into());
        }
        let emergency = draft.emergency.clone();
        if emergency.is_some() {
            self.no_emergency_before(tx, actor, row.id).await?;
            if approvers.of_rule(&rule, actor.user).is_empty() {
                return Err(
                    Invalid::new("emergency", "has nobody who could be told of it: ask who manages access").into()
                );
            }
        } else if let Some(level) = rule.lacking(|group| approvers.of(group, actor.user)) {
            let group = groups::find(tx, rule.levels[level].group).await?;
            let name = group.map_or_else(|| "a removed group".to_owned(), |group| format!("\"{}\"", group.name));
            let problem = format!(
                "cannot be approved by anybody: {name} has too few people other than you; ask who manages access to change the grant"
            );
            return Err(Invalid::new("request", problem).into());
        }
        Ok(AccessRequest {
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
                reason: Some(reason.clone()),
                ticket: needed_ticket(actor, grant)?,
                emergency,
                address: actor.address.map(|address| address.to_string()),
                approvals: Vec::new(),
            },
        })
    }

    /// An emergency is one: not again within a day with the same credential, whether it ended by time or by an approver.
    async fn no_emergency_before(&self, tx: &mut Unit, actor: &Actor, credential: CredentialId) -> Result<(), Error> {
        let filter = requests::RequestFilter {
            person: Some(actor.user),
            credential: Some(credential),
            ..requests::RequestFilter::default()
        };
        let now = self.now();
        let latest = requests::list(tx, &filter, now, MOST_A_DAY).await?;
        let recent =
            |one: &&AccessRequest| one.terms.emergency.is_some() && now < one.created_at.plus(ONE_EMERGENCY_IN);
        match latest.iter().find(recent) {
            None => Ok(()),
            Some(one) => {
                let again = one.created_at.plus(ONE_EMERGENCY_IN);
                let problem = format!("was used already: request an approval, or wait until {again}");
                Err(Invalid::new("emergency", problem).into())
            }
        }
    }

    /// Stores a new request, tells those who approve, and lets it begin where it is an emergency.
    async fn put_request(
        &self,
        mut tx: Unit,
        actor: &Actor,
        mut request: AccessRequest,
        row: &CredentialRow,
        approvers: &Approvers,
    ) -> Result<RequestView, Error> {
        let (kind, act, people) = if request.terms.emergency.is_some() {
            request.window = Some(request.window_from(self.now()));
            let people = approvers.of_rule(&request.terms.rule, request.person);
            (NoticeKind::AccessTaken, AuditAction::AccessTaken, people)
        } else {
            (NoticeKind::AccessRequested, AuditAction::AccessRequested, approvers.of_next(&request))
        };
        requests::insert(&mut tx, &request).await?;
        if request.window.is_some() {
            vault_row::bump(&mut tx).await?;
        }
        let name = person_name(&mut tx, actor.user).await?;
        self.tell_of_request(&mut tx, kind, &request, (row.name.as_str(), &name), &people).await?;
        let entry = self.request_entry(actor, act, &request, row.name.as_str());
        let entry = entry.because(request.terms.reason.as_ref()).with("minutes", i64::from(request.terms.minutes));
        let entry = match &request.terms.emergency {
            Some(why) => entry.with("emergency", why.as_str()),
            None => entry,
        };
        tx.record(entry);
        let view = self.show_request(&mut tx, actor, request, approvers).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(view)
    }

    /// The grants by which somebody may ask for this.
    fn grants_to_request(
        &self,
        actor: &Actor,
        row: &CredentialRow,
        wanted: GrantPermissions,
    ) -> Result<Vec<Grant>, Error> {
        let acts: Vec<Action> =
            Action::ALL.into_iter().filter(|act| *act != Action::SeeCredential && wanted.allow(*act)).collect();
        let Some(first) = acts.first() else {
            return Err(Invalid::new("permissions", "name nothing to ask for").into());
        };
        let context = self.asked(actor);
        if acts.iter().all(|act| decide(actor.role, *act, &row.grants, &context).is_ok()) {
            return Err(Conflict::NoRequestNeeded.into());
        }
        if actor.role == Role::Auditor {
            return Err(Denied::plainly(*first).into());
        }
        let found: Vec<Grant> = row.grants.to_request(wanted, &context).into_iter().cloned().collect();
        match found.is_empty() {
            false => Ok(found),
            true if row.grants.ask_for_approval() => {
                let problem = "go beyond what one access of yours can be requested for: ask for less";
                Err(Invalid::new("permissions", problem).into())
            }
            true => Err(Denied::plainly(*first).into()),
        }
    }

    async fn room_for_request(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        row: &CredentialRow,
        draft: &RequestDraft,
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
        // What cannot wait does not wait for what is pending.
        let same = pending.iter().find(|one| draft.permissions.is_within(one.terms.permissions));
        if let Some(same) = same.filter(|_| draft.emergency.is_none()) {
            return Err(Conflict::RequestPending(same.id).into());
        }
        let of_person = requests::RequestFilter { person: Some(actor.user), ..requests::RequestFilter::default() };
        let latest = requests::list(tx, &of_person, now, MOST_AN_HOUR).await?;
        let full = latest.len() >= usize::try_from(MOST_AN_HOUR).unwrap_or(usize::MAX);
        if let Some(first) = latest.last().filter(|first| full && now < first.created_at.plus(HOUR)) {
            let problem = format!(
                "is one too many: {MOST_AN_HOUR} of yours in an hour; the next at {}",
                first.created_at.plus(HOUR)
            );
            return Err(Invalid::new("request", problem).into());
        }
        if requests::count_open(tx, now, Some(actor.user)).await? >= of_one
            || requests::count_open(tx, now, None).await? >= of_all
        {
            let problem = format!("is one too many: {of_one} of yours, or {of_all} of all, are pending already");
            return Err(Invalid::new("request", problem).into());
        }
        Ok(())
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

fn needed_ticket(actor: &Actor, grant: &Grant) -> Result<Option<Ticket>, Error> {
    let ticket = actor.purpose.ticket.clone();
    match &grant.conditions.ticket {
        Some(pattern) if !ticket.as_ref().is_some_and(|ticket| pattern.matches(ticket)) => {
            Err(Invalid::new("ticket", format!("is needed, written as {pattern}")).into())
        }
        _ => Ok(ticket),
    }
}
