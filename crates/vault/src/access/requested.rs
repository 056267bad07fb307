//! Requests as people see them: one with what has been done by it, and lists.

use std::collections::BTreeSet;

use countersign_audit::AuditAction;
use countersign_model::{
    AccessContext, AccessRequest, Action, Actor, ApprovalRule, CredentialId, GivenApproval, GrantPermissions, GroupId,
    Invalid, Paged, Paging, RequestId, RequestState, Role, SessionId, TicketPattern, Timestamp, decide_by_role,
};
use countersign_store::{
    audit::{self, RecordFilter},
    credentials,
    engine::Select,
    groups, people,
    requests::{self, RequestFilter},
};

use super::approvers::{Approvers, applies, may_know};
use crate::{CredentialRef, Error, Vault};

/// So many sessions of a request are named.
const MAX_SESSIONS: u32 = 100;
/// So many of the newest records about a credential are looked through for its last uses, of which so many are shown.
const LOOKED_AT: u32 = 60;
const USES: usize = 5;
/// So many pending requests are looked through for those that await somebody.
const MAX_PENDING: u32 = 5_000;
/// So many requests are read at a time, and at the most for one page.
const AT_ONCE: u32 = 200;
const MAX_READ: usize = 2_000;

/// A request as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// The request.
    pub request: AccessRequest,
    /// Where it stands now.
    pub state: RequestState,
    /// The credential's name.
    pub credential_name: String,
    /// Who asked.
    pub person_name: String,
    /// Who approves, level by level, and who has.
    pub levels: Vec<RequestLevelView>,
    /// What the actor may do about it.
    pub may: RequestPermissions,
    /// Whether the access by which it was asked is still there for who asked: where it is not, nothing is allowed by it now.
    pub applies: bool,
    /// Whether the actor may see the credential; not in lists.
    pub visible: bool,
    /// The sessions that were started by it and that the actor may know of, the first first; not in lists.
    pub sessions: Vec<SessionId>,
    /// How the credential was last used, the latest first; not in lists, and only for who decides.
    pub last_uses: Vec<LastUse>,
}

/// One level of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLevelView {
    /// The group.
    pub group: GroupId,
    /// Its name; `None` when it is gone.
    pub name: Option<String>,
    /// How many have to approve.
    pub approvals: u8,
    /// Who has.
    pub given: Vec<GivenApproval>,
}

/// What somebody may do about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub struct RequestPermissions {
    /// Approve it now.
    pub approve: bool,
    /// Reject it.
    pub reject: bool,
    /// Take it back.
    pub cancel: bool,
    /// End what was approved.
    pub revoke: bool,
}

/// One use of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What was done, by its stable name in the log.
    pub act: String,
}

/// What somebody can ask for with a credential, by one of their grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requestable {
    /// What the grant would allow.
    pub permissions: GrantPermissions,
    /// Who approves, and for how long it serves.
    pub rule: ApprovalRule,
    /// The names of the groups that approve, level by level.
    pub approvers: Vec<Option<String>>,
    /// How the number of a ticket is written that is asked for.
    pub ticket: Option<TicketPattern>,
}

/// Whose requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RequestScope {
    /// All that the actor may know of.
    #[default]
    All,
    /// Their own.
    Mine,
    /// Those that await their approval.
    ToDecide,
}

/// Which requests to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestListRequest {
    /// Whose.
    pub scope: RequestScope,
    /// That stand there.
    pub state: Option<RequestState>,
    /// For this credential.
    pub credential: Option<CredentialRef>,
    /// Which page of the list, the latest first; those that await somebody come the first asked first.
    pub paging: Paging,
}

const USING: [AuditAction; 6] = [
    AuditAction::TokenRead,
    AuditAction::TokenClaimed,
    AuditAction::PasswordRevealed,
    AuditAction::SeedTransferred,
    AuditAction::SessionStarted,
    AuditAction::ChangeRequested,
];

