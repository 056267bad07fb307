//! People: the caller's own account (`account.rs`), how the page speaks to them (`preferences.rs`) and passkeys (`passkeys.rs`), all of them (`people.rs`), those whom a provider
//! brings (`provisioning.rs`), signing in (`sign_in.rs`) and how often an address may try (`throttle.rs`); with which provider they
//! may sign in (`provider.rs`), and their way there and back (`round_trip.rs`).

pub(crate) mod account;
pub(crate) mod devices;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod preferences;
pub(crate) mod provider;
pub(crate) mod provisioning;
pub(crate) mod round_trip;
pub(crate) mod sign_in;
pub(crate) mod throttle;
