use std::{sync::Arc, time::Duration};

use serde_json::value::RawValue;

use super::{Answer, Command, Connection, connection::CdpError};
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
    pub(crate) fn of(connection: Arc<Connection>) -> Self {
        Self { connection, id: Arc::from("") }
    }

    /// The browser's own, of the same Chromium.
    pub(crate) fn root(&self) -> Self {
        self.named(Arc::from(""))
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
    pub(crate) async fn call<C: Command>(&self, command: C) -> Result<C::Reply, Error> {
        self.call_within(PATIENCE, command).await
    }

    /// Calls and waits at most `patience` for the answer.
    pub(crate) async fn call_within<C: Command>(&self, patience: Duration, command: C) -> Result<C::Reply, Error> {
        let reply = self.ask(patience, command).await?;
        serde_json::from_str(reply.get()).map_err(|error| no_json::<C>(&error))
    }

    /// Calls and does not wait. What Chromium says to it is not looked at.
    pub(crate) fn cast<C: Command>(&self, command: &C) {
        if let Err(error) = self.connection.cast(&self.id, command) {
            tracing::warn!(method = C::METHOD, %error, "a call could not be written");
        }
    }

    /// Calls now; whoever wants to may wait for the answer.
    pub(crate) fn send<C: Command>(&self, command: &C) -> Result<Answer, Error> {
        self.connection.send(&self.id, command).map(|(_, answer)| answer).map_err(|error| no_json::<C>(&error))
    }

    async fn ask<C: Command>(&self, patience: Duration, command: C) -> Result<Box<RawValue>, Error> {
        let method = C::METHOD;
        if let Some(why) = self.connection.gone() {
            return Err(Error::BrowserGone { why });
        }
        let (id, answer) = self.connection.send(&self.id, &command).map_err(|error| no_json::<C>(&error))?;
        // What it holds may be a secret.
        drop(command);
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

fn no_json<C: Command>(error: &serde_json::Error) -> Error {
    Error::Protocol { method: C::METHOD, message: error.to_string() }
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
