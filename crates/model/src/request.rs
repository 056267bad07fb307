use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    ApprovalRule, Approved, CredentialId, GrantId, GrantPermissions, GroupId, Invalid, Reason, RequestId, Ticket,
    Timestamp, UserId,
};

/// Somebody asks to be let do what a grant allows once others have approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    /// Its id.
    pub id: RequestId,
    /// With which credential.
    pub credential: CredentialId,
    /// By which grant.
    pub grant: GrantId,
    /// Who asks.
    pub person: UserId,
    /// When they asked.
    pub created_at: Timestamp,
    /// Until when it waits for approvals, and not at that moment.
    pub waits_until: Timestamp,
    /// From when to when it is allowed, once it is.
    pub window: Option<(Timestamp, Timestamp)>,
    /// How it ended before its time, if it did.
    pub closed: Option<Closed>,
    /// What it says.
    pub terms: RequestTerms,
}

/// What a request says, and who has said what to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestTerms {
    /// What is asked for.
    pub permissions: GrantPermissions,
    /// What the grant asked for when the request was made.
    pub rule: ApprovalRule,
    /// For how long; approvers may shorten it.
    pub minutes: u32,
    /// Not before; `None`: as soon as it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The number of a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// Why it could not wait: it was allowed at once, and its approvers were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Reason>,
    /// From where it was made, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Who has approved, the first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<GivenApproval>,
}

/// Somebody has approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenApproval {
    /// Who.
    pub person: UserId,
    /// Their name then.
    pub name: String,
    /// For which level, from 0.
    pub level: usize,
    /// When.
    pub at: Timestamp,
    /// What they said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Reason>,
}

/// A request was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// How: rejected, cancelled, revoked, or expired by itself.
    pub how: RequestState,
    /// By whom: their name then; empty where it was time.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Reason>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestState {
    /// Somebody still has to approve.
    Pending,
    /// It is allowed, or will be from its begin on.
    Approved,
    /// An approver has said no.
    Rejected,
    /// Who asked has taken it back.
    Cancelled,
    /// It was allowed, and was ended before its time.
    Revoked,
    /// Nobody has approved in time, or its time is over.
    Expired,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Approved, Self::Rejected, Self::Cancelled, Self::Revoked, Self::Expired];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for RequestState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RequestState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|state| state.name() == text);
        let names = "is no state: use pending, approved, rejected, cancelled, revoked or expired";
        found.ok_or_else(|| Invalid::new("state", names))
    }
}

/// Why something cannot be done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefusal {
    /// It is over, or does not wait for this.
    #[error("this request is {0}: nothing can be decided about it any more")]
    Over(RequestState),
    /// It was not allowed yet.
    #[error("this request is pending, so there is nothing to revoke yet")]
    NotApproved,
    /// What it was asked by is not there any more.
    #[error(
        "the access by which this was requested was removed or changed since, or is for somebody else now: it has to be requested anew"
    )]
    NoGrant,
    /// Nobody approves what they ask for themselves.
    #[error("this is your own request: somebody else has to decide about it")]
    Own,
    /// They are in no group that is asked now.
    #[error("you are not among those who decide about this request now")]
    NotAsked,
    /// They have approved already.
    #[error("you have approved this request already: somebody else has to approve as well")]
    Twice,
    /// Approvers shorten, and do not lengthen.
    #[error("this request is for {0} min: approve it for 1 to {0} min")]
    Minutes(u32),
}

/// Who decides about a request, as they are now.
#[derive(Debug, Clone, Copy)]
pub struct Approver<'a> {
    /// The person.
    pub person: UserId,
    /// Their name.
    pub name: &'a str,
    /// The groups that they are in.
    pub groups: &'a BTreeSet<GroupId>,
}

impl AccessRequest {
    /// Where it stands at this time.
    pub fn state(&self, now: Timestamp) -> RequestState {
        match (&self.closed, self.window) {
            (Some(closed), _) => closed.how,
            (None, Some((_, until))) if now < until => RequestState::Approved,
            (None, None) if now < self.waits_until => RequestState::Pending,
            (None, _) => RequestState::Expired,
        }
    }

    /// The level that has to approve next, from 0; `None` when all have.
    pub fn level(&self) -> Option<usize> {
        self.terms.rule.levels.iter().enumerate().map(|(place, _)| place).find(|place| self.missing(*place) > 0)
    }

    /// How many approvals a level still needs.
    pub fn missing(&self, level: usize) -> usize {
        let needed = self.terms.rule.levels.get(level).map_or(0, |level| usize::from(level.approvals));
        needed.saturating_sub(self.terms.approvals.iter().filter(|given| given.level == level).count())
    }

    /// Whether somebody in these groups decides about it at some level.
    pub fn asks(&self, person: UserId, groups: &BTreeSet<GroupId>) -> bool {
        person != self.person && self.terms.rule.levels.iter().any(|level| groups.contains(&level.group))
    }

    /// As it stands with what those have said who are still approvers: while it is pending, others count no more.
    #[must_use]
    pub fn with_present_approvers(&self, now: Timestamp, still: impl Fn(UserId, GroupId) -> bool) -> Self {
        let mut present = self.clone();
        if self.state(now) == RequestState::Pending {
            let levels = &self.terms.rule.levels;
            let of = |level: usize| levels.get(level).map(|level| level.group);
            present.terms.approvals.retain(|given| of(given.level).is_some_and(|group| still(given.person, group)));
        }
        present
    }

