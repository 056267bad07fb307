//! Opening a vault: the database, the schema, and the key that fits both.

use std::sync::Arc;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, Detail, ObjectKind};
use countersign_identity::judge_password;
use countersign_model::{Chance, Clock, VaultId};
use countersign_seal::{KeyFile, KeyRing, UnlockError, VaultKey, passphrase::Cost};
use countersign_store::{
    MIGRATIONS, audit,
    engine::{self, Database, Select},
    marks, names,
    vault::{self as vault_row, VaultRow},
    vault_keys::{self, VaultKeyRow},
};

use crate::{
    Unlock, Vault, VaultOptions,
    keys::error::{CreateError, OpenVaultError},
    keys::unlock::{Unlocking, key_file_error, write_key_file},
    users::set_up,
};

impl Vault {
    /// Opens the vault in a database, or makes it where the database is empty.
    ///
    /// # Errors
    /// [`OpenVaultError`]; nothing half-made stays: a key file that was written before a crash is used by the next try.
    pub async fn open(
        database: Database,
        unlock: &Unlock,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        options: VaultOptions,
    ) -> Result<Self, OpenVaultError> {
        database.migrate(MIGRATIONS, clock.now().micros()).await?;
        let row = vault_row::find(&mut &database).await?;
        let keys = match row {
            Some(row) => unlock_ring(&mut &database, row.id, unlock).await?,
            None => create(&database, unlock, &*clock, &*chance, options).await?,
        };
        database.vouch_with(&keys);
        note_key(&database, keys.active()).await?;
        fold_log(&database).await?;
        normalise_names(&database).await?;
        order_names(&database).await?;
        mark_rows(&database, &*clock).await?;
        cover_more(&database, &*clock).await?;
        let vault = Self::assemble(database, keys, unlock.kept(), clock, chance, options);
        // The whole log is read for it once, so before anybody waits.
        let mut reader = vault.inner.database.read().await?;
        if let Some(row) = vault_row::find(&mut reader).await? {
            drop(vault.log_memory(&mut reader, row.head.size).await?);
        }
        drop(reader);
        Ok(vault)
    }
}

/// Once in a database's life, after the key has opened it.
async fn normalise_names(database: &Database) -> Result<(), engine::Error> {
    let mut tx = database.write().await?;
    let kept = names::normalise(&mut tx).await?;
    if kept > 0 {
        tracing::warn!(kept, "some names differ from others only in how their accents are written: rename these");
    }
    tx.commit().await.map(drop)
}

/// Gives names their place in the natural order where something has written them that does not know of it.
async fn order_names(database: &Database) -> Result<(), engine::Error> {
    loop {
        let mut tx = database.write().await?;
        let more = names::order(&mut tx).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Turns the rows of a log from before blocks into blocks, some thousand at a time.
async fn fold_log(database: &Database) -> Result<(), engine::Error> {
    let mut folded = 0;
    loop {
        let mut tx = database.write().await?;
        let more = audit::fold_rows(&mut tx).await?;
        if more == 0 {
            return Ok(());
        }
        tx.commit().await?;
        folded += more;
        tracing::info!(records = folded, "the audit log is being packed, once after this upgrade");
    }
}

/// Marks the rows of authority that are there, at the first start with a schema that has marks: once, recorded, and never
/// later, whatever is missing then.
async fn mark_rows(database: &Database, clock: &dyn Clock) -> Result<(), OpenVaultError> {
    let row = vault_row::find(&mut &*database).await?;
    if row.is_none_or(|row| row.marked_at.is_some()) {
        // Its own mark was compared when it was read.
        return Ok(());
    }
    let mut tx = database.write().await?;
    // Another server may do the same at this moment.
    vault_row::lock_head(&mut tx).await?;
    let Some(row) = vault_row::find(&mut tx).await?.filter(|row| row.marked_at.is_none()) else { return Ok(()) };
    let recorded = !audit::oldest_of(&mut tx, AuditAction::RowsMarked, 1).await?.is_empty();
    if recorded || marks::any_marked(&mut tx).await? {
        return Err(engine::Error::Tampered { what: "the note of when rows were marked".to_owned() }.into());
    }
    let now = clock.now();
    let marked = marks::mark_all(&mut tx).await?;
    let set_up_at = set_up::anybody_ever(&mut tx).await?.then_some(now);
    vault_row::set_marked(&mut tx, &row, now, set_up_at).await?;
    let count = i64::try_from(marked).unwrap_or(i64::MAX);
    let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::RowsMarked)
        .on(ObjectKind::Vault, row.id.uuid(), "vault")
        .with("rows", count);
    audit::append(&mut tx, vec![entry]).await?;
    Ok(tx.commit().await.map(drop)?)
}

/// Marks anew what was marked before marks covered what they do now: once, recorded, and never later.
async fn cover_more(database: &Database, clock: &dyn Clock) -> Result<(), OpenVaultError> {
    // Its own mark was compared when it was read, and covers this.
    let is_new = |row: &VaultRow| row.marks >= marks::GENERATION || row.marked_at.is_none();
    if vault_row::find(&mut &*database).await?.is_none_or(|row| is_new(&row)) {
        return Ok(());
    }
    let mut tx = database.write().await?;
    // Another server may do the same at this moment.
    vault_row::lock_head(&mut tx).await?;
    let Some(row) = vault_row::find(&mut tx).await?.filter(|row| !is_new(row)) else { return Ok(()) };
    let recorded = audit::oldest_of(&mut tx, AuditAction::RowsMarked, 100).await?;
    let covers =
        |entry: &AuditEntry| matches!(entry.details.get(COVERS), Some(Detail::Number(it)) if *it >= marks::GENERATION);
    if recorded.iter().any(covers) {
        return Err(engine::Error::Tampered { what: "the note of what marks cover".to_owned() }.into());
    }
    let now = clock.now();
    let marked = marks::cover_more(&mut tx, row.marks).await?;
    let set_up_at = match row.set_up_at {
        Some(at) => Some(at),
        None => set_up::anybody_ever(&mut tx).await?.then_some(now),
    };
    vault_row::set_marked(&mut tx, &row, row.marked_at.unwrap_or(now), set_up_at).await?;
    let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::RowsMarked)
        .on(ObjectKind::Vault, row.id.uuid(), "vault")
        .with("rows", i64::try_from(marked).unwrap_or(i64::MAX))
        .with(COVERS, marks::GENERATION);
    audit::append(&mut tx, vec![entry]).await?;
    Ok(tx.commit().await.map(drop)?)
}

