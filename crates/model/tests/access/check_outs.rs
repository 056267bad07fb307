//! Who has a credential, and who comes next. Ana, Bob, Cleo and Dan want it; a turn in the queue lasts a quarter of an hour.

use std::time::Duration;

use countersign_model::{CheckOut, CheckOutRefusal, CheckOutRule, GrantId, Held, Timestamp, UserId};
use uuid::Uuid;

use crate::world::user;

const ANA: u128 = 0;
const BOB: u128 = 1;
const CLEO: u128 = 2;
const DAN: u128 = 3;
const NAMES: [&str; 4] = ["ana", "bob", "cleo", "dan"];

fn minute(number: u64) -> Timestamp {
    Timestamp::from_seconds(1_767_571_200).plus(Duration::from_secs(number * 60))
}

fn name(person: u128) -> String {
    NAMES[usize::try_from(person).unwrap()].to_owned()
}

fn held(person: u128, at: u64, minutes: u64) -> Held {
    Held {
        person: user(person),
        name: name(person),
        grant: GrantId::from_uuid(Uuid::from_u128(1)),
        rule: CheckOutRule { minutes: 60, change_after: false },
        from: minute(at),
        until: minute(at + minutes),
    }
}

fn holder(check_out: &CheckOut, at: u64) -> Option<UserId> {
    check_out.holder(minute(at)).map(|held| held.person)
}

/// As it is then.
fn at(check_out: &CheckOut, at: u64) -> CheckOut {
    let mut then = check_out.clone();
    then.settle(minute(at));
    then
}

fn next(check_out: &CheckOut, at: u64) -> Option<(UserId, Timestamp)> {
    self::at(check_out, at).turn().map(|(next, until)| (next.person, until))
}

#[test]
fn one_has_it_until_the_end_or_until_it_comes_back() {
    let mut check_out = CheckOut::default();
    assert_eq!(holder(&check_out, 0), None);
    check_out.take(held(ANA, 0, 30)).unwrap();
    assert_eq!(
        (holder(&check_out, 0), holder(&check_out, 29), holder(&check_out, 30)),
        (Some(user(ANA)), Some(user(ANA)), None)
    );
    assert_eq!(check_out.due_at(), Some(minute(30)));
    let refused = check_out.clone().take(held(BOB, 10, 30)).unwrap_err();
    assert_eq!(refused, CheckOutRefusal::Held { by: name(ANA), until: minute(30) });
    assert_eq!(check_out.clone().take(held(ANA, 10, 30)), Err(CheckOutRefusal::Yours));
    // A clock that was set back gives it to nobody else.
    let back = Held { from: Timestamp::from_seconds(0), ..held(BOB, 0, 30) };
    assert!(matches!(check_out.clone().take(back), Err(CheckOutRefusal::Held { .. })));
    let mut late = check_out.clone();
    assert_eq!(late.settle(minute(29)), None);
    assert_eq!(late.settle(minute(30)).map(|held| held.person), Some(user(ANA)));
    assert_eq!(late.settle(minute(31)), None, "once");
    late.take(held(BOB, 31, 30)).unwrap();
    assert_eq!(holder(&late, 32), Some(user(BOB)));
    assert_eq!(check_out.check_in(minute(10)).unwrap().person, user(ANA));
    assert_eq!((holder(&check_out, 10), check_out.due_at()), (None, None));
    assert_eq!(check_out.check_in(minute(10)), Err(CheckOutRefusal::Free));
    check_out.take(held(BOB, 10, 30)).unwrap();
    assert_eq!(holder(&check_out, 20), Some(user(BOB)));
}

#[test]
fn it_is_extended_for_as_long_as_the_grant_says_while_nobody_waits() {
    let mut check_out = CheckOut::default();
    check_out.take(held(ANA, 0, 30)).unwrap();
    assert_eq!(check_out.extend(user(BOB), (10, 60), None, minute(5)), Err(CheckOutRefusal::NotYours));
    assert_eq!(check_out.extend(user(ANA), (61, 60), None, minute(5)), Err(CheckOutRefusal::Minutes(60)));
    assert_eq!(check_out.extend(user(ANA), (0, 60), None, minute(5)), Err(CheckOutRefusal::Minutes(60)));
    assert_eq!(check_out.extend(user(ANA), (10, 60), None, minute(5)), Ok(minute(30)), "it is never shortened by it");
    assert_eq!(
        check_out.extend(user(ANA), (60, 60), Some(minute(40)), minute(20)),
        Ok(minute(40)),
        "not beyond the access"
    );
    assert_eq!(check_out.extend(user(ANA), (60, 60), None, minute(29)), Ok(minute(89)));
    check_out.wait(user(BOB), "bob", minute(30)).unwrap();
    assert_eq!(check_out.extend(user(ANA), (60, 60), None, minute(31)), Err(CheckOutRefusal::Awaited(name(BOB))));
    assert_eq!(check_out.extend(user(ANA), (60, 60), None, minute(89)), Err(CheckOutRefusal::NotYours), "too late");
}

