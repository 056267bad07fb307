use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use countersign_identity::Bearer;
use countersign_notify::Sender;
use countersign_provider::AllowPrivateProvider;
use countersign_server::{AppState, ConnectionLimits, Settings, serve};
use countersign_sinks::SinkSender;
use countersign_vault::{Backups, Error, SetUp, USERS_GONE_HINT, Vault, VaultOptions};
use countersign_worker::Worker;
use tokio::{net::lookup_host, task::JoinHandle};

use crate::{
    args::ServeArgs,
    host::{
        stopping::{close, stop_worker, until_told_to_stop},
        work,
    },
    machine::{process, system},
    output,
    settings::{config::Config, data::Places, private::PrivateSites, recipes, recordings::variable, visits::Visits},
};

pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:7117";

pub(crate) async fn run(ask: ServeArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?.recording(config.recordings());
    let address = ask.listen.or_else(|| config.listen.clone()).unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
    let base_path = match ask.base_path {
        Some(path) => path,
        None => config.base_path()?,
    };
    require_address(&address).await?;
    let public_address = config.address()?;
    let certificate = config.certificate(&ask.tls)?;
    let backups = config.backups().open(&places.folder, variable)?;
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let descriptors = process::raise_descriptors();
    let vault = places.open(VaultOptions::default()).await?;
    configure(&vault, &config)?;
    let link = first_link(&vault).await?;
    let folder = places.folder.clone();
    let book = recipes::book(Some(&folder));
    let visits = Visits { recipes: Arc::clone(&book), ..config.visits()? };
    let allow_private = visits.private == PrivateSites::Allowed;
    let beside = Beside::start(&vault, &visits, backups);
    let worker = &beside.worker;
    let (asked, looked, launch) = (Arc::clone(worker), Arc::clone(worker), visits.launch());
    let base = base_path.as_str().to_owned();
    let (metrics_for, docs) = config.audiences()?;
    let settings = Settings {
        address: public_address,
        base_path,
        secure_cookies: certificate.is_some() || config.secure_cookies(&address),
        certificate,
        metrics_for,
        docs,
        trusted_proxies: config.trusted_proxies()?,
        machine_checks: Box::new(move || system::machine_checks(&folder, &launch, looked.isolation())),
        run_as: visits.run_as.clone(),
        receivers: work::receivers(&visits),
        recipes: Box::new(move || recipes::infos(&book)),
        live: Some(Arc::clone(worker.hub())),
        allow_private_provider: AllowPrivateProvider(allow_private),
        connections: ConnectionLimits::for_descriptors(descriptors),
        readiness: Box::new(move || work::readiness(&asked)),
        ..Settings::plain()
    };
    tracing::info!(database = places.database(), "the vault is open");
    let closing = vault.clone();
    serve(
        AppState::new(vault, settings),
        &address,
        |address| announce(&format!("{scheme}://{address}{base}"), link.as_ref()),
        until_told_to_stop(),
    )
    .await?;
    beside.stop().await;
    close(&closing).await;
    Ok(ExitCode::SUCCESS)
}

/// What runs beside the server, in the same process.
struct Beside {
    worker: Arc<Worker>,
    sender: Sender,
    log: SinkSender,
    backups: Option<JoinHandle<()>>,
}

impl Beside {
    fn start(vault: &Vault, visits: &Visits, backups: Option<Backups>) -> Self {
        Self {
            worker: work::start(vault, visits),
            sender: work::send_notices(vault, visits),
            log: work::send_log(vault, visits),
            backups: backups.map(|backups| work::keep_backups(vault, backups)),
        }
    }

    async fn stop(self) {
        stop_worker(&self.worker).await;
        drop(self.sender);
        if let Some(backups) = self.backups {
            backups.abort();
        }
        self.log.stop().await;
    }
}

/// Tells the vault what its operator has said of it.
fn configure(vault: &Vault, config: &Config) -> anyhow::Result<()> {
    if let Some(minutes) = config.ask_again_minutes {
        vault.ask_again_after(Duration::from_secs(60 * u64::from(minutes)));
    }
    if let Some(fixed) = config.notices()? {
        vault.fix_notices(fixed);
    }
    if let Some(folder) = config.audit_folder() {
        vault.keep_sinks_in(folder);
    }
    Ok(())
}

/// Before anything is made, as the certificate is read: a mistyped address must leave no vault behind.
async fn require_address(address: &str) -> anyhow::Result<()> {
    let found = lookup_host(address).await.with_context(|| {
        format!("the server cannot listen on {address}: write an address and a port, such as {DEFAULT_ADDRESS}")
    })?;
    drop(found);
    Ok(())
}

/// The link for the first administrator of a new vault. Where the users are gone there is none, and that is said.
async fn first_link(vault: &Vault) -> anyhow::Result<Option<Bearer>> {
    let link = vault.new_setup_link().await?;
    if vault.set_up_state().await? == SetUp::UsersGone {
        output::note(format!("warning: {}; {USERS_GONE_HINT}", Error::UsersGone));
    }
    Ok(link)
}

fn announce(url: &str, link: Option<&Bearer>) {
    output::line(format!("Countersign listens on {url}/"));
    if let Some(link) = link {
        output::line("Nobody can sign in yet. Create the first administrator with this one-time link:");
        output::line(format!("{url}/#/setup/{}", link.expose()));
    }
}
