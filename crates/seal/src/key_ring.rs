use std::sync::Arc;

use countersign_model::{Chance, VaultId};

use crate::{Binding, NotOpened, RowKey, Sealed, Secret, SigningKey, VaultKey, Withheld};

/// The keys of an unlocked vault: one that seals, and while the vault key is being replaced another, which only opens.
#[derive(Clone)]
pub struct KeyRing {
    active: Arc<VaultKey>,
    other: Option<Arc<VaultKey>>,
}

impl KeyRing {
    /// With the only key that there is.
    pub fn new(active: VaultKey) -> Self {
        Self { active: Arc::new(active), other: None }
    }

    /// With another that opens what is sealed under it.
    #[must_use]
    pub fn with(self, other: VaultKey) -> Self {
        Self { other: Some(Arc::new(other)), ..self }
    }

    /// From now on the other one seals.
    #[must_use]
    pub fn turned(self) -> Self {
        match self.other {
            Some(other) => Self { active: other, other: Some(self.active) },
            None => self,
        }
    }

    /// Without the other one: what is sealed under it opens no more.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { other: None, ..self }
    }

    /// The key that seals.
    pub fn active(&self) -> &VaultKey {
        &self.active
    }

    /// The one that only opens, while the vault key is being replaced.
    pub fn other(&self) -> Option<&VaultKey> {
        self.other.as_deref()
    }

    /// The vault they open.
    pub fn vault(&self) -> VaultId {
        self.active.vault()
    }

    /// Whether the system keeps all of them out of swap.
    pub fn is_locked(&self) -> bool {
        self.active.is_locked() && self.other.as_ref().is_none_or(|key| key.is_locked())
    }

    /// Seals a secret with a data key of its own.
    pub fn seal(&self, binding: &Binding, secret: &Secret, chance: &dyn Chance) -> Sealed {
        self.active.seal(binding, secret, chance)
    }

    /// Opens what either has sealed. It leaves against the receipt of a record about its owner.
    pub fn open(&self, binding: &Binding, sealed: &Sealed) -> Result<Withheld, NotOpened> {
        Ok(Withheld::new(binding.owner, self.of(sealed)?.open(binding, sealed)?))
    }

    /// The same secret under the key that seals; `None` where it is already.
    pub fn rewrap(&self, binding: &Binding, sealed: &Sealed, chance: &dyn Chance) -> Result<Option<Sealed>, NotOpened> {
        let former = self.of(sealed)?;
        if former.number() == self.active.number() {
            return Ok(None);
        }
        self.active.rewrap(former, binding, sealed, chance).map(Some)
    }

    fn of(&self, sealed: &Sealed) -> Result<&VaultKey, NotOpened> {
        let number = sealed.key_number().ok_or(NotOpened)?;
        [Some(&self.active), self.other.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.number() == number)
            .map(AsRef::as_ref)
            .ok_or(NotOpened)
    }

    /// The key that signs this vault's audit checkpoints; the same for the vault's life.
    pub fn audit_signing_key(&self) -> SigningKey {
        self.active.audit_signing_key()
    }

    /// The keys that vouch for rows which no seal covers: the active one marks, either vouches.
    pub fn row_key(&self) -> RowKey {
        let key = self.active.row_key();
        match &self.other {
            Some(other) => key.also(&other.marks()),
            None => key,
        }
    }

    /// See [`VaultKey::fingerprint`]; the same for the vault's life.
    pub fn fingerprint(&self, kind: &str, secret: &Secret) -> [u8; 16] {
        self.active.fingerprint(kind, secret)
    }
}
