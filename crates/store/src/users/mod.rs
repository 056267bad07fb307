//! People: who they are (`people.rs`), their recovery codes (`recovery.rs`), how often their sign-ins failed
//! (`sign_ins.rs`), and the service accounts among them (`services.rs`).

pub mod people;
pub mod recovery;
pub mod services;
pub mod sign_ins;
