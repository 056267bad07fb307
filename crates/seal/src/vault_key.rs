use std::{fmt, str::FromStr};

use aws_lc_rs::{
    aead::LessSafeKey,
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use countersign_model::{Chance, VaultId};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::{
    Binding, KeyFile, MacHash, NotOpened, RowKey, Sealed, Secret, SigningKey,
    envelope::{self, FIRST},
    hmac,
    passphrase::{self, Cost},
};

/// The key of one vault, unlocked: everything sealed in it opens with this.
///
/// It never leaves this room; what needs another key gets one derived under a label of its own.
pub struct VaultKey {
    vault: VaultId,
    number: u32,
    root: Secret,
    // Prepared once: expanding an AES key for each read would cost as much as the read's own work.
    wrapping: LessSafeKey,
    lasting: Lasting,
}

/// Keys that a vault has for life, whatever becomes of its vault key: what was made with them could not be made anew. They
/// come from its first vault key, and each later one carries them sealed.
struct Lasting(Secret);

// How they lie in it, 32 bytes each.
const SIGNING: usize = 0;
const BEARERS: usize = 32;
const FINGERPRINTS: usize = 64;
const LASTING_LEN: usize = 96;

impl Lasting {
    fn derived(root: &Secret, vault: VaultId) -> Self {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LASTING_LEN));
        for label in ["audit signing", "bearers", "fingerprints"] {
            bytes.extend_from_slice(&*derive(root, vault, label));
        }
        Self(Secret::from(bytes.as_slice()).into_own_page())
    }

    fn key(&self, at: usize) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&self.0.expose()[at..at + 32]);
        key
    }
}

/// How a vault key is kept: wrapped under a key that comes from a key file or a passphrase.
///
/// A vault may have several slots, each of which opens the same key; another key file or passphrase rewrites slots, not
/// secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySlot {
    /// The number of the vault key in it, from 1.
    pub number: u32,
    /// What opens it.
    pub kind: SlotKind,
    /// For a passphrase its salt and cost; empty for a key file.
    pub parameters: Vec<u8>,
    /// The vault key, sealed.
    pub wrapped: Vec<u8>,
    /// What the vault's later keys carry along, sealed under the vault key; empty for the first.
    pub lasting: Vec<u8>,
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
    /// The shares are of a key that this vault has no more, or never had.
    #[error(
        "the shares give key {shares}, this vault has key {vault}: use shares that were exported since the vault key was replaced"
    )]
    OtherKey {
        /// The key of the shares.
        shares: KeyId,
        /// The vault's.
        vault: KeyId,
    },
    /// The slot itself cannot be read.
    #[error("the stored vault key is damaged: restore the database from a backup")]
    Damaged,
}

impl VaultKey {
    /// A new key for a new vault.
    pub fn generate(vault: VaultId, chance: &dyn Chance) -> Self {
        let root = new_root(chance);
        let lasting = Lasting::derived(&root, vault);
        Self::from_root(vault, FIRST, root, lasting)
    }

    /// The key that takes this one's place: another root, the same lasting keys.
    #[must_use]
    pub fn next(&self, chance: &dyn Chance) -> Self {
        let lasting = Lasting(Secret::from(self.lasting.0.expose()).into_own_page());
        Self::from_root(self.vault, self.number + 1, new_root(chance), lasting)
    }

    fn from_root(vault: VaultId, number: u32, root: Secret, lasting: Lasting) -> Self {
        let root = root.into_own_page();
        let wrapping = envelope::key(&derive(&root, vault, "wrapping of data keys"));
        Self { vault, number, root, wrapping, lasting }
    }

