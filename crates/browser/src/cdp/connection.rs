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

use super::split::{MessagePart, MessageSplitter, number_of_reply};

/// Hears the events of the sessions it is registered for, one after the other, on the reading task: be quick.
pub(crate) trait Listener: Send + Sync {
    fn event(&self, session: &Arc<str>, method: &str, params: &RawValue);
}

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
    /// The empty name stands for the browser's own session.
    listeners: Mutex<HashMap<Arc<str>, Weak<dyn Listener>>>,
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
            listeners: Mutex::default(),
            outbox,
            gone: watch::Sender::new(None),
        });
        tokio::spawn(write_all(to, mails, Arc::downgrade(&connection)));
        tokio::spawn(read_all(from, Arc::downgrade(&connection)));
        connection
    }

    /// Sends a call whose parameters are already JSON. The answer comes by the receiver; it is closed without an answer
    /// when Chromium is gone.
    pub(crate) fn send(&self, session: &str, method: &str, params: &[u8]) -> (u64, Answer) {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().insert(id, sender);
        self.post(id, session, method, params);
        (id, receiver)
    }

    /// Sends a call and does not care for its answer.
    pub(crate) fn cast(&self, session: &str, method: &str, params: &[u8]) {
        self.post(self.next_id.fetch_add(1, Ordering::Relaxed), session, method, params);
    }

    /// The answer to call `id` is no longer waited for.
    pub(crate) fn forget(&self, id: u64) {
        self.waiting.lock().remove(&id);
    }

    /// `listener` hears the events of `session` from now on.
    pub(crate) fn listen(&self, session: Arc<str>, listener: Weak<dyn Listener>) {
        self.listeners.lock().insert(session, listener);
    }

    pub(crate) fn unlisten(&self, session: &str) {
        self.listeners.lock().remove(session);
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

    fn post(&self, id: u64, session: &str, method: &str, params: &[u8]) {
        // Written by hand into one buffer of the right size, because the parameters may be a secret.
        let head = if session.is_empty() {
            format!(r#"{{"id":{id},"method":"{method}","params":"#)
        } else {
            format!(r#"{{"id":{id},"sessionId":"{session}","method":"{method}","params":"#)
        };
        let mut message = Zeroizing::new(Vec::with_capacity(head.len() + params.len() + 2));
        message.extend_from_slice(head.as_bytes());
        message.extend_from_slice(params);
        message.extend_from_slice(b"}\0");
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
            let found =
                self.listeners.lock().get_key_value(&*session).map(|(name, who)| (Arc::clone(name), who.upgrade()));
            if let Some((session, Some(listener))) = found {
                listener.event(&session, &method, params);
            }
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
