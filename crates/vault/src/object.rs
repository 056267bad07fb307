//! What an answer says is not there.

use std::fmt;

/// What is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A way for a program to come in.
    ApiToken,
    /// A secret of a service account.
    ClientSecret,
    /// Whose tokens a service account takes in place of a secret.
    FederatedIdentity,
    /// An account of a program.
    ServiceAccount,
    /// A change of a password.
    Change,
    /// An account with its secrets.
    Credential,
    /// One that was removed and can be restored.
    RemovedCredential,
    /// A file of a session.
    File,
    /// What a person or a group may do.
    Grant,
    /// A group of users.
    Group,
    /// A way into a session for one person.
    Link,
    /// Somebody, or a group, in a group.
    Member,
    /// A session that runs on this server.
    LiveSession,
    /// A browser extension of somebody's.
    Device,
    /// With what somebody signs in.
    Passkey,
    /// A version of a password.
    PasswordVersion,
    /// The provider with which people sign in, or somebody's being connected with it.
    Provider,
    /// A part of a recording.
    RecordingPart,
    /// What somebody asked others to approve.
    Request,
    /// How a page looked in a change.
    Screenshot,
    /// A browser for people, or somebody's being signed in.
    Session,
    /// A place where the audit log also goes.
    Sink,
    /// Somebody who signs in.
    User,
    /// The vault itself: its database is empty.
    Vault,
    /// The key that seals.
    VaultKey,
    /// A filter that somebody keeps.
    View,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiToken => "API token",
            Self::ClientSecret => "client secret",
            Self::FederatedIdentity => "federated identity",
            Self::ServiceAccount => "service account",
            Self::Change => "change",
            Self::Credential => "credential",
            Self::RemovedCredential => "credential in the bin",
            Self::File => "file",
            Self::Grant => "grant",
            Self::Group => "group",
            Self::Link => "link",
            Self::Member => "member of this group",
            Self::LiveSession => "live session",
            Self::Device => "browser extension",
            Self::Passkey => "passkey",
            Self::PasswordVersion => "version",
            Self::Provider => "sign-in provider here",
            Self::RecordingPart => "part of this recording",
            Self::Request => "request",
            Self::Screenshot => "picture",
            Self::Session => "session",
            Self::Sink => "destination",
            Self::User => "user",
            Self::Vault => "vault",
            Self::VaultKey => "vault key",
            Self::View => "saved view",
        })
    }
}
