//! `move`: a vault from SQLite to PostgreSQL. What was interrupted is gone on with; the file stays as it is, and says that
//! the vault has moved, so that nobody starts a server on it by mistake.

use std::{
    fs,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use countersign_model::{Clock as _, VaultId};
use countersign_store::{
    MIGRATIONS,
    engine::{Copied, CopyError, CopyProgress, Database, copy_vault},
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
        data::{Places, moved_note, require_unmoved},
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
    let under_way = format!("its vault is being moved to {}", to_places.database());
    // What this command has begun it may go on with.
    let goes_on = fs::read_to_string(moved_note(&file)).is_ok_and(|text| text.trim() == under_way);
    if !goes_on {
        require_unmoved(&file)?;
    }
    let mut progress = Progress::default();
    let copied = copy(&from_places, &to_places, &file, (&under_way, goes_on), &mut progress).await;
    if copied.is_err() && !goes_on && progress.told.is_none() {
        // Nothing was begun, so the file serves on.
        let _ = fs::remove_file(moved_note(&file));
    }
    let (vault, copied) = copied?;
    let now = SystemClock.now();
    note(&file, &format!("its vault was moved to {} at {now}", to_places.database()))?;
    let moved = to_places.open(VaultOptions::default()).await?;
    moved.record_move("SQLite", "PostgreSQL").await?;
    moved.close().await;
    if json {
        output::json(&serde_json::json!({
            "database": to_places.database(), "vault": vault.to_string(), "rows": copied.rows,
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

/// Copies as nobody else writes: the file is held as a server holds it, and from the first row on no server opens it.
async fn copy(
    from: &Places,
    to: &Places,
    file: &Path,
    (under_way, goes_on): (&str, bool),
    progress: &mut Progress,
) -> anyhow::Result<(VaultId, Copied)> {
    let source = from.open_database_anyway().await?;
    let copied = async {
        let now = SystemClock.now().micros();
        source.migrate(MIGRATIONS, now).await?;
        let mut reader = source.read().await?;
        let row =
            vault_row::find(&mut reader).await?.context("this database holds no vault: there is nothing to move")?;
        // What is moved has to open there.
        drop(from.vault_keys(&mut reader, row.id).await?);
        drop(reader);
        let target = to.open_database().await?;
        note(file, under_way)?;
        let mark = format!("{}, record {} {}", files::mark_of(file)?, row.head.size, row.head.root);
        let copied = copy_vault(&source, &target, MIGRATIONS, &mark, now, &mut |at| progress.tell(&at)).await;
        let copied = match copied {
            // It had ended, and was interrupted before it was said.
            Err(CopyError::Taken) if goes_on && holds(&target, row.id).await? => Ok(Copied { rows: 0, were_there: 0 }),
            copied => copied,
        };
        target.close().await;
        let copied = copied.map_err(|error| anyhow::anyhow!("{error:#}"));
        let copied = copied.with_context(|| format!("{} could not be written", to.database()));
        Ok((row.id, copied?))
    };
    let copied = copied.await;
    source.close().await;
    copied
}

/// Says beside the file why it serves no more.
fn note(file: &Path, text: &str) -> anyhow::Result<()> {
    let path = moved_note(file);
    let written = fs::write(&path, text).and_then(|()| fs::File::open(&path)?.sync_all());
    written.with_context(|| format!("{} could not be written", path.display()))
}

async fn holds(database: &Database, vault: VaultId) -> anyhow::Result<bool> {
    Ok(vault_row::find(&mut &*database).await?.is_some_and(|row| row.id == vault))
}
