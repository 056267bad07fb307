//! Finding Chromium and starting it, with two pipes and no open port.

use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead as _, BufReader},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use command_fds::{CommandFdExt as _, FdMapping};
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::{
    net::unix::pipe,
    process::{Child, Command},
};

use crate::Error;

/// Names by which distributions know it, in the order of preference.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/// Where it may stand without being in the path.
const PLACES: [&str; 8] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/usr/bin/google-chrome-stable",
    "/opt/google/chrome/chrome",
    "/usr/local/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Why each: nothing here but what keeps Chromium from talking to others, from asking, and from slowing unseen pages.
const FLAGS: [&str; 34] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    // Calls of its own to its maker's servers.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-client-side-phishing-detection",
    "--metrics-recording-only",
    "--no-pings",
    "--no-service-autorun",
    // Traffic that would pass by the gate.
    "--disable-quic",
    "--dns-prefetch-disable",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    // Prompts that nobody answers.
    "--deny-permission-prompts",
    "--disable-notifications",
    "--disable-external-intent-requests",
    "--disable-prompt-on-repost",
    "--disable-session-crashed-bubble",
    "--disable-infobars",
    "--disable-search-engine-choice-screen",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-extensions",
    // Several pages work at once, and none is in front of a person.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--mute-audio",
    "--hide-scrollbars",
    // A small /dev/shm, as in containers, would crash pages.
    "--disable-dev-shm-usage",
    "--disable-gpu",
];

/// Prerendered and cached-for-back pages are documents that nobody looks at, and autofill would offer what it saw.
const OFF: &str = "--disable-features=Translate,AcceptCHFrame,MediaRouter,OptimizationHints,Prerender2,BackForwardCache,\
                   DialMediaRouteProvider,CertificateTransparencyComponentUpdater,AutofillServerCommunication,\
                   InterestFeedContentSuggestions,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,PaintHolding,\
                   GlobalMediaControls,LensOverlay";

/// What Chromium gets of this process's environment: nothing in it may be a secret of ours.
const ENVIRONMENT: [&str; 11] = [
    "HOME",
    "PATH",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "LD_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "USER",
];

/// How the folders of profiles begin, and the file in each that is locked while it is in use.
const PREFIX: &str = "browser-";
const HELD: &str = "in-use";

/// A path of this length leaves room for the socket that Chromium makes beneath it; the system's limit is 108 bytes.
const SHORT_PATH: usize = 50;

/// How to start Chromium.
#[derive(Debug, Clone, Default)]
pub struct LaunchOptions {
    /// The program; `None` looks for it in the path and the usual places.
    pub program: Option<PathBuf>,
    /// Where the throw-away profile is made; `None` is the system's folder for temporary files.
    pub folder: Option<PathBuf>,
    /// Further flags, from the operator's configuration.
    pub flags: Vec<String>,
}

/// Whether Chromium's own sandbox stands between a hostile page and this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sandbox {
    /// It does.
    On,
    /// It does not, because Chromium refuses it to root. Run as another user.
    OffBecauseRoot,
}

impl Sandbox {
    /// What holds for a Chromium started by this process.
    pub fn of_this_process() -> Self {
        if rustix::process::geteuid().is_root() { Self::OffBecauseRoot } else { Self::On }
    }
}

/// The Chromium that would be started, or every place that was looked at in vain.
pub fn find_chromium(configured: Option<&Path>) -> Result<PathBuf, Error> {
    let looked: Vec<PathBuf> = match configured {
        Some(path) => vec![path.to_owned()],
        None => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let in_path =
                NAMES.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
            in_path.chain(PLACES.iter().map(PathBuf::from)).collect()
        }
    };
    match looked.iter().find(|path| path.is_file()) {
        Some(found) => Ok(found.clone()),
        None if configured.is_some() => Err(Error::NoChromium { looked }),
        // A person wants to read names, not each of them in every folder of the path.
        None => Err(Error::NoChromium { looked: NAMES.iter().chain(&PLACES).map(PathBuf::from).collect() }),
    }
}

/// A Chromium that runs. Dropping it ends the process and removes its profile.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) sandbox: Sandbox,
    pub(crate) program: PathBuf,
    last_words: Arc<Mutex<VecDeque<String>>>,
    /// Locked as long as the profile is in use.
    _held: File,
    _profile: TempDir,
}

impl Process {
    /// What Chromium wrote last, for an error.
    pub(crate) fn last_words(&self) -> String {
        let words = self.last_words.lock();
        let telling =
            words.iter().find(|line| line.contains("FATAL") || line.contains("sandbox")).or_else(|| words.back());
        telling.map_or_else(|| "it said nothing".to_owned(), |line| line.chars().take(300).collect())
    }
}

