//! Doing what viewers ask for, where they may.

use std::time::Duration;

use countersign_browser::{Input, MouseButton, Page};
use countersign_model::SessionEnd;
use countersign_snapshot::Size;
use countersign_vault::{Error as VaultError, Participant, SessionAction};
use countersign_wire::{
    ClientMessage, ControlAction, KeyClass, LONGEST_PASTE, NavigateAction, PhaseName, RecordingEvent, ServerMessage,
    TabAction, TabEvent, UploadedFile, ViewerId,
};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::{control::ControlDenied, pages::within, session::SessionTask};

const SMALLEST: Size = Size { w: 320, h: 240 };
const LARGEST: Size = Size { w: 2_560, h: 1_600 };
/// Keys of one kind that follow one another are one event.
const KEYS_TOGETHER: Duration = Duration::from_secs(3);
/// What is not recorded is not done.
pub(crate) const NOT_RECORDED: &str = "this cannot be recorded at the moment, and nothing goes unrecorded: try again";
const TAKEN_BACK: &str = "you no longer have access to this";
const TO_OPEN: Duration = Duration::from_secs(20);

/// Keys that are gathered for the list of events: their kinds and their number, never which.
#[derive(Default)]
pub(crate) struct KeyTally {
    class: KeyClass,
    count: u32,
    secret: bool,
    who: String,
    since: Option<Instant>,
}

impl SessionTask {
    pub(crate) async fn asked(&mut self, seat: ViewerId, asked: ClientMessage) {
        let Some(person) = self.viewers.get(&seat).map(|viewer| viewer.person.clone()) else { return };
        match asked {
            ClientMessage::Seen { .. } => {}
            ClientMessage::Ping { n } => self.tell(seat, ServerMessage::Pong { n }),
            ClientMessage::End {} if person.may_end => self.end_by(seat, &person).await,
            ClientMessage::End {} => self.refuse(seat, "end", "you don't have access to end this session"),
            ClientMessage::Freeze { on } if person.may_freeze => self.freeze(seat, &person, on).await,
            ClientMessage::Freeze { .. } => self.refuse(seat, "freeze", "you don't have access to freeze this session"),
            ClientMessage::Control { act } => self.control(seat, &person, act).await,
            other if !self.control.holds(seat) => {
                if !matches!(other, ClientMessage::Move { .. } | ClientMessage::Size { .. } | ClientMessage::Up { .. })
                {
                    self.refuse(seat, "control", "take control first");
                }
            }
            ClientMessage::Size { w, h, dpr } => self.resize(Size { w, h }, dpr).await,
            other if !matches!(self.phase.phase, PhaseName::Live | PhaseName::Waiting) => {
                if matches!(
                    other,
                    ClientMessage::Down { .. } | ClientMessage::Paste { .. } | ClientMessage::Text { .. }
                ) {
                    self.refuse(seat, "frozen", "nothing is sent to the page at the moment");
                }
            }
            other => self.used(seat, &person, other).await,
        }
    }

    /// The vault writes down who it was. Where it cannot, the end is written without: a session can always be ended.
    async fn end_by(&mut self, seat: ViewerId, person: &Participant) {
        match self.vault.end_session(&person.actor, self.run.id).await {
            Ok(_) | Err(VaultError::SessionEnded) => {}
            Err(VaultError::Denied(_) | VaultError::NotFound(_) | VaultError::NotSignedIn) => {
                return self.refuse(seat, "end", "you don't have access to end this session");
            }
            Err(error) => tracing::warn!(%error, "who ended a session was not recorded"),
        }
        let own = person.person == self.run.owner;
        self.end = self.end.or(Some(if own { SessionEnd::Person } else { SessionEnd::Administrator }));
    }

    /// What only the holder of control does, while the browser is in a person's hand.
    async fn used(&mut self, seat: ViewerId, person: &Participant, asked: ClientMessage) {
        let Some(page) = self.view.as_ref().and_then(|view| view.page.clone()) else { return };
        self.last_input = Instant::now();
        self.acted.store(true, std::sync::atomic::Ordering::Relaxed);
        match asked {
            ClientMessage::Text { text } if self.is_pasted(seat, &text) => self.paste(seat, person, &page, text).await,
            ClientMessage::Paste { text } => self.paste(seat, person, &page, text).await,
            ClientMessage::Copy { cut } => self.copy(seat, person, &page, cut).await,
            ClientMessage::Tab { id, act } => self.tab(id, act).await,
            ClientMessage::Go { act, address } => self.go(seat, person, &page, act, address).await,
            ClientMessage::Dialog { id, accept, text } => {
                page.answer_dialog(id, accept, text.as_deref());
                self.recorder.note(RecordingEvent::Dialog { accepted: accept, who: person.name.clone() });
            }
            ClientMessage::Select { id, index } => {
                let page = page.clone();
                tokio::spawn(async move { page.choose_option(id, index).await });
            }
            ClientMessage::Files { id, files } => self.give_files(seat, person, &page, id, &files).await,
            ClientMessage::Done {} => {
                self.done = self.may(seat, person, "done", SessionAction::Done).await;
            }
            other => self.pass_on(person, &page, &other),
        }
    }

