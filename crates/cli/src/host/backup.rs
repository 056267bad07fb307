//! `backup` and `restore`: a vault on SQLite as one file, also while a server works on it.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use countersign_store::{
    engine::{Database, DatabaseUrl, OpenMode, OpenOptions as DatabaseOptions},
    vault as vault_row,
};
use countersign_vault::{CheckState, VaultOptions, open_regular};

use crate::{
    args::{BackupArgs, RestoreArgs},
    failure, output,
    settings::{config::Config, data::Places},
};

/// Copies the database as of one moment. Readers and writers go on meanwhile.
pub(crate) async fn back_up(ask: BackupArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    anyhow::ensure!(!places.is_postgres(), POSTGRES);
    let database = places.open_to_read().await?;
    let row =
        vault_row::find(&mut &database).await?.context("this database holds no vault: there is nothing to back up")?;
    make_private_file(&ask.file)?;
    let copied = copy(&database, &ask.file).await;
    database.close().await;
    if let Err(error) = copied {
        // Half a copy must not be taken for one.
        let _ = fs::remove_file(&ask.file);
        return Err(error.context(format!("the backup {} could not be written", ask.file.display())));
    }
    let bytes = fs::metadata(&ask.file)?.len();
    if json {
        output::json(&serde_json::json!({
            "file": ask.file, "bytes": bytes, "vault": row.id.to_string(), "records": row.head.size,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format!(
        "Wrote {} ({} KiB, at least {} audit records).",
        ask.file.display(),
        bytes >> 10,
        row.head.size
    ));
    output::note(
        "The key is not in it: keep a copy of the key file (or the passphrase) elsewhere, or the backup opens nothing.",
    );
    output::note(
        "Session recordings and recipe files are not in it either; copy them from the data folder or the bucket.",
    );
    Ok(ExitCode::SUCCESS)
}

const POSTGRES: &str = "this vault is on PostgreSQL, whose own tools back it up: \
     pg_dump --format=custom --file=FILE DATABASE, and pg_restore --dbname=NEW FILE to restore; \
     keep the key file apart from it";

async fn copy(database: &Database, file: &Path) -> anyhow::Result<()> {
    database.copy_into(file).await?;
    // Durable before it is said to be there.
    File::open(file)?.sync_all()?;
    Ok(File::open(folder_of(file))?.sync_all()?)
}

/// Puts a backup where a vault is to be, and looks whether it is whole and the key opens it.
pub(crate) async fn restore(ask: RestoreArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?;
    anyhow::ensure!(!places.is_postgres(), POSTGRES);
    look_through(&ask.file).await.with_context(|| format!("{} cannot be restored", ask.file.display()))?;
    let target = places.sqlite_file()?.to_owned();
    for taken in [target.clone(), beside(&target, "-wal"), beside(&target, "-shm")] {
        anyhow::ensure!(
            !taken.exists(),
            "{} exists: nothing is overwritten; stop the server, then move the data folder away or name another with --data",
            taken.display()
        );
    }
    places.make_folder()?;
    let half = beside(&target, ".restoring");
    let placed = place(&ask.file, &half, &target);
    if placed.is_err() {
        let _ = fs::remove_file(&half);
    }
    placed.with_context(|| format!("{} could not be written", target.display()))?;
    let opened = open_restored(&places).await;
    if json {
        output::json(&serde_json::json!({"database": target, "opens": opened.is_ok()}))?;
    } else {
        output::line(format!("Restored {} to {}.", ask.file.display(), target.display()));
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

/// Refuses what is damaged, or no vault.
async fn look_through(file: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(file.exists(), "there is no such file");
    open_regular(file).map_err(|error| anyhow::anyhow!("it {error}"))?;
    let options = DatabaseOptions { access: OpenMode::Read, ..DatabaseOptions::default() };
    let database = Database::open(&DatabaseUrl::Sqlite(file.to_owned()), &options).await?;
    let looked = async {
        let damage = database.damage().await.map_err(|error| anyhow::anyhow!("{error:#}"))?;
        if let Some(damage) = damage {
            anyhow::bail!("it is damaged: {damage}");
        }
        vault_row::find(&mut &database).await.ok().flatten().context("it holds no vault").map(drop)
    };
    let looked = looked.await;
    database.close().await;
    looked
}

fn place(file: &Path, half: &Path, target: &Path) -> io::Result<()> {
    let mut from = File::open(file)?;
    let mut to = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(half)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()?;
    fs::rename(half, target)?;
    File::open(folder_of(target))?.sync_all()
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

fn make_private_file(path: &Path) -> anyhow::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            anyhow::bail!("{} exists: nothing is overwritten; name another file", path.display())
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be made", path.display())),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
