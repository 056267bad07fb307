//! What unlocks a vault: a key file, a passphrase, or a command that prints the key file.

use std::{
    fs::{File, OpenOptions as FileOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use countersign_model::VaultId;
use countersign_seal::{KeyFile, KeySlot, Secret, SlotKind, UnlockError, VaultKey};
use tokio::{io::AsyncReadExt as _, process::Command, time::timeout};

use super::{
    error::{KeyFileError, LONGEST_KEY_FILE, OpenVaultError, UnlockCommandError},
    regular_file::{ReadFileError, open_regular, read_regular},
};

/// What unlocks a vault.
pub enum Unlock {
    /// The file at this path; a new vault makes it.
    KeyFile(PathBuf),
    /// Words.
    Passphrase(Secret),
    /// A command that prints a key file, asked whenever the vault is opened.
    Command(UnlockCommand),
}

impl Unlock {
    /// The same, to be kept: when the vault key is replaced, it is needed again.
    pub(crate) fn kept(&self) -> Self {
        match self {
            Self::KeyFile(path) => Self::KeyFile(path.clone()),
            Self::Passphrase(words) => Self::Passphrase(Secret::from(words.expose()).into_own_page()),
            Self::Command(command) => Self::Command(command.clone()),
        }
    }

    /// Where the key comes from, for people; nothing of the key.
    pub fn place(&self) -> String {
        match self {
            Self::KeyFile(path) => format!("key file {}", path.display()),
            Self::Passphrase(_) => "passphrase".to_owned(),
            Self::Command(command) => format!("command {}", command.program().unwrap_or_default()),
        }
    }
}

/// A command that prints a key file: of a key management service, a TPM, `systemd-creds`.
///
/// It is run as it is, without a shell, with nothing on its standard input and few variables. It has to end within
/// [`UnlockCommand::LONGEST`] with exit code 0, and print the key file, at most [`UnlockCommand::MAX`] bytes, on its standard
/// output. What it says on standard error is shown where it fails.
#[derive(Debug, Clone, Default)]
pub struct UnlockCommand {
    /// The program and its arguments.
    pub line: Vec<String>,
    /// Names of variables that it gets beside the usual ones, such as `AWS_REGION`.
    pub variables: Vec<String>,
    /// How long it may take, where it is not [`UnlockCommand::LONGEST`].
    pub within: Option<Duration>,
}

impl UnlockCommand {
    /// How long it may take where nothing is said.
    pub const LONGEST: Duration = Duration::from_secs(30);
    /// The most bytes that it may print.
    pub const MAX: u64 = LONGEST_KEY_FILE;
    // How much of its complaint is shown.
    const MAX_SAID: u64 = 2_000;
    /// Variables that it gets where they are set.
    const DEFAULT_VARIABLES: [&str; 8] =
        ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY"];

    fn program(&self) -> Option<&str> {
        self.line.first().map(String::as_str)
    }

    /// Runs it. `vault` is passed on as `COUNTERSIGN_VAULT`; none while there is no vault yet.
    async fn key_file(&self, vault: Option<VaultId>) -> Result<KeyFile, UnlockCommandError> {
        let [program, arguments @ ..] = self.line.as_slice() else { return Err(UnlockCommandError::Empty) };
        let mut command = Command::new(program);
        command.args(arguments).env_clear().kill_on_drop(true);
        let names = Self::DEFAULT_VARIABLES.into_iter().chain(self.variables.iter().map(String::as_str));
        command.envs(names.filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.envs(vault.map(|vault| ("COUNTERSIGN_VAULT", vault.to_string())));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let within = self.within.unwrap_or(Self::LONGEST);
        let mut child = command.spawn().map_err(UnlockCommandError::Start)?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let running = async {
            let (printed, said) = tokio::join!(read_at_most(out, Self::MAX + 1), read_at_most(err, Self::MAX_SAID));
            (printed, said, child.wait().await)
        };
        // Dropped, it is killed.
        let (printed, said, status) =
            timeout(within, running).await.map_err(|_| UnlockCommandError::TooSlow { within })?;
        let status = status.map_err(UnlockCommandError::Start)?;
        if printed.len() as u64 > Self::MAX {
            return Err(UnlockCommandError::TooLong);
        }
        if !status.success() {
            let said = String::from_utf8_lossy(said.expose()).trim().replace(|letter: char| letter.is_control(), " ");
            let said = if said.is_empty() { "it says nothing on standard error".to_owned() } else { said };
            return Err(UnlockCommandError::Failed { status, said });
        }
        Ok(KeyFile::parse(&printed)?)
    }
}

/// Reads so many bytes, then lets the rest go unread: who writes more gets a broken pipe.
async fn read_at_most(from: Option<impl tokio::io::AsyncRead + Unpin>, most: u64) -> Secret {
    // As long as it may become, so that no piece of it is left behind by growing.
    let mut bytes = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
    if let Some(from) = from {
        // What could be read counts; that it ended early shows by its form.
        let _ = from.take(most).read_to_end(&mut bytes).await;
    }
    Secret::from(bytes)
}

/// What was given to unlock with, read once.
pub(crate) enum Unlocking<'a> {
    KeyFile(KeyFile),
    Passphrase(&'a Secret),
}

impl<'a> Unlocking<'a> {
    /// Reads the key file or runs the command. `None` where the file is not there.
    pub(crate) async fn read(unlock: &'a Unlock, vault: Option<VaultId>) -> Result<Option<Self>, OpenVaultError> {
        match unlock {
            Unlock::KeyFile(path) => Ok(read_key_file(path)?.map(Self::KeyFile)),
            Unlock::Passphrase(words) => Ok(Some(Self::Passphrase(words))),
            Unlock::Command(command) => {
                let file = command.key_file(vault).await.map_err(|source| OpenVaultError::Command {
                    program: command.program().unwrap_or_default().to_owned(),
                    source,
                })?;
                Ok(Some(Self::KeyFile(file)))
            }
        }
    }

    /// As [`Unlocking::read`], for a vault that is there and has these slots: what none of them takes is not looked for.
    pub(crate) async fn of_vault(
        unlock: &'a Unlock,
        vault: VaultId,
        slots: &[KeySlot],
    ) -> Result<Self, OpenVaultError> {
        let kind = if let Unlock::Passphrase(_) = unlock { SlotKind::Passphrase } else { SlotKind::KeyFile };
        if let Some(other) = slots.first().filter(|_| slots.iter().all(|slot| slot.kind != kind)) {
            return Err(OpenVaultError::OtherKind(other.kind.name()));
        }
        match (Self::read(unlock, Some(vault)).await?, unlock) {
            (Some(read), _) => Ok(read),
            (None, Unlock::KeyFile(path)) => Err(key_file_error(path, KeyFileError::Missing)),
            (None, _) => Err(UnlockError::Damaged.into()),
        }
    }

    pub(crate) const fn kind(&self) -> SlotKind {
        match self {
            Self::KeyFile(_) => SlotKind::KeyFile,
            Self::Passphrase(_) => SlotKind::Passphrase,
        }
    }

    /// Opens a slot of its kind.
    pub(crate) fn open(&self, vault: VaultId, slot: &KeySlot) -> Result<VaultKey, UnlockError> {
        match self {
            Self::KeyFile(file) => VaultKey::unlock_with_key_file(vault, slot, file),
            Self::Passphrase(words) => VaultKey::unlock_with_passphrase(vault, slot, words),
        }
    }

    /// Opens the slot of its kind among these.
    pub(crate) fn open_any(&self, vault: VaultId, slots: &[KeySlot]) -> Result<VaultKey, OpenVaultError> {
        let other = slots.first().map_or("key file", |slot| slot.kind.name());
        let slot = slots.iter().find(|slot| slot.kind == self.kind()).ok_or(OpenVaultError::OtherKind(other))?;
        Ok(self.open(vault, slot)?)
    }
}

pub(crate) fn read_key_file(path: &Path) -> Result<Option<KeyFile>, OpenVaultError> {
    let wrong = |error: KeyFileError| key_file_error(path, error);
    let file = match open_regular(path) {
        Ok(file) => file,
        Err(ReadFileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error.into())),
    };
    require_private(&file).map_err(wrong)?;
    let bytes = read_regular(path, LONGEST_KEY_FILE).map_err(|error| wrong(error.into()))?;
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

/// Writes a new key file, durably; one that is there is never replaced.
pub(crate) fn write_key_file(path: &Path, file: &KeyFile) -> io::Result<()> {
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

pub(crate) fn key_file_error(path: &Path, source: KeyFileError) -> OpenVaultError {
    OpenVaultError::KeyFile { path: path.to_owned(), source }
}
