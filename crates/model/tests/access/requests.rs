//! What becomes of a request. Ana asks; Bob and Cleo are in *leads*, Dan is in *board*; leads approve first, then the board.

use std::{collections::BTreeSet, time::Duration};

use countersign_model::{
    AccessRequest, ApprovalLevel, ApprovalRule, Approver, GrantId, GrantPermissions, GroupId, Reason, RequestId,
    RequestRefusal, RequestState, RequestTerms, Timestamp, UserId,
};
use uuid::Uuid;

use crate::world::{credential, group, user};
use RequestState::{Approved, Cancelled, Expired, Pending, Rejected, Revoked};

const ANA: u128 = 0;
const BOB: u128 = 1;
const CLEO: u128 = 2;
const DAN: u128 = 3;
const NAMES: [&str; 4] = ["ana", "bob", "cleo", "dan"];
const LEADS: u128 = 0;
const BOARD: u128 = 1;

fn minute(number: u64) -> Timestamp {
    Timestamp::from_seconds(1_767_571_200).plus(Duration::from_secs(number * 60))
}

fn groups_of(person: u128) -> BTreeSet<GroupId> {
    let all = [(BOB, LEADS), (CLEO, LEADS), (DAN, BOARD), (ANA, LEADS)];
    all.iter().filter(|(who, _)| *who == person).map(|(_, of)| group(*of)).collect()
}

fn still(person: UserId, of: GroupId) -> bool {
    (0..4).any(|number| user(number) == person && groups_of(number).contains(&of))
}

fn level(of: u128, approvals: u8) -> ApprovalLevel {
    ApprovalLevel { group: group(of), approvals }
}

fn request(levels: &[ApprovalLevel]) -> AccessRequest {
    AccessRequest {
        id: RequestId::from_uuid(Uuid::from_u128(1)),
        credential: credential(0),
        grant: GrantId::from_uuid(Uuid::from_u128(2)),
        person: user(ANA),
        created_at: minute(0),
        waits_until: minute(60),
        window: None,
        closed: None,
        terms: RequestTerms {
            permissions: GrantPermissions { token: true, ..GrantPermissions::SEE },
            rule: ApprovalRule { levels: levels.to_vec(), minutes: 240, emergency_minutes: None },
            minutes: 120,
            not_before: None,
            reason: None,
            ticket: None,
            emergency: None,
            address: None,
            approvals: Vec::new(),
        },
    }
}

#[derive(Debug, Clone, Copy)]
enum Said {
    Yes(u128),
    Shorter(u128, u32),
    No(u128),
    Back,
    Revoke,
}
use Said::{Back, No, Revoke, Shorter, Yes};

fn say(request: &mut AccessRequest, said: Said, now: Timestamp) -> Result<(), RequestRefusal> {
    let by = |person: u128, request: &mut AccessRequest, minutes: Option<Option<u32>>| {
        let groups = groups_of(person);
        let approver =
            Approver { person: user(person), name: NAMES[usize::try_from(person).unwrap()], groups: &groups };
        match minutes {
            Some(minutes) => request.approve(approver, minutes, None, now, still),
            None => request.reject(approver, Reason::parse("not now").ok(), now),
        }
    };
    match said {
        Yes(person) => by(person, request, Some(None)),
        Shorter(person, minutes) => by(person, request, Some(Some(minutes))),
        No(person) => by(person, request, None),
        Back => request.cancel("ana", None, now),
        Revoke => request.revoke("bob", None, now),
    }
}

