//! Opening what lies beside the server: data folder, database, key, vault.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use countersign_model::VaultId;
use countersign_seal::{KeyFile, Secret, SlotKind, SystemChance, VaultKey};
use countersign_store::{
    engine::{Access, Database, DatabaseUrl, OpenOptions, Reader},
    vault as vault_row,
};
use countersign_vault::{Options, Unlock, Vault};

use crate::{
    args::DataArgs,
    recordings::{RecordingSettings, variable},
    system::SystemClock,
};

/// Where everything is.
pub(crate) struct Places {
    pub(crate) folder: PathBuf,
    url: DatabaseUrl,
    unlock: Unlock,
    recordings: RecordingSettings,
}

impl Places {
    /// From arguments, with the usual places for what is left out.
    pub(crate) fn new(args: &DataArgs) -> anyhow::Result<Self> {
        let folder = args.data.clone().unwrap_or_else(|| PathBuf::from("countersign-data"));
        let url = match &args.database {
            Some(text) => DatabaseUrl::parse(text)?,
            None => DatabaseUrl::Sqlite(folder.join("countersign.db")),
        };
        let unlock = match (&args.passphrase_file, &args.key_file) {
            (Some(_), Some(_)) => {
                anyhow::bail!("both a key file and a passphrase file are given: a vault is unlocked by one of them")
            }
            (Some(path), None) => Unlock::Passphrase(read_passphrase(path)?),
            (None, Some(path)) => Unlock::KeyFile(path.clone()),
            (None, None) => Unlock::KeyFile(beside(&folder)),
        };
        Ok(Self { folder, url, unlock, recordings: RecordingSettings::default() })
    }

    /// The same, with recordings where the operator says.
    pub(crate) fn recording(self, recordings: RecordingSettings) -> Self {
        Self { recordings, ..self }
    }

    /// The database's address without its password.
    pub(crate) fn database(&self) -> String {
        self.url.to_string()
    }

    /// Opens the vault, or makes it where there is none.
    pub(crate) async fn open(&self, options: Options) -> anyhow::Result<Vault> {
        let recordings = self.recordings.open(&self.folder, variable)?;
        make_private_folder(&self.folder)?;
        let database = Database::open(&self.url, &OpenOptions::default()).await?;
        let vault = Vault::open(database, &self.unlock, Arc::new(SystemClock), Arc::new(SystemChance), options).await?;
        vault.keep_recordings(recordings);
        Ok(vault)
    }

    /// Opens the database beside a running server, to read only.
    pub(crate) async fn open_to_read(&self) -> anyhow::Result<Database> {
        let options = OpenOptions { access: Access::Read, ..OpenOptions::default() };
        Ok(Database::open(&self.url, &options).await?)
    }

    /// The vault's key alone, for what is signed beside a running server.
    pub(crate) async fn vault_key(&self, reader: &mut Reader, vault: VaultId) -> anyhow::Result<VaultKey> {
        let slots = vault_row::slots(reader).await?;
        let slot = |kind: SlotKind| {
            let slot = slots.iter().find(|slot| slot.kind == kind);
            slot.with_context(|| format!("no {} unlocks this vault", kind.name()))
        };
        match &self.unlock {
            Unlock::KeyFile(path) => {
                let wrong = || format!("the key file {} cannot be used", path.display());
                let file = fs::read(path).with_context(wrong)?;
                let file = KeyFile::parse(&Secret::from(file)).with_context(wrong)?;
                Ok(VaultKey::unlock_with_key_file(vault, slot(SlotKind::KeyFile)?, &file)?)
            }
            Unlock::Passphrase(words) => {
                Ok(VaultKey::unlock_with_passphrase(vault, slot(SlotKind::Passphrase)?, words)?)
            }
        }
    }
}

/// The key is kept beside the folder and not in it, so that a copy of the folder holds no key.
fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().map_or_else(|| OsString::from("countersign"), OsString::from);
    name.push(".key");
    folder.with_file_name(name)
}

fn make_private_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).with_context(|| format!("the data folder {} cannot be made", folder.display()))
}

fn read_passphrase(path: &Path) -> anyhow::Result<Secret> {
    let text =
        fs::read_to_string(path).with_context(|| format!("the passphrase file {} cannot be read", path.display()))?;
    let words = text.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!words.is_empty(), "the passphrase file {} is empty", path.display());
    Ok(Secret::from(words.to_owned()))
}
