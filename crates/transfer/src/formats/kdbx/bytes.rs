//! What the file is called where it is told of, what is wrong with it, and its bytes, one field after another.

use crate::formats::FileProblem;

pub(super) const FORMAT: &str = "a KeePass database (KDBX)";

/// The file does not say whether it asks for more than a password.
pub(super) const WITH_A_PASSWORD_ALONE: &str = "a KeePass database (KDBX; one that also asks for a key file or a hardware key is not opened \
                                     here: save it with a password alone)";

/// What is wrong with a file, and where.
pub(super) fn damaged(place: &str) -> FileProblem {
    FileProblem::Damaged { format: FORMAT, place: place.to_owned() }
}

/// What is right with a file and yet not read.
pub(super) fn refused(reason: &str) -> FileProblem {
    FileProblem::NotReadable { format: FORMAT, reason: reason.to_owned() }
}

/// Bytes read one field after another.
pub(super) struct Bytes<'b> {
    pub(super) rest: &'b [u8],
}

impl<'b> Bytes<'b> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).and_then(|bytes| bytes.first().copied())
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take(2).and_then(<[u8]>::first_chunk::<2>).copied().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4).and_then(<[u8]>::first_chunk::<4>).copied().map(u32::from_le_bytes)
    }

    /// As many bytes as the number of four bytes before them says.
    pub(super) fn sized(&mut self) -> Option<&'b [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }
}
