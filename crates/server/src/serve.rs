//! Connections: who is let in, how long they are waited for, and how the server stops.

mod certificate;
mod io;
mod limits;
mod table;
mod tls;

use std::{
    convert::Infallible,
    future::Future,
    io::{Error as IoError, ErrorKind},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use countersign_identity::{NoPasskeys, RelyingParty};
use hyper::{Request, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep},
};
use tokio_rustls::TlsAcceptor;

pub use self::{
    certificate::{ServerCertificate, TlsFileError, WrongTlsFile},
    limits::ConnectionLimits,
};
use self::{
    io::{AnswerBody, Client, ClientIo, ClientStream, RequestBody},
    table::{ConnectionTable, Phase, TableEntry},
};
use crate::{AppState, health::repeats::Repeats, router};

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// The system's reason.
        source: IoError,
    },
}

// How often ended browsers and old steps are forgotten, and a checkpoint is signed.
const TIDY_EVERY: Duration = Duration::from_secs(60 * 60);
/// How old what lists say of last uses may become.
const COUNT_EVERY: Duration = Duration::from_secs(60);
// How often it is looked whose time is over.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
// Once the server stops, a client that has to go on has this long for it.
const LAST_WAIT: Duration = Duration::from_secs(2);
// When the system gives no descriptor, or none has come free: trying at once would only burn the processor.
const NO_DESCRIPTOR: Duration = Duration::from_millis(50);

/// Listens, tells where, and serves until `stop` is done: HTTPS where the settings have a certificate. Requests under way are finished then, within
/// [`ConnectionLimits::drain`]; WebSockets are left to whoever holds them.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    state: AppState,
    address: &str,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let wrong = |source| ServeError::Listen { address: address.to_owned(), source };
    let listener = TcpListener::bind(address).await.map_err(wrong)?;
    let bound = listener.local_addr().map_err(wrong)?;
    let address = state.0.settings.own_address(bound);
    state.is_at(address.as_deref());
    let party = address.ok_or(NoPasskeys::AddressUnknown);
    state.vault().use_passkeys_at(party.and_then(|address| RelyingParty::at(&address)));
    listening(bound);
    let vault = state.vault().clone();
    let tidying = tokio::spawn(async move {
        let mut every = interval(TIDY_EVERY);
        loop {
            every.tick().await;
            if let Err(error) = vault.tidy().await {
                tracing::warn!(%error, "tidying up failed");
            }
        }
    });
    let vault = state.vault().clone();
    let counting = tokio::spawn(async move {
        let mut every = interval(COUNT_EVERY);
        loop {
            every.tick().await;
            if let Err(error) = vault.count_uses().await {
                tracing::warn!(%error, "uses were not counted");
            }
        }
    });
    let keeping = tokio::spawn(state.vault().clone().keep_keys());
    let limits = state.0.settings.connections;
    let certificate = state.0.settings.certificate.clone();
    let acceptor = certificate.as_ref().map(|certificate| TlsAcceptor::from(certificate.config()));
    let renewing = certificate.map(|certificate| tokio::spawn(tls::keep_renewed(certificate)));
    let mut server = Server::new(router(state), limits, acceptor);
    server.accept_until(listener, stop).await;
    for task in [Some(tidying), Some(counting), Some(keeping), renewing].into_iter().flatten() {
        task.abort();
    }
    server.drain().await;
    Ok(())
}

struct Server {
    app: Router,
    limits: ConnectionLimits,
    /// Where connections are encrypted.
    acceptor: Option<TlsAcceptor>,
    table: Arc<ConnectionTable<TcpStream>>,
    tasks: JoinSet<()>,
    stopping: watch::Sender<bool>,
    refused: Repeats,
    failed: Repeats,
}

impl Server {
    fn new(app: Router, limits: ConnectionLimits, acceptor: Option<TlsAcceptor>) -> Self {
        Self {
            app,
            limits,
            acceptor,
            table: ConnectionTable::new(limits, Instant::now()),
            tasks: JoinSet::new(),
            stopping: watch::Sender::new(false),
            refused: Repeats::new(),
            failed: Repeats::new(),
        }
    }