    /// Input, in its order and without waiting.
    fn pass_on(&mut self, person: &Participant, page: &Page, asked: &ClientMessage) {
        let Some(input) = input_of(asked) else { return };
        match asked {
            ClientMessage::Down { x, y, button, .. } => {
                self.flush_keys();
                self.buttons |= 1 << button;
                self.pointer = (*x, *y);
                self.name_click(person, page, *x, *y);
            }
            ClientMessage::Up { button, .. } => self.buttons &= !(1 << button),
            ClientMessage::Move { x, y, .. } => self.pointer = (*x, *y),
            ClientMessage::Key { down: true, key, mods, text, .. } => {
                self.count_key(person, class_of(key, *mods, text.is_some()), 1);
            }
            ClientMessage::Text { text } => {
                self.count_key(person, KeyClass::Text, u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
            }
            _ => {}
        }
        page.send_input(&input);
    }

    /// Asks what is there before the click is sent, and notes it when the answer has come.
    fn name_click(&self, person: &Participant, page: &Page, x: f64, y: f64) {
        let named = page.clone();
        let mut name = Box::pin(async move { within(named.name_at(x, y)).await });
        let who = person.name.clone();
        let recorder = self.recorder.clone();
        let note = move |found: Result<Option<(String, String)>, _>| {
            let (role, name) = found.ok().flatten().unwrap_or_default();
            recorder.note(RecordingEvent::Click { name, role, who });
        };
        // The first poll sends the question; the click goes after it on the same way.
        match (&mut name).now_or_never() {
            Some(found) => note(found),
            None => {
                tokio::spawn(async move { note(name.await) });
            }
        }
    }

    fn count_key(&mut self, person: &Participant, class: KeyClass, count: u32) {
        let same = self.keys.class == class
            && self.keys.secret == self.secret_field
            && self.keys.who == person.name
            && self.keys.since.is_some_and(|since| since.elapsed() < KEYS_TOGETHER);
        if !same {
            self.flush_keys();
            self.keys = KeyTally {
                class,
                count: 0,
                secret: self.secret_field,
                who: person.name.clone(),
                since: Some(Instant::now()),
            };
        }
        self.keys.count = self.keys.count.saturating_add(count);
    }

    pub(crate) fn flush_keys(&mut self) {
        let keys = std::mem::take(&mut self.keys);
        if keys.count == 0 {
            return;
        }
        // How long a secret is, is a part of it.
        let count = (!keys.secret).then_some(keys.count);
        self.recorder.note(RecordingEvent::Keys { class: keys.class, count, secret: keys.secret, who: keys.who });
    }

    /// A button that nobody holds any more is let go in the page, too.
    pub(crate) fn let_go_of_buttons(&mut self) {
        let held = std::mem::take(&mut self.buttons);
        let Some(page) = self.view.as_ref().and_then(|view| view.page.as_ref()) else { return };
        let (x, y) = self.pointer;
        for (bit, button) in [MouseButton::Left, MouseButton::Middle, MouseButton::Right].into_iter().enumerate() {
            if held & (1 << bit) != 0 {
                page.send_input(&Input::Up { x, y, button, clicks: 1, modifiers: 0 });
            }
        }
    }

    async fn control(&mut self, seat: ViewerId, person: &Participant, act: ControlAction) {
        let before = self.control.holder();
        let (changed, recorded) = match act {
            ControlAction::Take => match self.control.take(seat, person.level) {
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
        if !changed {
            return;
        }
        self.flush_keys();
        self.let_go_of_buttons();
        self.record_control(seat, person, recorded).await;
        self.tell_people();
    }

    /// Writes down that control has changed hands. Without a record nobody acts in the vault's name.
    pub(crate) async fn record_control(&mut self, seat: ViewerId, person: &Participant, act: SessionAction) {
        if let Err(error) = self.vault.record_session(&self.run, Some(person), act).await {
            self.control.give(seat);
            self.refuse(seat, "control", why_not(&error));
        }
        self.apply_downloads();
        let holder = self.control.holder().and_then(|seat| self.viewers.get(&seat));
        self.recorder.note(RecordingEvent::Control { who: holder.map(|viewer| viewer.person.name.clone()) });
    }

    async fn resize(&mut self, size: Size, density: f64) {
        let size = Size { w: size.w.clamp(SMALLEST.w, LARGEST.w), h: size.h.clamp(SMALLEST.h, LARGEST.h) };
        let window = (size, density.clamp(1.0, 2.0));
        if self.window == Some(window) {
            return;
        }
        self.window = Some(window);
        if !matches!(self.phase.phase, PhaseName::Live | PhaseName::Waiting) {
            return;
        }
        let Some(page) = self.view.as_ref().and_then(|view| view.page.clone()) else { return };
        if let Err(error) = within(page.set_size(window.0, window.1)).await {
            tracing::debug!(%error, "a tab keeps its size");
        }
    }

    async fn tab(&mut self, id: u32, act: TabAction) {
        let Some(page) = self.view.as_ref().and_then(|view| view.tab(id)) else { return };
        match act {
            TabAction::Show => {
                self.recorder.note(RecordingEvent::Tab { act: TabEvent::Shown, tab: id });
                self.show(page).await;
            }
            TabAction::Close => page.close(),
        }
    }

    async fn go(
        &mut self,
        seat: ViewerId,
        person: &Participant,
        page: &Page,
        act: NavigateAction,
        address: Option<String>,
    ) {
        let page = page.clone();
        if act == NavigateAction::Open {
            if !person.extras.address {
                return self.refuse(seat, "address", "you don't have access to open other URLs");
            }
            let Some(origin) = address.as_deref().and_then(origin_of) else {
                return self.refuse(seat, "address", "a URL begins with https:// and a host");
            };
            if !(self.may_open)(&origin) {
                self.recorder.note(RecordingEvent::Blocked { origin: origin.clone() });
                return self.tell(seat, ServerMessage::Blocked { origin });
            }
            let act = SessionAction::AddressOpened { origin };
            if !self.may(seat, person, "address", act).await {
                return;
            }
        }
        // Going somewhere takes as long as the site takes; input goes on meanwhile.
        tokio::spawn(async move {
            let went = match (act, address) {
                (NavigateAction::Open, Some(address)) => page.open(&address, TO_OPEN).await,
                (NavigateAction::Back, _) => page.go_back().await,
                (NavigateAction::Forward, _) => page.go_forward().await,
                _ => page.reload().await,
            };
            if let Err(error) = went {
                tracing::debug!(%error, "a tab did not go where it was sent");
            }
        });
    }

    async fn paste(&mut self, seat: ViewerId, person: &Participant, page: &Page, text: String) {
        if !person.extras.paste {
            return self.refuse(seat, "paste", "you don't have access to paste here");
        }
        if text.is_empty() || text.len() > LONGEST_PASTE {
            return;
        }
        let (length, hash) = (text.chars().count() as u64, self.vault.keyed_hash(text.as_bytes()));
        let act = SessionAction::ClipboardIn { length, hash: hash.clone() };
        if !self.may(seat, person, "paste", act).await {
            return;
        }
        self.flush_keys();
        self.recorder.note(RecordingEvent::Paste { hash, length, who: person.name.clone() });
        page.send_input(&Input::Text(text));
    }

    async fn copy(&mut self, seat: ViewerId, person: &Participant, page: &Page, cut: bool) {
        if !person.extras.copy {
            return self.refuse(seat, "copy", "you don't have access to copy from here");
        }
        let text = match within(page.selected_text(cut)).await {
            Ok(Some(text)) if !text.is_empty() => text,
            Ok(Some(_)) => return,
            Ok(None) => return self.refuse(seat, "copy", "the selection contains a secret"),
            Err(error) => {
                tracing::debug!(%error, "nothing could be copied");
                return self.refuse(seat, "copy", "the page does not respond");
            }
        };
        if text.len() > LONGEST_PASTE {
            return self.refuse(seat, "copy", "the limit is 64 KiB at once");
        }
        let (length, hash) = (text.chars().count() as u64, self.vault.keyed_hash(text.as_bytes()));
        let act = SessionAction::ClipboardOut { length, hash: hash.clone() };
        if !self.may(seat, person, "copy", act).await {
            return;
        }
        self.recorder.note(RecordingEvent::Copy { hash, length, who: person.name.clone() });
        self.tell(seat, ServerMessage::Copied { text });
    }

    async fn give_files(&mut self, seat: ViewerId, person: &Participant, page: &Page, id: u64, files: &[UploadedFile]) {
        if !person.extras.upload {
            return self.refuse(seat, "upload", "you don't have access to upload files here");
        }
        let mut paths = Vec::with_capacity(files.len());
        for file in files {
            let Some(kept) = self.files.claim(&file.upload, person.person, true) else {
                return self.refuse(seat, "upload", "there is no such upload");
            };
            let hash = match tokio::fs::read(&kept.path).await {
                Ok(bytes) => self.vault.keyed_hash(&bytes),
                Err(_) => return self.refuse(seat, "upload", "the upload cannot be read"),
            };
            let act = SessionAction::Uploaded { name: kept.name.clone(), length: kept.size, hash: hash.clone() };
            if !self.may(seat, person, "upload", act).await {
                return;
            }
            let (name, who) = (kept.name, person.name.clone());
            self.recorder.note(RecordingEvent::Upload { hash, length: kept.size, name, who });
            paths.push(kept.path);
        }
        let page = page.clone();
        tokio::spawn(async move { page.give_files(id, &paths).await });
    }

    /// Writes down what somebody is about to do. Without a record, or where it is not granted any more, it is not done, and
    /// they are told.
    async fn may(&self, seat: ViewerId, person: &Participant, what: &str, act: SessionAction) -> bool {
        let recorded = self.vault.record_session(&self.run, Some(person), act).await;
        if let Err(error) = &recorded {
            self.refuse(seat, what, why_not(error));
        }
        recorded.is_ok()
    }

    fn is_pasted(&mut self, seat: ViewerId, text: &str) -> bool {
        let now = Instant::now();
        self.viewers.get_mut(&seat).is_none_or(|viewer| viewer.typed.is_pasted(text.chars().count(), now))
    }

    pub(crate) fn refuse(&self, seat: ViewerId, what: &str, why: &str) {
        self.tell(seat, ServerMessage::Refused { what: what.to_owned(), why: why.to_owned() });
    }
}

/// What somebody is told whose act was not recorded.
pub(crate) fn why_not(error: &VaultError) -> &'static str {
    if matches!(error, VaultError::Denied(_)) {
        return TAKEN_BACK;
    }
    tracing::warn!(%error, "what somebody is about to do cannot be recorded");
    NOT_RECORDED
}

/// What kind of key it was, which is all that is written down of it.
fn class_of(key: &str, modifiers: u8, types: bool) -> KeyClass {
    const CONTROL_OR_META: u8 = 2 | 4;
    match key {
        _ if modifiers & CONTROL_OR_META != 0 => KeyClass::Shortcut,
        "Backspace" | "Delete" | "Enter" | "Tab" | "Escape" | "Insert" => KeyClass::Editing,
        "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End" | "PageUp" | "PageDown" => {
            KeyClass::Moving
        }
        _ if types => KeyClass::Text,
        _ => KeyClass::Other,
    }
}

/// As input for the browser, where it is that.
fn input_of(asked: &ClientMessage) -> Option<Input> {
    Some(match asked {
        ClientMessage::Move { x, y, buttons } => Input::Move { x: *x, y: *y, buttons: *buttons },
        ClientMessage::Down { x, y, button, clicks, mods } => {
            Input::Down { x: *x, y: *y, button: of_button(*button), clicks: *clicks, modifiers: *mods }
        }
        ClientMessage::Up { x, y, button, clicks, mods } => {
            Input::Up { x: *x, y: *y, button: of_button(*button), clicks: *clicks, modifiers: *mods }
        }
        ClientMessage::Wheel { x, y, dx, dy, mods } => {
            Input::Wheel { x: *x, y: *y, dx: *dx, dy: *dy, modifiers: *mods }
        }
        ClientMessage::Key { down, key, code, mods, text, repeat } => Input::Key {
            down: *down,
            key: key.clone(),
            code: code.clone(),
            modifiers: *mods,
            text: text.clone(),
            repeat: *repeat,
        },
        ClientMessage::Text { text } => Input::Text(text.clone()),
        ClientMessage::Compose { text } => Input::Compose(text.clone()),
        _ => return None,
    })
}

const fn of_button(button: u8) -> MouseButton {
    match button {
        1 => MouseButton::Middle,
        2 => MouseButton::Right,
        _ => MouseButton::Left,
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
    fn keys_are_told_by_kind_alone() {
        for (key, modifiers, types, class) in [
            ("a", 0, true, KeyClass::Text),
            ("a", 2, false, KeyClass::Shortcut),
            ("Enter", 0, true, KeyClass::Editing),
            ("ArrowLeft", 8, false, KeyClass::Moving),
            ("Shift", 8, false, KeyClass::Other),
        ] {
            assert_eq!(class_of(key, modifiers, types), class, "{key}");
        }
    }

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
