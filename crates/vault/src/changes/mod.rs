//! Changes of passwords at their sites: asking for them, and the worker's side of them.
//!
//! `ask.rs` is for people: asking, looking, calling off. `claim.rs` and `run.rs` are for the worker: taking a change and
//! every step it reports, `typed.rs` what it types; `end.rs` is how a change ends. `due.rs` makes changes that nobody has to ask for.
//! `guard.rs` says when a change may run.

mod ask;
mod claim;
mod due;
mod end;
mod guard;
mod policy;
mod run;
mod typed;
mod view;

pub use ask::{ChangeListRequest, ChangeRequest, WorkingPassword};
pub use end::{ChangeOutcome, NotEnded};
pub use run::{ChangeLease, ChangeRun, LeaseStatus};
pub use view::{ChangeEvent, ChangePermissions, ChangeView};

pub(crate) use policy::{after_reveal, due, spread};
pub(crate) use run::binding;
