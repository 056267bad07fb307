//! Reading the files that people name: regular files of a bounded size, and everything else refused with words.

use std::path::Path;

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