/// Starts Chromium, which trusts the key with this hash; commands go into the sender, answers come out of the receiver.
pub(crate) fn start(options: &LaunchOptions, trusted: &str) -> Result<(Process, pipe::Sender, pipe::Receiver), Error> {
    let program = find_chromium(options.program.as_deref())?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    let profile = match &options.folder {
        Some(folder) => builder.tempdir_in(folder),
        None => builder.tempdir(),
    }
    .map_err(Error::system("cannot make a folder for the browser's profile"))?;
    let held = hold(profile.path()).map_err(Error::system("cannot make a file in the browser's profile"))?;
    sweep(profile.path().parent());

    let (their_commands, our_commands) = std::io::pipe().map_err(Error::system("cannot make a pipe"))?;
    let (our_answers, their_answers) = std::io::pipe().map_err(Error::system("cannot make a pipe"))?;
    // Chromium writes its log from several processes; a pipe of its own keeps it out of ours.
    let (log, their_log) = std::io::pipe().map_err(Error::system("cannot make a pipe"))?;

    let sandbox = Sandbox::of_this_process();
    let mut command = std::process::Command::new(&program);
    command.env_clear();
    command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    // What it leaves behind goes with its profile.
    if std::env::var_os("HOME").is_none() {
        command.env("HOME", profile.path());
    }
    if profile.path().as_os_str().len() <= SHORT_PATH {
        command.env("TMPDIR", profile.path());
    }
    command.args(FLAGS).arg(OFF).arg(format!("--user-data-dir={}", profile.path().display()));
    if sandbox == Sandbox::OffBecauseRoot {
        command.arg("--no-sandbox");
    }
    command
        .args(&options.flags)
        .arg(trust(&options.flags, trusted))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::from(OwnedFd::from(their_log)));
    command
        .fd_mappings(vec![
            FdMapping { parent_fd: their_commands.into(), child_fd: 3 },
            FdMapping { parent_fd: their_answers.into(), child_fd: 4 },
        ])
        .map_err(|_| Error::NotStarted { program: program.clone(), why: "its pipes collide".into() })?;
    let mut command = Command::from(command);
    let child = command
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Error::NotStarted { program: program.clone(), why: error.to_string() })?;
    // The command still holds their ends; with it they close, and the death of Chromium is seen as the end of a pipe.
    drop(command);

    let last_words = Arc::default();
    keep_last_words(OwnedFd::from(log).into(), Arc::clone(&last_words));
    let to = pipe::Sender::from_owned_fd(our_commands.into()).map_err(Error::system("cannot use a pipe"))?;
    let from = pipe::Receiver::from_owned_fd(our_answers.into()).map_err(Error::system("cannot use a pipe"))?;
    Ok((Process { child, sandbox, program, last_words, _held: held, _profile: profile }, to, from))
}

/// The flag that says which keys are trusted, under every name and in every context. The operator's own stay, since the last
/// flag of a name counts alone.
fn trust(flags: &[String], hash: &str) -> String {
    const TRUST: &str = "--ignore-certificate-errors-spki-list=";
    let theirs = flags.iter().rev().find_map(|flag| flag.strip_prefix(TRUST));
    theirs.map_or_else(|| format!("{TRUST}{hash}"), |theirs| format!("{TRUST}{hash},{theirs}"))
}

/// Marks a profile as in use until the file is closed, also by a death without farewell.
fn hold(profile: &Path) -> std::io::Result<File> {
    let file = File::create(profile.join(HELD))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

/// Removes profiles that nobody uses any more: their process was killed before it could. What cannot be removed stays.
fn sweep(folder: Option<&Path>) {
    let Some(entries) = folder.and_then(|folder| std::fs::read_dir(folder).ok()) else { return };
    for entry in entries.flatten() {
        let is_profile = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let path = entry.path();
        if is_profile && is_left(&path.join(HELD)) {
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

fn keep_last_words(log: File, words: Arc<Mutex<VecDeque<String>>>) {
    const KEPT: usize = 20;
    // Ends by itself with Chromium.
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines() {
            let Ok(line) = line else { return };
            let mut words = words.lock();
            words.push_back(line);
            if words.len() > KEPT {
                words.pop_front();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_operators_own_trusted_keys_stay() {
        let flag = |text: &str| text.to_owned();
        assert_eq!(trust(&[flag("--mute-audio")], "ours="), "--ignore-certificate-errors-spki-list=ours=");
        let theirs = [flag("--ignore-certificate-errors-spki-list=a=,b="), flag("--mute-audio")];
        assert_eq!(trust(&theirs, "ours="), "--ignore-certificate-errors-spki-list=ours=,a=,b=");
    }

    #[test]
    fn a_missing_program_names_what_was_looked_for() {
        let error = find_chromium(Some(Path::new("/nowhere/chromium"))).unwrap_err().to_string();
        assert!(error.contains("/nowhere/chromium") && error.contains("install"), "{error}");
    }
}
