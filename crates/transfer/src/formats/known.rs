//! What a format is to the others: how it is known, what reads it, and to whom that gives what it finds.

use super::file_password::FilePassword;
use super::sight::Sight;
use crate::{
    item::{Account, ImportRefusal},
    problem::{FileProblem, ReadError},
};

/// A format: what it is called, how it is known, and what reads it.
pub(crate) struct Known {
    /// With its article, such as *an export of Aegis*: it stands in sentences.
    pub name: &'static str,
    /// Whether this is one, by its first bytes, its names or its columns.
    pub is: fn(&Sight<'_>) -> bool,
    /// Reads it.
    pub read: Reader,
}

/// What a reader gives what it finds to.
pub(crate) trait Found {
    /// An account, the `entry`th of the file, from 1; or why that one cannot be used.
    ///
    /// # Errors
    /// Passes on that there are too many: the reader stops.
    fn entry(&mut self, entry: usize, outcome: Result<Account, ImportRefusal>) -> Result<(), ReadError>;

    /// What the file is called; empty where that is not known.
    fn file_name(&self) -> &str {
        ""
    }

    /// Something that is not imported, named in the plural, such as `passkeys`.
    fn left_out(&mut self, what: &'static str);
}

/// Reads a file's bytes with its password, if one came.
pub(crate) type Reader = fn(&[u8], FilePassword<'_>, &mut dyn Found) -> Result<(), Stop>;

/// Why a reader stops before the end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nothing of this file can be used.
    File(FileProblem),
    /// Nothing more is taken at all.
    Limit(ReadError),
}

impl From<FileProblem> for Stop {
    fn from(problem: FileProblem) -> Self {
        Self::File(problem)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Limit(error)
    }
}
