use std::{sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use zeroize::Zeroizing;

use super::{Answer, Connection, connection::CdpError};
use crate::Error;

/// What an ordinary call may take: Chromium answers in milliseconds unless it or the page hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// One target of Chromium that can be asked to do things: the browser, a page, a frame of another site.
#[derive(Clone)]
pub(crate) struct CdpSession {
    connection: Arc<Connection>,
    id: Arc<str>,
}

impl CdpSession {
    /// The browser's own.
    pub(crate) fn root(connection: Arc<Connection>) -> Self {
        Self { connection, id: Arc::from("") }
    }

    pub(crate) fn named(&self, id: Arc<str>) -> Self {
        Self { connection: Arc::clone(&self.connection), id }
    }

    pub(crate) const fn id(&self) -> &Arc<str> {
        &self.id
    }

    pub(crate) const fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Calls and waits for the answer.
    pub(crate) async fn call<R: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<R, Error> {
        self.call_within(PATIENCE, method, params).await
    }

    /// Calls and waits at most `patience` for the answer.
    pub(crate) async fn call_within<R: DeserializeOwned>(
        &self,
        patience: Duration,
        method: &'static str,
        params: impl Serialize,
    ) -> Result<R, Error> {
        // Cookies are secrets, too.
        let params = Zeroizing::new(
            serde_json::to_vec(&params).map_err(|error| Error::Protocol { method, message: error.to_string() })?,
        );
        self.call_raw(patience, method, &params).await
    }

    /// As [`Self::call_within`] with parameters that are JSON already.
    pub(crate) async fn call_raw<R: DeserializeOwned>(
        &self,
        patience: Duration,
        method: &'static str,
        params: &[u8],
    ) -> Result<R, Error> {
        let reply = self.ask(patience, method, params).await?;
        serde_json::from_str(reply.get()).map_err(|error| Error::Protocol { method, message: error.to_string() })
    }

    /// Calls and does not wait. What Chromium says to it is not looked at.
    pub(crate) fn cast(&self, method: &str, params: &Value) {
        self.connection.cast(&self.id, method, params.to_string().as_bytes());
    }

    /// Calls now; whoever wants to may wait for the answer.
    pub(crate) fn send(&self, method: &str, params: &Value) -> Answer {
        // It may be what a person types into a secret field.
        let params = Zeroizing::new(params.to_string().into_bytes());
        self.connection.send(&self.id, method, &params).1
    }

    async fn ask(&self, patience: Duration, method: &'static str, params: &[u8]) -> Result<Box<RawValue>, Error> {
        if let Some(why) = self.connection.gone() {
            return Err(Error::BrowserGone { why });
        }
        let (id, answer) = self.connection.send(&self.id, method, params);
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(Ok(result))) => Ok(result),
            Ok(Ok(Err(refusal))) => Err(refused(method, refusal)),
            Ok(Err(_)) => Err(Error::BrowserGone { why: self.connection.gone().unwrap_or_else(|| "it ended".into()) }),
            Err(_) => {
                self.connection.forget(id);
                Err(Error::TimedOut { what: method, after: patience })
            }
        }
    }
}

/// Chromium tells these apart by their texts only.
fn refused(method: &'static str, refusal: CdpError) -> Error {
    const CLOSED: [&str; 3] = ["Session with given id not found", "No target with given id", "Target closed"];
    const STALE: [&str; 7] = [
        "Cannot find context",
        "Execution context was destroyed",
        "uniqueContextId not found",
        "Could not find object",
        "No node with given id",
        "Node with given id does not belong",
        "Inspected target navigated or closed",
    ];
    let says = |texts: &[&str]| texts.iter().any(|text| refusal.message.contains(text));
    if says(&CLOSED) {
        Error::PageClosed
    } else if says(&STALE) {
        Error::Stale
    } else {
        Error::Protocol { method, message: refusal.message }
    }
}
