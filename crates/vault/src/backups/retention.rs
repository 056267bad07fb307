//! Which backups stay. Pure: times in, times out.

use std::{collections::BTreeSet, time::Duration};

use countersign_model::Timestamp;

const DAY: i64 = 24 * 60 * 60;
const WEEK: i64 = 7 * DAY;

/// How long backups are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// All of so many days stay.
    pub days: u32,
    /// Of so many weeks before now, the newest of each.
    pub weeks: u32,
    /// Of so many months before now, the newest of each.
    pub months: u32,
}

impl Retention {
    /// Where nothing is said.
    pub const DEFAULT: Self = Self { days: 14, weeks: 8, months: 12 };

    /// The times of those that go. The newest always stays, and so does what lies ahead: a clock that was set back must not
    /// cost a backup. Weeks begin on Monday, months are those of the calendar, in UTC.
    pub fn superfluous(&self, times: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
        let mut sorted: Vec<Timestamp> = times.to_vec();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        sorted.dedup();
        let newest = sorted.iter().find(|&&time| time <= now);
        let ahead = sorted.iter().filter(|&&time| time > now);
        let mut stay: BTreeSet<Timestamp> = newest.into_iter().chain(ahead).copied().collect();
        let whole_days = now.minus(Duration::from_secs(u64::from(self.days) * DAY.unsigned_abs()));
        stay.extend(sorted.iter().filter(|&&time| time >= whole_days));
        stay.extend(newest_of_each(&sorted, week, week(now), i64::from(self.weeks)));
        stay.extend(newest_of_each(&sorted, month, month(now), i64::from(self.months)));
        sorted.retain(|time| !stay.contains(time));
        sorted
    }

    /// Whether the next backup is due: none is there, or the newest is at least `every` old. One that lies ahead, by a clock
    /// that was set back, does not count.
    pub fn is_due(times: &[Timestamp], now: Timestamp, every: Duration) -> bool {
        let newest = times.iter().filter(|&&time| time <= now).max();
        newest.is_none_or(|&newest| now.since(newest) >= every)
    }
}

/// Of the last `count` periods, the present one among them, the newest of each. `sorted` begins with the newest.
fn newest_of_each(
    sorted: &[Timestamp],
    period: impl Fn(Timestamp) -> i64,
    now: i64,
    count: i64,
) -> impl Iterator<Item = Timestamp> {
    let mut last = None;
    sorted.iter().copied().filter(move |&time| {
        let of = period(time);
        let is_first = last.replace(of) != Some(of);
        is_first && now.saturating_sub(of) < count
    })
}

/// Weeks since the Monday before 1970.
fn week(at: Timestamp) -> i64 {
    // 1970-01-01 was a Thursday.
    (at.seconds() + 3 * DAY).div_euclid(WEEK)
}

/// Months since the year 0: "2026-12" and so on, read from how the time is written.
fn month(at: Timestamp) -> i64 {
    let text = at.to_string();
    let mut parts = text.splitn(3, '-');
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
    number() * 12 + number()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use countersign_model::Timestamp;
    use proptest::prelude::*;

    use super::Retention;

    fn at(text: &str) -> Timestamp {
        format!("{text}T02:00:00Z").parse().unwrap()
    }

    fn gone(retention: Retention, times: &[&str], now: &str) -> Vec<String> {
        let times: Vec<_> = times.iter().map(|time| at(time)).collect();
        let superfluous = retention.superfluous(&times, at(now));
        superfluous.iter().map(|time| time.to_string()[..10].to_owned()).collect()
    }

    const NONE: Retention = Retention { days: 0, weeks: 0, months: 0 };

    #[test]
    fn days_weeks_and_months_each_keep_theirs() {
        let table: [(Retention, &[&str], &[&str]); 6] = [
            (NONE, &["2026-12-01"], &[]),
            (NONE, &["2026-12-01", "2026-11-30"], &["2026-11-30"]),
            (Retention { days: 2, ..NONE }, &["2026-12-01", "2026-11-30", "2026-11-29", "2026-11-28"], &["2026-11-28"]),
            // 30 November 2026 is a Monday.
            (
                Retention { weeks: 2, ..NONE },
                &["2026-12-01", "2026-11-30", "2026-11-29", "2026-11-23", "2026-11-22"],
                &["2026-11-30", "2026-11-23", "2026-11-22"],
            ),
            (
                Retention { months: 2, ..NONE },
                &["2026-12-01", "2026-11-30", "2026-11-01", "2026-10-31"],
                &["2026-11-01", "2026-10-31"],
            ),
            (Retention { months: 13, ..NONE }, &["2026-12-01", "2025-12-31", "2025-11-30"], &["2025-11-30"]),
        ];
        for (retention, times, expected) in table {
            assert_eq!(gone(retention, times, "2026-12-01"), expected, "{retention:?} of {times:?}");
        }
    }

    #[test]
    fn what_lies_ahead_stays_and_is_not_counted_as_made() {
        let times = ["2027-01-01", "2026-12-01", "2026-11-30"];
        assert_eq!(gone(NONE, &times, "2026-12-02"), ["2026-11-30"], "the newest that does not lie ahead stays too");
        let every = Duration::from_secs(24 * 60 * 60);
        assert!(Retention::is_due(&[], at("2026-12-01"), every));
        assert!(Retention::is_due(&[at("2026-11-30")], at("2026-12-01"), every));
        assert!(!Retention::is_due(&[at("2026-12-01")], at("2026-12-01"), every));
        assert!(Retention::is_due(&[at("2027-01-01")], at("2026-12-01"), every));
    }

    proptest! {
        #[test]
        fn the_newest_stays_and_nothing_is_named_that_is_not_there(
            seconds in proptest::collection::vec(0_i64..4_000_000_000, 1..60),
            now in 0_i64..4_000_000_000,
            (days, weeks, months) in (0_u32..40, 0_u32..10, 0_u32..30),
        ) {
            let times: Vec<_> = seconds.iter().map(|&it| Timestamp::from_seconds(it)).collect();
            let retention = Retention { days, weeks, months };
            let gone = retention.superfluous(&times, Timestamp::from_seconds(now));
            prop_assert!(!gone.contains(times.iter().max().unwrap()));
            prop_assert!(gone.iter().all(|time| times.contains(time)));
            // Once they are gone, the rest stays: nothing is thinned twice.
            let left: Vec<_> = times.iter().copied().filter(|time| !gone.contains(time)).collect();
            prop_assert_eq!(retention.superfluous(&left, Timestamp::from_seconds(now)), Vec::new());
            let more = Retention { days: days + 1, weeks: weeks + 1, months: months + 1 };
            let fewer_gone = more.superfluous(&times, Timestamp::from_seconds(now));
            prop_assert!(fewer_gone.iter().all(|time| gone.contains(time)), "keeping longer never removes more");
        }
    }
}
