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
    /// Who has it, or had it until a time that nobody has looked at since.
    pub held: Option<Held>,
    /// Who waits, the first first.
    pub queue: Vec<Waiting>,
    /// Since when it is kept for the first of them.
    pub turn_from: Option<Timestamp>,
    /// Who was told that it is their turn.
    pub told: Option<UserId>,
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
    #[error("{by} is next in the queue until {until}: wait for your turn, or join the queue")]
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
    /// Its password changes first.
    #[error("its password is being changed after the last check-out: check it out when that is done")]
    Changing,
    /// Waiting is not needed.
    #[error("it is free, and it is your turn: check it out")]
    NoWait,
}

impl CheckOut {
    /// Who has it at this time. A clock that was set back to before they took it does not free it.
    pub fn holder(&self, now: Timestamp) -> Option<&Held> {
        self.held.as_ref().filter(|held| now < held.until)
    }

    /// Lets pass what has passed: gives who had it until their time was over, and drops from the queue who let their turn pass. Each
    /// has a quarter of an hour from when it was theirs.
    pub fn settle(&mut self, now: Timestamp) -> Option<Held> {
        let over = self.held.take_if(|held| now >= held.until);
        if let Some(over) = &over {
            self.turn_from = Some(over.until);
        }
        while let Some(from) =
            self.turn_from.filter(|from| self.held.is_none() && !self.queue.is_empty() && now >= from.plus(TURN))
        {
            self.queue.remove(0);
            self.turn_from = Some(from.plus(TURN));
        }
        over
    }

    /// For whom it is kept at this time, and until when; settled before.
    pub fn turn(&self) -> Option<(&Waiting, Timestamp)> {
        let from = self.turn_from.filter(|_| self.held.is_none())?;
        self.queue.first().map(|next| (next, from.plus(TURN)))
    }

    /// When something passes next by itself: a hold, or a turn.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.held.as_ref().map(|held| held.until).or_else(|| self.turn().map(|(_, until)| until))
    }

    /// Who has to be told that it is their turn, if anybody: once each.
    pub fn to_tell(&mut self) -> Option<Waiting> {
        let next = self.turn().map(|(next, _)| next.clone());
        let fresh = next.clone().filter(|next| self.told != Some(next.person));
        self.told = next.map(|next| next.person);
        fresh
    }

    /// Somebody takes it; settled before.
    ///
    /// # Errors
    /// [`CheckOutRefusal`]; nothing has changed then.
    pub fn take(&mut self, held: Held) -> Result<(), CheckOutRefusal> {
        if let Some(other) = self.holder(held.from) {
            let (by, until) = (other.name.clone(), other.until);
            return Err(if other.person == held.person {
                CheckOutRefusal::Yours
            } else {
                CheckOutRefusal::Held { by, until }
            });
        }
        if let Some((next, until)) = self.turn().filter(|(next, _)| next.person != held.person) {
            return Err(CheckOutRefusal::Turn { by: next.name.clone(), until });
        }
        self.queue.retain(|waiting| waiting.person != held.person);
        (self.held, self.turn_from) = (Some(held), None);
        Ok(())
    }

    /// Who has it keeps it for so many minutes from now, of at most so many, and not beyond `end`; settled before.
    ///
    /// # Errors
    /// [`CheckOutRefusal`]; nothing has changed then.
    pub fn extend(
        &mut self,
        person: UserId,
        (minutes, most): (u32, u32),
        end: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Timestamp, CheckOutRefusal> {
        let held = self.holder(now).filter(|held| held.person == person).ok_or(CheckOutRefusal::NotYours)?;
        if let Some(first) = self.queue.first() {
            return Err(CheckOutRefusal::Awaited(first.name.clone()));
        }
        if !(1..=most).contains(&minutes) {
            return Err(CheckOutRefusal::Minutes(most));
        }
        let until = held.until.max(check_out_ends(now, minutes, end));
        if let Some(held) = &mut self.held {
            held.until = until;
        }
        Ok(until)
    }

    /// It comes back before its time; settled before. Gives who had it.
    ///
    /// # Errors
    /// [`CheckOutRefusal::Free`].
    pub fn check_in(&mut self, now: Timestamp) -> Result<Held, CheckOutRefusal> {
        let held = self.held.take_if(|held| now < held.until).ok_or(CheckOutRefusal::Free)?;
        self.turn_from = Some(now);
        Ok(held)
    }

    /// Somebody joins the queue, settled before; who is in it stays where they are.
    ///
    /// # Errors
    /// [`CheckOutRefusal`]; nothing has changed then.
    pub fn wait(&mut self, person: UserId, name: &str, now: Timestamp) -> Result<(), CheckOutRefusal> {
        match (self.holder(now), self.turn()) {
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

    /// Somebody leaves the queue, or cannot wait any more; settled before. The next has a quarter of an hour of their own. False when
    /// they were not in it.
    pub fn leave(&mut self, person: UserId, now: Timestamp) -> bool {
        let Some(place) = self.queue.iter().position(|waiting| waiting.person == person) else { return false };
        self.queue.remove(place);
        if place == 0 && self.turn_from.is_some() {
            self.turn_from = Some(now);
        }
        true
    }
}

/// When what begins now ends: after so many minutes, and not after what it is had by.
pub fn check_out_ends(now: Timestamp, minutes: u32, end: Option<Timestamp>) -> Timestamp {
    let until = now.plus(Duration::from_secs(u64::from(minutes) * 60));
    end.map_or(until, |end| until.min(end))
}

/// Who has a credential, as the rule looks at it for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possession {
    /// Whether it is this person.
    pub own: bool,
    /// Who.
    pub name: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when, and not at that moment.
    pub until: Timestamp,
}

impl Possession {
    /// As somebody has it whom this is told.
    pub fn of(check_out: &CheckOut, person: UserId) -> Option<Self> {
        let Held { person: holder, name, from, until, .. } = check_out.held.clone()?;
        Some(Self { own: holder == person, name, from, until })
    }

    /// Whether they may use by it what asks for a check-out: every access of theirs that does.
    pub(crate) fn serves(&self, now: Timestamp) -> bool {
        self.own && self.from <= now && now < self.until
    }

    /// Whether it keeps the credential from them.
    pub(crate) fn excludes(&self, now: Timestamp) -> bool {
        !self.own && now < self.until
    }
}
