use serde::{Deserialize, Serialize};

use crate::{AccessScope, Action, Extras, Level, ScopePermission};

/// What a grant allows with each credential that it is on. Whoever has any grant sees the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub struct GrantPermissions {
    /// Take its token.
    pub token: bool,
    /// See its password.
    pub reveal: bool,
    /// How far they may go in its sessions; `None`: not into any.
    pub session: Option<Level>,
    /// What they may do in its sessions beside that.
    pub extras: Extras,
    /// Have its password changed at the site, and what belongs to that.
    pub change: bool,
    /// Edit it.
    pub edit: bool,
    /// Grant to others what they have themselves.
    pub share: bool,
    /// Read the records about it.
    pub audit: bool,
    /// Transfer its setup key to a phone. Nothing else implies it, and no role has it.
    pub transfer: bool,
}

impl GrantPermissions {
    /// See that the credential is there, and nothing else.
    pub const SEE: Self = Self {
        token: false,
        reveal: false,
        session: None,
        extras: Extras::NONE,
        change: false,
        edit: false,
        share: false,
        audit: false,
        transfer: false,
    };

    /// Everything that can be granted.
    pub const ALL: Self = Self {
        token: true,
        reveal: true,
        session: Some(Level::Control),
        extras: Extras::ALL,
        change: true,
        edit: true,
        share: true,
        audit: true,
        transfer: true,
    };

    /// What a token lets through that was narrowed to this. None transfers setup keys: there is no word for it.
    pub fn of_scope(scope: &AccessScope) -> Self {
        let session = scope.has(ScopePermission::Session);
        Self {
            token: scope.has(ScopePermission::Token),
            reveal: scope.has(ScopePermission::Reveal),
            session: session.then_some(Level::Control),
            extras: if session { Extras::ALL } else { Extras::NONE },
            change: scope.has(ScopePermission::Change),
            edit: scope.has(ScopePermission::Edit),
            share: scope.has(ScopePermission::Share),
            audit: scope.has(ScopePermission::Audit),
            transfer: false,
        }
    }

    /// Whether an act is among them.
    pub fn allow(self, act: Action) -> bool {
        match act {
            Action::SeeCredential => true,
            Action::TakeToken => self.token,
            Action::Reveal => self.reveal,
            Action::StartSession => self.session >= Some(Level::Interact),
            Action::WatchSession => self.session.is_some(),
            Action::ChangePassword => self.change,
            Action::EditCredential => self.edit,
            Action::GrantCredential => self.share,
            Action::ReadRecords => self.audit,
            Action::TransferSeed => self.transfer,
            Action::CreateCredential
            | Action::RemoveCredential
            | Action::SetAutomation
            | Action::EndSession
            | Action::ReadAudit
            | Action::ManageUsers
            | Action::ManageGroups
            | Action::ManageVault
            | Action::ExportCredentials => false,
        }
    }

    /// What either of the two allows.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            token: self.token || other.token,
            reveal: self.reveal || other.reveal,
            session: self.session.max(other.session),
            extras: self.extras.or(other.extras),
            change: self.change || other.change,
            edit: self.edit || other.edit,
            share: self.share || other.share,
            audit: self.audit || other.audit,
            transfer: self.transfer || other.transfer,
        }
    }

    /// What both of the two allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            token: self.token && other.token,
            reveal: self.reveal && other.reveal,
            session: self.session.min(other.session),
            extras: self.extras.and(other.extras),
            change: self.change && other.change,
            edit: self.edit && other.edit,
            share: self.share && other.share,
            audit: self.audit && other.audit,
            transfer: self.transfer && other.transfer,
        }
    }

    /// Whether `other` allows all of it.
    pub fn is_within(self, other: Self) -> bool {
        let each = [
            (self.token, other.token),
            (self.reveal, other.reveal),
            (self.change, other.change),
            (self.edit, other.edit),
            (self.share, other.share),
            (self.audit, other.audit),
            (self.transfer, other.transfer),
        ];
        each.into_iter().all(|(own, theirs)| theirs || !own)
            && self.session <= other.session
            && self.extras.is_within(other.extras)
    }
}
