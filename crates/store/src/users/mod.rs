//! People: who they are (`people.rs`), their recovery codes (`recovery.rs`), how often their sign-ins failed (`sign_ins.rs`), and by
//! which provider they may sign in (`provider.rs`, `round_trips.rs`).

pub mod people;
pub mod provider;
pub mod recovery;
pub mod round_trips;
pub mod sign_ins;
