//! Other programs' files: bytes in, items out; and the other way round.
//!
//! Begin at [`Import`]: it takes files in any order ([`Import::read`]) and gives one [`Item`] for each account found,
//! or the reason why it cannot be used, each with its [`SourceLocation`]. Read are texts of `otpauth://` lines, pictures of
//! QR codes, each with single accounts or parts of a Google Authenticator export, and other programs' files
//! ([`readable_formats`]), one of ours in `formats/` for each.
//!
//! [`write()`] writes accounts in an [`ExportFormat`], of which [`Import`] reads back what was written.
//!
//! Pure: no file, no network, no database. May touch: `otp`, `seal`.

mod export;
mod formats;
mod import;
mod item;
mod problem;

pub use export::{
    ExportFormat, ExportOrigin, ExportRefusal, Exported, ExportedAccount, ExportedFile, LeftOut, UnknownExportFormat,
    write,
};
pub use formats::{ColumnMapping, columns_of, readable_formats};
pub use import::{Import, ImportLimits};
pub use item::{Account, ImportRefusal, Item, SourceLocation};
pub use problem::{FactorProblem, FileProblem, ReadError};
