//! The machine: which event follows which effect, and what is done then.

use std::time::Duration;

use countersign_model::{ChangeKind, ChangeReason, ChangeState, PasswordSlot, SiteAnswer};
use countersign_recipe::{ChangeFlow, Fill, Recognised, SignInSummary, SiteVerdict, Step, TypedValue, gentle};

use crate::{
    Effect, Ending, Event, Note, PageView, Profile, StepDone, Turn, Walk,
    evidence::SignInEvidence,
    say::describe,
    stage::Stage,
    walk::{turn, with},
};

/// After so long without progress it is given up.
const WITHOUT_PROGRESS: Duration = Duration::from_secs(80);
/// A walk that goes in circles is given up however busy it is.
const WHOLE: Duration = Duration::from_secs(5 * 60);
const LOOK_AGAIN: Duration = Duration::from_millis(300);

impl Walk {
    /// The first thing to do.
    pub fn begin(&mut self) -> Turn {
        if self.facts.armed { self.begin_proof(Vec::new()) } else { self.open(Vec::new(), Profile::Own) }
    }

    /// What follows from an event. `now` is how long ago the walk began, by a clock that never goes back.
    pub fn handle(&mut self, event: Event<'_>, now: Duration) -> Turn {
        match event {
            Event::Ready => self.ready(now),
            Event::NoSuchBrowser => self.no_such_browser(),
            Event::Saw(view) if self.parked.is_some() => self.look_while_parked(view, now),
            Event::Saw(view) => self.look(view, now),
            Event::Done(done) => self.done(done, now),
            Event::NotDone(trouble) => self.not_done(trouble, now),
            Event::Stored => self.stored(),
            Event::Compared { own, stranger } => {
                if let Stage::SignIn(run) | Stage::Proof(_, run) = &mut self.stage {
                    run.compared((own.snapshot, own.page), stranger.map(|view| (view.snapshot, view.page)));
                }
                self.acted = now;
                turn(Effect::Look)
            }
            Event::TakenBack { taken, acted } => self.taken_back(taken, acted, now),
            Event::NobodyCame => self.nobody_came(),
            Event::Cancelled if !self.stored => turn(Effect::End(Ending::Cancelled)),
            // Too late: what holds has to be found out.
            Event::Cancelled => turn(Effect::Look),
            Event::Gone { why, missing } => self.gone(&why, missing),
        }
    }

    fn ready(&mut self, now: Duration) -> Turn {
        self.begun = now;
        self.acted = now;
        let address = match &self.stage {
            Stage::SignIn(run) | Stage::Proof(_, run) => run.first_address().to_owned(),
            Stage::Change(_) => self.facts.site.address.clone(),
        };
        self.carry(Vec::new(), Step::Open { address })
    }

    pub(crate) fn carry(&mut self, notes: Vec<Note>, act: Step) -> Turn {
        self.under_way = Some(act.clone());
        // The same sign-in, once more with what was asked for: no further try.
        let goes_on = self.half_sent
            && matches!(&act, Step::Fill(fill) if fill.types(TypedValue::Password) && fill.types(TypedValue::Token));
        let effect = Effect::Step { act, slot: self.stage.slot(), signs_in: self.stage.signs_in() && !goes_on };
        Turn { notes, effect }
    }

    fn look(&mut self, view: PageView<'_>, now: Duration) -> Turn {
        if now.saturating_sub(self.acted) > WITHOUT_PROGRESS || now.saturating_sub(self.begun) > WHOLE {
            return self.gave_up(ChangeReason::TimedOut);
        }
        let act = self.stage.step(view, now.saturating_sub(self.acted));
        let mut notes = self.tell_of_page(view);
        if self.stage.take_sent_by_person() {
            self.count_send();
            notes.push(Note::SentByPerson(self.stage.slot()));
        }
        notes.extend(self.stage.take_answered().map(Note::Answer));
        match act {
            Step::Wait => Turn { notes, effect: Effect::LookAfter(LOOK_AGAIN) },
            Step::Compare { address } => Turn { notes, effect: Effect::Compare { address } },
            Step::Park(challenge) => with(notes, self.park(view, challenge, now)),
            Step::SignedIn(how) => with(notes, self.signed_in(how, now)),
            Step::Submitted(told) => with(notes, self.submitted(told)),
            Step::GiveUp(reason) => with(notes, self.gave_up(reason)),
            Step::Fill(fill) => with(notes, self.fill(fill, view.page)),
            act => self.carry(notes, act),
        }
    }

