//! What people and programs come in by, and what was granted to them.
//!
//! `recognise.rs` says whose a cookie or a token is, `recognised.rs` remembers it for a minute, `actor.rs` reads it anew before
//! anything secret leaves. `put_back.rs` compares rows with the log, so that what was ended does not come back. `api_tokens.rs`,
//! `devices.rs` is the browser extensions that they have paired (`pairing.rs`), whose requests are signed; `device_logins.rs` signs a
//! command line in that shows a code.
//! `groups.rs`, `granting.rs`, `grant_many.rs` and `grants.rs` are what people give and take, `transfer_grants.rs` who may give
//! what puts a setup key on a phone; `who.rs` says what follows from it, and
//! `reviews.rs` which of it nobody has looked at for long. `asking.rs` requests
//! what others approve (`approvers.rs`), `requests.rs` is what becomes of it, `requested.rs` shows it. `check_outs.rs` is
//! what one has for oneself alone, `check_in.rs` what follows when it is back. `services.rs` makes accounts of
//! programs, `client_credentials.rs` gives them tokens for a secret; `federated.rs` says whose tokens they take in place of one, and
//! `assertions.rs` gives them tokens for those.

pub(crate) mod actor;
pub(crate) mod api_tokens;
pub(crate) mod approvers;
pub(crate) mod asking;
pub(crate) mod assertions;
pub(crate) mod check_in;
pub(crate) mod check_outs;
pub(crate) mod client_credentials;
pub(crate) mod device_logins;
pub(crate) mod devices;
pub(crate) mod federated;
pub(crate) mod grant_many;
pub(crate) mod granting;
pub(crate) mod grants;
pub(crate) mod groups;
pub(crate) mod holder;
pub(crate) mod log_memory;
pub(crate) mod pairing;
pub(crate) mod put_back;
pub(crate) mod recognise;
pub(crate) mod recognised;
pub(crate) mod requested;
pub(crate) mod requests;
pub(crate) mod reviews;
pub(crate) mod services;
pub(crate) mod transfer_grants;
pub(crate) mod who;
