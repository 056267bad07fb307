//! The promises of the design, by their numbers, as far as a change of a password can break them. The tests are the
//! worker; no browser runs.

use std::{sync::Arc, time::Duration};

use countersign_model::{
    Actor, Challenge, ChangeKind, ChangeReason, ChangeState, FakeClock, GrantPermissions, Paging, PasswordSlot, Role,
    SiteAddress, Timestamp, UserName,
};
use countersign_snapshot::PageSnapshot;
use countersign_store::{
    MIGRATIONS,
    audit::RecordFilter,
    both_engines,
    engine::{Database, DatabaseUrl, EngineKind, OpenOptions},
    testing::TestDatabase,
};
use countersign_vault::{
    ChangeListRequest, ChangeOutcome, ChangeRequest, ChangeRun, Error, NewCredential, RunError, TokenRequest,
    WorkingPassword,
};

use crate::{
    changes::{
        DAY, LEASE, OPTIONS, acts, armed, ask, ask_as, at_the_form, begun, changed, claim, look, prove, reveal,
        to_the_form, versions, why,
    },
    fixture::{PASSWORD, SEED, TestVault, by_id, new_credential, open, secret},
};

both_engines! {
    async fn promise_2_the_new_password_is_durable_before_it_is_given(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let (run, new) = armed(&fixture, &credential).await;
        drop(run);
        // Whatever this process knew is gone.
        let vault = open(database, &fixture.folder, &fixture.clock, OPTIONS).await;
        let fixture = TestVault { vault, ..fixture };
        assert_eq!(versions(&fixture, &credential).await, [(2, "candidate"), (1, "current")]);
        assert_eq!(reveal(&fixture, &credential, Some(2)).await, new);
        assert_eq!(reveal(&fixture, &credential, None).await, "its password");

        fixture.clock.advance(LEASE);
        let mut run = claim(&fixture.vault).await.unwrap();
        assert!(run.armed());
        let again = run.new_password(None, None).await.unwrap();
        assert_eq!(again.expose_text(), Some(new.as_str()), "one change has one new password");
        let short = run.new_password(None, Some(8)).await;
        assert!(matches!(short, Err(RunError::NoPassword(_))), "what may hold is not thrown away");
        assert_eq!(versions(&fixture, &credential).await.len(), 2);

        run.report(ChangeState::Verifying, "trying", None).await.unwrap();
        let ended = run.id();
        run.end(ChangeOutcome::Failed { reason: why() }).await.unwrap();
        assert_eq!(versions(&fixture, &credential).await, [(2, "unused"), (1, "current")]);
        assert_eq!(reveal(&fixture, &credential, None).await, "its password");
        let seen = look(&fixture, ended).await;
        assert_eq!(seen.says, "The password is unchanged: a new sign-in with the old one has verified it.");
    }

    async fn promise_2_nothing_is_said_that_is_not_proven(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let mut run = at_the_form(&fixture, &credential).await;
        for end in [ChangeOutcome::Changed, ChangeOutcome::Passed, ChangeOutcome::InDoubt { reason: why(), retry_at: None }] {
            run = not_so(run, end).await;
        }
        run.new_password(None, None).await.unwrap();
        let not_proven = [ChangeOutcome::Changed, ChangeOutcome::Failed { reason: why() }, ChangeOutcome::Cancelled,
            ChangeOutcome::Postponed { until: fixture.now(), reason: why() }];
        for state in [ChangeState::Changing, ChangeState::Submitted] {
            run.report(state, "going on", None).await.unwrap();
            for end in not_proven.clone() {
                run = not_so(run, end).await;
            }
        }
        assert_eq!(look(&fixture, run.id()).await.state, ChangeState::Submitted);
        assert_eq!(versions(&fixture, &credential).await, [(2, "candidate"), (1, "current")]);

        let other = fixture.credential("Facebook").await;
        let rehearsal = ChangeRequest { kind: ChangeKind::Rehearsal, reason: None };
        fixture.vault.ask_change(&fixture.admin, &by_id(&other), &rehearsal).await.unwrap();
        let mut run = claim(&fixture.vault).await.unwrap();
        to_the_form(&mut run).await;
        assert!(matches!(run.new_password(None, None).await, Err(RunError::Vault(Error::Internal(_)))));
        run.end(ChangeOutcome::Passed).await.unwrap();
        assert_eq!(versions(&fixture, &other).await, [(1, "current")]);
    }

    async fn promise_3_who_takes_over_knows_whether_the_password_may_have_changed(database: &TestDatabase) {
        use ChangeState::{Changing, SigningIn, Submitted, Verifying, WaitingForAPerson};
        let fixture = TestVault::new(database).await;
        let ways: [(&[ChangeState], bool); 8] = [
            (&[], false),
            (&[WaitingForAPerson], false),
            (&[Changing], false),
            (&[Changing, WaitingForAPerson], false),
            (&[Changing], true),
            (&[Changing, Submitted], true),
            (&[Changing, Submitted, WaitingForAPerson], true),
            (&[Changing, Submitted, Verifying], true),
        ];
        for (number, (way, arm)) in ways.into_iter().enumerate() {
            let credential = fixture.credential(&format!("Site {number}")).await;
            let mut run = begun(&fixture, &credential).await;
            for state in way {
                if *state == WaitingForAPerson {
                    let until = fixture.now().plus(LEASE);
                    run.park(Challenge::Captcha, None, until, None).await.unwrap();
                } else {
                    run.report(*state, "going on", None).await.unwrap();
                }
                if arm && *state == Changing {
                    run.new_password(None, None).await.unwrap();
                }
            }
            fixture.clock.advance(LEASE - Duration::from_secs(1));
            assert!(claim(&fixture.vault).await.is_none(), "{way:?}: its worker may still be there");
            fixture.advance(1);
            let mut next = claim(&fixture.vault).await.unwrap();
            let expected = if arm { ChangeState::InDoubt } else { SigningIn };
            assert_eq!((next.id(), next.armed(), next.state(), next.attempts()), (run.id(), arm, expected, 2), "{way:?}");
            assert_eq!((next.waiting_until(), next.challenge()), (None, None), "{way:?}");
            let late = run.report(way.last().copied().unwrap_or(SigningIn), "late", None).await;
            assert!(matches!(late, Err(RunError::LeaseLost)), "{way:?}: {late:?}");
            assert!(matches!(run.use_password(PasswordSlot::Current, true).await, Err(RunError::LeaseLost)));
            assert!(matches!(run.use_token(0).await, Err(RunError::LeaseLost)));
            assert!(matches!(run.lease().renew(LEASE).await, Err(RunError::LeaseLost)));
            assert!(matches!(run.page_shows_password(&PageSnapshot::default()).await, Err(RunError::LeaseLost)));

            let back = next.report(SigningIn, "from the start", None).await;
            assert_eq!(back.is_ok(), !arm, "{way:?}: never from the start once the new password may hold");
            if arm {
                assert_eq!(versions(&fixture, &credential).await, [(2, "candidate"), (1, "current")]);
                // A second worker vanishes while it finds out.
                next.report(Verifying, "trying", None).await.unwrap();
                fixture.clock.advance(LEASE);
                next = claim(&fixture.vault).await.unwrap();
                assert_eq!((next.armed(), next.state()), (true, ChangeState::InDoubt));
            }
            let end = if arm { ChangeOutcome::Changed } else { ChangeOutcome::Failed { reason: why() } };
            next.end(end).await.unwrap();
            let left = if arm { vec![(2, "current"), (1, "former")] } else { vec![(1, "current")] };
            assert_eq!(versions(&fixture, &credential).await, left, "{way:?}");
        }
    }

    async fn promise_3_no_password_is_sent_a_third_time_whoever_sends_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let mut run = begun(&fixture, &credential).await;
        for left in [1, 0] {
            run.use_password(PasswordSlot::Current, true).await.unwrap();
            assert_eq!(run.tries_left(PasswordSlot::Current), left);
            fixture.clock.advance(LEASE);
            run = claim(&fixture.vault).await.unwrap();
        }
        assert!(matches!(run.use_password(PasswordSlot::Current, true).await, Err(RunError::TriesSpent)));
        run.use_password(PasswordSlot::Current, false).await.unwrap();
        run.end(ChangeOutcome::Failed { reason: ChangeReason::WrongPassword }).await.unwrap();

        armed(&fixture, &credential).await;
        for _ in 0..2 {
            fixture.clock.advance(LEASE);
            let mut run = claim(&fixture.vault).await.unwrap();
            run.use_password(PasswordSlot::Candidate, true).await.unwrap();
        }
        fixture.clock.advance(LEASE);
        let mut run = claim(&fixture.vault).await.unwrap();
        assert!(matches!(run.use_password(PasswordSlot::Candidate, true).await, Err(RunError::TriesSpent)));
        assert_eq!(run.tries_left(PasswordSlot::Current), 2, "each has its own");
        let ended = run.id();
        run.end(ChangeOutcome::InDoubt { reason: why(), retry_at: None }).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none(), "only a person can help");
        fixture.advance(30 * DAY);
        assert!(claim(&fixture.vault).await.is_none());

        let seen = look(&fixture, ended).await;
        assert!(seen.ended_at.is_none() && seen.may.retry && seen.may.settle && !seen.may.cancel);
        fixture.vault.retry_change(&fixture.admin, ended).await.unwrap();
        let mut run = claim(&fixture.vault).await.unwrap();
        assert_eq!((run.armed(), run.tries_left(PasswordSlot::Candidate)), (true, 1), "a person's word is worth one more");
        run.use_password(PasswordSlot::Candidate, true).await.unwrap();
        run.password_taken(PasswordSlot::Candidate).await.unwrap();
        fixture.clock.advance(LEASE);
        assert_eq!(claim(&fixture.vault).await.unwrap().tries_left(PasswordSlot::Candidate), 2, "the site has taken it");
    }

    async fn promise_5_the_worker_minds_who_shares_its_seed_at_its_site(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.advance(2);
        let run = begun(&fixture, &credential).await;
        for (name, site, taken) in [
            ("The same", Some("https://www.example.org/login"), true),
            ("Nowhere", None, true),
            ("Elsewhere", Some("https://example.com/"), false),
            ("Another port", Some("https://example.org:8443/"), false),
        ] {
            let site = site.map(|site| SiteAddress::parse(site).unwrap());
            let new = NewCredential { site, ..new_credential(name) };
            let (other, _) = fixture.vault.create_credential(&fixture.admin, new).await.unwrap();
            fixture.advance(30);
            fixture.token(&fixture.admin, &other).await.unwrap();
            let token = run.use_token(0).await;
            assert_eq!(matches!(token, Err(RunError::Vault(Error::StepTaken { .. }))), taken, "{name}");
            fixture.vault.remove_credential(&fixture.admin, &by_id(&other)).await.unwrap();
        }
    }

    async fn promise_5_the_worker_takes_a_step_that_nobody_has_seen(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let run = begun(&fixture, &credential).await;
        let wait = async |offset| match run.use_token(offset).await {
            Ok(token) => Ok(token.expose().to_owned()),
            Err(RunError::Vault(Error::StepTaken { wait })) => Err(wait.as_secs()),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(wait(0).await, Err(1), "a second before the end");
        fixture.advance(1);
        assert_eq!(wait(0).await.as_deref(), Ok("14050471"), "RFC 6238 appendix B");
        assert_eq!(wait(0).await, Err(30), "its own step is no exception");
        let answer = fixture.vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await.unwrap();
        assert_eq!(answer.taken_by[0].name, "Countersign, changing the password");

        fixture.advance(30);
        fixture.token(&fixture.admin, &credential).await.unwrap();
        assert_eq!(wait(0).await, Err(30), "a person has looked at it");
        fixture.advance(30);
        let claim = TokenRequest { claim: true, ..TokenRequest::default() };
        fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await.unwrap();
        assert_eq!(wait(0).await, Err(30), "a program has taken it");
        fixture.advance(30 + 21);
        assert_eq!(wait(0).await, Err(9), "nine seconds are too few");
        fixture.advance(9 + 20);
        let ten_left = wait(0).await.unwrap();
        assert_eq!(fixture.token(&fixture.admin, &credential).await.unwrap(), ten_left);

        // A site whose clock is 75 seconds ahead is two steps on, and half through them.
        fixture.advance(10);
        let there = wait(75).await.unwrap();
        assert_eq!(wait(75).await, Err(15));
        fixture.advance(60);
        assert_eq!(fixture.token(&fixture.admin, &credential).await.unwrap(), there);
        assert_eq!(wait(-75).await, Err(15), "there, it is the step that was taken first");
        assert_eq!(wait(-45).await, Ok(token_at(fixture.now().minus(Duration::from_secs(45)))));
    }

    async fn promise_6_only_managers_change_passwords(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let other = fixture.credential("Facebook").await;
        let member = fixture.person("bob", Role::Member).await;
        let auditor = fixture.person("carol", Role::Auditor).await;
        let manager = fixture.person("dave", Role::Manager).await;
        ask(&fixture, &other).await;
        claim(&fixture.vault).await.unwrap();
        fixture.advance(1);
        let mut run = begun(&fixture, &credential).await;
        run.report(ChangeState::SigningIn, "there", Some(b"a picture".to_vec())).await.unwrap();
        let id = run.id();
        let names = async |actor: &Actor| {
            let page = fixture.vault.list_changes(actor, &ChangeListRequest::default()).await.unwrap();
            assert!(page.items.iter().all(|it| it.may.cancel == (actor.role == Role::Manager)));
            page.items.iter().map(|it| it.credential_name.clone()).collect::<Vec<_>>()
        };
        let of_it = ChangeListRequest { credential: Some(by_id(&credential)), ..ChangeListRequest::default() };

        assert!(names(&member).await.is_empty());
        assert!(matches!(fixture.vault.list_changes(&member, &of_it).await, Err(Error::NotFound(_))));
        assert!(matches!(fixture.vault.change(&member, id).await, Err(Error::NotFound(_))));
        assert!(matches!(fixture.vault.change_picture(&member, id, 3).await, Err(Error::NotFound(_))));
        assert!(matches!(ask_as(&fixture, &member, &credential).await, Err(Error::NotFound(_))));
        assert!(matches!(fixture.vault.cancel_change(&member, id).await, Err(Error::NotFound(_))));
        assert!(matches!(fixture.vault.automation(&member, &by_id(&credential)).await, Err(Error::NotFound(_))));

        fixture.grant(&credential, &member, Some(GrantPermissions { token: true, reveal: true, ..GrantPermissions::SEE })).await;
        let member = fixture.signed_in("bob").await;
        assert_eq!(names(&member).await, ["Instagram"]);
        assert_eq!(names(&auditor).await, ["Instagram", "Facebook"]);
        for actor in [&member, &auditor] {
            let seen = fixture.vault.change(actor, id).await.unwrap();
            assert!(!seen.may.cancel && !seen.may.retry && !seen.may.settle);
            // What shows a page that is signed in is for who may change or watch, and looking is recorded.
            let watches = actor.role == Role::Auditor;
            let picture = fixture.vault.change_picture(actor, id, 3).await;
            assert_eq!(picture.is_ok(), watches);
            assert!(watches || matches!(picture, Err(Error::Denied(_))));
            assert_eq!(seen.events.iter().any(|event| event.has_picture), watches);
            let newest = acts(&fixture, &credential).await.pop().unwrap();
            assert_eq!(newest, "change.screenshot_seen");
            assert!(matches!(ask_as(&fixture, actor, &credential).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.cancel_change(actor, id).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.retry_change(actor, id).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.settle_change(actor, id, WorkingPassword::New).await, Err(Error::Denied(_))));
            let settings = countersign_model::SiteSettings::default();
            let set = fixture.vault.set_automation(actor, &by_id(&credential), settings).await;
            assert!(matches!(set, Err(Error::Denied(_))));
        }
        assert_eq!(names(&manager).await.len(), 2);
        fixture.vault.cancel_change(&manager, id).await.unwrap();
    }

    async fn promise_9_the_third_change_of_a_day_is_put_off(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.advance(1);
        let first_at = fixture.now();
        changed(&fixture, &credential).await;
        let rehearsal = ChangeRequest { kind: ChangeKind::Rehearsal, reason: None };
        fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &rehearsal).await.unwrap();
        let run = claim(&fixture.vault).await.unwrap();
        run.end(ChangeOutcome::Failed { reason: why() }).await.unwrap();
        fixture.advance(3600);
        changed(&fixture, &credential).await;
        fixture.advance(3600);

        let third = ask(&fixture, &credential).await;
        let room_at = first_at.plus(Duration::from_secs(DAY));
        let put_off = (third.state, third.not_before, third.reason.clone());
        assert_eq!(put_off, (ChangeState::Postponed, Some(room_at), Some(ChangeReason::RateLimited)));
        assert!(third.ended_at.is_none() && third.may.cancel && third.may.retry);
        assert!(claim(&fixture.vault).await.is_none());
        // Impatience does not help.
        fixture.vault.retry_change(&fixture.admin, third.id).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none());
        let seen = look(&fixture, third.id).await;
        assert_eq!((seen.state, seen.not_before), (ChangeState::Postponed, Some(room_at)));

        fixture.clock.advance(room_at.since(fixture.now()) - Duration::from_secs(1));
        assert!(claim(&fixture.vault).await.is_none());
        fixture.advance(1);
        let mut run = claim(&fixture.vault).await.unwrap();
        assert_eq!((run.id(), run.attempts()), (third.id, 1));
        to_the_form(&mut run).await;
        run.new_password(None, None).await.unwrap();
        // What may have changed has to be found out, however many there were.
        fixture.clock.advance(LEASE);
        assert!(claim(&fixture.vault).await.unwrap().armed());
    }
}

