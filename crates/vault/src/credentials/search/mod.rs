//! Lists of credentials from memory: searching 100,000 of them in a millisecond or two.
//!
//! `index.rs` answers which credentials a page has and how many the whole list, without a database: a core that is tested
//! against a plain scan. It keeps them in order of their names in pieces of some hundred (`chunk.rs`), each with its texts in one
//! piece of memory (`packed.rs`); a change makes a few pieces anew, and who reads meanwhile keeps the former. `memory.rs` builds it
//! when somebody first asks, brings it to the snapshot of whoever asks next, and lets go of it when nobody does. Whatever it
//! cannot answer is asked of the database, by the same rules.

mod chunk;
mod index;
mod memory;
mod packed;

pub(super) use index::{Found, Query};
pub(super) use memory::KnownList;
pub(crate) use memory::SearchMemory;
