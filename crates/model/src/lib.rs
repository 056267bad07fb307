//! The words of Countersign: ids, names, times, roles, grants and the rule that decides.
//!
//! No async, no I/O, no crypto: everything here can be read and tested as a table. Begin at [`decide`], the one place
//! that says who may do what, and at [`Clock`] and [`Chance`], through which time and randomness come in.

mod actor;
mod automation;
mod certificate;
mod chance;
mod change;
mod change_reason;
mod credential;
mod decide;
mod id;
mod network;
mod notice;
mod paging;
mod session;
mod text;
mod time;
mod transport;

pub use actor::{Actor, ActorKind, Reach, Role};
pub use automation::{ChangePolicy, ExtraField, SiteSettings, TimeOfDay, Trust, Window};
pub use certificate::CertificateFingerprint;
pub use chance::{Chance, CountingChance};
pub use change::{ChangeKind, ChangeState, ChangeTrigger, PasswordSlot};
pub use change_reason::{ADDRESS_REFUSED, CERTIFICATE_DIFFERS, Challenge, ChangeReason, SiteAnswer};
pub use credential::{Algorithm, CredentialStatus, Grant, SecondFactor, SecondFactorKind, Site, VersionState};
pub use decide::{Action, Denied, TooShort, decide, is_recent, may_change_own_account, reaches};
pub use id::{
    ApiTokenId, ChangeId, CredentialId, GrantId, NoticeId, ParseIdError, SessionId, UserId, VaultId, VersionId,
    WebSessionId,
};
pub use network::{Network, is_public};
pub use notice::{MailServer, NoticeKind, mail_address, page_address, try_again_after, webhook_origin};
pub use paging::{Paged, Paging};
pub use session::{Extras, Level, SessionEnd, SessionSettings, SessionState};
pub use text::{CredentialName, Invalid, Notes, Reason, SiteAddress, Tag, UserName, Username, search_key};
pub use time::{Clock, FakeClock, MICROS_PER_SECOND, ParseTimestampError, Timestamp};
pub use transport::{NoTls, SitePlaces, is_in_the_clear, is_private_name};
