use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::Hash,
};

use serde::{Deserialize, Serialize};

use crate::{GroupId, UserId};

/// Who a grant is for, and who may be in a group: a person, or a group with all who are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "id")]
pub enum Principal {
    /// One person.
    User(UserId),
    /// Everybody in a group, and in the groups in it.
    Group(GroupId),
}

/// A group would hold itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a group cannot hold itself, and here it would: the group to be added holds this one already, or is the same")]
pub struct GroupCycle;

/// Who is directly in which group.
#[derive(Debug, Clone, Default)]
pub struct Memberships {
    members: HashMap<GroupId, Vec<Principal>>,
    groups: HashMap<Principal, Vec<GroupId>>,
}

impl Memberships {
    /// From pairs of a group and a member of it.
    pub fn new(edges: impl IntoIterator<Item = (GroupId, Principal)>) -> Self {
        let mut found = Self::default();
        for (group, member) in edges {
            found.members.entry(group).or_default().push(member);
            found.groups.entry(member).or_default().push(group);
        }
        found
    }

    /// Every group that somebody is in, directly or by a group in it.
    pub fn groups_of(&self, member: Principal) -> BTreeSet<GroupId> {
        let above = |member: &Principal| self.groups.get(member).cloned().unwrap_or_default();
        let groups = reached(above(&member), |group| above(&Principal::Group(*group)));
        groups.into_iter().collect()
    }

    /// Everybody whom a grant to this one is for: the person, or all who are in the group or in a group in it.
    pub fn people_of(&self, principal: Principal) -> BTreeSet<UserId> {
        let below = |principal: &Principal| match principal {
            Principal::User(_) => Vec::new(),
            Principal::Group(group) => self.members.get(group).cloned().unwrap_or_default(),
        };
        let all = reached(vec![principal], below);
        let person = |principal| if let Principal::User(user) = principal { Some(user) } else { None };
        all.into_iter().filter_map(person).collect()
    }

    /// Looks whether a group may come to hold this member.
    ///
    /// # Errors
    /// [`GroupCycle`] where the group would be in itself.
    pub fn check_new(&self, group: GroupId, member: Principal) -> Result<(), GroupCycle> {
        let Principal::Group(inner) = member else { return Ok(()) };
        if inner == group || self.groups_of(Principal::Group(group)).contains(&inner) {
            Err(GroupCycle)
        } else {
            Ok(())
        }
    }
}

/// Everything that is reached from these, each once: ends also where what was stored goes in circles.
fn reached<T: Copy + Eq + Hash>(from: Vec<T>, next: impl Fn(&T) -> Vec<T>) -> HashSet<T> {
    let mut found = HashSet::new();
    let mut open = from;
    while let Some(one) = open.pop() {
        if found.insert(one) {
            open.extend(next(&one));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CountingChance, Timestamp};

    #[test]
    fn groups_are_nested_and_never_in_themselves() {
        let chance = CountingChance::default();
        let now = Timestamp::from_seconds(0);
        let group = || GroupId::new(now, &chance);
        let (staff, marketing, interns, other) = (group(), group(), group(), group());
        let (ana, bob) = (UserId::new(now, &chance), UserId::new(now, &chance));
        let memberships = Memberships::new([
            (staff, Principal::Group(marketing)),
            (staff, Principal::User(bob)),
            (marketing, Principal::Group(interns)),
            (interns, Principal::User(ana)),
        ]);
        assert_eq!(memberships.groups_of(Principal::User(ana)), BTreeSet::from([staff, marketing, interns]));
        assert_eq!(memberships.groups_of(Principal::User(bob)), BTreeSet::from([staff]));
        assert_eq!(memberships.people_of(Principal::Group(staff)), BTreeSet::from([ana, bob]));
        assert_eq!(memberships.people_of(Principal::Group(marketing)), BTreeSet::from([ana]));
        assert_eq!(memberships.people_of(Principal::User(bob)), BTreeSet::from([bob]));
        assert!(memberships.people_of(Principal::Group(other)).is_empty());
        let table = [
            (staff, Principal::Group(staff), false),
            (interns, Principal::Group(staff), false),
            (interns, Principal::Group(marketing), false),
            (marketing, Principal::Group(staff), false),
            (staff, Principal::Group(interns), true),
            (other, Principal::Group(staff), true),
            (staff, Principal::Group(other), true),
            (interns, Principal::User(bob), true),
        ];
        for (into, member, fits) in table {
            assert_eq!(memberships.check_new(into, member).is_ok(), fits, "{into} {member:?}");
        }
    }

    #[test]
    fn a_circle_that_was_stored_anyway_ends_the_search() {
        let chance = CountingChance::default();
        let now = Timestamp::from_seconds(0);
        let (one, two) = (GroupId::new(now, &chance), GroupId::new(now, &chance));
        let ana = UserId::new(now, &chance);
        let edges = [(one, Principal::Group(two)), (two, Principal::Group(one)), (two, Principal::User(ana))];
        let memberships = Memberships::new(edges);
        assert_eq!(memberships.groups_of(Principal::User(ana)), BTreeSet::from([one, two]));
        assert_eq!(memberships.people_of(Principal::Group(one)), BTreeSet::from([ana]));
    }
}
