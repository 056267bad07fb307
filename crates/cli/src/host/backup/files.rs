//! Files of databases: copied and looked through, given their names, and removed with what lies beside them.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use countersign_model::Clock as _;
use countersign_store::{
    MIGRATIONS,
    engine::{Database, DatabaseUrl, OpenMode, OpenOptions as DatabaseOptions},
    vault as vault_row,
};
use countersign_vault::open_regular;

use crate::machine::{files::with_suffix, system::SystemClock};

/// Gives a whole file its name, which nothing has yet, and makes both durable.
pub(super) fn place_new(part: &Path, file: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    // A link is refused where there is a file already, a renaming would replace it. Not every file system has links.
    match fs::hard_link(part, file) {
        Ok(()) => fs::remove_file(part)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) if file.exists() => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(part, file)?,
    }
    File::open(folder_of(file))?.sync_all()
}

/// With its log and its lock.
pub(super) fn remove_database(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] {
        let _ = fs::remove_file(with_suffix(path, suffix));
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// By what a database that nobody writes is known again: file and log, each by its size and when it was written.
pub(super) fn mark_of(path: &Path) -> io::Result<String> {
    use std::os::unix::fs::MetadataExt as _;
    let mark = |path: &Path| {
        let found = fs::metadata(path)?;
        Ok::<_, io::Error>(format!("{} bytes of {}.{:09}", found.len(), found.mtime(), found.mtime_nsec()))
    };
    let log = with_suffix(path, "-wal");
    let log_mark = if fs::metadata(&log).is_ok_and(|found| found.len() > 0) { mark(&log)? } else { "none".to_owned() };
    Ok(format!("{}, log {log_mark}", mark(path)?))
}

/// Copies a backup into `scratch`, and refuses what is damaged, no vault, or holds what no vault has. What is looked at is the
/// copy, so nobody can put something else in its place afterwards; and the backup stays as it is.
pub(super) async fn copy_vetted(backup: &Path, scratch: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(backup.exists(), "there is no such file");
    let log = with_suffix(backup, "-wal");
    anyhow::ensure!(
        !fs::metadata(&log).is_ok_and(|found| found.len() > 0),
        "{} lies beside it, so it is a database in use and no backup: take one with `countersign backup`",
        log.display()
    );
    let from = open_regular(backup).map_err(|error| anyhow::anyhow!("it {error}"))?;
    remove_database(scratch);
    copy_from(from, scratch).with_context(|| format!("{} could not be written", scratch.display()))?;
    vet(scratch).await
}

/// Refuses a file of our own that is damaged, no vault, or holds what no vault has; brings it up to the present schema.
pub(super) async fn vet(file: &Path) -> anyhow::Result<()> {
    let path = with_suffix(file, ".reference");
    remove_database(&path);
    let vetted = async {
        let reference = open_new(&path).await?;
        let vetted = vet_by(file, &reference).await;
        reference.close().await;
        vetted
    };
    let vetted = vetted.await;
    remove_database(&path);
    vetted
}

/// A file from elsewhere may bring triggers and views that do what its maker wants: it is compared with a new database.
async fn vet_by(file: &Path, reference: &Database) -> anyhow::Result<()> {
    let options = DatabaseOptions { access: OpenMode::Read, ..DatabaseOptions::default() };
    let database = Database::open(&DatabaseUrl::Sqlite(file.to_owned()), &options).await?;
    let looked = async {
        require_none(&database.foreign_programs(reference).await?)?;
        let damage = database.damage().await.map_err(|error| anyhow::anyhow!("{error:#}"))?;
        if let Some(damage) = damage {
            anyhow::bail!("it is damaged: {damage}");
        }
        vault_row::find(&mut &database).await.ok().flatten().context("it holds no vault").map(drop)
    };
    let looked = looked.await;
    database.close().await;
    looked?;
    let database = open_new(file).await?;
    let foreign = database.unlike(reference).await;
    database.close().await;
    require_none(&foreign?)
}

fn require_none(foreign: &[String]) -> anyhow::Result<()> {
    anyhow::ensure!(
        foreign.is_empty(),
        "it is not as a vault is made: {}; somebody else has written into it",
        foreign.join(", ")
    );
    Ok(())
}

/// With the present schema.
async fn open_new(path: &Path) -> anyhow::Result<Database> {
    let database = Database::open(&DatabaseUrl::Sqlite(path.to_owned()), &DatabaseOptions::default()).await?;
    match database.migrate(MIGRATIONS, SystemClock.now().micros()).await {
        Ok(_) => Ok(database),
        Err(error) => {
            database.close().await;
            Err(error.into())
        }
    }
}

fn copy_from(mut from: File, to: &Path) -> io::Result<()> {
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}
