//! The DevTools protocol: NUL-ended JSON over two pipes, calls that wait for their answer, events for listeners.
//!
//! Each domain of the protocol that is used has its file: the commands as types ([`Command`]) and what its events bring.
//! [`Event`] is the one place where events are read; [`Listener`]s subscribe to those of a session.

mod bus;
mod command;
mod connection;
mod event;
mod message;
mod session;
mod split;

pub(crate) mod browser;
pub(crate) mod dom;
pub(crate) mod emulation;
pub(crate) mod fetch;
pub(crate) mod input;
pub(crate) mod network;
pub(crate) mod page;
pub(crate) mod runtime;
pub(crate) mod security;
pub(crate) mod storage;
pub(crate) mod target;

pub(crate) use bus::{Heard, Listener};
pub(crate) use command::Command;
pub(crate) use connection::{Answer, Connection};
pub(crate) use event::Event;
pub(crate) use session::CdpSession;