impl Vault {
    /// One request, with the sessions that were started by it and, for who decides about it, how the credential was last used.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for who may not know of it.
    pub async fn request(&self, actor: &Actor, id: RequestId) -> Result<RequestView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let approvers = Approvers::read(&mut reader).await?;
        let groups = approvers.groups_of(actor.user);
        let request = self.find_request(&mut reader, &actor, id, &groups).await?;
        let credential = request.credential;
        let decides = request.asks(actor.user, &groups) || decide_by_role(actor.role, Action::ReadRecords).is_ok();
        let mut view = self.show_request(&mut reader, &actor, request, &approvers).await?;
        view.visible = self.visible(&mut reader, &actor, &CredentialRef::Id(credential)).await.is_ok();
        for session in requests::sessions(&mut reader, id, MAX_SESSIONS).await? {
            // Of those that they may not know of, they do not learn here either.
            if self.find_session(&mut reader, &actor, session).await.is_ok() {
                view.sessions.push(session);
            }
        }
        if decides {
            view.last_uses = last_uses(&mut reader, credential).await?;
        }
        Ok(view)
    }

    /// What the actor can ask for with a credential; empty where no grant of theirs asks for an approval.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn requestable(&self, actor: &Actor, wanted: &CredentialRef) -> Result<Vec<Requestable>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = self.visible(&mut reader, &actor, wanted).await?;
        let context = AccessContext::in_principle_for(&actor, self.now());
        let mut found = Vec::new();
        for grant in
            row.grants.iter().filter(|grant| actor.role != Role::Auditor && grant.conditions.unmet(&context).is_empty())
        {
            let Some(rule) = grant.conditions.approval.clone() else { continue };
            let mut approvers = Vec::new();
            for level in &rule.levels {
                approvers.push(groups::find(&mut reader, level.group).await?.map(|group| group.name.to_string()));
            }
            let ticket = grant.conditions.ticket.clone();
            found.push(Requestable { permissions: grant.permissions, rule, approvers, ticket });
        }
        Ok(found)
    }

    /// A page of requests, with how many there are where that is known.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor of another list; [`Error::NotFound`] for a credential that the actor may not know of.
    pub async fn list_requests(&self, actor: &Actor, ask: &RequestListRequest) -> Result<Paged<RequestView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let wrong = |_| Invalid::new("cursor", "is not one of this list: begin without a cursor");
        let cursor = ask.paging.cursor().map(str::parse::<RequestId>).transpose().map_err(wrong)?;
        let credential = match &ask.credential {
            Some(wanted) => Some(self.visible(&mut reader, &actor, wanted).await?.id),
            None => None,
        };
        let approvers = Approvers::read(&mut reader).await?;
        let groups = approvers.groups_of(actor.user);
        let page = if ask.scope == RequestScope::ToDecide {
            let now = self.now();
            let pending = requests::open(&mut reader, now, MAX_PENDING).await?;
            let awaiting = pending.into_iter().filter(|one| {
                actor.role != Role::Auditor
                    && approvers.present(one, now).awaits(actor.user, &groups, now)
                    && credential.is_none_or(|id| id == one.credential)
            });
            let awaiting: Vec<AccessRequest> = awaiting.collect();
            let total = u64::try_from(awaiting.len()).ok();
            let after = awaiting.into_iter().filter(|one| cursor.is_none_or(|last| one.id > last));
            let rows = after.take(ask.paging.rows() as usize).collect();
            Paged { total, ..ask.paging.page(rows, |one: &AccessRequest| one.id.to_string()) }
        } else {
            let filter = RequestFilter {
                person: (ask.scope == RequestScope::Mine).then_some(actor.user),
                credential,
                state: ask.state,
                before: cursor,
            };
            let rows = self.known_requests(&mut reader, &actor, filter, ask.paging.rows(), &groups).await?;
            ask.paging.page(rows, |one: &AccessRequest| one.id.to_string())
        };
        let Paged { items, next_cursor, total } = page;
        let mut shown = Vec::with_capacity(items.len());
        for request in items {
            shown.push(self.show_request(&mut reader, &actor, request, &approvers).await?);
        }
        Ok(Paged { items: shown, next_cursor, total })
    }

    /// At most `limit` of those that the actor may know of. Reads on while others are in between, up to a bound.
    async fn known_requests(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        mut filter: RequestFilter,
        limit: u32,
        groups: &BTreeSet<GroupId>,
    ) -> Result<Vec<AccessRequest>, Error> {
        let (mut found, mut read) = (Vec::new(), 0);
        loop {
            let some = requests::list(db, &filter, self.now(), AT_ONCE).await?;
            read += some.len();
            filter.before = some.last().map(|one| one.id);
            let whole = some.len() < AT_ONCE as usize;
            found.extend(some.into_iter().filter(|one| may_know(actor, one, groups)));
            if whole || found.len() >= limit as usize || read >= MAX_READ {
                found.truncate(limit as usize);
                return Ok(found);
            }
        }
    }

    /// A request with the names of what and whom it concerns.
    pub(super) async fn show_request(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        request: AccessRequest,
        approvers: &Approvers,
    ) -> Result<RequestView, Error> {
        let now = self.now();
        let request = approvers.present(&request, now);
        let mut levels = Vec::new();
        for (place, level) in request.terms.rule.levels.iter().enumerate() {
            let name = groups::find(db, level.group).await?.map(|group| group.name.to_string());
            let given = request.terms.approvals.iter().filter(|given| given.level == place).cloned().collect();
            levels.push(RequestLevelView { group: level.group, name, approvals: level.approvals, given });
        }
        let groups = approvers.groups_of(actor.user);
        let over = !matches!(request.state(now), RequestState::Pending | RequestState::Approved);
        let applies = over || applies(db, &request).await?;
        let person = people::find(db, request.person).await?;
        let credential = credentials::find(db, request.credential).await?;
        Ok(RequestView {
            state: request.state(now),
            credential_name: credential.map_or_else(String::new, |row| row.name.to_string()),
            person_name: person.map_or_else(String::new, |person| person.name),
            levels,
            may: permitted(actor, &request, &groups, now, applies),
            applies,
            visible: false,
            sessions: Vec::new(),
            last_uses: Vec::new(),
            request,
        })
    }
}

