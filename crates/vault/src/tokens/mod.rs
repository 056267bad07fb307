//! Tokens of a second factor: the walk of one (`read.rs`), what makes it quick (`sources.rs`), and who took which step
//! (`steps.rs`).

pub(crate) mod read;
pub(crate) mod sources;
pub(crate) mod steps;
