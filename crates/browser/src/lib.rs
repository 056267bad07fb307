//! Chromium, driven over two pipes: contexts, tabs, snapshots of pages, input.
//!
//! Begin at [`BrowserPool`], which gives a [`Browser`]; a browser gives a [`Context`], which shares nothing with any
//! other; a context gives a [`Page`]. [`Page::settle`] waits, [`Page::snapshot`] looks, [`Page::click`],
//! [`Page::type_text`], [`Page::type_secret`] and [`Page::type_token`] act on what the snapshot named.
//!
//! [`Context::live`] gives a context to a person: its pages are streamed, and used through [`Page::send_input`].
//!
//! Five things to know:
//! - The protocol goes over file descriptors 3 and 4; no port is opened for it.
//! - A script stands in a world of its own beside each document (`src/inside/*.js`). It looks and types; the page's own
//!   scripts neither see it nor can change what it sees.
//! - Every connection of a context's pages goes through a gate (`gate/proxy.rs`), where the address is checked that is then
//!   connected to, and where TLS is ended for the one origin whose certificate is trusted by its fingerprint (`gate/pinned.rs`).
//!   Where the system allows it, nothing else is in the network that Chromium lives in (`chromium/namespace.rs`).
//! - Each character of a secret is typed in the same step of one script in which the frame's own origin is compared.
//! - Once a context was a person's, what is secret in its pages is covered before it is painted (`src/inside/redaction.js`).
//!
//! This room knows nothing of ours but snapshots and fingerprints; it touches Chromium, its profile folder and the loopback.

mod browser;
mod cdp;
mod chromium;
mod context;
mod error;
mod gate;
mod identity;
mod inside;
mod live;
mod page;
mod page_event;

pub use browser::handle::Browser;
pub use browser::pool::BrowserPool;
pub use chromium::account::{RunAs, UserError};
pub use chromium::isolation::{Isolation, NetworkIsolation, Sandbox};
pub use chromium::launch::{LaunchOptions, find_chromium};
pub use chromium::outside::{OutsideProgram, start_outside};
pub use context::handle::{Context, ContextOptions};
pub use context::state::BrowserState;
pub use error::Error;
pub use gate::pinned::PinnedSite;
pub use gate::proxy::{AddressPolicy, is_own_address};
pub use identity::BrowserIdentity;
pub use live::context::LiveContext;
pub use live::event::{LiveEvent, SelectOption};
pub use live::host::LiveOptions;
pub use live::input::{Input, MouseButton};
pub use live::screencast_frame::{Screencast, ScreencastFrame};
pub use page::act::keys::Key;
pub use page::act::typing::{TokenForm, TypingResult};
pub use page::handle::Page;
pub use page::see::rest::WaitPolicy;
pub use page::see::screenshot::ScreenshotFormat;
pub use page::surroundings::ContextLimits;
pub use page_event::PageEvent;
