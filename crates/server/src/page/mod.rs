//! The page's files (`web.rs`), and the path at which a proxy has put them (`base_path.rs`).

pub(crate) mod base_path;
pub(crate) mod web;
