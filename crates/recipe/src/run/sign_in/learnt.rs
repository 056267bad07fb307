//! Beginning where the sign-in page was found another time, and anew where that is no longer so.

use countersign_model::{Challenge, ChangeReason};

use super::SignInFlow;
use crate::run::{
    explore::{Explorer, Goal},
    step::Step,
    unloaded::Unloaded,
};

impl SignInFlow {
    /// Begins at an address that was learnt. Where that shows neither a way to sign in nor somebody who is in, it begins anew as
    /// if nothing had been learnt.
    #[must_use]
    pub fn beginning_at(mut self, learnt: Option<String>) -> Self {
        self.learnt = learnt.filter(|learnt| learnt != self.usual_address());
        self
    }

    pub(super) fn usual_address(&self) -> &str {
        self.site.sign_in.as_deref().unwrap_or(&self.site.address)
    }

    /// What is done on the first pages of a walk that begins where something was learnt: where that leads nowhere, the address is
    /// stale, and says nothing of the site.
    pub(super) fn at_what_was_learnt(&mut self, act: Step) -> Step {
        match act {
            Step::Wait | Step::Dismiss { .. } => return act,
            Step::Fill(_)
            | Step::SignedIn(_)
            | Step::AnswerWindow { .. }
            | Step::Answer { .. }
            | Step::GiveUp(ChangeReason::AccountLocked | ChangeReason::RateLimited) => self.learnt = None,
            Step::Park(challenge) if challenge != Challenge::Unknown => self.learnt = None,
            _ => {
                self.learnt = None;
                self.retries = 0;
                self.asked = None;
                self.expecting = false;
                self.explorer = Explorer::new(Goal::SignIn);
                self.unloaded = Unloaded::new();
                return Step::Open { address: self.usual_address().to_owned() };
            }
        }
        act
    }
}
