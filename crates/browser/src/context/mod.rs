//! Browsers within the browser, and what is remembered of them.

pub(crate) mod handle;
pub(crate) mod inner;
mod remember;
pub(crate) mod state;
pub(crate) mod warm;
