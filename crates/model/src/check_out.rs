use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{GrantId, Invalid, Timestamp, UserId};

const LONGEST_MINUTES: u32 = 7 * 24 * 60;
const MAX_WAITING: usize = 50;
/// For so long the next in the queue alone may take what has become free.
const TURN: Duration = Duration::from_secs(15 * 60);

/// A grant is used by one person at a time, who checks the credential out before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckOutRule {
    /// For how many minutes at the most, from when it is taken or extended: 1 to 10080.
    pub minutes: u32,
    /// Whether the password is changed at its site when it has come back.
    #[serde(default)]
    pub change_after: bool,
}

impl CheckOutRule {
    /// Looks whether it can be.
    ///
    /// # Errors
    /// Names the field and what is wrong.
    pub fn checked(self) -> Result<Self, Invalid> {
        if (1..=LONGEST_MINUTES).contains(&self.minutes) {
            Ok(self)
        } else {
            Err(Invalid::new("check_out.minutes", format!("must be 1 to {LONGEST_MINUTES}")))
        }
    }

    /// Whether this asks for no less than `other` does.
    pub fn is_within(&self, other: &Self) -> bool {
        self.minutes <= other.minutes && (self.change_after || !other.change_after)
    }
}

/// Somebody has checked a credential out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Who.
    pub person: UserId,
    /// Their name then.
    pub name: String,
    /// By which grant.
    pub grant: GrantId,
    /// What the grant asked for then.
    pub rule: CheckOutRule,
    /// Since when.
    pub from: Timestamp,
    /// Until when, and not at that moment.
    pub until: Timestamp,
}

/// Somebody waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// Who.
    pub person: UserId,
    /// Their name then.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// Who has a credential, and who waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckOut {
    /// Who had it last, and has it until the end of their time.
    pub held: Option<Held>,
    /// When it was given back or taken back, where that was before the end.
    pub back_at: Option<Timestamp>,
    /// Who waits, the first first.
    pub queue: Vec<Waiting>,
}

/// Why a check-out cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckOutRefusal {
    /// Somebody else has it.
    #[error("{by} has checked it out until {until}: wait, or join the queue")]
    Held {
        /// Who.
        by: String,
        /// Until when.
        until: Timestamp,
    },
    /// It is free, and somebody else comes first.
    #[error("{by} is next in the queue until {until}: join the queue")]
    Turn {
        /// Who.
        by: String,
        /// Until when it is kept for them.
        until: Timestamp,
    },
    /// They have it already.
    #[error("you have checked it out already: extend it")]
    Yours,
    /// They do not have it.
    #[error("you have not checked it out: check it out first")]
    NotYours,
    /// Nobody has it.
    #[error("nobody has checked it out")]
    Free,
    /// Others wait.
    #[error("it cannot be extended, because {0} is waiting for it")]
    Awaited(String),
    /// For longer than the grant says.
    #[error("it can be checked out for 1 to {0} min")]
    Minutes(u32),
    /// The queue is full.
    #[error("{0} people are waiting already")]
    QueueFull(usize),
    /// No grant asks for it.
    #[error("no access of yours asks for a check-out: use the credential without one")]
    NotAsked,
    /// Waiting is not needed.
    #[error("it is free, and it is your turn: check it out")]
    NoWait,
}

impl CheckOut {
    /// Who has it at this time. A clock that was set back to before they took it does not free it.
    pub fn holder(&self, now: Timestamp) -> Option<&Held> {
        self.held.as_ref().filter(|held| self.back_at.is_none() && now < held.until)
    }

    /// Since when it is free; `None` while somebody has it, or when nobody ever had.
    pub fn free_since(&self, now: Timestamp) -> Option<Timestamp> {
        let held = self.held.as_ref().filter(|_| self.holder(now).is_none())?;
        Some(self.back_at.unwrap_or(held.until))
    }

    /// For whom it is kept at this time, and until when: who waits longest of those who have not let their turn pass.
    pub fn turn(&self, now: Timestamp) -> Option<(&Waiting, Timestamp)> {
        let free = self.free_since(now)?;
        let turns = (0..self.queue.len()).filter_map(|place| u32::try_from(place).ok());
        let ends = turns.map(|place| free.plus(TURN * (place + 1)));
        self.queue.iter().zip(ends).find(|(_, until)| now < *until)
    }

