//! Who approves requests, and who may know of them.

use std::collections::BTreeSet;

use countersign_model::{AccessRequest, Action, Actor, GroupId, Memberships, Principal, Role, UserId, decide_by_role};
use countersign_store::{engine::Select, groups, people};

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

/// Who can approve, of whom: people who are let in and do not only audit.
pub(super) struct Approvers {
    pub(super) memberships: Memberships,
    able: BTreeSet<UserId>,
}

impl Approvers {
    pub(super) async fn read(db: &mut impl Select) -> Result<Self, Error> {
        let all = people::all(db, MAX_PEOPLE).await?;
        let able = all.iter().filter(|person| !person.disabled && person.role != Role::Auditor);
        let able = able.map(|person| person.id).collect();
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

    /// Those of every level.
    pub(super) fn of_all(&self, request: &AccessRequest) -> BTreeSet<UserId> {
        request.terms.rule.levels.iter().flat_map(|level| self.of(level.group, request.person)).collect()
    }
}
