//! What the operator says: the settings file (`config.rs`), where data and key lie (`data.rs`), where recordings are kept
//! (`recordings.rs`), where backups go (`backups.rs`), what opens a bucket for either (`bucket.rs`), which sites are visited and how (`visits.rs`, `private.rs`, `recipes.rs`).

pub(crate) mod backups;
mod bucket;
pub(crate) mod config;
pub(crate) mod data;
pub(crate) mod private;
pub(crate) mod recipes;
pub(crate) mod recordings;
pub(crate) mod visits;
