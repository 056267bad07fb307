//! Opening a vault: the database, the schema, and the key that fits both.

use std::{
    fs::{File, OpenOptions as FileOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_audit::{Act as AuditAct, ActorRef, Entry, ObjectKind};
use countersign_identity::judge_password;
use countersign_model::{Chance, Clock, VaultId};
use countersign_seal::{
    KeyFile, KeySlot, ParseKeyFileError, Secret, SlotKind, UnlockError, VaultKey, passphrase::Cost,
};
use countersign_store::{
    MIGRATIONS,
    audit::{self, RecordFilter},
    engine::{self, Database, MigrateError},
    marks, names, vault as vault_row,
};

use crate::{Options, Vault};

/// What unlocks a vault.
pub enum Unlock {
    /// The file at this path; a new vault makes it.
    KeyFile(PathBuf),
    /// Words.
    Passphrase(Secret),
}

/// Why a vault was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenVaultError {
    /// The schema.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The database.
    #[error(transparent)]
    Database(#[from] engine::Error),
    /// The key does not fit.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The key file.
    #[error("the key file {}: {source}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyFileError,
    },
    /// The vault is opened by the other kind of key.
    #[error("this vault is unlocked by a {0}, and none was given")]
    OtherKind(&'static str),
    /// A new vault could not be made.
    #[error(transparent)]
    Create(#[from] CreateError),
}

/// What is wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is not there, and the vault exists.
    #[error("is missing, and this vault opens with nothing else: restore it from where you keep it apart from backups")]
    Missing,
    /// Others may read it.
    #[error(
        "can be read by other users (mode {mode:03o}): run chmod 600 on it; if somebody else may have read it, make a new vault key"
    )]
    Exposed {
        /// Its mode.
        mode: u32,
    },
    /// It is something else.
    #[error(transparent)]
    Form(#[from] ParseKeyFileError),
    /// The system.
    #[error("cannot be read or written ({0}): see that it belongs to the user who runs the server")]
    Io(#[from] io::Error),
}

/// Why a new vault could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another server was faster.
    #[error("another server is making this vault at this moment: start again")]
    Raced,
    /// The words would be found within hours by whoever has a copy of the database.
    #[error(transparent)]
    WeakPassphrase(countersign_model::Invalid),
}

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
        options: Options,
    ) -> Result<Self, OpenVaultError> {
        database.migrate(MIGRATIONS, clock.now().micros()).await?;
        let row = vault_row::find(&mut &database).await?;
        let key = match row {
            Some(row) => {
                let slots = vault_row::slots(&mut &database).await?;
                unlock_vault(row.id, &slots, unlock)?
            }
            None => create(&database, unlock, &*clock, &*chance, options).await?,
        };
        database.vouch_with(key.row_key());
        normalise_names(&database).await?;
        mark_rows(&database, &*clock).await?;
        Ok(Self::assemble(database, key, clock, chance, options))
    }
}

/// Once in a database's life, after the key has opened it.
async fn normalise_names(database: &Database) -> Result<(), engine::Error> {
    let mut tx = database.write().await?;
    let kept = names::normalise(&mut tx).await?;
    if kept > 0 {
        tracing::warn!(kept, "some names differ from others only in how their accents are written: rename these");
    }
    tx.commit().await
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
    let filter = RecordFilter { act: Some(AuditAct::RowsMarked.name().to_owned()), ..RecordFilter::default() };
    let recorded = !audit::list(&mut tx, &filter, 1).await?.is_empty();
    if recorded || marks::any_marked(&mut tx).await? {
        return Err(engine::Error::Tampered { what: "the note of when rows were marked".to_owned() }.into());
    }
    let now = clock.now();
    let marked = marks::mark_all(&mut tx).await?;
    vault_row::set_marked(&mut tx, &row, now).await?;
    let count = i64::try_from(marked).unwrap_or(i64::MAX);
    let entry = Entry::new(now, ActorRef::system(), AuditAct::RowsMarked)
        .on(ObjectKind::Vault, row.id.uuid(), "vault")
        .with("rows", count);
    audit::append(&mut tx, vec![entry]).await?;
    Ok(tx.commit().await?)
}

