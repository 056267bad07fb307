//! What becomes of a request about the vault. Ana asks; Bob and Cleo are administrators, too.

use std::time::Duration;

use countersign_model::{
    ExportChoice, Reason, Tag, Timestamp, VaultApproval, VaultRequest, VaultRequestId, VaultRequestRefusal,
    VaultRequestState, VaultRequestSubject, VaultRequestTerms,
};
use uuid::Uuid;

use crate::world::{credential, user};
use VaultRequestRefusal::{NotApproved, NotYours, OtherSubject, Over, Own};
use VaultRequestState::{Approved, Cancelled, Expired, Pending, Rejected, Used};

const ANA: u128 = 0;
const BOB: u128 = 1;
const CLEO: u128 = 2;
const NAMES: [&str; 3] = ["ana", "bob", "cleo"];
/// Seven days, in minutes.
const WEEK: u64 = 7 * 24 * 60;

fn minute(number: u64) -> Timestamp {
    Timestamp::from_seconds(1_767_571_200).plus(Duration::from_secs(number * 60))
}

fn of(format: &str, choice: ExportChoice) -> VaultRequestSubject {
    VaultRequestSubject::Export { format: format.to_owned(), choice }
}

fn request() -> VaultRequest {
    VaultRequest {
        id: VaultRequestId::from_uuid(Uuid::from_u128(1)),
        person: user(ANA),
        created_at: minute(0),
        waits_until: minute(WEEK),
        closed: None,
        terms: VaultRequestTerms {
            asked: None,
            subject: of("csv", ExportChoice::All),
            reason: Reason::parse("we move on").unwrap(),
            address: None,
            approval: None,
        },
    }
}

#[derive(Debug, Clone, Copy)]
enum Said {
    Yes(u128),
    No(u128),
    Back(u128),
    Take(u128),
    TakeOther(u128),
    Late,
}
use Said::{Back, Late, No, Take, TakeOther, Yes};

