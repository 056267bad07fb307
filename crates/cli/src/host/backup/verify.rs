//! `backup verify`: restores a backup into a scratch vault, opens every secret, computes a token from every setup key and
//! follows the whole audit log. The backup stays as it is, and nothing is shown.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use countersign_vault::{Backups, VaultOptions, WholeCheck};

use super::files;
use crate::{
    args::VerifyBackupArgs,
    output,
    settings::{config::Config, data::Places, recordings::variable},
};

pub(super) async fn run(ask: VerifyBackupArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    let scratch = tempfile::Builder::new()
        .prefix("countersign-verify-")
        .tempdir()
        .context("a scratch folder cannot be made; TMPDIR names another place")?;
    let copy = scratch.path().join("countersign.db");
    let shown = match &ask.file {
        Some(file) => {
            files::look_through(file).await.with_context(|| format!("{} is no whole backup", file.display()))?;
            files::copy(file, &copy).context("the scratch copy could not be written; TMPDIR names another place")?;
            file.clone()
        }
        None => {
            let backups = config.backups().open(scratch.path(), variable)?.context(
                "name the file to verify; without one, the newest of the server's own backups is verified, and `backups` in \
                 the settings file names no place of theirs",
            )?;
            let shown = fetch_newest(&backups, &copy).await?;
            files::look_through(&copy).await.with_context(|| format!("{} is no whole backup", shown.display()))?;
            shown
        }
    };
    let check = look(places, &copy).await.with_context(|| format!("{} is not sound", shown.display()))?;
    tell(&check, &shown, json)?;
    Ok(if check.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn fetch_newest(backups: &Backups, to: &Path) -> anyhow::Result<PathBuf> {
    let place = backups.store.place();
    let name = backups.newest().await?.with_context(|| format!("there is no backup in {place} yet"))?;
    backups.store.get_file(&name, to).await?;
    Ok(Path::new(&place).join(name))
}

async fn look(places: Places, copy: &Path) -> anyhow::Result<WholeCheck> {
    let vault = places.on_file(copy).open(VaultOptions::default()).await?;
    let check = vault.check_everything().await;
    vault.close().await;
    Ok(check?)
}

fn tell(check: &WholeCheck, file: &Path, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&serde_json::json!({
            "file": file, "sound": check.is_sound(), "records": check.records, "opened": check.opened,
            "tokens": check.tokens, "damaged": check.damaged, "examples": check.examples, "broken_at": check.broken_at,
        }));
    }
    output::line(format!("{}: {}", file.display(), if check.is_sound() { "sound" } else { "NOT SOUND" }));
    output::line(format!("  {} secrets opened, {} tokens computed from setup keys", check.opened, check.tokens));
    output::line(format!("  {} audit records, each following from the one before", check.records));
    if check.damaged > 0 {
        output::line(format!("  {} secrets do not open: {}", check.damaged, check.examples.join(", ")));
    }
    if let Some(record) = check.broken_at {
        output::line(format!("  the audit log does not go on at record {record}"));
    }
    Ok(())
}
