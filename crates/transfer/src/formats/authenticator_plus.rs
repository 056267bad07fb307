//! The database in which Authenticator Plus keeps its accounts: pages of SQLCipher, which begin with a salt and bear no mark.
//!
//! It is not read, and told apart from other random bytes by its name alone, so that who brings it learns what to do.

use super::andotp::looks_like_chance;
use super::marks::has_foreign_mark;
use super::{FileProblem, Known};

/// The database.
pub(super) const DATABASE: Known = Known {
    name: NAME,
    is: |sight| {
        let bytes = sight.bytes();
        let pages = bytes.len() >= 4096 && bytes.len().is_multiple_of(1024);
        pages && sight.is_named_with(".db") && !has_foreign_mark(bytes) && looks_like_chance(bytes)
    },
    read: |_, _, _| {
        let reason = "it is not read here: export the accounts as a text from the app, or open it with a program that reads \
                      SQLCipher 3 and save an otpauth:// URL for each row of its table accounts";
        Err(FileProblem::NotReadable { format: NAME, reason: reason.to_owned() }.into())
    },
};

const NAME: &str = "an encrypted database (SQLCipher), as Authenticator Plus keeps its own";
