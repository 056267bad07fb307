//! The machine: its clock, its disk, what is installed on it.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_browser::{Browser, Isolation, LaunchOptions, Sandbox};
use countersign_model::{Clock, Timestamp};
use countersign_vault::Check;

use crate::machine::process;

/// What this machine calls itself, at most 64 characters; `None` where it does not.
pub(crate) fn host_name() -> Option<String> {
    let told = std::env::var("HOSTNAME").ok().or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    let name: String = told.unwrap_or_default().trim().chars().filter(|c| !c.is_control()).take(64).collect();
    Some(name).filter(|name| !name.is_empty())
}

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
pub(crate) fn machine_checks(data: &Path, launch: &LaunchOptions, known: Option<Isolation>) -> Vec<Check> {
    vec![clock(), disk(data), folder(data), process::dumps(), memory(), chromium(launch, known)]
}

/// A clock without a network to ask is judged by what keeps it.
fn clock() -> Check {
    const NAME: &str = "clock";
    let now = SystemClock.now();
    let hint = "tokens depend on it: synchronise it with systemd-timesyncd or chrony";
    if now.seconds() < 1_735_689_600 {
        return Check::failed(NAME, format!("it says {now}, which is past"), hint);
    }
    let asked = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    match asked.ok().filter(|output| output.status.success()).map(|output| output.stdout) {
        Some(answer) if answer.starts_with(b"yes") => Check::ok(NAME, format!("{now}, synchronised")),
        Some(_) => Check::warning(NAME, format!("{now}, not synchronised"), hint),
        None => Check::warning(NAME, format!("{now}; can't detect time synchronisation"), hint),
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

/// Whether others may look into the data folder: what is in it is sealed or for the server alone, and its names are told.
fn folder(data: &Path) -> Check {
    const NAME: &str = "data folder";
    match std::fs::metadata(data).map(|found| found.permissions().mode() & 0o777) {
        Ok(mode) if mode & 0o077 == 0 => Check::ok(NAME, format!("{} is closed to other users", data.display())),
        Ok(mode) => Check::warning(
            NAME,
            format!("{} is open to other users (mode {mode:03o})", data.display()),
            format!("run chmod 700 {}", data.display()),
        ),
        Err(error) => Check::failed(NAME, format!("{}: {error}", data.display()), "see that the folder exists"),
    }
}

/// Chromium is started for it, unless it is known how the last one stood.
fn chromium(launch: &LaunchOptions, known: Option<Isolation>) -> Check {
    const NAME: &str = "chromium";
    let path = match countersign_browser::find_chromium(launch.program.as_deref()) {
        Ok(path) => path,
        Err(error) => {
            return Check::warning(
                NAME,
                error.to_string(),
                "only changing passwords at sites needs it; all else works",
            );
        }
    };
    match known.map_or_else(|| try_chromium(launch), Ok) {
        Ok(isolation) if isolation.is_sandboxed() => Check::ok(NAME, format!("{} {isolation}", path.display())),
        Ok(isolation) => Check::warning(NAME, format!("{} {isolation}", path.display()), hint(&isolation)),
        Err(error) => Check::warning(
            NAME,
            error.to_string(),
            "until it starts no password can be changed at a site; all else works",
        ),
    }
}

fn hint(isolation: &Isolation) -> &'static str {
    match isolation.sandbox {
        Sandbox::On => "",
        Sandbox::OffBecauseRoot => {
            "run Countersign as another user, or let it start programs as another user (capabilities SETUID, SETGID and \
             CHOWN, a folder for temporary files that everybody may use); the log says what was in the way"
        }
        Sandbox::OffBecauseRefused => {
            "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1; in a container its seccomp \
             profile decides) or install the setuid sandbox (Debian: chromium-sandbox)"
        }
    }
}

/// Starts Chromium as a worker would, and ends it.
fn try_chromium(launch: &LaunchOptions) -> Result<Isolation, countersign_browser::Error> {
    let alone = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| countersign_browser::Error::System { what: "cannot wait", source })?;
        runtime.block_on(async {
            let browser = Browser::launch(launch).await?;
            let isolation = browser.isolation().clone();
            browser.close().await;
            Ok(isolation)
        })
    };
    // The caller may be a task, which must not wait for another runtime.
    std::thread::scope(|scope| scope.spawn(alone).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
}

/// Whether the control group that this runs in has a limit of memory, for the server and every Chromium together.
fn memory() -> Check {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limit = memory_files(&groups).into_iter().filter_map(|file| std::fs::read_to_string(file).ok());
    memory_check(limit.filter_map(|text| text.trim().parse().ok()).min())
}

fn memory_check(limit: Option<u64>) -> Check {
    /// What control groups of version 1 say where there is none.
    const NONE: u64 = 1 << 60;
    Check::ok(
        "memory",
        match limit.filter(|limit| *limit < NONE) {
            Some(limit) => {
                format!("at most {} MiB for the server and its browsers, by their control group", limit >> 20)
            }
            None => {
                "no limit by a control group; each page is ended by itself when it takes too much. A service manager \
                     limits all together (systemd: MemoryMax=)"
                    .to_owned()
            }
        },
    )
}

/// The files that hold the limits of the control groups of `/proc/self/cgroup`, from the own group up (cgroups(7)).
fn memory_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(kinds), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let (root, name) = match kinds {
            "" => ("/sys/fs/cgroup", "memory.max"),
            kinds if kinds.split(',').any(|kind| kind == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let own = Path::new(path.trim_start_matches('/'));
        files.extend(own.ancestors().map(|group| Path::new(root).join(group).join(name)));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_memory_are_looked_for_in_each_group_up_to_the_first() {
        let files =
            |groups: &str| memory_files(groups).iter().map(|file| file.display().to_string()).collect::<Vec<_>>();
        let (two, one) = ("/sys/fs/cgroup", "/sys/fs/cgroup/memory");
        assert_eq!(
            files("0::/system.slice/vault.service\n"),
            [
                format!("{two}/system.slice/vault.service/memory.max"),
                format!("{two}/system.slice/memory.max"),
                format!("{two}/memory.max")
            ]
        );
        let old = "9:name=systemd:/\n2:cpu,memory:/app\n";
        assert_eq!(files(old), [format!("{one}/app/memory.limit_in_bytes"), format!("{one}/memory.limit_in_bytes")]);
        assert!(files("nonsense").is_empty());
    }

    #[test]
    fn a_limit_of_memory_is_said_and_a_missing_one_too() {
        for (limit, words) in
            [(Some(3 << 30), "at most 3072 MiB"), (Some(u64::MAX >> 1), "no limit"), (None, "no limit")]
        {
            assert!(memory_check(limit).detail.contains(words), "{limit:?}: {}", memory_check(limit).detail);
        }
    }
}
