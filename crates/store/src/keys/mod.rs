//! The vault's own row and its keys: `vault.rs` the row and the ways to unlock, `vault_keys.rs` which keys there are, `marks/`
//! the marks that are made with them, `rewrap.rs` what is sealed under them.

pub mod marks;
pub mod rewrap;
pub mod vault;
pub mod vault_keys;
