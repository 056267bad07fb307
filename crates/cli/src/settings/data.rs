//! Opening what lies beside the server: data folder, database, key, vault.

use std::{
    ffi::OsString,
    fs, io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use countersign_model::VaultId;
use countersign_seal::{KeyId, KeyRing, KeyShare, Secret, SystemChance};
use countersign_store::engine::{Database, DatabaseUrl, OpenMode, OpenOptions, Reader};
use countersign_vault::{ReadFileError, Unlock, UnlockCommand, Vault, VaultOptions, open_regular, unlock_ring};

use crate::{
    args::DataArgs,
    machine::{
        files::{make_private_folder, read_secret, with_suffix},
        system::SystemClock,
    },
    output,
    settings::recordings::{RecordingSettings, variable},
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
        let unlock = match (&args.passphrase_file, &args.key_file, unlock_command(args)) {
            (Some(path), None, None) => Unlock::Passphrase(read_passphrase(path)?),
            (None, Some(path), None) => Unlock::KeyFile(path.clone()),
            (None, None, Some(command)) => Unlock::Command(command),
            (None, None, None) => Unlock::KeyFile(usual_key_file(&folder)?),
            (Some(_), Some(_), None) => {
                anyhow::bail!("both a key file and a passphrase file are given: a vault is unlocked by one of them")
            }
            _ => anyhow::bail!(
                "an unlock command is given beside a key file or a passphrase file: a vault is unlocked by one of them"
            ),
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

    /// Whether the database is a server of its own.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.url, DatabaseUrl::Postgres(_))
    }

    /// The database's file.
    pub(crate) fn sqlite_file(&self) -> anyhow::Result<&Path> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => Ok(path),
            DatabaseUrl::Postgres(_) => anyhow::bail!("{} is no file", self.url),
        }
    }

    /// What to do so that the vault opens.
    pub(crate) fn key_hint(&self) -> String {
        match &self.unlock {
            Unlock::KeyFile(path) => {
                format!("put the key file that belongs to this vault at {} or name it with --key-file", path.display())
            }
            Unlock::Passphrase(_) => "name the file with this vault's passphrase by --passphrase-file".to_owned(),
            Unlock::Command(_) => {
                "see that the unlock command prints the key file that belongs to this vault".to_owned()
            }
        }
    }

    /// Makes the data folder where there is none.
    pub(crate) fn make_folder(&self) -> anyhow::Result<()> {
        make_private_folder("the data folder", &self.folder)
    }

    /// Opens the vault, or makes it where there is none.
    pub(crate) async fn open(&self, options: VaultOptions) -> anyhow::Result<Vault> {
        let recordings = self.recordings.open(&self.folder, variable)?;
        make_private_folder("the data folder", &self.folder)?;
        let database = self.open_database().await?;
        let vault = Vault::open(database, &self.unlock, Arc::new(SystemClock), Arc::new(SystemChance), options).await?;
        vault.keep_recordings(recordings);
        Ok(vault)
    }

    /// Opens the database as a server does: no other has the SQLite file meanwhile. One whose vault has moved is refused.
    pub(crate) async fn open_database(&self) -> anyhow::Result<Database> {
        if let DatabaseUrl::Sqlite(file) = &self.url {
            require_unmoved(file)?;
        }
        self.open_database_anyway().await
    }

    /// The same, also where its vault has moved or is being moved.
    pub(crate) async fn open_database_anyway(&self) -> anyhow::Result<Database> {
        Ok(Database::open(&self.url, &OpenOptions::default()).await?)
    }

    /// The same key, with another file for a database, and recordings nowhere.
    pub(crate) fn on_file(self, file: &Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
        Self { folder, url: DatabaseUrl::Sqlite(file.to_owned()), ..self }
    }

    /// Opens the database beside a running server, to read only.
    pub(crate) async fn open_to_read(&self) -> anyhow::Result<Database> {
        if let DatabaseUrl::Sqlite(file) = &self.url {
            require_unmoved(file)?;
        }
        let options = OpenOptions { access: OpenMode::Read, ..OpenOptions::default() };
        Ok(Database::open(&self.url, &options).await?)
    }

    /// The vault's keys alone, for what is signed beside a running server.
    pub(crate) async fn vault_keys(&self, reader: &mut Reader, vault: VaultId) -> anyhow::Result<KeyRing> {
        Ok(unlock_ring(reader, vault, &self.unlock).await?)
    }

    /// Makes a new key file from shares, where the key file is to be; gives its path and the key's name.
    pub(crate) async fn import_key(&self, shares: &[KeyShare]) -> anyhow::Result<(&Path, KeyId)> {
        let Unlock::KeyFile(path) = &self.unlock else {
            anyhow::bail!(
                "shares make a key file: leave passphrase file and unlock command out, and name the file with --key-file"
            );
        };
        anyhow::ensure!(
            !path.exists(),
            "the key file {} exists: move it away, or name another with --key-file; nothing is overwritten",
            path.display()
        );
        let database = Database::open(&self.url, &OpenOptions::default()).await?;
        let imported = Vault::import_key(&database, shares, path, &SystemClock, &SystemChance).await;
        database.close().await;
        Ok((path, imported?.key))
    }
}

/// What lies beside a database file whose vault has moved, and says where to.
pub(crate) fn moved_note(database: &Path) -> PathBuf {
    with_suffix(database, ".moved")
}

