use countersign_model::Chance;

use crate::{
    Secret,
    passphrase::{self, Cost},
};

/// What is kept of a person's own password: enough to recognise it, not to learn it.
///
/// Argon2id (RFC 9106); the bytes hold their own parameters, so a later cost takes effect at the next change.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Vec<u8>);

impl PasswordHash {
    /// Hashes a password. Slow by intent: never on a thread that serves others.
    pub fn new(password: &Secret, cost: Cost, chance: &dyn Chance) -> Self {
        let mut salt = [0; passphrase::SALT_LEN];
        chance.fill(&mut salt);
        let mut bytes = passphrase::write_parameters(&salt, cost);
        bytes.extend_from_slice(passphrase::stretch(password, &salt, cost).expose());
        Self(bytes)
    }

    /// A hash that no password gives, and that takes as long to find wrong as any other of this cost. It costs nothing
    /// to make.
    pub fn of_nobody(cost: Cost) -> Self {
        let mut bytes = passphrase::write_parameters(&[0; passphrase::SALT_LEN], cost);
        bytes.extend_from_slice(&[0; 32]);
        Self(bytes)
    }

    /// Whether no password gives it. Costs nothing.
    pub fn is_nobodys(&self) -> bool {
        self.0.ends_with(&[0; 32])
    }

    /// Whether this is the password. As slow as making the hash; false also when the stored bytes are damaged.
    pub fn verify(&self, password: &Secret) -> bool {
        let Some(head) = self.0.len().checked_sub(32) else { return false };
        let (parameters, hash) = self.0.split_at(head);
        passphrase::read_parameters(parameters)
            .is_some_and(|(salt, cost)| passphrase::stretch(password, &salt, cost) == Secret::from(hash))
    }

    /// The bytes to store.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// From stored bytes.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}
