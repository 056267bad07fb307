//! What somebody's own machine has: a terminal and keys on it (`terminal.rs`), a list to choose from (`picker.rs`, ranked by
//! `fuzzy.rs`), a clipboard (`clipboard.rs`), templates (`template.rs`), and what packages install beside the binary
//! (`manual.rs`). Nothing here speaks to a server.

pub(crate) mod clipboard;
mod fuzzy;
mod keys;
pub(crate) mod manual;
pub(crate) mod picker;
pub(crate) mod template;
pub(crate) mod terminal;
