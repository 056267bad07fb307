use crate::{Grant, Level, Role};

/// What somebody wants to do, as far as permission is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// See that a credential exists, with everything that is no secret.
    SeeCredential,
    /// Take the current token.
    TakeToken,
    /// See a password.
    Reveal,
    /// Add a credential, one or many.
    CreateCredential,
    /// Change a credential, its password or its seed.
    EditCredential,
    /// Have its password changed at the site, rehearse that, call it off.
    ChangePassword,
    /// Remove a credential.
    RemoveCredential,
    /// Say who may use a credential.
    GrantCredential,
    /// Start a session at its site.
    StartSession,
    /// Watch a session.
    WatchSession,
    /// End a session that somebody else has started; one's own may be ended by whoever could start it.
    EndSession,
    /// Read the audit log.
    ReadAudit,
    /// Add, change and remove users.
    ManageUsers,
    /// See and change how the vault runs.
    ManageVault,
}

impl Act {
    /// Every act, for tables and for telling a page what to offer.
    pub const ALL: [Self; 14] = [
        Self::SeeCredential,
        Self::TakeToken,
        Self::Reveal,
        Self::CreateCredential,
        Self::EditCredential,
        Self::ChangePassword,
        Self::RemoveCredential,
        Self::GrantCredential,
        Self::StartSession,
        Self::WatchSession,
        Self::EndSession,
        Self::ReadAudit,
        Self::ManageUsers,
        Self::ManageVault,
    ];

    /// What it is called in errors: "to …".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::SeeCredential => "see this credential",
            Self::TakeToken => "take this credential's token",
            Self::Reveal => "see this credential's password",
            Self::CreateCredential => "create credentials",
            Self::EditCredential => "edit this credential",
            Self::ChangePassword => "change this credential's password at its site",
            Self::RemoveCredential => "remove this credential",
            Self::GrantCredential => "say who may use this credential",
            Self::StartSession => "start a session with this credential",
            Self::WatchSession => "watch this session",
            Self::EndSession => "end this session",
            Self::ReadAudit => "read the audit log",
            Self::ManageUsers => "manage users",
            Self::ManageVault => "manage the vault",
        }
    }
}

/// The answer is no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("you are not allowed to {}", act.phrase())]
pub struct Denied {
    /// What was asked.
    pub act: Act,
}

/// The one rule of who may do what. What is not named here is denied.
///
/// `grant` is what the person was granted on the credential concerned, if anything; acts that concern no credential
/// pass `None`.
pub fn decide(role: Role, act: Act, grant: Option<&Grant>) -> Result<(), Denied> {
    let allowed = match (role, act) {
        (Role::Administrator, _) => true,
        (
            Role::Manager,
            Act::SeeCredential
            | Act::TakeToken
            | Act::Reveal
            | Act::CreateCredential
            | Act::EditCredential
            | Act::ChangePassword
            | Act::RemoveCredential
            | Act::GrantCredential
            | Act::StartSession
            | Act::WatchSession
            | Act::EndSession,
        ) => true,
        (Role::Member, Act::SeeCredential) => grant.is_some(),
        (Role::Member, Act::TakeToken) => grant.is_some_and(|grant| grant.token),
        (Role::Member, Act::Reveal) => grant.is_some_and(|grant| grant.reveal),
        (Role::Member, Act::StartSession) => {
            grant.is_some_and(|grant| grant.session.is_some_and(|level| level >= Level::Interact))
        }
        (Role::Member, Act::WatchSession) => grant.is_some_and(|grant| grant.session.is_some()),
        (Role::Auditor, Act::SeeCredential | Act::ReadAudit | Act::WatchSession | Act::EndSession) => true,
        _ => false,
    };
    if allowed { Ok(()) } else { Err(Denied { act }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Extras;

    const NONE: Option<Grant> = None;

    fn session(level: Level) -> Option<Grant> {
        Some(Grant { session: Some(level), ..Grant::SEE })
    }

    #[test]
    fn promise_6_what_is_not_granted_is_denied() {
        use Act::{EndSession, ReadAudit, Reveal, SeeCredential, StartSession, TakeToken, WatchSession};
        let table: &[(Role, Option<Grant>, &[Act])] = &[
            (Role::Member, NONE, &[]),
            (Role::Member, Some(Grant::SEE), &[SeeCredential]),
            (Role::Member, Some(Grant { extras: Extras::ALL, ..Grant::SEE }), &[SeeCredential]),
            (Role::Member, Some(Grant { token: true, ..Grant::SEE }), &[SeeCredential, TakeToken]),
            (Role::Member, Some(Grant { reveal: true, ..Grant::SEE }), &[SeeCredential, Reveal]),
            (Role::Member, session(Level::View), &[SeeCredential, WatchSession]),
            (Role::Member, session(Level::Interact), &[SeeCredential, WatchSession, StartSession]),
            (Role::Member, session(Level::Control), &[SeeCredential, WatchSession, StartSession]),
            (Role::Auditor, NONE, &[SeeCredential, ReadAudit, WatchSession, EndSession]),
        ];
        for (role, grant, allowed) in table {
            for act in Act::ALL {
                let answer = decide(*role, act, grant.as_ref()).is_ok();
                assert_eq!(answer, allowed.contains(&act), "{role} {grant:?} {act:?}");
            }
        }
        let everything = Grant { token: true, reveal: true, session: Some(Level::Control), extras: Extras::ALL };
        for act in [TakeToken, Reveal, StartSession] {
            assert!(decide(Role::Auditor, act, Some(&everything)).is_err(), "a grant makes no auditor a user");
        }
    }

    #[test]
    fn a_manager_rules_credentials_but_neither_users_nor_the_log() {
        for act in Act::ALL {
            let theirs = !matches!(act, Act::ReadAudit | Act::ManageUsers | Act::ManageVault);
            assert_eq!(decide(Role::Manager, act, None).is_ok(), theirs, "{act:?}");
            assert!(decide(Role::Administrator, act, None).is_ok());
        }
    }
}
