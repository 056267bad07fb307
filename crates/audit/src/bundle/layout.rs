//! Whether an archive is, byte for byte, what [`super::BundleWriter`] writes of its files. An archive can hold more than its directory
//! lists: a second file of one name, bytes before, between or behind the files, other names beside the bytes. Programs that unpack differ in
//! which of it they believe, so nothing of it may be there.

use std::{
    cell::RefCell,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    rc::Rc,
};

use zip::{ZipArchive, ZipWriter};

use super::{BundleError, write::options};

/// One file that is read at several places in turn.
pub(super) struct Shared<F> {
    file: Rc<RefCell<F>>,
    at: u64,
}

impl<F: Read + Seek> Shared<F> {
    pub(super) fn new(file: F) -> Self {
        Self { file: Rc::new(RefCell::new(file)), at: 0 }
    }

    /// The same file, from its beginning.
    pub(super) fn again(&self) -> Self {
        Self { file: Rc::clone(&self.file), at: 0 }
    }
}

impl<F: Read + Seek> Read for Shared<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<F: Read + Seek> Seek for Shared<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut file = self.file.borrow_mut();
        let to = match to {
            SeekFrom::Current(by) => SeekFrom::Start(self.at.saturating_add_signed(by)),
            to => to,
        };
        self.at = file.seek(to)?;
        Ok(self.at)
    }
}

/// Takes what would be written, and compares it with what is there.
struct Compared<R> {
    there: R,
    buffer: Vec<u8>,
    /// Whether a difference was told. What comes behind it is taken, or the writer of archives, which ends what it has begun
    /// whatever happens, complains of that on standard error.
    is_told: bool,
}

const OTHER: &str = "the archive holds other bytes than its files make: something was changed, added or left out around them, or they \
                     were packed anew";

impl<R: Read> Write for Compared<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_told {
            return Ok(bytes.len());
        }
        self.buffer.resize(bytes.len(), 0);
        let read = self.there.read_exact(&mut self.buffer);
        if read.is_ok() && self.buffer == bytes {
            return Ok(bytes.len());
        }
        self.is_told = true;
        match read {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
            _ => Err(io::Error::other(OTHER)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the files of an archive anew, in its order, and compares.
pub(super) fn check_layout<R: Read + Seek>(archive: &mut ZipArchive<R>, file: impl Read) -> Result<(), BundleError> {
    let other = || BundleError::Found(OTHER.to_owned());
    let there = Compared { there: BufReader::new(file), buffer: Vec::new(), is_told: false };
    let mut again = ZipWriter::new_stream(there);
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let name = file.name()?.into_owned();
        again.start_file(name, options()).map_err(|_| other())?;
        io::copy(&mut file, &mut again).map_err(|_| other())?;
    }
    let mut compared = again.finish().map_err(|_| other())?.into_inner();
    match compared.there.read(&mut [0])? {
        0 if !compared.is_told => Ok(()),
        _ => Err(other()),
    }
}
