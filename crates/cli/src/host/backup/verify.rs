//! `backup verify`: restores a backup into a scratch vault, opens every secret, computes a token from every setup key and
//! follows the whole audit log. The backup stays as it is, and nothing is shown.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use countersign_audit::Checkpoint;
use countersign_model::VaultId;
use countersign_vault::{Backups, VaultOptions, WholeCheck};

use super::{files, list};
use crate::{
    args::VerifyBackupArgs,
    host::stopping::until_told_to_stop,
    machine::files::read_file,
    output,
    settings::{config::Config, data::Places, recordings::variable},
};

/// Told to stop, it takes its copy away as well.
pub(super) async fn run(ask: VerifyBackupArgs, json: bool) -> anyhow::Result<ExitCode> {
    tokio::select! {
        done = verify(ask, json) => done,
        () = until_told_to_stop() => anyhow::bail!("it was interrupted"),
    }
}

async fn verify(ask: VerifyBackupArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    let scratch = tempfile::Builder::new()
        .prefix("countersign-verify-")
        .tempdir()
        .context("a scratch folder cannot be made; TMPDIR names another place")?;
    let copy = scratch.path().join("countersign.db");
    let kept = ask.checkpoint.as_deref().map(read_checkpoint).transpose()?;
    let shown = match &ask.file {
        Some(file) => {
            let vetted = files::copy_vetted(file, &copy).await;
            vetted.with_context(|| format!("{} is no whole backup", file.display()))?;
            file.clone()
        }
        None => {
            let backups = config.backups().open(&places.folder, variable)?.context(
                "name the file to verify; without one, the newest of the server's own backups is verified, and `backups` in \
                 the settings file names no place of theirs",
            )?;
            let shown = fetch_newest(&backups, list::vault_of(&places).await, &copy).await?;
            files::vet(&copy).await.with_context(|| format!("{} is no whole backup", shown.display()))?;
            shown
        }
    };
    let check =
        look(places, &copy, kept.as_ref()).await.with_context(|| format!("{} is not sound", shown.display()))?;
    tell(&check, &shown, json)?;
    Ok(if check.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Of this vault where its database says which it is, else of whichever.
async fn fetch_newest(backups: &Backups, vault: Option<VaultId>, to: &Path) -> anyhow::Result<PathBuf> {
    let place = backups.store.place();
    let all = backups.all().await?;
    let name = all.iter().find(|name| vault.is_none_or(|vault| name.is_of(vault)));
    let name = name.with_context(|| format!("there is no backup of this vault in {place} yet"))?.to_string();
    backups.store.get_file(&name, to).await?;
    Ok(Path::new(&place).join(name))
}

fn read_checkpoint(path: &Path) -> anyhow::Result<Checkpoint> {
    const LARGEST: u64 = 64 << 10;
    let text = read_file("the checkpoint", path, LARGEST)?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no checkpoint", path.display()))
}

async fn look(places: Places, copy: &Path, kept: Option<&Checkpoint>) -> anyhow::Result<WholeCheck> {
    let vault = places.on_file(copy).open(VaultOptions::default()).await?;
    let check = vault.check_everything(kept).await;
    vault.close().await;
    Ok(check?)
}

fn tell(check: &WholeCheck, file: &Path, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&serde_json::json!({
            "file": file, "sound": check.is_sound(), "records": check.records, "opened": check.opened,
            "tokens": check.tokens, "wrong": check.wrong, "count": check.count,
        }));
    }
    output::line(format!("{}: {}", file.display(), if check.is_sound() { "sound" } else { "NOT SOUND" }));
    output::line(format!("  {} secrets opened, {} tokens computed from setup keys", check.opened, check.tokens));
    output::line(format!("  {} audit records, each following from the one before", check.records));
    for wrong in &check.wrong {
        output::line(format!("  wrong: {wrong}"));
    }
    if check.count > check.wrong.len() as u64 {
        output::line(format!("  and {} more", check.count - check.wrong.len() as u64));
    }
    Ok(())
}
