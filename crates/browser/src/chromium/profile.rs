//! The folders of browsers' profiles: how they are made, marked, and removed when their process died before it could.

use std::{
    fs::{File, Metadata, Permissions},
    os::unix::{
        ffi::OsStrExt as _,
        fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;

use super::account::SystemUser;

/// How the folders begin, what stands in each: the profile, and a file that is locked while it is in use.
const PREFIX: &str = "browser-";
const PROFILE: &str = "profile";
const HELD: &str = "in-use";
/// So many letters and digits follow the beginning.
const RANDOM: usize = 6;
/// Who may do what with them: nobody else anything, or go through.
const MODES: [u32; 2] = [0o700, 0o711];

/// A folder of ours, in which Chromium cannot change what we go by, and in it the profile, which is Chromium's alone. `within`:
/// where to make it; none: where the system keeps such.
pub(crate) fn make(within: Option<&Path>, account: Option<&Arc<SystemUser>>) -> std::io::Result<(TempDir, PathBuf)> {
    let mut builder = tempfile::Builder::new();
    // Where it is another user's: to go through, not to look around in.
    let [closed, to_go_through] = MODES;
    let mode = if account.is_some() { to_go_through } else { closed };
    builder.prefix(PREFIX).rand_bytes(RANDOM).permissions(Permissions::from_mode(mode));
    let folder = match within {
        Some(folder) => builder.tempdir_in(folder),
        None => builder.tempdir(),
    }?;
    // What a folder is made with goes through the process's mask, by which the other user may be kept out.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(mode))?;
    let profile = folder.path().join(PROFILE);
    std::fs::DirBuilder::new().mode(0o700).create(&profile)?;
    account.map_or(Ok(()), |account| account.give(&profile))?;
    Ok((folder, profile))
}

/// Marks a profile's folder as in use until the file is closed, also by a death without farewell.
pub(crate) fn hold(folder: &Path) -> std::io::Result<File> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(folder.join(HELD))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

/// Removes the folder of a browser whose process has ended. Processes that it had started may still write for a moment, so this
/// goes on until the folder is gone, or has been there for long enough to be left to [`sweep`].
pub(crate) async fn remove(folder: TempDir) {
    const BETWEEN: Duration = Duration::from_millis(20);
    const TRIES: u32 = 250;
    let path = folder.keep();
    let mut tries = 0;
    while let Err(error) = tokio::fs::remove_dir_all(&path).await {
        if error.kind() == std::io::ErrorKind::NotFound && !path.exists() {
            return;
        }
        tries += 1;
        if tries == TRIES {
            tracing::warn!(path = %path.display(), %error, "the browser's profile could not be removed; a later start tries again");
            return;
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Removes profiles that nobody uses any more: their process was killed before it could. What cannot be removed stays.
pub(crate) fn sweep(folder: Option<&Path>) {
    let Some(entries) = folder.and_then(|folder| std::fs::read_dir(folder).ok()) else { return };
    for entry in entries.flatten() {
        let is_profile = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let path = entry.path();
        if is_profile && (is_left(&path.join(HELD)) || is_half_removed(&path)) {
            tracing::info!(path = %path.display(), "removing what a killed browser left behind");
            if let Err(error) = std::fs::remove_dir_all(&path) {
                tracing::debug!(%error, "a left profile could not be removed whole");
            }
        }
    }
}

/// Whether a profile's mark is there, was not made just now, and is held by nobody.
fn is_left(held: &Path) -> bool {
    const A_MOMENT: Duration = Duration::from_secs(60);
    let Ok(file) = File::open(held) else { return false };
    let age = file.metadata().and_then(|data| data.modified()).ok().and_then(|made| made.elapsed().ok());
    age.is_some_and(|age| age > A_MOMENT)
        && rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_ok()
}

/// Whether a folder is one whose removal was cut short after its mark was gone. Without the mark, everything else has to speak
/// for it: it looks as we make them, is ours, has been left alone for long, and no process was started with it.
fn is_half_removed(path: &Path) -> bool {
    let Ok(data) = std::fs::symlink_metadata(path) else { return false };
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let age = data.modified().ok().and_then(|at| at.elapsed().ok());
    let ours = rustix::process::geteuid().as_raw();
    looks_left(name, &Looks::of(&data, age), ours) && holds_nothing_else(path) && !is_named_by_a_process(path)
}

/// What a folder looks like from outside.
struct Looks {
    is_folder: bool,
    owner: u32,
    mode: u32,
    /// Since something in it was made or removed; `None` where the clock says nothing of it.
    age: Option<Duration>,
}

impl Looks {
    fn of(data: &Metadata, age: Option<Duration>) -> Self {
        Self { is_folder: data.is_dir(), owner: data.uid(), mode: data.mode() & 0o7777, age }
    }
}

fn looks_left(name: &str, looks: &Looks, ours: u32) -> bool {
    /// A folder is marked right after it was made, and a removal takes seconds.
    const LONG: Duration = Duration::from_secs(15 * 60);
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    let random = rest.len() == RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    random
        && looks.is_folder
        && looks.owner == ours
        && MODES.contains(&looks.mode)
        && looks.age.is_some_and(|age| age > LONG)
}

fn holds_nothing_else(path: &Path) -> bool {
    let Ok(mut entries) = std::fs::read_dir(path) else { return false };
    entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == PROFILE))
}

/// Whether a process that runs was started with that path among its arguments. Where that cannot be told, one may have been.
fn is_named_by_a_process(path: &Path) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    let wanted = path.as_os_str().as_bytes();
    let is_process = |entry: &std::fs::DirEntry| entry.file_name().as_bytes().iter().all(u8::is_ascii_digit);
    let names = |entry: std::fs::DirEntry| {
        // One that has ended meanwhile names nothing.
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        arguments.windows(wanted.len()).any(|part| part == wanted)
    };
    let mut seen_one = false;
    for entry in processes.flatten().filter(is_process) {
        seen_one = true;
        if names(entry) {
            return true;
        }
    }
    !seen_one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_is_removed_though_something_still_writes_into_it() {
        let folder = tempfile::tempdir().unwrap();
        let (made, profile) = make(Some(folder.path()), None).unwrap();
        let outer = made.path().to_owned();
        let writing = std::thread::spawn(move || {
            // It writes until the place it writes to is gone, as a process does that outlives the one that started it.
            let mut written = 0;
            while written < 2_000 && std::fs::write(profile.join(written.to_string()), "x").is_ok() {
                written += 1;
            }
        });
        remove(made).await;
        writing.join().unwrap();
        assert!(!outer.exists());
    }

    #[test]
    fn profiles_of_the_dead_are_removed_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let profile = |name: &str, minutes: u64| {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            let held = hold(&path).unwrap();
            held.set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(minutes * 60)).unwrap();
            (path, held)
        };
        let (dead, held) = profile("browser-dead", 5);
        drop(held);
        let (used, _held) = profile("browser-used", 5);
        let (foreign, held) = profile("folder", 5);
        drop(held);
        let unmarked = folder.path().join("browser-unmarked");
        std::fs::create_dir(&unmarked).unwrap();
        let begun = folder.path().join("browser-begun");
        std::fs::create_dir(&begun).unwrap();
        drop(hold(&begun).unwrap());
        sweep(Some(folder.path()));
        assert!(!dead.exists());
        assert!(used.exists() && foreign.exists() && unmarked.exists() && begun.exists());
    }

    /// A folder as a removal leaves it that was killed, long ago or just now.
    fn half_removed(within: &Path, name: &str, mode: u32, old: bool) -> PathBuf {
        let path = within.join(name);
        std::fs::create_dir_all(path.join(PROFILE).join("Default")).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        if old {
            File::open(&path).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        }
        path
    }

    #[test]
    fn what_a_killed_removal_left_is_removed_and_nothing_that_may_be_anothers() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name, mode, old| half_removed(folder.path(), name, mode, old);
        let gone = [make("browser-aB3dE6", 0o700, true), make("browser-other1", 0o711, true)];
        let with_more = folder.path().join("browser-more12");
        std::fs::create_dir_all(&with_more).unwrap();
        std::fs::write(with_more.join("notes"), "mine").unwrap();
        half_removed(folder.path(), "browser-more12", 0o700, true);
        let link = folder.path().join("browser-link12");
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(half_removed(elsewhere.path(), "x", 0o700, true), &link).unwrap();
        let lived_in = make("browser-lives1", 0o700, true);
        let mut lives = std::process::Command::new("sh")
            .args(["-c", "read line", &format!("--user-data-dir={}", lived_in.join(PROFILE).display())])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let stay = [
            make("browser-fresh1", 0o700, false),
            make("browser-cache", 0o700, true),
            make("browser-open12", 0o755, true),
        ];

        sweep(Some(folder.path()));
        assert!(gone.iter().all(|path| !path.exists()), "{gone:?}");
        for path in stay.iter().chain([&with_more, &link, &lived_in]) {
            assert!(path.join(PROFILE).exists(), "{}", path.display());
        }
        drop(lives.stdin.take());
        lives.wait().unwrap();
        sweep(Some(folder.path()));
        assert!(!lived_in.exists());
    }

    #[test]
    fn only_what_looks_like_ours_is_taken_for_a_rest() {
        let looks = |is_folder, owner, mode, minutes: Option<u64>| Looks {
            is_folder,
            owner,
            mode,
            age: minutes.map(|minutes| Duration::from_secs(minutes * 60)),
        };
        for (name, looks, left) in [
            ("browser-aB3dE6", looks(true, 1000, 0o700, Some(16)), true),
            ("browser-aB3dE6", looks(true, 1000, 0o711, Some(16)), true),
            ("browser-aB3dE6", looks(true, 1000, 0o700, Some(15)), false),
            ("browser-aB3dE6", looks(true, 1000, 0o700, None), false),
            ("browser-aB3dE6", looks(true, 0, 0o700, Some(16)), false),
            ("browser-aB3dE6", looks(true, 1000, 0o1777, Some(16)), false),
            ("browser-aB3dE6", looks(false, 1000, 0o700, Some(16)), false),
            ("browser-aB3dE6x", looks(true, 1000, 0o700, Some(16)), false),
            ("browser-aB3-E6", looks(true, 1000, 0o700, Some(16)), false),
            ("browser-", looks(true, 1000, 0o700, Some(16)), false),
            ("aB3dE6", looks(true, 1000, 0o700, Some(16)), false),
        ] {
            assert_eq!(looks_left(name, &looks, 1000), left, "{name} {:o}", looks.mode);
        }
    }
}
