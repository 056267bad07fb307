//! Marks on rows of authority: who may do what, and by what people and programs are recognised.
//!
//! A mark is an HMAC over a row's columns that matter, under a key that comes from the vault key. It is written with the
//! row and compared whenever the row is read, so that a row which somebody put or changed with SQL alone is refused. What
//! each table's mark covers stands in `covered.rs` and `covered_credentials.rs`, for the row's own module and for what looks at whole tables, in
//! `tables.rs`; `rows.rs` reads it from a row.
//!
//! A mark says that this vault has written the row at some time. It does not tell that the row is the newest one, nor
//! that none was removed: putting old rows back shows only in the log.

mod bin;
mod covered;
mod covered_credentials;
mod device_logins;
mod machines;
mod rows;
mod table;
mod tables;
mod vault_requests;

pub use bin::STATEMENTS as BIN_STATEMENTS;
pub use covered::GENERATION;
pub(crate) use covered::{
    MORE_OF_PEOPLE, MarkedAccessToken, MarkedDevice, MarkedFederatedIdentity, MarkedGrant, MarkedPasskey, MarkedPerson,
    MarkedRequest, MarkedSecret, MarkedService, MarkedSession, MarkedToken, check_out, grant_decision, group,
    group_member, link, pairing_code, passkey_challenge, person_link, playback, provider, provider_identity,
    round_trip, run, scim_group, scim_token, scim_user, sink, sink_state,
};
pub(crate) use covered_credentials::{MarkedCredential, MarkedRemoved, automation, pages, seed};
pub use device_logins::STATEMENTS as DEVICE_LOGIN_STATEMENTS;
pub(crate) use device_logins::{MarkedDeviceLogin, with_device_login};
pub use machines::STATEMENTS as MACHINE_STATEMENTS;
pub(crate) use rows::{with_device, with_grant, with_passkey, with_request};
pub use tables::{STATEMENTS, StaleMark, any_marked, check_all, cover_more, former, mark_all, remark};
pub use vault_requests::STATEMENTS as VAULT_REQUEST_STATEMENTS;
pub(crate) use vault_requests::{MarkedVaultRequest, with_vault_request};
