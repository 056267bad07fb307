//! The other direction: accounts in, other programs' files out, for people who leave.
//!
//! What this crate reads again from such a file is what was written, field by field; an account of which that cannot be is left out
//! with its reason ([`LeftOut`]), and what a format has no place for is counted ([`Exported::without`]). Nothing is changed to fit.
//! The buffers are wiped, also where they had to grow.

mod bitwarden;
mod csv;
mod cxf;
mod fit;
mod google;
mod otpauth;
mod page;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use countersign_otp::OtpSecret;
use countersign_seal::Secret;
use zeroize::Zeroizing;

pub use self::fit::ExportRefusal;
use self::fit::Fit;

/// A form in which accounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// One `otpauth://` URL in each line.
    Otpauth,
    /// Google Authenticator's own, as URLs and as pictures of QR codes.
    Google,
    /// Bitwarden's JSON of a person's vault, unencrypted.
    Bitwarden,
    /// The Credential Exchange Format of the FIDO Alliance, version 1.0.
    Cxf,
    /// A table with a column for each field.
    Csv,
}

/// The name is of no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the format is none of otpauth, google, bitwarden, cxf and csv: choose one of them")]
pub struct UnknownExportFormat;

/// An account to write. Secrets are wiped with it.
#[derive(Default)]
pub struct ExportedAccount {
    /// What it is called.
    pub name: String,
    /// The account's name at its site; may be empty.
    pub username: String,
    /// The address at which it signs in.
    pub site: Option<String>,
    /// What somebody wrote beside it.
    pub notes: String,
    /// Its tags, in their order.
    pub tags: Vec<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// Its seed and how that is made into tokens.
    pub secret: Option<OtpSecret>,
}

/// Where and when a file is written, as far as formats say it.
#[derive(Debug, Clone, Copy)]
pub struct ExportOrigin<'o> {
    /// The host under which this server is reached.
    pub host: &'o str,
    /// Unix seconds.
    pub unix_seconds: u64,
    /// A random number. It tells the parts of one Google export from those of another: two of the same number and as many parts
    /// are taken for one.
    pub batch: i32,
}

/// What was written.
#[derive(Default)]
pub struct Exported {
    /// The files; none where no account could be written.
    pub files: Vec<ExportedFile>,
    /// The accounts that are in none of them.
    pub left_out: Vec<LeftOut>,
    /// What the format has no place for, of accounts that are written: by its name in the plural, with how many there were.
    pub without: BTreeMap<&'static str, usize>,
}

/// A file that was written.
pub struct ExportedFile {
    /// What to call it: letters, digits, `-` and `.` alone.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// An account that was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is called.
    pub name: String,
    /// Why.
    pub reason: ExportRefusal,
}

/// Writes accounts in their order.
pub fn write(format: ExportFormat, accounts: &[ExportedAccount], origin: &ExportOrigin<'_>) -> Exported {
    let mut exported = Exported::default();
    let mut fitting = Vec::with_capacity(accounts.len());
    for account in accounts {
        match Fit::of(format, account) {
            Ok(fit) => fitting.push(fit),
            Err(reason) => exported.leave_out(&account.name, reason),
        }
    }
    if fitting.is_empty() {
        return exported;
    }
    match format {
        ExportFormat::Otpauth => otpauth::write(&fitting, &mut exported),
        ExportFormat::Google => google::write(&fitting, origin, &mut exported),
        ExportFormat::Bitwarden => bitwarden::write(&fitting, origin, &mut exported),
        ExportFormat::Cxf => cxf::write(&fitting, origin, &mut exported),
        ExportFormat::Csv => csv::write(&fitting, &mut exported),
    }
    exported
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Otpauth, Self::Google, Self::Bitwarden, Self::Cxf, Self::Csv];

    /// The word for it on the command line and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Otpauth => "otpauth",
            Self::Google => "google",
            Self::Bitwarden => "bitwarden",
            Self::Cxf => "cxf",
            Self::Csv => "csv",
        }
    }

    /// What to call its file; of several, the one that holds everything.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Otpauth => "countersign-otpauth.txt",
            Self::Google => "countersign-google.txt",
            Self::Bitwarden => "countersign-bitwarden.json",
            Self::Cxf => "countersign-cxf.json",
            Self::Csv => "countersign.csv",
        }
    }

    /// The media type of that file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Otpauth | Self::Google => "text/plain; charset=utf-8",
            Self::Bitwarden | Self::Cxf => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// What it is for, in one line.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Otpauth => "otpauth:// URLs, one a line: setup keys alone, for nearly every authenticator app",
            Self::Google => "QR codes and URLs of a Google Authenticator export: setup keys alone, ten a picture",
            Self::Bitwarden => "Bitwarden's unencrypted JSON, which most password managers read",
            Self::Cxf => "the Credential Exchange Format (CXF) of the FIDO Alliance, unencrypted",
            Self::Csv => "a table (CSV) with all fields, which Countersign reads again as they were",
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ExportFormat {
    type Err = UnknownExportFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or(UnknownExportFormat)
    }
}

impl Exported {
    fn leave_out(&mut self, name: &str, reason: ExportRefusal) {
        self.left_out.push(LeftOut { name: name.to_owned(), reason });
    }

    fn count(&mut self, what: &'static str, times: usize) {
        if times > 0 {
            *self.without.entry(what).or_default() += times;
        }
    }

    /// Counts what an account has beside its setup key, for a format that has no place for it.
    fn count_all_but_seed(&mut self, fit: &Fit<'_>) {
        self.count("passwords", usize::from(fit.password.is_some()));
        self.count("sites", usize::from(fit.site.is_some()));
        self.count("notes", usize::from(!fit.notes.is_empty()));
        self.count("tags", fit.tags.len());
    }

    /// Adds the file of a format that has one.
    fn add_file(&mut self, format: ExportFormat, bytes: Zeroizing<Vec<u8>>) {
        let (name, media_type) = (format.file_name().to_owned(), format.media_type());
        self.files.push(ExportedFile { name, media_type, bytes });
    }
}
