//! The only user of the crypto library: secrets as types, envelope encryption, unlocking, signatures.
//!
//! Begin at [`Secret`], a text or key that cannot be printed, cloned or serialised, and at [`VaultKey::seal`],
//! which turns one into [`Sealed`] bytes that the store may keep. [`KeyFile`], [`passphrase`] and [`KeyShare`] are the
//! ways in which a vault key comes to life, [`KeyRing`] is what an open vault holds; [`SigningKey`] signs the audit log's checkpoints.
//!
//! This room touches no file and no clock; randomness comes in as [`countersign_model::Chance`], and the real source
//! of it is [`SystemChance`]. Every key that is derived from the vault key is derived in `vault_key.rs`, under a label.

mod chance;
mod device_key;
mod digest;
mod envelope;
pub mod foreign;
mod handover;
mod key_file;
mod key_ring;
mod mac;
pub mod passphrase;
mod password;
mod row_key;
mod secret;
mod shares;
mod sign;
mod vault_key;
mod withheld;

pub use chance::SystemChance;
pub use device_key::DeviceKey;
pub use digest::{Digest, Sha256};
pub use envelope::{Binding, NotOpened, Sealed, SecretKind};
pub use handover::{HandedOver, NotAPoint, OneTimeKey, POINT_LEN, RecipientKey};
pub use key_file::{KeyFile, ParseKeyFileError};
pub use key_ring::KeyRing;
pub use mac::{MacHash, MacTag, hmac};
pub use password::PasswordHash;
pub use row_key::{MARK_LEN, MarkedRow, RowKey};
pub use secret::Secret;
pub use shares::{KeyShare, ShareError, SharedKey};
pub use sign::{SigningKey, VerifyingKey};
pub use vault_key::{KeyId, KeySlot, SlotKind, UnlockError, VaultKey};
pub use withheld::{Receipt, Withheld, WrongReceipt};
