//! Sessions at sites (`session.rs`) and lists of them (`list.rs`), who was let in by a link (`links.rs`), and the index of their recordings
//! (`recordings.rs`).

pub mod links;
pub mod list;
pub mod recordings;
pub mod session;

pub use links::{LinkRow, delete_links, insert_link, linked, links, use_link, withdraw_links};
pub use list::{ListedSession, SessionFilter, list};
pub use recordings::{
    OldRecording, PartRow, Playback, delete_parts, delete_playbacks, drop_recording, half_dropped, old, oldest, part,
    parts, playback, put_part, put_playback, total_bytes,
};
pub use session::{
    SessionRow, delete_orphans, end, find, host, insert, live, lost, of_change, open, open_of_person, seen, wish,
};
