//! The audit log: what people read of it (`log.rs`), and the task that writes records in
//! groups (`committer.rs`, `group.rs`).

pub(crate) mod committer;
pub(crate) mod group;
pub(crate) mod log;
