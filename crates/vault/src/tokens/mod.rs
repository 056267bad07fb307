//! Tokens of a second factor: the walk of one (`read.rs`), what makes it quick (`sources.rs`), who took which step
//! (`steps.rs`), and which a machine may take (`claim.rs`).

pub(crate) mod claim;
pub(crate) mod read;
pub(crate) mod sources;
pub(crate) mod steps;
