//! Who approves requests, and who may know of them.

use std::collections::BTreeSet;

use countersign_model::{
    AccessRequest, Action, Actor, ApprovalRule, Grant, GroupId, Memberships, Principal, Role, Timestamp, UserId,
    decide_by_role,
};
use countersign_store::{credentials, engine::Select, groups, people, services};

use crate::Error;

/// So many people are looked at for who approves.
const MAX_PEOPLE: u32 = 10_000;

/// Whether somebody may know of a request.
pub(super) fn may_know(actor: &Actor, request: &AccessRequest, groups: &BTreeSet<GroupId>) -> bool {
    request.person == actor.user
        || request.asks(actor.user, groups)
        || decide_by_role(actor.role, Action::GrantCredential).is_ok()
        || decide_by_role(actor.role, Action::ReadAudit).is_ok()
}

/// Whether the access by which something was asked is there for who asked, and asks for the same.
pub(super) async fn applies(db: &mut impl Select, request: &AccessRequest) -> Result<bool, Error> {
    let Some(person) = people::find(db, request.person).await?.filter(|person| !person.disabled) else {
        return Ok(false);
    };
    let Some(row) = credentials::find_as(db, request.credential, person.id).await? else { return Ok(false) };
    let same =
        |grant: &Grant| grant.id == request.grant && grant.conditions.approval.as_ref() == Some(&request.terms.rule);
    Ok(person.role != Role::Auditor && row.grants.iter().any(same))
}

/// The name of somebody, as a person.
pub(crate) async fn person_name(db: &mut impl Select, person: UserId) -> Result<String, Error> {
    Ok(people::find(db, person).await?.map_or_else(String::new, |person| person.name))
}

/// Who can approve, of whom: people, no programs, who are let in and do not only audit.
pub(super) struct Approvers {
    pub(super) memberships: Memberships,
    able: BTreeSet<UserId>,
}

impl Approvers {
    pub(super) async fn read(db: &mut impl Select) -> Result<Self, Error> {
        let all = people::all(db, MAX_PEOPLE).await?;
        let able = all.iter().filter(|person| !person.disabled && person.role != Role::Auditor);
        let services = services::ids(db).await?;
        let able = able.map(|person| person.id).filter(|id| !services.contains(id)).collect();
        Ok(Self { memberships: groups::memberships(db).await?, able })
    }

    pub(super) fn groups_of(&self, person: UserId) -> BTreeSet<GroupId> {
        self.memberships.groups_of(Principal::User(person))
    }

    pub(super) fn is_in(&self, person: UserId, group: GroupId) -> bool {
        self.able.contains(&person) && self.groups_of(person).contains(&group)
    }

    /// Those of a group but one.
    pub(super) fn of(&self, group: GroupId, but: UserId) -> BTreeSet<UserId> {
        let all = self.memberships.people_of(Principal::Group(group));
        all.into_iter().filter(|person| *person != but && self.able.contains(person)).collect()
    }

    /// Those of the level that has to approve next.
    pub(super) fn of_next(&self, request: &AccessRequest) -> BTreeSet<UserId> {
        let level = request.level().and_then(|level| request.terms.rule.levels.get(level));
        level.map(|level| self.of(level.group, request.person)).unwrap_or_default()
    }

    /// Those of every level but one.
    pub(super) fn of_rule(&self, rule: &ApprovalRule, but: UserId) -> BTreeSet<UserId> {
        rule.levels.iter().flat_map(|level| self.of(level.group, but)).collect()
    }

    /// Everybody who could approve something.
    pub(super) fn of_group(&self, group: GroupId) -> BTreeSet<UserId> {
        let all = self.memberships.people_of(Principal::Group(group));
        all.into_iter().filter(|person| self.able.contains(person)).collect()
    }

    /// A request with what those have said who are still approvers.
    pub(super) fn present(&self, request: &AccessRequest, now: Timestamp) -> AccessRequest {
        request.with_present_approvers(now, |person, group| self.is_in(person, group))
    }
}
