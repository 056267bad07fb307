use std::{fmt, sync::Arc, time::Duration};

use countersign_identity::{DeviceRefusal, NoPasskeys, PasskeyRefusal};
use countersign_model::{
    ChangeId, ChangeReason, CheckOutRefusal, Denied, GroupCycle, Invalid, NoTls, ProviderRefusal, RequestId,
    RequestRefusal, SessionId, Timestamp, TooShort, VaultRequestId, VaultRequestRefusal,
};
use countersign_seal::{NotOpened, WrongReceipt};
use countersign_store::engine;

use crate::Object;

/// Why a use case was not carried out. Nothing was changed, unless the text says otherwise, and no secret left.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or no longer.
    #[error("sign in to continue")]
    NotSignedIn,
    /// Name, password or code were not right, or the code is missing; which of them is not said.
    #[error("wrong user name, password or code")]
    SignInFailed,
    /// A passkey's answer does not count.
    #[error("{0}")]
    PasskeyRefused(PasskeyRefusal),
    /// Browsers take no passkeys at this server's address.
    #[error(transparent)]
    NoPasskeys(#[from] NoPasskeys),
    /// A request of a browser extension does not count.
    #[error(transparent)]
    DeviceRefused(#[from] DeviceRefusal),
    /// The code that pairs a browser extension is none, was used, or is too old: which, is not said.
    #[error(
        "this pairing code is not valid: codes serve once, for five minutes, at the address that the page shows with them"
    )]
    PairingRefused,
    /// Too many pairing codes that are not valid.
    #[error("too many wrong pairing codes from this network: try again in {} seconds", wait.as_secs().max(1))]
    PairingLocked {
        /// How long it lasts.
        wait: Duration,
    },
    /// The code that a command line shows is none, was used, is too old, or another person has typed it: which, is not said.
    #[error("this code is not valid: codes serve once, for ten minutes, and for the person who types them first")]
    DeviceLoginRefused,
    /// Too many codes of command lines that are not valid.
    #[error("too many wrong codes of command lines: try again in {} seconds", wait.as_secs().max(1))]
    DeviceLoginLocked {
        /// How long it lasts.
        wait: Duration,
    },
    /// A credential is of another site than the page that would be filled in.
    #[error("this credential is of another site: nothing of it is filled in at {0}")]
    OtherSite(String),
    /// Too many failures.
    #[error("too many failed sign-ins for this name: try again in {} seconds", wait.as_secs().max(1))]
    LockedOut {
        /// How long it lasts.
        wait: Duration,
    },
    /// The person must set up a second factor before anything else.
    #[error("your account needs a second factor first: set it up in the page")]
    EnrolmentNeeded,
    /// Somebody does not come in with the provider.
    #[error("{0}")]
    Provider(ProviderRefusal),
    /// The provider knows them, and their second factor is asked for here.
    #[error("your account has a second factor: type its current code")]
    CodeNeeded,
    /// Permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The role would do, what the actor came in by does not.
    #[error(transparent)]
    TooShort(#[from] TooShort),
    /// Another administrator has to approve it first.
    #[error("{0}")]
    ApprovalNeeded(ApprovalOf),
    /// There is no such thing, or none that the actor may know of.
    #[error("there is no such {0}")]
    NotFound(Object),
    /// It does not go together with what is there.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// A recording cannot be made or played.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A value cannot be taken.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Secrets would travel to the site in the clear.
    #[error(transparent)]
    NoTls(#[from] NoTls),
    /// The credential holds no such secret.
    #[error("this credential has no {0}")]
    Empty(&'static str),
    /// The code is one by counter, and reading must not move it.
    #[error("this credential's tokens are counter-based, and using one advances the counter: a read alone uses none")]
    CounterMoves,
    /// A machine asked for a step that somebody took, or that ends too soon.
    #[error("the current token was used already or ends too soon: use the next one in {} seconds", wait.as_secs().max(1))]
    StepTaken {
        /// Until the next step begins.
        wait: Duration,
    },
    /// Somebody was there, and nobody is.
    #[error(
        "this vault has no users any more, though it had some: something else than this vault has removed them, and no first \
         administrator is made"
    )]
    UsersGone,
    /// The one-time link is not the current one.
    #[error("this set-up link is not valid: use the one that the server printed at its last start")]
    LinkInvalid,
    /// Somebody else has chosen the person's password.
    #[error("your password was chosen by somebody else: change it before anything else")]
    PasswordChangeNeeded,
    /// No such link of a person, or not any more.
    #[error("this link is not valid any more: ask an administrator for another")]
    PersonLinkInvalid,
    /// The audit record could not be written, so nothing left.
    #[error("the audit log cannot be written, so no secret leaves: {0}")]
    AuditUnavailable(Arc<engine::Error>),
    /// The database.
    #[error(transparent)]
    Database(Arc<engine::Error>),
    /// The log does not go on from its last checkpoint.
    #[error(
        "the audit log was changed: record {record} does not follow from the last checkpoint, so none is signed; export \
         the log and compare it with checkpoints kept elsewhere (`countersign audit verify`)"
    )]
    LogBroken {
        /// The first record that does not follow, or the last of a log that ends too soon.
        record: u64,
    },
    /// A stored secret does not open.
    #[error(transparent)]
    Damaged(#[from] NotOpened),
    /// Heartbeats and rehearsals, too many of them.
    #[error(
        "sites lock accounts that sign in too often, so a sign-in check or a test run of a credential is possible once a minute and 20 \
         times a day: the next at {until}"
    )]
    TriedTooOften {
        /// From when on.
        until: Timestamp,
        /// How long that is.
        wait: Duration,
    },
    /// The session is over.
    #[error("this session has ended: start another")]
    SessionEnded,
    /// What unlocks the vault cannot be had any more, so that a new key could not be unlocked by it.
    #[error("what unlocks the vault does not any more, so the vault key is not replaced: {0}")]
    KeyLocked(Arc<crate::OpenVaultError>),
    /// Something in the vault itself is not as it must be.
    #[error("an internal error, please report it: {0}")]
    Internal(&'static str),
    /// The vault is being closed.
    #[error("the server is shutting down")]
    Closing,
}

