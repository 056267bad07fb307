use std::time::Duration;

use countersign_model::Timestamp;

/// Failures that cost nothing: people mistype.
pub const FREE_FAILURES: i64 = 5;

const FIRST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Until when sign-in is refused after so many failures in a row: half a minute after the fifth, twice as long after
/// each further one, a quarter of an hour at most. It ends by itself, so that nobody can keep a colleague out for
/// good by failing on purpose.
pub fn lock_out(failures: i64, now: Timestamp) -> Option<Timestamp> {
    let over = u32::try_from(failures - FREE_FAILURES).ok()?;
    let wait = FIRST.checked_mul(1 << over.min(10)).unwrap_or(LONGEST).min(LONGEST);
    Some(now.plus(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let now = Timestamp::from_seconds(1_000);
        let table =
            [(0, None), (4, None), (5, Some(30)), (6, Some(60)), (9, Some(480)), (10, Some(900)), (1_000, Some(900))];
        for (failures, wait) in table {
            let until = lock_out(failures, now).map(|until| until.since(now).as_secs());
            assert_eq!(until, wait, "{failures} failures");
        }
    }
}
