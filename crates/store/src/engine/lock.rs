use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::error::OpenError;

/// Holds `DATABASE.lock` for as long as it lives, so that a second server on the same SQLite file is told so. The system
/// lets the lock go when the process ends, however it ends; the file stays and means nothing by itself.
#[derive(Debug)]
pub(super) struct LockFile {
    _file: File,
}

impl LockFile {
    pub(super) fn take(database: &Path) -> Result<Self, OpenError> {
        let path = path_beside(database);
        let problem = |source| OpenError::File { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            // What stands in it is the holder's, whom we may not be.
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(problem)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse { path: database.to_owned(), pid: pid_in(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(problem(source)),
        }
        file.set_len(0).map_err(problem)?;
        file.rewind().map_err(problem)?;
        writeln!(file, "{}", std::process::id()).map_err(problem)?;
        Ok(Self { _file: file })
    }
}

/// Where the lock of a database file is.
pub(super) fn path_beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}

fn pid_in(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
