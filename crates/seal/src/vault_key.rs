use std::str::FromStr;

use aws_lc_rs::{
    aead::LessSafeKey,
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use countersign_model::{Chance, VaultId};
use zeroize::Zeroizing;

use crate::{
    Binding, KeyFile, MacHash, NotOpened, RowKey, Sealed, Secret, SigningKey, envelope, hmac,
    passphrase::{self, Cost},
};

/// The key of one vault, unlocked: everything sealed in it opens with this.
///
/// It never leaves this room; what needs another key gets one derived under a label of its own.
pub struct VaultKey {
    vault: VaultId,
    root: Secret,
    // Prepared once: expanding an AES key for each read would cost as much as the read's own work.
    wrapping: LessSafeKey,
}

/// How a vault key is kept: wrapped under a key that comes from a key file or a passphrase.
///
/// A vault may have several slots, each of which opens the same key; re-keying rewrites slots, not secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySlot {
    /// What opens it.
    pub kind: SlotKind,
    /// For a passphrase its salt and cost; empty for a key file.
    pub parameters: Vec<u8>,
    /// The vault key, sealed.
    pub wrapped: Vec<u8>,
}

/// What opens a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// The key file beside the data folder.
    KeyFile,
    /// Words that somebody remembers.
    Passphrase,
}

impl SlotKind {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyFile => "key file",
            Self::Passphrase => "passphrase",
        }
    }
}

impl FromStr for SlotKind {
    type Err = UnlockError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "key file" => Ok(Self::KeyFile),
            "passphrase" => Ok(Self::Passphrase),
            _ => Err(UnlockError::Damaged),
        }
    }
}

/// The vault stays locked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// The key file names another vault.
    #[error(
        "this key file belongs to vault {file}, the database to vault {database}: use the key file that was made with this database"
    )]
    OtherVault {
        /// The vault that the key file names.
        file: VaultId,
        /// The vault that the database holds.
        database: VaultId,
    },
    /// Right vault, wrong key.
    #[error("the key file does not open this vault: it was changed, or the vault was given another key since")]
    WrongKey,
    /// The passphrase is not the one.
    #[error("the passphrase does not open this vault: check it letter by letter, capitals too")]
    WrongPassphrase,
    /// The slot itself cannot be read.
    #[error("the stored vault key is damaged: restore the database from a backup")]
    Damaged,
}

