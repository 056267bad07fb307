//! The files of other programs, one file of ours for each format: bytes in, items out.
//!
//! A reader is a function of the file's bytes and its password which gives what it finds to [`Found`]. It changes nothing, waits for
//! nothing, and holds what it reads in types that wipe their memory. What a file says of cost is compared with a limit
//! before it is paid.

mod sight;

use countersign_seal::Secret;

pub(crate) use sight::Sight;

use crate::item::{Account, ImportRefusal};

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

/// What a reader gives what it finds to.
pub(crate) trait Found {
    /// An account, the `entry`th of the file, from 1; or why that one cannot be used.
    ///
    /// # Errors
    /// Passes on that there are too many: the reader stops.
    fn entry(&mut self, entry: usize, outcome: Result<Account, ImportRefusal>) -> Result<(), crate::ReadError>;

    /// Something that is not imported, named in the plural, such as `passkeys`.
    fn left_out(&mut self, what: &'static str);
}

/// Reads a file's bytes with its password, if one came.
pub(crate) type Reader = fn(&[u8], Option<&Secret>, &mut dyn Found) -> Result<Result<(), FileProblem>, crate::ReadError>;

/// A format: what it is called, how it is known, and what reads it.
pub(crate) struct Known {
    /// With its article, such as *an export of Aegis*: it stands in sentences.
    pub name: &'static str,
    /// Whether this is one, by its first bytes, its names or its columns.
    pub is: fn(&Sight<'_>) -> bool,
    /// Reads it.
    pub read: Reader,
}

/// Every format but addresses and pictures; the first that knows a file reads it.
const KNOWN: &[Known] = &[];

/// Which format a file is of, if one knows it.
pub(crate) fn recognise(bytes: &[u8]) -> Option<&'static Known> {
    let sight = Sight::of(bytes);
    KNOWN.iter().find(|known| (known.is)(&sight))
}
