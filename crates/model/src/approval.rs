use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{GroupId, Invalid, UserId};

const MAX_LEVELS: usize = 3;
const MAX_APPROVALS: u8 = 5;
const LONGEST_MINUTES: u32 = 7 * 24 * 60;
const LONGEST_EMERGENCY: u32 = 24 * 60;

/// Whose approval a grant asks for before it is used, and for how long one serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    /// Who approves, one level after the other: 1 to 3.
    pub levels: Vec<ApprovalLevel>,
    /// For how many minutes at the most, 1 to 10080.
    pub minutes: u32,
    /// For how many minutes it may be used in an emergency, before anybody has approved: 1 to 1440, and no more than `minutes`. `None`:
    /// not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_minutes: Option<u32>,
}

/// One level of approvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalLevel {
    /// Everybody in this group, and in the groups in it.
    pub group: GroupId,
    /// How many of them have to approve, 1 to 5.
    pub approvals: u8,
}

impl ApprovalRule {
    /// Whether there can be so many levels.
    ///
    /// # Errors
    /// Says how many there can be.
    pub fn check_count(levels: usize) -> Result<(), Invalid> {
        if (1..=MAX_LEVELS).contains(&levels) {
            return Ok(());
        }
        Err(Invalid::new("approval.levels", format!("must be 1 to {MAX_LEVELS}")))
    }

    /// Looks whether it can be.
    ///
    /// # Errors
    /// Names the field and what is wrong.
    pub fn checked(self) -> Result<Self, Invalid> {
        let within = |field, number: u32, most: u32| {
            let problem = || Invalid::new(field, format!("must be 1 to {most}"));
            (1..=most).contains(&number).then_some(()).ok_or_else(problem)
        };
        Self::check_count(self.levels.len())?;
        for level in &self.levels {
            within("approval.levels.approvals", level.approvals.into(), MAX_APPROVALS.into())?;
        }
        within("approval.minutes", self.minutes, LONGEST_MINUTES)?;
        if let Some(minutes) = self.emergency_minutes {
            within("approval.emergency_minutes", minutes, LONGEST_EMERGENCY.min(self.minutes))?;
        }
        Ok(self)
    }

    /// Whether a group is among those that approve.
    pub fn asks(&self, group: GroupId) -> bool {
        self.levels.iter().any(|level| level.group == group)
    }

    /// The level that lacks people, from 0, if one does: `who` tells who of a group could approve. Nobody approves at two levels, so
    /// any levels together need as many people as approvals (Hall's theorem).
    pub fn lacking(&self, who: impl Fn(GroupId) -> BTreeSet<UserId>) -> Option<usize> {
        let people: Vec<BTreeSet<UserId>> = self.levels.iter().map(|level| who(level.group)).collect();
        let lacks = |some: &Vec<usize>| {
            let together: BTreeSet<&UserId> = some.iter().flat_map(|at| &people[*at]).collect();
            together.len() < some.iter().map(|at| usize::from(self.levels[*at].approvals)).sum()
        };
        let subsets = (1..1_usize << self.levels.len())
            .map(|subset| -> Vec<usize> { (0..self.levels.len()).filter(|at| subset & (1 << at) != 0).collect() });
        subsets.filter(lacks).min_by_key(Vec::len).and_then(|some| some.last().copied())
    }

    /// Whether this asks for no less than `other` does, for no longer.
    pub fn is_within(&self, other: &Self) -> bool {
        let emergency = self.emergency_minutes.unwrap_or(0) <= other.emergency_minutes.unwrap_or(0);
        self.levels == other.levels && self.minutes <= other.minutes && emergency
    }
}
