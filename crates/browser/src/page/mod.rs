//! A tab: its events, its calls, its end (`core.rs`); `see/` is what one sees of it, `act/` what one does with it.

pub(crate) mod act;
pub(crate) mod call;
pub(crate) mod core;
mod events;
pub(crate) mod guests;
pub(crate) mod handle;
pub(crate) mod memory;
pub(crate) mod page_state;
pub(crate) mod see;
mod sign_in_answer;
pub(crate) mod surroundings;
mod tab;
pub(crate) mod workers;
