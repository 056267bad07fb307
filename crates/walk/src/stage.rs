//! Which of the recipe room's two walks is under way.

use countersign_model::PasswordSlot;
use std::time::Duration;

use countersign_recipe::{ChangeFlow, Question, SignInFlow, Step};

use crate::PageView;

/// What is walked.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// Signing in with the credential's own browser.
    SignIn(Box<SignInFlow>),
    /// On the way to the form for a new password.
    Change(Box<ChangeFlow>),
    /// Signing in afresh to find out whether a password holds.
    Proof(PasswordSlot, Box<SignInFlow>),
}

impl Stage {
    pub(crate) fn step(&mut self, view: PageView<'_>, waited: Duration) -> Step {
        match self {
            Self::SignIn(run) | Self::Proof(_, run) => run.step_on(view.snapshot, view.page, waited),
            Self::Change(run) => run.step_on(view.snapshot, view.page, waited),
        }
    }

    pub(crate) fn not_carried_out(&mut self) {
        match self {
            Self::SignIn(run) | Self::Proof(_, run) => run.not_carried_out(),
            Self::Change(run) => run.not_carried_out(),
        }
    }

    /// What the page asks that only a person can answer.
    pub(crate) fn asked(&self) -> Option<&str> {
        match self {
            Self::SignIn(run) | Self::Proof(_, run) => run.asked(),
            Self::Change(run) => run.asked(),
        }
    }

    pub(crate) fn take_sent_by_person(&mut self) -> bool {
        match self {
            Self::SignIn(run) | Self::Proof(_, run) => run.take_sent_by_person(),
            Self::Change(_) => false,
        }
    }

    pub(crate) fn take_answered(&mut self) -> Option<Question> {
        match self {
            Self::SignIn(run) | Self::Proof(_, run) => run.take_answered(),
            Self::Change(_) => None,
        }
    }

    /// The password that a step types where it says *password*.
    pub(crate) const fn slot(&self) -> PasswordSlot {
        match self {
            Self::Proof(slot, _) => *slot,
            Self::SignIn(_) | Self::Change(_) => PasswordSlot::Current,
        }
    }

    pub(crate) const fn signs_in(&self) -> bool {
        matches!(self, Self::SignIn(_) | Self::Proof(..))
    }
}
