use std::{fmt, str::FromStr};

use jiff::{civil::Weekday as JiffWeekday, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Invalid, TimeOfDay, Timestamp};

/// A day of the week, written as `mon`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// Every day, from Monday on.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    const fn of(day: JiffWeekday) -> Self {
        match day {
            JiffWeekday::Monday => Self::Mon,
            JiffWeekday::Tuesday => Self::Tue,
            JiffWeekday::Wednesday => Self::Wed,
            JiffWeekday::Thursday => Self::Thu,
            JiffWeekday::Friday => Self::Fri,
            JiffWeekday::Saturday => Self::Sat,
            JiffWeekday::Sunday => Self::Sun,
        }
    }
}

impl FromStr for Weekday {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let day = Self::ALL.into_iter().find(|day| text.eq_ignore_ascii_case(day.name()));
        day.ok_or_else(|| Invalid::new("hours.days", "holds a day that is not mon, tue, wed, thu, fri, sat or sun"))
    }
}

/// A time zone by its name in the IANA database, such as `Europe/Berlin`. The database is part of the program.
#[derive(Debug, Clone)]
pub struct ZoneName {
    name: String,
    pub(crate) zone: TimeZone,
}

const LONGEST_ZONE: usize = 64;

impl ZoneName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl PartialEq for ZoneName {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ZoneName {}

impl FromStr for ZoneName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("hours.zone", "is no time zone: use a name such as Europe/Berlin, or UTC");
        if text.len() > LONGEST_ZONE {
            return Err(wrong());
        }
        let zone = TimeZone::get(text.trim()).map_err(|_| wrong())?;
        let name = zone.iana_name().ok_or_else(wrong)?.to_owned();
        Ok(Self { name, zone })
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for ZoneName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for ZoneName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Hours on some days of the week, by the clock on the wall of one time zone.
///
/// Over midnight when the end comes before the beginning: then a day is the one on which they begin. All day long, from the
/// beginning on, where both are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeeklyHours {
    /// On which days they begin.
    pub days: Vec<Weekday>,
    /// When they begin.
    pub from: TimeOfDay,
    /// The first minute that is not among them.
    pub to: TimeOfDay,
    /// By whose clock.
    pub zone: ZoneName,
}

impl WeeklyHours {
    /// Looks whether they are ever, and puts the days in order.
    ///
    /// # Errors
    /// Names the field and what is wrong.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        self.days.sort_unstable();
        self.days.dedup();
        if self.days.is_empty() {
            return Err(Invalid::new("hours.days", "are none: name at least one day, or leave the hours out"));
        }
        Ok(self)
    }

    /// Whether a moment is within. A moment has one time on the wall, also where clocks are set forward or back.
    pub fn holds(&self, at: Timestamp) -> bool {
        // A moment that no calendar has is in no hours.
        let Ok(moment) = jiff::Timestamp::from_microsecond(at.micros()) else { return false };
        let wall = self.zone.zone.to_datetime(moment);
        let minutes = i16::from(wall.hour()) * 60 + i16::from(wall.minute());
        let Ok(minutes) = u16::try_from(minutes) else { return false };
        let minute = TimeOfDay::of_minute(minutes);
        let begins_on = |day: JiffWeekday| self.days.contains(&Weekday::of(day));
        let today = wall.weekday();
        if self.from < self.to {
            begins_on(today) && self.from <= minute && minute < self.to
        } else {
            (begins_on(today) && minute >= self.from) || (begins_on(today.previous()) && minute < self.to)
        }
    }
}

