//! Keys as a recording tells of them: their kinds and their number, never which.

use std::time::Duration;

use countersign_wire::{KeyClass, RecordingEvent};

/// Keys of one kind that follow one another are one event.
const KEYS_TOGETHER: Duration = Duration::from_secs(3);

/// Keys that are gathered for one event.
#[derive(Default)]
pub(crate) struct KeyTally {
    class: KeyClass,
    count: u32,
    secret: bool,
    who: String,
    since: Duration,
}

impl KeyTally {
    /// Counts so many keys. Gives the event of those before, where these begin another.
    pub(crate) fn count(
        &mut self,
        who: &str,
        class: KeyClass,
        secret: bool,
        count: u32,
        now: Duration,
    ) -> Option<RecordingEvent> {
        let same = self.count > 0
            && self.class == class
            && self.secret == secret
            && self.who == who
            && now.saturating_sub(self.since) < KEYS_TOGETHER;
        let before = if same { None } else { self.take() };
        if !same {
            *self = Self { class, count: 0, secret, who: who.to_owned(), since: now };
        }
        self.count = self.count.saturating_add(count);
        before
    }

    /// The event of what was gathered.
    pub(crate) fn take(&mut self) -> Option<RecordingEvent> {
        let keys = std::mem::take(self);
        (keys.count > 0).then(|| {
            // How long a secret is, is a part of it.
            let count = (!keys.secret).then_some(keys.count);
            RecordingEvent::Keys { class: keys.class, count, secret: keys.secret, who: keys.who }
        })
    }
}

/// What kind of key it was, which is all that is written down of it.
pub(crate) fn class_of(key: &str, modifiers: u8, types: bool) -> KeyClass {
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
    fn keys_that_belong_together_are_one_event() {
        let event = |class, count, secret| Some(RecordingEvent::Keys { class, count, secret, who: "ana".to_owned() });
        let at = Duration::from_secs;
        let mut keys = KeyTally::default();
        assert_eq!(keys.take(), None);
        assert_eq!(keys.count("ana", KeyClass::Text, false, 1, at(1)), None);
        assert_eq!(keys.count("ana", KeyClass::Text, false, 2, at(2)), None);
        assert_eq!(keys.count("ana", KeyClass::Moving, false, 1, at(2)), event(KeyClass::Text, Some(3), false));
        assert_eq!(keys.count("ana", KeyClass::Moving, true, 1, at(2)), event(KeyClass::Moving, Some(1), false));
        assert_eq!(keys.count("ana", KeyClass::Moving, true, 1, at(9)), event(KeyClass::Moving, None, true));
        assert_eq!(keys.count("ben", KeyClass::Moving, true, 1, at(9)), event(KeyClass::Moving, None, true));
        let last = keys.take();
        assert!(matches!(last, Some(RecordingEvent::Keys { who, .. }) if who == "ben"));
        assert_eq!(keys.take(), None);
    }
}
