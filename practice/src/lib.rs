//! A small social network to practise sign-in and password change on: Plauder.
//!
//! It stands for the outside world, so it knows no room of Countersign; it has its own tokens, its own clock and its
//! own accounts, all in memory. Every hurdle of real sites is a switch in [`Hurdles`], and a layout seed reshuffles the
//! pages. Begin at [`start`]: it opens the site on a port of its own and gives a [`Practice`], whose [`Control`] sets
//! hurdles and tells what happened: who typed what where, which password counts now, which mails went out.
//!
//! Within: `site` answers asks and knows neither HTTP nor time; `serve` carries them over HTTP, `fetch` and WebSocket
//! with the faults that strike; `layout` decides what a seed looks like; `words` are the six languages; `truth` tells
//! what a reader of the pages should have found. It keeps passwords in the open and must never serve anybody in earnest.

mod account;
mod captcha;
mod clock;
mod control;
mod dice;
mod dress;
mod html;
pub mod hurdles;
mod icons;
mod journal;
mod layout;
mod page_name;
mod practice;
mod rules;
mod serve;
mod site;
mod truth;
mod words;
mod world;

pub use account::{Counts, NewUser, NewUserError, TokenHash};
pub use clock::TimeSource;
pub use control::{Control, Sitting, UserTold};
pub use hurdles::{Hurdles, HurdlesError};
pub use journal::{Event, EventName, Gate, Heard, Mail, Typed};
pub use layout::FieldRole;
pub use page_name::PageName;
pub use practice::{Config, Practice, StartError, start};
pub use truth::{TrueField, Truth};
pub use world::Origins;
