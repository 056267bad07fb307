use std::time::Duration;

use crate::{Grant, Level, Reach, Role, Timestamp};

/// What somebody wants to do, as far as permission is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
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
    /// Say how a credential's site is dealt with, and when its password is changed without anybody asking.
    SetAutomation,
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

impl Action {
    /// Every act, for tables and for telling a page what to offer.
    pub const ALL: [Self; 15] = [
        Self::SeeCredential,
        Self::TakeToken,
        Self::Reveal,
        Self::CreateCredential,
        Self::EditCredential,
        Self::ChangePassword,
        Self::RemoveCredential,
        Self::GrantCredential,
        Self::SetAutomation,
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
            Self::TakeToken => "use this credential's token",
            Self::Reveal => "see this credential's password",
            Self::CreateCredential => "create credentials",
            Self::EditCredential => "edit this credential",
            Self::ChangePassword => "change this credential's password at its site",
            Self::RemoveCredential => "remove this credential",
            Self::GrantCredential => "grant access to this credential",
            Self::SetAutomation => "set this credential's automation",
            Self::StartSession => "start a session with this credential",
            Self::WatchSession => "view this session",
            Self::EndSession => "end this session",
            Self::ReadAudit => "read the audit log",
            Self::ManageUsers => "manage users",
            Self::ManageVault => "manage the vault",
        }
    }

    /// Whether an API token may do it only when it was made to manage people, grants and automation.
    pub const fn needs_admin_scope(self) -> bool {
        matches!(self, Self::GrantCredential | Self::SetAutomation | Self::ManageUsers)
    }
}

/// The answer is no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("you are not allowed to {}", act.phrase())]
pub struct Denied {
    /// What was asked.
    pub act: Action,
}

/// The one rule of who may do what. What is not named here is denied.
///
/// `grant` is what the person was granted on the credential concerned, if anything; acts that concern no credential
/// pass `None`.
pub fn decide(role: Role, act: Action, grant: Option<&Grant>) -> Result<(), Denied> {
    let allowed = match (role, act) {
        (Role::Administrator, _) => true,
        (
            Role::Manager,
            Action::SeeCredential
            | Action::TakeToken
            | Action::Reveal
            | Action::CreateCredential
            | Action::EditCredential
            | Action::ChangePassword
            | Action::RemoveCredential
            | Action::GrantCredential
            | Action::SetAutomation
            | Action::StartSession
            | Action::WatchSession
            | Action::EndSession,
        ) => true,
        (Role::Member, Action::SeeCredential) => grant.is_some(),
        (Role::Member, Action::TakeToken) => grant.is_some_and(|grant| grant.token),
        (Role::Member, Action::Reveal) => grant.is_some_and(|grant| grant.reveal),
        (Role::Member, Action::StartSession) => {
            grant.is_some_and(|grant| grant.session.is_some_and(|level| level >= Level::Interact))
        }
        (Role::Member, Action::WatchSession) => grant.is_some_and(|grant| grant.session.is_some()),
        (Role::Auditor, Action::SeeCredential | Action::ReadAudit | Action::WatchSession | Action::EndSession) => true,
        _ => false,
    };
    if allowed { Ok(()) } else { Err(Denied { act }) }
}

/// What stands in the way although the role would do, for acts on one's own account and on other people's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooShort {
    /// The API token was not made for it.
    #[error("this API token cannot manage users, access and automation")]
    Scope,
    /// Password and second factor were shown too long ago.
    #[error("this needs your password and code again: you entered them too long ago")]
    NotRecent,
    /// It is done in a browser alone.
    #[error("an API token cannot do this: your own account is changed in the page, where you are signed in")]
    PageOnly,
}

/// Whether an API token reaches as far as the act; a browser and the server's machine do.
pub fn reaches(reach: Reach, act: Action) -> Result<(), TooShort> {
    match reach {
        Reach::Token { admin: false } if act.needs_admin_scope() => Err(TooShort::Scope),
        _ => Ok(()),
    }
}

/// Whether password and second factor were shown at most `within` ago; asked of browsers only.
pub fn is_recent(reach: Reach, now: Timestamp, within: Duration) -> Result<(), TooShort> {
    match reach {
        // A clock that was set back makes nothing recent.
        Reach::Page { confirmed_at } if confirmed_at > now || now.since(confirmed_at) > within => {
            Err(TooShort::NotRecent)
        }
        _ => Ok(()),
    }
}

/// Whether one may act on one's own account: its password, its second factor, its ways in.
pub fn may_change_own_account(reach: Reach, now: Timestamp, within: Duration) -> Result<(), TooShort> {
    match reach {
        Reach::Token { .. } => Err(TooShort::PageOnly),
        Reach::Page { .. } | Reach::Machine => is_recent(reach, now, within),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Extras;

    #[test]
    fn a_token_reaches_as_far_as_it_was_made_to() {
        for act in Action::ALL {
            let managing = matches!(act, Action::ManageUsers | Action::GrantCredential | Action::SetAutomation);
            let refused = if managing { Err(TooShort::Scope) } else { Ok(()) };
            assert_eq!(reaches(Reach::Token { admin: false }, act), refused, "{act:?}");
            let page = Reach::Page { confirmed_at: Timestamp::from_seconds(0) };
            for reach in [Reach::Token { admin: true }, page, Reach::Machine] {
                assert_eq!(reaches(reach, act), Ok(()), "{act:?}");
            }
        }
    }

    #[test]
    fn ones_own_account_asks_for_a_browser_and_a_recent_sign_in() {
        let now = Timestamp::from_seconds(100_000);
        let within = Duration::from_secs(900);
        let page = |ago: i64| Reach::Page { confirmed_at: Timestamp::from_seconds(100_000 - ago) };
        let table = [
            (page(0), Ok(())),
            (page(900), Ok(())),
            (page(901), Err(TooShort::NotRecent)),
            (page(-1), Err(TooShort::NotRecent)),
            (Reach::Token { admin: true }, Err(TooShort::PageOnly)),
            (Reach::Token { admin: false }, Err(TooShort::PageOnly)),
            (Reach::Machine, Ok(())),
        ];
        for (reach, answer) in table {
            assert_eq!(may_change_own_account(reach, now, within), answer, "{reach:?}");
        }
    }

    const NONE: Option<Grant> = None;

    fn session(level: Level) -> Option<Grant> {
        Some(Grant { session: Some(level), ..Grant::SEE })
    }

    #[test]
    fn promise_6_what_is_not_granted_is_denied() {
        use Action::{EndSession, ReadAudit, Reveal, SeeCredential, StartSession, TakeToken, WatchSession};
        let table: &[(Role, Option<Grant>, &[Action])] = &[
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
            for act in Action::ALL {
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
        for act in Action::ALL {
            let theirs = !matches!(act, Action::ReadAudit | Action::ManageUsers | Action::ManageVault);
            assert_eq!(decide(Role::Manager, act, None).is_ok(), theirs, "{act:?}");
            assert!(decide(Role::Administrator, act, None).is_ok());
        }
    }
}
