//! The machine: what it has (`system.rs`), what this process is to it (`process.rs`), files that people name (`files.rs`),
//! and the desktop's keyring (`keyring.rs`).

pub(crate) mod files;
pub(crate) mod keyring;
pub(crate) mod process;
pub(crate) mod system;
