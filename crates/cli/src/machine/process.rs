//! What this process is to the system: what may be looked at of it, how many files it may have open.

use countersign_vault::Check;
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// Keeps memory out of crash dumps and away from other processes of the same user. To be called before any secret is
/// read. What it starts inherits the limit, so that a browser that crashes leaves nothing either.
pub(crate) fn refuse_dumps() {
    // `doctor` says what did not take.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Processes and threads of a user that Chromium or ffmpeg runs as: the system counts them by user, root's own are not
/// counted, and what this process starts inherits the limit. Chromium with as many frames as pages may have takes some hundreds.
const MAX_THREADS: u64 = 4_096;

/// Bounds what programs may start that root starts as somebody else.
pub(crate) fn bound_programs() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let now = getrlimit(Resource::Nproc);
    let lower = |limit: Option<u64>| Some(limit.map_or(MAX_THREADS, |limit| limit.min(MAX_THREADS)));
    let limit = Rlimit { current: lower(now.current), maximum: lower(now.maximum) };
    if let Err(error) = setrlimit(Resource::Nproc, limit) {
        tracing::debug!(%error, "no limit on processes was set");
    }
}

/// Raises the limit of open files as far as it goes; says how many there may be.
pub(crate) fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    // More is of no use, and some systems allow a billion.
    const ENOUGH: u64 = 65_536;
    let wanted = limit.maximum.map_or(ENOUGH, |most| most.min(ENOUGH));
    let now = limit.current.unwrap_or(ENOUGH);
    if now < wanted && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }).is_ok() {
        return wanted;
    }
    now.min(ENOUGH)
}

/// Whether this process leaves crash dumps.
pub(crate) fn dumps() -> Check {
    const NAME: &str = "crash dumps";
    let core = getrlimit(Resource::Core);
    let hidden = matches!(rustix::process::dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    match (core.current, hidden) {
        (Some(0), true) => Check::ok(NAME, "none are written, and other processes cannot look into this one"),
        (Some(0), false) => Check::warning(
            NAME,
            "no core file is written, but a debugger of the same user can look into this process",
            "run Countersign as a user of its own",
        ),
        _ => Check::failed(
            NAME,
            "this process may leave a core file, which would hold the vault's key",
            "set LimitCORE=0 for the service, or `ulimit -c 0` before it starts",
        ),
    }
}
