//! What a web page looks like to somebody who wants to sign in: pure data, no behaviour beyond reading it.
//!
//! The browser room makes a [`PageSnapshot`], the recipe room recognises it; neither knows the other. A snapshot can be
//! written to a file and read again, so every mistake in recognising a page can be kept as a test.
//!
//! Begin at [`PageSnapshot`], then [`Frame`], then [`Field`]. A snapshot holds no value of any field, only whether
//! something is in it. It does hold addresses; [`PageSnapshot::without_queries`] takes out what a link may carry.
//!
//! This room touches nothing: no clock, no file, no network.

mod bounds;
mod element;
mod frame;
mod page;

pub use bounds::{Bounds, Size};
pub use element::{Button, ButtonKind, Field, FieldKind, Hidden, Hue, Image, PageLink, Region, Text, TextRole, Words};
pub use frame::{ChallengeKind, ChallengeMark, Dialog, ElementRef, Form, Frame};
pub use page::{PageResponse, PageSnapshot, SentRequests};
