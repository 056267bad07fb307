//! The audit log: what people read of it (`log.rs`), how often something was used (`activity.rs`), filters that they keep
//! (`views.rs`), where it also goes (`sinks.rs`), and what an auditor gets in one file (`bundle.rs`).

pub(crate) mod activity;
pub(crate) mod bundle;
pub(crate) mod log;
pub(crate) mod sinks;
pub(crate) mod views;
