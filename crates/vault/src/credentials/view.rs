//! A credential as somebody sees it. No secret is in it.

use countersign_model::{
    AccessContext, Action, Actor, ChangeId, ChangeState, CredentialId, CredentialName, CredentialStatus, NoTls, Notes,
    SecondFactor, SiteAddress, Tag, Timestamp, Username, decide, reaches,
};
use countersign_store::{automation::AutomationRow, credentials::CredentialRow};

use crate::credentials::{
    places::places,
    transfer::{PhoneView, is_transferable},
};

/// A credential as somebody sees it, with what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialView {
    /// Its id.
    pub id: CredentialId,
    /// What the team calls it.
    pub name: CredentialName,
    /// The account's name.
    pub username: Username,
    /// Where it signs in.
    pub site: Option<SiteAddress>,
    /// Free text.
    pub notes: Notes,
    /// Whether it is in use.
    pub status: CredentialStatus,
    /// Moves with each edit.
    pub revision: i64,
    /// Whether a password is stored.
    pub has_password: bool,
    /// What kind of codes its seed gives.
    pub second_factor: Option<SecondFactor>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// When its password last changed.
    pub password_changed_at: Option<Timestamp>,
    /// The words that group it.
    pub tags: Vec<Tag>,
    /// When somebody last used it; told in lists alone.
    pub last_used: LastUsed,
    /// What the actor may do with it.
    pub may: CredentialPermissions,
    /// The open change of its password that cannot end without a person, and where it stands: in doubt, or waiting.
    pub attention: Option<(ChangeId, ChangeState)>,
    /// On whose phones its setup key is; not in lists.
    pub phones: Vec<PhoneView>,
    /// Why nothing may be typed at its site. In lists the site alone is looked at, not the site settings.
    pub not_automatable: Option<NoTls>,
}

/// When somebody last used a credential, as the log tells it up to a minute ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUsed {
    /// Whoever looks may not know, or the log is still being looked through.
    Untold,
    /// Nobody has.
    Never,
    /// Then.
    At(Timestamp),
}

/// What somebody may do with a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub struct CredentialPermissions {
    /// Take its token.
    pub token: bool,
    /// See its password.
    pub reveal: bool,
    /// Edit it.
    pub edit: bool,
    /// Have its password changed at the site.
    pub change: bool,
    /// Start a session at its site.
    pub session: bool,
    /// Remove it.
    pub remove: bool,
    /// Say who uses it.
    pub grant: bool,
    /// Read the records about it.
    pub audit: bool,
    /// Transfer its setup key to a phone, where it has one that can be.
    pub transfer: bool,
}

/// What may be done is what would be allowed with all that grants ask for: what is missing is said when it is tried.
pub(crate) fn view(actor: &Actor, row: CredentialRow, now: Timestamp) -> CredentialView {
    let context = AccessContext::in_principle_for(actor, now);
    let may = |act| decide(actor.role, act, &row.grants, &context).is_ok();
    CredentialView {
        may: CredentialPermissions {
            token: may(Action::TakeToken),
            reveal: may(Action::Reveal),
            edit: may(Action::EditCredential),
            change: may(Action::ChangePassword),
            session: may(Action::StartSession),
            remove: may(Action::RemoveCredential),
            grant: may(Action::GrantCredential),
            audit: may(Action::ReadRecords),
            transfer: row.second_factor.is_some_and(is_transferable)
                && reaches(actor.reach, Action::TransferSeed).is_ok()
                && may(Action::TransferSeed),
        },
        last_used: LastUsed::Untold,
        attention: None,
        phones: Vec::new(),
        not_automatable: places(row.site.as_ref(), &AutomationRow::default()).check_tls().err(),
        id: row.id,
        name: row.name,
        username: row.username,
        site: row.site,
        notes: row.notes,
        status: row.status,
        revision: row.revision,
        has_password: row.has_password,
        second_factor: row.second_factor,
        created_at: row.created_at,
        updated_at: row.updated_at,
        password_changed_at: row.password_changed_at,
        tags: row.tags,
    }
}
