//! People: who they are (`people.rs`), their recovery codes (`recovery.rs`), and how often their sign-ins failed
//! (`sign_ins.rs`).

pub mod people;
pub mod recovery;
pub mod sign_ins;
