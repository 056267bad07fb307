//! The use cases: the only room where permission, sealing, storing and recording meet.
//!
//! Begin at [`Vault`]. Each function takes the [`Actor`](countersign_model::Actor) first, asks `decide`, and writes its
//! record in the transaction that makes the change; a secret leaves only after that transaction is committed. The walk
//! of a token stands in `token.rs`; what makes it quick is the group commit of `recorder.rs` and the cache of `hot.rs`.
//!
//! May touch: all rooms below; not the browser.

mod access;
mod account;
mod audit;
mod audit_committer;
mod automation;
mod changes;
mod credentials;
mod cursor;
mod edit;
mod error;
mod grants;
mod guesses;
mod health;
mod import;
mod key;
mod key_shares;
mod notices;
mod open;
mod people;
mod places;
mod put_back;
mod regular_file;
mod reveal;
mod seeds;
mod sessions;
mod set_up;
mod sign_in;
mod steps;
mod token;
mod token_sources;
mod unlock;
mod vault;

pub use access::{ApiToken, Caller, NewApiToken};
pub use account::{SecondFactorSetup, WebSession};
pub use audit::{AuditPage, ExportReader};
pub use changes::{
    ChangeEvent, ChangeListRequest, ChangeOutcome, ChangePage, ChangeRequest, ChangeRun, ChangeView, LeaseStatus,
    WorkingPassword,
};
pub use credentials::{CredentialListRequest, CredentialPage, CredentialRef, CredentialView};
pub use edit::{FieldEdit, NewCredential, Patch};
pub use error::Error;
pub use grants::{GrantView, NewGrant};
pub use guesses::Source;
pub use health::{Check, CheckState};
pub use import::{ImportFile, ImportItem, ImportReport, ImportRequest, ImportState};
pub use key::{KeyStanding, KeyView, NextKeyView};
pub use key_shares::{ImportError, KeyImport};
pub use notices::{Delivery, FixedNotices, Notice, NoticeLog, NoticeSettingsRequest, NoticeView};
pub use open::{CreateError, OpenVaultError, unlock_ring};
pub use people::{NewPerson, PersonEdit, PersonLink, PersonView};
pub use regular_file::{ReadFileError, open_regular, read_regular};
pub use reveal::{Revealed, VersionView};
pub use seeds::{SeedCheck, SeedRequest, TokenPreview};
pub use sessions::{
    HostInstructions, PartInfo, Participant, PendingRecord, RecordingFolder, RecordingPart, RecordingStore,
    RecordingStoreError, Recordings, SessionAction, SessionLink, SessionListRequest, SessionPage, SessionPermissions,
    SessionRequest, SessionRun, SessionView, StoreFuture,
};
pub use set_up::{SetUp, USERS_GONE_HINT};
pub use sign_in::{SignInRequest, SignedIn};
pub use token::{TakenBy, TokenAnswer, TokenRequest, TokenTimes};
pub use unlock::{KeyFileError, Unlock, UnlockCommand, UnlockCommandError};
pub use vault::{Vault, VaultOptions};

pub use countersign_store::{
    automation::{AutomationRow, Heartbeat},
    changes::{ChangeRow, EventRow},
    credentials::Sort,
    sessions::{LinkRow, SessionRow},
};
