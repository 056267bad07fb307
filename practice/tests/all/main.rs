//! The practice site, tried over HTTP by a small browser of its own that knows no script.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod browser;
mod change;
mod control;
mod drive;
mod faults;
mod layouts;
mod markup;
mod odd;
mod sign_in;
mod transport;
mod trap;
