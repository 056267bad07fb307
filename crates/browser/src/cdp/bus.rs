use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

use super::Event;

/// Hears the events of the sessions that it has subscribed to, one after the other, on the reading task: be quick.
pub(crate) trait Listener: Send + Sync {
    fn event(&self, session: &Arc<str>, event: &Event<'_>) -> Heard;
}

/// Whether those who subscribed later are to hear an event, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// They are.
    Left,
    /// It was answered; nobody else needs to.
    Taken,
}

impl Heard {
    pub(crate) const fn taken_if(taken: bool) -> Self {
        if taken { Self::Taken } else { Self::Left }
    }
}

type Subscribers = Vec<Weak<dyn Listener>>;

/// Who hears what.
#[derive(Default)]
pub(super) struct Bus {
    /// By session, in the order in which they subscribed. The empty name stands for the browser's own session.
    subscribers: Mutex<HashMap<Arc<str>, Subscribers>>,
}

impl Bus {
    pub(super) fn subscribe(&self, session: Arc<str>, listener: Weak<dyn Listener>) {
        let mut subscribers = self.subscribers.lock();
        let of_session = subscribers.entry(session).or_default();
        of_session.retain(|other| other.strong_count() > 0);
        of_session.push(listener);
    }

    /// The session is no more.
    pub(super) fn forget(&self, session: &str) {
        self.subscribers.lock().remove(session);
    }

    /// Tells each who hears the session in turn, until one has taken the event. It is read only if somebody hears it, and
    /// nothing is held while they hear. `false`: nobody does.
    pub(super) fn publish<'a>(&self, session: &str, read: impl FnOnce() -> Option<Event<'a>>) -> bool {
        let (session, listeners) = {
            let subscribers = self.subscribers.lock();
            let Some((name, listeners)) = subscribers.get_key_value(session) else { return false };
            (Arc::clone(name), listeners.iter().filter_map(Weak::upgrade).collect::<Vec<_>>())
        };
        if listeners.is_empty() {
            return false;
        }
        if let Some(event) = read() {
            // Whoever takes it is the last to hear it.
            listeners.iter().any(|listener| listener.event(&session, &event) == Heard::Taken);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counts {
        heard: Mutex<Vec<String>>,
        says: Heard,
    }

    impl Counts {
        fn new(says: Heard) -> Arc<Self> {
            Arc::new(Self { heard: Mutex::default(), says })
        }

        fn weak(self: &Arc<Self>) -> Weak<dyn Listener> {
            Arc::downgrade(self) as Weak<dyn Listener>
        }
    }

    impl Listener for Counts {
        fn event(&self, session: &Arc<str>, _event: &Event<'_>) -> Heard {
            self.heard.lock().push((**session).to_owned());
            self.says
        }
    }

    fn tell(bus: &Bus, session: &str) -> bool {
        bus.publish(session, || Some(Event::TargetCrashed))
    }

    #[test]
    fn events_go_to_those_of_their_session_in_turn_until_one_takes_them() {
        let bus = Bus::default();
        let (first, second, other) = (Counts::new(Heard::Left), Counts::new(Heard::Taken), Counts::new(Heard::Left));
        let last = Counts::new(Heard::Left);
        for listener in [&first, &second, &last] {
            bus.subscribe("a".into(), listener.weak());
        }
        bus.subscribe("b".into(), other.weak());
        assert!(tell(&bus, "a"));
        assert!(!tell(&bus, "c"), "nobody hears it");
        let heard = |of: &Arc<Counts>| of.heard.lock().clone();
        assert_eq!(heard(&first), ["a"]);
        assert_eq!(heard(&second), ["a"]);
        assert!(heard(&last).is_empty() && heard(&other).is_empty());

        drop(second);
        assert!(tell(&bus, "a") && tell(&bus, "b"));
        assert_eq!(heard(&last), ["a"], "who is gone takes nothing");
        assert_eq!(heard(&other), ["b"]);
        bus.forget("a");
        assert!(!tell(&bus, "a"));
        drop(other);
        assert!(!bus.publish("b", || panic!("nobody is left who wants it read")));
    }
}
