//! People: who they are (`people.rs`), their passkeys (`passkeys.rs`) and recovery codes (`recovery.rs`), what a browser was asked for
//! a passkey (`passkey_challenges.rs`), and how often sign-ins failed (`sign_ins.rs`); the service accounts
//! among them (`services.rs`).

pub mod passkey_challenges;
pub mod passkeys;
pub mod people;
pub mod recovery;
pub mod services;
pub mod sign_ins;