    async fn accept_until(&mut self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut sweep = interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = sweep.tick() => {
                    let closed = self.table.close_overdue(Instant::now());
                    if closed > 0 {
                        tracing::debug!(closed, "connections were closed: their clients kept the server waiting");
                    }
                }
                Some(_) = self.tasks.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, address)) => self.admit(stream, address),
                    Err(error) => self.accept_failed(&error).await,
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream, address: SocketAddr) {
        // Answers are small; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        match self.table.admit(address.ip(), stream, Instant::now()) {
            Ok(place) => {
                let (app, stopping) = (self.app.clone(), self.stopping.subscribe());
                self.tasks.spawn(serve_client(app, place, address, stopping, self.acceptor.clone()));
            }
            Err(stream) => {
                // Before a handshake there is nothing to say that a client would understand.
                if self.acceptor.is_none() {
                    refuse(&stream);
                }
                if let Some(count) = self.refused.count(Instant::now()) {
                    let most = self.limits.total;
                    tracing::warn!(count, most, "connections were refused: all places are taken by requests under way");
                }
            }
        }
    }

    async fn accept_failed(&mut self, error: &IoError) {
        if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted) {
            return;
        }
        // Whoever is waited for makes room, should it be descriptors that are missing.
        self.table.close_waited_for();
        if let Some(count) = self.failed.count(Instant::now()) {
            tracing::error!(%error, count, "connections cannot be accepted; see the limit of open files (ulimit -n)");
        }
        sleep(NO_DESCRIPTOR).await;
    }

    /// Lets requests under way end, within a bound.
    async fn drain(mut self) {
        let _ = self.stopping.send(true);
        let begun = Instant::now();
        let mut sweep = interval(SWEEP_EVERY);
        while !self.tasks.is_empty() && begun.elapsed() < self.limits.drain {
            tokio::select! {
                Some(_) = self.tasks.join_next() => {}
                _ = sweep.tick() => {
                    if begun.elapsed() >= LAST_WAIT {
                        self.table.close_waited_for();
                    }
                }
            }
        }
        let cut = self.table.close_requests();
        if cut > 0 {
            tracing::warn!(cut, "requests were cut off: they did not end in time");
        }
        self.tasks.shutdown().await;
    }
}

/// Says that the server is busy, as far as that can be said without waiting.
fn refuse(stream: &TcpStream) {
    const BUSY: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let _ = stream.try_write(BUSY);
}

async fn serve_client(
    app: Router,
    place: TableEntry<TcpStream>,
    address: SocketAddr,
    mut stopping: watch::Receiver<bool>,
    acceptor: Option<TlsAcceptor>,
) {
    let client = Arc::clone(place.connection());
    let service = service_fn(move |request| answer(app.clone(), request, address, Arc::clone(&client)));
    let socket = ClientIo::new(place);
    let stream = match acceptor {
        None => ClientStream::Plain(socket),
        // In a box, so that connections in the clear need no room for it.
        Some(acceptor) => tokio::select! {
            done = Box::pin(tls::handshake(acceptor, socket)) => match done {
                Some(stream) => ClientStream::Tls(Box::new(stream)),
                None => return,
            },
            _ = stopping.wait_for(|stopping| *stopping) => return,
        },
    };
    // hyper's own timers stay off: the table knows what is waited for, also beyond a request's head.
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        // A client that goes away in the middle is no event.
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

async fn answer(
    app: Router,
    request: Request<Incoming>,
    address: SocketAddr,
    client: Arc<Client>,
) -> Result<Response<Body>, Infallible> {
    use axum::body::HttpBody as _;
    use tower::ServiceExt as _;
    client.begin_request(Instant::now());
    let mut request = request.map(|body| {
        if body.is_end_stream() { Body::empty() } else { Body::new(RequestBody::new(body, Arc::clone(&client))) }
    });
    request.extensions_mut().insert(ConnectInfo(address));
    let response = app.oneshot(request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        client.enter(Phase::Upgraded, Instant::now());
        return Ok(response);
    }
    Ok(response.map(|body| Body::new(AnswerBody::new(body, client))))
}
