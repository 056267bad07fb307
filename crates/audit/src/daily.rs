//! How often something was used on each day, as the log tells it.
//!
//! What counts as a use is what [`crate::uses`] says, but for check-outs: what is taken while one lasts counts by itself.

use std::collections::HashSet;

use countersign_model::Timestamp;
use uuid::Uuid;

use crate::{
    AuditAction, AuditEntry, Detail,
    uses::{COUNTED, user_of},
};

/// How often something was used, by what was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UseCounts {
    /// Tokens that were taken.
    pub tokens: u64,
    /// Passwords that were revealed.
    pub passwords: u64,
    /// Sessions, each once a day for each who was in it.
    pub sessions: u64,
    /// Password changes, test runs and sign-in checks that somebody asked for, and edits.
    pub changes: u64,
}

/// The uses of each day, while they are counted. The order of the records does not matter.
#[derive(Debug)]
pub struct DailyUses {
    /// When each day begins, in order, and when the last one ends.
    bounds: Vec<Timestamp>,
    days: Vec<UseCounts>,
    sessions: HashSet<(usize, Uuid, String)>,
}

impl DailyUses {
    /// None yet. `bounds` are when each day begins, in order, and when the last one ends.
    pub fn new(bounds: Vec<Timestamp>) -> Self {
        let days = vec![UseCounts::default(); bounds.len().saturating_sub(1)];
        Self { bounds, days, sessions: HashSet::new() }
    }

    /// Adds a record, if it is a use on one of the days.
    pub fn add(&mut self, entry: &AuditEntry) {
        let (Some(act), Some(who)) = (COUNTED.into_iter().find(|act| entry.act == act.name()), user_of(entry)) else {
            return;
        };
        let Some(day) = self.bounds.partition_point(|begin| *begin <= entry.at).checked_sub(1) else { return };
        let Some(counts) = self.days.get_mut(day) else { return };
        match act {
            AuditAction::TokenRead | AuditAction::TokenClaimed => counts.tokens += 1,
            AuditAction::PasswordRevealed => counts.passwords += 1,
            AuditAction::SessionStarted | AuditAction::SessionJoined => {
                // Who starts one comes in as well, and comes back when the page is loaded again.
                let session = match entry.details.get("session") {
                    Some(Detail::Text(id)) => id.clone(),
                    _ => String::new(),
                };
                counts.sessions += u64::from(self.sessions.insert((day, who, session)));
            }
            _ => counts.changes += 1,
        }
    }

    /// The counts of each day, in order.
    pub fn into_days(self) -> Vec<UseCounts> {
        self.days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActorRef, AuditActorKind, ObjectKind};

    const ANA: Uuid = Uuid::from_u128(1);
    const BEN: Uuid = Uuid::from_u128(2);
    const DAY: i64 = 86_400;

    fn by(kind: AuditActorKind, who: Uuid, act: AuditAction, second: i64) -> AuditEntry {
        let actor = ActorRef { kind, id: Some(who), name: "somebody".to_owned() };
        AuditEntry::new(Timestamp::from_seconds(second), actor, act).on(ObjectKind::Credential, Uuid::nil(), "Shop")
    }

    fn counted(entries: &[AuditEntry]) -> Vec<UseCounts> {
        let mut uses = DailyUses::new([0, DAY, 2 * DAY].map(Timestamp::from_seconds).into());
        entries.iter().for_each(|entry| uses.add(entry));
        uses.into_days()
    }

    #[test]
    fn each_use_counts_on_its_day() {
        let user = AuditActorKind::User;
        let (none, one) = (UseCounts::default(), 1);
        let table = [
            (AuditAction::TokenRead, 0, [UseCounts { tokens: one, ..none }, none]),
            (AuditAction::TokenClaimed, DAY - 1, [UseCounts { tokens: one, ..none }, none]),
            (AuditAction::PasswordRevealed, DAY, [none, UseCounts { passwords: one, ..none }]),
            (AuditAction::SessionStarted, 2 * DAY - 1, [none, UseCounts { sessions: one, ..none }]),
            (AuditAction::ChangeRequested, 5, [UseCounts { changes: one, ..none }, none]),
            (AuditAction::CredentialEdited, 5, [UseCounts { changes: one, ..none }, none]),
            // Before, after, and no use.
            (AuditAction::TokenRead, -1, [none, none]),
            (AuditAction::TokenRead, 2 * DAY, [none, none]),
            (AuditAction::TokenDenied, 5, [none, none]),
            (AuditAction::RevealDenied, 5, [none, none]),
            (AuditAction::CheckedOut, 5, [none, none]),
        ];
        for (act, second, expected) in table {
            assert_eq!(counted(&[by(user, ANA, act, second)]), expected, "{act:?} at {second}");
        }
    }

    #[test]
    fn programs_use_and_the_server_itself_does_not() {
        use AuditActorKind::{ApiToken, Nobody, Scim, ServiceAccount, System, User};
        for (kind, tokens) in [(User, 1), (ApiToken, 1), (ServiceAccount, 1), (System, 0), (Scim, 0), (Nobody, 0)] {
            assert_eq!(counted(&[by(kind, ANA, AuditAction::TokenRead, 1)])[0].tokens, tokens, "{kind:?}");
        }
    }

    #[test]
    fn a_session_counts_once_a_day_for_each_who_was_in_it() {
        let at = |who, act, session: &str, second| by(AuditActorKind::User, who, act, second).with("session", session);
        let entries = [
            at(ANA, AuditAction::SessionStarted, "one", 1),
            at(ANA, AuditAction::SessionJoined, "one", 2),
            at(ANA, AuditAction::SessionJoined, "one", 3),
            at(BEN, AuditAction::SessionJoined, "one", 4),
            at(ANA, AuditAction::SessionStarted, "two", 5),
            at(ANA, AuditAction::SessionJoined, "two", DAY),
        ];
        assert_eq!(counted(&entries).iter().map(|day| day.sessions).collect::<Vec<_>>(), [3, 1]);
    }

    #[test]
    fn without_days_nothing_counts() {
        for bounds in [vec![], vec![Timestamp::from_seconds(0)]] {
            let mut uses = DailyUses::new(bounds);
            uses.add(&by(AuditActorKind::User, ANA, AuditAction::TokenRead, 1));
            assert_eq!(uses.into_days(), []);
        }
    }
}
