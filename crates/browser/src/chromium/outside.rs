//! Programs of others that work on what sites have sent: who they are, and what they get of this process.

use std::{ffi::OsStr, io, path::Path, process::Command};

use tokio::process::Child;

use super::{
    account::{RunAs, SystemUser},
    namespace::NetworkNamespace,
};

/// What a program gets of this process's environment: nothing in it may be a secret of ours.
const ENVIRONMENT: [&str; 9] =
    ["PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH"];

/// A program that runs. Dropping it ends it.
pub struct OutsideProgram {
    /// The process, with its pipes.
    pub child: Child,
    _account: Option<SystemUser>,
}

/// A command that gets none of this process's environment but what programs need.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// Starts `program`, to which `complete` gives its arguments and pipes, without our environment, in no folder of ours, as a
/// user who can read nothing of ours where that can be. Where it cannot and nobody was named, it runs as this process does,
/// and the log says so.
///
/// # Errors
/// The system's.
pub fn start_outside(program: &Path, run_as: &RunAs, complete: impl Fn(&mut Command)) -> io::Result<OutsideProgram> {
    // It talks to nobody. Where that cannot be had it still gets nothing but what it is given.
    let namespace = NetworkNamespace::empty().ok();
    let start = |account: Option<SystemUser>| {
        let mut command = command(program);
        complete(&mut command);
        command.current_dir("/");
        if let Some(account) = &account {
            account.apply(&mut command);
        }
        let child = within(namespace.as_ref(), || spawn(command))?;
        Ok(OutsideProgram { child, _account: account })
    };
    match SystemUser::for_program(run_as) {
        None => start(None),
        Some(account) => start(Some(account)).or_else(|error: io::Error| {
            if *run_as != RunAs::Automatic {
                return Err(error);
            }
            tracing::warn!(program = %program.display(), %error, "runs as root: it cannot be run as another user");
            start(None)
        }),
    }
}

/// Does something in the namespace, or where this process is when there is none.
pub(crate) fn within<T: Send>(
    namespace: Option<&NetworkNamespace>,
    work: impl FnOnce() -> io::Result<T> + Send,
) -> io::Result<T> {
    match namespace {
        Some(namespace) => namespace.within(work),
        None => work(),
    }
}

/// Starts a command that was told already who it is.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    let mut command = tokio::process::Command::from(command);
    // What the command holds of pipes closes with it, so that the end of the program is seen as the end of a pipe.
    command.kill_on_drop(true).spawn()
}
