//! Replacing the vault key while everything goes on.
//!
//! A new key is made and unlocked by what unlocked the former one. While both are there, either opens, and either vouches for
//! rows. The new one is *announced* first, so that other servers know it before anything is sealed under it; then it is
//! *active*: it seals, and what the former one has sealed or marked is wrapped and marked anew, bit by bit, in transactions of
//! their own. Each bit is found by what it is under, so that whoever takes up the work after a stop goes on where it was. When
//! nothing is left, the former key goes in the same transaction that makes sure of it.

use std::{sync::Arc, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{Action, Actor, SessionId, Timestamp};
use countersign_seal::{Binding, KeyId, KeyRing, KeySlot, Sealed, SecretKind, VaultKey, passphrase::Cost};
use countersign_store::{
    engine::{self, EngineKind, Transaction},
    marks, rewrap, vault as vault_row,
    vault_keys::{self, VaultKeyRow},
};
use uuid::Uuid;

use crate::{
    Conflict, Error, Object, OpenVaultError, Unlock, Vault, keys::open::unlock_ring, keys::unlock::Unlocking, sessions,
    vault::permit_by_role,
};

// Where other servers may use the same database: they look so often, and have this long to learn of a new key.
const LOOK: Duration = Duration::from_secs(5);
const ANNOUNCED: Duration = Duration::from_secs(15);
// A transaction that began before the new key was active has ended by then, or is given up.
const SETTLED: Duration = Duration::from_secs(60);
// So many values a transaction: others that write wait for no more.
const AT_ONCE: usize = 64;

/// How the vault key stands.
#[derive(Debug, Clone)]
pub struct KeyView {
    /// Its name.
    pub id: KeyId,
    /// Its number among the vault's keys, from 1.
    pub number: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// What unlocked it when this server started.
    pub unlocked_by: String,
    /// Whether the system keeps it out of swap.
    pub locked: bool,
    /// The key that takes its place, while it does.
    pub next: Option<NextKeyView>,
}

/// A key that is about to be the only one.
#[derive(Debug, Clone)]
pub struct NextKeyView {
    /// Its name.
    pub id: KeyId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to seal; none while other servers learn of it.
    pub active_at: Option<Timestamp>,
    /// How many values and parts of recordings are still under the former key.
    pub left: u64,
}

/// How far the replacement has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStanding {
    /// There is one key.
    One,
    /// Other servers learn of the new one.
    Announced,
    /// Values are wrapped anew.
    Wrapping,
}

