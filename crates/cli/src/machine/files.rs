//! Files that people name. Those that are read are regular ones of a bounded size, and everything else is refused with words; those that
//! are written are for their owner alone.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use countersign_seal::Secret;
use countersign_vault::read_regular;

/// All of a file, at most `most` bytes. `what` begins the sentence that says what is wrong.
pub(crate) fn read_file(what: &str, path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    read_regular(path, most).map_err(|error| anyhow::anyhow!("{what} {} {error}", path.display()))
}

/// The same of what is secret.
pub(crate) fn read_secret(what: &str, path: &Path, most: u64) -> anyhow::Result<Secret> {
    read_file(what, path, most).map(Secret::from)
}

/// A path with something behind its file's name: what lies beside that file.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A folder for its owner alone, with those above it that are missing. One that is there stays as it is.
pub(crate) fn make_private_folder(what: &str, folder: &Path) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("{what} {} cannot be made", folder.display()))
}

/// A new file for its owner alone, whole on the disk when this returns. Never over something else.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file)?;
    out.write_all(bytes)?;
    out.sync_all()
}
