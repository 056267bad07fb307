//! The forms in which accounts are written, and what each is called.

use std::fmt;
use std::str::FromStr;

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

    /// Whether it has a place for passwords.
    pub const fn holds_passwords(self) -> bool {
        matches!(self, Self::Bitwarden | Self::Cxf | Self::Csv)
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