/// Two servers on two copies of one vault would each go on by itself.
pub(crate) fn require_unmoved(database: &Path) -> anyhow::Result<()> {
    let note = moved_note(database);
    let text = match fs::read(&note) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => format!("the note of where its vault has gone cannot be read ({error})"),
    };
    anyhow::bail!(
        "{} serves no more: {}; use that database, give `countersign move` again if it has not ended, or remove {} to use the \
         file as it was left",
        database.display(),
        text.trim(),
        note.display()
    )
}

/// The flag's command, split at blanks, or the settings file's.
fn unlock_command(args: &DataArgs) -> Option<UnlockCommand> {
    let mut command = args.unlock_settings.clone();
    if let Some(line) = &args.unlock_command {
        command.line = line.split_whitespace().map(str::to_owned).collect();
    }
    (args.unlock_command.is_some() || !command.line.is_empty()).then_some(command)
}

/// Where the key is when nothing is said: beside the folder and not in it, so that a copy of the folder holds no key.
///
/// Versions before this one put it inside for folders such as `.`; what is there is used as before, and said.
fn usual_key_file(folder: &Path) -> anyhow::Result<PathBuf> {
    let (beside, former) = (beside(folder)?, by_its_letters(folder));
    if former != beside && !beside.exists() && former.exists() {
        if is_within(&former, folder) {
            output::note(format!(
                "warning: the key file {} is inside the data folder, so that a copy of the folder holds the key: move it to {}",
                former.display(),
                beside.display()
            ));
        }
        return Ok(former);
    }
    Ok(beside)
}

/// The folder's name with `.key`, in the folder around it. The path stays as it was given where that is outside.
fn beside(folder: &Path) -> anyhow::Result<PathBuf> {
    let usual = by_its_letters(folder);
    if folder.file_name().is_some() && !is_within(&usual, folder) {
        return Ok(usual);
    }
    let whole = resolved(folder)?;
    match (whole.file_name(), whole.parent()) {
        (Some(_), Some(_)) => Ok(by_its_letters(&whole)),
        _ => anyhow::bail!(
            "{} has no folder around it to keep the key in: name another data folder, or the key with --key-file",
            whole.display()
        ),
    }
}

fn by_its_letters(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().map_or_else(|| OsString::from("countersign"), OsString::from);
    name.push(".key");
    folder.with_file_name(name)
}

fn is_within(file: &Path, folder: &Path) -> bool {
    let around = file.parent().filter(|around| !around.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (resolved(around), resolved(folder)) {
        (Ok(around), Ok(folder)) => around.starts_with(folder),
        _ => false,
    }
}

/// The path from the root on, without links, `.` and `..`; what does not exist yet is taken by its letters.
fn resolved(path: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))?;
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
        // A link's target may lie anywhere, so it counts before the next `..` does.
        if let Ok(real) = whole.canonicalize() {
            whole = real;
        }
    }
    Ok(whole)
}

const LONGEST_PASSPHRASE: u64 = 64 << 10;

/// As a key file: whoever reads it needs nothing else to open the vault.
fn require_private(path: &Path, file: &fs::File) -> anyhow::Result<()> {
    let metadata = file.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        anyhow::ensure!(
            mode & 0o077 == 0,
            "the passphrase file {} can be read by other users (mode {mode:03o}): run chmod 600 on it; if somebody else may \
             have read it, choose another passphrase",
            path.display()
        );
    }
    Ok(())
}

fn read_passphrase(path: &Path) -> anyhow::Result<Secret> {
    let wrong = |error: ReadFileError| anyhow::anyhow!("the passphrase file {} {error}", path.display());
    require_private(path, &open_regular(path).map_err(wrong)?)?;
    let text = read_secret("the passphrase file", path, LONGEST_PASSPHRASE)?;
    let text = text.expose_text().with_context(|| format!("the passphrase file {} is not text", path.display()))?;
    let words = text.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!words.is_empty(), "the passphrase file {} is empty", path.display());
    Ok(Secret::from(words.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{beside, usual_key_file};

    #[test]
    fn the_key_is_never_inside_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("team/data/inner")).unwrap();
        std::os::unix::fs::symlink(root.join("team/data"), root.join("team/data/loop")).unwrap();
        std::os::unix::fs::symlink(root.join("team/data"), root.join("link")).unwrap();
        // As each is given, and where the key is; `None` where it is beside the path by its letters.
        let table = [
            ("team/data", "team/data.key"),
            ("team/data/", "team/data.key"),
            ("team/data/.", "team/data.key"),
            ("team/data/inner/..", "team/data.key"),
            ("team/data/../data", "team/data/../data.key"),
            ("team/data/loop", "team/data.key"),
            ("link", "link.key"),
            ("team/new/deep/..", "team/new.key"),
            ("team/new", "team/new.key"),
        ];
        for (folder, key) in table {
            assert_eq!(beside(&root.join(folder)).unwrap(), root.join(key), "{folder}");
        }
        let error = beside(Path::new("/")).unwrap_err().to_string();
        assert!(error.contains("--key-file"), "{error}");
    }

    #[test]
    fn a_key_that_is_inside_already_is_still_found() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().canonicalize().unwrap();
        let folder = root.join("data/inner/..");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(usual_key_file(&folder).unwrap(), root.join("data.key"));
        fs::write(root.join("data/countersign.key"), "key").unwrap();
        assert_eq!(usual_key_file(&folder).unwrap(), folder.join("countersign.key"));
        fs::write(root.join("data.key"), "key").unwrap();
        assert_eq!(usual_key_file(&folder).unwrap(), root.join("data.key"), "the better place wins");
    }
}
