//! A password change from start to end, its proof, and the sign-in of a session, as a pure core: an event and the time in, what
//! to note and one effect out. It holds no browser, no secret and no database, so every rule about *what happened so far and
//! what to do next* is a line in a table of tests.
//!
//! Begin at [`Walk::begin`] and [`Walk::handle`]; [`Effect`] and [`Event`] say what the two sides tell each other. How pages are
//! read, and what is done on one, is the recipe room's; which password holds in the end is decided in `proof.rs`; waiting for a
//! person in `parked.rs`, what goes wrong in `setbacks.rs`.
//!
//! May touch: `model`, `snapshot`, `recipe`. Pure: no clock, no file, no network.

mod effect;
mod evidence;
mod machine;
mod park;
mod parked;
mod proof;
mod say;
mod setbacks;
mod stage;
mod walk;

pub use effect::{Effect, Ending, Event, Facts, Note, PageView, Profile, StepDone, StepError, Tries, Turn};
pub use walk::Walk;
