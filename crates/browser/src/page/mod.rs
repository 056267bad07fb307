//! A tab: its events, its calls, its end (`core.rs`), and what one does with it: looking, pressing, typing.

pub(crate) mod call;
mod certificate;
pub(crate) mod core;
mod events;
pub(crate) mod guests;
pub(crate) mod handle;
mod input;
pub(crate) mod keys;
mod look;
pub(crate) mod memory;
mod outcome;
pub(crate) mod page_state;
pub(crate) mod rest;
pub(crate) mod screenshot;
mod sign_in;
mod sign_in_answer;
pub(crate) mod surroundings;
mod tab;
pub(crate) mod typing;
pub(crate) mod workers;
