//! How what runs for long is told to stop, and ends.

use std::time::Duration;

use countersign_vault::Vault;
use countersign_worker::Worker;
use tokio::time::timeout;

// A change that is put down is taken up by the next worker, and what was committed is there: nothing is lost by not
// waiting for longer.
const LAST_WAIT: Duration = Duration::from_secs(30);

/// Lets the worker put down what it holds, within a bound.
pub(crate) async fn stop_worker(worker: &Worker) {
    if timeout(LAST_WAIT, worker.stop()).await.is_err() {
        tracing::warn!("the worker did not end in time; what it held is taken up at the next start");
    }
}

/// Closes the vault, within a bound: a database that does not answer keeps nobody from stopping.
pub(crate) async fn close(vault: &Vault) {
    match timeout(LAST_WAIT, vault.close()).await {
        Ok(()) => tracing::info!("the vault is closed"),
        Err(_) => tracing::warn!("the database did not answer in time; what was committed is there"),
    }
}

/// Ends with the terminal's interrupt, or when the service manager says so. Both are heard from this call on, before
/// anything is awaited: whoever has read the address may say stop at once. Whoever says it twice means at once: then the
/// process ends where it stands, as by a power cut, which loses nothing.
pub(crate) fn until_told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut signals = [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
        async move {
            heard(&mut signals).await;
            tracing::info!("stopping; a second signal ends this at once");
            tokio::spawn(async move {
                heard(&mut signals).await;
                tracing::warn!("ended by a second signal");
                std::process::exit(1);
            });
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Waits for one of them.
#[cfg(unix)]
async fn heard(signals: &mut [Option<tokio::signal::unix::Signal>; 2]) {
    std::future::poll_fn(|cx| {
        // Where none can be heard, the process can still be ended the hard way: nothing is lost by that.
        let any = signals.iter_mut().flatten().any(|signal| signal.poll_recv(cx).is_ready());
        if any { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}
