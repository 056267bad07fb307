//! Which acts tell of who was let in, by what, and of what was ended since.

use crate::{AuditAction, AuditEntry};

impl AuditAction {
    /// Those that tell of who was let in, by what, and of what was ended since.
    pub const OF_AUTHORITY: [Self; 23] = [
        Self::UserCreated,
        Self::UserEdited,
        Self::UserRemoved,
        Self::SignedIn,
        Self::SignedOut,
        Self::SetUpLinkUsed,
        Self::SecondFactorReset,
        Self::WaysInEnded,
        Self::WebSessionEnded,
        Self::ApiTokenCreated,
        Self::ApiTokenRevoked,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::DevicePaired,
        Self::DeviceRemoved,
        Self::ServiceAccountCreated,
        Self::ServiceAccountEdited,
        Self::ServiceAccountRemoved,
        Self::ClientSecretReplaced,
        Self::ClientSecretRemoved,
        Self::FederatedIdentityRemoved,
        Self::ScimTokenReplaced,
        Self::ScimTokenRemoved,
    ];
}

impl AuditEntry {
    /// Whether it tells of who was let in, by what, and of what was ended since.
    pub fn is_of_authority(&self) -> bool {
        AuditAction::OF_AUTHORITY.iter().any(|act| self.act == act.name())
    }
}
