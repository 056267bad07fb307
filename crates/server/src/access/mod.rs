//! What programs come in by (`api_tokens.rs`, `service_accounts.rs` and `federated_identities.rs` with `oauth.rs`; command lines, `device_logins.rs`), by what somebody comes in at all (`ways_in.rs`), groups
//! (`groups.rs`), and what was granted: each grant (`granting.rs`; the same on many credentials, `grant_many.rs`) with what it asks for (`conditions.rs`), and those of a credential at
//! once (`grants.rs`). `requests.rs` asks for what others have to approve, `check_outs.rs` for what one has alone.

pub(crate) mod api_tokens;
pub(crate) mod check_outs;
pub(crate) mod conditions;
pub(crate) mod device_logins;
pub(crate) mod federated_identities;
pub(crate) mod grant_many;
pub(crate) mod granting;
pub(crate) mod grants;
pub(crate) mod groups;
pub(crate) mod moved;
pub(crate) mod oauth;
pub(crate) mod oauth_form;
pub(crate) mod requests;
pub(crate) mod reviews;
pub(crate) mod service_accounts;
pub(crate) mod ways_in;
