//! Files of databases: made for their owner alone, copied, made durable, and removed with what lies beside them.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use countersign_store::{
    engine::{Database, DatabaseUrl, OpenMode, OpenOptions as DatabaseOptions},
    vault as vault_row,
};
use countersign_vault::open_regular;

/// An empty file that is not there yet.
pub(super) fn make_private(path: &Path) -> anyhow::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            anyhow::bail!("{} exists: nothing is overwritten; name another file", path.display())
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be made", path.display())),
    }
}

/// Before it is said to be there.
pub(super) fn make_durable(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    File::open(folder_of(path))?.sync_all()
}

/// Copies into a file that may be there from an earlier try.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut to = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

/// With its log and its lock.
pub(super) fn remove_database(path: &Path) {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let _ = fs::remove_file(beside(path, suffix));
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// By what a file is known again: its size and when it was written.
pub(super) fn mark_of(path: &Path) -> io::Result<String> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::metadata(path)?;
    Ok(format!("{} bytes of {}.{:09}", found.len(), found.mtime(), found.mtime_nsec()))
}

/// Refuses what is damaged, or no vault.
pub(super) async fn look_through(file: &Path) -> anyhow::Result<()> {
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
