//! The password of a file, and how many files of one import may make a key of theirs.

use std::cell::Cell;

use countersign_seal::Secret;

use super::FileProblem;

/// A file's password, if one came. Making a key of it is asked for and counted here, so that no reader does it unseen.
#[derive(Clone, Copy)]
pub(crate) struct FilePassword<'p> {
    secret: Option<&'p Secret>,
    /// Keys that are left to this import.
    left: &'p Cell<usize>,
    most: usize,
}

impl<'p> FilePassword<'p> {
    /// A password; `left` of `most` keys may still be made.
    pub(crate) const fn new(secret: Option<&'p Secret>, left: &'p Cell<usize>, most: usize) -> Self {
        Self { secret, left, most }
    }

    /// The password, to make a key of it, which may take seconds. Once for each file.
    ///
    /// # Errors
    /// There is none, or as many files as one import opens have been opened.
    pub(crate) fn spend(self, format: &'static str) -> Result<&'p Secret, FileProblem> {
        let secret = self.secret.ok_or(FileProblem::PasswordNeeded(format))?;
        let left = self.left.get().checked_sub(1).ok_or(FileProblem::TooManyEncrypted { format, most: self.most })?;
        self.left.set(left);
        Ok(secret)
    }

    /// The password where trying it costs next to nothing.
    pub(crate) const fn free(self) -> Option<&'p Secret> {
        self.secret
    }
}
