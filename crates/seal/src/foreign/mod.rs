//! The keys and ciphers of other programs' files, to read what they wrote; nothing here is written with them.
//!
//! What a file says of cost comes from outside: every derivation compares it with a limit before it is paid, and refuses with
//! both numbers ([`KeyError::TooCostly`]).

mod argon2id;
mod bitwarden;
mod cipher;
mod derive;
mod keepass;
mod secretstream;

pub use argon2id::{Argon2Cost, Argon2Limit, argon2id};
pub use bitwarden::{BitwardenKdf, BitwardenKey};
pub use cipher::{DoesNotOpen, aes_256_cbc, aes_256_gcm};
pub use derive::{KeyError, Pbkdf2Hash, ScryptCost, pbkdf2, scrypt, sha256};
pub use keepass::{Argon2Kind, KdbxCipher, KdbxKdf, KdbxKeys, KdbxStream};
pub use secretstream::secretstream;