/// What stands against it. Somebody else was faster, or something has to end or be undone first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another has that name.
    #[error("another {what} has the name \"{name}\" already: choose another name")]
    NameTaken {
        /// What kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A group would hold itself.
    #[error(transparent)]
    GroupCycle(#[from] GroupCycle),
    /// A check-out cannot be.
    #[error(transparent)]
    CheckOut(#[from] CheckOutRefusal),
    /// What was to be decided about a request cannot be.
    #[error(transparent)]
    Request(#[from] RequestRefusal),
    /// What was to be decided about a request about the vault, or done by it, cannot be.
    #[error(transparent)]
    VaultRequest(#[from] VaultRequestRefusal),
    /// The same was asked of another administrator already.
    #[error(
        "you have requested this already, and it is still open: wait for another administrator to decide, use it, or cancel it"
    )]
    VaultRequestPending(VaultRequestId),
    /// There is nothing to approve.
    #[error("exports need no approval in this vault: export without a request")]
    NoApprovalNeeded,
    /// Nobody could approve.
    #[error(
        "there is no second administrator who could approve this: make somebody else an administrator under Settings › Users, or let one in \
         again, first; that is recorded, and every administrator is told"
    )]
    NoOtherAdministrator,
    /// The same was asked already.
    #[error("you have requested this already, and it is still pending: wait for it, or cancel it")]
    RequestPending(RequestId),
    /// There is nothing to ask for.
    #[error("you can do this already: use the credential")]
    NoRequestNeeded,
    /// A group cannot go as long as grants ask for its approval.
    #[error(
        "grants ask for the approval of this group ({0} of them): edit or remove them first, those of credentials in the bin by restoring or deleting these"
    )]
    GroupApproves(usize),
    /// Somebody else edited it meanwhile.
    #[error("somebody else has edited this meanwhile: reload it, then make your change again")]
    Edited,
    /// Somebody else edited one of several meanwhile.
    #[error("somebody else has edited \"{name}\" meanwhile, so none was changed: look again at what would change")]
    OneEdited {
        /// Which, by its name.
        name: String,
    },
    /// The credential is not in use.
    #[error("this credential is inactive: make it active to use it")]
    Inactive,
    /// A second device would get out of step with the vault.
    #[error(
        "this setup key counts its codes (HOTP): on two devices they would get out of step, so it is not transferred to a phone"
    )]
    CountsCodes,
    /// Another change of the credential has not ended.
    #[error("a change of this password is already running: wait for it, or cancel it")]
    ChangeRunning(ChangeId),
    /// A credential cannot be removed while a change of its password is open.
    #[error("a password change of \"{name}\" has not ended: {do_first}, then remove the credential")]
    ChangeOpen {
        /// The change.
        change: ChangeId,
        /// The credential's name.
        name: String,
        /// What has to be done before.
        do_first: &'static str,
    },
    /// Somebody is in a session of the credential.
    #[error("a session of \"{name}\" is open, started by {by}: view it, end it, or wait until it ends")]
    SessionOpen {
        /// The session.
        session: SessionId,
        /// The credential's name.
        name: String,
        /// Who started it.
        by: String,
    },
    /// A session of the credential has ended, and its browser is being closed.
    #[error("a session of \"{name}\" is just ending: try again in a few seconds")]
    SessionEnding {
        /// The credential's name.
        name: String,
    },
    /// A person has too many sessions open.
    #[error("you have {0} sessions open: end one first")]
    TooManySessions(u32),
    /// The change cannot be moved this way any more.
    #[error("too late: the change has moved on meanwhile")]
    TooLate,
    /// Nobody has tried where the secrets go now.
    #[error("{}", ChangeReason::NotRehearsed)]
    NotRehearsed,
    /// The first administrator exists.
    #[error("this vault is set up already: sign in")]
    SetUpAlready,
    /// There are administrators, who can add users.
    #[error("this vault has administrators: ask one of them to add users")]
    AdministratorsThere,
    /// The last administrator would be gone.
    #[error("this is the last administrator who can sign in: make somebody else an administrator first")]
    LastAdministrator,
    /// A person has as many passkeys as there may be.
    #[error("you have {0} passkeys, and more are not possible: remove one first")]
    TooManyPasskeys(usize),
    /// An import would add to another credential than its preview said, or to none.
    #[error("the vault has changed since the preview, which said something else of {0}: preview the import again")]
    ImportChanged(String),
    /// A person has as many browser extensions as there may be.
    #[error("you have {0} browser extensions, and more are not possible: remove one first")]
    TooManyDevices(usize),
    /// A person has no other second factor, and the vault wants one.
    #[error(
        "this is your only second factor, and this vault requires one: add another passkey or an authenticator app first"
    )]
    OnlySecondFactor,
    /// What a provider provisions, it alone changes.
    #[error("\"{0}\" comes from the identity provider: change it there, or disconnect provisioning first")]
    Provisioned(String),
    /// What administrators are, no provider changes.
    #[error("\"{0}\" is an administrator here, and provisioning changes no administrators")]
    NoAdministrators(String),
    /// It is no person.
    #[error("\"{0}\" is a service account: change it under Settings › Service accounts")]
    ServiceAccount(String),
    /// One at a time.
    #[error("the vault key is being replaced already: `countersign key show` says how far that is")]
    KeyBeingReplaced,
}

