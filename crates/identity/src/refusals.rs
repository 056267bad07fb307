use std::{collections::VecDeque, num::NonZeroUsize, time::Duration};

use countersign_model::{Network, Timestamp};

/// What was refused before anybody was recognised, or so often that each single time need not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A sign-in for a name that is locked out.
    LockedOut,
    /// A sign-in from an address that tried too often.
    Throttled,
    /// An API token or a cookie that is not, or no longer, valid.
    Bearer,
    /// A request that another site's page sent.
    CrossSite,
    /// An act that the one who asked is not allowed.
    Denied,
    /// Somebody who came back from a provider to which no browser of theirs was sent.
    Provider,
    /// A request of which a trusted proxy does not say from where it came.
    Forwarded,
}

impl Refusal {
    /// The name in a record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LockedOut => "locked out",
            Self::Throttled => "too many sign-ins from this address",
            Self::Bearer => "bearer not valid",
            Self::CrossSite => "cross-site request",
            Self::Denied => "not allowed",
            Self::Provider => "sign-in with the provider not begun",
            Self::Forwarded => "the proxy does not say from where it came",
        }
    }
}

/// Which refusals are recorded, so that whoever sends a million requests does not fill the log with them: of one kind
/// and network one a minute, and of all together sixty a minute. What was left out is counted in the next record.
///
/// Pure: the caller writes the records.
pub struct Refusals {
    recent: VecDeque<(Refusal, Option<Network>, Seen)>,
    minute: Timestamp,
    recorded: u32,
}

struct Seen {
    since: Timestamp,
    left_out: u64,
}

const WINDOW: Duration = Duration::from_secs(60);
const MAX_RECORDED: u32 = 60;
// Networks that are remembered; past it, the one that was recorded the longest ago is forgotten.
const MAX_NETWORKS: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

impl Default for Refusals {
    fn default() -> Self {
        Self { recent: VecDeque::new(), minute: Timestamp::from_seconds(0), recorded: 0 }
    }
}

impl Refusals {
    /// Takes note of a refusal. When it is to be recorded: how many like it were left out since the last record.
    pub fn note(&mut self, kind: Refusal, from: Option<Network>, now: Timestamp) -> Option<u64> {
        if now.since(self.minute) >= WINDOW {
            self.minute = now;
            self.recorded = 0;
        }
        let known = self.recent.iter().position(|(of, network, _)| (*of, *network) == (kind, from));
        if let Some((.., seen)) = known.and_then(|at| self.recent.get_mut(at))
            && (now.since(seen.since) < WINDOW || self.recorded >= MAX_RECORDED)
        {
            seen.left_out += 1;
            return None;
        }
        if self.recorded >= MAX_RECORDED {
            return None;
        }
        self.recorded += 1;
        let left_out = known.and_then(|at| self.recent.remove(at)).map_or(0, |(.., seen)| seen.left_out);
        if self.recent.len() >= MAX_NETWORKS.get() {
            self.recent.pop_front();
        }
        self.recent.push_back((kind, from, Seen { since: now, left_out: 0 }));
        Some(left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(last: u8) -> Option<Network> {
        Some(Network::of_guesser([192, 0, 2, last].into()))
    }

    #[test]
    fn one_network_is_recorded_once_a_minute_and_what_was_left_out_is_told() {
        let mut refusals = Refusals::default();
        let mut note =
            |second: i64, kind, last| refusals.note(kind, network(last), Timestamp::from_seconds(1_000 + second));
        assert_eq!(note(0, Refusal::Bearer, 1), Some(0));
        for second in 1..50 {
            assert_eq!(note(second, Refusal::Bearer, 1), None);
        }
        assert_eq!(note(50, Refusal::CrossSite, 1), Some(0), "another kind");
        assert_eq!(note(50, Refusal::Bearer, 2), Some(0), "another network");
        assert_eq!(note(61, Refusal::Bearer, 1), Some(49));
        assert_eq!(note(62, Refusal::Bearer, 1), None);
    }

    #[test]
    fn all_networks_together_have_a_limit() {
        let mut refusals = Refusals::default();
        let at = Timestamp::from_seconds(1_000);
        let recorded = (0..250).filter(|last| refusals.note(Refusal::Throttled, network(*last), at).is_some()).count();
        assert_eq!(recorded, 60);
        let later = Timestamp::from_seconds(1_060);
        assert_eq!(refusals.note(Refusal::Throttled, network(251), later), Some(0));
        for minute in 2..40 {
            for last in 0..100 {
                refusals.note(Refusal::Bearer, network(last), Timestamp::from_seconds(1_000 + 60 * minute));
            }
        }
        assert!(refusals.recent.len() <= MAX_NETWORKS.get());
    }
}
