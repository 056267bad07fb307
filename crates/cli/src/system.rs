//! The machine: its clock, its disk, what is installed on it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use countersign_browser::Sandbox;
use countersign_model::{Clock, Timestamp};
use countersign_vault::Check;

use crate::process;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock comes in")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
    }
}

// Below this a busy vault is full within days.
const LITTLE_SPACE: u64 = 1 << 30;
const TOO_LITTLE_SPACE: u64 = 64 << 20;

/// What `doctor` looks at beside the vault.
pub(crate) fn machine_checks(data: &Path) -> Vec<Check> {
    vec![clock(), disk(data), process::dumps(), chromium()]
}

/// A clock without a network to ask is judged by what keeps it.
fn clock() -> Check {
    const NAME: &str = "clock";
    let now = SystemClock.now();
    let hint = "tokens depend on it: let systemd-timesyncd or chrony keep it";
    if now.seconds() < 1_735_689_600 {
        return Check::failed(NAME, format!("it says {now}, which is past"), hint);
    }
    let asked = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    match asked.ok().filter(|output| output.status.success()).map(|output| output.stdout) {
        Some(answer) if answer.starts_with(b"yes") => Check::ok(NAME, format!("{now}, kept by the network")),
        Some(_) => Check::warning(NAME, format!("{now}, kept by nothing"), hint),
        None => Check::warning(NAME, format!("{now}; whether something keeps it cannot be told here"), hint),
    }
}

fn disk(data: &Path) -> Check {
    const NAME: &str = "disk";
    let hint = "free space: without it no record can be written, and without a record no secret leaves";
    match rustix::fs::statvfs(data) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let detail = format!("{} MiB free for {}", free >> 20, data.display());
            match free {
                0..TOO_LITTLE_SPACE => Check::failed(NAME, detail, hint),
                TOO_LITTLE_SPACE..LITTLE_SPACE => Check::warning(NAME, detail, hint),
                _ => Check::ok(NAME, detail),
            }
        }
        Err(error) => Check::failed(NAME, format!("{}: {error}", data.display()), "see that the folder exists"),
    }
}

fn chromium() -> Check {
    const NAME: &str = "chromium";
    let configured = std::env::var_os("COUNTERSIGN_CHROMIUM").map(PathBuf::from);
    match countersign_browser::find_chromium(configured.as_deref()) {
        Ok(path) => match Sandbox::of_this_process() {
            Sandbox::On => Check::ok(NAME, path.display().to_string()),
            Sandbox::OffBecauseRoot => Check::warning(
                NAME,
                format!("{}, without its sandbox, because root runs it", path.display()),
                "run Countersign as another user: a hostile page has less to hold on to",
            ),
        },
        Err(error) => {
            Check::warning(NAME, error.to_string(), "only changing passwords at sites needs it; all else works")
        }
    }
}
