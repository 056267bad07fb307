//! Sessions: a browser signed in by Countersign, watched and used by people, recorded.
//!
//! `ask.rs` is for people: starting, looking, letting others in, ending. `participant.rs` is who comes in and what they may do
//! there; `host.rs` is for whatever holds the browser, `writer.rs` what writes beside it; `recording.rs` seals what is recorded and
//! plays it back, `recording_store.rs` is where its bytes lie, `retention.rs` how long. Not to be mixed up with `access/`, which is
//! about browsers in which a person is signed in *here*.

mod ask;
mod host;
mod participant;
mod recording;
mod recording_store;
mod retention;
mod view;
mod writer;

pub use ask::{SessionLink, SessionLinkView, SessionListRequest, SessionRequest};
pub use host::{HostInstructions, NotClosed, SessionRun};
pub use participant::{Participant, SessionAction};
pub use recording::{PartInfo, RecordingPart, RecordingView};
pub(crate) use recording::{binding as part_binding, name as part_name};
pub use recording_store::{RecordingFolder, RecordingStore, RecordingStoreError, Recordings, StoreFuture};
pub use view::{SessionPermissions, SessionView};
pub use writer::SessionWriter;
