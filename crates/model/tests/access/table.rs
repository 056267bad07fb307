//! The rule as a table. Ana is in *interns*, which is in *marketing*, which is in *staff*; Bob is in *staff* alone. The account
//! has the tag *social* and is at login.example.org. It is Monday, 2026-01-05, 12:00 in Berlin.

use countersign_model::{
    AccessContext, Action, ApprovalLevel, ApprovalRule, Approved, CheckOutRule, Denied, Extras, GrantConditions,
    GrantId, GrantPermissions, GrantTarget, Held, Level, Principal, RequestId, Role, Timestamp, Unmet, UserId, Weekday,
    decide,
};
use uuid::Uuid;

use crate::{
    given::*,
    world::{Asked, credential, group, user},
};

use Action::{
    ChangePassword, CreateCredential, EditCredential, EndSession, ExportCredentials, GrantCredential, ManageGroups,
    ManageUsers, ManageVault, ReadAudit, ReadRecords, RemoveCredential, Reveal, SeeCredential, SetAutomation,
    StartSession, TakeToken, TransferSeed, WatchSession,
};

/// By which grant, by its place; or which conditions do not hold.
type Expected = Result<u128, &'static [&'static str]>;

const NO: Expected = Err(&[]);

fn check(table: &[(UserId, &[Given], Action, Asked, Expected)]) {
    for (place, (who, grants, act, asked, expected)) in table.iter().enumerate() {
        let world = world(grants);
        let answer = decide(Role::Member, *act, &world.grants_of(*who, 0), &asked.context());
        let found = match &answer {
            Ok(by) => Ok(by.grant().expect("by a grant").uuid().as_u128()),
            Err(denied) => Err(denied.unmet.iter().map(|one| one.name()).collect::<Vec<_>>()),
        };
        assert_eq!(found, expected.map_err(<[_]>::to_vec), "line {place}: {act:?} {answer:?}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn promise_6_each_permission_alone_suffices_and_without_it_the_act_is_refused() {
    let alone: &[(GrantPermissions, &[Action])] = &[
        (SEE, &[]),
        (EXTRAS, &[]),
        (TOKEN, &[TakeToken]),
        (REVEAL, &[Reveal]),
        (VIEW, &[WatchSession]),
        (INTERACT, &[WatchSession, StartSession]),
        (CONTROL, &[WatchSession, StartSession]),
        (CHANGE, &[ChangePassword]),
        (EDIT, &[EditCredential]),
        (SHARE, &[GrantCredential]),
        (AUDIT, &[ReadRecords]),
        (TRANSFER, &[TransferSeed]),
        (
            GrantPermissions { transfer: false, ..ALL },
            &[
                TakeToken,
                Reveal,
                WatchSession,
                StartSession,
                ChangePassword,
                EditCredential,
                GrantCredential,
                ReadRecords,
            ],
        ),
        (
            ALL,
            &[
                TakeToken,
                Reveal,
                WatchSession,
                StartSession,
                ChangePassword,
                EditCredential,
                GrantCredential,
                ReadRecords,
                TransferSeed,
            ],
        ),
    ];
    for (permissions, acts) in alone {
        for act in Action::ALL {
            let expected = act == SeeCredential || acts.contains(&act);
            let given = world(&[ana(*permissions)]);
            let answer = decide(Role::Member, act, &given.grants_of(user(ANA), 0), &asked().context());
            assert_eq!(answer.is_ok(), expected, "{act:?} with {permissions:?}");
            let others = decide(Role::Member, act, &given.grants_of(user(BOB), 0), &asked().context());
            assert!(others.is_err(), "{act:?} is not Bob's");
            let nothing = decide(Role::Member, act, &world(&[]).grants_of(user(ANA), 0), &asked().context());
            assert!(nothing.is_err(), "{act:?} without a grant");
        }
    }
    let without = |permissions| world(&[ana(permissions)]).grants_of(user(ANA), 0);
    for (permissions, act) in [
        (GrantPermissions { token: false, ..ALL }, TakeToken),
        (GrantPermissions { reveal: false, ..ALL }, Reveal),
        (GrantPermissions { session: None, ..ALL }, WatchSession),
        (GrantPermissions { session: Some(Level::View), ..ALL }, StartSession),
        (GrantPermissions { change: false, ..ALL }, ChangePassword),
        (GrantPermissions { edit: false, ..ALL }, EditCredential),
        (GrantPermissions { share: false, ..ALL }, GrantCredential),
        (GrantPermissions { audit: false, ..ALL }, ReadRecords),
        (GrantPermissions { transfer: false, ..ALL }, TransferSeed),
    ] {
        let answer = decide(Role::Member, act, &without(permissions), &asked().context());
        assert!(answer.is_err_and(|denied| denied.unmet.is_empty()), "{act:?} without its permission");
    }
}

#[test]
fn promise_6_roles_mean_what_they_mean_whatever_was_granted() {
    let never = |acts: &'static [Action]| move |act: &Action| !acts.contains(act);
    let managers = never(&[ReadRecords, ReadAudit, ManageUsers, ManageVault, ExportCredentials, TransferSeed]);
    let auditors: &[Action] = &[SeeCredential, ReadRecords, ReadAudit, WatchSession, EndSession];
    let conditional = ana(ALL).reason().ticket("OPS-.*").until("2000-01-01T00:00:00Z");
    for given in [&[][..], &[ana(SEE)], &[conditional]] {
        let grants = world(given).grants_of(user(ANA), 0);
        for act in Action::ALL {
            let may = |role| decide(role, act, &grants, &asked().context()).is_ok();
            assert_eq!(may(Role::Administrator), act != TransferSeed, "{act:?}");
            assert_eq!(may(Role::Manager), managers(&act), "{act:?}");
            assert_eq!(may(Role::Auditor), auditors.contains(&act), "{act:?}");
        }
    }
    let everything = world(&[ana(ALL)]).grants_of(user(ANA), 0);
    for act in Action::ALL {
        let may = |role| decide(role, act, &everything, &asked().context()).is_ok();
        assert_eq!(may(Role::Auditor), auditors.contains(&act), "a grant makes no auditor a user: {act:?}");
    }
    for (role, act) in
        [(Role::Manager, ReadRecords), (Role::Manager, TransferSeed), (Role::Administrator, TransferSeed)]
    {
        let by = decide(role, act, &everything, &asked().context()).unwrap();
        assert_eq!(by.grant(), Some(GrantId::from_uuid(Uuid::from_u128(0))), "beyond the role, by a grant: {act:?}");
    }
    for act in [
        CreateCredential,
        RemoveCredential,
        SetAutomation,
        EndSession,
        ReadAudit,
        ManageUsers,
        ManageGroups,
        ManageVault,
        ExportCredentials,
    ] {
        assert!(decide(Role::Member, act, &everything, &asked().context()).is_err(), "{act:?} is no grant's");
    }
}

#[test]
fn grants_reach_people_by_groups_and_credentials_by_tag_and_site() {
    let (ana_, bob) = (user(ANA), user(BOB));
    check(&[
        (ana_, &[ana(TOKEN)], TakeToken, asked(), Ok(0)),
        (bob, &[ana(TOKEN)], TakeToken, asked(), NO),
        (bob, &[ana(TOKEN)], SeeCredential, asked(), NO),
        (ana_, &[members(INTERNS, TOKEN)], TakeToken, asked(), Ok(0)),
        (ana_, &[members(MARKETING, TOKEN)], TakeToken, asked(), Ok(0)),
        (ana_, &[members(STAFF, TOKEN)], TakeToken, asked(), Ok(0)),
        (ana_, &[members(OTHERS, TOKEN)], TakeToken, asked(), NO),
        (bob, &[members(STAFF, TOKEN)], TakeToken, asked(), Ok(0)),
        (bob, &[members(MARKETING, TOKEN)], TakeToken, asked(), NO),
        (bob, &[members(INTERNS, TOKEN)], TakeToken, asked(), NO),
        (bob, &[members(INTERNS, TOKEN), members(STAFF, SEE)], SeeCredential, asked(), Ok(1)),
        (ana_, &[ana(TOKEN).tag("social")], TakeToken, asked(), Ok(0)),
        (ana_, &[ana(TOKEN).tag("Social")], TakeToken, asked(), NO),
        (ana_, &[ana(TOKEN).tag("prod")], TakeToken, asked(), NO),
        (ana_, &[ana(TOKEN).site("login.example.org")], TakeToken, asked(), Ok(0)),
        (ana_, &[ana(TOKEN).site("https://LOGIN.example.org/other")], TakeToken, asked(), Ok(0)),
        (ana_, &[ana(TOKEN).site("example.org")], TakeToken, asked(), NO),
        (ana_, &[ana(TOKEN).site("www.login.example.org")], TakeToken, asked(), NO),
        (ana_, &[ana(TOKEN).on(GrantTarget::Credential(credential(1)))], TakeToken, asked(), NO),
        (ana_, &[members(STAFF, REVEAL).tag("social")], Reveal, asked(), Ok(0)),
        (ana_, &[members(STAFF, REVEAL).site("login.example.org")], Reveal, asked(), Ok(0)),
        (bob, &[members(INTERNS, REVEAL).tag("social")], Reveal, asked(), NO),
        (ana_, &[members(STAFF, SEE), ana(TOKEN)], TakeToken, asked(), Ok(1)),
        (ana_, &[members(STAFF, SEE), ana(TOKEN)], Reveal, asked(), NO),
        (ana_, &[members(STAFF, TOKEN), members(INTERNS, REVEAL)], Reveal, asked(), Ok(1)),
        (ana_, &[members(STAFF, VIEW), members(INTERNS, INTERACT)], StartSession, asked(), Ok(1)),
        (ana_, &[members(STAFF, VIEW), members(INTERNS, TOKEN)], StartSession, asked(), NO),
    ]);
}

#[test]
fn what_is_given_with_a_request_is_asked_for() {
    let ana_ = user(ANA);
    let ops = || ana(REVEAL).ticket("OPS-[0-9]+");
    check(&[
        (ana_, &[ana(REVEAL).reason()], Reveal, asked(), Err(&["reason"])),
        (ana_, &[ana(REVEAL).reason()], Reveal, with_reason(), Ok(0)),
        (ana_, &[ana(REVEAL).reason()], TakeToken, with_reason(), NO),
        (ana_, &[ana(REVEAL).reason()], SeeCredential, asked(), Ok(0)),
        (ana_, &[ops()], Reveal, asked(), Err(&["ticket"])),
        (ana_, &[ops()], Reveal, with_ticket("OPS-17"), Ok(0)),
        (ana_, &[ops()], Reveal, with_ticket("OPS-"), Err(&["ticket"])),
        (ana_, &[ops()], Reveal, with_ticket("xOPS-17"), Err(&["ticket"])),
        (ana_, &[ops()], Reveal, with_ticket("OPS-17x"), Err(&["ticket"])),
        (ana_, &[ops()], Reveal, with_ticket("ops-17"), Err(&["ticket"])),
        (ana_, &[ana(REVEAL).ticket("(?i)ops-[0-9]+")], Reveal, with_ticket("ops-17"), Ok(0)),
        (ana_, &[ana(REVEAL).ticket("OPS|OPS-17")], Reveal, with_ticket("OPS-17"), Ok(0)),
        (ana_, &[ana(REVEAL).ticket("OPS|CHG")], Reveal, with_ticket("OPS-17"), Err(&["ticket"])),
        (ana_, &[ops()], SeeCredential, asked(), Ok(0)),
        (ana_, &[ops().reason()], Reveal, asked(), Err(&["reason", "ticket"])),
        (ana_, &[ops().reason()], Reveal, with_ticket("OPS-17"), Err(&["reason"])),
        (ana_, &[ops().reason()], Reveal, with_reason(), Err(&["ticket"])),
        (ana_, &[ana(TOKEN).signed_in(10)], TakeToken, confirmed(Some(600)), Ok(0)),
        (ana_, &[ana(TOKEN).signed_in(10)], TakeToken, confirmed(Some(601)), Err(&["signed_in_minutes"])),
        (ana_, &[ana(TOKEN).signed_in(10)], TakeToken, confirmed(Some(0)), Ok(0)),
        (ana_, &[ana(TOKEN).signed_in(10)], TakeToken, confirmed(Some(-1)), Err(&["signed_in_minutes"])),
        (ana_, &[ana(TOKEN).signed_in(10)], TakeToken, confirmed(None), Err(&["signed_in_minutes"])),
        (ana_, &[ana(TOKEN).signed_in(10)], SeeCredential, confirmed(None), Ok(0)),
        (ana_, &[ana(EDIT).reason()], EditCredential, asked(), Err(&["reason"])),
        (ana_, &[ana(SHARE).reason()], GrantCredential, asked(), Err(&["reason"])),
        (ana_, &[ana(AUDIT).reason()], ReadRecords, asked(), Err(&["reason"])),
        (ana_, &[ana(TRANSFER).reason()], TransferSeed, asked(), Err(&["reason"])),
        (
            ana_,
            &[ana(TRANSFER).ticket("OPS-.*").signed_in(5)],
            TransferSeed,
            with_ticket("OPS-1"),
            Err(&["signed_in_minutes"]),
        ),
        (ana_, &[ana(TRANSFER).approval()], TransferSeed, asked(), Err(&["approval"])),
        (ana_, &[ana(TRANSFER)], TransferSeed, asked(), Ok(0)),
        (ana_, &[ana(CHANGE).reason()], ChangePassword, with_reason(), Ok(0)),
        (ana_, &[ana(INTERACT).reason()], StartSession, with_reason(), Ok(0)),
    ]);
}

#[test]
fn time_and_network_are_looked_at() {
    use Weekday::{Fri, Mon, Sun, Thu, Tue, Wed};
    let ana_ = user(ANA);
    let office = || ana(TOKEN).hours(&[Mon, Tue, Wed, Thu, Fri], "08:00", "18:00");
    let inside = || ana(TOKEN).network("10.0.0.0/8");
    check(&[
        (ana_, &[office()], TakeToken, asked(), Ok(0)),
        (ana_, &[office()], TakeToken, at("2026-01-05T06:59:00Z"), Err(&["hours"])),
        (ana_, &[office()], TakeToken, at("2026-01-05T17:00:00Z"), Err(&["hours"])),
        (ana_, &[office()], TakeToken, at("2026-01-04T11:00:00Z"), Err(&["hours"])),
        (ana_, &[office()], SeeCredential, at("2026-01-04T11:00:00Z"), Ok(0)),
        (ana_, &[ana(TOKEN).hours(&[Sun], "22:00", "06:00")], TakeToken, at("2026-01-05T03:00:00Z"), Ok(0)),
        (ana_, &[ana(TOKEN).hours(&[Mon], "22:00", "06:00")], TakeToken, at("2026-01-05T03:00:00Z"), Err(&["hours"])),
        (ana_, &[inside()], TakeToken, asked(), Ok(0)),
        (ana_, &[inside()], TakeToken, from_address(Some("::ffff:10.4.4.4")), Ok(0)),
        (ana_, &[inside()], TakeToken, from_address(Some("192.0.2.1")), Err(&["networks"])),
        (ana_, &[inside()], TakeToken, from_address(Some("2001:db8::1")), Err(&["networks"])),
        (ana_, &[inside()], TakeToken, from_address(None), Err(&["networks"])),
        (ana_, &[inside()], SeeCredential, from_address(None), Ok(0)),
        (ana_, &[inside().network("192.0.2.1")], TakeToken, from_address(Some("192.0.2.1")), Ok(0)),
        (ana_, &[inside().network("2001:db8::/32")], TakeToken, from_address(Some("2001:db8::1")), Ok(0)),
        (ana_, &[ana(TOKEN).from("2026-01-05T11:00:00Z")], TakeToken, asked(), Ok(0)),
        (ana_, &[ana(TOKEN).from("2026-01-05T11:00:01Z")], TakeToken, asked(), Err(&["from"])),
        (ana_, &[ana(TOKEN).from("2026-01-05T11:00:01Z")], SeeCredential, asked(), Err(&["from"])),
        (ana_, &[ana(TOKEN).until("2026-01-05T11:00:01Z")], TakeToken, asked(), Ok(0)),
        (ana_, &[ana(TOKEN).until("2026-01-05T11:00:00Z")], TakeToken, asked(), Err(&["until"])),
        (ana_, &[ana(TOKEN).until("2026-01-05T11:00:00Z")], SeeCredential, asked(), Err(&["until"])),
        (ana_, &[ana(TOKEN).until("2025-01-01T00:00:00Z"), ana(SEE)], TakeToken, asked(), Err(&["until"])),
        (ana_, &[ana(TOKEN).until("2025-01-01T00:00:00Z"), ana(SEE)], SeeCredential, asked(), Ok(1)),
    ]);
}

#[test]
fn one_grant_is_enough_and_the_nearest_one_is_told() {
    let ana_ = user(ANA);
    let late = || ana(TOKEN).hours(&[Weekday::Sun], "08:00", "18:00");
    check(&[
        (ana_, &[ana(TOKEN).reason(), ana(TOKEN)], TakeToken, asked(), Ok(1)),
        (ana_, &[late(), ana(TOKEN).reason()], TakeToken, asked(), Err(&["reason"])),
        (ana_, &[ana(TOKEN).reason(), late()], TakeToken, asked(), Err(&["reason"])),
        (ana_, &[late(), members(STAFF, TOKEN).ticket("A").reason()], TakeToken, asked(), Err(&["reason", "ticket"])),
        (ana_, &[late(), members(STAFF, TOKEN).until("2025-01-01T00:00:00Z")], TakeToken, asked(), Err(&["hours"])),
        (ana_, &[late().reason().network("192.0.2.0/24")], TakeToken, asked(), Err(&["reason", "networks", "hours"])),
        (ana_, &[ana(SEE), late()], TakeToken, asked(), Err(&["hours"])),
        (ana_, &[ana(SEE), ana(REVEAL)], TakeToken, asked(), NO),
    ]);
}

#[test]
fn a_denial_says_what_to_do() {
    let denial = |given: Given, asked: Asked| {
        let grants = world(&[given]).grants_of(user(ANA), 0);
        decide(Role::Member, Reveal, &grants, &asked.context()).unwrap_err().to_string()
    };
    let begins = "you are not allowed to see this credential's password";
    for (given, asked, ends) in [
        (ana(SEE), asked(), ""),
        (ana(REVEAL).reason(), asked(), ": a reason is needed"),
        (ana(REVEAL).ticket("OPS-[0-9]+"), asked(), ": the number of a ticket is needed, written as OPS-[0-9]+"),
        (
            ana(REVEAL).signed_in(5),
            asked(),
            ": you must have entered your password and code in a browser within the last 5 min: enter them again",
        ),
        (
            ana(REVEAL).hours(&[Weekday::Sun], "08:00", "18:00"),
            asked(),
            ": it is allowed at sun 08:00-18:00 (Europe/Berlin) only",
        ),
        (
            ana(REVEAL).network("192.0.2.0/24"),
            asked(),
            ": it is allowed from 192.0.2.0/24 only, and your address is not there",
        ),
        (ana(REVEAL).approval(), asked(), ": somebody has to approve it first: request access"),
        (ana(REVEAL).from("2027-01-01T00:00:00Z"), asked(), ": it is allowed from 2027-01-01T00:00:00.000Z on"),
        (
            ana(REVEAL).until("2025-01-01T00:00:00Z"),
            asked(),
            ": it was allowed until 2025-01-01T00:00:00.000Z: ask for access anew",
        ),
    ] {
        assert_eq!(denial(given, asked), format!("{begins}{ends}"));
    }
}

#[test]
fn who_has_to_wait_is_not_told_to_check_it_out() {
    let by = Unmet::CheckedOut { by: "bob".to_owned(), until: now(), queue: true };
    let denied = Denied { act: Reveal, unmet: vec![Unmet::Reason, Unmet::CheckOut, by] };
    let because = "a reason is needed; bob has checked it out until 2026-01-05T11:00:00.000Z: wait, or join the queue";
    assert_eq!(denied.to_string(), format!("you are not allowed to see this credential's password: {because}"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn promise_6_what_is_checked_out_is_used_by_one_person_and_by_the_grant_that_asks_for_it() {
    let rule = CheckOutRule { minutes: 60, change_after: false };
    let asks = |given: Given| Given {
        conditions: GrantConditions { check_out: Some(rule.clone()), ..given.conditions },
        ..given
    };
    let held = |person: u128, from: i64, until: i64| Held {
        person: user(person),
        name: "ben".to_owned(),
        grant: GrantId::from_uuid(Uuid::from_u128(0)),
        rule: rule.clone(),
        from: Timestamp::from_seconds(now().seconds() + from * 60),
        until: Timestamp::from_seconds(now().seconds() + until * 60),
    };
    let (own, others, over) = (Some(held(ANA, 0, 60)), Some(held(BOB, -1, 1)), Some(held(BOB, -60, 0)));
    let by_another = Some(Held { grant: GrantId::from_uuid(Uuid::from_u128(7)), ..held(ANA, 0, 60) });
    let all = || ana(ALL);
    type Case = (Given, Option<Held>, Action, Result<(), &'static [&'static str]>);
    let cases: &[Case] = &[
        (asks(all()), None, TakeToken, Err(&["check_out"])),
        (asks(all()), None, SeeCredential, Ok(())),
        (asks(all()), own.clone(), TakeToken, Ok(())),
        (asks(all()), own.clone(), EditCredential, Ok(())),
        (asks(all()), Some(held(ANA, -60, 0)), TakeToken, Err(&["check_out"])),
        (asks(all()), Some(held(ANA, 1, 60)), TakeToken, Err(&["check_out"])),
        // One check-out serves every access of theirs that asks for one.
        (asks(all()), by_another, TakeToken, Ok(())),
        // Others are kept away from every use, by whatever grant, and from nothing else.
        (asks(all()), others.clone(), TakeToken, Err(&["check_out", "checked_out"])),
        (all(), others.clone(), TakeToken, Err(&["checked_out"])),
        (all(), others.clone(), Reveal, Err(&["checked_out"])),
        (all(), others.clone(), StartSession, Err(&["checked_out"])),
        (all(), others.clone(), ChangePassword, Err(&["checked_out"])),
        (all(), others.clone(), TransferSeed, Err(&["checked_out"])),
        (asks(all()), None, TransferSeed, Err(&["check_out"])),
        (asks(all()), own.clone(), TransferSeed, Ok(())),
        (all(), others.clone(), WatchSession, Ok(())),
        (all(), others.clone(), EditCredential, Ok(())),
        (all(), others.clone(), ReadRecords, Ok(())),
        (all(), over, TakeToken, Ok(())),
        (all(), own, TakeToken, Ok(())),
        (all(), None, TakeToken, Ok(())),
    ];
    for (place, (given, held, act, expected)) in cases.iter().enumerate() {
        let mut world = world(std::slice::from_ref(given));
        world.held = held.clone().map(|held| (0, held));
        let (grants, asked) = (world.grants_of(user(ANA), 0), asked());
        let answer = decide(Role::Member, *act, &grants, &asked.context());
        let found = answer.clone().map(drop).map_err(|denied| denied.unmet.iter().map(|one| one.name()).collect());
        assert_eq!(found, expected.map_err(<[_]>::to_vec), "line {place}: {act:?} {answer:?}");
        // Who is kept away may look on at a session, and does not act in it.
        let level = grants.session_level(&asked.context());
        let kept = held.as_ref().is_some_and(|held| held.person == user(BOB) && now() < held.until);
        assert!(!kept || level <= Some(Level::View) && grants.session_extras(&asked.context()) == Extras::NONE);
        // A role uses what it may: that it did is in the log.
        assert!(decide(Role::Manager, TakeToken, &grants, &asked.context()).is_ok());
        assert!(decide(Role::Member, *act, &grants, &AccessContext::in_principle(now())).is_ok());
    }
    // Whether it may be checked out is asked beforehand: everything else has to hold.
    let to_check_out = |given: Given, asked: Asked| {
        let grants = world(&[given]).grants_of(user(ANA), 0);
        grants.to_check_out(&asked.context()).map(drop).map_err(|denied| denied.unmet.len())
    };
    assert_eq!(to_check_out(asks(ana(TOKEN)), asked()), Ok(()));
    assert_eq!(to_check_out(asks(ana(TOKEN)).reason(), asked()), Err(1));
    assert_eq!(to_check_out(asks(ana(TOKEN)).reason(), with_reason()), Ok(()));
    assert_eq!(to_check_out(ana(TOKEN), asked()), Err(0), "nothing asks for it");
    assert_eq!(to_check_out(asks(ana(EDIT)), asked()), Err(0), "nothing to use");
}

/// Approved to Ana by the first grant: what, as what was asked for, from and until how many minutes after now.
fn approved(permissions: GrantPermissions, rule: ApprovalRule, from: i64, until: i64) -> Approved {
    let minute = |after: i64| Timestamp::from_seconds(now().seconds() + after * 60);
    let (request, grant) = (RequestId::from_uuid(Uuid::from_u128(77)), GrantId::from_uuid(Uuid::from_u128(0)));
    Approved { request, grant, permissions, rule, from: minute(from), until: minute(until) }
}

#[test]
fn promise_6_what_asks_for_an_approval_is_allowed_while_it_is_approved_and_no_longer() {
    let both = GrantPermissions { token: true, reveal: true, ..SEE };
    let stricter = ApprovalRule { levels: vec![ApprovalLevel { group: group(OTHERS), approvals: 2 }], ..rule() };
    let by_reason = || ana(both).approval().reason().ticket("OPS-.*");
    let needs: Result<bool, &[&str]> = Err(&["approval"]);
    let by_request: Result<bool, &[&str]> = Ok(true);
    type Case = (Given, Option<Approved>, Action, Result<bool, &'static [&'static str]>);
    let cases: &[Case] = &[
        (ana(both).approval(), None, TakeToken, needs),
        (ana(both).approval(), None, SeeCredential, Ok(false)),
        (ana(both).approval(), Some(approved(TOKEN, rule(), 0, 60)), TakeToken, by_request),
        (ana(both).approval(), Some(approved(TOKEN, rule(), -60, 1)), TakeToken, by_request),
        (ana(both).approval(), Some(approved(TOKEN, rule(), -60, 0)), TakeToken, needs),
        (ana(both).approval(), Some(approved(TOKEN, rule(), 1, 60)), TakeToken, Err(&["from"])),
        (ana(both).approval(), Some(approved(TOKEN, rule(), 1, 60)), Reveal, needs),
        (ana(both).approval(), Some(approved(TOKEN, rule(), 0, 60)), Reveal, needs),
        (ana(TOKEN).approval(), Some(approved(ALL, rule(), 0, 60)), Reveal, Err(&[])),
        // The grant asks for more than it did.
        (ana(both).approval(), Some(approved(TOKEN, stricter, 0, 60)), TakeToken, needs),
        // Reason and ticket were given with the request.
        (by_reason(), None, TakeToken, Err(&["reason", "ticket", "approval"])),
        (by_reason(), Some(approved(both, rule(), 0, 60)), TakeToken, by_request),
        (by_reason().signed_in(5), Some(approved(both, rule(), 0, 60)), Reveal, Err(&["signed_in_minutes"])),
        (by_reason().network("192.0.2.0/24"), Some(approved(both, rule(), 0, 60)), Reveal, Err(&["networks"])),
        (members(STAFF, both).approval(), Some(approved(TOKEN, rule(), 0, 60)), TakeToken, by_request),
    ];
    for (place, (given, approved, act, expected)) in cases.iter().enumerate() {
        let mut world = world(std::slice::from_ref(given));
        world.approved = approved.iter().map(|one| (user(ANA), one.clone())).collect();
        let asked = asked();
        let answer = decide(Role::Member, *act, &world.grants_of(user(ANA), 0), &asked.context());
        let found = match &answer {
            Ok(by) => Ok(by.request().is_some()),
            Err(denied) => Err(denied.unmet.iter().map(|one| one.name()).collect::<Vec<_>>()),
        };
        assert_eq!(found, expected.map_err(<[_]>::to_vec), "line {place}: {act:?} {answer:?}");
        // Nothing of it is for anybody else.
        world.approved.iter_mut().for_each(|(to, _)| *to = user(BOB));
        let others = decide(Role::Member, *act, &world.grants_of(user(ANA), 0), &asked.context());
        assert!(!others.is_ok_and(|by| by.request().is_some()));
    }
}

#[test]
fn a_session_goes_as_far_as_was_approved_and_ends_with_it() {
    let full = GrantPermissions { extras: Extras::ALL, ..CONTROL };
    let mut world = world(&[ana(full).approval().reason()]);
    let asked = asked();
    let context = asked.context();
    assert_eq!(world.grants_of(user(ANA), 0).session_level(&context), None);
    let some = GrantPermissions { extras: Extras { paste: true, ..Extras::NONE }, ..INTERACT };
    world.approved = vec![(user(ANA), approved(some, rule(), -1, 1))];
    for context in [context, context.under_way(), AccessContext::elsewhere(now())] {
        let grants = world.grants_of(user(ANA), 0);
        assert_eq!(grants.session_level(&context), Some(Level::Interact));
        assert_eq!(grants.session_extras(&context), Extras { paste: true, ..Extras::NONE });
    }
    let later = AccessContext::elsewhere(Timestamp::from_seconds(now().seconds() + 60));
    assert_eq!(world.grants_of(user(ANA), 0).session_level(&later), None);
    assert_eq!(
        world.grants_of(user(ANA), 0).session_level(&AccessContext::in_principle(now())),
        Some(Level::Control),
        "what could be had"
    );
}

#[test]
fn in_sessions_the_widest_level_and_all_extras_of_what_holds() {
    let paste = GrantPermissions { extras: Extras { paste: true, ..Extras::NONE }, ..INTERACT };
    let upload = GrantPermissions { extras: Extras { upload: true, ..Extras::NONE }, ..CONTROL };
    let grants = world(&[ana(VIEW), members(STAFF, paste), ana(upload).reason()]).grants_of(user(ANA), 0);
    let (plain, reasoned) = (asked(), with_reason());
    assert_eq!(grants.session_level(&plain.context()), Some(Level::Interact));
    assert_eq!(grants.session_extras(&plain.context()), Extras { paste: true, ..Extras::NONE });
    for context in [reasoned.context(), plain.context().under_way()] {
        assert_eq!(grants.session_level(&context), Some(Level::Control));
        assert_eq!(grants.session_extras(&context), Extras { paste: true, upload: true, ..Extras::NONE });
    }
    assert_eq!(world(&[]).grants_of(user(ANA), 0).session_level(&plain.context()), None);
}

#[test]
fn who_shares_gives_no_more_than_they_have_and_asks_for_no_less() {
    let sharer = GrantPermissions { share: true, ..TOKEN };
    let shares = |own: Given, new: Given| {
        let grants = world(&[own]).grants_of(user(ANA), 0);
        grants.may_share(&new.grant(9), &with_reason().context())
    };
    let bob = |permissions| to(Principal::User(user(BOB)), permissions);
    for (own, new, may) in [
        (ana(sharer), bob(TOKEN), true),
        (ana(sharer), bob(SEE), true),
        (ana(sharer), bob(sharer), true),
        (ana(sharer), members(STAFF, TOKEN), true),
        (ana(sharer), bob(TOKEN).reason(), true),
        (ana(sharer), bob(REVEAL), false),
        (ana(sharer), ana(REVEAL), false),
        (ana(sharer), bob(EXTRAS), false),
        (ana(sharer), bob(TOKEN).tag("social"), false),
        (ana(sharer), bob(TOKEN).site("login.example.org"), false),
        (ana(TOKEN), bob(TOKEN), false),
        (ana(sharer).reason(), bob(TOKEN), false),
        (ana(sharer).reason(), bob(TOKEN).reason(), true),
        (ana(sharer).reason(), bob(TOKEN).reason().ticket("A"), true),
        (ana(sharer).ticket("A"), bob(TOKEN).ticket("A"), false),
        (ana(sharer).tag("social"), bob(TOKEN), true),
        (members(STAFF, sharer), bob(TOKEN), true),
        (ana(sharer).until("2027-01-01T00:00:00Z"), bob(TOKEN), false),
        (ana(sharer).until("2027-01-01T00:00:00Z"), bob(TOKEN).until("2028-01-01T00:00:00Z"), false),
        (ana(sharer).until("2027-01-01T00:00:00Z"), bob(TOKEN).until("2026-06-01T00:00:00Z"), true),
        (ana(sharer).network("10.0.0.0/8"), bob(TOKEN).network("10.1.0.0/16"), true),
        (ana(sharer).network("10.0.0.0/8"), bob(TOKEN).network("192.0.2.0/24"), false),
        (ana(sharer).signed_in(20), bob(TOKEN).signed_in(10), true),
        (ana(sharer).signed_in(20), bob(TOKEN).signed_in(30), false),
    ] {
        assert_eq!(shares(own.clone(), new.clone()), may, "{:?} {:?}", own.grant(0), new.grant(9));
    }
}

#[test]
fn patterns_and_conditions_that_cannot_be_are_refused_and_others_read_back() {
    use countersign_model::TicketPattern;
    let long = "a".repeat(201);
    for wrong in ["", " ", "(", "a)|(b", "[", "(?x) a # ", "(a{1000}){1000}", long.as_str()] {
        let error = wrong.parse::<TicketPattern>().unwrap_err().to_string();
        assert!(error.starts_with("ticket "), "{wrong}: {error}");
    }
    let none = GrantConditions::default();
    let wrong = |conditions: GrantConditions| conditions.checked().unwrap_err().field;
    assert_eq!(wrong(GrantConditions { signed_in_minutes: Some(0), ..none.clone() }), "signed_in_minutes");
    assert_eq!(wrong(GrantConditions { signed_in_minutes: Some(1_441), ..none.clone() }), "signed_in_minutes");
    assert_eq!(wrong(GrantConditions { from: Some(now()), until: Some(now()), ..none.clone() }), "until");
    let many = (0..51).map(|number| format!("10.0.0.{number}").parse().unwrap()).collect();
    assert_eq!(wrong(GrantConditions { networks: many, ..none.clone() }), "networks");
    assert_eq!(serde_json::to_string(&none).unwrap(), "{}");
    let all = ana(SEE).reason().ticket("OPS-[0-9]+").signed_in(5).hours(&[Weekday::Mon], "08:00", "09:00");
    let all = all.network("10.0.0.0/8").from("2026-01-01T00:00:00Z").until("2027-01-01T00:00:00Z").conditions;
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<GrantConditions>(&text).unwrap(), all);
    assert!(!all.is_empty() && none.is_empty());
    assert!(serde_json::from_str::<GrantConditions>(r#"{"moon": true}"#).is_err(), "what is not known is no condition");
}

#[test]
fn promise_6_administrators_alone_give_transfers_to_one_person_on_one_credential() {
    let one = || GrantTarget::Credential(credential(0));
    // The grant, whether an administrator may give it, and whether others may, as far as transfers go.
    let table = [
        (ana(ALL).on(one()), true, false),
        (ana(TRANSFER).on(one()).approval(), true, false),
        (ana(TRANSFER).tag("social"), false, false),
        (ana(TRANSFER).site("login.example.org"), false, false),
        (members(STAFF, TRANSFER).on(one()), false, false),
        (members(STAFF, TRANSFER).tag("social"), false, false),
        (members(STAFF, GrantPermissions { transfer: false, ..ALL }).tag("social"), true, true),
    ];
    for (place, (given, by_administrator, by_others)) in table.into_iter().enumerate() {
        let grant = &world(&[given]).grants[0];
        assert_eq!(grant.check_transfer(Role::Administrator).is_ok(), by_administrator, "line {place}");
        for role in [Role::Manager, Role::Member, Role::Auditor] {
            assert_eq!(grant.check_transfer(role).is_ok(), by_others, "line {place}: {role:?}");
        }
    }
}
