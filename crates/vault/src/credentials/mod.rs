//! Credentials: seeing and editing them, what they hold, where their secrets may go, and bringing many in at once.
//!
//! `list.rs` shows them without secrets, from the index in `search/` where it can; `reveal.rs` a password on record, `transfer.rs` puts a setup key on a phone; `fill.rs` hands out what a
//! browser extension fills in;
//! `export.rs` takes them out, `export_approval.rs` says whether a second administrator has to approve that, `export_requests.rs` is how they are
//! asked and `export_requested.rs` what they see; `create.rs` and `edit.rs` write, `bin.rs` keeps what was removed, `tags.rs` and `policies.rs` many at once by what `many.rs` has, and those who add at the same moment wait in `queue.rs`. `places.rs` holds
//! where secrets may be typed, `automation.rs` the settings of a site; `seeds.rs` and `import/` read what people bring.

pub(crate) mod automation;
pub(crate) mod bin;
pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod export_approval;
pub(crate) mod export_requested;
pub(crate) mod export_requests;
pub(crate) mod fill;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod many;
pub(crate) mod moving;
pub(crate) mod places;
pub(crate) mod policies;
pub(crate) mod queue;
pub(crate) mod reference;
pub(crate) mod reveal;
pub(crate) mod search;
pub(crate) mod seeds;
pub(crate) mod tags;
pub(crate) mod transfer;
pub(crate) mod view;
