use std::{future::Future, io, net::SocketAddr, time::Duration};

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use crate::{AppState, router};

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The server ended with an error.
    #[error("the server stopped: {0}")]
    Serve(#[from] io::Error),
}

// How often ended browsers and old steps are forgotten, and a checkpoint is signed.
const TIDY_EVERY: Duration = Duration::from_secs(60 * 60);

/// Listens, tells where, and serves until `stop` is done; requests under way are finished.
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
    listening(listener.local_addr().map_err(wrong)?);
    let vault = state.vault().clone();
    let tidying = tokio::spawn(async move {
        let mut every = tokio::time::interval(TIDY_EVERY);
        loop {
            every.tick().await;
            if let Err(error) = vault.tidy().await {
                tracing::warn!(%error, "tidying up failed");
            }
        }
    });
    // Answers are small; waiting to fill a packet would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let app = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(stop).await;
    tidying.abort();
    Ok(served?)
}
