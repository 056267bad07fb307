//! Credentials (`credential.rs`, sorted by `sorting.rs`), their seeds (`seeds.rs`) and how one gets to a phone (`transfer.rs`), how their sites are dealt with
//! (`automation.rs`), those that were removed (`bin.rs`), and many at once (`import.rs`, `export.rs` with `export_requests.rs`, `tags.rs`,
//! `policies.rs`).

pub(crate) mod automation;
pub(crate) mod bin;
pub(crate) mod credential;
pub(crate) mod export;
pub(crate) mod export_requests;
pub(crate) mod fill;
pub(crate) mod import;
pub(crate) mod policies;
pub(crate) mod seeds;
mod sorting;
pub(crate) mod tags;
pub(crate) mod transfer;
