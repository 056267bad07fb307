use countersign_model::{Timestamp, VaultId};
use countersign_seal::{Digest, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::ChainHead;

/// A signed word of the vault on how its log stood at a time. Kept elsewhere, it proves later that nothing before it
/// was deleted or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The vault whose log it is.
    pub vault: VaultId,
    /// Records it covers: those from 1 to `size`.
    pub size: u64,
    /// The hash of record `size`, 64 hexadecimal digits.
    pub root: String,
    /// When it was signed.
    pub time: Timestamp,
    /// The public key, Ed25519 in 64 hexadecimal digits.
    pub key: String,
    /// The signature over [`Checkpoint::signed_text`], 128 hexadecimal digits.
    pub signature: String,
}

impl Checkpoint {
    /// Signs how the log stands.
    pub fn sign(vault: VaultId, head: ChainHead, time: Timestamp, key: &SigningKey) -> Self {
        let mut checkpoint = Self {
            vault,
            size: head.size,
            root: head.root.to_string(),
            time,
            key: key.verifying_key().to_string(),
            signature: String::new(),
        };
        checkpoint.signature = key.sign(checkpoint.signed_text().as_bytes());
        checkpoint
    }

    /// What is signed, five lines: `countersign checkpoint v1`, the vault, the size, the root, the time.
    pub fn signed_text(&self) -> String {
        format!("countersign checkpoint v1\n{}\n{}\n{}\n{}\n", self.vault, self.size, self.root, self.time)
    }

    /// Whether its own key signed it. Whether that key is the vault's is for the reader to say.
    pub fn is_genuine(&self) -> bool {
        VerifyingKey::from_hex(&self.key)
            .is_some_and(|key| key.verifies(self.signed_text().as_bytes(), &self.signature))
    }

    /// The root as a digest; `None` when it is not one.
    pub fn root(&self) -> Option<Digest> {
        Digest::from_hex(&self.root)
    }
}
