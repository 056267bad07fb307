//! Finding Chromium and starting it, with two pipes and no open port.

use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead as _, BufReader},
    os::{fd::OwnedFd, unix::process::CommandExt as _},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use command_fds::{CommandFdExt as _, FdMapping};
use parking_lot::Mutex;
use rustix::process::{Pid, Signal};
use tempfile::TempDir;
use tokio::{net::unix::pipe, process::Child, sync::oneshot};

use super::{
    account::{RunAs, SystemUser},
    isolation::{LaunchPlan, Sandbox},
    namespace::NetworkNamespace,
    outside, profile,
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

/// Prerendered and cached-for-back pages are documents that nobody looks at, and autofill would offer what it saw. The two pop-ups of
/// the address line are pages of Chromium's own, loaded for each context's window though it is never shown: without them a context
/// costs a fifth of the processor time.
const OFF: &str = "--disable-features=Translate,AcceptCHFrame,MediaRouter,OptimizationHints,Prerender2,BackForwardCache,\
                   DialMediaRouteProvider,CertificateTransparencyComponentUpdater,AutofillServerCommunication,\
                   InterestFeedContentSuggestions,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,PaintHolding,\
                   GlobalMediaControls,LensOverlay,WebUIOmniboxPopup,WebUIOmniboxAimPopup";

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
    /// Who it runs as.
    pub run_as: RunAs,
    /// Whether it has the machine's network, where Chromium's own switches alone send everything through the gate. Else it
    /// has a namespace of its own, where the system allows that.
    pub machine_network: bool,
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

/// A Chromium that runs. [`Process::end`] ends it; dropping it does so, too, but waits for nothing, so that of its profile may stay
/// what is being written.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) program: PathBuf,
    last_words: Arc<Mutex<VecDeque<String>>>,
    /// Closed when it has said all.
    silent: oneshot::Receiver<()>,
    /// Locked as long as the profile is in use.
    _held: File,
    folder: TempDir,
    _account: Option<Arc<SystemUser>>,
}

impl Process {
    /// Ends it with all that it has started, and returns when its profile is gone.
    pub(crate) async fn end(mut self) {
        // It may be gone already, and so may the rest of its group; its number is its own until it was waited for.
        if let Some(group) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.start_kill();
        let _ = self.child.wait().await;
        profile::remove(self.folder).await;
    }

    /// What Chromium wrote last, for an error; to be asked when it has ended, or is past waiting for.
    pub(crate) async fn last_words(&mut self) -> String {
        // Its end is seen before its words are read, and they decide what is tried next.
        const TO_BE_READ: Duration = Duration::from_secs(1);
        let _ = tokio::time::timeout(TO_BE_READ, &mut self.silent).await;
        let words = self.last_words.lock();
        let telling =
            words.iter().find(|line| line.contains("FATAL") || line.contains("sandbox")).or_else(|| words.back());
        telling.map_or_else(|| "it said nothing".to_owned(), |line| line.chars().take(300).collect())
    }
}

/// Starts Chromium, which trusts the key with this hash; commands go into the sender, answers come out of the receiver.
pub(crate) fn start(
    options: &LaunchOptions,
    plan: &LaunchPlan,
    namespace: Option<&NetworkNamespace>,
    trusted: &str,
) -> Result<(Process, pipe::Sender, pipe::Receiver), Error> {
    let program = find_chromium(options.program.as_deref())?;
    let account = plan.account();
    let (folder, profile) = profile::make(options.folder.as_deref(), account)
        .map_err(Error::system("cannot make a folder for the browser's profile"))?;
    let held = profile::hold(folder.path()).map_err(Error::system("cannot make a file in the browser's profile"))?;
    profile::sweep(folder.path().parent());

    let (their_commands, our_commands) = std::io::pipe().map_err(Error::system("cannot make a pipe"))?;
    let (our_answers, their_answers) = std::io::pipe().map_err(Error::system("cannot make a pipe"))?;
    // Chromium writes its log from several processes; a pipe of its own keeps it out of ours.
    let (log, their_log) = std::io::pipe().map_err(Error::system("cannot make a pipe"))?;

    let mut command = outside::command(&program);
    // What it leaves behind goes with its profile.
    match std::env::var_os("HOME").filter(|_| account.is_none()) {
        Some(home) => command.env("HOME", home),
        None => command.env("HOME", &profile),
    };
    if profile.as_os_str().len() <= SHORT_PATH {
        command.env("TMPDIR", &profile);
    }
    command.args(FLAGS).arg(OFF).arg(format!("--user-data-dir={}", profile.display()));
    if plan.sandbox() != Sandbox::On {
        command.arg("--no-sandbox");
    }
    if let Some(account) = account {
        account.apply(&mut command);
        // Looked at by the system when it is already that user: what cannot be reached is told at once.
        command.current_dir(&profile);
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
    // What it starts is ended with it.
    command.process_group(0);
    let spawn = || outside::spawn(command);
    let child = outside::within(namespace, spawn)
        .map_err(|error| Error::NotStarted { program: program.clone(), why: error.to_string() })?;

    let last_words = Arc::default();
    let silent = keep_last_words(OwnedFd::from(log).into(), Arc::clone(&last_words));
    let to = pipe::Sender::from_owned_fd(our_commands.into()).map_err(Error::system("cannot use a pipe"))?;
    let from = pipe::Receiver::from_owned_fd(our_answers.into()).map_err(Error::system("cannot use a pipe"))?;
    let process =
        Process { child, program, last_words, silent, _held: held, folder, _account: account.map(Arc::clone) };
    Ok((process, to, from))
}

/// The flag that says which keys are trusted, under every name and in every context. The operator's own stay, since the last
/// flag of a name counts alone.
fn trust(flags: &[String], hash: &str) -> String {
    const TRUST: &str = "--ignore-certificate-errors-spki-list=";
    let theirs = flags.iter().rev().find_map(|flag| flag.strip_prefix(TRUST));
    theirs.map_or_else(|| format!("{TRUST}{hash}"), |theirs| format!("{TRUST}{hash},{theirs}"))
}

fn keep_last_words(log: File, words: Arc<Mutex<VecDeque<String>>>) -> oneshot::Receiver<()> {
    const KEPT: usize = 20;
    let (ends, silent) = oneshot::channel::<()>();
    // Ends by itself with Chromium.
    std::thread::spawn(move || {
        let _ends = ends;
        for line in BufReader::new(log).lines() {
            let Ok(line) = line else { return };
            let mut words = words.lock();
            words.push_back(line);
            if words.len() > KEPT {
                words.pop_front();
            }
        }
    });
    silent
}

#[cfg(test)]
mod tests {
    use super::*;

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
