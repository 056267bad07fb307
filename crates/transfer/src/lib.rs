//! Reading other programs' files: bytes in, items out.
//!
//! Begin at [`Import`]: it takes files in any order ([`Import::read`]) and gives one [`Item`] for each account found,
//! or the reason why it cannot be used, each with its [`SourceLocation`]. Two kinds are read: text of `otpauth://` lines, and
//! pictures of QR codes, each with single accounts or parts of a Google Authenticator export.
//!
//! Pure: no file, no network, no database. May touch: `otp`, `seal`.

mod formats;
mod import;
mod item;

pub use formats::{FileProblem};
pub use import::{Import, ImportLimits, ReadError};
pub use item::{Account, ImportRefusal, Item, SourceLocation};
