//! What goes over the socket of a live session and into its recording, once and for all who write or read it.
//!
//! Begin at [`ServerMessage`] and [`ClientMessage`], the text messages of both sides; [`FrameHead`] is what stands before a frame in
//! a binary message, [`CloseReason`] why the server closes a connection. A recording is made of parts: [`PartWriter`] gathers
//! them, [`entries`] reads them, and what happened is a [`RecordingEvent`].
//!
//! [`description`] says all of it as data. It is checked in as `schema.json`; the page makes its types from there, and
//! `docs/socket.md` is compared with it. Bytes and names are a contract: recordings of earlier versions are played too.
//!
//! Pure: may use `model`, and nothing that waits.

mod client;
mod close;
mod description;
mod event;
mod frame;
mod part;
mod server;
mod stand_ins;

pub use client::{
    ClientMessage, ControlAction, InvalidMessage, LONGEST_MESSAGE, LONGEST_PASTE, NavigateAction, TabAction,
    UploadedFile,
};
pub use close::{CloseCode, CloseReason};
pub use description::description;
pub use event::{KeyClass, RecordingEvent, TabEvent};
pub use frame::FrameHead;
pub use part::{DamagedPart, PartEntry, PartWriter, entries};
pub use server::{
    DialogKind, EditableKind, OptionInfo, PersonInfo, PhaseInfo, PhaseName, ServerMessage, SessionInfo, TabInfo,
    ViewerId, ViewerInfo,
};
