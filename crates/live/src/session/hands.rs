//! How the browser goes from hand to hand: the machine's, a person's, nobody's.

use std::time::Duration;

use countersign_model::SessionEnd;
use countersign_vault::SessionAction;
use countersign_wire::{RecordingEvent, ViewerId};

use super::{
    event::{Effect, Handover, NotRecorded, Offered, PageEffect, TakenBrowser, Then},
    phase::{InHand, Phase},
    state::SessionCore,
    tabs::Tabs,
};

/// A person who has not moved for so long, and holds no button, has finished with what they did.
const AT_REST: Duration = Duration::from_millis(1_200);
const GOES_ON: &str = "Countersign continues";

impl SessionCore {
    pub(super) fn step(&mut self, text: String) {
        if matches!(self.phase, Phase::Machine(_)) {
            self.set_phase(Phase::Machine(text));
        }
    }

    pub(super) fn handed_over(&mut self, why: Handover, offered: Offered) {
        let to = match why {
            Handover::SignedIn => {
                self.signed_in = true;
                InHand::Live
            }
            Handover::Challenge { challenge, why } => {
                let said_done = std::mem::take(&mut self.done);
                let again = said_done && matches!(self.phase, Phase::Person(InHand::Waiting { .. }));
                InHand::Waiting { challenge, why, again }
            }
        };
        match offered {
            Offered::New => self.effects.push(Effect::TakeBrowser(to)),
            Offered::Same { casts, page } => {
                if !casts && !self.phase.is_frozen() {
                    self.show(page);
                }
                self.give_to_person(to);
            }
        }
    }

    pub(super) fn browser_taken(&mut self, to: InHand, taken: Result<TakenBrowser, SessionEnd>, now: Duration) {
        let taken = match taken {
            Ok(taken) => taken,
            Err(end) => {
                self.end = Some(end);
                return;
            }
        };
        self.apply_downloads();
        self.effects.push(Effect::BeginRecording);
        self.tabs = Tabs::of(&taken.pages);
        self.tabs.opened(&taken.page);
        self.show(taken.page);
        self.set_acted(false);
        self.last_input = now;
        self.give_to_person(to);
    }

    fn give_to_person(&mut self, to: InHand) {
        match &mut self.phase {
            // Somebody keeps it frozen; it goes on like this afterwards.
            Phase::Frozen { after, .. } => *after = to,
            _ => self.set_phase(Phase::Person(to)),
        }
    }

    pub(super) fn set_acted(&mut self, acted: bool) {
        if self.acted != acted {
            self.acted = acted;
            self.effects.push(Effect::Acted(acted));
        }
    }

    /// The machine goes on only where no person is in the middle of something.
    pub(super) fn take_back(&mut self, now: Duration) {
        let acts = self.control.holder().is_some() && !self.done;
        let busy = acts && (self.pointer.holds_any() || now.saturating_sub(self.last_input) < AT_REST);
        let taken = !self.phase.is_frozen() && !busy;
        if taken {
            self.done = false;
            self.page(PageEffect::Hide);
            self.page(PageEffect::LetGo);
            self.tabs = Tabs::default();
            self.set_phase(Phase::Machine(GOES_ON.to_owned()));
            self.note(RecordingEvent::Frozen { who: None, why: GOES_ON.to_owned() });
        }
        self.effects.push(Effect::TakenBack(taken));
    }

    /// Somebody wishes to stop everything, or to let it go on.
    pub(super) fn asks_freeze(&mut self, seat: ViewerId, on: bool) {
        if on == self.phase.is_frozen() || !self.phase.has_browser() {
            return;
        }
        let act = if on { SessionAction::Froze } else { SessionAction::Thawed };
        self.record(seat, act, Then::Freeze(on));
    }

    pub(super) fn freeze(&mut self, seat: ViewerId, on: bool, outcome: Result<(), NotRecorded>) {
        let Some(by) = self.person(seat).map(|person| person.name.clone()) else { return };
        if let Err(why) = outcome {
            // Stopping is always possible for who may; showing again is not without its record.
            if !on || why != NotRecorded::Unavailable {
                return self.refuse_unrecorded(seat, "freeze", why);
            }
        }
        match &self.phase {
            Phase::Person(after) if on => {
                let after = after.clone();
                self.page(PageEffect::Hide);
                self.note(RecordingEvent::Frozen { who: Some(by.clone()), why: "stopped".to_owned() });
                self.set_phase(Phase::Frozen { by, after });
            }
            Phase::Frozen { after, .. } if !on => {
                let after = after.clone();
                self.note(RecordingEvent::Thawed { who: by });
                if let Some(page) = self.tabs.shown.clone() {
                    self.show(page);
                }
                self.set_phase(Phase::Person(after));
            }
            _ => {}
        }
    }
}