    /// Somebody takes it.
    ///
    /// # Errors
    /// [`CheckOutRefusal`]; nothing has changed then.
    pub fn take(&mut self, held: Held) -> Result<(), CheckOutRefusal> {
        let now = held.from;
        if let Some(other) = self.holder(now) {
            let (by, until) = (other.name.clone(), other.until);
            return Err(if other.person == held.person {
                CheckOutRefusal::Yours
            } else {
                CheckOutRefusal::Held { by, until }
            });
        }
        if let Some((next, until)) = self.turn(now).filter(|(next, _)| next.person != held.person) {
            return Err(CheckOutRefusal::Turn { by: next.name.clone(), until });
        }
        // Who let their turn pass has to ask again.
        let passed = self.turn(now).map(|(next, _)| next.person);
        let place = self.queue.iter().position(|waiting| Some(waiting.person) == passed);
        let gone = place.map_or(if self.free_since(now).is_some() { self.queue.len() } else { 0 }, |place| place + 1);
        self.queue.drain(..gone);
        self.queue.retain(|waiting| waiting.person != held.person);
        (self.held, self.back_at) = (Some(held), None);
        Ok(())
    }

    /// Who has it keeps it for so many minutes from now.
    ///
    /// # Errors
    /// [`CheckOutRefusal`]; nothing has changed then.
    pub fn extend(&mut self, person: UserId, minutes: u32, now: Timestamp) -> Result<Timestamp, CheckOutRefusal> {
        let held = self.holder(now).filter(|held| held.person == person).ok_or(CheckOutRefusal::NotYours)?;
        if let Some(first) = self.queue.first() {
            return Err(CheckOutRefusal::Awaited(first.name.clone()));
        }
        let most = held.rule.minutes;
        if !(1..=most).contains(&minutes) {
            return Err(CheckOutRefusal::Minutes(most));
        }
        let until = held.until.max(now.plus(Duration::from_secs(u64::from(minutes) * 60)));
        if let Some(held) = &mut self.held {
            held.until = until;
        }
        Ok(until)
    }

    /// It comes back before its time. Gives who had it.
    ///
    /// # Errors
    /// [`CheckOutRefusal::Free`].
    pub fn check_in(&mut self, now: Timestamp) -> Result<Held, CheckOutRefusal> {
        let held = self.holder(now).cloned().ok_or(CheckOutRefusal::Free)?;
        self.back_at = Some(now);
        Ok(held)
    }

    /// Somebody joins the queue; who is in it stays where they are.
    ///
    /// # Errors
    /// [`CheckOutRefusal`]; nothing has changed then.
    pub fn wait(&mut self, person: UserId, name: &str, now: Timestamp) -> Result<(), CheckOutRefusal> {
        match (self.holder(now), self.turn(now)) {
            (Some(held), _) if held.person == person => return Err(CheckOutRefusal::Yours),
            (None, None) => return Err(CheckOutRefusal::NoWait),
            (None, Some((next, _))) if next.person == person => return Err(CheckOutRefusal::NoWait),
            _ => {}
        }
        if self.queue.iter().any(|waiting| waiting.person == person) {
            return Ok(());
        }
        if self.queue.len() >= MAX_WAITING {
            return Err(CheckOutRefusal::QueueFull(MAX_WAITING));
        }
        self.queue.push(Waiting { person, name: name.to_owned(), since: now });
        Ok(())
    }

    /// Somebody leaves the queue. False when they were not in it.
    pub fn leave(&mut self, person: UserId) -> bool {
        let before = self.queue.len();
        self.queue.retain(|waiting| waiting.person != person);
        self.queue.len() < before
    }
}

/// Who has a credential, as the rule looks at it for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possession {
    /// Whether it is this person.
    pub own: bool,
    /// Who.
    pub name: String,
    /// By which grant.
    pub grant: GrantId,
    /// What that grant asked for then.
    pub rule: CheckOutRule,
    /// Since when.
    pub from: Timestamp,
    /// Until when, and not at that moment.
    pub until: Timestamp,
}

impl Possession {
    /// As somebody has it whom this is told.
    pub fn of(check_out: &CheckOut, person: UserId) -> Option<Self> {
        let held = check_out.held.as_ref().filter(|_| check_out.back_at.is_none())?;
        let Held { person: holder, name, grant, rule, from, until } = held.clone();
        Some(Self { own: holder == person, name, grant, rule, from, until })
    }

    /// Whether they may use this grant by it, which asks for a check-out.
    pub(crate) fn serves(&self, grant: GrantId, rule: &CheckOutRule, now: Timestamp) -> bool {
        self.own && self.grant == grant && self.rule == *rule && self.from <= now && now < self.until
    }

    /// Whether it keeps the credential from them.
    pub(crate) fn excludes(&self, now: Timestamp) -> bool {
        !self.own && now < self.until
    }
}
