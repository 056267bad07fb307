//! Who has a credential, and who comes next. Ana, Bob and Cleo want it; a turn in the queue lasts a quarter of an hour.

use std::time::Duration;

use countersign_model::{CheckOut, CheckOutRefusal, CheckOutRule, GrantId, Held, Timestamp, UserId};
use uuid::Uuid;

use crate::world::user;

const ANA: u128 = 0;
const BOB: u128 = 1;
const CLEO: u128 = 2;
const NAMES: [&str; 3] = ["ana", "bob", "cleo"];

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

#[test]
fn one_has_it_until_the_end_or_until_it_comes_back() {
    let mut check_out = CheckOut::default();
    assert_eq!(holder(&check_out, 0), None);
    check_out.take(held(ANA, 0, 30)).unwrap();
    assert_eq!(
        (holder(&check_out, 0), holder(&check_out, 29), holder(&check_out, 30)),
        (Some(user(ANA)), Some(user(ANA)), None)
    );
    let refused = check_out.clone().take(held(BOB, 10, 30)).unwrap_err();
    assert_eq!(refused, CheckOutRefusal::Held { by: name(ANA), until: minute(30) });
    assert_eq!(check_out.clone().take(held(ANA, 10, 30)), Err(CheckOutRefusal::Yours));
    // A clock that was set back gives it to nobody else.
    let back = Held { from: Timestamp::from_seconds(0), ..held(BOB, 0, 30) };
    assert!(matches!(check_out.clone().take(back), Err(CheckOutRefusal::Held { .. })));
    let mut late = check_out.clone();
    late.take(held(BOB, 30, 30)).unwrap();
    assert_eq!(holder(&late, 31), Some(user(BOB)));
    assert_eq!(check_out.check_in(minute(10)).unwrap().person, user(ANA));
    assert_eq!(holder(&check_out, 10), None);
    assert_eq!(check_out.check_in(minute(10)), Err(CheckOutRefusal::Free));
    check_out.take(held(BOB, 10, 30)).unwrap();
    assert_eq!(holder(&check_out, 20), Some(user(BOB)));
}

#[test]
fn it_is_extended_for_as_long_as_the_grant_says_while_nobody_waits() {
    let mut check_out = CheckOut::default();
    check_out.take(held(ANA, 0, 30)).unwrap();
    assert_eq!(check_out.extend(user(BOB), 10, minute(5)), Err(CheckOutRefusal::NotYours));
    assert_eq!(check_out.extend(user(ANA), 61, minute(5)), Err(CheckOutRefusal::Minutes(60)));
    assert_eq!(check_out.extend(user(ANA), 0, minute(5)), Err(CheckOutRefusal::Minutes(60)));
    assert_eq!(check_out.extend(user(ANA), 10, minute(5)), Ok(minute(30)), "it is never shortened by it");
    assert_eq!(check_out.extend(user(ANA), 60, minute(29)), Ok(minute(89)));
    check_out.wait(user(BOB), "bob", minute(30)).unwrap();
    assert_eq!(check_out.extend(user(ANA), 60, minute(31)), Err(CheckOutRefusal::Awaited(name(BOB))));
    assert_eq!(check_out.extend(user(ANA), 60, minute(89)), Err(CheckOutRefusal::NotYours), "too late");
}

#[test]
fn who_waits_longest_comes_next_and_each_has_a_quarter_of_an_hour() {
    let mut check_out = CheckOut::default();
    assert_eq!(check_out.wait(user(BOB), "bob", minute(0)), Err(CheckOutRefusal::NoWait));
    check_out.take(held(ANA, 0, 30)).unwrap();
    assert_eq!(check_out.wait(user(ANA), "ana", minute(1)), Err(CheckOutRefusal::Yours));
    check_out.wait(user(BOB), "bob", minute(1)).unwrap();
    check_out.wait(user(CLEO), "cleo", minute(2)).unwrap();
    check_out.wait(user(BOB), "bob", minute(3)).unwrap();
    assert_eq!(check_out.queue.len(), 2, "nobody waits twice");
    let next = |check_out: &CheckOut, at: u64| check_out.turn(minute(at)).map(|(next, until)| (next.person, until));
    assert_eq!(next(&check_out, 29), None, "it is not free");
    assert_eq!(next(&check_out, 30), Some((user(BOB), minute(45))));
    assert_eq!(next(&check_out, 44), Some((user(BOB), minute(45))));
    assert_eq!(next(&check_out, 45), Some((user(CLEO), minute(60))));
    assert_eq!(next(&check_out, 60), None, "whoever comes");
    let refused = check_out.clone().take(held(ANA, 31, 30)).unwrap_err();
    assert_eq!(refused, CheckOutRefusal::Turn { by: name(BOB), until: minute(45) });
    assert!(matches!(check_out.clone().take(held(CLEO, 31, 30)), Err(CheckOutRefusal::Turn { .. })));
    let mut taken = check_out.clone();
    taken.take(held(BOB, 31, 30)).unwrap();
    assert_eq!(taken.queue.iter().map(|waiting| waiting.person).collect::<Vec<_>>(), [user(CLEO)]);
    // Bob let his turn pass, and is in the queue no more.
    let mut passed = check_out.clone();
    passed.take(held(CLEO, 46, 30)).unwrap();
    assert!(passed.queue.is_empty());
    let mut all = check_out.clone();
    all.take(held(ANA, 61, 30)).unwrap();
    assert!(all.queue.is_empty() && holder(&all, 62) == Some(user(ANA)));
    // Given back early, the turns begin then.
    check_out.check_in(minute(10)).unwrap();
    assert_eq!(next(&check_out, 10), Some((user(BOB), minute(25))));
    assert_eq!(check_out.wait(user(BOB), "bob", minute(11)), Err(CheckOutRefusal::NoWait));
    assert!(check_out.leave(user(BOB)) && !check_out.leave(user(BOB)));
    assert_eq!(next(&check_out, 11), Some((user(CLEO), minute(25))));
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