    fn fill(&mut self, fill: Fill, page: &Recognised) -> Turn {
        if let Some(most) = fill.password_length() {
            self.limit = Some(self.limit.map_or(most, |limit| limit.min(most)));
        }
        if !fill.types(TypedValue::NewPassword) {
            return self.carry(Vec::new(), Step::Fill(fill));
        }
        if self.facts.kind == ChangeKind::Rehearsal {
            let note = self.say("found the change-password form", true);
            return Turn { notes: vec![note], effect: Effect::End(Ending::Passed) };
        }
        if self.stored {
            return self.carry(Vec::new(), Step::Fill(fill));
        }
        let shortest = fill.new_password_length().into_iter().chain(self.limit).min();
        self.under_way = Some(Step::Fill(fill));
        let learnt = self.facts.site.rules_learnt.as_ref();
        let known = match (&page.rules_said, learnt) {
            (Some(said), Some(learnt)) => Some(said.with(learnt)),
            (said, learnt) => said.as_ref().or(learnt).cloned(),
        };
        let rules = known.map(|known| gentle(&known, shortest));
        Turn { notes: vec![Note::Point("form_found")], effect: Effect::Store { max_length: shortest, rules } }
    }

    fn stored(&mut self) -> Turn {
        self.stored = true;
        let notes = vec![Note::Point("candidate_stored")];
        match self.under_way.take() {
            Some(act) => self.carry(notes, act),
            None => Turn { notes, effect: Effect::Look },
        }
    }

    fn done(&mut self, done: StepDone, now: Duration) -> Turn {
        self.stumbles = 0;
        self.trouble = None;
        self.acted = now;
        self.fresh = false;
        let Some(act) = self.under_way.take() else { return turn(Effect::Look) };
        let mut notes = Vec::new();
        let mut text = describe(&act);
        match &act {
            Step::Fill(fill) if fill.types(TypedValue::NewPassword) => {
                self.sent = true;
                if fill.send {
                    notes.push(Note::Point("submitted"));
                    self.state = ChangeState::Submitted;
                }
            }
            Step::Fill(fill) if fill.types(TypedValue::Password) && fill.send => {
                let token = fill.types(TypedValue::Token);
                if !(token && std::mem::take(&mut self.half_sent)) {
                    self.count_send();
                    self.half_sent = !token;
                }
            }
            Step::AnswerWindow { .. } => self.count_send(),
            Step::Fill(fill) if fill.send && !fill.types(TypedValue::Token) => self.bare += 1,
            _ => {}
        }
        if done.sent_itself {
            text = text.replace(" and sent the form", "; the form sent itself");
        }
        if !text.is_empty() {
            notes.push(self.say(&text, false));
        }
        Turn { notes, effect: Effect::Look }
    }

    fn signed_in(&mut self, how: SignInSummary, now: Duration) -> Turn {
        let slot = match &self.stage {
            Stage::Proof(slot, _) => *slot,
            Stage::SignIn(_) | Stage::Change(_) => {
                self.facts.remembered = true;
                let text = if how.with_password { "signed in" } else { "still signed in from before" };
                // Where it goes on, nobody waits to see how the page looks that it goes on from.
                let is_the_end = self.facts.kind == ChangeKind::Heartbeat;
                let mut notes = vec![self.say(text, is_the_end), Note::KeepBrowser, Note::KeepAnswers];
                if how.with_password {
                    notes.push(Note::Taken(PasswordSlot::Current));
                }
                notes.push(Note::Point("signed_in"));
                return with(notes, self.after_sign_in(now));
            }
        };
        if !how.with_password {
            // A page that shows itself without asking for a password proves nothing.
            return self.shown(slot, SignInEvidence::Nothing(ChangeReason::SignInNotShown), Vec::new());
        }
        let notes = vec![
            Note::Point("proven"),
            self.say("signed in with it", true),
            Note::KeepBrowser,
            Note::KeepAnswers,
            Note::Taken(slot),
        ];
        self.shown(slot, SignInEvidence::Holds, notes)
    }