/// What another administrator has to approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalOf {
    /// An export.
    Export,
    /// That exports need no approval any more.
    TurningOff,
}

impl fmt::Display for ApprovalOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Export => {
                "exports need the approval of a second administrator: ask for it, and export once it is given"
            }
            Self::TurningOff => {
                "turning this off needs the approval of a second administrator: ask for it, and it is off once it is given"
            }
        })
    }
}

/// Why nothing can be recorded, or a recording cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// Nowhere to record to.
    #[error("this server has no place for recordings, and sessions are always recorded: set `recordings`")]
    NoStore,
    /// No room for a recording.
    #[error("there is no space left for the recording: free space where recordings are kept")]
    Full,
    /// A recording cannot be written or read.
    #[error("the recording cannot be written or read: {0}")]
    Failed(String),
    /// Somebody may watch, and that is all.
    #[error(
        "you are not allowed to play this recording: access at the level view is for sessions while they run; recordings are for \
         who started the session, managers, administrators and auditors"
    )]
    NotToPlay,
    /// The recording was not opened, or too long ago, by who asks for a part of it.
    #[error("open this recording first: that is recorded, and its parts can then be fetched for ten minutes")]
    PlaybackNeeded,
    /// A part of a recording is not where it was put.
    #[error("part {0} of this recording is missing from the recording store: restore it from a backup")]
    PartMissing(u32),
    /// A part of a recording is not what was put there.
    #[error("part {0} of this recording is damaged: restore it from a backup")]
    PartDamaged(u32),
}

