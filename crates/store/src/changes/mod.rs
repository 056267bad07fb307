//! Changes and what happened in them (`change.rs`), and what workers may take (`jobs.rs`).

pub mod change;
pub mod jobs;

pub use change::{
    ChangeFilter, ChangeRow, EventRow, add_event, armed_since, drop_pictures, events, find, insert, last_ends, list,
    lock, need_a_person, open, open_by_state, picture, tried_since, update,
};