#[test]
fn promise_6_a_request_is_allowed_by_those_who_are_asked_in_turn_and_never_by_who_asks() {
    let one = [level(LEADS, 1)];
    let two = [level(LEADS, 2)];
    let both = [level(LEADS, 1), level(BOARD, 1)];
    // What is said at which minute with what result, and where it stands then.
    type Step = (u64, Said, Result<(), RequestRefusal>);
    let cases: &[(&[ApprovalLevel], &[Step], u64, RequestState)] = &[
        (&one, &[], 59, Pending),
        (&one, &[], 60, Expired),
        (&one, &[(1, Yes(BOB), Ok(()))], 1, Approved),
        (&one, &[(1, Yes(BOB), Ok(()))], 120, Approved),
        (&one, &[(1, Yes(BOB), Ok(()))], 121, Expired),
        (&one, &[(1, Shorter(BOB, 10), Ok(()))], 11, Expired),
        (&one, &[(1, Shorter(BOB, 121), Err(RequestRefusal::Minutes(120)))], 1, Pending),
        (&one, &[(1, Shorter(BOB, 0), Err(RequestRefusal::Minutes(120)))], 1, Pending),
        (&one, &[(1, Yes(ANA), Err(RequestRefusal::Own))], 1, Pending),
        (&one, &[(1, No(ANA), Err(RequestRefusal::Own))], 1, Pending),
        (&one, &[(1, Yes(DAN), Err(RequestRefusal::NotAsked))], 1, Pending),
        (&one, &[(60, Yes(BOB), Err(RequestRefusal::Over(Expired)))], 60, Expired),
        (&one, &[(1, No(BOB), Ok(()))], 1, Rejected),
        (&one, &[(1, No(DAN), Err(RequestRefusal::NotAsked))], 1, Pending),
        (&one, &[(1, No(BOB), Ok(())), (2, Yes(CLEO), Err(RequestRefusal::Over(Rejected)))], 2, Rejected),
        (&one, &[(1, Back, Ok(()))], 1, Cancelled),
        (&one, &[(1, Back, Ok(())), (2, Yes(BOB), Err(RequestRefusal::Over(Cancelled)))], 2, Cancelled),
        (&one, &[(1, Yes(BOB), Ok(())), (2, Back, Ok(()))], 2, Revoked),
        (&one, &[(1, Yes(BOB), Ok(())), (2, Revoke, Ok(()))], 2, Revoked),
        (&one, &[(1, Revoke, Err(RequestRefusal::NotApproved))], 1, Pending),
        (&one, &[(1, Yes(BOB), Ok(())), (200, Revoke, Err(RequestRefusal::Over(Expired)))], 200, Expired),
        (&one, &[(1, Yes(BOB), Ok(())), (2, Yes(CLEO), Err(RequestRefusal::Over(Approved)))], 2, Approved),
        (&two, &[(1, Yes(BOB), Ok(())), (2, Yes(BOB), Err(RequestRefusal::Twice))], 2, Pending),
        (&two, &[(1, Yes(BOB), Ok(())), (2, Yes(CLEO), Ok(()))], 2, Approved),
        (&two, &[(1, Yes(BOB), Ok(())), (2, No(CLEO), Ok(()))], 2, Rejected),
        (&both, &[(1, Yes(DAN), Err(RequestRefusal::NotAsked))], 1, Pending),
        (&both, &[(1, Yes(BOB), Ok(())), (2, Yes(CLEO), Err(RequestRefusal::NotAsked))], 2, Pending),
        (&both, &[(1, Yes(BOB), Ok(())), (2, Yes(DAN), Ok(()))], 2, Approved),
        // Who is asked later may say no at once.
        (&both, &[(1, No(DAN), Ok(()))], 1, Rejected),
    ];
    for (place, (levels, steps, at, expected)) in cases.iter().enumerate() {
        let mut request = request(levels);
        for (when, said, result) in *steps {
            let before = request.clone();
            assert_eq!(say(&mut request, *said, minute(*when)), *result, "line {place}: {said:?}");
            assert!(result.is_ok() || request == before, "line {place}: what is refused changes nothing");
        }
        assert_eq!(request.state(minute(*at)), *expected, "line {place}");
        assert_eq!(
            request.approved().is_some_and(|one| minute(*at) < one.until),
            *expected == Approved,
            "line {place}"
        );
    }
}

#[test]
fn what_an_approver_said_counts_only_while_they_are_one() {
    let mut request = request(&[level(LEADS, 1), level(BOARD, 1)]);
    say(&mut request, Yes(BOB), minute(1)).unwrap();
    assert!(request.awaits(user(DAN), &groups_of(DAN), minute(2)));
    // Bob is no lead any more when the board approves.
    let groups = groups_of(DAN);
    let dan = Approver { person: user(DAN), name: "dan", groups: &groups };
    let refused = request.approve(dan, None, None, minute(2), |person, _| person != user(BOB)).unwrap_err();
    assert_eq!(refused, RequestRefusal::NotAsked);
    assert_eq!(request.state(minute(2)), Pending);
}

