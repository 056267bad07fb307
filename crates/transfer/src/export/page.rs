use std::io;

use zeroize::Zeroizing;

/// A file that is being written. Where it grows, what it outgrew is wiped.
#[derive(Default)]
pub(super) struct Page(Zeroizing<Vec<u8>>);

impl Page {
    /// Appends bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let length = self.0.len() + bytes.len();
        if length > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.max(2 * self.0.capacity()).max(SMALLEST)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// What was written.
    pub(super) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const SMALLEST: usize = 4096;