fn say(request: &mut VaultRequest, said: Said, now: Timestamp) -> Result<(), VaultRequestRefusal> {
    let by = |person: u128| (user(person), NAMES[usize::try_from(person).unwrap()]);
    match said {
        Yes(who) => {
            let (person, name) = by(who);
            request.approve(VaultApproval { person, name: name.to_owned(), at: now, comment: None, covered: None })
        }
        No(who) => request.reject(by(who), Reason::parse("not now").ok(), now),
        Back(who) => request.cancel(by(who), None, now),
        Take(who) => request.take(by(who), &of("csv", ExportChoice::All), now),
        TakeOther(who) => request.take(by(who), &of("bitwarden", ExportChoice::All), now),
        Late => {
            request.expire(now);
            Ok(())
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn what_becomes_of_a_request() {
    type Step = (u64, Said, Result<(), VaultRequestRefusal>, VaultRequestState);
    let table: &[(&str, &[Step])] = &[
        (
            "approved and used once",
            &[
                (5, Yes(BOB), Ok(()), Approved),
                (6, Take(ANA), Ok(()), Used),
                (7, Take(ANA), Err(Over(Used)), Used),
                (8, Yes(CLEO), Err(Over(Used)), Used),
            ],
        ),
        (
            "nobody approves their own",
            &[
                (1, Yes(ANA), Err(Own), Pending),
                (2, No(ANA), Err(Own), Pending),
                (3, Take(ANA), Err(NotApproved), Pending),
            ],
        ),
        (
            "it serves who asked, for what was asked",
            &[
                (1, Yes(BOB), Ok(()), Approved),
                (2, Take(BOB), Err(NotYours), Approved),
                (3, Take(CLEO), Err(NotYours), Approved),
                (4, TakeOther(ANA), Err(OtherSubject), Approved),
                (5, Take(ANA), Ok(()), Used),
            ],
        ),
        (
            "an approval serves for an hour",
            &[
                (10, Yes(BOB), Ok(()), Approved),
                (69, TakeOther(ANA), Err(OtherSubject), Approved),
                (70, Take(ANA), Err(Over(Expired)), Expired),
                (71, Back(ANA), Err(Over(Expired)), Expired),
            ],
        ),
        (
            "it waits for a week",
            &[(WEEK - 1, Take(ANA), Err(NotApproved), Pending), (WEEK, Yes(BOB), Err(Over(Expired)), Expired)],
        ),
        (
            "approved in its last minute, it serves for an hour",
            &[(WEEK - 1, Yes(BOB), Ok(()), Approved), (WEEK + 58, Take(ANA), Ok(()), Used)],
        ),
        (
            "rejected for good",
            &[
                (1, No(BOB), Ok(()), Rejected),
                (2, Yes(CLEO), Err(Over(Rejected)), Rejected),
                (3, Take(ANA), Err(Over(Rejected)), Rejected),
                (4, Back(ANA), Err(Over(Rejected)), Rejected),
            ],
        ),
        (
            "only who asked takes it back",
            &[
                (1, Back(BOB), Err(NotYours), Pending),
                (2, Back(ANA), Ok(()), Cancelled),
                (3, Yes(BOB), Err(Over(Cancelled)), Cancelled),
            ],
        ),
        (
            "also once it was approved",
            &[
                (1, Yes(BOB), Ok(()), Approved),
                (2, No(CLEO), Err(Over(Approved)), Approved),
                (3, Back(ANA), Ok(()), Cancelled),
                (4, Take(ANA), Err(Over(Cancelled)), Cancelled),
            ],
        ),
        (
            "a clock that is set back brings nothing back",
            &[(WEEK, Late, Ok(()), Expired), (10, Yes(BOB), Err(Over(Expired)), Expired)],
        ),
        (
            "nor what was approved and not used",
            &[
                (1, Yes(BOB), Ok(()), Approved),
                (61, Late, Ok(()), Expired),
                (2, Take(ANA), Err(Over(Expired)), Expired),
            ],
        ),
        (
            "nothing is over before its time",
            &[(WEEK - 1, Late, Ok(()), Pending), (WEEK - 1, Yes(CLEO), Ok(()), Approved)],
        ),
    ];
    for (name, steps) in table {
        let mut request = request();
        for (at, said, answer, state) in *steps {
            let before = request.clone();
            let now = minute(*at);
            assert_eq!(say(&mut request, *said, now), *answer, "{name}: {said:?} at {at}");
            assert_eq!(request.state(now), *state, "{name}: after {said:?} at {at}");
            if answer.is_err() {
                assert_eq!(request, before, "{name}: what is refused changes nothing");
            }
        }
    }
}

#[test]
fn who_is_no_administrator_any_more_has_approved_nothing() {
    let mut approved = request();
    say(&mut approved, Yes(BOB), minute(1)).unwrap();
    let without_bob =
        |request: &VaultRequest, at| request.with_present_approver(minute(at), |person| person != user(BOB));
    let mut present = without_bob(&approved, 2);
    assert_eq!(present.state(minute(2)), Pending);
    assert!(present.awaits(user(CLEO), minute(2)) && !present.awaits(user(ANA), minute(2)));
    assert_eq!(say(&mut present, Take(ANA), minute(2)), Err(NotApproved));
    assert_eq!(say(&mut present, Yes(CLEO), minute(3)), Ok(()));
    assert_eq!(without_bob(&present, 4).state(minute(4)), Approved);
    // What was used stays used.
    say(&mut approved, Take(ANA), minute(5)).unwrap();
    assert_eq!(without_bob(&approved, 6), approved);
}

#[test]
fn who_asked_and_lost_their_role_has_nothing_left() {
    for approve in [false, true] {
        let mut request = request();
        if approve {
            say(&mut request, Yes(BOB), minute(1)).unwrap();
        }
        assert!(request.withdraw("bob", None, minute(2)));
        assert_eq!(request.state(minute(2)), Cancelled);
        assert!(!request.withdraw("bob", None, minute(3)), "once");
    }
}

#[test]
fn what_was_approved_is_compared_as_a_whole() {
    let some = |ids: &[u128]| ExportChoice::Some(ids.iter().map(|id| credential(*id)).collect());
    let tag = |name: &str| ExportChoice::Tagged(Tag::parse(name).unwrap());
    let all = of("csv", ExportChoice::All);
    let table = [
        (all.clone(), all.clone(), true),
        (all.clone(), of("cxf", ExportChoice::All), false),
        (all.clone(), of("csv", tag("web")), false),
        (of("csv", tag("web")), of("csv", tag("web")), true),
        (of("csv", tag("web")), of("csv", tag("bank")), false),
        (of("csv", some(&[1, 2])), of("csv", some(&[2, 1])), true),
        (of("csv", some(&[1, 2])), of("csv", some(&[1])), false),
        (of("csv", some(&[1])), of("csv", some(&[1, 2])), false),
        (of("csv", some(&[])), all.clone(), false),
        (VaultRequestSubject::TurnOff, VaultRequestSubject::TurnOff, true),
        (VaultRequestSubject::TurnOff, all, false),
    ];
    for (one, other, same) in table {
        assert_eq!((one.is_same(&other), other.is_same(&one)), (same, same), "{one:?} {other:?}");
        let stored = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<VaultRequestSubject>(&stored).unwrap(), one, "{stored}");
    }
    for state in VaultRequestState::ALL {
        assert_eq!(state.name().parse::<VaultRequestState>().unwrap(), state);
    }
    assert!("open".parse::<VaultRequestState>().is_err());
}
