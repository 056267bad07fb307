//! The audit log's tables. Records are only ever added, in the transaction of what they record.
//!
//! What one transaction records is one *block* or a few (`audit_block`), packed as `audit` says ([`blocks`]); readers who wait
//! for the same flush share one ([`group`]). Whole runs of records are indexed later ([`runs`]), by which [`mod@list`] finds what a
//! filter asks; what is behind the index is looked through. How each credential and grant was last used is counted beside it
//! ([`uses`]); how often on each day, when somebody asks ([`mod@activity`]). Where the log also goes, and how far it was taken there,
//! stands in [`sinks`]; filters that people keep in [`views`]. Vaults from before blocks had a row for each record ([`rows`]).

pub mod activity;
pub mod blocks;
pub mod checkpoints;
pub mod group;
pub mod list;
pub mod rows;
pub mod runs;
pub mod sinks;
pub mod uses;
pub mod views;

pub use activity::{ActivityOf, DailyActivity, activity};
pub use blocks::{after, append, insert};
pub use checkpoints::{checkpoints, keep_checkpoint, newest_checkpoint};
pub use group::commit_group;
pub use list::{RecordFilter, list, list_linked, of_authority, oldest_of};
pub use rows::fold_rows;
pub use runs::{BuiltRun, keep_run, next_run};
pub use uses::{CountedUses, forget_uses, keep_uses, last_uses, next_uses, usage, uses_counted};