/// What the record of it calls the columns that marks cover since then.
const COVERS: &str = "covers";

/// Opens the keys that the vault has: one, or two while it is being replaced. For what is done beside a running server; the
/// server itself uses [`Vault::open`].
///
/// # Errors
/// [`OpenVaultError`].
pub async fn unlock_ring(db: &mut impl Select, vault: VaultId, unlock: &Unlock) -> Result<KeyRing, OpenVaultError> {
    let slots = vault_row::slots(db).await?;
    let rows = vault_keys::all(db).await?;
    let unlocking = Unlocking::of_vault(unlock, vault, &slots).await?;
    let key = unlocking.open_any(vault, &slots)?;
    require_known(&rows, &key)?;
    let Some((next, slot)) = rows.iter().find_map(|row| Some((row, row.slot.as_ref()?))) else {
        return Ok(KeyRing::new(key));
    };
    let newer = unlocking.open_any(vault, std::slice::from_ref(slot))?;
    require_known(&rows, &newer)?;
    let ring = KeyRing::new(key).with(newer);
    Ok(if next.active_at.is_some() { ring.turned() } else { ring })
}

/// What a key is called in the database is its name.
fn require_known(rows: &[VaultKeyRow], key: &VaultKey) -> Result<(), OpenVaultError> {
    match rows.iter().find(|row| row.number == key.number()) {
        Some(row) if row.id != key.id() => {
            Err(engine::Error::Tampered { what: format!("the name of the vault key {}", key.id()) }.into())
        }
        None if !rows.is_empty() => Err(UnlockError::Damaged.into()),
        _ => Ok(()),
    }
}

/// Notes the vault's key where it has none noted, as vaults from before keys had names.
async fn note_key(database: &Database, key: &VaultKey) -> Result<(), OpenVaultError> {
    let mut reader = database.read().await?;
    if !vault_keys::all(&mut reader).await?.is_empty() {
        return Ok(());
    }
    let made = vault_row::find(&mut reader).await?.map(|row| row.created_at);
    drop(reader);
    let Some(made) = made else { return Ok(()) };
    let mut tx = database.write().await?;
    let row = VaultKeyRow { number: key.number(), id: key.id(), created_at: made, active_at: Some(made), slot: None };
    match vault_keys::insert(&mut tx, &row).await {
        // Another server has just noted it.
        Err(engine::Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(tx.commit().await.map(drop)?),
    }
}

async fn create(
    database: &Database,
    unlock: &Unlock,
    clock: &dyn Clock,
    chance: &dyn Chance,
    options: VaultOptions,
) -> Result<KeyRing, OpenVaultError> {
    let now = clock.now();
    let (key, slot) = match unlock {
        Unlock::KeyFile(_) | Unlock::Command(_) => {
            // The file is durable before the database knows of it: a crash between leaves a file that the next try
            // takes, never a vault without a key.
            let file = match (Unlocking::read(unlock, None).await?, unlock) {
                (Some(Unlocking::KeyFile(file)), _) => file,
                (_, Unlock::KeyFile(path)) => {
                    let file = KeyFile::generate(VaultId::new(now, chance), chance);
                    write_key_file(path, &file).map_err(|error| key_file_error(path, error.into()))?;
                    file
                }
                _ => return Err(UnlockError::Damaged.into()),
            };
            let key = VaultKey::generate(file.vault(), chance);
            let slot = key.slot_for_key_file(&file, chance);
            (key, slot)
        }
        Unlock::Passphrase(words) => {
            judge_password("the passphrase", words, "").map_err(CreateError::WeakPassphrase)?;
            let key = VaultKey::generate(VaultId::new(now, chance), chance);
            let slot = key.slot_for_passphrase(words, Cost::VAULT, chance);
            (key, slot)
        }
    };
    let ring = KeyRing::new(key);
    let key = ring.active();
    database.vouch_with(&ring);
    let mut tx = database.write().await?;
    match vault_row::insert(&mut tx, key.vault(), now, options.second_factor_required).await {
        Err(engine::Error::Conflict { .. }) => return Err(CreateError::Raced.into()),
        result => result?,
    }
    vault_row::put_slot(&mut tx, &slot).await?;
    let row = VaultKeyRow { number: key.number(), id: key.id(), created_at: now, active_at: Some(now), slot: None };
    vault_keys::insert(&mut tx, &row).await?;
    if let Some(row) = vault_row::find(&mut tx).await? {
        vault_row::set_marked(&mut tx, &row, now, None).await?;
    }
    let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::VaultCreated)
        .on(ObjectKind::Vault, key.vault().uuid(), "vault")
        .with("unlocked_by", slot.kind.name());
    audit::append(&mut tx, vec![entry]).await?;
    tx.commit().await?;
    Ok(ring)
}
