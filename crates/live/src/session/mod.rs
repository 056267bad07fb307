//! What happens in a session, without a browser, a socket, a vault or a clock: [`SessionCore::handle`] takes what happened and gives
//! what is to be done. `driver.rs` does it.

mod acts;
mod clock;
mod control;
mod event;
mod handle;
mod hands;
mod keys;
mod page;
mod phase;
mod pointer;
mod seats;
mod state;
mod tabs;
#[cfg(test)]
pub(crate) mod tests;
mod transfers;
mod typed;

pub use event::Handover;
pub(crate) use event::{
    Effect, Event, Heartbeat, NotRecorded, Offered, OpenPage, PageEffect, PageSilent, TabToRead, TakenBrowser,
    ToRecord, Upload, UploadBatch, VaultEffect, Window,
};
pub(crate) use state::{MayOpen, SessionCore, SessionFacts};