/// It may not end so: nothing of it was proven.
async fn not_so(run: ChangeRun, end: ChangeOutcome) -> ChangeRun {
    let (state, said) = (run.state(), format!("{end:?}"));
    let not_ended = run.end(end).await.unwrap_err();
    assert!(matches!(not_ended.error, RunError::Vault(Error::Internal(_))), "{state:?} {said}: {}", not_ended.error);
    not_ended.run
}

fn token_at(at: Timestamp) -> String {
    let ask = countersign_vault::SeedRequest { text: Some(secret(SEED)), digits: Some(8), ..Default::default() };
    ask.understand().unwrap().previews(at)[0].text.expose().to_owned()
}

/// A page limit fills the "disk" while one change has not begun to type and another is about to end.
#[tokio::test]
async fn promise_1_without_a_record_a_worker_gets_nothing_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("vault.db"));
    let small = OpenOptions { sqlite_page_limit: Some(240), ..OpenOptions::default() };
    let database = Database::open(&url, &small).await.unwrap();
    let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_110)));
    let vault = open(&database, &folder, &clock, OPTIONS).await;
    let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
    let fixture = TestVault { vault, clock, admin, folder };
    let (proven, fresh) = (fixture.credential("Proven").await, fixture.credential("Fresh").await);
    let (mut proven_run, new) = armed(&fixture, &proven).await;
    prove(&mut proven_run).await;
    let mut run = at_the_form(&fixture, &fresh).await;

    // Until there is no room for the smallest record.
    let mut refusals = 0;
    while refusals < 3 {
        let read = fixture.vault.token(&fixture.admin, &by_id(&proven), &TokenRequest::default()).await;
        refusals += u32::from(read.is_err());
    }
    let nothing = |what: Result<(), RunError>| match what {
        Err(RunError::Vault(Error::AuditUnavailable(cause) | Error::Database(cause))) => {
            matches!(*cause, countersign_store::engine::Error::Full { .. })
        }
        _ => false,
    };
    for _ in 0..3 {
        let typed = run.use_password(PasswordSlot::Current, true).await;
        assert!(nothing(typed.map(drop)));
    }
    // The two hold the same seed, and the step that was looked at is taken for both.
    fixture.clock.advance(Duration::from_secs(30));
    assert!(nothing(run.use_token(0).await.map(drop)));
    assert!(nothing(run.new_password(None, None).await.map(drop)));
    assert!(!run.armed() && run.tries_left(PasswordSlot::Current) == 2, "what did not leave was no try");
    let not_ended = proven_run.end(ChangeOutcome::Changed).await.unwrap_err();
    assert!(nothing(Err(not_ended.error)));
    assert_eq!(not_ended.run.state(), ChangeState::Verifying);
    fixture.vault.close().await;

    // With room again both are taken over, and nothing was lost of either.
    let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
    let vault = open(&database, &fixture.folder, &fixture.clock, OPTIONS).await;
    let fixture = TestVault { vault, ..fixture };
    assert_eq!(versions(&fixture, &fresh).await, [(1, "current")]);
    let before = acts(&fixture, &fresh).await;
    assert_eq!(before.iter().filter(|act| *act == "change.password_used").count(), 1, "{before:?}");
    fixture.clock.advance(LEASE * 2);
    for _ in 0..2 {
        let mut run = claim(&fixture.vault).await.unwrap();
        if run.armed() {
            run.report(ChangeState::Verifying, "trying", None).await.unwrap();
            run.use_password(PasswordSlot::Candidate, true).await.unwrap();
            run.end(ChangeOutcome::Changed).await.unwrap();
        } else {
            to_the_form(&mut run).await;
            run.use_token(0).await.unwrap();
            run.new_password(None, None).await.unwrap();
        }
    }
    assert_eq!(reveal(&fixture, &proven, None).await, new);
    assert!(acts(&fixture, &proven).await.contains(&"change.changed".to_owned()));
}

