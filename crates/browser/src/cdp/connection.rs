use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::unix::pipe,
    sync::{mpsc, oneshot, watch},
};
use zeroize::Zeroizing;

use super::{
    Command, Event, Listener,
    bus::Bus,
    message,
    split::{MessagePart, MessageSplitter, number_of_reply},
};

/// What Chromium said to a call.
pub(crate) type Reply = Result<Box<RawValue>, CdpError>;

/// The reply to a call, when it comes.
pub(crate) type Answer = oneshot::Receiver<Reply>;

/// Chromium's reason for not doing what a call asked.
#[derive(Debug, Deserialize)]
pub(crate) struct CdpError {
    pub(crate) message: String,
}

/// The two pipes to one Chromium.
pub(crate) struct Connection {
    next_id: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Reply>>>,
    bus: Bus,
    outbox: mpsc::UnboundedSender<Zeroizing<Vec<u8>>>,
    gone: watch::Sender<Option<String>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<CdpError>,
    #[serde(borrow, rename = "sessionId")]
    session: Option<Cow<'a, str>>,
}

impl Connection {
    /// Speaks over `to` and listens to `from` until either ends.
    pub(crate) fn open(to: pipe::Sender, from: pipe::Receiver) -> Arc<Self> {
        let (outbox, mails) = mpsc::unbounded_channel();
        let connection = Arc::new(Self {
            next_id: AtomicU64::new(1),
            waiting: Mutex::default(),
            bus: Bus::default(),
            outbox,
            gone: watch::Sender::new(None),
        });
        tokio::spawn(write_all(to, mails, Arc::downgrade(&connection)));
        tokio::spawn(read_all(from, Arc::downgrade(&connection)));
        connection
    }

    /// Sends a call. The answer comes by the receiver; it is closed without an answer when Chromium is gone.
    ///
    /// # Errors
    /// For what has no form in JSON; nothing was sent.
    pub(crate) fn send<C: Command>(&self, session: &str, command: &C) -> serde_json::Result<(u64, Answer)> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let message = message::write(id, session, command)?;
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().insert(id, sender);
        self.post(id, message);
        Ok((id, receiver))
    }

    /// Sends a call and does not care for its answer.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) fn cast<C: Command>(&self, session: &str, command: &C) -> serde_json::Result<()> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.post(id, message::write(id, session, command)?);
        Ok(())
    }

    /// The answer to call `id` is no longer waited for.
    pub(crate) fn forget(&self, id: u64) {
        self.waiting.lock().remove(&id);
    }

    /// `listener` hears the events of `session` from now on, after those who have subscribed before. The empty name stands
    /// for the browser's own session.
    pub(crate) fn subscribe(&self, session: Arc<str>, listener: Weak<dyn Listener>) {
        self.bus.subscribe(session, listener);
    }

    /// Nobody hears `session` any more: it has ended.
    pub(crate) fn forget_session(&self, session: &str) {
        self.bus.forget(session);
    }

    /// Why the connection ended; `None` while it works.
    pub(crate) fn gone(&self) -> Option<String> {
        self.gone.borrow().clone()
    }

    /// Waits until the connection has ended, and says why.
    pub(crate) async fn ended(&self) -> String {
        let mut gone = self.gone.subscribe();
        match gone.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Ends the connection: every call that waits, and every later one, fails with `why`.
    pub(crate) fn end(&self, why: &str) {
        self.gone.send_if_modified(|gone| {
            let first = gone.is_none();
            if first {
                *gone = Some(why.to_owned());
            }
            first
        });
        self.waiting.lock().clear();
    }

    fn post(&self, id: u64, message: Zeroizing<Vec<u8>>) {
        if self.gone.borrow().is_some() || self.outbox.send(message).is_err() {
            self.waiting.lock().remove(&id);
        }
    }

    /// A message was too long; whoever waits for it is told so.
    fn dropped(&self, begun: &[u8]) {
        let waiting = number_of_reply(begun).and_then(|id| self.waiting.lock().remove(&id));
        if let Some(sender) = waiting {
            // Whoever asked may have stopped waiting.
            let _ = sender.send(Err(CdpError { message: "the answer is too long".into() }));
        }
    }

    fn receive(&self, text: &[u8]) {
        let message = match serde_json::from_slice::<Message<'_>>(text) {
            Ok(message) => message,
            Err(error) => return tracing::warn!(%error, "Chromium sent what is no message"),
        };
        if let Some(id) = message.id {
            let Some(sender) = self.waiting.lock().remove(&id) else { return };
            let reply = match (message.error, message.result) {
                (Some(refusal), _) => Err(refusal),
                (None, Some(result)) => Ok(result.to_owned()),
                (None, None) => Err(CdpError { message: "neither result nor error".into() }),
            };
            // Whoever asked may have stopped waiting.
            let _ = sender.send(reply);
        } else if let (Some(method), Some(params)) = (message.method, message.params) {
            let session = message.session.unwrap_or_default();
            self.bus.publish(&session, || Event::parse(&method, params));
        }
    }
}

async fn write_all(
    mut to: pipe::Sender,
    mut mails: mpsc::UnboundedReceiver<Zeroizing<Vec<u8>>>,
    who: Weak<Connection>,
) {
    while let Some(message) = mails.recv().await {
        if let Err(error) = to.write_all(&message).await {
            if let Some(connection) = who.upgrade() {
                connection.end(&format!("its pipe is closed ({error})"));
            }
            return;
        }
    }
}

async fn read_all(mut from: pipe::Receiver, who: Weak<Connection>) {
    let mut splitter = MessageSplitter::default();
    splitter.buffer().reserve(1 << 16);
    let why = loop {
        match from.read_buf(splitter.buffer()).await {
            Ok(0) => break "it ended".to_owned(),
            Ok(_) => {}
            Err(error) => break format!("its pipe is closed ({error})"),
        }
        let Some(connection) = who.upgrade() else { return };
        splitter.part(|part| match part {
            MessagePart::Whole(text) => connection.receive(text),
            MessagePart::Dropped(begun) => connection.dropped(begun),
        });
    };
    if let Some(connection) = who.upgrade() {
        connection.end(&why);
    }
}