/// As `Vault::decide_request` decides.
fn permitted(
    actor: &Actor,
    request: &AccessRequest,
    groups: &BTreeSet<GroupId>,
    now: Timestamp,
    applies: bool,
) -> RequestPermissions {
    let state = request.state(now);
    let (own, asks) = (request.person == actor.user, request.asks(actor.user, groups));
    let acts = actor.role != Role::Auditor;
    let manages = decide_by_role(actor.role, Action::GrantCredential).is_ok();
    RequestPermissions {
        approve: acts && applies && request.awaits(actor.user, groups, now),
        reject: acts && asks && state == RequestState::Pending,
        cancel: own && matches!(state, RequestState::Pending | RequestState::Approved),
        revoke: !own && (manages || asks) && state == RequestState::Approved,
    }
}

/// How a credential was last used, the latest first.
async fn last_uses(db: &mut impl Select, credential: CredentialId) -> Result<Vec<LastUse>, Error> {
    let filter = RecordFilter { object: Some(credential.uuid()), ..RecordFilter::default() };
    let records = audit::list(db, &filter, LOOKED_AT).await?;
    let uses = records.into_iter().filter(|record| USING.iter().any(|act| act.name() == record.entry.act));
    let shown = uses.take(USES).map(|record| LastUse {
        at: record.entry.at,
        by: record.entry.actor.name,
        act: record.entry.act.into_owned(),
    });
    Ok(shown.collect())
}
