//! Whether all is well: `status.rs` says it, `metric.rs` counts, and `repeats.rs` keeps what goes on failing from filling the log.

pub(crate) mod dashboard;
pub(crate) mod metric;
pub(crate) mod repeats;
pub(crate) mod status;
