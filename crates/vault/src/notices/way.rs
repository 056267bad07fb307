//! The ways that notices go, and what wakes the sender of each.

use tokio::sync::Notify;

/// By what a notice goes out. Each way has a sender of its own, so that a server that does not answer holds back nothing but what
/// goes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeWay {
    /// By mail.
    Mail,
    /// To the webhook.
    Webhook,
}

impl NoticeWay {
    /// All ways.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Webhook];

    /// As the outbox and the log of deliveries call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// Tells the senders of this process that there is something to send.
#[derive(Default)]
pub(crate) struct Outbox {
    mail: Notify,
    webhook: Notify,
}

impl Outbox {
    pub(crate) fn put(&self) {
        self.mail.notify_one();
        self.webhook.notify_one();
    }

    pub(crate) async fn wait(&self, way: NoticeWay) {
        match way {
            NoticeWay::Mail => self.mail.notified().await,
            NoticeWay::Webhook => self.webhook.notified().await,
        }
    }
}
