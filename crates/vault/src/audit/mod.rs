//! The audit log: what people read of it (`log.rs`), and the task that writes records in groups (`committer.rs`).

pub(crate) mod committer;
pub(crate) mod log;
