//! Telling people outside the page: the settings, what is put into the outbox, and what the sender takes from it.
//!
//! A notice is written in the transaction of what it tells (`outbox.rs`). Whoever sends takes one at a time for a lease
//! (`deliver.rs`), by each way on its own (`way.rs`); the settings hold where to (`settings.rs`).

mod deliver;
mod fixed;
mod outbox;
mod settings;
mod way;

pub use deliver::{Delivery, Notice};
pub use fixed::FixedNotices;
pub use settings::{DeliveryView, NoticeSettingsRequest, NoticeView};
pub use way::NoticeWay;
pub(crate) use way::Outbox;
