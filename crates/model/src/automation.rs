use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{CertificateFingerprint, Invalid, MICROS_PER_SECOND, SessionSettings, SiteAddress, Timestamp};

/// How a credential's site is dealt with, as its owner wishes. What is left out is found out at the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteSettings {
    /// Origins beside the site's own into which its secrets may be typed, as `https://login.example.com`.
    pub origins: Vec<String>,
    /// The page to sign in.
    pub sign_in: Option<SiteAddress>,
    /// The page to change the password.
    pub change: Option<SiteAddress>,
    /// What the site asks of passwords, in the language of the public list: `minlength: 12; required: digit`.
    pub rules: Option<String>,
    /// What to answer when the site asks whether to trust this browser.
    pub trust: Trust,
    /// Sign in once a day, to notice that the site has moved.
    pub heartbeat: bool,
    /// How many changes may begin within 24 hours.
    pub changes_per_day: u8,
    /// When the password is changed without anybody asking.
    pub policy: ChangePolicy,
    /// How sessions are run.
    pub session: SessionSettings,
    /// What the sign-in form asks beside name, password and token, with the answers: a tenant, an account number.
    pub extra_fields: Vec<ExtraField>,
    /// The one certificate that the site's own origin may show, and no other; `None`: one that browsers trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateFingerprint>,
}

/// A line of a sign-in form that is neither name nor secret, and what to write into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraField {
    /// What the site calls it.
    pub label: String,
    /// The `name` or `id` of its element, by which it is known again; may be empty.
    #[serde(default)]
    pub html_name: String,
    /// What to write. No secret.
    pub value: String,
}

/// What to answer when a site asks whether to trust this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// No: each sign-in takes a token.
    #[default]
    DoNotTrust,
    /// Yes: the site asks less of this credential's browser.
    Trust,
    /// Whoever looks on answers: the run waits for a person. A box beside the token stays as no.
    Ask,
}

/// When a password is changed without anybody asking.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangePolicy {
    /// When it is so many days old.
    pub every_days: Option<u16>,
    /// An hour after somebody saw it.
    pub after_reveal: bool,
    /// Only within these hours, UTC.
    pub window: Option<Window>,
}

/// Hours of the day in UTC; over midnight when the end comes before the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// When it begins.
    pub from: TimeOfDay,
    /// When it ends.
    pub to: TimeOfDay,
}

/// Minutes since midnight, written as `22:05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

impl Default for SiteSettings {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            sign_in: None,
            change: None,
            rules: None,
            trust: Trust::default(),
            heartbeat: false,
            changes_per_day: 2,
            policy: ChangePolicy::default(),
            session: SessionSettings::default(),
            extra_fields: Vec::new(),
            certificate: None,
        }
    }
}

impl SiteSettings {
    /// The most affiliated origins.
    pub const MAX_ORIGINS: usize = 20;
    /// The longest text of password rules.
    pub const LONGEST_RULES: usize = 1_000;
    /// The most extra fields, and the longest label, name or value of one in characters.
    pub const MAX_EXTRA_FIELDS: usize = 8;
    /// See above.
    pub const LONGEST_EXTRA: usize = 200;

    /// Looks at everything that can be judged without the site.
    ///
    /// # Errors
    /// Names the field and what is wrong.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.origins.len() > Self::MAX_ORIGINS {
            return Err(Invalid::new("origins", format!("are too many: at most {}", Self::MAX_ORIGINS)));
        }
        for origin in &self.origins {
            let parsed = url::Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            if parsed.is_none_or(|url| url.origin().ascii_serialization() != *origin) {
                let problem = format!("holds \"{origin}\", which is no origin: write https://login.example.com");
                return Err(Invalid::new("origins", problem));
            }
        }
        if self.rules.as_ref().is_some_and(|rules| rules.len() > Self::LONGEST_RULES) {
            return Err(Invalid::new("rules", format!("is too long: at most {} characters", Self::LONGEST_RULES)));
        }
        if !(1..=10).contains(&self.changes_per_day) {
            return Err(Invalid::new("changes_per_day", "must be 1 to 10"));
        }
        if self.policy.every_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            return Err(Invalid::new("policy.every_days", "must be 1 to 3650"));
        }
        if self.policy.window.is_some_and(|window| window.from == window.to) {
            return Err(Invalid::new(
                "policy.window",
                "begins and ends at the same time: leave it out to allow all day",
            ));
        }
        if self.extra_fields.len() > Self::MAX_EXTRA_FIELDS {
            return Err(Invalid::new("extra_fields", format!("are too many: at most {}", Self::MAX_EXTRA_FIELDS)));
        }
        let fits = |text: &String| text.chars().count() <= Self::LONGEST_EXTRA && !text.chars().any(char::is_control);
        if !self.extra_fields.iter().all(|one| [&one.label, &one.html_name, &one.value].into_iter().all(fits)) {
            let problem =
                format!("hold a text of several lines, or one of more than {} characters", Self::LONGEST_EXTRA);
            return Err(Invalid::new("extra_fields", problem));
        }
        if self.extra_fields.iter().any(|one| one.value.is_empty() || one.label.is_empty() && one.html_name.is_empty())
        {
            return Err(Invalid::new("extra_fields", "need a label and a value each"));
        }
        self.session.check()
    }
}

