//! What goes wrong, and what is done then: steps that were not carried out, a stage that cannot go on, a browser that is gone.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason, ChangeState, PasswordSlot, SiteAnswer};
use countersign_recipe::{Fill, Step, TypedValue};

use crate::{
    Effect, Ending, Note, Profile, StepError, Turn, Walk,
    evidence::SignInEvidence,
    stage::Stage,
    walk::{first_page, turn, with},
};

/// A browser that goes away is replaced, and the sign-in begins again, so often.
const MAX_BROWSERS: u32 = 3;
/// When a site asks for patience.
const AFTER_RATE_LIMIT: Duration = Duration::from_secs(60 * 60);
const KEYPAD: &str = "A field of the form takes no typing, such as one with a keypad drawn beside it";
const ASLEEP: &str = "The button that sends the form stays disabled, so something that the form asks is missing";

/// So many steps in a row that could not be carried out.
pub(crate) const MAX_STUMBLES: u32 = 8;
/// When others take each token.
pub(crate) const AFTER_TAKEN_TOKENS: Duration = Duration::from_secs(5 * 60);

impl Walk {
    pub(crate) fn not_done(&mut self, trouble: StepError, now: Duration) -> Turn {
        let act = self.under_way.take();
        let first = std::mem::replace(&mut self.fresh, false);
        match &trouble {
            StepError::WrongOrigin { found } => return self.gave_up(ChangeReason::LeftSite { origin: found.clone() }),
            StepError::TriesSpent => return self.gave_up(ChangeReason::TriesSpent),
            StepError::TokensTaken => return self.gave_up(ChangeReason::TokensTaken),
            StepError::NoPassword { why } => return self.gave_up(ChangeReason::PasswordRejected { rule: why.clone() }),
            StepError::Refused { why } if first => {
                let note = self.say(why, false);
                return with(vec![note], self.gave_up(ChangeReason::SiteUnavailable));
            }
            _ => {}
        }
        if matches!(trouble, StepError::Frozen)
            && let Some(note) = act.as_ref().and_then(|act| self.may_have_sent(act))
        {
            let turn = self.stumble(trouble);
            return with(vec![note], turn);
        }
        self.stage.not_carried_out();
        if let Some(Step::Fill(fill)) = act {
            self.learn_limit(&fill, &trouble);
            match trouble {
                StepError::TakesNoTyping => return self.park_at(Challenge::Unknown, KEYPAD.to_owned(), now),
                StepError::ButtonAsleep if !self.stored => {
                    return self.park_at(Challenge::Unknown, ASLEEP.to_owned(), now);
                }
                StepError::ButtonAsleep => return self.gave_up(ChangeReason::NotSendable),
                StepError::CutShort { .. } => return self.gave_up(ChangeReason::NotTyped),
                _ => {}
            }
        }
        self.stumble(trouble)
    }

    fn stumble(&mut self, trouble: StepError) -> Turn {
        self.stumbles += 1;
        self.trouble = Some(trouble);
        if self.stumbles > MAX_STUMBLES { self.stumbled() } else { turn(Effect::Look) }
    }

    /// A page that stops answering while a password is typed may have sent it by itself. So it counts as sent, and nothing of
    /// it is taken back.
    fn may_have_sent(&mut self, act: &Step) -> Option<Note> {
        match act {
            Step::Fill(fill) if fill.types(TypedValue::NewPassword) => self.sent = true,
            Step::Fill(fill) if fill.types(TypedValue::Password) => self.count_send(),
            Step::AnswerWindow { .. } => self.count_send(),
            _ => return None,
        }
        Some(self.say("the page stopped answering while a password was typed, so it may have been sent", false))
    }

    pub(crate) fn stumbled(&mut self) -> Turn {
        let reason = match self.trouble {
            Some(StepError::NotTaken) => ChangeReason::NotTyped,
            Some(StepError::Frozen) => ChangeReason::BrowserFailed,
            _ => ChangeReason::LayoutUnknown,
        };
        self.gave_up(reason)
    }

    /// A line that has cut a password short says how long one may be.
    fn learn_limit(&mut self, fill: &Fill, trouble: &StepError) {
        if let StepError::CutShort { kept } = trouble
            && fill.types(TypedValue::Password)
        {
            self.limit = Some(self.limit.map_or(*kept, |limit| limit.min(*kept)));
        }
    }

    /// The stage cannot go on.
    pub(crate) fn gave_up(&mut self, reason: ChangeReason) -> Turn {
        self.parked = None;
        if let Stage::Proof(slot, _) = &self.stage {
            let slot = *slot;
            return self.proof_gave_up(slot, reason);
        }
        if !self.stored {
            let note = self.say("gave up", true);
            let ending = match reason {
                ChangeReason::RateLimited => Ending::Postponed(AFTER_RATE_LIMIT, ChangeReason::RateLimited),
                ChangeReason::TokensTaken => Ending::Postponed(AFTER_TAKEN_TOKENS, ChangeReason::TokensTaken),
                reason => Ending::Failed(reason),
            };
            return Turn { notes: vec![note], effect: Effect::End(ending) };
        }
        let answer = match reason {
            reason if !self.sent => SiteAnswer::NotSent { reason },
            reason @ (ChangeReason::PasswordRejected { .. } | ChangeReason::WrongPassword) => {
                SiteAnswer::Refused { reason }
            }
            _ => SiteAnswer::Nothing,
        };
        self.answer = Some(answer.clone());
        let text = match &answer {
            SiteAnswer::NotSent { .. } => "the new password was not sent",
            SiteAnswer::Refused { .. } => "the site refuses the new password",
            SiteAnswer::Changed | SiteAnswer::Nothing => "gave up; finding out which password works",
        };
        let notes = vec![self.say(text, true), Note::Answered(answer)];
        self.begin_proof(notes)
    }

    pub(crate) fn gone(&mut self, why: &str, missing: bool) -> Turn {
        self.parked = None;
        self.browsers += 1;
        let reason = if missing { ChangeReason::BrowserMissing } else { ChangeReason::BrowserFailed };
        let again = !missing && self.browsers < MAX_BROWSERS;
        match &self.stage {
            Stage::Proof(slot, _) => {
                let slot = *slot;
                if again {
                    let note = self.say(&format!("starting this sign-in again: {why}"), false);
                    return self.sign_in_afresh(vec![note], slot, self.profile);
                }
                let note = self.say(why, false);
                self.shown(slot, SignInEvidence::Nothing(reason), vec![note])
            }
            Stage::SignIn(_) | Stage::Change(_) if self.stored => {
                let note = self.say("the browser stopped working after the new password was stored", false);
                self.begin_proof(vec![note])
            }
            Stage::SignIn(_) | Stage::Change(_) if again => {
                self.state = ChangeState::SigningIn;
                let note = self.say(&format!("starting again: {why}"), false);
                let begins_at = first_page(&self.facts);
                let run = self.sign_in_run(PasswordSlot::Current).beginning_at(begins_at);
                self.stage = Stage::SignIn(Box::new(run));
                self.open(vec![note], Profile::Own)
            }
            Stage::SignIn(_) | Stage::Change(_) => {
                let note = self.say(why, false);
                Turn { notes: vec![note], effect: Effect::End(Ending::Failed(reason)) }
            }
        }
    }
}
