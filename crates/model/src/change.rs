use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// What is done at a credential's site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Replace the password.
    Change,
    /// Go as far as the form for a new password, and type nothing into it.
    Rehearsal,
    /// Sign in, to notice when the site has moved.
    Heartbeat,
    /// Sign in for a session that a person has started.
    SignIn,
}

/// Where a change stands.
///
/// ```text
/// queued → signing in → changing → submitted → verifying → changed
///             ↓  ↑         ↓  ↑        ↓  ↑        ↓  ↑
///                 waiting for a person, in the same browser
/// ```
/// Beside this way: *postponed* (it runs later), *passed* (a rehearsal or heartbeat that went well), *failed* (the
/// password is unchanged), *cancelled*, and *in doubt*: it is not known which password holds, and it is being found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Nobody works on it yet.
    Queued,
    /// Signing in with the current password.
    SigningIn,
    /// On the way to the form for a new password, and filling it.
    Changing,
    /// The new password was sent.
    Submitted,
    /// Proving by a fresh sign-in which password holds.
    Verifying,
    /// The browser is open, and a person has to act in it.
    WaitingForAPerson,
    /// It will run later.
    Postponed,
    /// Which password holds is not known yet; both are kept and will be tried.
    InDoubt,
    /// The new password holds, proven.
    Changed,
    /// The rehearsal or heartbeat went well.
    Passed,
    /// The password is unchanged.
    Failed,
    /// Somebody called it off before anything was changed.
    Cancelled,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Change, Self::Rehearsal, Self::Heartbeat, Self::SignIn];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Rehearsal => "rehearsal",
            Self::Heartbeat => "heartbeat",
            Self::SignIn => "sign_in",
        }
    }
}

impl ChangeState {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Queued,
        Self::SigningIn,
        Self::Changing,
        Self::Submitted,
        Self::Verifying,
        Self::WaitingForAPerson,
        Self::Postponed,
        Self::InDoubt,
        Self::Changed,
        Self::Passed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::SigningIn => "signing_in",
            Self::Changing => "changing",
            Self::Submitted => "submitted",
            Self::Verifying => "verifying",
            Self::WaitingForAPerson => "waiting_for_a_person",
            Self::Postponed => "postponed",
            Self::InDoubt => "in_doubt",
            Self::Changed => "changed",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing follows.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Changed | Self::Passed | Self::Failed | Self::Cancelled)
    }

    /// Whether a change of `kind` may go from here to `next`. `armed`: the new password may have reached the site, so
    /// that "failed" has to be proven and "cancelled" is no longer true.
    pub const fn can_transition_to(self, kind: ChangeKind, next: Self, armed: bool) -> bool {
        use ChangeState::{
            Cancelled, Changed, Changing, Failed, InDoubt, Passed, Postponed, Queued, SigningIn, Submitted, Verifying,
            WaitingForAPerson,
        };
        let change = matches!(kind, ChangeKind::Change);
        if armed && !change {
            return false;
        }
        match (self, next) {
            (Changed | Passed | Failed | Cancelled, _) | (_, Queued) => false,
            // Before the new password may have reached the site, every way out is open.
            (_, Cancelled | Postponed) => !armed,
            (_, Failed) => !armed || matches!(self, Verifying | InDoubt),
            (_, InDoubt) => armed,
            (_, Changed) => armed && matches!(self, Verifying | InDoubt),
            (SigningIn, Passed) => matches!(kind, ChangeKind::Heartbeat | ChangeKind::SignIn),
            (Changing, Passed) => matches!(kind, ChangeKind::Rehearsal),
            (_, Passed) => false,
            (Queued | Postponed | SigningIn | Changing | WaitingForAPerson, SigningIn) => !armed,
            (Submitted | Verifying | InDoubt, SigningIn) => false,
            (SigningIn | Changing | WaitingForAPerson, Changing) => {
                !matches!(kind, ChangeKind::Heartbeat | ChangeKind::SignIn)
            }
            (Changing | WaitingForAPerson, Submitted) => armed,
            (Changing | Submitted | WaitingForAPerson | InDoubt | Verifying, Verifying) => armed,
            (SigningIn | Changing | Submitted | Verifying, WaitingForAPerson) => true,
            (WaitingForAPerson, WaitingForAPerson) => true,
            (Queued | Postponed, Changing | Submitted | Verifying | WaitingForAPerson)
            | (SigningIn, Submitted | Verifying)
            | (Submitted, Changing | Submitted)
            | (Verifying, Changing | Submitted)
            | (InDoubt, Changing | Submitted | WaitingForAPerson) => false,
        }
    }
}

/// Which of a change's two passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordSlot {
    /// The one that is current in the vault.
    Current,
    /// The new one, not verified yet.
    Candidate,
}

