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
use countersign_vault::{Delivery, Error as VaultError, Notice, Vault};

/// Other nodes' notices, and those that failed before, are noticed by looking.
const LOOK: Duration = Duration::from_secs(10);
const AFTER_AN_ERROR: Duration = Duration::from_secs(5);
/// One delivery, from the first look-up to the last answer. Shorter than the lease, so that nobody else sends it too.
const LONGEST_DELIVERY: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_secs(60);

/// Sends notices until it is dropped.
pub struct Sender {
    task: tokio::task::JoinHandle<()>,
}

impl Sender {
    /// Starts sending. `name` is unique among senders of the same database.
    pub fn start(vault: Vault, allow_private: AllowPrivateReceivers, name: String) -> Self {
        Self { task: tokio::spawn(send_all(vault, allow_private, name)) }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // What was being sent is sent again by whoever takes it after its lease.
        self.task.abort();
    }
}

async fn send_all(vault: Vault, allow_private: AllowPrivateReceivers, name: String) {
    loop {
        match send_one(&vault, allow_private, &name).await {
            Ok(true) => {}
            Ok(false) => {
                let _ = tokio::time::timeout(LOOK, vault.notice_put()).await;
            }
            Err(VaultError::Closing) => return,
            Err(error) => {
                tracing::warn!(%error, "no notice could be taken or written down");
                tokio::time::sleep(AFTER_AN_ERROR).await;
            }
        }
    }
}

/// Sends the notice that is due longest; false when nothing is due.
///
/// # Errors
/// Of the vault: a delivery that failed is written down and tried again later, and is none.
pub async fn send_one(vault: &Vault, allow_private: AllowPrivateReceivers, name: &str) -> Result<bool, VaultError> {
    let Some(notice) = vault.claim_notice(name, LEASE).await? else { return Ok(false) };
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
