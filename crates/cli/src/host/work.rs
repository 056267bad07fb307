//! Workers: the one inside `serve` and `demo`, and `countersign work` alone.

use std::{process::ExitCode, sync::Arc};

use countersign_browser::Sandbox;
use countersign_model::Chance as _;
use countersign_notify::{AllowPrivateReceivers, Sender};
use countersign_seal::SystemChance;
use countersign_server::Readiness;
use countersign_sinks::SinkSender;
use countersign_store::engine::OpenError;
use countersign_vault::{Backups, Vault, VaultOptions};
use countersign_worker::{AllowPrivate, Worker, WorkerOptions};

use crate::{
    args::WorkArgs,
    host::stopping::{close, stop_worker, until_told_to_stop},
    machine::{process, system::SystemClock},
    output,
    settings::{config::Config, data::Places, private::PrivateSites, recipes, visits::Visits},
};

pub(crate) async fn run(ask: WorkArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?.recording(config.recordings());
    let vault = places.open(VaultOptions::default()).await.map_err(beside_a_server)?;
    let usual = config.visits()?;
    let visits =
        Visits { at_once: ask.at_once.or(usual.at_once), recipes: recipes::book(Some(&places.folder)), ..usual };
    if let Some(fixed) = config.notices()? {
        vault.fix_notices(fixed);
    }
    let keeping = tokio::spawn(vault.clone().keep_keys());
    let worker = start(&vault, &visits);
    let _sender = send_notices(&vault, &visits);
    if let Some(trouble) = worker.trouble() {
        output::note(&trouble);
    }
    output::line(format!("A worker for {} is running.", places.database()));
    until_told_to_stop().await;
    stop_worker(&worker).await;
    keeping.abort();
    close(&vault).await;
    Ok(ExitCode::SUCCESS)
}

/// What a second server would have to do is not what a worker has to do.
fn beside_a_server(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<OpenError>() {
        Some(OpenError::InUse { path, .. }) => anyhow::anyhow!(
            "{} is open in a server, and that runs a worker by itself: nothing is to be done; workers on their own need \
             PostgreSQL",
            path.display()
        ),
        _ => error,
    }
}

/// Starts a worker under a name that no other has.
pub(crate) fn start(vault: &Vault, visits: &Visits) -> Arc<Worker> {
    let mut bytes = [0; 8];
    SystemChance.fill(&mut bytes);
    let name = format!("{}-{:016x}", std::process::id(), u64::from_be_bytes(bytes));
    let usual = WorkerOptions::new(Arc::new(SystemClock));
    let networks = match &visits.private {
        PrivateSites::Networks(networks) => networks.as_slice(),
        PrivateSites::Allowed | PrivateSites::Refused => &[],
    };
    let options = WorkerOptions {
        allowed_networks: networks.into(),
        recipes: Arc::clone(&visits.recipes),
        slots: visits.at_once.unwrap_or(usual.slots),
        waits_for_person: visits.waits_for_person.unwrap_or(usual.waits_for_person),
        allow_private: AllowPrivate(visits.private == PrivateSites::Allowed),
        launch: visits.launch(),
        ..usual
    };
    process::bound_programs();
    Arc::new(Worker::start(vault.clone(), options, name))
}

/// Starts sending notices, under a name that no other has.
pub(crate) fn send_notices(vault: &Vault, visits: &Visits) -> Sender {
    let mut bytes = [0; 8];
    SystemChance.fill(&mut bytes);
    let name = format!("{}-{:016x}", std::process::id(), u64::from_be_bytes(bytes));
    // Installed twice it is refused and stays as it was.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Sender::start(vault, receivers(visits), &name)
}

/// Starts sending the audit log elsewhere, under a name that no other has.
pub(crate) fn send_log(vault: &Vault, visits: &Visits) -> SinkSender {
    let mut bytes = [0; 8];
    SystemChance.fill(&mut bytes);
    let name = format!("{}-{:016x}", std::process::id(), u64::from_be_bytes(bytes));
    SinkSender::start(vault.clone(), receivers(visits), name)
}

/// Starts making backups where the operator has said.
pub(crate) fn keep_backups(vault: &Vault, backups: Backups) -> tokio::task::JoinHandle<()> {
    vault.keep_backups(backups);
    tokio::spawn(vault.clone().keep_backing_up())
}

/// Whether what an administrator names may be at private addresses.
pub(crate) fn receivers(visits: &Visits) -> AllowPrivateReceivers {
    AllowPrivateReceivers(visits.private == PrivateSites::Allowed)
}

/// What the page is told of the worker in this process.
pub(crate) fn readiness(worker: &Worker) -> Readiness {
    let problem = worker.trouble();
    let sandboxed = worker.isolation().map(|isolation| isolation.sandbox == Sandbox::On);
    Readiness { ready: problem.is_none(), problem, sandboxed, workers: worker.slots() }
}