    fn after_sign_in(&mut self, now: Duration) -> Turn {
        if matches!(self.facts.kind, ChangeKind::Heartbeat | ChangeKind::SignIn) {
            return turn(Effect::End(Ending::Passed));
        }
        let run = ChangeFlow::new(self.facts.site.clone(), self.facts.has_token, self.facts.trust);
        self.stage = Stage::Change(Box::new(run));
        self.state = ChangeState::Changing;
        self.begun = now;
        self.acted = now;
        Turn { notes: vec![self.say("looking for the change-password form", false)], effect: Effect::Look }
    }

    fn submitted(&mut self, told: SiteVerdict) -> Turn {
        self.state = ChangeState::Submitted;
        let (text, answer) = match told {
            SiteVerdict::Changed => ("the site says that the password was changed", SiteAnswer::Changed),
            SiteVerdict::Failed(reason) => ("the site says that something went wrong", SiteAnswer::Refused { reason }),
            SiteVerdict::Nothing => ("the site does not say whether the password was changed", SiteAnswer::Nothing),
        };
        self.answer = Some(answer.clone());
        let notes = vec![self.say(text, true), Note::Answered(answer), Note::Point("told")];
        self.begin_proof(notes)
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::Trust;
    use countersign_recipe::{FieldEntry, PageKind, PasswordRules, SiteKnowledge, Target, recognise};
    use countersign_snapshot::{ElementRef, PageSnapshot};

    use super::*;
    use crate::{
        Facts, StepError,
        setbacks::{AFTER_TAKEN_TOKENS, MAX_STUMBLES},
    };
    use countersign_model::Challenge;

    /// A walk that has come to the form for a new password.
    fn at_the_form() -> Walk {
        let site = SiteKnowledge::at("https://example.org/");
        let mut walk = Walk::new(Facts::of(ChangeKind::Change, site.clone()));
        walk.stage = Stage::Change(Box::new(ChangeFlow::new(site, false, Trust::DoNotTrust)));
        walk
    }

    #[test]
    fn promise_10_a_form_that_was_left_to_a_person_is_unsent_only_where_nobody_has_acted() {
        let site = SiteKnowledge::at("https://example.org/");
        let (snapshot, page) = (PageSnapshot::default(), recognise(&PageSnapshot::default(), &site));
        let view = |acted| PageView { snapshot: &snapshot, page: &page, watched: false, acted };
        for (acted, unsent) in [(false, true), (true, false)] {
            let mut walk = at_the_form();
            (walk.stored, walk.sent) = (true, true);
            walk.park(view(false), Challenge::Captcha, Duration::ZERO);
            walk.look_while_parked(view(acted), Duration::from_secs(61));
            assert_eq!(matches!(walk.answer, Some(SiteAnswer::NotSent { .. })), unsent, "{:?}", walk.answer);
        }
    }

    #[test]
    fn where_others_take_each_token_the_change_is_put_off_and_a_proof_stays_in_doubt() {
        let mut walk = at_the_form();
        let turn = walk.not_done(StepError::TokensTaken, Duration::ZERO);
        let put_off = Ending::Postponed(AFTER_TAKEN_TOKENS, ChangeReason::TokensTaken);
        assert_eq!(turn.effect, Effect::End(put_off));
        let mut walk = at_the_form();
        (walk.stored, walk.sent) = (true, true);
        walk.submitted(SiteVerdict::Changed);
        let turn = walk.not_done(StepError::TokensTaken, Duration::ZERO);
        let Effect::End(Ending::InDoubt { reason, retry_after: Some(_) }) = turn.effect else {
            panic!("{:?}", turn.effect)
        };
        assert_eq!(reason, ChangeReason::TokensTaken);
    }

    #[test]
    fn whose_browser_slept_in_vain_ends_with_what_was_asked() {
        let site = SiteKnowledge::at("https://example.org/");
        let (snapshot, page) = (PageSnapshot::default(), recognise(&PageSnapshot::default(), &site));
        let mut walk = at_the_form();
        let view = PageView { snapshot: &snapshot, page: &page, watched: false, acted: false };
        walk.park(view, Challenge::Captcha, Duration::ZERO);
        let turn = walk.handle(Event::NobodyCame, Duration::from_secs(1));
        let reason = ChangeReason::Challenge { challenge: Challenge::Captcha };
        assert_eq!(turn.effect, Effect::End(Ending::Failed(reason)));
    }

    #[test]
    fn a_page_that_froze_while_it_was_typed_into_has_a_reason_of_its_own() {
        let fill = || {
            let into = Target::Line(ElementRef { frame: "F".into(), document: "D".into(), node: 1 });
            let origin = "https://example.org".to_owned();
            let entry = FieldEntry { what: TypedValue::NewPassword, into, origin, max_length: None };
            Fill { page: PageKind::Change, entries: vec![entry], ticks: vec![], send: true, submit: None }
        };
        for (trouble, reason) in [
            (StepError::Frozen, ChangeReason::BrowserFailed),
            (StepError::NotTaken, ChangeReason::NotTyped),
            (StepError::Slipped, ChangeReason::LayoutUnknown),
        ] {
            for stored in [false, true] {
                let mut walk = at_the_form();
                walk.stored = stored;
                let mut tries = 0;
                let last = loop {
                    walk.under_way = Some(Step::Fill(fill()));
                    let turn = walk.not_done(trouble.clone(), Duration::ZERO);
                    tries += 1;
                    assert!(tries <= MAX_STUMBLES + 1, "{trouble:?} goes on for ever");
                    if turn.effect != Effect::Look {
                        break turn.effect;
                    }
                };
                if stored {
                    // Who stops answering while it is typed into may have sent it.
                    let answer = match &trouble {
                        StepError::Frozen => SiteAnswer::Nothing,
                        _ => SiteAnswer::NotSent { reason: reason.clone() },
                    };
                    assert_eq!(walk.answer, Some(answer), "{last:?}");
                } else {
                    assert_eq!(last, Effect::End(Ending::Failed(reason.clone())), "{trouble:?}");
                }
            }
        }
    }

    #[test]
    fn promise_3_what_may_have_been_sent_stays_counted() {
        let site = SiteKnowledge::at("https://example.org/");
        let fill = || {
            let into = Target::Line(ElementRef { frame: "F".into(), document: "D".into(), node: 1 });
            let origin = "https://example.org".to_owned();
            let entry = FieldEntry { what: TypedValue::Password, into, origin, max_length: None };
            Step::Fill(Fill { page: PageKind::SignIn, entries: vec![entry], ticks: vec![], send: true, submit: None })
        };
        let window = || Step::AnswerWindow { origin: "https://example.org".to_owned() };
        for (trouble, counts) in [(StepError::Frozen, true), (StepError::Slipped, false), (StepError::NotTaken, false)]
        {
            for act in [fill(), window()] {
                let mut walk = Walk::new(Facts::of(ChangeKind::Change, site.clone()));
                let before = walk.sends_left(PasswordSlot::Current);
                walk.under_way = Some(act);
                let turn = walk.not_done(trouble.clone(), Duration::ZERO);
                assert_eq!(turn.effect, Effect::Look);
                assert_eq!(before - walk.sends_left(PasswordSlot::Current), u32::from(counts), "{trouble:?}");
                assert_eq!(turn.notes.len(), usize::from(counts), "it is said");
            }
        }
    }

    #[test]
    fn what_the_page_says_of_its_rules_makes_the_password() {
        let said = |max| PasswordRules { max_length: max, ..PasswordRules::default() };
        for (said, most) in [(Some(said(Some(12))), Some(12)), (Some(said(None)), None), (None, None)] {
            let entry = FieldEntry {
                what: TypedValue::NewPassword,
                into: Target::Line(ElementRef { frame: "F".into(), document: "D".into(), node: 1 }),
                origin: "https://example.org".into(),
                max_length: Some(20),
            };
            let fill = Fill { page: PageKind::Change, entries: vec![entry], ticks: vec![], send: true, submit: None };
            let mut page = recognise(&PageSnapshot::default(), &SiteKnowledge::at("https://example.org/"));
            page.rules_said = said.clone();
            let turn = at_the_form().fill(fill, &page);
            let Effect::Store { max_length, rules } = turn.effect else { panic!("{:?}", turn.effect) };
            assert_eq!(max_length, Some(20));
            assert_eq!(rules.is_some(), said.is_some());
            assert_eq!(rules.and_then(|rules| rules.max_length), most);
        }
    }
}
