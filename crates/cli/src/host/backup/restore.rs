//! Puts a backup where a vault is to be, on either engine, and looks whether it is whole and the key opens it.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use countersign_model::Clock as _;
use countersign_store::{
    MIGRATIONS,
    engine::{Database, DatabaseUrl, OpenOptions, copy_vault},
};
use countersign_vault::{CheckState, VaultOptions};

use super::{files, moving::Progress};
use crate::{
    args::RestoreArgs,
    failure,
    machine::{files::with_suffix, system::SystemClock},
    output,
    settings::{
        config::Config,
        data::{Places, moved_note},
    },
};

pub(crate) async fn restore(ask: RestoreArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    if places.is_postgres() {
        onto_postgres(&ask.file, &places).await?;
    } else {
        as_file(&ask.file, &places).await?;
    }
    let target = places.database();
    let opened = open_restored(&places).await;
    if json {
        output::json(&serde_json::json!({"database": target, "opens": opened.is_ok()}))?;
    } else {
        output::line(format!("Restored {} to {target}.", ask.file.display()));
    }
    match opened {
        Ok(()) => output::note("The key opens it, and its newest audit records follow from one another."),
        Err(error) => output::note(format!(
            "It does not open yet: {}. To open it, {}; then run `countersign doctor`.",
            failure::text(&error),
            places.key_hint()
        )),
    }
    Ok(ExitCode::SUCCESS)
}

async fn as_file(file: &Path, places: &Places) -> anyhow::Result<()> {
    let target = places.sqlite_file()?.to_owned();
    for taken in [target.clone(), with_suffix(&target, "-wal"), with_suffix(&target, "-shm"), moved_note(&target)] {
        anyhow::ensure!(
            !taken.exists(),
            "{} exists: nothing is overwritten; stop the server, then move the data folder away or name another with --data",
            taken.display()
        );
    }
    places.make_folder()?;
    let half = with_suffix(&target, &format!(".{}.restoring", std::process::id()));
    let placed = async {
        let vetted = files::copy_vetted(file, &half).await;
        vetted.with_context(|| format!("{} cannot be restored", file.display()))?;
        files::place_new(&half, &target).with_context(|| format!("{} could not be written", target.display()))
    };
    let placed = placed.await;
    files::remove_database(&half);
    placed
}

/// By way of a copy of the backup, which is brought up to the present schema and then read: the backup stays as it is.
async fn onto_postgres(file: &Path, places: &Places) -> anyhow::Result<()> {
    places.make_folder()?;
    let scratch = places.folder.join(format!(".restoring-{}.db", std::process::id()));
    let copied = async {
        let vetted = files::copy_vetted(file, &scratch).await;
        vetted.with_context(|| format!("{} cannot be restored", file.display()))?;
        let from = Database::open(&DatabaseUrl::Sqlite(scratch.clone()), &OpenOptions::default()).await?;
        let copied = copy_from(&from, file, places).await;
        from.close().await;
        copied
    };
    let copied = copied.await;
    files::remove_database(&scratch);
    copied
}

async fn copy_from(from: &Database, file: &Path, places: &Places) -> anyhow::Result<()> {
    let now = SystemClock.now().micros();
    let to = places.open_database().await?;
    let mut progress = Progress::default();
    let mark = files::mark_of(file)?;
    let copied = copy_vault(from, &to, MIGRATIONS, &mark, now, &mut |at| progress.tell(&at)).await;
    to.close().await;
    let copied = copied.map_err(|error| anyhow::anyhow!("{error:#}"));
    copied.map(drop).with_context(|| format!("{} could not be written", places.database()))
}

async fn open_restored(places: &Places) -> anyhow::Result<()> {
    // A vault that is opened with a missing key file would not get a new key: its database knows one already.
    let vault = places.open(VaultOptions::default()).await?;
    let checks = vault.checks().await;
    vault.close().await;
    match checks.into_iter().find(|check| check.name == "audit log" && check.state == CheckState::Failed) {
        Some(check) => anyhow::bail!("audit log: {}", check.detail),
        None => Ok(()),
    }
}
