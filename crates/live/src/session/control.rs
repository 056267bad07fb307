//! Who holds control: one at most, or the machine, or nobody.

use std::time::Duration;

use countersign_model::Level;
use countersign_wire::ViewerId;

/// A person who lost the connection gets control back if nobody has taken it meanwhile.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// Why control was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ControlDenied {
    /// They may only watch.
    WatchesOnly,
    /// Somebody else holds it, and they may not take it away.
    Held,
}

#[derive(Debug, Default)]
pub(crate) struct Control {
    holder: Option<ViewerId>,
    left: Option<(String, Duration)>,
}

impl Control {
    pub(crate) const fn holder(&self) -> Option<ViewerId> {
        self.holder
    }

    pub(crate) fn holds(&self, seat: ViewerId) -> bool {
        self.holder == Some(seat)
    }

    /// Whether somebody who has just come gets control by that: whoever the session is for, or who had it before the
    /// connection was lost.
    pub(crate) fn come(&mut self, seat: ViewerId, person: &str, owner: bool, level: Level, now: Duration) -> bool {
        let returns = self.left.as_ref().is_some_and(|(who, at)| who == person && now.saturating_sub(*at) < KEPT_FOR);
        if self.holder.is_some() || level < Level::Interact || !(owner || returns) {
            return false;
        }
        self.holder = Some(seat);
        self.left = None;
        true
    }

    pub(crate) fn take(&mut self, seat: ViewerId, level: Level) -> Result<(), ControlDenied> {
        match (level, self.holder) {
            (Level::View, _) => Err(ControlDenied::WatchesOnly),
            (Level::Interact, Some(holder)) if holder != seat => Err(ControlDenied::Held),
            _ => {
                self.holder = Some(seat);
                self.left = None;
                Ok(())
            }
        }
    }

    /// Whether they held it.
    pub(crate) fn give(&mut self, seat: ViewerId) -> bool {
        let held = self.holds(seat);
        if held {
            self.holder = None;
        }
        held
    }

    /// A connection has ended.
    pub(crate) fn leave(&mut self, seat: ViewerId, person: &str, now: Duration) -> bool {
        let held = self.give(seat);
        if held {
            self.left = Some((person.to_owned(), now));
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_control() {
        let now = Duration::from_secs(600);
        let mut control = Control::default();
        assert!(!control.come(1, "ana", true, Level::View, now), "who may only watch never holds it");
        assert!(control.come(2, "ana", true, Level::Interact, now));
        assert!(!control.come(3, "ana", true, Level::Control, now), "a second window does not take it by itself");
        assert_eq!(control.take(4, Level::View), Err(ControlDenied::WatchesOnly));
        assert_eq!(control.take(5, Level::Interact), Err(ControlDenied::Held));
        assert_eq!(control.take(6, Level::Control), Ok(()));
        assert!(control.holds(6) && !control.holds(2));
        assert!(!control.give(2));
        assert!(control.give(6));
        assert_eq!(control.holder(), None);
        assert_eq!(control.take(5, Level::Interact), Ok(()));
        assert_eq!(control.take(5, Level::Interact), Ok(()), "twice is once");
    }

    #[test]
    fn who_comes_back_gets_it_back_unless_somebody_has_taken_it() {
        let now = Duration::from_secs(600);
        let mut control = Control::default();
        assert!(control.take(1, Level::Control).is_ok());
        assert!(control.leave(1, "ben", now));
        assert!(!control.come(2, "eva", false, Level::Control, now));
        assert!(control.come(3, "ben", false, Level::Interact, now + Duration::from_secs(20)));
        assert!(control.leave(3, "ben", now));
        assert!(!control.come(4, "ben", false, Level::Interact, now + Duration::from_secs(61)));
        assert!(control.take(5, Level::Interact).is_ok());
        assert!(!control.come(6, "ben", false, Level::Interact, now), "it is held");
    }
}
