//! The process: how Chromium is found, started and kept apart from this machine.

pub(crate) mod account;
pub(crate) mod isolation;
pub(crate) mod launch;
pub(crate) mod namespace;
pub(crate) mod outside;
mod profile;
