//! When a change may run: not too often, and later after a challenge.

use std::time::Duration;

use countersign_model::{ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CredentialId, Timestamp};
use countersign_store::{changes, changes::ChangeRow, engine::Select};

use crate::Error;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const FIRST_BACK_OFF: Duration = Duration::from_secs(60 * 60);
const LOOK_BACK: u32 = 8;
/// Sign-ins that only try the password, as heartbeats and rehearsals do: so many a day for a credential, by whomever.
const TRIES_PER_DAY: usize = 20;
const BETWEEN_TRIES: Duration = Duration::from_secs(60);

/// That a heartbeat or a rehearsal may be asked for: sites lock accounts that sign in too often.
pub(crate) async fn may_try(db: &mut impl Select, credential: CredentialId, now: Timestamp) -> Result<(), Error> {
    let tried = changes::tried_since(db, credential, now.minus(DAY)).await?;
    match next_try(&tried, now) {
        Some(until) => Err(Error::TriedTooOften { until, wait: until.since(now) }),
        None => Ok(()),
    }
}

/// From when on it may be tried again, where that is not now; `tried` begins with the oldest within a day.
fn next_try(tried: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let last = tried.last().map(|last| last.plus(BETWEEN_TRIES));
    let oldest = tried.len().checked_sub(TRIES_PER_DAY).and_then(|index| tried.get(index));
    last.max(oldest.map(|oldest| oldest.plus(DAY))).filter(|until| *until > now)
}

/// Until when a change has to wait; `None`: it may run now.
///
/// Two reasons: as many changes as the owner allows have reached the site within 24 hours (promise 9), or the last runs
/// ended at a challenge, and this one was asked for by no person.
pub(crate) async fn wait_until(
    db: &mut impl Select,
    row: &ChangeRow,
    changes_per_day: u8,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    // What may have changed has to be found out, however often that was tried.
    if row.armed_at.is_some() {
        return Ok(None);
    }
    let mut until = None;
    if row.kind == ChangeKind::Change {
        let most = usize::from(changes_per_day.max(1));
        let armed = changes::armed_since(db, row.credential, now.minus(DAY)).await?;
        // The oldest that still counts must be a day old before there is room again.
        until = armed.len().checked_sub(most).and_then(|index| armed.get(index)).map(|oldest| oldest.plus(DAY));
    }
    if row.because != ChangeTrigger::Person {
        let ends = changes::last_ends(db, row.credential, LOOK_BACK).await?;
        let back_off = after_challenges(&ends);
        until = until.max(back_off);
    }
    Ok(until.filter(|until| *until > now))
}

/// An hour after one challenge, twice as long after each further one in a row, at most a day.
fn after_challenges(ends: &[(ChangeState, Option<ChangeReason>, Timestamp)]) -> Option<Timestamp> {
    let stopped = |reason: &Option<ChangeReason>| {
        matches!(reason, Some(ChangeReason::Challenge { .. } | ChangeReason::AccountLocked | ChangeReason::RateLimited))
    };
    let in_a_row = ends.iter().take_while(|(_, reason, _)| stopped(reason)).count();
    let (_, _, last) = ends.first().filter(|_| in_a_row > 0)?;
    let doublings = u32::try_from(in_a_row - 1).unwrap_or(0).min(10);
    Some(last.plus((FIRST_BACK_OFF * 2_u32.pow(doublings)).min(DAY)))
}

#[cfg(test)]
mod tests {
    use countersign_model::Challenge;

    use super::*;

    #[test]
    fn promise_9_what_only_tries_the_password_is_bounded_too() {
        let at = |minute: i64| Timestamp::from_seconds(1_000_000 + 60 * minute);
        let every_ten: Vec<Timestamp> = (0..20).map(|count| at(10 * count)).collect();
        for (tried, now, until) in [
            (&[][..], at(0), None),
            (&[at(0)], at(0), Some(at(1))),
            (&[at(0)], at(1), None),
            (&every_ten[..19], at(300), None),
            (&every_ten, at(300), Some(at(24 * 60))),
            (&every_ten, at(24 * 60), None),
            (&every_ten[1..], at(24 * 60), None),
        ] {
            assert_eq!(next_try(tried, now), until, "{} tries, at {now}", tried.len());
        }
    }

    #[test]
    fn promise_9_each_challenge_in_a_row_doubles_the_wait() {
        let at = Timestamp::from_seconds(1_000_000);
        let challenge = Some(ChangeReason::Challenge { challenge: Challenge::Captcha });
        let end = |reason: &Option<ChangeReason>| (ChangeState::Failed, reason.clone(), at);
        let hours = |ends: &[(ChangeState, Option<ChangeReason>, Timestamp)]| {
            after_challenges(ends).map(|until| until.since(at).as_secs() / 3600)
        };
        assert_eq!(hours(&[]), None);
        assert_eq!(hours(&[end(&None), end(&challenge)]), None);
        assert_eq!(hours(&[end(&challenge), end(&None)]), Some(1));
        assert_eq!(hours(&vec![end(&challenge); 3]), Some(4));
        assert_eq!(hours(&vec![end(&challenge); 8]), Some(24));
    }
}
