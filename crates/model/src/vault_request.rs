use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{CredentialId, Invalid, Reason, Tag, Timestamp, UserId, VaultRequestId};

/// So long a request waits for an approval.
pub const VAULT_REQUEST_WAITS: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// So long what was approved can be used, once.
pub const VAULT_REQUEST_SERVES: Duration = Duration::from_secs(60 * 60);

/// An administrator asks another one to approve what concerns the vault as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultRequest {
    /// Its id.
    pub id: VaultRequestId,
    /// Who asks.
    pub person: UserId,
    /// When they asked.
    pub created_at: Timestamp,
    /// Until when it waits for an approval, and not at that moment.
    pub waits_until: Timestamp,
    /// How it ended, if it did.
    pub closed: Option<VaultRequestClosed>,
    /// What it says.
    pub terms: VaultRequestTerms,
}

/// What a request about the vault says, and who has approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultRequestTerms {
    /// What is asked for.
    pub subject: VaultRequestSubject,
    /// Why.
    pub reason: Reason,
    /// From where it was made, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Which credentials the tag had when it was asked for: what is approved is what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<CoveredCredentials>,
    /// Who has approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<VaultApproval>,
}

/// What an administrator asks another to approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum VaultRequestSubject {
    /// One export of these credentials, as files of this format.
    Export {
        /// The format's name.
        format: String,
        /// Which credentials.
        choice: ExportChoice,
    },
    /// That exports need no approval any more.
    TurnOff,
}

/// Which credentials to take out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExportChoice {
    /// All of them.
    All,
    /// Those with this tag.
    Tagged(Tag),
    /// These.
    Some(Vec<CredentialId>),
}

impl ExportChoice {
    /// Whether both choose the same, in whatever order they name it.
    pub fn is_same(&self, other: &Self) -> bool {
        let set = |ids: &[CredentialId]| ids.iter().copied().collect::<BTreeSet<_>>();
        match (self, other) {
            (Self::Some(these), Self::Some(those)) => set(these) == set(those),
            _ => self == other,
        }
    }
}

/// An administrator has approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultApproval {
    /// Who.
    pub person: UserId,
    /// Their name then.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// What they said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Reason>,
    /// Which credentials the tag had then, so that none is added to what was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<CoveredCredentials>,
}

/// A set of credentials, by number and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoveredCredentials {
    /// How many.
    pub count: usize,
    /// A digest over their ids, as hexadecimal digits.
    pub digest: String,
}

/// A request about the vault has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultRequestClosed {
    /// How: rejected, cancelled, used, or expired by itself.
    pub how: VaultRequestState,
    /// By whom: their name then; empty where it was time.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Reason>,
}

/// Where a request about the vault stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VaultRequestState {
    /// Another administrator still has to approve.
    Pending,
    /// It can be used, once.
    Approved,
    /// An administrator has said no.
    Rejected,
    /// Who asked has taken it back, or is no administrator any more.
    Cancelled,
    /// Nobody has approved in time, or it was not used in time.
    Expired,
    /// What it asked for was done.
    Used,
}

impl VaultRequestState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Approved, Self::Rejected, Self::Cancelled, Self::Expired, Self::Used];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Used => "used",
        }
    }
}

impl fmt::Display for VaultRequestState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for VaultRequestState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|state| state.name() == text);
        let names = "is no state: use pending, approved, rejected, cancelled, expired or used";
        found.ok_or_else(|| Invalid::new("state", names))
    }
}

/// Why something cannot be done to a request about the vault, or by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultRequestRefusal {
    /// It is over, or does not wait for this.
    #[error("this request is {0}: {next}", next = if *.0 == VaultRequestState::Approved { "nothing is left to decide about it" } else { "make a new one" })]
    Over(VaultRequestState),
    /// Nobody has approved it.
    #[error("this request is pending: another administrator has to approve it first")]
    NotApproved,
    /// Nobody approves what they ask for themselves.
    #[error("this is your own request: another administrator has to decide about it")]
    Own,
    /// It serves who asked, and nobody else.
    #[error("this is the request of somebody else: it serves only who made it")]
    NotYours,
    /// Something else is to be done than was approved.
    #[error(
        "this request was approved for other credentials or another format: export exactly what was approved, or make a new one"
    )]
    OtherSubject,
    /// The tag has other credentials now.
    #[error("other credentials have this tag now than when the request was made: make a new one")]
    OtherCredentials,
    /// Who asked is no administrator any more.
    #[error("who made this request is no active administrator any more: it cannot be approved")]
    AskerGone,
}

impl VaultRequest {
    /// Until when it can be used, once it is approved.
    pub fn serves_until(&self) -> Option<Timestamp> {
        self.terms.approval.as_ref().map(|given| given.at.plus(VAULT_REQUEST_SERVES))
    }

