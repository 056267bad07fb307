//! One thing happens after the other.

use std::time::Duration;

use countersign_model::SessionEnd;
use countersign_wire::{RecordingEvent, ViewerId};

use super::{
    event::{Effect, Event, NotRecorded, Then},
    state::SessionCore,
};

impl SessionCore {
    /// Takes what has happened, so long after the session began, and gives what is to be done, in its order.
    pub(crate) fn handle(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        match event {
            Event::Joined(person) => self.joined(person, now),
            Event::Seated { seat, person } => self.seated(seat, person),
            Event::Left(seat) => self.left(seat, now),
            Event::Asked { seat, asked } => self.asked(seat, asked, now),
            Event::Step(text) => self.step(text),
            Event::HandedOver { why, offered } => self.handed_over(why, offered),
            Event::TakeBack => self.take_back(now),
            Event::End(why) => self.end_for(why),
            Event::Beat => self.beat(),
            Event::Finish(end) => self.finish(end),
            Event::Browser(event) => self.browser(event),
            Event::Tabs(pages) => self.tabs_changed(&pages),
            Event::Crashed { page, pages } => self.crashed(&page, &pages),
            Event::BrowserGone => self.end_for(SessionEnd::BrowserGone),
            Event::TabsRead { tabs, history } => self.tabs_read(tabs, history),
            Event::Recorded { seat, then, outcome } => self.recorded(seat, then, outcome, now),
            Event::Heard(heard) => self.heard(heard, now),
            Event::EndAllowed { seat, allowed } => self.end_allowed(seat, allowed),
            Event::BrowserTaken { to, taken } => self.browser_taken(to, taken, now),
            Event::PageOpened(page) => self.page_opened(page),
            Event::Selected { seat, text } => self.selected(seat, text),
            Event::UploadTaken { batch, taken } => self.upload_taken(batch, taken),
        }
        std::mem::take(&mut self.effects)
    }

    /// What follows from a record, or from there being none.
    fn recorded(&mut self, seat: ViewerId, then: Then, outcome: Result<(), NotRecorded>, now: Duration) {
        let who = self.person(seat).map(|person| person.name.clone()).unwrap_or_default();
        match then {
            Then::Come => self.came_with_control(seat, outcome, now),
            Then::Lowered => self.lost_control(seat, outcome),
            Then::ControlMoved => self.control_moved(seat, outcome),
            Then::Freeze(on) => self.freeze(seat, on, outcome),
            Then::Done => self.said_done(seat, outcome),
            Then::Open(address) => self.open(seat, address, outcome),
            Then::Paste { text, length, hash } => {
                self.pasted(seat, text, RecordingEvent::Paste { hash, length, who }, outcome);
            }
            Then::Copy { text, length, hash } => {
                self.copied(seat, text, RecordingEvent::Copy { hash, length, who }, outcome);
            }
            Then::Upload { batch, upload } => self.upload_recorded(batch, upload, outcome),
            Then::Nothing => {}
        }
    }
}
