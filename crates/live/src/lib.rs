//! Browsers that people see and use through their own page: who looks on, who holds control, what is recorded.
//!
//! Begin at [`Hub`], which knows the sessions of this process. The worker opens a [`SessionHandle`] in it, signs in while nobody
//! is shown anything, and hands the browser over; the server gives each viewer a [`ViewerConnection`] in it. One task a session
//! (`session.rs`) hears them all in turn, so that no two things happen to it at once:
//! - `phases.rs`: whose hand the browser is in.
//! - `control.rs`: one holds control, or the machine, or nobody.
//! - `input.rs` does what viewers' pages ask for, `pages.rs` hears the browser; what is said both ways is of the room `wire`.
//! - `typed.rs`: what comes as text and counts as pasted.
//! - `viewer_connection.rs`: a viewer's connection, its newest frame and its limits.
//! - `recorder.rs`, `frame_diff.rs`: what is written down; `export.rs` makes a film of it.
//!
//! Nothing secret is shown: while the machine types, no frame is taken, and the browser room covers password fields for
//! good. May touch: `vault`, `browser`, `wire`.

mod control;
mod export;
mod files;
mod frame_diff;
mod hub;
mod input;
mod pages;
mod phases;
mod recorder;
mod session;
mod typed;
mod viewer_connection;

pub use countersign_browser::RunAs;
pub use export::{ExportError, find_ffmpeg, webm};
pub use files::{TransferError, may_bring};
pub use hub::{HostedElsewhere, Hub};
pub use session::{Handover, SessionHandle};
pub use viewer_connection::{Outgoing, ViewerConnection};
