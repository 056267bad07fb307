//! The site's clock beside ours.

use countersign_model::{Clock, Timestamp};
use countersign_snapshot::PageResponse;
use jiff::fmt::rfc2822::DateTimeParser;

/// A difference that a slow answer or a rounded second can explain is none.
const PLAIN: i64 = 10;

/// The site's clock less `ours`, in seconds, by the `Date` of its answer (RFC 9110 §6.6.1). `None` when the answer says
/// nothing, or came out of a cache.
pub(crate) fn offset(answer: &PageResponse, machine: &dyn Clock, ours: &dyn Fn() -> Timestamp) -> Option<i64> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    if answer.age.is_some_and(|age| age > 0) {
        return None;
    }
    let date = PARSER.parse_timestamp(answer.date.as_deref()?).ok()?.as_second();
    let received = answer.received_at_ms? / 1_000;
    // The browser goes by the machine's clock, the vault by its own.
    let difference = machine.now().seconds() - ours().seconds();
    Some(date - received + difference)
}

/// What a token is computed with: nothing, unless the site's clock is plainly off.
pub(crate) const fn plain(offset: i64) -> i64 {
    if offset.abs() >= PLAIN { offset } else { 0 }
}

#[cfg(test)]
mod tests {
    use countersign_model::FakeClock;

    use super::*;

    #[test]
    fn the_date_of_an_answer_tells_the_sites_clock() {
        let machine = FakeClock::at(Timestamp::from_seconds(1_700_000_100));
        let answer = |date: &str| PageResponse {
            date: Some(date.into()),
            received_at_ms: Some(1_700_000_000_400),
            ..PageResponse::default()
        };
        let same = || Timestamp::from_seconds(1_700_000_100);
        let date = "Tue, 14 Nov 2023 22:12:05 GMT";
        assert_eq!(offset(&answer(date), &machine, &same), Some(-75));
        assert_eq!(plain(-75), -75);
        assert_eq!(plain(3), 0);
        // The vault's clock is its own.
        assert_eq!(offset(&answer(date), &machine, &|| Timestamp::from_seconds(1_700_000_000)), Some(25));
        assert_eq!(offset(&PageResponse { age: Some(60), ..answer(date) }, &machine, &same), None);
        assert_eq!(offset(&answer("yesterday"), &machine, &same), None);
    }
}
