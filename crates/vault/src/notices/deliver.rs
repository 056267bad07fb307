//! For whoever sends: one notice after the other, each for a lease, and what became of it.

use std::time::Duration;

use countersign_model::{ChangeId, ChangeKind, NoticeId, NoticeKind, RequestId, Timestamp, try_again_after};
use countersign_seal::Secret;
use countersign_store::notices;

use super::way::NoticeWay;
use crate::{Error, Vault};

const LONGEST_ERROR: usize = 300;

/// How a notice goes out.
pub enum Delivery {
    /// By mail.
    Mail {
        /// `smtp://user:password@host:587` or `smtps://…`.
        server: Secret,
        /// Whom it comes from.
        from: String,
        /// Whom it goes to.
        to: String,
    },
    /// To a webhook.
    Webhook {
        /// Where to.
        url: Secret,
        /// What signs it.
        signing: Secret,
    },
    /// The way has been taken out of the settings since.
    Gone,
}

/// A notice that this sender has taken.
pub struct Notice {
    /// Its id; the same for every try.
    pub id: NoticeId,
    /// What happened.
    pub kind: NoticeKind,
    /// With what it happened; none for a test.
    pub what: Option<ChangeKind>,
    /// The change; none for a test.
    pub change: Option<ChangeId>,
    /// The request for access that it is about.
    pub request: Option<RequestId>,
    /// Who asked for it, or decided about it.
    pub person: Option<String>,
    /// The credential's name.
    pub credential_name: String,
    /// Why, as a stable code; `challenge:captcha` and its like say what is asked.
    pub reason: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// When this try began.
    pub sent_at: Timestamp,
    /// Where people find the page, without a stroke at its end.
    pub address: Option<String>,
    /// How it goes out.
    pub way: Delivery,
    attempts: i64,
    sender: String,
}

impl Vault {
    /// Takes the notice that is due longest of those that go this way. `None`: none is due.
    pub async fn claim_notice(&self, way: NoticeWay, sender: &str, lease: Duration) -> Result<Option<Notice>, Error> {
        let mut tx = self.unit().await?;
        let claimed = notices::claim(&mut tx, way.name(), sender, self.now(), lease).await?;
        let Some(row) = claimed else { return Ok(None) };
        let settings = self.settings_in(&mut tx).await?;
        tx.commit_without_record("takes a notice from the queue").await?;
        let address = settings.address().map(str::to_owned);
        let way = match (way, settings.sender().map(str::to_owned)) {
            (NoticeWay::Mail, Some(from)) => {
                settings.smtp.map(|server| Delivery::Mail { server, from, to: row.recipient })
            }
            (NoticeWay::Mail, None) => None,
            (NoticeWay::Webhook, _) => {
                settings.webhook.zip(settings.signing).map(|(url, signing)| Delivery::Webhook { url, signing })
            }
        };
        Ok(Some(Notice {
            id: row.id,
            kind: row.kind.parse()?,
            what: row.what.as_deref().map(str::parse).transpose()?,
            change: row.change,
            request: row.request,
            person: row.person,
            credential_name: row.credential_name,
            reason: row.reason,
            at: row.created_at,
            sent_at: self.now(),
            address,
            way: way.unwrap_or(Delivery::Gone),
            attempts: row.attempts,
            sender: sender.to_owned(),
        }))
    }

    /// It was taken.
    pub async fn notice_delivered(&self, notice: &Notice) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        notices::delivered(&mut tx, notice.id, &notice.sender, self.now()).await?;
        tx.commit_without_record("the log of deliveries has it").await
    }

    /// It was not taken: it is tried again later, or given up. `error` says why, without a secret; `for_good`: trying again
    /// would not help.
    pub async fn notice_failed(&self, notice: &Notice, error: &str, for_good: bool) -> Result<(), Error> {
        let error: String = error.chars().filter(|it| !it.is_control()).take(LONGEST_ERROR).collect();
        let mut tx = self.unit().await?;
        let now = self.now();
        match try_again_after(notice.attempts).filter(|_| !for_good) {
            Some(wait) => notices::again(&mut tx, notice.id, &notice.sender, now.plus(wait), &error).await?,
            None => notices::give_up(&mut tx, notice.id, &notice.sender, now, &error).await?,
        }
        tx.commit_without_record("the log of deliveries has it").await
    }

    /// Waits until something was put into the outbox in this process.
    pub async fn notice_put(&self, way: NoticeWay) {
        self.inner.outbox.wait(way).await;
    }
}
