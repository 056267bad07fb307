//! Sends the audit log elsewhere: takes batches from the vault, brings them to syslog, OpenTelemetry, a webhook or a folder, and says how far
//! they were taken.
//!
//! Begin at [`SinkSender::start`]. What a record looks like elsewhere stands in `format/`, which is pure; `stream.rs`, `post.rs` and
//! `folder.rs` carry it out, and `receiver.rs` chooses among them. What a receiver has surely taken is its own to say: where its protocol
//! has no word for that, `stream.rs` says what stands for one.
//!
//! May touch: `vault` and `outbound`, and below them `audit`, `seal` and `model`.

mod failure;
mod folder;
mod format;
mod post;
mod receiver;
mod sender;
mod stream;

pub use countersign_outbound::{AllowPrivateReceivers, check_authority};
pub use receiver::try_out;
pub use sender::{SinkSender, send_due};
