use crate::{GrantId, RequestId, Unmet};

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
    /// Read the records about one credential.
    ReadRecords,
    /// Read the audit log.
    ReadAudit,
    /// Add, change and remove users.
    ManageUsers,
    /// Make groups of users, change and remove them, and grant them credentials by tag or site.
    ManageGroups,
    /// See and change how the vault runs.
    ManageVault,
    /// Take credentials out with their passwords and seeds, as other programs' files.
    ExportCredentials,
    /// Put one credential's seed on a phone.
    TransferSeed,
}

impl Action {
    /// Every act, for tables and for telling a page what to offer.
    pub const ALL: [Self; 19] = [
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
        Self::ReadRecords,
        Self::ReadAudit,
        Self::ManageUsers,
        Self::ManageGroups,
        Self::ManageVault,
        Self::ExportCredentials,
        Self::TransferSeed,
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
            Self::ReadRecords => "read the records of this credential",
            Self::ReadAudit => "read the audit log",
            Self::ManageUsers => "manage users",
            Self::ManageGroups => "manage groups and access by tag or site",
            Self::ManageVault => "manage the vault",
            Self::ExportCredentials => "export credentials",
            Self::TransferSeed => "transfer this credential's setup key to a phone",
        }
    }

    /// Whether the account at the site is used by it, which is for one person at a time where somebody has checked it out.
    pub const fn is_use(self) -> bool {
        matches!(self, Self::TakeToken | Self::Reveal | Self::ChangePassword | Self::StartSession | Self::TransferSeed)
    }

    /// Whether an API token may do it only when it was made to manage people, grants and automation, or to take everything out.
    pub const fn needs_admin_scope(self) -> bool {
        matches!(
            self,
            Self::GrantCredential
                | Self::SetAutomation
                | Self::ManageUsers
                | Self::ManageGroups
                | Self::ExportCredentials
        )
    }

    /// Whether only a person does it who is signed in in the page: what is shown leaves the vault for good, and no program is to have it.
    pub const fn is_in_page_alone(self) -> bool {
        matches!(self, Self::TransferSeed)
    }

    /// Whether a browser extension does it: it is all that it takes to fill in a form.
    pub const fn is_filling(self) -> bool {
        matches!(self, Self::SeeCredential | Self::TakeToken | Self::Reveal)
    }
}

/// The answer is yes, and this is why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedBy {
    /// Whoever has this role may.
    Role,
    /// This grant allows it, where it asks for an approval by this request.
    Grant(GrantId, Option<RequestId>),
}

impl AllowedBy {
    /// The grant, where one allows it.
    pub const fn grant(self) -> Option<GrantId> {
        match self {
            Self::Role => None,
            Self::Grant(id, _) => Some(id),
        }
    }

    /// The approved request, where one was needed.
    pub const fn request(self) -> Option<RequestId> {
        match self {
            Self::Role => None,
            Self::Grant(_, request) => request,
        }
    }
}

/// The answer is no, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("you are not allowed to {}{}", act.phrase(), because(unmet))]
pub struct Denied {
    /// What was asked.
    pub act: Action,
    /// What a grant asks for that would allow it: all of it, by the grant that is nearest. Empty where no grant would. What is
    /// allowed after something else has happened, such as an approval, is one more kind of it.
    pub unmet: Vec<Unmet>,
}

impl Denied {
    /// No, whatever the conditions.
    pub const fn plainly(act: Action) -> Self {
        Self { act, unmet: Vec::new() }
    }
}

fn because(unmet: &[Unmet]) -> String {
    // Who has to wait is not told to check it out as well.
    let waits = unmet.iter().any(|one| matches!(one, Unmet::CheckedOut { .. }));
    let told = unmet.iter().filter(|one| !waits || **one != Unmet::CheckOut);
    let each: Vec<String> = told.map(ToString::to_string).collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join("; ")) }
}
