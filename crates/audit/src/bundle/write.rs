//! Writes a bundle piece by piece: what was written can be taken at any time, so that nothing large stands in memory.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use countersign_seal::{Sha256, SigningKey};
use zip::{
    CompressionMethod, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{BundleFacts, BundleFile, FORMAT, MANIFEST, Manifest, SIGNATURE, sign};

/// What was written and not taken yet.
#[derive(Clone, Default)]
struct Chunks(Arc<Mutex<Vec<u8>>>);

impl Chunks {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How each file stands in a bundle. With that, the files alone decide every byte of it.
pub(super) fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true)
}

/// Writes a bundle.
pub struct BundleWriter {
    zip: ZipWriter<StreamWriter<Chunks>>,
    chunks: Chunks,
    files: Vec<BundleFile>,
    open: Option<(String, u64, Sha256)>,
}

impl Default for BundleWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl BundleWriter {
    /// One without files.
    pub fn new() -> Self {
        let chunks = Chunks::default();
        Self { zip: ZipWriter::new_stream(chunks.clone()), chunks, files: Vec::new(), open: None }
    }

    /// Begins a file.
    ///
    /// # Errors
    /// When the archive cannot take it.
    pub fn begin(&mut self, name: &str) -> io::Result<()> {
        self.close();
        self.start(name)?;
        self.open = Some((name.to_owned(), 0, Sha256::default()));
        Ok(())
    }

    /// Adds to the file that was begun last.
    ///
    /// # Errors
    /// When none was, or the archive cannot take it.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some((_, size, hash)) = &mut self.open else { return Err(io::Error::other("no file was begun")) };
        *size += bytes.len() as u64;
        hash.update(bytes);
        self.zip.write_all(bytes)
    }

    /// What was written since this was asked last.
    pub fn take(&mut self) -> Vec<u8> {
        self.chunks.take()
    }

    /// Adds the manifest and its signature; gives what was not taken yet.
    ///
    /// # Errors
    /// When the archive cannot take it.
    pub fn finish(mut self, facts: BundleFacts, key: &SigningKey) -> io::Result<Vec<u8>> {
        self.close();
        let files = mem::take(&mut self.files);
        let manifest = Manifest { format: FORMAT.to_owned(), facts, files, key: key.verifying_key().to_string() };
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        let signature = sign(&text, key);
        self.start(MANIFEST)?;
        self.zip.write_all(&text)?;
        self.start(SIGNATURE)?;
        self.zip.write_all(signature.as_bytes())?;
        self.zip.finish().map_err(io::Error::other)?;
        Ok(self.chunks.take())
    }

    fn start(&mut self, name: &str) -> io::Result<()> {
        self.zip.start_file(name, options()).map_err(io::Error::other)
    }

    fn close(&mut self) {
        if let Some((name, size, hash)) = self.open.take() {
            self.files.push(BundleFile { name, size, sha256: hash.finish().to_string() });
        }
    }
}
