//! Doing what viewers ask for, where they may.

use std::time::Duration;

use countersign_browser::Input;
use countersign_model::SessionEnd;
use countersign_snapshot::Size;
use countersign_vault::{Participant, SessionAction};
use countersign_wire::{
    ClientMessage, KeyClass, LONGEST_PASTE, NavigateAction, RecordingEvent, ServerMessage, TabAction, TabEvent,
    ViewerId,
};

use super::{
    event::{NotRecorded, PageEffect, PageSilent, Then, VaultEffect},
    keys::class_of,
    pointer::input_of,
    state::SessionCore,
};

const SMALLEST: Size = Size { w: 320, h: 240 };
const LARGEST: Size = Size { w: 2_560, h: 1_600 };
const NO_END: &str = "you don't have access to end this session";

impl SessionCore {
    pub(super) fn asked(&mut self, seat: ViewerId, asked: ClientMessage, now: Duration) {
        let Some(person) = self.person(seat).cloned() else { return };
        match asked {
            ClientMessage::Seen { .. } => {}
            ClientMessage::Ping { n } => self.tell(seat, ServerMessage::Pong { n }),
            ClientMessage::End {} if person.may_end => {
                self.vault(VaultEffect::EndBy { seat, person: Box::new(person) });
            }
            ClientMessage::End {} => self.refuse(seat, "end", NO_END),
            ClientMessage::Freeze { on } if person.may_freeze => self.asks_freeze(seat, on),
            ClientMessage::Freeze { .. } => self.refuse(seat, "freeze", "you don't have access to freeze this session"),
            ClientMessage::Control { act } => self.asks_control(seat, person.level, act),
            other if !self.control.holds(seat) => {
                if !matches!(other, ClientMessage::Move { .. } | ClientMessage::Size { .. } | ClientMessage::Up { .. })
                {
                    self.refuse(seat, "control", "take control first");
                }
            }
            ClientMessage::Size { w, h, dpr } => self.resize(Size { w, h }, dpr),
            other if !self.phase.takes_input() => {
                if matches!(
                    other,
                    ClientMessage::Down { .. } | ClientMessage::Paste { .. } | ClientMessage::Text { .. }
                ) {
                    self.refuse(seat, "frozen", "nothing is sent to the page at the moment");
                }
            }
            other => self.used(seat, &person, other, now),
        }
    }

    /// The vault has written down who it was; where it could not, the end is written without: a session can always be ended.
    pub(super) fn end_allowed(&mut self, seat: ViewerId, allowed: bool) {
        if !allowed {
            return self.refuse(seat, "end", NO_END);
        }
        let own = self.person(seat).is_some_and(|person| person.person == self.facts.owner);
        self.end_for(if own { SessionEnd::Person } else { SessionEnd::Administrator });
    }

    /// What only the holder of control does, while the browser is in a person's hand.
    fn used(&mut self, seat: ViewerId, person: &Participant, asked: ClientMessage, now: Duration) {
        self.last_input = now;
        self.set_acted(true);
        match asked {
            ClientMessage::Text { text } if self.is_pasted(seat, &text, now) => self.paste(seat, person, text),
            ClientMessage::Paste { text } => self.paste(seat, person, text),
            ClientMessage::Copy { .. } if !person.extras.copy => {
                self.refuse(seat, "copy", "you don't have access to copy from here");
            }
            ClientMessage::Copy { cut } => self.page(PageEffect::Select { seat, cut }),
            ClientMessage::Tab { id, act } => self.tab(id, act),
            ClientMessage::Go { act, address } => self.go(seat, person, act, address),
            ClientMessage::Dialog { id, accept, text } => {
                self.page(PageEffect::AnswerDialog { id, accept, text });
                self.note(RecordingEvent::Dialog { accepted: accept, who: person.name.clone() });
            }
            ClientMessage::Select { id, index } => self.page(PageEffect::ChooseOption { id, index }),
            ClientMessage::Files { id, files } => self.give_files(seat, person, id, files),
            ClientMessage::Done {} => self.record(seat, SessionAction::Done, Then::Done),
            other => self.pass_on(person, &other, now),
        }
    }

    pub(super) fn said_done(&mut self, seat: ViewerId, outcome: Result<(), NotRecorded>) {
        self.done = outcome.is_ok();
        if let Err(why) = outcome {
            self.refuse_unrecorded(seat, "done", why);
        }
    }

    /// Input, in its order and without waiting.
    fn pass_on(&mut self, person: &Participant, asked: &ClientMessage, now: Duration) {
        let Some(input) = input_of(asked) else { return };
        self.pointer.follow(asked);
        match asked {
            ClientMessage::Down { x, y, .. } => {
                self.flush_keys();
                self.page(PageEffect::NameClick { who: person.name.clone(), x: *x, y: *y });
            }
            ClientMessage::Key { down: true, key, mods, text, .. } => {
                self.count_keys(person, class_of(key, *mods, text.is_some()), 1, now);
            }
            ClientMessage::Text { text } => {
                let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                self.count_keys(person, KeyClass::Text, count, now);
            }
            _ => {}
        }
        self.page(PageEffect::Input(input));
    }

