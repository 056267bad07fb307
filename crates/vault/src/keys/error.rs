//! Why a vault does not open.

use std::{io, path::PathBuf, time::Duration};

use countersign_seal::{ParseKeyFileError, UnlockError};
use countersign_store::engine::{self, MigrateError};

use super::regular_file::ReadFileError;

/// A key file has about 120 bytes.
pub(crate) const LONGEST_KEY_FILE: u64 = 4_096;

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
    #[error("the key file {} {source}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyFileError,
    },
    /// The command that prints the key file.
    #[error("the unlock command{}{program} {source}", if program.is_empty() { "" } else { " " })]
    Command {
        /// The program.
        program: String,
        /// What is wrong with it.
        source: UnlockCommandError,
    },
    /// The vault is opened by the other kind of key.
    #[error("this vault is unlocked by a {0}, and none was given")]
    OtherKind(&'static str),
    /// A new vault could not be made.
    #[error(transparent)]
    Create(#[from] CreateError),
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

/// Why a command gave no key file. No text holds what it printed on standard output.
#[derive(Debug, thiserror::Error)]
pub enum UnlockCommandError {
    /// No program is named.
    #[error("is empty: name a program and its arguments")]
    Empty,
    /// It does not start.
    #[error("cannot be started: {0}")]
    Start(io::Error),
    /// It does not end.
    #[error("did not end within {} seconds and was killed", within.as_secs())]
    TooSlow {
        /// How long it was waited for.
        within: Duration,
    },
    /// It failed.
    #[error("failed ({status}): {said}")]
    Failed {
        /// How it ended.
        status: std::process::ExitStatus,
        /// The beginning of what it said on standard error.
        said: String,
    },
    /// It prints something else.
    #[error("printed more than {} bytes, which is no key file", LONGEST_KEY_FILE)]
    TooLong,
    /// It prints something else.
    #[error("printed something else than a key file: it has to print the key file's three lines")]
    Form(#[from] ParseKeyFileError),
}

/// What is wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is not there, and the vault exists.
    #[error(
        "is missing, and this vault opens with nothing else: restore it from where you keep it apart from backups, or make a \
         new one from key shares (`countersign key import`)"
    )]
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
    /// It is no file of that size.
    #[error(transparent)]
    Read(ReadFileError),
    /// The system.
    #[error("cannot be read or written ({0}): see that it belongs to the user who runs the server")]
    Io(#[from] io::Error),
}

impl From<ReadFileError> for KeyFileError {
    fn from(error: ReadFileError) -> Self {
        match error {
            ReadFileError::Io(error) => Self::Io(error),
            other => Self::Read(other),
        }
    }
}