/// Why a worker or a host cannot go on with what it has taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RunError {
    /// Another worker has the change.
    #[error("another worker has taken over this change")]
    LeaseLost,
    /// Somebody has called the change off; it has ended.
    #[error("this change was cancelled")]
    CalledOff,
    /// A password was sent twice and not taken.
    #[error("this password was sent twice and not accepted: not tried again, because sites lock accounts")]
    TriesSpent,
    /// No new password can be made.
    #[error("no new password can be made: {0}")]
    NoPassword(&'static str),
    /// What can happen to anybody.
    #[error(transparent)]
    Vault(#[from] Error),
}

impl From<engine::Error> for RunError {
    fn from(error: engine::Error) -> Self {
        Self::Vault(error.into())
    }
}

impl From<WrongReceipt> for RunError {
    fn from(error: WrongReceipt) -> Self {
        Self::Vault(error.into())
    }
}

impl From<NotOpened> for RunError {
    fn from(error: NotOpened) -> Self {
        Self::Vault(error.into())
    }
}

impl From<WrongReceipt> for Error {
    fn from(_: WrongReceipt) -> Self {
        Self::Internal("a secret was to leave against the record of something else")
    }
}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl Error {
    /// The same with its cause put as what it means where a secret was to leave.
    pub(crate) fn of_record(error: engine::Error) -> Self {
        Self::AuditUnavailable(Arc::new(error))
    }

    /// What the database answered, where that is why nothing was done.
    pub fn database_failure(&self) -> Option<DatabaseFailure<'_>> {
        match self {
            Self::AuditUnavailable(cause) | Self::Database(cause) => Some(DatabaseFailure(cause)),
            _ => None,
        }
    }
}

/// What the database answered instead of a result. As text it says what is wrong; with `{:#}` also the statement and the
/// engine's own reason, for a log. Neither holds a stored value.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseFailure<'a>(&'a engine::Error);

/// What is wrong with the database, as far as people can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseTrouble {
    /// No room left to write.
    Full,
    /// Down, unreachable, or too slow.
    Unavailable,
    /// Too much is asked of it at once.
    Busy,
    /// Somebody else was faster.
    Stale,
    /// A row was changed by something else than this vault.
    Tampered,
    /// Something that its operator has to look at.
    Other,
}

impl DatabaseFailure<'_> {
    /// Which of the troubles it is.
    pub const fn trouble(&self) -> DatabaseTrouble {
        match self.0 {
            engine::Error::Full { .. } => DatabaseTrouble::Full,
            engine::Error::Unavailable { .. } => DatabaseTrouble::Unavailable,
            engine::Error::Busy { .. } => DatabaseTrouble::Busy,
            engine::Error::Stale { .. } => DatabaseTrouble::Stale,
            engine::Error::Tampered { .. } => DatabaseTrouble::Tampered,
            engine::Error::Conflict { .. }
            | engine::Error::Dangling { .. }
            | engine::Error::Corrupt { .. }
            | engine::Error::Spoiled { .. }
            | engine::Error::Other { .. } => DatabaseTrouble::Other,
        }
    }
}

impl fmt::Display for DatabaseFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
