//! What the vault says of its own health, and what it tidies up.

pub(crate) mod check;
pub(crate) mod dashboard;
pub(crate) mod look;
pub(crate) mod whole;
