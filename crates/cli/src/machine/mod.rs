//! The machine: what it has (`system.rs`), what this process is to it (`process.rs`), and files that people name (`files.rs`).

pub(crate) mod files;
pub(crate) mod process;
pub(crate) mod system;