    fn count_keys(&mut self, person: &Participant, class: KeyClass, count: u32, now: Duration) {
        if let Some(before) = self.keys.count(&person.name, class, self.secret_field, count, now) {
            self.note(before);
        }
    }

    fn resize(&mut self, size: Size, density: f64) {
        let size = Size { w: size.w.clamp(SMALLEST.w, LARGEST.w), h: size.h.clamp(SMALLEST.h, LARGEST.h) };
        let window = (size, density.clamp(1.0, 2.0));
        if self.window == Some(window) {
            return;
        }
        self.window = Some(window);
        if self.phase.takes_input() {
            self.page(PageEffect::SetSize(window));
        }
    }

    fn tab(&mut self, number: u32, act: TabAction) {
        let Some(page) = self.tabs.page(number).map(str::to_owned) else { return };
        match act {
            TabAction::Show => {
                self.note(RecordingEvent::Tab { act: TabEvent::Shown, tab: number });
                self.show(page);
            }
            TabAction::Close => self.page(PageEffect::Close(page)),
        }
    }

    fn go(&mut self, seat: ViewerId, person: &Participant, act: NavigateAction, address: Option<String>) {
        if act != NavigateAction::Open {
            return self.page(PageEffect::Go { act, address: None });
        }
        if !person.extras.address {
            return self.refuse(seat, "address", "you don't have access to open other URLs");
        }
        let Some((origin, address)) = address.and_then(|address| Some((origin_of(&address)?, address))) else {
            return self.refuse(seat, "address", "a URL begins with https:// and a host");
        };
        if !(self.facts.may_open)(&origin) {
            self.note(RecordingEvent::Blocked { origin: origin.clone() });
            return self.tell(seat, ServerMessage::Blocked { origin });
        }
        self.record(seat, SessionAction::AddressOpened { origin }, Then::Open(address));
    }

    pub(super) fn open(&mut self, seat: ViewerId, address: String, outcome: Result<(), NotRecorded>) {
        match outcome {
            Ok(()) => self.page(PageEffect::Go { act: NavigateAction::Open, address: Some(address) }),
            Err(why) => self.refuse_unrecorded(seat, "address", why),
        }
    }

    fn is_pasted(&mut self, seat: ViewerId, text: &str, now: Duration) -> bool {
        self.viewers.get_mut(&seat).is_none_or(|viewer| viewer.typed.is_pasted(text.chars().count(), now))
    }

    fn paste(&mut self, seat: ViewerId, person: &Participant, text: String) {
        if !person.extras.paste {
            return self.refuse(seat, "paste", "you don't have access to paste here");
        }
        if text.is_empty() || text.len() > LONGEST_PASTE {
            return;
        }
        let (length, hash) = (text.chars().count() as u64, (self.facts.hash)(text.as_bytes()));
        let act = SessionAction::ClipboardIn { length, hash: hash.clone() };
        self.record(seat, act, Then::Paste { text, length, hash });
    }

    pub(super) fn pasted(
        &mut self,
        seat: ViewerId,
        text: String,
        event: RecordingEvent,
        outcome: Result<(), NotRecorded>,
    ) {
        if let Err(why) = outcome {
            return self.refuse_unrecorded(seat, "paste", why);
        }
        self.flush_keys();
        self.note(event);
        self.page(PageEffect::Input(Input::Text(text)));
    }

    pub(super) fn selected(&mut self, seat: ViewerId, text: Result<Option<String>, PageSilent>) {
        let text = match text {
            Ok(Some(text)) if !text.is_empty() => text,
            Ok(Some(_)) => return,
            Ok(None) => return self.refuse(seat, "copy", "the selection contains a secret"),
            Err(PageSilent) => return self.refuse(seat, "copy", "the page does not respond"),
        };
        if text.len() > LONGEST_PASTE {
            return self.refuse(seat, "copy", "the limit is 64 KiB at once");
        }
        let (length, hash) = (text.chars().count() as u64, (self.facts.hash)(text.as_bytes()));
        let act = SessionAction::ClipboardOut { length, hash: hash.clone() };
        self.record(seat, act, Then::Copy { text, length, hash });
    }

    pub(super) fn copied(
        &mut self,
        seat: ViewerId,
        text: String,
        event: RecordingEvent,
        outcome: Result<(), NotRecorded>,
    ) {
        if let Err(why) = outcome {
            return self.refuse_unrecorded(seat, "copy", why);
        }
        self.note(event);
        self.tell(seat, ServerMessage::Copied { text });
    }
}

fn origin_of(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str()?;
    Some(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_have_an_origin_that_may_be_opened() {
        for address in
            ["file:///etc/passwd", "chrome://settings", "view-source:https://a.example/", "javascript:1", "a"]
        {
            assert_eq!(origin_of(address), None, "{address}");
        }
        assert_eq!(origin_of("https://a.example:8443/b?c"), Some("https://a.example:8443".to_owned()));
    }
}
