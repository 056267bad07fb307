//! Days of the calendar, as they begin and end on the wall of a time zone.

use jiff::civil::{Date, Time};

use crate::{Timestamp, ZoneName};

/// A day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// Written as `2026-11-29`.
    pub date: String,
    /// When it begins: at midnight, or when clocks were set forward over it.
    pub begins: Timestamp,
}

impl ZoneName {
    /// So many days up to the one that `now` is on, in order; and when that one ends. `None` where no calendar has them.
    pub fn days_up_to(&self, now: Timestamp, count: u32) -> Option<(Vec<CalendarDay>, Timestamp)> {
        let begin_of = |day: Date| {
            let begins = self.zone.to_timestamp(day.to_datetime(Time::midnight())).ok()?;
            Some(Timestamp::from_micros(begins.as_microsecond()))
        };
        let mut day = self.zone.to_datetime(jiff::Timestamp::from_microsecond(now.micros()).ok()?).date();
        let ends = begin_of(day.tomorrow().ok()?)?;
        let mut days = Vec::with_capacity(count as usize);
        for _ in 0..count {
            days.push(CalendarDay { date: day.to_string(), begins: begin_of(day)? });
            day = day.yesterday().ok()?;
        }
        days.reverse();
        Some((days, ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(zone: &str, now: &str, count: u32) -> (Vec<(String, String)>, String) {
        let zone: ZoneName = zone.parse().unwrap();
        let (days, ends) = zone.days_up_to(now.parse().unwrap(), count).unwrap();
        (days.into_iter().map(|day| (day.date, day.begins.to_string())).collect(), ends.to_string())
    }

    fn day(date: &str, begins: &str) -> (String, String) {
        (date.to_owned(), format!("2026-{begins}:00.000Z"))
    }

    #[test]
    fn days_begin_and_end_on_the_wall_of_their_zone() {
        let (found, ends) = days("UTC", "2026-03-01T23:59:59Z", 3);
        let expected = [("2026-02-27", "02-27T00:00"), ("2026-02-28", "02-28T00:00"), ("2026-03-01", "03-01T00:00")];
        assert_eq!(found, expected.map(|(date, begins)| day(date, begins)));
        assert_eq!(ends, "2026-03-02T00:00:00.000Z");
        // The same moment is on the next day further east, and on the one before further west.
        assert_eq!(days("Asia/Tokyo", "2026-03-01T23:59:59Z", 1).0, [day("2026-03-02", "03-01T15:00")]);
        assert_eq!(days("America/New_York", "2026-03-02T01:00:00Z", 1).0, [day("2026-03-01", "03-01T05:00")]);
    }

    #[test]
    fn a_day_on_which_clocks_are_set_is_shorter_or_longer() {
        let (found, ends) = days("Europe/Berlin", "2026-03-29T12:00:00Z", 1);
        assert_eq!((found, ends.as_str()), (vec![day("2026-03-29", "03-28T23:00")], "2026-03-29T22:00:00.000Z"));
        let (found, ends) = days("Europe/Berlin", "2026-10-25T12:00:00Z", 1);
        assert_eq!((found, ends.as_str()), (vec![day("2026-10-25", "10-24T22:00")], "2026-10-25T23:00:00.000Z"));
        // Here clocks go forward at midnight itself.
        let (found, _) = days("Africa/Cairo", "2026-04-24T12:00:00Z", 1);
        assert_eq!(found, [day("2026-04-24", "04-23T22:00")]);
    }

    #[test]
    fn what_no_calendar_has_is_told() {
        let zone: ZoneName = "UTC".parse().unwrap();
        assert_eq!(zone.days_up_to(Timestamp::from_micros(i64::MAX), 1), None);
        assert_eq!(zone.days_up_to(Timestamp::from_seconds(0), 0), Some((vec![], Timestamp::from_seconds(86_400))));
    }
}
