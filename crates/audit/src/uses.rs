//! What the log tells of the use of credentials and grants: who used each last, when and how, and how often.
//!
//! A *use* is an act that a person or a program was allowed: a token or a password that was handed out, a session, a change of a
//! password, an edit, a check-out. What was refused is none, nor is what the server does by itself. It is a use of the
//! credential, and of the grant that the record names.

use std::collections::HashMap;

use countersign_model::Timestamp;
use uuid::Uuid;

use crate::{AuditAction, AuditActorKind, AuditEntry, Detail, ObjectKind, block::may_hold};

/// What is counted by day; a block that names none of these acts needs no look.
pub const COUNTED: [AuditAction; 7] = [
    AuditAction::TokenRead,
    AuditAction::TokenClaimed,
    AuditAction::PasswordRevealed,
    AuditAction::SessionStarted,
    AuditAction::SessionJoined,
    AuditAction::ChangeRequested,
    AuditAction::CredentialEdited,
];

/// The uses of a credential. What is counted by day stands first ([`crate::daily`]); what is taken while a check-out lasts counts
/// by itself, and a setup key is no matter of every day.
const USES: [AuditAction; 9] = {
    let [a, b, c, d, e, f, g] = COUNTED;
    [a, b, c, d, e, f, g, AuditAction::CheckedOut, AuditAction::SeedTransferred]
};

/// With a grant that lets people share, they do this.
const USES_OF_SHARING: [AuditAction; 4] =
    [AuditAction::CredentialGranted, AuditAction::GrantCreated, AuditAction::GrantEdited, AuditAction::GrantRemoved];

/// Whether a packed block may hold uses; where it says no there are none. It takes a fraction of what unpacking takes.
pub fn may_hold_uses(block: &[u8]) -> bool {
    may_hold(block, &USES) || may_hold(block, &USES_OF_SHARING)
}

/// The last use of a credential or of a grant, and how many there were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// When.
    pub at: Timestamp,
    /// Who, by id; the owner where it was a program with an API token.
    pub actor: Uuid,
    /// The name at that time.
    pub name: String,
    /// What they did, by its stable name.
    pub act: String,
    /// How often it was used, with this one.
    pub uses: u64,
}

impl Usage {
    /// With the uses that came after it.
    pub fn followed_by(&mut self, later: Self) {
        let uses = self.uses.saturating_add(later.uses);
        *self = Self { uses, ..later };
    }
}

/// The last uses in some records, by the id of the credential or the grant. Ids of both are drawn by chance and never meet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Usages(HashMap<Uuid, Usage>);

impl Usages {
    /// Adds the next record.
    pub fn add(&mut self, entry: &AuditEntry) {
        let of_credential = is_any(entry, &USES);
        if !of_credential && !is_any(entry, &USES_OF_SHARING) {
            return;
        }
        let Some(actor) = user_of(entry) else { return };
        let credential = entry.object.as_ref().filter(|object| object.kind == ObjectKind::Credential);
        let credential = credential.filter(|_| of_credential).and_then(|object| object.id);
        for thing in [credential, grant_of(entry)].into_iter().flatten() {
            let last = Usage {
                at: entry.at,
                actor,
                name: entry.actor.name.clone(),
                act: entry.act.clone().into_owned(),
                uses: 1,
            };
            match self.0.get_mut(&thing) {
                Some(known) => known.followed_by(last),
                None => drop(self.0.insert(thing, last)),
            }
        }
    }

    /// Each with the id of what was used.
    pub fn into_each(self) -> impl Iterator<Item = (Uuid, Usage)> {
        self.0.into_iter()
    }
}

/// Whose use it is, a person's or a program's; `None` for what the server does by itself, and for who did not get in.
pub(crate) fn user_of(entry: &AuditEntry) -> Option<Uuid> {
    use AuditActorKind::{ApiToken, Extension, ServiceAccount, User};
    entry.actor.id.filter(|_| matches!(entry.actor.kind, User | ApiToken | Extension | ServiceAccount))
}

fn is_any(entry: &AuditEntry, acts: &[AuditAction]) -> bool {
    acts.iter().any(|act| entry.act == act.name())
}

/// The grant by which it was allowed.
fn grant_of(entry: &AuditEntry) -> Option<Uuid> {
    let Some(Detail::Text(id)) = entry.details.get("grant") else { return None };
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActorRef;

    const CREDENTIAL: Uuid = Uuid::from_u128(1);
    const GRANT: Uuid = Uuid::from_u128(2);
    const ANA: Uuid = Uuid::from_u128(3);

    fn by(kind: AuditActorKind, act: AuditAction, second: i64) -> AuditEntry {
        let actor = ActorRef { kind, id: Some(ANA), name: "ana".to_owned() };
        AuditEntry::new(Timestamp::from_seconds(second), actor, act)
            .on(ObjectKind::Credential, CREDENTIAL, "Shop")
            .with("grant", GRANT.to_string())
    }

    fn found(entries: &[AuditEntry]) -> Vec<(Uuid, i64, String, u64)> {
        let mut uses = Usages::default();
        entries.iter().for_each(|entry| uses.add(entry));
        let each = uses.into_each().map(|(thing, last)| (thing, last.at.seconds(), last.act, last.uses));
        let mut found: Vec<_> = each.collect();
        found.sort();
        found
    }

    #[test]
    fn the_last_use_counts_of_the_credential_and_of_the_grant() {
        let user = AuditActorKind::User;
        let entries = [by(user, AuditAction::TokenRead, 10), by(user, AuditAction::PasswordRevealed, 20)];
        let last = |thing| (thing, 20, "password.revealed".to_owned(), 2);
        assert_eq!(found(&entries), [last(CREDENTIAL), last(GRANT)]);
    }

    #[test]
    fn only_what_somebody_was_allowed_is_a_use() {
        let user = AuditActorKind::User;
        // Kind, act, whether it is a use of the credential, and of the grant.
        let table = [
            (user, AuditAction::TokenRead, true, true),
            (AuditActorKind::ApiToken, AuditAction::TokenClaimed, true, true),
            (AuditActorKind::ServiceAccount, AuditAction::TokenRead, true, true),
            (AuditActorKind::Extension, AuditAction::TokenRead, true, true),
            (user, AuditAction::SessionStarted, true, true),
            (user, AuditAction::SeedTransferred, true, true),
            (user, AuditAction::SeedTransferDenied, false, false),
            (user, AuditAction::GrantCreated, false, true),
            (user, AuditAction::TokenDenied, false, false),
            (user, AuditAction::RevealDenied, false, false),
            (user, AuditAction::AccessRequested, false, false),
            (AuditActorKind::System, AuditAction::ChangeRequested, false, false),
            (AuditActorKind::Nobody, AuditAction::TokenRead, false, false),
        ];
        for (kind, act, credential, grant) in table {
            let things: Vec<Uuid> = found(&[by(kind, act, 1)]).into_iter().map(|(thing, ..)| thing).collect();
            assert_eq!(things.contains(&CREDENTIAL), credential, "{kind:?} {act:?}");
            assert_eq!(things.contains(&GRANT), grant, "{kind:?} {act:?}");
        }
    }

    #[test]
    fn a_role_uses_no_grant() {
        let mut entry = by(AuditActorKind::User, AuditAction::TokenRead, 1);
        entry.details.remove("grant");
        assert_eq!(found(&[entry]).len(), 1);
    }
}
