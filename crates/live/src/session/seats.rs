//! Who looks on, and who of them holds control.

use std::time::Duration;

use countersign_model::Level;
use countersign_vault::{Participant, SessionAction};
use countersign_wire::{ControlAction, RecordingEvent, ServerMessage, SessionInfo, TabInfo, ViewerId, ViewerInfo};

use super::{
    control::ControlDenied,
    event::{Effect, NotRecorded, Then, ToRecord, VaultEffect},
    state::{SessionCore, Viewer},
    typed::TypedAmount,
};

impl SessionCore {
    pub(super) fn joined(&mut self, person: Participant, now: Duration) {
        self.last_seat += 1;
        let seat = self.last_seat;
        let owner = person.person == self.facts.owner;
        let (who, level) = (person.name.clone(), person.level);
        self.effects.push(Effect::Admit { seat, person: person.clone() });
        self.viewers.insert(seat, Viewer { person, typed: TypedAmount::default() });
        self.tell_hello(seat);
        self.tell(seat, ServerMessage::Phase(self.phase.told()));
        if !self.told_tabs.is_empty() {
            self.tell(seat, told_tabs(&self.told_tabs, self.history));
        }
        let has_control = self.control.come(seat, &who, owner, level, now);
        self.note(RecordingEvent::Joined { level, who });
        if has_control {
            self.record(seat, SessionAction::TookControl, Then::Come);
        } else {
            self.seated_first(now);
        }
    }

    /// The rest of what they have to know, once it is clear who holds control.
    fn seated_first(&mut self, now: Duration) {
        self.last_input = now;
        self.tell_people();
        self.tell_clock(now);
        self.effects.push(Effect::Welcome);
    }

    /// Grants are given and taken back while people are here.
    pub(super) fn seated(&mut self, seat: ViewerId, person: Participant) {
        let Some(viewer) = self.viewers.get_mut(&seat) else { return };
        let lowered = person.level < Level::Interact;
        viewer.person = person;
        if lowered && self.control.give(seat) {
            self.let_go_of_buttons();
            self.record(seat, SessionAction::GaveControl, Then::Lowered);
        } else {
            self.seated_again(seat);
        }
    }

    fn seated_again(&mut self, seat: ViewerId) {
        self.apply_downloads();
        self.tell_hello(seat);
        self.tell_people();
    }

    pub(super) fn left(&mut self, seat: ViewerId, now: Duration) {
        let Some(viewer) = self.viewers.remove(&seat) else { return };
        let person = viewer.person;
        self.effects.push(Effect::Dismiss(seat));
        self.note(RecordingEvent::Left { who: person.name.clone() });
        if self.control.leave(seat, &person.name, now) {
            self.let_go_of_buttons();
            self.apply_downloads();
            self.note(RecordingEvent::Control { who: None });
        }
        let record = ToRecord { seat, person, act: SessionAction::Left, then: Then::Nothing };
        self.vault(VaultEffect::Record(Box::new(record)));
        self.tell_people();
    }

    pub(super) fn asks_control(&mut self, seat: ViewerId, level: Level, act: ControlAction) {
        let before = self.control.holder();
        let (changed, recorded) = match act {
            ControlAction::Take => match self.control.take(seat, level) {
                Ok(()) => (before != Some(seat), SessionAction::TookControl),
                Err(ControlDenied::WatchesOnly) => {
                    return self.refuse(seat, "control", "you can only view this session");
                }
                Err(ControlDenied::Held) => {
                    return self.refuse(seat, "control", "somebody else is in control and must release it first");
                }
            },
            ControlAction::Give => (self.control.give(seat), SessionAction::GaveControl),
        };
        if changed {
            self.flush_keys();
            self.let_go_of_buttons();
            self.record(seat, recorded, Then::ControlMoved);
        }
    }

    /// Control has changed hands. Without a record nobody acts in the vault's name.
    fn control_recorded(&mut self, seat: ViewerId, outcome: Result<(), NotRecorded>) {
        if let Err(why) = outcome {
            self.control.give(seat);
            self.refuse_unrecorded(seat, "control", why);
        }
        self.apply_downloads();
        let who = self.holder().map(|(_, person)| person.name.clone());
        self.note(RecordingEvent::Control { who });
    }

    pub(super) fn came_with_control(&mut self, seat: ViewerId, outcome: Result<(), NotRecorded>, now: Duration) {
        self.control_recorded(seat, outcome);
        self.seated_first(now);
    }

    pub(super) fn lost_control(&mut self, seat: ViewerId, outcome: Result<(), NotRecorded>) {
        self.control_recorded(seat, outcome);
        self.seated_again(seat);
    }

    pub(super) fn control_moved(&mut self, seat: ViewerId, outcome: Result<(), NotRecorded>) {
        self.control_recorded(seat, outcome);
        self.tell_people();
    }

    fn tell_hello(&mut self, seat: ViewerId) {
        let Some(person) = self.person(seat) else { return };
        let you = ViewerInfo {
            seat,
            name: person.name.clone(),
            level: person.level,
            extras: person.extras,
            may_end: person.may_end,
            may_freeze: person.may_freeze,
        };
        let session = SessionInfo {
            id: self.facts.id.to_string(),
            credential_name: self.facts.credential_name.clone(),
            change: self.facts.change.map(|change| change.to_string()),
        };
        let size = self.window.map_or([1280, 900], |(size, _)| [size.w, size.h]);
        self.tell(seat, ServerMessage::Hello { session, you, size });
    }
}

pub(super) fn told_tabs(tabs: &[TabInfo], (back, forward): (bool, bool)) -> ServerMessage {
    ServerMessage::Tabs { tabs: tabs.to_vec(), back, forward }
}
