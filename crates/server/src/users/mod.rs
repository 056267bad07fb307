//! People: the caller's own account (`account.rs`) and passkeys (`passkeys.rs`), all of them (`people.rs`), those whom a provider
//! brings (`provisioning.rs`), signing in (`sign_in.rs`)
//! and how often an address may try (`throttle.rs`).

pub(crate) mod account;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod provisioning;
pub(crate) mod sign_in;
pub(crate) mod throttle;
