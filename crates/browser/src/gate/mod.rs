//! The way out of a context, and the one certificate that is trusted there by its fingerprint.

mod der;
pub(crate) mod pinned;
pub(crate) mod proxy;