impl VaultKey {
    /// A new key for a new vault.
    pub fn generate(vault: VaultId, chance: &dyn Chance) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        chance.fill(bytes.as_mut());
        Self::from_root(vault, Secret::from(&mut *bytes))
    }

    fn from_root(vault: VaultId, root: Secret) -> Self {
        let root = root.into_own_page();
        let wrapping = envelope::key(&derive(&root, vault, "wrapping of data keys"));
        Self { vault, root, wrapping }
    }

    /// The vault it opens.
    pub const fn vault(&self) -> VaultId {
        self.vault
    }

    /// Whether the system keeps it out of swap.
    pub const fn is_locked(&self) -> bool {
        self.root.is_locked()
    }

    /// Seals a secret with a data key of its own.
    pub fn seal(&self, binding: &Binding<'_>, secret: &Secret, chance: &dyn Chance) -> Sealed {
        envelope::seal(&self.wrapping, binding, secret, chance)
    }

    /// Opens what [`VaultKey::seal`] made, given the same binding.
    pub fn open(&self, binding: &Binding<'_>, sealed: &Sealed) -> Result<Secret, NotOpened> {
        envelope::open(&self.wrapping, binding, sealed)
    }

    /// The key that signs this vault's audit checkpoints.
    pub fn audit_signing_key(&self) -> SigningKey {
        SigningKey::from_seed(&derive(&self.root, self.vault, "audit signing"))
    }

    /// The keys that vouch for rows which no seal covers.
    pub fn row_key(&self) -> RowKey {
        let derived = |label| derive(&self.root, self.vault, label);
        RowKey::new(&derived("marks of rows"), &derived("bearers"))
    }

    /// A mark of a secret that is equal for equal secrets of one kind, and tells nothing without the vault key. Sixteen
    /// bytes: it finds a seed that is stored twice.
    pub fn fingerprint(&self, kind: &str, secret: &Secret) -> [u8; 16] {
        let key = Secret::from(derive(&self.root, self.vault, "fingerprints").as_slice());
        let mut message = Zeroizing::new(Vec::with_capacity(kind.len() + 1 + secret.len()));
        message.extend_from_slice(kind.as_bytes());
        message.push(0);
        message.extend_from_slice(secret.expose());
        let tag = hmac(MacHash::Sha256, &key, &message);
        let mut mark = [0; 16];
        mark.copy_from_slice(&tag.expose()[..16]);
        mark
    }

    /// A slot that the key file opens.
    pub fn slot_for_key_file(&self, file: &KeyFile, chance: &dyn Chance) -> KeySlot {
        self.slot(SlotKind::KeyFile, Vec::new(), file.key(), chance)
    }

    /// A slot that the passphrase opens. Takes about a second of work and `cost.memory_kib` of memory.
    pub fn slot_for_passphrase(&self, words: &Secret, cost: Cost, chance: &dyn Chance) -> KeySlot {
        let mut salt = [0; passphrase::SALT_LEN];
        chance.fill(&mut salt);
        let key = passphrase::stretch(words, &salt, cost);
        self.slot(SlotKind::Passphrase, passphrase::write_parameters(&salt, cost), &key, chance)
    }

    fn slot(&self, kind: SlotKind, parameters: Vec<u8>, key: &Secret, chance: &dyn Chance) -> KeySlot {
        let mut wrapped = Vec::new();
        let associated = slot_associated(self.vault, kind, &parameters);
        envelope::seal_box(&slot_key(self.vault, key), &associated, self.root.expose(), chance, &mut wrapped);
        KeySlot { kind, parameters, wrapped }
    }

    /// Unlocks with a key file.
    pub fn unlock_with_key_file(vault: VaultId, slot: &KeySlot, file: &KeyFile) -> Result<Self, UnlockError> {
        if file.vault() != vault {
            return Err(UnlockError::OtherVault { file: file.vault(), database: vault });
        }
        Self::unlock(vault, slot, file.key()).ok_or(UnlockError::WrongKey)
    }

    /// Unlocks with a passphrase.
    pub fn unlock_with_passphrase(vault: VaultId, slot: &KeySlot, words: &Secret) -> Result<Self, UnlockError> {
        let (salt, cost) = passphrase::read_parameters(&slot.parameters).ok_or(UnlockError::Damaged)?;
        let key = passphrase::stretch(words, &salt, cost);
        Self::unlock(vault, slot, &key).ok_or(UnlockError::WrongPassphrase)
    }

    fn unlock(vault: VaultId, slot: &KeySlot, key: &Secret) -> Option<Self> {
        let associated = slot_associated(vault, slot.kind, &slot.parameters);
        let root = envelope::open_box(&slot_key(vault, key), &associated, &slot.wrapped).ok()?;
        (root.len() == 32).then(|| Self::from_root(vault, root))
    }
}

fn slot_key(vault: VaultId, key: &Secret) -> LessSafeKey {
    envelope::key(&derive(key, vault, "wrapping of the vault key"))
}

fn slot_associated(vault: VaultId, kind: SlotKind, parameters: &[u8]) -> Vec<u8> {
    let mut bytes = b"countersign key slot v1\0".to_vec();
    bytes.extend_from_slice(vault.uuid().as_bytes());
    bytes.extend_from_slice(kind.name().as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(parameters);
    bytes
}

/// HKDF-SHA-256 (RFC 5869) with the vault's id as salt and the label as info.
fn derive(root: &Secret, vault: VaultId, label: &str) -> Zeroizing<[u8; 32]> {
    struct ThirtyTwo;
    impl KeyType for ThirtyTwo {
        fn len(&self) -> usize {
            32
        }
    }
    let mut out = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, vault.uuid().as_bytes())
        .extract(root.expose())
        .expand(&[b"countersign v1 ", label.as_bytes()], ThirtyTwo)
        .and_then(|key| key.fill(out.as_mut()))
        .expect("HKDF gives 32 bytes");
    out
}
