//! The DevTools protocol: NUL-ended JSON over two pipes, calls that wait for their answer, events for listeners.

mod connection;
mod secret_text;
mod session;
mod split;

pub(crate) use connection::{Answer, Connection, Listener};
pub(crate) use secret_text::json_text;
pub(crate) use session::CdpSession;
