use std::{fmt, sync::Arc};

use countersign_otp::{EntryError, Label, OtpKind, OtpSecret, ParametersError, PasteError, SeedError, Setup};
use countersign_seal::Secret;

use crate::problem::{FactorProblem, FileProblem};

/// One account that was found, or the reason why it cannot be used.
pub struct Item {
    /// Where.
    pub place: SourceLocation,
    /// What.
    pub outcome: Result<Account, ImportRefusal>,
}

/// An account to import. It holds a second factor or a password, or both.
#[derive(Default)]
pub struct Account {
    /// What to call it: `issuer: account`, or whichever of the two there is; what the other program called it where that had
    /// names; empty when there is none.
    pub name: String,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The account's name at its site; may be empty.
    pub account: String,
    /// Its seed and how that is made into tokens.
    pub secret: Option<OtpSecret>,
    /// Its password.
    pub password: Option<Secret>,
    /// The address at which it signs in, as the file has it; not checked.
    pub site: Option<String>,
    /// What somebody wrote beside it.
    pub notes: String,
    /// Folders, collections and tags of the other program, outermost first; not checked.
    pub tags: Vec<String>,
    /// What a person should know before taking it.
    pub warnings: Vec<String>,
}

impl From<Setup> for Account {
    fn from(setup: Setup) -> Self {
        let steam = digits_of_steam(setup.label.issuer(), &setup.secret);
        Self {
            name: setup.label.name(),
            issuer: setup.label.issuer().map(str::to_owned),
            account: setup.label.account().to_owned(),
            secret: Some(setup.secret),
            warnings: setup.warnings.iter().map(ToString::to_string).chain(steam).collect(),
            ..Self::default()
        }
    }
}

/// What is said of tokens of digits for Steam, which takes none: many programs write its keys so.
pub(crate) fn digits_of_steam(issuer: Option<&str>, secret: &OtpSecret) -> Option<String> {
    let is_steam = issuer.is_some_and(|issuer| issuer.trim().eq_ignore_ascii_case("steam"));
    (is_steam && matches!(secret.parameters().kind(), OtpKind::Totp { .. })).then(|| {
        "it is Steam's by its name, and says that its tokens are digits, as the file has it: if Steam refuses them, set it up \
         again as a Steam token"
            .to_owned()
    })
}

/// Where something was found, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLocation {
    pub(crate) file: Arc<str>,
    pub(crate) line: Option<usize>,
    pub(crate) code: Option<usize>,
    pub(crate) part: Option<(u32, u32)>,
    pub(crate) entry: Option<usize>,
}

impl SourceLocation {
    /// The file's name.
    pub fn file_name(&self) -> &str {
        &self.file
    }

    pub(crate) const fn file(file: Arc<str>) -> Self {
        Self { file, line: None, code: None, part: None, entry: None }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(code) = self.code {
            write!(f, ", QR code {code}")?;
        }
        if let Some((part, parts)) = self.part.filter(|(_, parts)| *parts > 1) {
            write!(f, ", part {part} of {parts}")?;
        }
        if let Some(entry) = self.entry {
            write!(f, ", account {entry}")?;
        }
        Ok(())
    }
}

/// Why something cannot be imported. The texts hold no more of a seed than one refused character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// An address or a line of text.
    #[error(transparent)]
    Text(#[from] PasteError),
    /// An account within an export.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// An account's seed.
    #[error("in its setup key: {0}")]
    Seed(#[from] SeedError),
    /// An account's parameters.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// A field that the format demands.
    #[error("its {0} is missing: export the file again, or add this account by hand")]
    FieldMissing(&'static str),
    /// A field of an account that is something else than the format says.
    #[error("its {0} is not what it should be: export the file again, or add this account by hand")]
    FieldWrong(String),
    /// Neither by time nor by counter.
    #[error("its {0} is unknown: totp, hotp and steam are known; add this account by hand")]
    UnknownKind(&'static str),
    /// Yandex.Key's own kind.
    #[error(
        "its tokens are Yandex.Key's, which are made with a PIN and are not supported: \
         choose another second factor in the Yandex account"
    )]
    Yandex,
    /// Mobile-OTP.
    #[error(
        "its tokens are Mobile-OTP's, which are made with MD5 and a PIN and are not supported: \
         set the account up anew at its site with an authenticator app (TOTP)"
    )]
    MobileOtp,
    /// An account that its program locked by itself.
    #[error("its setup key is protected in the file: unlock it in the app, and export it as a text")]
    Protected,
    /// A part of a Google export where single accounts are read.
    #[error("this is a part of a Google Authenticator export: import its text or its QR code as a file of its own")]
    MigrationInside,
    /// A name that nobody could read on a page.
    #[error("its {part} is too long: {bytes} bytes, at most {} are taken", Label::MAX_BYTES)]
    NameTooLong {
        /// Which one.
        part: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// The picture.
    #[error(transparent)]
    Picture(#[from] countersign_otp::QrReadError),
    /// A QR code of something else.
    #[error("this QR code holds something else than an account")]
    OtherCode,
    /// A file of another kind.
    #[error("this is {0}, which cannot be read: {WHAT_TO_SAVE}")]
    OtherFile(&'static str),
    /// A file of a kind that is known, which cannot be read.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// The file is neither text nor picture.
    #[error("this file is neither an image nor text: {WHAT_TO_SAVE}")]
    NeitherTextNorPicture,
    /// Text in another encoding.
    #[error("from line {line} on this file is not text in UTF-8: save it in UTF-8")]
    NotUtf8 {
        /// Where it begins to be wrong, from 1.
        line: usize,
    },
    /// Lines without an address, beyond those that are told one by one.
    #[error("{lines} more lines hold no otpauth:// URL: is it the right file?")]
    MoreForeign {
        /// How many.
        lines: usize,
    },
    /// A table's row that does not fit its head.
    #[error("line {line} has {fields} fields, and the first line names {columns} columns: {}", row_advice(*fields, *columns))]
    Row {
        /// Where it begins, from 1.
        line: usize,
        /// Its fields.
        fields: usize,
        /// The head's columns.
        columns: usize,
    },
    /// The second factor of an entry that has more fields.
    #[error("its {field} cannot be used: {problem}")]
    SecondFactor {
        /// What the other program calls the field.
        field: &'static str,
        /// Why.
        problem: FactorProblem,
    },
    /// A field that stands for another entry's, which is not there or refers on without end.
    #[error(
        "its {field} refers to another entry ({{REF:…}}) in a way that is not followed: write it into this entry, or add it \
         by hand"
    )]
    Reference {
        /// Which field.
        field: &'static str,
    },
    /// A file of a known kind without anything to import.
    #[error("this is {0}, and it holds no account with a password or a second factor")]
    NoAccount(&'static str),
    /// Nothing in it.
    #[error(
        "no account was found in this file: choose an export that holds some, or a text with one otpauth:// URL per line"
    )]
    Nothing,
}

const fn row_advice(fields: usize, columns: usize) -> &'static str {
    if fields > columns {
        "put a field that holds a comma, a semicolon or a line break into quotation marks"
    } else {
        "put a field that holds a line break into quotation marks, or add the commas of empty fields at its end, which \
         spreadsheets leave out"
    }
}

impl ImportRefusal {
    /// Whether the file would be read with the right password.
    pub const fn asks_for_password(&self) -> bool {
        matches!(self, Self::File(FileProblem::PasswordNeeded(_) | FileProblem::WrongPassword(_)))
    }
}

const WHAT_TO_SAVE: &str = "choose a text with one otpauth:// URL per line, or a PNG, JPEG or WebP image of QR codes";
