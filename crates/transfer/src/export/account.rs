//! What is written of an account.

use countersign_otp::OtpSecret;
use countersign_seal::Secret;

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
