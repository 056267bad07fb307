use std::time::Duration;

use crate::{AccessContext, Action, AllowedBy, Denied, Grants, Reach, Role, Timestamp};

/// The one rule of who may do what. What is not named here is denied.
///
/// A role allows what it allows, and no grant restricts that. No role transfers a setup key: that is granted, to administrators as well. Beyond their role, people have what is granted to them or to a
/// group that they are in: one grant that allows the act and whose conditions all hold is enough. So another grant never takes
/// anything away, and another condition never gives anything. `grants` are those on the credential concerned.
///
/// # Errors
/// [`Denied`] says which conditions of the grant that is nearest do not hold.
pub fn decide(role: Role, act: Action, grants: &Grants, context: &AccessContext<'_>) -> Result<AllowedBy, Denied> {
    match decide_by_role(role, act) {
        Ok(by) => Ok(by),
        // Who audits uses nothing, whatever was granted.
        Err(denied) if role == Role::Auditor => Err(denied),
        Err(_) => grants.decide(act, context),
    }
}

/// [`decide`] for acts that concern no credential, and for what a role allows with each.
///
/// # Errors
/// [`Denied`], of no grant.
pub fn decide_by_role(role: Role, act: Action) -> Result<AllowedBy, Denied> {
    let allowed = match role {
        Role::Administrator => act != Action::TransferSeed,
        Role::Manager => matches!(
            act,
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
                | Action::EndSession
                | Action::ManageGroups
        ),
        Role::Auditor => matches!(
            act,
            Action::SeeCredential | Action::ReadRecords | Action::ReadAudit | Action::WatchSession | Action::EndSession
        ),
        Role::Member => false,
    };
    if allowed { Ok(AllowedBy::Role) } else { Err(Denied::plainly(act)) }
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
    /// A browser extension does not do it.
    #[error("a browser extension only fills in user names, passwords and tokens: do this in the page")]
    DeviceOnlyFills,
    /// Only a person does it who is signed in in the page.
    #[error(
        "a setup key goes to a phone from the page alone, where you are signed in: no API token and no command gets it"
    )]
    SignedInOnly,
}

/// Whether an API token or a browser extension reaches as far as the act; the page and the server's machine do.
pub fn reaches(reach: Reach, act: Action) -> Result<(), TooShort> {
    match reach {
        Reach::Token { admin: false } if act.needs_admin_scope() => Err(TooShort::Scope),
        Reach::Device if !act.is_filling() => Err(TooShort::DeviceOnlyFills),
        Reach::Token { .. } | Reach::Machine if act.is_in_page_alone() => Err(TooShort::SignedInOnly),
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
        // Nobody shows a password to an extension.
        Reach::Device => Err(TooShort::DeviceOnlyFills),
        _ => Ok(()),
    }
}

/// Whether one may act on one's own account: its password, its second factor, its ways in.
pub fn may_change_own_account(reach: Reach, now: Timestamp, within: Duration) -> Result<(), TooShort> {
    match reach {
        Reach::Token { .. } => Err(TooShort::PageOnly),
        Reach::Device => Err(TooShort::DeviceOnlyFills),
        Reach::Page { .. } | Reach::Machine => is_recent(reach, now, within),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reaches_as_far_as_it_was_made_to() {
        for act in Action::ALL {
            let managing = matches!(
                act,
                Action::ManageUsers
                    | Action::ManageGroups
                    | Action::GrantCredential
                    | Action::SetAutomation
                    | Action::ExportCredentials
            );
            let refused = if managing { Err(TooShort::Scope) } else { Ok(()) };
            let only_in_page = act == Action::TransferSeed;
            let of_programs = if only_in_page { Err(TooShort::SignedInOnly) } else { Ok(()) };
            assert_eq!(reaches(Reach::Token { admin: false }, act), refused.and(of_programs), "{act:?}");
            let page = Reach::Page { confirmed_at: Timestamp::from_seconds(0) };
            assert_eq!(reaches(page, act), Ok(()), "{act:?}");
            for reach in [Reach::Token { admin: true }, Reach::Machine] {
                assert_eq!(reaches(reach, act), of_programs, "{act:?}");
            }
            let filling = matches!(act, Action::SeeCredential | Action::TakeToken | Action::Reveal);
            let refused = if filling { Ok(()) } else { Err(TooShort::DeviceOnlyFills) };
            assert_eq!(reaches(Reach::Device, act), refused, "{act:?}");
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
            (Reach::Device, Err(TooShort::DeviceOnlyFills)),
            (Reach::Machine, Ok(())),
        ];
        assert_eq!(is_recent(Reach::Device, now, within), Err(TooShort::DeviceOnlyFills));
        for (reach, answer) in table {
            assert_eq!(may_change_own_account(reach, now, within), answer, "{reach:?}");
        }
    }

    #[test]
    fn a_manager_rules_credentials_but_neither_users_nor_the_log() {
        for act in Action::ALL {
            let theirs = !matches!(
                act,
                Action::ReadRecords
                    | Action::ReadAudit
                    | Action::ManageUsers
                    | Action::ManageVault
                    | Action::ExportCredentials
                    | Action::TransferSeed
            );
            assert_eq!(decide_by_role(Role::Manager, act).is_ok(), theirs, "{act:?}");
            let administrators = decide_by_role(Role::Administrator, act).is_ok();
            assert_eq!(administrators, act != Action::TransferSeed, "{act:?}");
        }
    }
}
