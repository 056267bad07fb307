use std::{process::ExitCode, sync::Arc};

use countersign_server::{AppState, Settings, serve};
use countersign_vault::{Options, Vault};

use crate::{args::ServeArgs, config::Config, data::Places, output, recipes, system, work};

const USUAL_ADDRESS: &str = "127.0.0.1:7117";

pub(crate) async fn run(ask: ServeArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?.recording(config.recordings());
    let address = ask.listen.or_else(|| config.listen.clone()).unwrap_or_else(|| USUAL_ADDRESS.to_owned());
    let base_path = match ask.base_path {
        Some(path) => path,
        None => config.base_path()?,
    };
    let vault = places.open(Options::default()).await?;
    let link = vault.new_setup_link().await?;
    let folder = places.folder.clone();
    let book = recipes::book(Some(&folder));
    let visits = work::Visits { recipes: Arc::clone(&book), ..config.visits()? };
    if let Some(fixed) = config.notices()? {
        vault.fix_notices(fixed);
    }
    let worker = work::start(&vault, &visits);
    let sender = work::send_notices(&vault, &visits);
    let asked = Arc::clone(&worker);
    let base = base_path.as_str().to_owned();
    let settings = Settings {
        base_path,
        secure_cookies: config.secure_cookies.unwrap_or(false),
        machine_checks: Box::new(move || system::machine_checks(&folder)),
        recipes: Box::new(move || recipes::infos(&book)),
        live: Some(Arc::clone(worker.hub())),
        readiness: Box::new(move || work::readiness(&asked)),
        ..Settings::plain()
    };
    tracing::info!(database = places.database(), "the vault is open");
    let closing = vault.clone();
    serve(
        AppState::new(vault, settings),
        &address,
        |address| {
            output::line(format!("Countersign listens on http://{address}{base}/"));
            if let Some(link) = &link {
                output::line("Nobody can sign in yet. Make the first administrator with this link, which works once:");
                output::line(format!("http://{address}{base}/#/setup/{}", link.expose()));
            }
        },
        until_told_to_stop(),
    )
    .await?;
    worker.stop().await;
    drop(sender);
    close(&closing).await;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn close(vault: &Vault) {
    vault.close().await;
    tracing::info!("the vault is closed");
}

/// Ends with the terminal's interrupt, or when the service manager says so. Both are heard from this call on, before
/// anything is awaited: whoever has read the address may say stop at once.
pub(crate) fn until_told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
        async move {
            tokio::select! {
                () = heard(interrupt) => {}
                () = heard(terminate) => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn heard(signal: Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(mut signal) => {
            signal.recv().await;
        }
        // Where it cannot be heard, the process can still be ended the hard way: nothing is lost by that.
        None => std::future::pending().await,
    }
}
