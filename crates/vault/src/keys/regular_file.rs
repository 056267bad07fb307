//! Files that people name. A pipe would be waited for without end, a device gives no end, and a folder is none: each is said.

use std::{
    fs::{File, FileType},
    io::{self, Read as _},
    path::Path,
};

/// Why a named file was not read; it goes on a sentence that begins with what it is and where.
#[derive(Debug, thiserror::Error)]
pub enum ReadFileError {
    /// It is something else.
    #[error("is a {0}, and no file: name a regular file")]
    Other(&'static str),
    /// It is too large to be what it is to be.
    #[error("is too large: at most {most} bytes")]
    TooLarge {
        /// How many bytes it may have.
        most: u64,
    },
    /// The system.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Opens a file for reading, if it is one.
///
/// # Errors
/// [`ReadFileError`].
pub fn open_regular(path: &Path) -> Result<File, ReadFileError> {
    // Before it is opened, because opening a pipe waits for a writer.
    require_regular(std::fs::metadata(path)?.file_type())?;
    let file = File::open(path)?;
    require_regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// [`ReadFileError`].
pub fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>, ReadFileError> {
    read_open(open_regular(path)?, most)
}

/// The same of a file that is open, so that what was found of it holds for what is read.
///
/// # Errors
/// [`ReadFileError`].
pub fn read_open(file: File, most: u64) -> Result<Vec<u8>, ReadFileError> {
    let length = file.metadata()?.len();
    if length > most {
        return Err(ReadFileError::TooLarge { most });
    }
    // As long as it is, so that no piece of a secret is left behind by growing.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default().saturating_add(1));
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(ReadFileError::TooLarge { most }) } else { Ok(bytes) }
}

fn require_regular(kind: FileType) -> Result<(), ReadFileError> {
    if kind.is_file() {
        return Ok(());
    }
    Err(ReadFileError::Other(what(kind)))
}

#[cfg(unix)]
fn what(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_dir() {
        "folder"
    } else if kind.is_fifo() {
        "pipe"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device"
    }
}

#[cfg(not(unix))]
fn what(kind: FileType) -> &'static str {
    if kind.is_dir() { "folder" } else { "device" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_a_bounded_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"1234").unwrap();
        assert_eq!(read_regular(&file, 4).unwrap(), b"1234");
        let said = |path: &Path, most| read_regular(path, most).unwrap_err().to_string();
        assert!(said(&file, 3).contains("at most 3 bytes"));
        assert!(said(folder.path(), 4).contains("is a folder"));
        assert!(said(Path::new("/dev/zero"), 4).contains("is a device"));
        assert!(said(&folder.path().join("missing"), 4).contains("cannot be read"));
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(said(&pipe, 4).contains("is a pipe"));
    }
}
