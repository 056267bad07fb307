//! The only user of the crypto library: secrets as types, envelope encryption, unlocking, signatures.
//!
//! Begin at [`Secret`], a text or key that cannot be printed, cloned or serialised, and at [`VaultKey::seal`],
//! which turns one into [`Sealed`] bytes that the store may keep.
//!
//! This room touches no file and no clock; randomness comes in as [`countersign_model::Chance`].

mod secret;

pub use secret::Secret;
