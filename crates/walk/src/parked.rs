//! Waiting for a person. It ends when the page asks for something else than it did, and never because time has passed or the
//! machine has thought again.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason};
use countersign_recipe::Step;

use crate::{
    Effect, Note, PageView, Turn, Walk,
    park::{Asks, Parked},
    stage::Stage,
    walk::{turn, with},
};

impl Walk {
    /// A person has to act.
    pub(crate) fn park(&mut self, view: PageView<'_>, challenge: Challenge, now: Duration) -> Turn {
        if !self.waits && self.has_another_way() {
            return self.questioned(challenge);
        }
        let why = self.why(challenge);
        self.parked =
            Some(Parked { since: now, challenge, why: why.clone(), asks: Some(Asks::of(view)), stuck: false });
        turn(Effect::Park { challenge, why })
    }

    /// The same where a step cannot be carried out by a machine.
    pub(crate) fn park_at(&mut self, challenge: Challenge, why: String, now: Duration) -> Turn {
        if !self.waits && self.has_another_way() {
            return self.questioned(challenge);
        }
        self.parked = Some(Parked { since: now, challenge, why: Some(why.clone()), asks: None, stuck: true });
        turn(Effect::Park { challenge, why: Some(why) })
    }

    /// Whether the password may be sent once more by another browser, and the name by itself where the site wants that, with
    /// one left for the other password.
    fn has_another_way(&self) -> bool {
        self.sends_left(self.stage.slot()) > 0 && self.bare < 2
    }

    fn why(&self, challenge: Challenge) -> Option<String> {
        let question = self.stage.asked().filter(|_| challenge == Challenge::Unknown);
        let question = question.map(|label| format!("It asks for \"{label}\""));
        let again = matches!(self.stage, Stage::Proof(..))
            .then(|| "This is the new sign-in that verifies the password, so the site asks once more".to_owned());
        match (again, question) {
            (Some(again), Some(question)) => Some(format!("{again}. {question}")),
            (again, question) => again.or(question),
        }
    }

    pub(crate) fn look_while_parked(&mut self, view: PageView<'_>, now: Duration) -> Turn {
        let Some(parked) = &mut self.parked else { return turn(Effect::Look) };
        if now.saturating_sub(parked.since) >= self.facts.waits && !view.watched {
            let challenge = parked.challenge;
            // The form stands there as it was left, and nobody was there to send it.
            let untouched = !view.acted && parked.asks.as_ref() == Some(&Asks::of(view));
            self.sent &= !untouched;
            return self.gave_up(ChangeReason::Challenge { challenge });
        }
        let asks = Asks::of(view);
        let before = parked.asks.get_or_insert_with(|| asks.clone());
        let stay = Effect::Park { challenge: parked.challenge, why: parked.why.clone() };
        if parked.stuck {
            return turn(if before.is_same_form(&asks) { stay } else { Effect::TakeBack });
        }
        // Looked at by a copy: the walk itself goes on only once the page is in its hand again.
        let mut copy = self.stage.clone();
        let act = copy.step(view, now.saturating_sub(self.acted));
        let notes: Vec<Note> = copy.take_answered().map(Note::Answer).into_iter().collect();
        match act {
            Step::Park(challenge) if challenge != parked.challenge => {
                let why = self.why(challenge);
                if let Some(parked) = &mut self.parked {
                    *parked = Parked { challenge, why: why.clone(), asks: Some(asks), ..*parked };
                }
                Turn { notes, effect: Effect::Park { challenge, why } }
            }
            Step::Park(_) | Step::Wait => Turn { notes, effect: stay },
            _ if *before == asks => Turn { notes, effect: stay },
            _ => Turn { notes, effect: Effect::TakeBack },
        }
    }

    pub(crate) fn nobody_came(&mut self) -> Turn {
        match &self.parked {
            Some(parked) => self.gave_up(ChangeReason::Challenge { challenge: parked.challenge }),
            None => turn(Effect::Look),
        }
    }

    pub(crate) fn taken_back(&mut self, taken: bool, acted: bool, now: Duration) -> Turn {
        let Some(parked) = &self.parked else { return turn(Effect::Look) };
        if !taken {
            return turn(Effect::Park { challenge: parked.challenge, why: parked.why.clone() });
        }
        // Waiting for people is no time of the walk's own.
        self.begun += now.saturating_sub(parked.since);
        self.acted = now;
        self.parked = None;
        let text = if acted { "a person has acted; going on" } else { "the page has changed; going on" };
        let note = self.say(text, false);
        with(vec![note], turn(Effect::Look))
    }
}
