//! `backup`, `restore` and `move`: a vault as one file, also while a server works on it, and from one engine to the other.

mod files;
mod list;
mod moving;
mod restore;
mod verify;

use std::process::ExitCode;

use anyhow::Context as _;
use countersign_model::Clock as _;
use countersign_store::vault as vault_row;
use countersign_vault::write_backup;

pub(crate) use moving::move_vault;
pub(crate) use restore::restore;

use crate::{
    args::{BackupArgs, BackupCommand, TakeArgs},
    host::stopping::until_told_to_stop,
    machine::{files::with_suffix, system::SystemClock},
    output,
    settings::{config::Config, data::Places},
};

/// Writes, lists or verifies backups.
pub(crate) async fn back_up(ask: BackupArgs, json: bool) -> anyhow::Result<ExitCode> {
    match ask.command {
        Some(BackupCommand::List(ask)) => list::run(&ask, json).await,
        Some(BackupCommand::Verify(ask)) => verify::run(ask, json).await,
        None => take(ask.take, json).await,
    }
}

/// Copies the database as of one moment. Readers and writers go on meanwhile.
async fn take(ask: TakeArgs, json: bool) -> anyhow::Result<ExitCode> {
    let file = ask.file.context("name the file to write")?;
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    let database = places.open_to_read().await?;
    let row =
        vault_row::find(&mut &database).await?.context("this database holds no vault: there is nothing to back up")?;
    anyhow::ensure!(!file.exists(), "{} exists: nothing is overwritten; name another file", file.display());
    // Under its name it is whole or not there.
    let part = with_suffix(&file, &format!(".{}.part", std::process::id()));
    let written = tokio::select! {
        written = write_backup(&database, &part, SystemClock.now()) => written.map_err(|error| anyhow::anyhow!("{error:#}")),
        () = until_told_to_stop() => Err(anyhow::anyhow!("it was interrupted")),
    };
    let placed = written.and_then(|_| Ok(files::place_new(&part, &file)?));
    database.close().await;
    if let Err(error) = placed {
        files::remove_database(&part);
        return Err(error.context(format!("the backup {} could not be written", file.display())));
    }
    let bytes = std::fs::metadata(&file)?.len();
    if json {
        output::json(&serde_json::json!({
            "file": file, "bytes": bytes, "vault": row.id.to_string(), "records": row.head.size,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format!("Wrote {} ({} KiB, at least {} audit records).", file.display(), bytes >> 10, row.head.size));
    output::note(
        "The key is not in it: keep a copy of the key file (or the passphrase) elsewhere, or the backup opens nothing.",
    );
    output::note(
        "Session recordings and recipe files are not in it either; copy them from the data folder or the bucket.",
    );
    Ok(ExitCode::SUCCESS)
}
