//! People: who they are (`people.rs`), their passkeys (`passkeys.rs`) and recovery codes (`recovery.rs`), what a browser was asked for
//! a passkey (`passkey_challenges.rs`), and how often sign-ins failed (`sign_ins.rs`); by which provider they may sign in
//! (`provider.rs`, `round_trips.rs`); their browser extensions (`devices.rs`), and command lines that wait to be
//! signed in (`device_logins.rs`); the service accounts among them (`services.rs`), and
//! whose tokens those take in place of a secret (`federated.rs`); how the page speaks to people (`preferences.rs`).

pub mod device_logins;
pub mod devices;
pub mod federated;
pub mod passkey_challenges;
pub mod passkeys;
pub mod people;
pub mod preferences;
pub mod provider;
pub mod recovery;
pub mod round_trips;
pub mod services;
pub mod sign_ins;
