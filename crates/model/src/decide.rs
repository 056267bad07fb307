use crate::{Grant, Role};

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
    /// Read the audit log.
    ReadAudit,
    /// Add, change and remove users.
    ManageUsers,
    /// See and change how the vault runs.
    ManageVault,
}

impl Act {
    /// Every act, for tables and for telling a page what to offer.
    pub const ALL: [Self; 11] = [
        Self::SeeCredential,
        Self::TakeToken,
        Self::Reveal,
        Self::CreateCredential,
        Self::EditCredential,
        Self::ChangePassword,
        Self::RemoveCredential,
        Self::GrantCredential,
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
            | Act::GrantCredential,
        ) => true,
        (Role::Member, Act::SeeCredential) => grant.is_some(),
        (Role::Member, Act::TakeToken) => grant.is_some_and(|grant| grant.token),
        (Role::Member, Act::Reveal) => grant.is_some_and(|grant| grant.reveal),
        (Role::Auditor, Act::SeeCredential | Act::ReadAudit) => true,
        _ => false,
    };
    if allowed { Ok(()) } else { Err(Denied { act }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Option<Grant> = None;
    const TOKEN: Option<Grant> = Some(Grant { token: true, reveal: false });
    const REVEAL: Option<Grant> = Some(Grant { token: false, reveal: true });
    const SEE: Option<Grant> = Some(Grant { token: false, reveal: false });

    #[test]
    fn promise_6_what_is_not_granted_is_denied() {
        let secrets = [Act::TakeToken, Act::Reveal];
        let table: &[(Role, Option<Grant>, &[Act])] = &[
            (Role::Member, NONE, &[]),
            (Role::Member, SEE, &[Act::SeeCredential]),
            (Role::Member, TOKEN, &[Act::SeeCredential, Act::TakeToken]),
            (Role::Member, REVEAL, &[Act::SeeCredential, Act::Reveal]),
            (Role::Auditor, NONE, &[Act::SeeCredential, Act::ReadAudit]),
        ];
        for (role, grant, allowed) in table {
            for act in Act::ALL {
                let answer = decide(*role, act, grant.as_ref()).is_ok();
                assert_eq!(answer, allowed.contains(&act), "{role} {grant:?} {act:?}");
            }
        }
        for act in secrets {
            let everything = Grant { token: true, reveal: true };
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
