//! Changes: what people see of them (`shown.rs`), what a worker runs (`runs.rs`), and what it may take (`jobs.rs`).
//!
//! The sign-in of a session is a row of the table `change` as well, so that one index keeps everything else from its credential.
//! People know no such change: whatever they see is read from the view `shown_change`, which has none. A statement that knows the
//! table itself is listed in `tests/engine_schema.rs`.

pub mod jobs;
mod row;
pub mod runs;
pub mod shown;

pub use row::{ChangeRow, EventRow};
pub use shown::{
    ChangeFilter, armed_since, events, find, last_ends, list, need_a_person, open, open_by_state, picture, tried_since,
};