fn unlock_vault(vault: VaultId, slots: &[KeySlot], unlock: &Unlock) -> Result<VaultKey, OpenVaultError> {
    let slot = |kind: SlotKind| {
        let other = slots.first().map_or("key file", |slot| slot.kind.name());
        slots.iter().find(|slot| slot.kind == kind).ok_or(OpenVaultError::OtherKind(other))
    };
    match unlock {
        Unlock::KeyFile(path) => {
            let slot = slot(SlotKind::KeyFile)?;
            let file = read_key_file(path)?.ok_or_else(|| key_file_error(path, KeyFileError::Missing))?;
            Ok(VaultKey::unlock_with_key_file(vault, slot, &file)?)
        }
        Unlock::Passphrase(words) => Ok(VaultKey::unlock_with_passphrase(vault, slot(SlotKind::Passphrase)?, words)?),
    }
}

async fn create(
    database: &Database,
    unlock: &Unlock,
    clock: &dyn Clock,
    chance: &dyn Chance,
    options: Options,
) -> Result<VaultKey, OpenVaultError> {
    let now = clock.now();
    let (key, slot) = match unlock {
        Unlock::KeyFile(path) => {
            // The file is durable before the database knows of it: a crash between leaves a file that the next try
            // takes, never a vault without a key.
            let file = match read_key_file(path)? {
                Some(file) => file,
                None => {
                    let file = KeyFile::generate(VaultId::new(now, chance), chance);
                    write_key_file(path, &file).map_err(|error| key_file_error(path, error.into()))?;
                    file
                }
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
    database.vouch_with(key.row_key());
    let mut tx = database.write().await?;
    match vault_row::insert(&mut tx, key.vault(), now, options.second_factor_required).await {
        Err(engine::Error::Conflict { .. }) => return Err(CreateError::Raced.into()),
        result => result?,
    }
    vault_row::put_slot(&mut tx, &slot).await?;
    if let Some(row) = vault_row::find(&mut tx).await? {
        vault_row::set_marked(&mut tx, &row, now).await?;
    }
    let entry = Entry::new(now, ActorRef::system(), AuditAct::VaultCreated)
        .on(ObjectKind::Vault, key.vault().uuid(), "vault")
        .with("unlocked_by", slot.kind.name());
    audit::append(&mut tx, vec![entry]).await?;
    tx.commit().await?;
    Ok(key)
}

// A key file has about 120 bytes.
const LONGEST_KEY_FILE: u64 = 4_096;

fn read_key_file(path: &Path) -> Result<Option<KeyFile>, OpenVaultError> {
    let wrong = |error: KeyFileError| key_file_error(path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error.into())),
    };
    require_private(&file).map_err(wrong)?;
    let mut bytes = Vec::new();
    file.take(LONGEST_KEY_FILE).read_to_end(&mut bytes).map_err(|error| wrong(error.into()))?;
    KeyFile::parse(&Secret::from(bytes)).map(Some).map_err(|error| wrong(error.into()))
}

#[cfg(unix)]
fn require_private(file: &File) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyFileError::Exposed { mode }) }
}

#[cfg(not(unix))]
fn require_private(_: &File) -> Result<(), KeyFileError> {
    Ok(())
}

fn write_key_file(path: &Path, file: &KeyFile) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut options = FileOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut out = options.open(path)?;
    out.write_all(file.to_text().expose())?;
    out.sync_all()?;
    // The name has to survive a power cut too.
    File::open(folder)?.sync_all()
}

fn key_file_error(path: &Path, source: KeyFileError) -> OpenVaultError {
    OpenVaultError::KeyFile { path: path.to_owned(), source }
}