impl Vault {
    /// The vault key, by its name; never the key.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn key(&self, actor: &Actor) -> Result<KeyView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ManageVault)?;
        let rows = vault_keys::all(&mut reader).await?;
        let (Some(first), newest) = (rows.first(), rows.last().filter(|_| rows.len() > 1)) else {
            return Err(Error::NotFound(Object::VaultKey));
        };
        let next = match newest {
            None => None,
            Some(row) => {
                let mut left = rewrap::people_left(&mut reader, row.number).await?.len();
                left += rewrap::parts_left(&mut reader, row.number).await?.len();
                for place in rewrap::PLACES {
                    left += place.left(&mut reader, row.number).await?.len();
                }
                Some(NextKeyView {
                    id: row.id,
                    created_at: row.created_at,
                    active_at: row.active_at,
                    left: left as u64,
                })
            }
        };
        Ok(KeyView {
            id: first.id,
            number: first.number,
            created_at: first.created_at,
            unlocked_by: self.inner.unlock.place(),
            locked: self.keys().is_locked(),
            next,
        })
    }

    /// Makes a new vault key and begins to put it in the former one's place; [`Vault::continue_key_rotation`] does the rest.
    ///
    /// # Errors
    /// [`Conflict::KeyBeingReplaced`]; [`Error::KeyLocked`] when what unlocks the vault cannot be read any more;
    /// [`Error::Denied`], [`Error::TooShort`].
    pub async fn rotate_key(&self, actor: &Actor) -> Result<KeyView, Error> {
        permit_by_role(actor, Action::ManageVault)?;
        self.permit_managing(actor)?;
        self.follow(&vault_keys::all(&mut &self.inner.database).await?).await?;
        let former = self.keys();
        if former.other().is_some() {
            return Err(Error::Conflict(Conflict::KeyBeingReplaced));
        }
        // Outside of the transaction: a command may take its time.
        let (next, slot) = self.next_key(former.active()).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let now = self.now();
        let row =
            VaultKeyRow { number: next.number(), id: next.id(), created_at: now, active_at: None, slot: Some(slot) };
        match vault_keys::insert(&mut tx, &row).await {
            Err(engine::Error::Conflict { .. }) => return Err(Error::Conflict(Conflict::KeyBeingReplaced)),
            result => result?,
        }
        let entry = self.entry(&actor, AuditAction::KeyRotationStarted);
        let entry = named(entry, former.active()).with("to", next.id().to_string());
        tx.record(entry);
        tx.commit().await?;
        self.hold_keys((*former).clone().with(next));
        self.inner.key_work.notify_one();
        self.key(&actor).await
    }

    /// A new key and a slot that opens it by what unlocks the vault.
    async fn next_key(&self, former: &VaultKey) -> Result<(VaultKey, KeySlot), Error> {
        let vault = former.vault();
        let next = former.next(self.chance());
        let slots = vault_row::slots(&mut &self.inner.database).await?;
        let unlocking = Unlocking::of_vault(&self.inner.unlock, vault, &slots).await.map_err(Error::key_locked)?;
        // What opens the next key opens the present one too, or the next start would open neither.
        unlocking.open_any(vault, &slots).map_err(Error::key_locked)?;
        let slot = match &unlocking {
            Unlocking::KeyFile(file) => next.slot_for_key_file(file, self.chance()),
            Unlocking::Passphrase(words) => next.slot_for_passphrase(words, Cost::VAULT, self.chance()),
        };
        Ok((next, slot))
    }

    fn hold_keys(&self, ring: KeyRing) {
        self.inner.database.vouch_with(&ring);
        *self.inner.keys.write() = Arc::new(ring);
    }

    /// Learns of keys that another server has made, and does the next bit of replacing the vault key. To be called again and
    /// again; any number of servers may do so at once, and whoever stops in the middle is taken over.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::KeyLocked`], those of the recording store. What is done stays done.
    pub async fn continue_key_rotation(&self) -> Result<KeyStanding, Error> {
        let rows = vault_keys::all(&mut &self.inner.database).await?;
        self.follow(&rows).await?;
        let Some(next) = rows.last().filter(|_| rows.len() > 1) else { return Ok(KeyStanding::One) };
        let (now, alone) = (self.now(), self.inner.database.kind() == EngineKind::Sqlite);
        let Some(active_at) = next.active_at else {
            if !alone && now.since(next.created_at) < ANNOUNCED {
                return Ok(KeyStanding::Announced);
            }
            let mut tx = self.unit().await?;
            vault_keys::activate(&mut tx, next.number, now).await?;
            tx.commit_without_record("the announcement was recorded, and its end will be").await?;
            self.hold_keys((*self.keys()).clone().turned());
            return Ok(KeyStanding::Wrapping);
        };
        let moved = self.rewrap_pass(next.number).await?;
        let settled = alone || now.since(active_at) >= SETTLED;
        if moved == 0 && settled && self.finish_rotation(next).await? {
            return Ok(KeyStanding::One);
        }
        Ok(KeyStanding::Wrapping)
    }

    /// Holds the keys that the database says there are.
    async fn follow(&self, rows: &[VaultKeyRow]) -> Result<(), Error> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let seals = if last.active_at.is_some() { last.number } else { first.number };
        let opens = (rows.len() > 1).then_some(if seals == last.number { first.number } else { last.number });
        let held = self.keys();
        let (active, other) = (held.active().number(), held.other().map(VaultKey::number));
        if (active, other) == (seals, opens) {
            return Ok(());
        }
        let ring = if other == Some(seals) && (opens.is_none() || opens == Some(active)) {
            (*held).clone().turned()
        } else if active == seals && opens.is_none() {
            (*held).clone()
        } else {
            let vault = held.vault();
            unlock_ring(&mut &self.inner.database, vault, &self.inner.unlock).await.map_err(Error::key_locked)?
        };
        self.hold_keys(if opens.is_none() { ring.alone() } else { ring });
        Ok(())
    }

    /// Wraps and marks anew whatever is under the former key now. Says how much that was.
    async fn rewrap_pass(&self, number: u32) -> Result<usize, Error> {
        let keys = self.keys();
        let mut moved = 0;
        for place in rewrap::PLACES {
            let left = place.left(&mut &self.inner.database, number).await?;
            for some in left.chunks(AT_ONCE) {
                let mut tx = self.unit().await?;
                moved += self.rewrap_some(&mut tx, &keys, place, some).await?;
                tx.commit_without_record("the same secrets under another key; the end of it is recorded").await?;
            }
        }
        let left = rewrap::people_left(&mut &self.inner.database, number).await?;
        for some in left.chunks(AT_ONCE) {
            let mut tx = self.unit().await?;
            moved += self.rewrap_people(&mut tx, &keys, some).await?;
            tx.commit_without_record("the same secrets under another key; the end of it is recorded").await?;
        }
        let former = marks::former(&mut &self.inner.database).await?;
        for some in former.chunks(AT_ONCE) {
            let mut tx = self.unit().await?;
            moved += usize::try_from(marks::remark(&mut tx, some).await?).unwrap_or(usize::MAX);
            tx.commit_without_record("the same rows vouched for by another key; the end of it is recorded").await?;
        }
        for (session, seq) in rewrap::parts_left(&mut &self.inner.database, number).await? {
            self.rewrap_part(&keys, session, seq).await?;
            moved += 1;
        }
        Ok(moved)
    }

    async fn rewrap_some(
        &self,
        tx: &mut Transaction,
        keys: &KeyRing,
        place: &rewrap::SealedColumn,
        some: &[rewrap::SealedAt],
    ) -> Result<usize, Error> {
        let mut moved = 0;
        for at in some {
            let Some(row) = place.find(tx, *at).await? else { continue };
            let binding = Binding::of(place.what, row.owner, row.version);
            // What opens under neither key is lost already, and says so when it is read.
            let Ok(Some(anew)) = keys.rewrap(&binding, &row.sealed, self.chance()) else { continue };
            moved += usize::from(place.set(tx, *at, &row.sealed, &anew).await?);
        }
        Ok(moved)
    }

    async fn rewrap_people(&self, tx: &mut Transaction, keys: &KeyRing, some: &[Uuid]) -> Result<usize, Error> {
        let mut moved = 0;
        for id in some {
            let rewrapped = rewrap::person(tx, *id, |version, sealed| {
                let binding = Binding::of(SecretKind::UserSeed, *id, version.uuid());
                let anew = keys.rewrap(&binding, sealed, self.chance()).ok().flatten()?;
                moved += 1;
                Some(anew)
            })
            .await;
            match rewrapped {
                // Nobody vouches for the row: it stays as it is, and refused.
                Ok(()) | Err(engine::Error::Tampered { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(moved)
    }

    /// One part of a recording. A stop between store and index leaves one that is found to be done already.
    async fn rewrap_part(&self, keys: &KeyRing, session: SessionId, seq: u32) -> Result<(), Error> {
        let store = &self.recordings()?.store;
        let name = sessions::part_name(session, seq);
        if let Some(bytes) = store.get(&name).await? {
            let sealed = Sealed::from_bytes(bytes);
            if let Ok(Some(anew)) = keys.rewrap(&sessions::part_binding(session, seq), &sealed, self.chance()) {
                store.put(&name, anew.bytes().to_vec()).await?;
            }
        }
        // What is missing or damaged is so under either key, and is said when it is played.
        let mut tx = self.unit().await?;
        rewrap::set_part(&mut tx, session, seq, keys.active().number()).await?;
        tx.commit_without_record("the same part under another key; the end of it is recorded").await
    }

    /// Takes the former key away, unless something turns out to be still under it.
    async fn finish_rotation(&self, next: &VaultKeyRow) -> Result<bool, Error> {
        let keys = self.keys();
        let Some(slot) = next.slot.as_ref() else { return Ok(false) };
        let mut tx = self.unit().await?;
        vault_row::lock_head(&mut tx).await?;
        let still = vault_keys::all(&mut tx).await?;
        let (Some(former), true) = (still.first(), still.len() > 1) else {
            // Another server has done it.
            return Ok(true);
        };
        let mut moved = 0;
        for place in rewrap::PLACES {
            let left = place.left(&mut tx, next.number).await?;
            moved += self.rewrap_some(&mut tx, &keys, place, &left).await?;
        }
        let left = rewrap::people_left(&mut tx, next.number).await?;
        moved += self.rewrap_people(&mut tx, &keys, &left).await?;
        let rows = marks::former(&mut tx).await?;
        moved += usize::try_from(marks::remark(&mut tx, &rows).await?).unwrap_or(usize::MAX);
        let parts = rewrap::parts_left(&mut tx, next.number).await?.len();
        if moved + parts > 0 {
            tx.commit_without_record("the same secrets under another key; the end of it is recorded").await?;
            return Ok(false);
        }
        vault_row::remark(&mut tx).await?;
        vault_row::delete_slots(&mut tx).await?;
        vault_row::put_slot(&mut tx, slot).await?;
        let from = former.id;
        vault_keys::settle(&mut tx, next.number).await?;
        // What is in memory is under the former key.
        vault_row::bump(&mut tx).await?;
        let entry = AuditEntry::new(self.now(), ActorRef::system(), AuditAction::KeyRotated);
        let entry = entry.on(ObjectKind::Vault, keys.vault().uuid(), "vault key");
        let entry = entry.with("from", from.to_string()).with("to", next.id.to_string());
        tx.record(entry);
        // Whoever has read a value before this still opens it; the next look at the keys forgets the former one.
        self.inner.database.vouch_with_active(&keys);
        tx.commit().await?;
        Ok(true)
    }

    /// Calls [`Vault::continue_key_rotation`] again and again, until the runtime ends.
    pub async fn keep_keys(self) {
        let mut failing = false;
        loop {
            let wait = match self.continue_key_rotation().await {
                Ok(KeyStanding::One) if self.keys().other().is_some() => Duration::from_secs(1),
                Ok(KeyStanding::One) => {
                    failing = false;
                    LOOK
                }
                Ok(KeyStanding::Announced | KeyStanding::Wrapping) => Duration::from_millis(500),
                Err(error) => {
                    // A database that does not answer is said elsewhere.
                    if !failing && !matches!(error, Error::Database(_)) {
                        tracing::error!("the vault key cannot be replaced at the moment: {error}");
                        failing = true;
                    }
                    LOOK
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.inner.key_work.notified() => {}
            }
        }
    }

    /// Whether a key file or the like is what unlocks this vault.
    pub fn unlocked_by(&self) -> &Unlock {
        &self.inner.unlock
    }
}

fn named(entry: AuditEntry, key: &VaultKey) -> AuditEntry {
    entry.on(ObjectKind::Vault, key.vault().uuid(), "vault key").with("from", key.id().to_string())
}

impl Error {
    fn key_locked(error: OpenVaultError) -> Self {
        Self::KeyLocked(Arc::new(error))
    }
}
