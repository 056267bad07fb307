//! Files that go between us and Chromium, which may be another user and may have fallen to a page. It writes in a folder of its
//! own, where nothing is ever opened by us: what it has written is moved out first, and looked at where it can change nothing
//! any more. What it reads lies where it cannot write.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use super::host::LiveHost;

/// Within the folder that downloads go to.
const INBOX: &str = "inbox";

impl LiveHost {
    /// The folder that Chromium may write in, within one of ours.
    pub(super) fn inbox(&self, folder: &Path) -> io::Result<PathBuf> {
        let inbox = folder.join(INBOX);
        match DirBuilder::new().mode(0o700).create(&inbox) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if let Some(account) = &self.account {
            account.let_read(folder, 0o710)?;
            account.give(&inbox)?;
        }
        Ok(inbox)
    }

    /// A download that has ended, moved out of Chromium's folder into ours. `None`: it is no plain file of Chromium's.
    pub(super) fn take_out(&self, folder: &Path, name: &str) -> Option<PathBuf> {
        // Chromium makes it up, and a name it is.
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        let here = folder.join(name);
        fs::rename(folder.join(INBOX).join(name), &here)
            .inspect_err(|error| tracing::warn!(%error, "a download could not be taken over"))
            .ok()?;
        let ours = || rustix::process::geteuid().as_raw();
        let owner = self.account.as_ref().map_or_else(ours, |account| account.uid);
        if is_plain(&here, owner) {
            return Some(here);
        }
        tracing::warn!("a download is no plain file of Chromium's, and was left out");
        // A link is removed, and not what it leads to.
        let _ = fs::remove_file(&here);
        None
    }

    /// Lets Chromium read files of ours, and go through the folders that they lie in.
    pub(super) fn let_read(&self, paths: &[PathBuf], folder: Option<&Path>) {
        let Some(account) = &self.account else { return };
        let shared = paths.iter().try_for_each(|path| {
            if let Some(folder) = folder.filter(|folder| path.starts_with(folder)) {
                account.let_read(folder, 0o710)?;
            }
            if let Some(parent) = path.parent().filter(|parent| Some(*parent) != folder) {
                account.let_read(parent, 0o710)?;
            }
            account.let_read(path, 0o640)
        });
        if let Err(error) = shared {
            tracing::warn!(%error, "Chromium cannot read a file that a page is given");
        }
    }
}

/// Whether it is a file and no link, under no other name, and of that user.
fn is_plain(path: &Path, owner: u32) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.nlink() == 1 && found.uid() == owner)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn promise_7_what_chromium_leaves_is_taken_only_where_it_is_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let owner = rustix::process::geteuid().as_raw();
        fs::write(path("plain"), "bytes").unwrap();
        fs::write(path("secret"), "ours").unwrap();
        symlink(path("secret"), path("link")).unwrap();
        fs::hard_link(path("secret"), path("second")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        for (name, plain) in [("plain", true), ("link", false), ("second", false), ("folder", false), ("gone", false)] {
            assert_eq!(is_plain(&path(name), owner), plain, "{name}");
        }
        assert!(!is_plain(&path("plain"), owner + 1), "of another user");
    }
}