/// `mon, tue 08:00-18:00 (Europe/Berlin)`.
impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.days.iter().map(|day| day.name()).collect::<Vec<_>>().join(", ");
        write!(f, "{days} {}-{} ({})", self.from, self.to, self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(days: &[Weekday], from: &str, to: &str, zone: &str) -> WeeklyHours {
        let (from, to, zone) = (from.parse().unwrap(), to.parse().unwrap(), zone.parse().unwrap());
        WeeklyHours { days: days.to_vec(), from, to, zone }.checked().unwrap()
    }

    #[test]
    fn hours_are_those_on_the_wall_of_their_zone() {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        let week = [Mon, Tue, Wed, Thu, Fri];
        // 2026-03-29 is the Sunday on which Berlin goes from 02:00 to 03:00; on 2026-10-25 it goes back from 03:00 to 02:00.
        for (days, from, to, zone, at, inside) in [
            (&week[..], "08:00", "18:00", "Europe/Berlin", "2026-01-05T07:00:00Z", true),
            (&week, "08:00", "18:00", "Europe/Berlin", "2026-01-05T06:59:59Z", false),
            (&week, "08:00", "18:00", "Europe/Berlin", "2026-01-05T16:59:59Z", true),
            (&week, "08:00", "18:00", "Europe/Berlin", "2026-01-05T17:00:00Z", false),
            (&week, "08:00", "18:00", "Europe/Berlin", "2026-07-06T06:00:00Z", true),
            (&week, "08:00", "18:00", "Europe/Berlin", "2026-07-06T16:00:00Z", false),
            (&week, "08:00", "18:00", "Europe/Berlin", "2026-01-03T12:00:00Z", false),
            (&week, "08:00", "18:00", "UTC", "2026-01-05T08:00:00Z", true),
            (&week, "08:00", "18:00", "Asia/Kolkata", "2026-01-05T02:30:00Z", true),
            (&week, "08:00", "18:00", "Asia/Kolkata", "2026-01-05T02:29:00Z", false),
            (&week, "08:00", "18:00", "America/New_York", "2026-01-05T07:00:00Z", false),
            // Over midnight: Friday's hours go on into Saturday, and those of Saturday are none.
            (&[Fri], "22:00", "06:00", "Europe/Berlin", "2026-01-02T21:30:00Z", true),
            (&[Fri], "22:00", "06:00", "Europe/Berlin", "2026-01-03T04:59:00Z", true),
            (&[Fri], "22:00", "06:00", "Europe/Berlin", "2026-01-03T05:00:00Z", false),
            (&[Fri], "22:00", "06:00", "Europe/Berlin", "2026-01-03T21:30:00Z", false),
            (&[Fri], "22:00", "06:00", "Europe/Berlin", "2026-01-02T04:00:00Z", false),
            (&[Sun], "22:00", "06:00", "Europe/Berlin", "2026-01-05T04:00:00Z", true),
            // The whole day.
            (&[Sat], "00:00", "00:00", "UTC", "2026-01-03T23:59:59Z", true),
            (&[Sat], "00:00", "00:00", "UTC", "2026-01-04T00:00:00Z", false),
            // The hour that is not there, and the one that is there twice.
            (&[Sun], "01:00", "03:00", "Europe/Berlin", "2026-03-29T00:59:00Z", true),
            (&[Sun], "01:00", "03:00", "Europe/Berlin", "2026-03-29T01:00:00Z", false),
            (&[Sun], "02:00", "03:00", "Europe/Berlin", "2026-10-25T00:30:00Z", true),
            (&[Sun], "02:00", "03:00", "Europe/Berlin", "2026-10-25T01:30:00Z", true),
            (&[Sun], "02:00", "03:00", "Europe/Berlin", "2026-10-25T02:00:00Z", false),
        ] {
            let hours = hours(days, from, to, zone);
            assert_eq!(hours.holds(at.parse().unwrap()), inside, "{hours}: {at}");
        }
        assert!(!hours(&week, "00:00", "00:00", "UTC").holds(Timestamp::from_micros(i64::MAX)), "no calendar has it");
    }

    #[test]
    fn what_is_no_zone_or_day_is_refused_and_what_is_reads_back() {
        for wrong in ["", "Europe/Atlantis", "../etc/passwd", "+02:00", &"x".repeat(65)] {
            assert!(wrong.parse::<ZoneName>().is_err(), "{wrong}");
        }
        assert!("monday".parse::<Weekday>().is_err() && "Mon".parse::<Weekday>().is_ok());
        let none = WeeklyHours { days: Vec::new(), ..hours(&[Weekday::Mon], "08:00", "09:00", "UTC") };
        assert!(none.checked().unwrap_err().to_string().starts_with("hours.days"));
        let some = hours(&[Weekday::Tue, Weekday::Mon, Weekday::Tue], "08:00", "09:00", "europe/berlin");
        assert_eq!(some.to_string(), "mon, tue 08:00-09:00 (Europe/Berlin)");
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, r#"{"days":["mon","tue"],"from":"08:00","to":"09:00","zone":"Europe/Berlin"}"#);
        assert_eq!(serde_json::from_str::<WeeklyHours>(&text).unwrap(), some);
    }
}