/// What a worker was given stands nowhere in the open.
#[tokio::test(flavor = "multi_thread")]
async fn promise_7_what_a_worker_types_is_stored_and_said_nowhere() {
    let database = TestDatabase::new(EngineKind::Sqlite, MIGRATIONS).await;
    let fixture = TestVault::new(&database).await;
    let credential = fixture.credential("Instagram").await;
    fixture.advance(1);
    let mut run = begun(&fixture, &credential).await;
    let token = run.use_token(0).await.unwrap().expose().to_owned();
    to_the_form(&mut run).await;
    let picture = b"how the page looked, masked".to_vec();
    run.report(ChangeState::Changing, "at the form", Some(picture.clone())).await.unwrap();
    run.keep_browser(&secret("session=its cookie"), "{}").await.unwrap();
    let new = run.new_password(None, None).await.unwrap();
    let new = new.expose_text().unwrap().to_owned();
    prove(&mut run).await;
    let kept = run.browser_state().await.unwrap().unwrap();
    assert_eq!((kept.0.expose_text(), kept.1.as_str()), (Some("session=its cookie"), "{}"));
    let (_ended, _said) = (run.id(), format!("{run:?}"));
    let (ended, said) = (run.id(), format!("{run:?}"));
    run.end(ChangeOutcome::Changed).await.unwrap();

    let mut open = Vec::new();
    for file in std::fs::read_dir(database.folder().unwrap()).unwrap() {
        open.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    assert!(open.len() > 10_000 && open.windows(11).any(|window| window == b"at the form"), "the database was read");
    // All that people, pages and logs are told.
    let page =
        fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(200)).await.unwrap();
    let records: String = page.items.iter().map(|record| format!("{record:?}")).collect();
    let automation = fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
    open.extend(format!("{:?} {said} {records} {automation:?}", look(&fixture, ended).await).into_bytes());
    let secrets: [(&str, &[u8]); 7] = [
        ("new password", new.as_bytes()),
        ("old password", b"its password"),
        ("seed", SEED.as_bytes()),
        ("seed's bytes", b"12345678901234567890"),
        ("token", token.as_bytes()),
        ("browser state", b"its cookie"),
        ("picture", &picture),
    ];
    for (what, bytes) in secrets {
        assert!(!open.windows(bytes.len()).any(|window| window == bytes), "the {what} lies in the open");
    }
}