#[test]
fn what_is_over_by_time_stays_over_and_a_grant_that_is_gone_ends_it() {
    let mut request = request(&[level(LEADS, 1)]);
    assert!(!request.clone().expire(minute(59)));
    say(&mut request, Yes(BOB), minute(1)).unwrap();
    let mut over = request.clone();
    assert!(!over.expire(minute(120)) && over.expire(minute(121)) && !over.expire(minute(122)));
    assert_eq!(over.state(minute(10)), Expired, "whatever the clock says later");
    let mut gone = request.clone();
    assert!(gone.lose_grant("root", None, minute(2)) && !gone.lose_grant("root", None, minute(3)));
    assert_eq!((gone.state(minute(3)), gone.approved()), (Revoked, None));
    let mut waiting = self::request(&[level(LEADS, 1)]);
    assert!(waiting.lose_grant("root", None, minute(2)));
    assert_eq!(waiting.state(minute(3)), Rejected);
}

#[test]
fn a_request_for_later_is_allowed_from_then_on() {
    let mut request = request(&[level(LEADS, 1)]);
    request.terms.not_before = Some(minute(30));
    say(&mut request, Shorter(BOB, 10), minute(1)).unwrap();
    assert_eq!(request.window, Some((minute(30), minute(40))));
    let mut late = self::request(&[level(LEADS, 1)]);
    late.terms.not_before = Some(minute(30));
    say(&mut late, Yes(BOB), minute(50)).unwrap();
    assert_eq!(late.window, Some((minute(50), minute(170))), "for as long as it was asked for");
}

#[test]
fn a_rule_that_nobody_could_meet_is_known_beforehand() {
    let people = |numbers: &[u128]| numbers.iter().map(|number| user(*number)).collect::<BTreeSet<_>>();
    let who = |of: GroupId| if of == group(LEADS) { people(&[BOB, CLEO]) } else { people(&[CLEO]) };
    for (levels, lacking) in [
        (vec![level(LEADS, 1)], None),
        (vec![level(LEADS, 2)], None),
        (vec![level(LEADS, 3)], Some(0)),
        (vec![level(LEADS, 1), level(BOARD, 1)], None),
        (vec![level(BOARD, 2)], Some(0)),
        // Cleo approves once.
        (vec![level(LEADS, 2), level(BOARD, 1)], Some(1)),
        (vec![level(BOARD, 1), level(BOARD, 1)], Some(1)),
        (vec![level(LEADS, 1), level(LEADS, 1)], None),
    ] {
        let rule = ApprovalRule { levels, minutes: 60, emergency_minutes: None };
        assert_eq!(rule.lacking(who), lacking, "{rule:?}");
    }
}

#[test]
fn rules_that_cannot_be_are_refused_and_terms_read_back() {
    let rule = |levels: Vec<ApprovalLevel>, minutes, emergency_minutes| {
        ApprovalRule { levels, minutes, emergency_minutes }.checked().map(drop).map_err(|invalid| invalid.field)
    };
    let one = || vec![level(LEADS, 1)];
    assert_eq!(rule(one(), 60, Some(30)), Ok(()));
    assert_eq!(rule(vec![], 60, None), Err("approval.levels"));
    assert_eq!(rule(vec![level(LEADS, 1); 4], 60, None), Err("approval.levels"));
    assert_eq!(rule(vec![level(LEADS, 0)], 60, None), Err("approval.levels.approvals"));
    assert_eq!(rule(vec![level(LEADS, 6)], 60, None), Err("approval.levels.approvals"));
    assert_eq!(rule(one(), 0, None), Err("approval.minutes"));
    assert_eq!(rule(one(), 10_081, None), Err("approval.minutes"));
    assert_eq!(rule(one(), 60, Some(0)), Err("approval.emergency_minutes"));
    assert_eq!(rule(one(), 60, Some(61)), Err("approval.emergency_minutes"), "no longer than with an approval");
    let mut request = request(&one());
    say(&mut request, Yes(BOB), minute(1)).unwrap();
    let text = serde_json::to_string(&request.terms).unwrap();
    assert_eq!(serde_json::from_str::<RequestTerms>(&text).unwrap(), request.terms);
    for state in RequestState::ALL {
        assert_eq!(state.name().parse::<RequestState>().unwrap(), state);
    }
    assert!("open".parse::<RequestState>().is_err());
}
