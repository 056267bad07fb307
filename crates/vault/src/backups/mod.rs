//! Backups, and those that the server makes by itself: when one is due, what it is called, which of them stay, and where
//! they lie. `retention.rs` decides, `name.rs` names, `store.rs` is where they lie and `folder.rs` one such place; `taking.rs`
//! writes one, `schedule.rs` makes them.

pub(crate) mod folder;
pub(crate) mod name;
pub(crate) mod retention;
pub(crate) mod schedule;
pub(crate) mod store;
pub(crate) mod taking;
