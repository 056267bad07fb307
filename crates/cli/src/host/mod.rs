//! Commands that run beside the data, one file each; `stopping.rs` is how what runs for long ends.

pub(crate) mod backup;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod init;
pub(crate) mod serve;
pub(crate) mod stopping;
pub(crate) mod work;
