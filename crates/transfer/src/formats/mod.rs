//! The files of other programs, one file of ours for each format: bytes in, items out.
//!
//! A reader is a function of the file's bytes and its password which gives what it finds to [`Found`]. It changes nothing, waits for
//! nothing, and holds what it reads in types that wipe their memory. What a file says of cost is compared with a limit
//! before it is paid.

mod aegis;
mod andotp;
mod archive;
mod bitwarden;
mod bitwarden_authenticator;
mod cxf;
mod ente;
mod factor;
mod freeotp;
mod freeotp_backup;
mod hidden;
mod json;
mod kdbx;
mod keeper;
mod lists;
mod login;
mod one_pux;
mod other_tables;
mod pass;
mod pgp;
mod proton_authenticator;
mod proton_pass;
mod sight;
mod stratum;
mod table;
mod table_layout;
mod tables;
mod two_fas;
mod winauth;
mod xml;
mod zipped_text;

use countersign_seal::{Secret, foreign::KeyError};

pub(crate) use hidden::Hidden;
pub use login::FactorProblem;
pub use other_tables::ColumnMapping;
pub(crate) use other_tables::read_by_mapping;
pub(crate) use sight::Sight;

use crate::ReadError;
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
    fn entry(&mut self, entry: usize, outcome: Result<Account, ImportRefusal>) -> Result<(), ReadError>;

    /// Something that is not imported, named in the plural, such as `passkeys`.
    fn left_out(&mut self, what: &'static str);
}

/// Reads a file's bytes with its password, if one came.
pub(crate) type Reader = fn(&[u8], Option<&Secret>, &mut dyn Found) -> Result<(), Stop>;

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

/// A format: what it is called, how it is known, and what reads it.
pub(crate) struct Known {
    /// With its article, such as *an export of Aegis*: it stands in sentences.
    pub name: &'static str,
    /// Whether this is one, by its first bytes, its names or its columns.
    pub is: fn(&Sight<'_>) -> bool,
    /// Reads it.
    pub read: Reader,
}

/// Every format but addresses and pictures; the first that knows a file reads it, hence the more particular before the
/// more general.
const KNOWN: &[Known] = &[
    aegis::AEGIS,
    two_fas::TWO_FAS,
    ente::ENCRYPTED,
    ente::TEXT,
    proton_authenticator::PROTON_AUTHENTICATOR,
    bitwarden_authenticator::JSON,
    bitwarden_authenticator::TABLE,
    stratum::PLAIN,
    stratum::ENCRYPTED,
    freeotp::JSON,
    freeotp::XML,
    freeotp_backup::BACKUP,
    winauth::TEXT,
    winauth::XML,
    andotp::PLAIN,
    kdbx::KDBX,
    archive::ONE_PUX,
    archive::PROTON_PASS,
    archive::BITWARDEN,
    archive::KEEPER,
    archive::DASHLANE,
    bitwarden::PROTECTED,
    bitwarden::RESTRICTED,
    bitwarden::PLAIN,
    proton_pass::PROTON_PASS,
    cxf::CXF,
    cxf::ENCRYPTED,
    keeper::OBJECT,
    keeper::LIST,
    tables::BITWARDEN,
    tables::ONE_PASSWORD,
    tables::APPLE,
    tables::KEEPASSXC,
    tables::LASTPASS,
    tables::DASHLANE,
    tables::FIREFOX,
    tables::PROTON_PASS,
    tables::DELINEA,
    tables::CYBERARK_WORKFORCE,
    tables::CYBERARK_VAULT,
    tables::CHROME,
    pass::PASS,
    other_tables::USUAL_TABLE,
    other_tables::UNKNOWN_TABLE,
    zipped_text::ZIPPED_TEXT,
    // Known by nothing but looking like chance: nothing may follow.
    andotp::ENCRYPTED,
    andotp::OLD_ENCRYPTED,
];

/// What is known for what it is and never read.
const REFUSED: &[Known] = &[pgp::ENCRYPTED];

/// What is read beside addresses and pictures, each with its article, such as *an export of Aegis*.
pub fn readable_formats() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// Which format a file is of, if one knows it.
pub(crate) fn recognise(bytes: &[u8]) -> Option<&'static Known> {
    let sight = Sight::of(bytes);
    REFUSED.iter().chain(KNOWN).find(|known| (known.is)(&sight))
}

/// The names of a table's columns, as its first line has them; `None` where the file is no table. For a person who says which of
/// them is which.
pub fn columns_of(bytes: &[u8]) -> Option<Vec<String>> {
    other_tables::columns_of(bytes)
}