    /// Whether somebody in these groups could approve it now.
    pub fn awaits(&self, person: UserId, groups: &BTreeSet<GroupId>, now: Timestamp) -> bool {
        let asked = self.level().and_then(|level| self.terms.rule.levels.get(level));
        self.state(now) == RequestState::Pending
            && person != self.person
            && asked.is_some_and(|level| groups.contains(&level.group))
            && self.terms.approvals.iter().all(|given| given.person != person)
    }

    /// Somebody approves, for `minutes` where they shorten it. `still` says whether an earlier approver is still one of a group:
    /// what others have said who are not counts no more. With the last approval that was missing, it is allowed.
    ///
    /// # Errors
    /// [`RequestRefusal`]; nothing has changed then.
    pub fn approve(
        &mut self,
        by: Approver<'_>,
        minutes: Option<u32>,
        comment: Option<Reason>,
        now: Timestamp,
        still: impl Fn(UserId, GroupId) -> bool,
    ) -> Result<(), RequestRefusal> {
        if by.person == self.person {
            return Err(RequestRefusal::Own);
        }
        if self.state(now) != RequestState::Pending {
            return Err(RequestRefusal::Over(self.state(now)));
        }
        if minutes.is_some_and(|minutes| !(1..=self.terms.minutes).contains(&minutes)) {
            return Err(RequestRefusal::Minutes(self.terms.minutes));
        }
        let mut next = self.with_present_approvers(now, still);
        if next.terms.approvals.iter().any(|given| given.person == by.person) {
            return Err(RequestRefusal::Twice);
        }
        let asked = next.level().and_then(|level| Some((level, next.terms.rule.levels.get(level)?.group)));
        let Some((level, _)) = asked.filter(|(_, group)| by.groups.contains(group)) else {
            return Err(RequestRefusal::NotAsked);
        };
        let name = by.name.to_owned();
        next.terms.approvals.push(GivenApproval { person: by.person, name, level, at: now, comment });
        next.terms.minutes = minutes.unwrap_or(next.terms.minutes);
        if next.level().is_none() {
            next.window = Some(next.window_from(now));
        }
        *self = next;
        Ok(())
    }

    /// From when to when it is allowed if it is allowed now.
    pub fn window_from(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let from = self.terms.not_before.map_or(now, |begin| begin.max(now));
        (from, from.plus(Duration::from_secs(u64::from(self.terms.minutes) * 60)))
    }

    /// An approver says no.
    ///
    /// # Errors
    /// [`RequestRefusal`]; nothing has changed then.
    pub fn reject(&mut self, by: Approver<'_>, comment: Option<Reason>, now: Timestamp) -> Result<(), RequestRefusal> {
        if by.person == self.person {
            return Err(RequestRefusal::Own);
        }
        if self.state(now) != RequestState::Pending {
            return Err(RequestRefusal::Over(self.state(now)));
        }
        if !self.asks(by.person, by.groups) {
            return Err(RequestRefusal::NotAsked);
        }
        self.close(RequestState::Rejected, by.name, comment, now);
        Ok(())
    }

    /// Who asked takes it back: cancelled while it waits, revoked once it was allowed.
    ///
    /// # Errors
    /// [`RequestRefusal::Over`]; nothing has changed then.
    pub fn cancel(&mut self, name: &str, comment: Option<Reason>, now: Timestamp) -> Result<(), RequestRefusal> {
        match self.state(now) {
            RequestState::Pending => self.close(RequestState::Cancelled, name, comment, now),
            RequestState::Approved => self.close(RequestState::Revoked, name, comment, now),
            over => return Err(RequestRefusal::Over(over)),
        }
        Ok(())
    }

    /// Ends what was allowed; whoever calls this looks whether they may.
    ///
    /// # Errors
    /// [`RequestRefusal`]; nothing has changed then.
    pub fn revoke(&mut self, name: &str, comment: Option<Reason>, now: Timestamp) -> Result<(), RequestRefusal> {
        match self.state(now) {
            RequestState::Approved => self.close(RequestState::Revoked, name, comment, now),
            RequestState::Pending => return Err(RequestRefusal::NotApproved),
            over => return Err(RequestRefusal::Over(over)),
        }
        Ok(())
    }

    /// What it was asked by is gone or another: what was allowed ends, and what was not will not be. Nothing where it is over.
    pub fn lose_grant(&mut self, name: &str, comment: Option<Reason>, now: Timestamp) -> bool {
        match self.state(now) {
            RequestState::Pending => self.close(RequestState::Rejected, name, comment, now),
            RequestState::Approved => self.close(RequestState::Revoked, name, comment, now),
            _ => return false,
        }
        true
    }

    /// Its time is over, and that is written down: a clock that is set back later does not bring it back. False where it is not.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let over = self.closed.is_none() && self.state(now) == RequestState::Expired;
        if over {
            let at = self.window.map_or(self.waits_until, |(_, until)| until);
            self.close(RequestState::Expired, "", None, at);
        }
        over
    }

    fn close(&mut self, how: RequestState, by: &str, comment: Option<Reason>, at: Timestamp) {
        self.closed = Some(Closed { how, by: by.to_owned(), at, comment });
    }

    /// What the rule looks at, where it was allowed and not ended.
    pub fn approved(&self) -> Option<Approved> {
        let (from, until) = self.window.filter(|_| self.closed.is_none())?;
        let (permissions, rule) = (self.terms.permissions, self.terms.rule.clone());
        Some(Approved { request: self.id, grant: self.grant, permissions, rule, from, until })
    }
}
