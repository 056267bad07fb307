//! `move`: a vault from SQLite to PostgreSQL. What was interrupted is gone on with; the file stays as it is, and says that
//! the vault has moved, so that nobody starts a server on it by mistake.

use std::{
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use countersign_model::Clock as _;
use countersign_store::{
    MIGRATIONS,
    engine::{CopyProgress, copy_vault},
    vault as vault_row,
};
use countersign_vault::VaultOptions;

use super::files;
use crate::{
    args::{DataArgs, MoveArgs},
    machine::system::SystemClock,
    output,
    settings::{
        config::Config,
        data::{Places, moved_note},
    },
};

/// How far a copy is, a line now and then.
#[derive(Default)]
pub(super) struct Progress {
    told: Option<Instant>,
}

impl Progress {
    pub(super) fn tell(&mut self, at: &CopyProgress<'_>) {
        const EVERY: Duration = Duration::from_secs(1);
        if self.told.is_some_and(|told| told.elapsed() < EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let (place, of) = at.place;
        output::note(format!("{} rows; table {} ({place} of {of})", at.rows, at.table));
    }
}

pub(crate) async fn move_vault(ask: MoveArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let data = config.data(&ask.data);
    let from_places = Places::new(&data)?;
    anyhow::ensure!(
        !from_places.is_postgres(),
        "this vault is on PostgreSQL already: `countersign backup` and `countersign restore` take it elsewhere"
    );
    let to_places = Places::new(&DataArgs { database: Some(ask.to), ..data })?;
    anyhow::ensure!(
        to_places.is_postgres(),
        "a vault is moved to PostgreSQL: name it as postgres://USER@HOST/DATABASE"
    );
    let file = from_places.sqlite_file()?.to_owned();
    anyhow::ensure!(file.exists(), "{} is not there: there is nothing to move", file.display());
    // As a server has it: nobody else writes meanwhile. With the key, so that what is moved can be opened.
    let vault = from_places.open(VaultOptions::default()).await?;
    vault.close().await;
    let from = from_places.open_database().await?;
    let row = vault_row::find(&mut &from).await?.context("this database holds no vault: there is nothing to move")?;
    let to = to_places.open_database().await?;
    let mut progress = Progress::default();
    let (mark, now) = (files::mark_of(&file)?, SystemClock.now());
    let copied = copy_vault(&from, &to, MIGRATIONS, &mark, now.micros(), &mut |at| progress.tell(&at)).await;
    from.close().await;
    to.close().await;
    let copied = copied.with_context(|| format!("{} could not be written", to_places.database()))?;
    let note = format!("its vault was moved to {} at {now}", to_places.database());
    fs::write(moved_note(&file), &note).with_context(|| {
        format!("the vault is at {} now, but {} could not be marked as moved", to_places.database(), file.display())
    })?;
    let vault = to_places.open(VaultOptions::default()).await?;
    vault.record_move("SQLite", "PostgreSQL").await?;
    vault.close().await;
    if json {
        output::json(&serde_json::json!({
            "database": to_places.database(), "vault": row.id.to_string(), "rows": copied.rows,
            "were_there": copied.were_there,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format!("Moved {} rows to {}.", copied.rows, to_places.database()));
    if copied.were_there > 0 {
        output::note(format!("{} of them were there from an earlier try.", copied.were_there));
    }
    output::note(
        "The key opens it there. Start servers with --database (or `database` in the settings file) from now on.",
    );
    output::note(format!(
        "{} stays as it was and serves no more; remove it when you have a backup of the new database.",
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}
