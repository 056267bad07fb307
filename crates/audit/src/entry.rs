use std::borrow::Cow;

use countersign_model::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ActorRef, Detail, Details};

/// One act, before it has a place in the chain. It names things and people and never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it happened, by the server's clock.
    pub at: Timestamp,
    /// Who did it.
    pub actor: ActorRef,
    /// What was done, by its stable name such as `token.read`.
    pub act: Cow<'static, str>,
    /// To what.
    pub object: Option<ObjectRef>,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// What else belongs to it: numbers, names and choices.
    pub details: Details,
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    /// What kind of thing.
    pub kind: ObjectKind,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<Uuid>,
    /// Its name at that time.
    pub name: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal;)*) => {
        /// Kinds of things that acts are done to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ObjectKind { $($(#[$doc])* $kind,)* }

        impl ObjectKind {
            const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The name in the export and the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The kind of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

kinds! {
    /// A credential.
    Credential = "credential";
    /// A user.
    User = "user";
    /// An API token.
    ApiToken = "api_token";
    /// A service account.
    ServiceAccount = "service_account";
    /// A secret of a service account.
    ClientSecret = "client_secret";
    /// A federated identity of a service account.
    FederatedIdentity = "federated_identity";
    /// A token of an identity provider.
    ScimToken = "scim_token";
    /// A signed-in browser.
    WebSession = "web_session";
    /// A user's passkey.
    Passkey = "passkey";
    /// A user's browser extension.
    Device = "device";
    /// A command line that waits to be signed in.
    DeviceLogin = "device_login";
    /// A change of a password at its site.
    Change = "change";
    /// A recorded session at a site.
    Session = "session";
    /// A group of users.
    Group = "group";
    /// What a person or a group may do with credentials of a tag or site.
    Grant = "grant";
    /// A place where the audit log also goes.
    Sink = "sink";
    /// The vault as a whole.
    Vault = "vault";
}

macro_rules! acts {
    ($($(#[$doc:meta])* $act:ident = $name:literal;)*) => {
        /// What can be recorded. The names are stable: exports and filters rely on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[$doc])* $act,)* }

        impl AuditAction {
            /// Every act.
            pub const ALL: &'static [Self] = &[$(Self::$act),*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$act => $name,)* }
            }
        }
    };
}

acts! {
    /// The vault was made.
    VaultCreated = "vault.created";
    /// The rows of authority that were there were marked, once, after the upgrade that brought marks.
    RowsMarked = "vault.rows_marked";
    /// A new vault key was made, and everything began to be wrapped under it.
    KeyRotationStarted = "vault.key_rotation_started";
    /// Everything is wrapped under the new vault key, and the former one is gone.
    KeyRotated = "vault.key_rotated";
    /// The vault key was split into shares.
    KeyExported = "vault.key_exported";
    /// A key file was made from shares.
    KeyImported = "vault.key_imported";
    /// The vault was moved to another database.
    VaultMoved = "vault.moved";
    /// The server made a backup by itself.
    BackupMade = "backup.made";
    /// The server could not make a backup.
    BackupFailed = "backup.failed";
    /// The whole log was read out.
    AuditExported = "audit.exported";
    /// Chosen records and recordings were read out for an auditor.
    BundleExported = "audit.bundle_exported";
    /// A place was added where the audit log also goes.
    SinkCreated = "sink.created";
    /// It was said anew where, how or what of the audit log goes to a place.
    SinkEdited = "sink.edited";
    /// A place where the audit log went is paused, or goes on.
    SinkPaused = "sink.paused";
    /// A place where the audit log went was removed.
    SinkRemoved = "sink.removed";
    /// Somebody tried whether a place takes records.
    SinkTested = "sink.tested";
    /// A place gets records again that it had, or is to begin later.
    SinkRewound = "sink.rewound";
    /// A token was handed out.
    TokenRead = "token.read";
    /// A time step was taken for a machine, with its token.
    TokenClaimed = "token.claimed";
    /// A token was asked for and refused.
    TokenDenied = "token.denied";
    /// A password was handed out.
    PasswordRevealed = "password.revealed";
    /// A password was asked for and refused.
    RevealDenied = "password.denied";
    /// A credential was added.
    CredentialCreated = "credential.created";
    /// A credential came in with an import.
    CredentialImported = "credential.imported";
    /// A credential was taken out with its secrets, in an export.
    CredentialExported = "credential.exported";
    /// Credentials were taken out; each has a record of its own.
    ExportCreated = "export.created";
    /// Somebody wanted to take credentials out and was refused.
    ExportDenied = "export.denied";
    /// An administrator asked another one to approve an export, or that exports need no approval any more.
    ExportRequested = "export.requested";
    /// Another administrator approved that.
    ExportApproved = "export.approved";
    /// Another administrator rejected it.
    ExportRejected = "export.rejected";
    /// Who asked took it back, or is no administrator any more.
    ExportCancelled = "export.cancelled";
    /// It was not approved in time, or was approved and not used in time.
    ExportExpired = "export.expired";
    /// Somebody tried to decide about it, and was refused.
    ExportDecisionRefused = "export.decision_refused";
    /// It was said anew whether exports need the approval of a second administrator.
    ExportApprovalSet = "export.approval_set";
    /// A setup key was transferred to a phone.
    SeedTransferred = "seed.transferred";
    /// A setup key was to be transferred to a phone, and that was refused.
    SeedTransferDenied = "seed.transfer_denied";
    /// A credential was changed.
    CredentialEdited = "credential.edited";
    /// A credential was removed: it went into the bin, from which it can be restored.
    CredentialRemoved = "credential.removed";
    /// A credential was put back from the bin.
    CredentialRestored = "credential.restored";
    /// A credential in the bin was deleted with its secrets.
    CredentialDeleted = "credential.deleted";
    /// It was said anew who may use a credential.
    CredentialGranted = "credential.granted";
    /// A person or a group was granted something.
    GrantCreated = "grant.created";
    /// A grant was changed.
    GrantEdited = "grant.edited";
    /// A grant was taken back.
    GrantRemoved = "grant.removed";
    /// Somebody looked at a grant and decided that it stays.
    GrantReviewed = "grant.reviewed";
    /// It was said anew after how many days grants come up for review.
    ReviewsSet = "grant.reviews_set";
    /// Somebody asked for what others have to approve.
    AccessRequested = "access.requested";
    /// Somebody used a request in an emergency, before anybody had approved it.
    AccessTaken = "access.emergency";
    /// Somebody approved a request.
    AccessApproved = "access.approved";
    /// Somebody rejected a request.
    AccessRejected = "access.rejected";
    /// Who asked took their request back before it was approved.
    AccessCancelled = "access.cancelled";
    /// What was approved was ended before its time.
    AccessRevoked = "access.revoked";
    /// A request was not approved in time, or what was approved has ended by time.
    AccessExpired = "access.expired";
    /// Somebody tried to decide about a request, and was refused.
    AccessDecisionRefused = "access.decision_refused";
    /// Somebody checked a credential out.
    CheckedOut = "check_out.begun";
    /// Somebody keeps what they have checked out for longer.
    CheckOutExtended = "check_out.extended";
    /// A credential that was checked out has come back: by who had it, by time, or because somebody took it back.
    CheckedIn = "check_out.ended";
    /// Somebody waits for a credential that another has checked out.
    CheckOutAwaited = "check_out.awaited";
    /// Somebody waits for it no more.
    CheckOutNotAwaited = "check_out.not_awaited";
    /// Somebody tried to check a credential out, in, or for longer, or to wait for it, and was refused.
    CheckOutRefused = "check_out.refused";
    /// A group of users was made.
    GroupCreated = "group.created";
    /// A group got another name.
    GroupRenamed = "group.renamed";
    /// A group was removed, with what was granted to it.
    GroupRemoved = "group.removed";
    /// Somebody, or a group, came into a group.
    GroupMemberAdded = "group.member_added";
    /// Somebody, or a group, was taken out of a group.
    GroupMemberRemoved = "group.member_removed";
    /// A person signed in.
    SignedIn = "user.signed_in";
    /// A person showed password and second factor once more.
    SignInConfirmed = "user.sign_in_confirmed";
    /// A person signed out.
    SignedOut = "user.signed_out";
    /// Somebody failed to sign in.
    SignInFailed = "user.sign_in_failed";
    /// Sign-in was locked after too many failures.
    SignInLocked = "user.locked_out";
    /// Requests were refused before anybody was recognised, or too often; one record may stand for many.
    Refused = "request.refused";
    /// A user was added.
    UserCreated = "user.created";
    /// A user was changed.
    UserEdited = "user.edited";
    /// A user was removed.
    UserRemoved = "user.removed";
    /// A link was made by which a user chooses their password themselves.
    SetUpLinkMade = "user.set_up_link_made";
    /// A user has chosen their password by such a link.
    SetUpLinkUsed = "user.set_up_link_used";
    /// A person changed their own password.
    OwnPasswordChanged = "user.password_changed";
    /// A person set up their second factor.
    SecondFactorSet = "user.second_factor_set";
    /// The second factor of a person was forgotten, by a command beside the server's data.
    SecondFactorReset = "user.second_factor_reset";
    /// A person signed in with a recovery code, in place of their authenticator.
    RecoveryCodeUsed = "user.recovery_code_used";
    /// A person made new recovery codes; those from before serve no more.
    RecoveryCodesMade = "user.recovery_codes_made";
    /// Somebody was connected with an account at the provider: by themselves, or at their first sign-in with it.
    ProviderConnected = "user.provider_connected";
    /// Somebody is connected with the provider no more.
    ProviderDisconnected = "user.provider_disconnected";
    /// Somebody came back from the provider and was not let in.
    ProviderRefused = "user.provider_refused";
    /// A person added a passkey.
    PasskeyAdded = "passkey.added";
    /// A person removed one of their passkeys.
    PasskeyRemoved = "passkey.removed";
    /// A passkey that a person wanted to add was refused.
    PasskeyRefused = "passkey.refused";
    /// A person made a code by which a browser extension is paired.
    PairingCodeMade = "device.code_made";
    /// A browser extension was paired.
    DevicePaired = "device.paired";
    /// A browser extension showed no code that is valid.
    PairingRefused = "device.pairing_refused";
    /// Browser extensions are refused for a while, from where too many wrong codes came.
    PairingLocked = "device.locked_out";
    /// A browser extension was removed.
    DeviceRemoved = "device.removed";
    /// A browser extension filled in a user name alone.
    CredentialFilled = "credential.filled";
    /// A browser extension asked for what belongs to another site than the page's.
    FillRefused = "credential.fill_refused";
    /// A signed-in browser was ended by its person.
    WebSessionEnded = "web_session.ended";
    /// All browsers and API tokens of somebody were ended by an administrator.
    WaysInEnded = "user.ways_in_ended";
    /// A person signed a command line in that showed a code.
    DeviceLoginApproved = "device_login.approved";
    /// A person refused to sign a command line in that showed a code.
    DeviceLoginDenied = "device_login.denied";
    /// A person typed a code of a command line that is not valid.
    DeviceLoginRefused = "device_login.refused";
    /// Codes of command lines are refused for a while, where too many wrong ones were typed.
    DeviceLoginLocked = "device_login.locked_out";
    /// An API token was made.
    ApiTokenCreated = "api_token.created";
    /// An API token was revoked.
    ApiTokenRevoked = "api_token.revoked";
    /// A service account was made.
    ServiceAccountCreated = "service_account.created";
    /// A service account was changed, kept out or let in again.
    ServiceAccountEdited = "service_account.edited";
    /// A service account was removed, with its secrets, tokens and grants.
    ServiceAccountRemoved = "service_account.removed";
    /// A secret was made for a service account.
    ClientSecretCreated = "service_account.secret_created";
    /// A secret of a service account ends at a time, because another takes its place.
    ClientSecretReplaced = "service_account.secret_replaced";
    /// A secret of a service account was removed, with the tokens that were given for it.
    ClientSecretRemoved = "service_account.secret_removed";
    /// A service account takes tokens of another issuer from now on, in place of a secret.
    FederatedIdentityAdded = "service_account.identity_added";
    /// A service account takes some tokens of another issuer no more; what was given for them has ended.
    FederatedIdentityRemoved = "service_account.identity_removed";
    /// A service account was given a token.
    AccessTokenIssued = "service_account.token_issued";
    /// Somebody asked for a token of a service account, and was refused.
    AccessTokenRefused = "service_account.token_refused";
    /// Tokens for a service account are refused for a while, from where too many wrong secrets came.
    AccessTokenLocked = "service_account.locked_out";
    /// A token was made by which an identity provider comes in.
    ScimTokenCreated = "scim.token_created";
    /// A token of an identity provider ends at a time, because another takes its place.
    ScimTokenReplaced = "scim.token_replaced";
    /// A token of an identity provider was removed.
    ScimTokenRemoved = "scim.token_removed";
    /// It was said anew what an identity provider may do.
    ScimEdited = "scim.edited";
    /// Users and groups that an identity provider had provisioned are the vault's own now.
    ScimDisconnected = "scim.disconnected";
    /// Somebody, or a policy, asked for a change of a password at its site.
    ChangeRequested = "change.requested";
    /// A worker began to sign in with the password for a change.
    ChangeStarted = "change.started";
    /// A worker was given a password to type at the credential's site.
    ChangePasswordUsed = "change.password_used";
    /// A new password was stored, before it is typed.
    ChangeCandidateStored = "change.candidate_stored";
    /// A change waits for a person to act in its browser.
    ChangeWaiting = "change.waiting";
    /// A change was put off.
    ChangePostponed = "change.postponed";
    /// The new password holds, proven by a fresh sign-in.
    ChangeDone = "change.changed";
    /// A rehearsal or heartbeat went well.
    ChangePassed = "change.passed";
    /// A change did not happen; the password is unchanged.
    ChangeFailed = "change.failed";
    /// Which password holds is not known.
    ChangeInDoubt = "change.in_doubt";
    /// A person said which password signs in, for a change in doubt; no machine has seen it.
    ChangeResolved = "change.resolved";
    /// A change was called off.
    ChangeCancelled = "change.cancelled";
    /// It was said anew how a credential's site is dealt with.
    AutomationEdited = "automation.edited";
    /// It was said anew with which provider people may sign in, and how.
    ProviderEdited = "provider.edited";
    /// People sign in with no provider any more.
    ProviderRemoved = "provider.removed";
    /// Somebody tried whether a provider can be used.
    ProviderTested = "provider.tested";
    /// It was said anew where notices go.
    NoticesEdited = "notices.edited";
    /// Somebody tried whether notices arrive.
    NoticesTested = "notices.tested";
    /// A session was asked for; its browser opens after this is written.
    SessionStarted = "session.started";
    /// A session was asked for, or a way into one tried, and refused.
    SessionDenied = "session.denied";
    /// Somebody came into a session.
    SessionJoined = "session.joined";
    /// Somebody left a session.
    SessionLeft = "session.left";
    /// What somebody was about to do in a session was no longer granted to them.
    SessionActDenied = "session.act_denied";
    /// Somebody has used a link into a session; from then on they may come in.
    SessionLinkUsed = "session.link_used";
    /// Somebody's links into a session were taken back.
    SessionLinksWithdrawn = "session.links_withdrawn";
    /// Somebody has looked at a screenshot of a change.
    ScreenshotSeen = "change.screenshot_seen";
    /// A one-time link into a session was made.
    SessionLinkMade = "session.link_made";
    /// Somebody asked that a session end.
    SessionEndAsked = "session.end_asked";
    /// A session ended.
    SessionEnded = "session.ended";
    /// Somebody took control of a session.
    SessionControlTaken = "session.control_taken";
    /// Somebody gave control of a session back.
    SessionControlGiven = "session.control_given";
    /// Somebody froze a session's picture and input.
    SessionFrozen = "session.frozen";
    /// A session's picture and input go on.
    SessionThawed = "session.thawed";
    /// A person said that what was asked of them is done.
    SessionDone = "session.done";
    /// A clipboard was put into a session's page.
    SessionClipboardIn = "session.clipboard_in";
    /// What was selected was taken out of a session's page.
    SessionClipboardOut = "session.clipboard_out";
    /// A file was given to a session's page.
    SessionUploaded = "session.uploaded";
    /// A file was taken from a session's page.
    SessionDownloaded = "session.downloaded";
    /// Another address was opened in a session.
    SessionAddressOpened = "session.address_opened";
    /// A recording was opened.
    RecordingOpened = "session.recording_opened";
    /// A recording was removed, by its age or for room.
    RecordingRemoved = "session.recording_removed";
}

impl AuditEntry {
    /// An act of somebody at a time.
    pub fn new(at: Timestamp, actor: impl Into<ActorRef>, act: AuditAction) -> Self {
        Self {
            at,
            actor: actor.into(),
            act: Cow::Borrowed(act.name()),
            object: None,
            reason: None,
            details: Details::new(),
        }
    }

    /// Says to what it was done.
    #[must_use]
    pub fn on(mut self, kind: ObjectKind, id: Uuid, name: impl Into<String>) -> Self {
        self.object = Some(ObjectRef { kind, id: Some(id), name: name.into() });
        self
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, reason: Option<&countersign_model::Reason>) -> Self {
        self.reason = reason.map(|reason| reason.as_str().to_owned()).or(self.reason);
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Detail>) -> Self {
        self.details.insert(Cow::Borrowed(name), value.into());
        self
    }
}
