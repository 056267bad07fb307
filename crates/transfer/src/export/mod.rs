//! The other direction: accounts in, other programs' files out, for people who leave.
//!
//! What this crate reads again from such a file is what was written, field by field; an account of which that cannot be is left out
//! with its reason ([`LeftOut`]), and what a format has no place for is counted ([`Exported::without`]). Nothing is changed to fit.
//! The buffers are wiped, also where they had to grow.

mod account;
mod bitwarden;
mod csv;
mod cxf;
mod fit;
mod format;
mod google;
mod otpauth;
mod page;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

pub use self::account::ExportedAccount;
pub use self::fit::ExportRefusal;
use self::fit::Fit;
pub use self::format::{ExportFormat, UnknownExportFormat};

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
