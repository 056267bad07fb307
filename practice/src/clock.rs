//! The site's clock: the machine's, or one that stands still, moved by an offset.
//!
//! A wrong clock is one of the hurdles, so everything that the site does with time (tokens, locks, the `Date` header,
//! session ages) asks here, and a test moves time forward instead of waiting.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// Where the site's time comes from, before the offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeSource {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands at this second after 1970-01-01 UTC until the offset moves it.
    Fixed(i64),
}

impl TimeSource {
    /// Seconds since 1970-01-01 UTC, moved by `offset` seconds, which may be negative.
    pub(crate) fn now(self, offset: i64) -> i64 {
        let base = match self {
            Self::System => system_seconds(),
            Self::Fixed(at) => at,
        };
        base.saturating_add(offset)
    }
}

#[expect(clippy::disallowed_methods, reason = "the practice site is the outside world: its clock begins here")]
fn system_seconds() -> i64 {
    Timestamp::now().as_second()
}

/// `at` as an HTTP date (RFC 9110 §5.6.7); `None` when the year does not fit four digits.
pub(crate) fn http_date(at: i64) -> Option<String> {
    let at = Timestamp::from_second(at).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// `at` as people read it in a list: `2026-11-24 10:15`.
pub(crate) fn readable(at: i64) -> String {
    Timestamp::from_second(at)
        .map_or_else(|_| String::from("–"), |at| at.to_string().replace('T', " ").chars().take(16).collect())
}

#[cfg(test)]
mod tests {
    use super::{TimeSource, http_date, readable};

    #[test]
    fn a_fixed_clock_moves_only_by_its_offset() {
        let clock = TimeSource::Fixed(1_000_000_000);
        assert_eq!(clock.now(0), clock.now(0));
        assert_eq!(clock.now(-90), 999_999_910);
    }

    #[test]
    fn dates_are_written_as_http_wants_them() {
        assert_eq!(http_date(784_111_777).as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(readable(784_111_777), "1994-11-06 08:49");
        assert_eq!(http_date(i64::MAX), None);
    }
}