    /// Which of the vault's keys it is, from 1.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// What names it without telling anything of it.
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.root, self.vault)
    }

    pub(crate) const fn root(&self) -> &Secret {
        &self.root
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
    pub fn seal(&self, binding: &Binding, secret: &Secret, chance: &dyn Chance) -> Sealed {
        envelope::seal(self.number, &self.wrapping, binding, secret, chance)
    }

    /// Opens what [`VaultKey::seal`] made, given the same binding.
    pub fn open(&self, binding: &Binding, sealed: &Sealed) -> Result<Secret, NotOpened> {
        envelope::open(&self.wrapping, binding, sealed)
    }

    /// Wraps the data key of what `former` has sealed under this key. The secret itself stays closed.
    pub fn rewrap(
        &self,
        former: &Self,
        binding: &Binding,
        sealed: &Sealed,
        chance: &dyn Chance,
    ) -> Result<Sealed, NotOpened> {
        envelope::rewrap(&former.wrapping, (self.number, &self.wrapping), binding, sealed, chance)
    }

    /// The key that signs this vault's audit checkpoints.
    pub fn audit_signing_key(&self) -> SigningKey {
        SigningKey::from_seed(&self.lasting.key(SIGNING))
    }

    /// The keys that vouch for rows which no seal covers.
    pub fn row_key(&self) -> RowKey {
        RowKey::new(&self.marks(), &self.lasting.key(BEARERS))
    }

    pub(crate) fn marks(&self) -> Zeroizing<[u8; 32]> {
        derive(&self.root, self.vault, "marks of rows")
    }

    /// A mark of a secret that is equal for equal secrets of one kind, and tells nothing without the vault key. Sixteen
    /// bytes: it finds a seed that is stored twice.
    pub fn fingerprint(&self, kind: &str, secret: &Secret) -> [u8; 16] {
        let key = Secret::from(self.lasting.key(FINGERPRINTS).as_slice());
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
        let associated = slot_associated(self.vault, self.number, kind, &parameters);
        envelope::seal_box(&slot_key(self.vault, key), &associated, self.root.expose(), chance, &mut wrapped);
        let mut lasting = Vec::new();
        if self.number != FIRST {
            let associated = lasting_associated(self.vault, self.number);
            let key = lasting_key(&self.root, self.vault);
            envelope::seal_box(&key, &associated, self.lasting.0.expose(), chance, &mut lasting);
        }
        KeySlot { number: self.number, kind, parameters, wrapped, lasting }
    }

    /// Unlocks with a key file.
    pub fn unlock_with_key_file(vault: VaultId, slot: &KeySlot, file: &KeyFile) -> Result<Self, UnlockError> {
        if file.vault() != vault {
            return Err(UnlockError::OtherVault { file: file.vault(), database: vault });
        }
        let root = unwrap_root(vault, slot, file.key()).ok_or(UnlockError::WrongKey)?;
        Self::with_slot(vault, slot, root)
    }

    /// Unlocks with a passphrase.
    pub fn unlock_with_passphrase(vault: VaultId, slot: &KeySlot, words: &Secret) -> Result<Self, UnlockError> {
        let (salt, cost) = passphrase::read_parameters(&slot.parameters).ok_or(UnlockError::Damaged)?;
        let key = passphrase::stretch(words, &salt, cost);
        let root = unwrap_root(vault, slot, &key).ok_or(UnlockError::WrongPassphrase)?;
        Self::with_slot(vault, slot, root)
    }

    pub(crate) fn with_slot(vault: VaultId, slot: &KeySlot, root: Secret) -> Result<Self, UnlockError> {
        let lasting = if slot.number == FIRST {
            Lasting::derived(&root, vault)
        } else {
            let associated = lasting_associated(vault, slot.number);
            let opened = envelope::open_box(&lasting_key(&root, vault), &associated, &slot.lasting);
            let opened = opened.ok().filter(|keys| keys.len() == LASTING_LEN).ok_or(UnlockError::Damaged)?;
            Lasting(opened.into_own_page())
        };
        Ok(Self::from_root(vault, slot.number, root, lasting))
    }
}

/// The name of a vault key: sixteen hexadecimal digits that come from it and lead nowhere back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId([u8; 8]);

impl KeyId {
    pub(crate) fn of(root: &Secret, vault: VaultId) -> Self {
        let derived = derive(root, vault, "key id");
        let mut id = [0; 8];
        id.copy_from_slice(&derived[..8]);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for KeyId {
    type Err = UnlockError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| UnlockError::Damaged)?;
        bytes.try_into().map(Self).map_err(|_| UnlockError::Damaged)
    }
}

fn new_root(chance: &dyn Chance) -> Secret {
    let mut bytes = Zeroizing::new([0; 32]);
    chance.fill(bytes.as_mut());
    Secret::from(&mut *bytes)
}

fn unwrap_root(vault: VaultId, slot: &KeySlot, key: &Secret) -> Option<Secret> {
    let associated = slot_associated(vault, slot.number, slot.kind, &slot.parameters);
    let root = envelope::open_box(&slot_key(vault, key), &associated, &slot.wrapped).ok()?;
    (root.len() == 32).then_some(root)
}

fn slot_key(vault: VaultId, key: &Secret) -> LessSafeKey {
    envelope::key(&derive(key, vault, "wrapping of the vault key"))
}

fn lasting_key(root: &Secret, vault: VaultId) -> LessSafeKey {
    envelope::key(&derive(root, vault, "wrapping of lasting keys"))
}

fn lasting_associated(vault: VaultId, number: u32) -> Vec<u8> {
    let mut bytes = b"countersign lasting keys v1\0".to_vec();
    bytes.extend_from_slice(vault.uuid().as_bytes());
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes
}

fn slot_associated(vault: VaultId, number: u32, kind: SlotKind, parameters: &[u8]) -> Vec<u8> {
    let mut bytes = b"countersign key slot v1\0".to_vec();
    bytes.extend_from_slice(vault.uuid().as_bytes());
    bytes.extend_from_slice(kind.name().as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(parameters);
    if number != FIRST {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
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
