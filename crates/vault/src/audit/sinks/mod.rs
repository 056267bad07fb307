//! Where the audit log also goes: what administrators say of it (`settings.rs`, kept as `stored.rs` says, shown by `view.rs`), what whoever
//! sends takes and how far it was taken (`sending.rs`), and who is told when a place is behind (`telling.rs`).

mod sending;
mod settings;
mod stored;
mod telling;
mod view;

pub use sending::{SinkBatch, SinkTurn, TakenFrom};
pub use settings::{SinkDraft, SinkTrial};
pub use stored::{SinkRef, SinkWay};
pub use view::{SinkFigures, SinkView};
