//! The use cases: the only room where permission, sealing, storing and recording meet.
//!
//! Begin at [`Vault`]. Each function takes the [`Actor`](countersign_model::Actor) first, asks `decide`, and writes its
//! record in the transaction that makes the change; a secret leaves only after that transaction is committed. The walk
//! of a token stands in `tokens/read.rs`; what makes it quick is the group commit of `audit/committer.rs` and the cache of
//! `tokens/sources.rs`. `unit.rs` is a transaction with its records: what hands out a secret needs its receipt.
//!
//! May touch: all rooms below; not the browser.

mod access;
mod audit;
mod backups;
mod changes;
mod credentials;
mod cursor;
mod error;
mod health;
mod keys;
mod notices;
mod object;
mod scim;
mod sessions;
mod tokens;
mod unit;
mod users;
mod vault;

pub use access::grants::{GrantView, NewGrant};
pub use access::{
    api_tokens::{ApiToken, NewApiToken, WaysIn},
    asking::RequestDraft,
    assertions::{AssertionRequest, ClaimsFuture, TrustedIssuers},
    check_outs::{CheckOutPermissions, CheckOutView},
    client_credentials::{ClientTokenRequest, IssueError, IssuedToken},
    device_logins::{
        DeviceLoginApproval, DeviceLoginCodes, DeviceLoginError, DeviceLoginRequest, DeviceLoginToken, DeviceLoginView,
    },
    devices::DeviceView,
    federated::FederatedIdentityView,
    grant_many::{CredentialGrant, ManyGrantsDraft, ManyGrantsPreview},
    granting::{ApprovalDraft, GrantDetails, GrantDraft, GrantListRequest, TargetRef},
    groups::{GroupView, MemberView},
    holder::{GroupRef, HolderName, HolderRef},
    pairing::{PairedDevice, PairingRequest},
    recognised::Caller,
    requested::{
        LastUse, RequestLevelView, RequestListRequest, RequestPermissions, RequestScope, RequestView, Requestable,
    },
    requests::RequestDecision,
    reviews::{GrantReview, ReviewList, ReviewListRequest, ReviewScope, ReviewedGrantView, UNUSED_DAYS},
    services::{ClientSecretView, NewServiceAccount, ServiceAccountEdit, ServiceAccountView},
    who::{GrantPreview, MovedAccess, PreviewedPerson, WhoView},
};
pub use audit::activity::{Activity, ActivityRequest, ActivityScope};
pub use audit::bundle::Bundle;
pub use audit::log::{ExportReader, RecordView};
pub use audit::sinks::{SinkBatch, SinkDraft, SinkFigures, SinkRef, SinkTrial, SinkTurn, SinkView, SinkWay, TakenFrom};
pub use audit::views::{SavedFilter, SavedView};
pub use backups::{
    folder::BackupFolder,
    name::BackupName,
    retention::Retention,
    store::{BackupFuture, BackupStore, BackupStoreError, Backups},
    taking::{BackupError, write_backup},
};
pub use changes::{
    ChangeEvent, ChangeLease, ChangeListRequest, ChangeOutcome, ChangePermissions, ChangeRequest, ChangeRun,
    ChangeView, LeaseStatus, NotEnded, WorkingPassword,
};
pub use countersign_transfer::{ColumnMapping, TableHead};
pub use credentials::bin::{BIN_KEPT, RemovedView};
pub use credentials::create::NewCredential;
pub use credentials::edit::{FieldEdit, Patch};
pub use credentials::export::{ExportAnswer, ExportRequest, SealedFile};
pub use credentials::export_approval::ExportApprovalView;
pub use credentials::export_requested::{VaultRequestListRequest, VaultRequestPermissions, VaultRequestView};
pub use credentials::export_requests::ExportDecision;
pub use credentials::import::{
    ImportAddition, ImportFile, ImportItem, ImportParts, ImportReport, ImportRequest, ImportState, ImportTable, KnownBy,
};
pub use credentials::reveal::{Revealed, VersionView};
pub use credentials::seeds::{SeedCheck, SeedRequest, TokenPreview};
pub use credentials::transfer::{PhoneView, SeedOnPhone, TransferAnswer, TransferRequest};
pub use credentials::{
    automation::{AutomationView, HeartbeatView},
    fill::{FillCandidate, FillCandidates, FillParts, Filled},
    list::CredentialListRequest,
    policies::{PolicyChange, PolicyEdit},
    reference::CredentialRef,
    tags::{TagChange, TagEdit, TagsPreview},
    view::{CredentialPermissions, CredentialView, LastUsed},
};
pub use error::{ApprovalOf, Conflict, DatabaseFailure, DatabaseTrouble, Error, RecordingError, RunError};
pub use health::check::{Check, CheckState};
pub use health::dashboard::{Concern, ConcernView, Dashboard, OLD_PASSWORD_DAYS};
pub use health::whole::WholeCheck;
pub use keys::regular_file::{ReadFileError, open_regular, read_open, read_regular};
pub use keys::rotate::{KeyStanding, KeyView, NextKeyView};
pub use keys::shares::{ImportError, KeyImport};
pub use keys::unlock::{Unlock, UnlockCommand};
pub use keys::{
    error::{CreateError, KeyFileError, OpenVaultError, UnlockCommandError},
    open::unlock_ring,
};
pub use notices::{Delivery, DeliveryView, FixedNotices, Notice, NoticeSettingsRequest, NoticeView, NoticeWay};
pub use object::Object;
pub use scim::{
    groups::ScimGroup,
    tokens::{ScimCaller, ScimTokenView, ScimView},
    users::{ScimLookup, ScimPerson},
};
pub use sessions::{
    HostInstructions, NotClosed, PartInfo, Participant, RecordingFolder, RecordingPart, RecordingStore,
    RecordingStoreError, RecordingView, Recordings, SessionAction, SessionLink, SessionLinkView, SessionListRequest,
    SessionPermissions, SessionRequest, SessionRun, SessionView, SessionWriter, StoreFuture,
};
pub use tokens::read::{TakenBy, TokenAnswer, TokenRequest, TokenTimes};
pub use users::account::{SecondFactorSetup, WebSession};
pub use users::manage::{NewPerson, PersonEdit, PersonLink, PersonView};
pub use users::passkey_sign_in::PasskeySignInRequest;
pub use users::passkeys::{AddedPasskey, PasskeyView};
pub use users::provider::round_trip::{Arrival, Departure, RoundTripPurpose};
pub use users::provider::settings::{ProviderAccess, ProviderRequest, ProviderView};
pub use users::set_up::{SetUp, USERS_GONE_HINT};
pub use users::sign_in::{SignInRequest, SignedIn};
pub use users::source::Source;
pub use vault::{Vault, VaultOptions};

pub use countersign_store::{audit::RecordFilter, credentials::Sort};
