//! The words of Countersign: ids, names, times, roles, groups, grants and the rule that decides.
//!
//! No async, no I/O, no crypto: everything here can be read and tested as a table. Begin at [`decide`], the one place
//! that says who may do what, and at [`Clock`] and [`Chance`], through which time and randomness come in.

mod action;
mod actor;
mod approval;
mod automation;
mod certificate;
mod chance;
mod change;
mod change_reason;
mod check_out;
mod condition;
mod credential;
mod days;
mod decide;
mod federation;
mod grant;
mod group;
mod hours;
mod id;
mod natural;
mod network;
mod notice;
mod paging;
mod permissions;
mod preferences;
mod provider;
mod request;
mod scope;
mod session;
mod sink;
mod text;
mod time;
mod transport;
mod vault_request;

pub use action::{Action, AllowedBy, Denied};
pub use actor::{Actor, ActorKind, Purpose, Reach, Role};
pub use approval::{ApprovalLevel, ApprovalRule};
pub use automation::{ChangePolicy, ExtraField, SiteSettings, TimeOfDay, Trust, Window};
pub use certificate::CertificateFingerprint;
pub use chance::{Chance, CountingChance};
pub use change::{ChangeKind, ChangeState, ChangeTrigger, PasswordSlot};
pub use change_reason::{ADDRESS_REFUSED, CERTIFICATE_DIFFERS, Challenge, ChangeReason, SiteAnswer};
pub use check_out::{CheckOut, CheckOutRefusal, CheckOutRule, Held, Possession, Waiting, check_out_ends};
pub use condition::{AccessContext, GrantConditions, TicketPattern, Unmet};
pub use credential::{Algorithm, CredentialStatus, SecondFactor, SecondFactorKind, Site, VersionState};
pub use days::CalendarDay;
pub use decide::{TooShort, decide, decide_by_role, is_recent, may_change_own_account, reaches};
pub use federation::{
    AdmittedAssertion, AssertionRefusal, FederatedIdentity, MAX_FEDERATED_IDENTITIES, admit_assertion,
};
pub use grant::{Approved, CredentialFacts, Grant, GrantSubject, GrantTarget, Grants, SiteHost};
pub use group::{GroupCycle, Memberships, Principal};
pub use hours::{Weekday, WeeklyHours, ZoneName};
pub use id::{
    AccessTokenId, ApiTokenId, ChangeId, ClientSecretId, CredentialId, DeviceId, DeviceLoginId, FederatedIdentityId,
    GrantId, GroupId, NoticeId, ParseIdError, PasskeyId, RequestId, ScimTokenId, SessionId, SinkId, UserId, VaultId,
    VaultRequestId, VersionId, ViewId, WebSessionId,
};
pub use natural::{natural_order, order_key};
pub use network::{Network, is_metadata, is_public};
pub use notice::{MailServer, NoticeKind, mail_address, page_address, try_again_after, webhook_origin};
pub use paging::{Paged, Paging};
pub use permissions::GrantPermissions;
pub use preferences::{PageLanguage, PageZone, Preferences};
pub use provider::{
    Admission, CALLBACK_PATH, GroupChanges, GroupMapping, KnownUser, MAX_CLAIM_VALUES, MAX_GROUP_MAPPINGS, MatchBy,
    ProviderClaims, ProviderRefusal, ProviderSettings, admit, group_changes, issuer, wanted_name,
};
pub use request::{AccessRequest, Approver, Closed, GivenApproval, RequestRefusal, RequestState, RequestTerms};
pub use scope::{AccessScope, ScopePermission, ScopeWord, ScopedOn, ServiceReach};
pub use session::{Extras, Level, SessionEnd, SessionSettings, SessionState};
pub use sink::{SinkFilter, SinkKind, SinkStanding, SinkTarget, sink_wait};
pub use text::{
    ApiTokenName, ClientName, CredentialName, DeviceName, GroupName, HostName, Invalid, Notes, PasskeyName, Reason,
    ServiceDescription, SinkName, SiteAddress, Tag, Ticket, UserName, Username, ViewName, search_key,
};
pub use time::{Clock, FakeClock, MICROS_PER_SECOND, ParseTimestampError, Timestamp};
pub use transport::{NoTls, SiteOrigin, SitePlaces, is_in_the_clear, is_private_name};
pub use vault_request::{
    CoveredCredentials, ExportChoice, VAULT_REQUEST_SERVES, VAULT_REQUEST_WAITS, VaultApproval, VaultRequest,
    VaultRequestClosed, VaultRequestRefusal, VaultRequestState, VaultRequestSubject, VaultRequestTerms,
};
