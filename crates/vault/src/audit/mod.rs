//! The audit log: what people read of it (`log.rs`), how often something was used (`activity.rs`), and the task that writes records in
//! groups (`committer.rs`, `group.rs`). Where it also goes stands in `sinks/`, filters that people keep in `views.rs`, what an auditor gets in
//! one file in `bundle.rs`.

pub(crate) mod activity;
pub(crate) mod bundle;
pub(crate) mod committer;
pub(crate) mod group;
pub(crate) mod log;
pub(crate) mod sinks;
pub(crate) mod views;
