//! What stands between a hostile page and this machine, and in which order it is tried.

use std::{fmt, sync::Arc};

use super::account::{RunAs, SystemUser};

/// Whether Chromium's own sandbox is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sandbox {
    /// It is.
    On,
    /// It is not, because Chromium refuses it to root.
    OffBecauseRoot,
    /// It is not, because the system lets the user that Chromium runs as make no namespaces, and has no setuid sandbox.
    OffBecauseRefused,
}

/// What Chromium could reach if it went past the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkIsolation {
    /// Nothing: it is in a network namespace with nothing in it but its gates.
    Namespace,
    /// Whatever the machine reaches: its own switches alone send everything through the gate.
    Machine {
        /// Why it has no namespace.
        why: String,
    },
}

/// How one running Chromium is kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// The user that it runs as; `None` is the user of this process.
    pub user: Option<u32>,
    /// Its own sandbox.
    pub sandbox: Sandbox,
    /// The network that it is in.
    pub network: NetworkIsolation,
}

impl Isolation {
    /// Whether it has its sandbox. A network of its own comes on top: only root may make one.
    pub fn is_sandboxed(&self) -> bool {
        self.sandbox == Sandbox::On
    }

    /// Whether the same stands, be it under another number.
    pub fn is_like(&self, other: &Self) -> bool {
        let number = |user: Option<u32>| user.map(|_| 0);
        Self { user: number(self.user), ..self.clone() } == Self { user: number(other.user), ..other.clone() }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.user, self.sandbox) {
            (Some(user), _) => write!(f, "runs as user {user}")?,
            (None, Sandbox::OffBecauseRoot) => f.write_str("runs as root")?,
            (None, _) => f.write_str("runs as the user of this process")?,
        }
        f.write_str(match self.sandbox {
            Sandbox::On => ", sandbox on",
            Sandbox::OffBecauseRoot => ", sandbox off (Chromium refuses it to root)",
            Sandbox::OffBecauseRefused => ", sandbox off (the system lets this user make no namespaces)",
        })?;
        match &self.network {
            NetworkIsolation::Namespace => f.write_str(", in a network with nothing in it but the gate"),
            NetworkIsolation::Machine { why } => {
                write!(f, ", in the machine's network ({why}): its own switches send it to the gate")
            }
        }
    }
}

/// Why Chromium did not come up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaunchFailure {
    /// It ended at once, or the system did not start it.
    Ended,
    /// As before, and it said that it has no sandbox.
    NoSandbox,
    /// It gave no answer: the machine is busy.
    Slow,
}

/// One way to start Chromium.
#[derive(Debug, Clone)]
pub(crate) enum LaunchPlan {
    /// As somebody who can read nothing of ours.
    Apart { account: Arc<SystemUser>, sandbox: Sandbox, only_so: bool },
    /// As the user of this process.
    Plain(Sandbox),
}

impl LaunchPlan {
    /// The best one.
    pub(crate) fn first(run_as: &RunAs) -> Self {
        match SystemUser::for_program(run_as) {
            Some(account) => {
                Self::Apart { account: Arc::new(account), sandbox: Sandbox::On, only_so: *run_as != RunAs::Automatic }
            }
            None => Self::Plain(Sandbox::On),
        }
    }

    /// The next best one. `None`: it does not start, and that is to be said. A machine that is busy is no reason to lower
    /// anything, and who was named is who it runs as.
    pub(crate) fn after(&self, failure: LaunchFailure) -> Option<Self> {
        match (self, failure) {
            (_, LaunchFailure::Slow) | (Self::Plain(_), _) => None,
            (Self::Apart { account, sandbox: Sandbox::On, only_so }, LaunchFailure::NoSandbox) => Some(Self::Apart {
                account: Arc::clone(account),
                sandbox: Sandbox::OffBecauseRefused,
                only_so: *only_so,
            }),
            (Self::Apart { only_so: true, .. }, _) => None,
            (Self::Apart { .. }, _) => Some(Self::Plain(Sandbox::OffBecauseRoot)),
        }
    }

    pub(crate) const fn account(&self) -> Option<&Arc<SystemUser>> {
        match self {
            Self::Apart { account, .. } => Some(account),
            Self::Plain(_) => None,
        }
    }

    pub(crate) const fn sandbox(&self) -> Sandbox {
        match self {
            Self::Apart { sandbox, .. } | Self::Plain(sandbox) => *sandbox,
        }
    }

    pub(crate) fn isolation(&self, network: NetworkIsolation) -> Isolation {
        Isolation { user: self.account().map(|account| account.uid), sandbox: self.sandbox(), network }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is tried in turn, when every try fails like this.
    fn tried(run_as: &RunAs, failures: &[LaunchFailure]) -> Vec<String> {
        let mut plan = Some(LaunchPlan::first(run_as));
        let mut failures = failures.iter();
        let mut tried = Vec::new();
        while let Some(now) = plan {
            let user = now.account().map_or("plain", |_| "apart");
            tried.push(format!("{user} {:?}", now.sandbox()));
            plan = failures.next().and_then(|failure| now.after(*failure));
        }
        tried
    }

    #[test]
    fn as_little_is_given_up_as_can_be() {
        use LaunchFailure::{Ended, NoSandbox, Slow};
        let (on, refused, root) = ("apart On", "apart OffBecauseRefused", "plain OffBecauseRoot");
        let named = RunAs::User { name: "web".to_owned(), uid: 998, gid: 998 };
        let table: [(&RunAs, &[LaunchFailure], &[&str]); 6] = [
            (&named, &[], &[on]),
            (&named, &[Ended], &[on]),
            (&named, &[NoSandbox, Ended], &[on, refused]),
            (&named, &[NoSandbox, NoSandbox], &[on, refused]),
            (&named, &[Slow], &[on]),
            (&named, &[NoSandbox, Slow], &[on, refused]),
        ];
        for (run_as, failures, expected) in table {
            assert_eq!(tried(run_as, failures), expected, "{failures:?}");
        }
        if !rustix::process::geteuid().is_root() {
            assert_eq!(tried(&RunAs::Automatic, &[NoSandbox]), ["plain On"]);
            return;
        }
        let table: [(&[LaunchFailure], &[&str]); 5] = [
            (&[], &[on]),
            (&[Ended, Ended], &[on, root]),
            (&[NoSandbox, Ended, Ended], &[on, refused, root]),
            (&[Slow], &[on]),
            (&[NoSandbox, Slow], &[on, refused]),
        ];
        for (failures, expected) in table {
            assert_eq!(tried(&RunAs::Automatic, failures), expected, "{failures:?}");
        }
    }

    #[test]
    fn what_stands_is_said_in_one_sentence() {
        let said = |user, sandbox, network| Isolation { user, sandbox, network }.to_string();
        let machine = || NetworkIsolation::Machine { why: "not allowed".to_owned() };
        assert_eq!(
            said(Some(65_520), Sandbox::On, NetworkIsolation::Namespace),
            "runs as user 65520, sandbox on, in a network with nothing in it but the gate"
        );
        assert_eq!(
            said(None, Sandbox::On, machine()),
            "runs as the user of this process, sandbox on, in the machine's network (not allowed): its own switches send it to \
             the gate"
        );
        let root = said(None, Sandbox::OffBecauseRoot, machine());
        assert!(
            root.starts_with("runs as root, sandbox off (Chromium refuses it to root), in the machine's"),
            "{root}"
        );
        assert!(said(Some(7), Sandbox::OffBecauseRefused, machine()).contains("sandbox off (the system"));
    }
}