impl ChangePolicy {
    /// When a password that was changed at `changed` is due, `spread` (0 to 1) saying where within the tenth part of the
    /// interval before, so that a thousand credentials do not all come at once. `None`: never.
    pub fn due(&self, changed: Timestamp, spread: f64) -> Option<Timestamp> {
        let days = self.every_days?;
        let whole = DAY * u32::from(days);
        let early = whole.div_f64(10.0).mul_f64(spread.clamp(0.0, 1.0));
        Some(self.fit(changed.plus(whole).minus(early), spread))
    }

    /// `at`, or the first moment after it that lies within the window; a quarter of the window's length is used to spread.
    pub fn fit(&self, at: Timestamp, spread: f64) -> Timestamp {
        let Some(window) = self.window else { return at };
        if window.holds(at) {
            return at;
        }
        let begins = window.next_begin(at);
        begins.plus(window.length().div_f64(4.0).mul_f64(spread.clamp(0.0, 1.0)))
    }
}

impl Window {
    /// Whether a moment lies within.
    pub fn holds(self, at: Timestamp) -> bool {
        let minute = TimeOfDay::of(at);
        if self.from < self.to {
            self.from <= minute && minute < self.to
        } else {
            minute >= self.from || minute < self.to
        }
    }

    fn length(self) -> Duration {
        let minutes = (i32::from(self.to.0) - i32::from(self.from.0)).rem_euclid(24 * 60);
        MINUTE * u32::try_from(minutes).unwrap_or(0)
    }

    fn next_begin(self, at: Timestamp) -> Timestamp {
        let day = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX);
        let midnight = Timestamp::from_micros(at.micros() - at.micros().rem_euclid(day));
        let today = midnight.plus(MINUTE * u32::from(self.from.0));
        if today > at { today } else { today.plus(DAY) }
    }
}

impl TimeOfDay {
    /// The minute of the day with that number, from 0 to 1439; what is more goes on with the next day.
    pub(crate) const fn of_minute(minute: u16) -> Self {
        Self(minute % (24 * 60))
    }

    fn of(at: Timestamp) -> Self {
        let minutes = (at.micros() / MICROS_PER_SECOND).div_euclid(60).rem_euclid(24 * 60);
        Self(u16::try_from(minutes).unwrap_or(0))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = |text: &str| (text.len() == 2).then(|| text.parse::<u16>().ok()).flatten();
        text.split_once(':')
            .and_then(|(hours, minutes)| Some((number(hours)?, number(minutes)?)))
            .filter(|(hours, minutes)| *hours < 24 && *minutes < 60)
            .map(|(hours, minutes)| Self(hours * 60 + minutes))
            .ok_or_else(|| Invalid::new("policy.window", "holds a time that is not written as 22:05"))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window(from: &str, to: &str) -> Window {
        Window { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn windows_hold_also_over_midnight() {
        for (from, to, time, inside) in [
            ("08:00", "17:00", "2026-01-01T08:00:00Z", true),
            ("08:00", "17:00", "2026-01-01T17:00:00Z", false),
            ("22:00", "05:00", "2026-01-01T23:30:00Z", true),
            ("22:00", "05:00", "2026-01-01T04:59:59Z", true),
            ("22:00", "05:00", "2026-01-01T05:00:00Z", false),
        ] {
            assert_eq!(window(from, to).holds(at(time)), inside, "{from} to {to}: {time}");
        }
    }

    #[test]
    fn what_is_due_outside_the_window_waits_for_its_beginning() {
        let policy = ChangePolicy { window: Some(window("22:00", "05:00")), ..ChangePolicy::default() };
        assert_eq!(policy.fit(at("2026-01-01T12:00:00Z"), 0.0), at("2026-01-01T22:00:00Z"));
        assert_eq!(policy.fit(at("2026-01-01T23:00:00Z"), 0.9), at("2026-01-01T23:00:00Z"));
        let morning = ChangePolicy { window: Some(window("06:00", "10:00")), ..ChangePolicy::default() };
        assert_eq!(morning.fit(at("2026-01-01T12:00:00Z"), 1.0), at("2026-01-02T07:00:00Z"));
    }

    #[test]
    fn intervals_are_kept_and_spread() {
        let policy = ChangePolicy { every_days: Some(30), ..ChangePolicy::default() };
        let changed = at("2026-01-01T00:00:00Z");
        assert_eq!(policy.due(changed, 0.0), Some(at("2026-01-31T00:00:00Z")));
        assert_eq!(policy.due(changed, 1.0), Some(at("2026-01-28T00:00:00Z")));
        assert_eq!(ChangePolicy::default().due(changed, 0.5), None);
    }

    #[test]
    fn what_cannot_be_is_named() {
        let wrong = |settings: SiteSettings| settings.check().unwrap_err().field;
        let usual = SiteSettings::default;
        assert!(usual().check().is_ok());
        assert_eq!(wrong(SiteSettings { origins: vec!["https://a.example/path".into()], ..usual() }), "origins");
        assert_eq!(wrong(SiteSettings { changes_per_day: 0, ..usual() }), "changes_per_day");
        let policy = ChangePolicy { every_days: Some(0), ..ChangePolicy::default() };
        assert_eq!(wrong(SiteSettings { policy, ..usual() }), "policy.every_days");
        let session = SessionSettings { idle_minutes: 0, ..SessionSettings::default() };
        assert_eq!(wrong(SiteSettings { session, ..usual() }), "session.idle_minutes");
        assert!("24:00".parse::<TimeOfDay>().is_err() && "7:00".parse::<TimeOfDay>().is_err());
        let text = serde_json::to_string(&usual()).unwrap();
        assert_eq!(serde_json::from_str::<SiteSettings>(&text).unwrap(), usual());
    }
}