#[test]
fn who_waits_longest_comes_next_and_each_has_a_quarter_of_an_hour_of_their_own() {
    let mut check_out = CheckOut::default();
    assert_eq!(check_out.wait(user(BOB), "bob", minute(0)), Err(CheckOutRefusal::NoWait));
    check_out.take(held(ANA, 0, 30)).unwrap();
    assert_eq!(check_out.wait(user(ANA), "ana", minute(1)), Err(CheckOutRefusal::Yours));
    for (person, since) in [(BOB, 1), (CLEO, 2), (BOB, 3), (DAN, 4)] {
        check_out.wait(user(person), &name(person), minute(since)).unwrap();
    }
    assert_eq!(check_out.queue.len(), 3, "nobody waits twice");
    assert_eq!(next(&check_out, 29), None, "it is not free");
    assert_eq!(next(&check_out, 30), Some((user(BOB), minute(45))));
    assert_eq!(next(&check_out, 44), Some((user(BOB), minute(45))));
    assert_eq!(next(&check_out, 45), Some((user(CLEO), minute(60))));
    assert_eq!(next(&check_out, 60), Some((user(DAN), minute(75))));
    assert_eq!((next(&check_out, 75), at(&check_out, 75).due_at()), (None, None), "whoever comes");
    assert_eq!(at(&check_out, 46).queue.len(), 2, "who let their turn pass waits no more");
    let refused = at(&check_out, 31).take(held(ANA, 31, 30)).unwrap_err();
    assert_eq!(refused, CheckOutRefusal::Turn { by: name(BOB), until: minute(45) });
    let mut taken = at(&check_out, 31);
    taken.take(held(BOB, 31, 30)).unwrap();
    assert_eq!(taken.queue.iter().map(|waiting| waiting.person).collect::<Vec<_>>(), [user(CLEO), user(DAN)]);
    // Nobody's turn goes to the one after them because somebody else leaves.
    let mut left = at(&check_out, 46);
    assert!(!left.leave(user(BOB), minute(46)), "he is not there any more");
    assert_eq!(next(&left, 46), Some((user(CLEO), minute(60))));
    assert!(left.leave(user(CLEO), minute(50)));
    assert_eq!(next(&left, 50), Some((user(DAN), minute(65))), "a whole quarter");
    // Given back early, the turns begin then.
    check_out.check_in(minute(10)).unwrap();
    assert_eq!(next(&check_out, 10), Some((user(BOB), minute(25))));
    assert_eq!(check_out.wait(user(BOB), "bob", minute(11)), Err(CheckOutRefusal::NoWait));
}

#[test]
fn each_is_told_once_that_it_is_their_turn() {
    let mut check_out = CheckOut::default();
    check_out.take(held(ANA, 0, 30)).unwrap();
    check_out.wait(user(BOB), "bob", minute(1)).unwrap();
    check_out.wait(user(CLEO), "cleo", minute(2)).unwrap();
    let mut tell = |time: u64| {
        check_out.settle(minute(time));
        check_out.to_tell().map(|next| next.person)
    };
    assert_eq!(
        [tell(29), tell(30), tell(31), tell(45), tell(46), tell(60)],
        [None, Some(user(BOB)), None, Some(user(CLEO)), None, None]
    );
}

#[test]
fn what_is_stored_reads_back_and_rules_that_cannot_be_are_refused() {
    let mut check_out = CheckOut::default();
    check_out.take(held(ANA, 0, 30)).unwrap();
    check_out.wait(user(BOB), "bob", minute(1)).unwrap();
    let text = serde_json::to_string(&check_out).unwrap();
    assert_eq!(serde_json::from_str::<CheckOut>(&text).unwrap(), check_out);
    for (minutes, good) in [(0, false), (1, true), (10_080, true), (10_081, false)] {
        assert_eq!(CheckOutRule { minutes, change_after: true }.checked().is_ok(), good, "{minutes}");
    }
    let rule = |minutes, change_after| CheckOutRule { minutes, change_after };
    assert!(rule(30, true).is_within(&rule(60, false)) && rule(60, true).is_within(&rule(60, true)));
    assert!(!rule(61, true).is_within(&rule(60, true)) && !rule(30, false).is_within(&rule(60, true)));
}
