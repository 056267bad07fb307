//! Tells people outside the page what has become of a change: takes notices from the vault's outbox and sends them by mail
//! and webhook.
//!
//! Begin at [`Sender::start`]. What is said stands in `words.rs`, which is pure; `mail.rs` (over `smtp.rs`) and `webhook.rs`
//! carry it out; where they may connect to is checked by `outbound` for each connection.
//!
//! May touch: `vault` and `outbound`, and below them `seal` and `model`.

mod mail;
mod smtp;
mod webhook;
mod words;

use std::time::Duration;

pub use countersign_outbound::{AllowPrivateReceivers, DELIVERY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature};
use countersign_vault::{Delivery, Error as VaultError, Notice, NoticeWay, Vault};

/// Other nodes' notices, and those that failed before, are noticed by looking.
const LOOK: Duration = Duration::from_secs(10);
const AFTER_AN_ERROR: Duration = Duration::from_secs(5);
/// One delivery, from the first look-up to the last answer. Shorter than the lease, so that nobody else sends it too.
const LONGEST_DELIVERY: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_secs(60);

/// Sends notices until it is dropped, mail and webhook each at its own pace.
pub struct Sender {
    _tasks: tokio::task::JoinSet<()>,
}

impl Sender {
    /// Starts sending. `name` is unique among senders of the same database.
    pub fn start(vault: &Vault, allow_private: AllowPrivateReceivers, name: &str) -> Self {
        // Dropped, it ends what it has begun: what was being sent is sent again by whoever takes it after its lease.
        let mut tasks = tokio::task::JoinSet::new();
        for way in NoticeWay::ALL {
            tasks.spawn(send_all(vault.clone(), way, allow_private, name.to_owned()));
        }
        Self { _tasks: tasks }
    }
}

async fn send_all(vault: Vault, way: NoticeWay, allow_private: AllowPrivateReceivers, name: String) {
    loop {
        match send_one(&vault, way, allow_private, &name).await {
            Ok(true) => {}
            Ok(false) => {
                let _ = tokio::time::timeout(LOOK, vault.notice_put(way)).await;
            }
            Err(VaultError::Closing) => return,
            Err(error) => {
                tracing::warn!(%error, "no notice could be taken or written down");
                tokio::time::sleep(AFTER_AN_ERROR).await;
            }
        }
    }
}

/// Sends the notice that is due longest of those that go this way; false when none is due.
///
/// # Errors
/// Of the vault: a delivery that failed is written down and tried again later, and is none.
pub async fn send_one(
    vault: &Vault,
    way: NoticeWay,
    allow_private: AllowPrivateReceivers,
    name: &str,
) -> Result<bool, VaultError> {
    let Some(notice) = vault.claim_notice(way, name, LEASE).await? else { return Ok(false) };
    let sent = tokio::time::timeout(LONGEST_DELIVERY, deliver(&notice, allow_private)).await;
    match sent.unwrap_or_else(|_| Err("no answer within 30 seconds".to_owned())) {
        Ok(()) => vault.notice_delivered(&notice).await?,
        Err(error) => {
            let gone = matches!(notice.way, Delivery::Gone);
            tracing::warn!(notice = %notice.id, kind = notice.kind.name(), error, "a notice was not delivered");
            vault.notice_failed(&notice, &error, gone).await?;
        }
    }
    Ok(true)
}

async fn deliver(notice: &Notice, allow_private: AllowPrivateReceivers) -> Result<(), String> {
    match &notice.way {
        Delivery::Mail { server, from, to } => mail::send(notice, server, from, to, allow_private).await,
        Delivery::Webhook { url, signing } => webhook::send(notice, url, signing, allow_private).await,
        Delivery::Gone => Err("this way has been taken out of the settings".to_owned()),
    }
}