    /// Where it stands at this time.
    pub fn state(&self, now: Timestamp) -> VaultRequestState {
        match (&self.closed, self.serves_until()) {
            (Some(closed), _) => closed.how,
            (None, Some(until)) if now < until => VaultRequestState::Approved,
            (None, None) if now < self.waits_until => VaultRequestState::Pending,
            (None, _) => VaultRequestState::Expired,
        }
    }

    /// As it stands while only those count as approvers for whom `still` holds: as long as it was not used, what another has said is
    /// not said.
    #[must_use]
    pub fn with_present_approver(&self, now: Timestamp, still: impl Fn(UserId) -> bool) -> Self {
        let mut present = self.clone();
        if self.state(now) == VaultRequestState::Approved {
            present.terms.approval = present.terms.approval.filter(|given| still(given.person));
        }
        present
    }

    /// Whether this administrator could decide about it now.
    pub fn awaits(&self, person: UserId, now: Timestamp) -> bool {
        self.state(now) == VaultRequestState::Pending && person != self.person
    }

    /// An administrator approves: it can be used once, from now on.
    ///
    /// # Errors
    /// [`VaultRequestRefusal`]; nothing has changed then.
    pub fn approve(&mut self, approval: VaultApproval) -> Result<(), VaultRequestRefusal> {
        self.decidable(approval.person, approval.at)?;
        self.terms.approval = Some(approval);
        Ok(())
    }

    /// An administrator says no.
    ///
    /// # Errors
    /// [`VaultRequestRefusal`]; nothing has changed then.
    pub fn reject(
        &mut self,
        (person, name): (UserId, &str),
        comment: Option<Reason>,
        now: Timestamp,
    ) -> Result<(), VaultRequestRefusal> {
        self.decidable(person, now)?;
        self.close(VaultRequestState::Rejected, name, comment, now);
        Ok(())
    }

    fn decidable(&self, person: UserId, now: Timestamp) -> Result<(), VaultRequestRefusal> {
        if person == self.person {
            return Err(VaultRequestRefusal::Own);
        }
        match self.state(now) {
            VaultRequestState::Pending => Ok(()),
            over => Err(VaultRequestRefusal::Over(over)),
        }
    }

    /// Who asked takes it back, also once it was approved.
    ///
    /// # Errors
    /// [`VaultRequestRefusal`]; nothing has changed then.
    pub fn cancel(
        &mut self,
        (person, name): (UserId, &str),
        comment: Option<Reason>,
        now: Timestamp,
    ) -> Result<(), VaultRequestRefusal> {
        if person != self.person {
            return Err(VaultRequestRefusal::NotYours);
        }
        if !self.withdraw(name, comment, now) {
            return Err(VaultRequestRefusal::Over(self.state(now)));
        }
        Ok(())
    }

    /// It is taken back, by whomever. False where it is over.
    pub fn withdraw(&mut self, name: &str, comment: Option<Reason>, now: Timestamp) -> bool {
        let open = matches!(self.state(now), VaultRequestState::Pending | VaultRequestState::Approved);
        if open {
            self.close(VaultRequestState::Cancelled, name, comment, now);
        }
        open
    }

    /// What was approved is done, by who asked, and not again.
    ///
    /// # Errors
    /// [`VaultRequestRefusal`]; nothing has changed then.
    pub fn take(
        &mut self,
        (person, name): (UserId, &str),
        subject: &VaultRequestSubject,
        now: Timestamp,
    ) -> Result<(), VaultRequestRefusal> {
        if person != self.person {
            return Err(VaultRequestRefusal::NotYours);
        }
        match self.state(now) {
            VaultRequestState::Approved => {}
            VaultRequestState::Pending => return Err(VaultRequestRefusal::NotApproved),
            over => return Err(VaultRequestRefusal::Over(over)),
        }
        if !self.terms.subject.is_same(subject) {
            return Err(VaultRequestRefusal::OtherSubject);
        }
        self.close(VaultRequestState::Used, name, None, now);
        Ok(())
    }

    /// Its time is over, and that is written down: a clock that is set back later does not bring it back. False where it is not.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let over = self.closed.is_none() && self.state(now) == VaultRequestState::Expired;
        if over {
            let at = self.serves_until().unwrap_or(self.waits_until);
            self.close(VaultRequestState::Expired, "", None, at);
        }
        over
    }

    fn close(&mut self, how: VaultRequestState, by: &str, comment: Option<Reason>, at: Timestamp) {
        self.closed = Some(VaultRequestClosed { how, by: by.to_owned(), at, comment });
    }
}

impl VaultRequestSubject {
    /// Whether both ask for the same.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Export { format, choice }, Self::Export { format: other_format, choice: other_choice }) => {
                format == other_format && choice.is_same(other_choice)
            }
            (Self::TurnOff, Self::TurnOff) => true,
            _ => false,
        }
    }
}
