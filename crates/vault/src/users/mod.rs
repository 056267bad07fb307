//! The users of the vault: signing in, their accounts, and how an administrator manages them; `provider/` is signing in with an
//! OpenID Connect provider.
//!
//! `sign_in.rs` lets somebody in, `guesses.rs` counts what was wrong; `account.rs` is what people do with their own account,
//! `manage.rs` what an administrator does with others', `set_up.rs` how the first of them comes to be. `passkeys.rs` is which
//! passkeys people have, `passkey_sign_in.rs` what they come in by with one; `ending.rs` ends what they came in by.
//! `preferences.rs` is how the page speaks to them.

pub(crate) mod account;
pub(crate) mod ending;
pub(crate) mod guesses;
pub(crate) mod manage;
pub(crate) mod passkey_sign_in;
pub(crate) mod passkeys;
pub(crate) mod preferences;
pub(crate) mod provider;
pub(crate) mod set_up;
pub(crate) mod sign_in;
pub(crate) mod source;
