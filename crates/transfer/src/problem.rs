//! Why something is not read: a file at all, what is in it, or the second factor of one account. The texts hold nothing of a secret.

use countersign_otp::{ParametersError, SeedError, UriError};
use countersign_seal::foreign::KeyError;

/// Why a file was not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Too many bytes.
    #[error("{file} is too large: {bytes} bytes, at most {most} are taken; import it in several parts")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        bytes: usize,
        /// The most.
        most: usize,
    },
    /// Too many accounts.
    #[error("{file} brings more than {most} accounts in all: import the rest separately")]
    TooMany {
        /// The file at which it was too much.
        file: String,
        /// The most.
        most: usize,
    },
    /// A name that nobody could read on a page.
    #[error("a file's name is too long: {length} characters, at most {most}; rename it")]
    LongName {
        /// Its length.
        length: usize,
        /// The most.
        most: usize,
    },
}

/// Why a file of a known kind is not read. The texts hold nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// It is encrypted, and no password came with it.
    #[error("this is {0}, which is encrypted: give the file's password")]
    PasswordNeeded(&'static str),
    /// It does not open.
    #[error("this is {0}, and the password does not open it: check the password, or export the file again")]
    WrongPassword(&'static str),
    /// It ends in the middle, or is not what it says it is.
    #[error("this is {format}, and it is damaged at {place}: export it again")]
    Damaged {
        /// What it is.
        format: &'static str,
        /// Where: a line and column, or a field's name.
        place: String,
    },
    /// A version that nobody has described yet, or a form that cannot be read here.
    #[error("this is {format}, but {reason}")]
    NotReadable {
        /// What it is.
        format: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// As many files of this import made a key of their password as may.
    #[error("this is {format}, and too many encrypted files came at once: import at most {most} together")]
    TooManyEncrypted {
        /// What it is.
        format: &'static str,
        /// The most.
        most: usize,
    },
    /// Its key costs more than is paid for a file from outside.
    #[error("this is {format}, whose key asks for {asked}, and at most {most} are given: export it again with less")]
    TooCostly {
        /// What it is.
        format: &'static str,
        /// What it asks for, with its unit.
        asked: String,
        /// The most.
        most: String,
    },
}

impl FileProblem {
    /// Why no key was made of its password.
    pub(crate) fn key(format: &'static str, error: KeyError) -> Self {
        match error {
            KeyError::TooCostly { asked, most } => Self::TooCostly { format, asked, most },
            KeyError::Senseless(what) => Self::Damaged { format, place: format!("the key's {what}") },
            KeyError::NoMemory(asked) => Self::NotReadable {
                format,
                reason: format!("its key asks for {asked} of memory, which is not free now: try it again later"),
            },
        }
    }
}

/// Why the second factor of an entry cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactorProblem {
    /// It was read as a key.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// It was read as an address.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// Its parameters stand beside it.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// A parameter that the format demands.
    #[error("its {0} is missing")]
    Missing(&'static str),
    /// A parameter beside it that is no number.
    #[error("{0} is not a whole number")]
    NotANumber(&'static str),
    /// A form that only its own program understands.
    #[error("it is of a form that only its own program understands: add it by hand")]
    UnknownForm,
}