/// Who or what asked for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeTrigger {
    /// A person, or a program of theirs.
    Person,
    /// The policy: the password has become old.
    Schedule,
    /// The policy: somebody saw the password.
    AfterReveal,
    /// Somebody had it checked out, and its grant asks for a new password afterwards.
    AfterCheckOut,
    /// The daily look whether the site has moved.
    Heartbeat,
}

impl ChangeTrigger {
    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Schedule => "schedule",
            Self::AfterReveal => "after_reveal",
            Self::AfterCheckOut => "after_check_out",
            Self::Heartbeat => "heartbeat",
        }
    }
}

macro_rules! by_name {
    ($($type:ty: $field:literal of $all:expr;)*) => {$(
        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let all = $all;
                all.into_iter().find(|one| one.name() == text).ok_or_else(|| {
                    let names: Vec<&str> = all.iter().map(|one| one.name()).collect();
                    Invalid { field: $field, problem: format!("is none of {}", names.join(", ")) }
                })
            }
        }
    )*};
}

by_name! {
    ChangeKind: "kind" of Self::ALL;
    ChangeState: "state" of Self::ALL;
    ChangeTrigger: "because" of [Self::Person, Self::Schedule, Self::AfterReveal, Self::AfterCheckOut, Self::Heartbeat];
}

#[cfg(test)]
mod tests {
    use super::{ChangeState as S, *};

    /// All that may follow, as the walk of a change in the design says it.
    const CHANGE: &[(S, &[S], &[S])] = &[
        (S::Queued, &[S::SigningIn, S::Postponed, S::Failed, S::Cancelled], &[S::InDoubt]),
        (S::Postponed, &[S::SigningIn, S::Postponed, S::Failed, S::Cancelled], &[S::InDoubt]),
        (
            S::SigningIn,
            &[S::SigningIn, S::Changing, S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Changing, S::WaitingForAPerson, S::InDoubt],
        ),
        (
            S::Changing,
            &[S::SigningIn, S::Changing, S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Changing, S::Submitted, S::Verifying, S::WaitingForAPerson, S::InDoubt],
        ),
        (
            S::Submitted,
            &[S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Verifying, S::WaitingForAPerson, S::InDoubt],
        ),
        (
            S::Verifying,
            &[S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Verifying, S::WaitingForAPerson, S::Changed, S::Failed, S::InDoubt],
        ),
        (
            S::WaitingForAPerson,
            &[S::SigningIn, S::Changing, S::WaitingForAPerson, S::Postponed, S::Failed, S::Cancelled],
            &[S::Changing, S::Submitted, S::Verifying, S::WaitingForAPerson, S::InDoubt],
        ),
        (S::InDoubt, &[S::Postponed, S::Failed, S::Cancelled], &[S::Verifying, S::Changed, S::Failed, S::InDoubt]),
        (S::Changed, &[], &[]),
        (S::Failed, &[], &[]),
        (S::Cancelled, &[], &[]),
    ];

    #[test]
    fn a_change_goes_only_where_the_design_says() {
        for (from, free, armed) in CHANGE {
            for next in S::ALL {
                for (is_armed, allowed) in [(false, free), (true, armed)] {
                    assert_eq!(
                        from.can_transition_to(ChangeKind::Change, next, is_armed),
                        allowed.contains(&next),
                        "{from:?} → {next:?}, armed: {is_armed}"
                    );
                }
            }
        }
    }

    #[test]
    fn promise_2_what_may_have_changed_is_neither_failed_nor_cancelled_without_proof() {
        for from in [S::Queued, S::Postponed, S::SigningIn, S::Changing, S::Submitted, S::WaitingForAPerson] {
            assert!(!from.can_transition_to(ChangeKind::Change, S::Failed, true), "{from:?}");
        }
        for from in S::ALL {
            assert!(!from.can_transition_to(ChangeKind::Change, S::Cancelled, true), "{from:?}");
            assert!(!from.can_transition_to(ChangeKind::Change, S::Changed, false), "{from:?}");
        }
    }

    #[test]
    fn rehearsals_and_heartbeats_never_reach_the_point_of_no_return() {
        for kind in [ChangeKind::Rehearsal, ChangeKind::Heartbeat, ChangeKind::SignIn] {
            for from in S::ALL {
                for next in [S::Submitted, S::Verifying, S::Changed, S::InDoubt] {
                    assert!(!from.can_transition_to(kind, next, false) && !from.can_transition_to(kind, next, true));
                }
            }
        }
        for kind in [ChangeKind::Heartbeat, ChangeKind::SignIn] {
            assert!(S::SigningIn.can_transition_to(kind, S::Passed, false));
            assert!(!S::SigningIn.can_transition_to(kind, S::Changing, false));
        }
        assert!(S::Changing.can_transition_to(ChangeKind::Rehearsal, S::Passed, false));
        assert!(!S::SigningIn.can_transition_to(ChangeKind::Change, S::Passed, false));
    }

    #[test]
    fn names_read_back() {
        for state in S::ALL {
            assert_eq!(state.name().parse::<S>().unwrap(), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
