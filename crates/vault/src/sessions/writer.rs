//! What writes of a session beside its host.

use countersign_audit::{AuditEntry, ObjectKind};
use countersign_model::{CredentialId, SessionId};

use crate::Vault;

/// Writes down what is done in a session and what is seen of it, beside the host that holds it. A part of its recording is
/// taken only while that host has the session, and what somebody does is recorded only where they still may do it.
pub struct SessionWriter {
    pub(super) vault: Vault,
    pub(super) id: SessionId,
    pub(super) credential: CredentialId,
    pub(super) credential_name: String,
    pub(super) node: String,
}

impl SessionWriter {
    /// The session.
    pub const fn session(&self) -> SessionId {
        self.id
    }

    pub(super) fn entry(&self, entry: AuditEntry) -> AuditEntry {
        entry
            .on(ObjectKind::Credential, self.credential.uuid(), self.credential_name.as_str())
            .with("session", self.id.to_string())
    }
}
