//! A context whose pages a person watches and uses, through a stream.
//!
//! Begin at [`crate::Context::live`], which gives a [`crate::LiveContext`]; [`crate::LiveContext::told`] says what a person
//! must be told or asked. [`crate::Page::start_screencast`] gives pictures, [`crate::Page::send_input`] takes what the
//! person does.
//!
//! What only Chromium's own windows would show is in no picture of a page: dialogs, lists of `<select>`, file choosers,
//! context menus. Those that matter are told and answered here; the others do not open.
//!
//! Each tab has a [`page::LivePage`], which subscribes to its events before the tab itself does, and takes those that a
//! person is to answer.

pub(crate) mod context;
mod downloads;
pub(crate) mod event;
mod events;
mod files;
mod focus;
pub(crate) mod host;
pub(crate) mod input;
mod keys;
mod look;
pub(crate) mod page;
mod prompts;
mod redaction;
mod refuse;
mod screen;
mod screencast;
pub(crate) mod screencast_frame;
pub(crate) mod screens;
mod state;
