use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    AccessTokenId, ApiTokenId, DeviceId, Reason, ServiceReach, SiteOrigin, Ticket, Timestamp, UserId, WebSessionId,
};

/// What a person is in this vault. What each may do stands in [`crate::decide`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Users, settings, audit and every credential.
    Administrator,
    /// Every credential, and who may use it.
    Manager,
    /// The credentials granted to them.
    Member,
    /// Reads the audit log and what credentials there are; takes no secret.
    Auditor,
}

impl Role {
    /// Every role, the widest first.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Manager, Self::Member, Self::Auditor];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Manager => "manager",
            Self::Member => "member",
            Self::Auditor => "auditor",
        }
    }

    /// Whether a token of this role may be handed to somebody who has `other`: only what they can do themselves.
    pub const fn is_within(self, other: Self) -> bool {
        matches!(
            (other, self),
            (Self::Administrator, _)
                | (Self::Manager, Self::Manager | Self::Member)
                | (Self::Member, Self::Member)
                | (Self::Auditor, Self::Auditor)
        )
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = crate::Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(crate::Invalid {
            field: "role",
            problem: "is not a role: use administrator, manager, member or auditor".to_owned(),
        })
    }
}

/// Who asks, already authenticated. Every use case takes it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// By what they came in.
    pub kind: ActorKind,
    /// The person, or the owner of the token.
    pub user: UserId,
    /// The person's name, or `owner/token name`, as the audit log shows it.
    pub name: String,
    /// What they may do, already narrowed to the token's role.
    pub role: Role,
    /// How far what they came in by reaches.
    pub reach: Reach,
    /// Of a service account: what its token was narrowed to. `None` of everybody else.
    pub service: Option<Arc<ServiceReach>>,
    /// The vault's revision when this was looked up. It is out of date as soon as the vault has moved on, and whoever
    /// is about to hand out a secret looks again.
    pub as_of: i64,
    /// When what they came in by ends, as it was known then; a browser that is used meanwhile lasts longer. `None`: never.
    pub until: Option<Timestamp>,
    /// From where they ask, for the record; `None` where that is not known.
    pub address: Option<IpAddr>,
    /// What they say that it is for.
    pub purpose: Purpose,
}

/// What somebody says that a request is for: grants can ask for it, and it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purpose {
    /// Why.
    pub reason: Option<Reason>,
    /// The number of a ticket in some other system.
    pub ticket: Option<Ticket>,
    /// Of a browser extension: the origin of the page that it fills in.
    pub fills_at: Option<SiteOrigin>,
}

/// How far what somebody came in by reaches, beside their role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A browser, in which they showed password and second factor at this time.
    Page {
        /// When they last did.
        confirmed_at: Timestamp,
    },
    /// An API token.
    Token {
        /// Whether it was made to manage people, grants and automation too.
        admin: bool,
    },
    /// A browser extension: it fills in names, passwords and tokens, and does nothing else.
    Device,
    /// The server's own machine.
    Machine,
}

/// By what somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person in a browser.
    Person(WebSessionId),
    /// A program with an API token.
    Program(ApiTokenId),
    /// A service account with a token that it was given for a few minutes.
    Service(AccessTokenId),
    /// A person by a browser extension that they have paired.
    Device(DeviceId),
    /// A command on the server's own machine, with the data folder and the key at hand.
    Machine,
}

impl Actor {
    /// Whether a program asks: it may not reuse a time step that it claims.
    pub const fn is_machine(&self) -> bool {
        !matches!(self.kind, ActorKind::Person(_) | ActorKind::Device(_))
    }

    /// Whether it is nobody's program but an account of its own: it decides nothing for people and has nothing that people have.
    pub const fn is_service(&self) -> bool {
        matches!(self.kind, ActorKind::Service(_))
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn a_token_never_gives_more_than_its_owner_has() {
        let table = [
            (Role::Member, Role::Administrator, true),
            (Role::Auditor, Role::Administrator, true),
            (Role::Administrator, Role::Manager, false),
            (Role::Member, Role::Manager, true),
            (Role::Auditor, Role::Manager, false),
            (Role::Manager, Role::Member, false),
            (Role::Member, Role::Auditor, false),
        ];
        for (token, owner, allowed) in table {
            assert_eq!(token.is_within(owner), allowed, "{token} token of {owner}");
        }
        assert!(Role::ALL.iter().all(|role| role.is_within(*role)));
    }
}
