//! Running Chromiums, and those that are kept for the next one who wants one.

pub(crate) mod handle;
pub(crate) mod pool;
