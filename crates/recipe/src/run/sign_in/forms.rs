//! Forms: what is filled and sent, how often, and what it means that one comes again.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason};
use countersign_snapshot::PageSnapshot;

use super::{CERTAIN, Check, MAX_PASSWORDS, MAX_TOKENS, MAX_UNDONE, SignInFlow};
use crate::{
    FieldRole, Part, Question, Recognised,
    run::{
        fill::{fill, open_question, puzzle_is_open},
        sent::SentForm,
        standing::first_question,
        step::{Fill, Step, TypedValue},
    },
};

/// So promising a link is followed rather than an uncertain form filled.
const PROMISING: f32 = 2.5;

impl SignInFlow {
    pub(super) fn fill(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        let Some(fill) = fill(page, self.has_token, self.trust, &self.site).filter(|_| self.undone < MAX_UNDONE) else {
            return self.park(snapshot, Challenge::Unknown);
        };
        if page.score < CERTAIN {
            // Somebody else's form, perhaps, and the way to ours leads on.
            if self.passwords == 0 && self.explorer.promise(snapshot, &self.site) >= PROMISING {
                return self.look_around(snapshot, waited);
            }
            return self.park(snapshot, Challenge::Unknown);
        }
        let puzzle = page.puzzle && puzzle_is_open(snapshot, page);
        let question = open_question(snapshot, page, &self.site).cloned();
        let open = puzzle || question.is_some();
        let secrets = |part: &&Part| matches!(part.role, FieldRole::CurrentPassword | FieldRole::Token);
        let typed = (page.puzzle || self.left_to_person) && page.parts.iter().filter(secrets).all(|part| part.filled);
        if open && typed {
            // The rest is a person's.
            return self.left_over(puzzle, question);
        }
        if let Some(end) = self.budget(snapshot, &fill) {
            return end;
        }
        if fill.ticks.iter().any(|(_, tick)| *tick) {
            self.trusted = true;
        }
        self.sent = Some(SentForm::of(snapshot, page));
        self.expecting = true;
        let types = (fill.types(TypedValue::Password), fill.types(TypedValue::Token));
        if open {
            self.counted = (0, 0, 0);
            self.half_before = self.half;
            self.left_to_person = true;
            self.left = types;
            self.question = question;
            return Step::Fill(Fill { send: false, ..fill });
        }
        self.left_to_person = false;
        self.count(types);
        Step::Fill(fill)
    }

    /// The form stands filled, and a person has to do the rest.
    fn left_over(&mut self, puzzle: bool, question: Option<Question>) -> Step {
        self.left_to_person = true;
        self.asked = question.as_ref().map(|question| question.label.chars().take(80).collect());
        self.question = question.or_else(|| self.question.take());
        Step::Park(if puzzle { Challenge::Captcha } else { Challenge::Unknown })
    }

    pub(super) fn count(&mut self, (password, token): (bool, bool)) {
        let again = password && token && self.half;
        self.half_before = self.half;
        self.half = password && !token;
        self.counted = (u32::from(password && !again), u32::from(token), u32::from(!password && !token));
        self.passwords += self.counted.0;
        self.tokens += self.counted.1;
        self.names += self.counted.2;
        self.check = Check::None;
        self.reopened = false;
        self.landing = None;
        self.at_landing = false;
        if password || token {
            self.token_last = token;
        }
    }

    /// Each kind of sending has its limit, whatever form it stands in.
    fn budget(&mut self, snapshot: &PageSnapshot, fill: &Fill) -> Option<Step> {
        let (password, token) = (fill.types(TypedValue::Password), fill.types(TypedValue::Token));
        if token && self.tokens >= MAX_TOKENS {
            return Some(Step::GiveUp(ChangeReason::WrongToken));
        }
        if password && self.passwords >= self.most_passwords && !(token && self.half) {
            return Some(Step::GiveUp(self.refused()));
        }
        if !password && !token && self.names >= self.most_names {
            self.asked = first_question(snapshot);
            return Some(Step::Park(Challenge::Unknown));
        }
        None
    }

    /// The site says that name or password is wrong.
    pub(super) const fn refused_by_words(&self) -> ChangeReason {
        if self.password_taken { self.refused() } else { ChangeReason::WrongPassword }
    }

    /// The form comes again and again: which of the secrets was refused? Without a word of the site's, one refusal of a
    /// password says nothing yet.
    pub(super) const fn refused(&self) -> ChangeReason {
        if !self.password_taken && self.lost > 0 {
            ChangeReason::NotSendable
        } else if !self.password_taken && self.passwords < MAX_PASSWORDS {
            ChangeReason::TriesSpent
        } else if !self.password_taken {
            ChangeReason::WrongPassword
        } else if self.tokens > 0 {
            ChangeReason::WrongToken
        } else {
            ChangeReason::SecondFactorNotUnderstood
        }
    }
}
