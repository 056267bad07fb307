//! Browsers that people see and use through their own page: who looks on, who holds control, what is recorded.
//!
//! Begin at [`Hub`], which knows the sessions of this process. The worker opens a [`SessionHandle`] in it, signs in while nobody
//! is shown anything, and hands the browser over; the server gives each viewer a [`ViewerConnection`] in it.
//!
//! What follows from what is decided in `session/`, which is pure: `SessionCore::handle` takes an event and the time, and gives
//! effects. Its files are its subjects: `hands.rs` whose hand the browser is in, `seats.rs` who looks on and who holds control,
//! `acts.rs` what viewers ask for, `transfers.rs` their files, `page.rs` and `tabs.rs` what the pages do, `clock.rs` how long it
//! lasts; `event.rs` lists what may happen and what may be done.
//!
//! One task a session, `driver.rs`, hears everybody in turn, so that no two things happen at once, and has the effects carried
//! out: by `browser.rs`, `records.rs` (the vault), `viewers.rs` and `recorder.rs`. `viewer_connection.rs` is a viewer's way in, with
//! its newest frame and its limits; `frame_diff.rs` and `export.rs` make recordings and films. What is said to pages is of the
//! room `wire`.
//!
//! Nothing secret is shown: while the machine types, no frame is taken, and the browser room covers password fields for
//! good. May touch: `vault`, `browser`, `wire`.

mod browser;
mod command;
mod driver;
mod export;
mod files;
mod frame_diff;
mod handle;
mod hub;
mod recorder;
mod records;
mod session;
mod transfers;
mod viewer_connection;
mod viewers;

pub use countersign_browser::RunAs;
pub use export::{ExportError, find_ffmpeg, webm};
pub use files::TransferError;
pub use handle::SessionHandle;
pub use hub::{HostedElsewhere, Hub};
pub use session::Handover;
pub use transfers::may_bring;
pub use viewer_connection::{Outgoing, ViewerConnection};
