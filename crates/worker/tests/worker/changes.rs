//! A change from start to end, and what holds afterwards.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use countersign_browser::{Key, LaunchOptions, Page};
use countersign_model::{ChangeKind, ChangeReason, ChangeState, Clock as _, VersionState};
use countersign_practice::PageName;
use countersign_recipe::{FieldRole, SiteKnowledge, recognise};
use countersign_store::{
    MIGRATIONS, args, both_engines,
    engine::{Database, DatabaseUrl, EngineKind, OpenOptions, Statement},
    statements, testing,
};
use countersign_vault::{ChangeView, CredentialRef, Error, TokenRequest};
use countersign_worker::{AllowPrivate, WorkerOptions};
use serde_json::json;

use crate::fixture::{OLD, TestWorker, open, rests, story};

both_engines! {
    async fn a_password_is_changed_and_proven(db: &TestDatabase) {
        let fixture = TestWorker::new(db).await;
        let wanted = fixture.credential("alice", &json!({"sign_in": {"guard": {"refuse_replay": true}}})).await;
        let worker = fixture.worker(fixture.options());
        let view = fixture.change(&wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        let now = fixture.current(&wanted).await;
        assert!(fixture.practice.control().check("alice", &now) && !fixture.practice.control().check("alice", OLD));
        let snapshots = view.events.iter().filter(|event| event.has_picture).count();
        assert!(snapshots >= 2, "{}", story(&view));
        worker.stop().await;
    }
}

both_engines! {
    async fn a_restored_backup_signs_in_at_the_site(db: &TestDatabase) {
        let fixture = TestWorker::new(db).await;
        let wanted = fixture.credential("alice", &json!({"sign_in": {"guard": {"refuse_replay": true}}})).await;
        let file = fixture.folder.path().join("one.backup");
        fixture.vault.back_up_into(&file).await.unwrap();
        fixture.vault.close().await;
        let restored = Database::open(&DatabaseUrl::Sqlite(file), &OpenOptions::default()).await.unwrap();
        let vault = open(&restored, fixture.folder.path(), &fixture.clock, None).await;
        let fixture = TestWorker { vault, ..fixture };
        let worker = fixture.worker(fixture.options());
        let view = fixture.change(&wanted, ChangeKind::Rehearsal).await;
        assert_eq!(view.state, ChangeState::Passed, "{}", story(&view));
        worker.stop().await;
    }
}

/// A fixture with one account, and what happens in it.
pub(crate) fn scene(hurdles: &serde_json::Value, play: &impl AsyncFn(&TestWorker, &CredentialRef)) {
    scene_of("alice", hurdles, play);
}

/// The same for an account of another name.
pub(crate) fn scene_of(name: &str, hurdles: &serde_json::Value, play: &impl AsyncFn(&TestWorker, &CredentialRef)) {
    testing::run(EngineKind::Sqlite, MIGRATIONS, async |db| {
        let fixture = TestWorker::new(db).await;
        let wanted = fixture.credential(name, hurdles).await;
        play(&fixture, &wanted).await;
    });
}

fn one_run(
    hurdles: &serde_json::Value,
    kind: ChangeKind,
    look: &impl AsyncFn(&TestWorker, &CredentialRef, ChangeView),
) {
    scene(hurdles, &async |fixture, wanted| {
        let worker = fixture.worker(fixture.options());
        let view = fixture.change(wanted, kind).await;
        look(fixture, wanted, view).await;
        worker.stop().await;
    });
}

#[test]
fn the_next_change_goes_where_the_pages_were_found() {
    scene(&json!({}), &async |fixture, wanted| {
        let paths = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&paths);
        let options = WorkerOptions {
            at_page: Some(Arc::new(move |snapshot, _| {
                let address = url::Url::parse(&snapshot.main().unwrap().address).unwrap();
                note.lock().unwrap().push(address.path().to_owned());
            })),
            ..fixture.options()
        };
        let worker = fixture.worker(options);
        let control = fixture.practice.control();
        let first = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(first.state, ChangeState::Changed, "{}", story(&first));
        let looked = std::mem::take(&mut *paths.lock().unwrap());
        assert!(looked.iter().any(|path| path.starts_with("/.well-known/")), "{looked:?}");

        control.sign_out("alice");
        let second = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(second.state, ChangeState::Changed, "{}", story(&second));
        let now = fixture.current(wanted).await;
        assert!(control.check("alice", &now), "{}", story(&second));
        let truth = control.truth(Some("alice"));
        let known = |path: &str| {
            path == truth.change_page
                || ["sign_in", "token", "home", "feed"].iter().any(|name| truth.paths[*name] == path)
        };
        let looked = std::mem::take(&mut *paths.lock().unwrap());
        assert_eq!(looked[0], truth.paths["sign_in"], "asked for the form, the site asks who it is: {looked:?}");
        assert!(looked.iter().all(|path| known(path)), "{looked:?}");
        worker.stop().await;
    });
}

#[test]
fn a_rehearsal_types_nothing_into_the_form() {
    one_run(&json!({}), ChangeKind::Rehearsal, &async |fixture, wanted, view| {
        assert_eq!(view.state, ChangeState::Passed, "{}", story(&view));
        assert_eq!(fixture.vault.versions(&fixture.admin, wanted).await.unwrap().len(), 1, "no new password was made");
        let typed = fixture.practice.control().typed();
        assert!(typed.iter().all(|typed| typed.page != PageName::Change), "nothing was typed there");
        let automation = fixture.vault.automation(&fixture.admin, wanted).await.unwrap();
        assert!(automation.form_known && automation.moved.is_empty());
    });
}

#[test]
fn a_heartbeat_signs_in_and_tells_of_a_site_that_is_gone() {
    // A person has tried the site before: a check goes to no place that nobody has.
    one_run(&json!({}), ChangeKind::Rehearsal, &async |fixture, wanted, view| {
        assert_eq!(view.state, ChangeState::Passed, "{}", story(&view));
        fixture.clock.advance(Duration::from_secs(60));
        let view = fixture.change(wanted, ChangeKind::Heartbeat).await;
        assert_eq!(view.state, ChangeState::Passed, "{}", story(&view));
        let beat = fixture.vault.automation(&fixture.admin, wanted).await.unwrap().last_heartbeat.unwrap();
        assert!(beat.passed, "{}", beat.text);
        let broken = json!({"faults": [{"page": "any", "act": "unavailable"}]});
        fixture.practice.control().patch_hurdles(None, &broken).unwrap();
        fixture.clock.advance(Duration::from_secs(60));
        let view = fixture.change(wanted, ChangeKind::Heartbeat).await;
        assert_eq!(view.reason, Some(ChangeReason::SiteUnavailable), "{}", story(&view));
        assert!(!fixture.vault.automation(&fixture.admin, wanted).await.unwrap().last_heartbeat.unwrap().passed);
    });
}

#[test]
fn a_page_that_lies_is_not_believed() {
    one_run(&json!({"change": {"lie": "says_changed"}}), ChangeKind::Change, &async |fixture, wanted, view| {
        // It may learn of it late, so the old password is no proof; both are kept, and it is asked again soon.
        assert_eq!(view.state, ChangeState::InDoubt, "{}", story(&view));
        assert_eq!(view.reason, Some(ChangeReason::OldPasswordWorks), "{}", story(&view));
        assert!(view.not_before.is_some(), "{}", story(&view));
        assert_eq!(fixture.current(wanted).await, OLD);
        let states: Vec<_> = fixture.vault.versions(&fixture.admin, wanted).await.unwrap();
        assert_eq!(
            states.iter().map(|version| version.state).collect::<Vec<_>>(),
            [VersionState::Candidate, VersionState::Current]
        );
        let wrong = fixture.practice.control().user("alice").unwrap().counts.wrong_passwords;
        assert!(wrong <= 2, "{wrong} bad sign-ins");
    });
}

#[test]
fn promise_4_nothing_is_typed_where_the_site_leads_astray() {
    for (at, host) in [("sign_in", "other_port"), ("change_page", "other_host"), ("after_change", "other_host")] {
        let trap = json!({"web": {"trap": {"at": at, "host": host}}});
        one_run(&trap, ChangeKind::Change, &async |fixture, wanted, view| {
            assert!(fixture.practice.control().trapped().is_empty(), "{at}: {}", story(&view));
            assert!(
                fixture.practice.control().check("alice", &fixture.current(wanted).await),
                "{at}: {}",
                story(&view)
            );
        });
    }
}

#[test]
fn the_sites_clock_is_seen_and_used() {
    one_run(&json!({"clock": {"offset_seconds": -75}}), ChangeKind::Change, &async |fixture, wanted, view| {
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        let (offset, _) = fixture.vault.automation(&fixture.admin, wanted).await.unwrap().clock.unwrap();
        assert!((-78..=-72).contains(&offset), "{offset}");
    });
}

#[test]
fn a_person_solves_the_puzzle_and_the_change_goes_on() {
    let hurdles = json!({"sign_in": {"captcha": {"sign_in": true, "place": "own_page", "remembered": true}}});
    scene(&hurdles, &async |fixture, wanted| {
        let options = WorkerOptions { waits_for_person: Duration::from_secs(120), ..fixture.options() };
        let worker = fixture.worker(options);
        let id = fixture.ask(wanted, ChangeKind::Change).await;
        let view = fixture.until(id, |view| view.state == ChangeState::WaitingForAPerson || rests(view)).await;
        assert_eq!(view.state, ChangeState::WaitingForAPerson, "{}", story(&view));
        assert!(view.waiting_until.is_some() && view.events.last().unwrap().has_picture, "{}", story(&view));
        // Once at the first sign-in, once at the proof, which a browser does that knows nothing.
        let mut acted = 0;
        while acted < 2 {
            let view = fixture.until(id, |view| view.state == ChangeState::WaitingForAPerson || rests(view)).await;
            if rests(&view) {
                break;
            }
            solve(fixture, &worker.waiting_page(id).unwrap()).await;
            acted += 1;
            fixture.until(id, |view| view.state != ChangeState::WaitingForAPerson).await;
        }
        let view = fixture.until(id, rests).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        worker.stop().await;
    });
}

/// Reads the answer where only a person could, and types it.
pub(crate) async fn solve(fixture: &TestWorker, page: &Page) {
    let snapshot = page.snapshot().await.unwrap();
    let read = recognise(&snapshot, &SiteKnowledge::at(fixture.practice.url()));
    let field = read.part(FieldRole::Puzzle).expect("a field for the answer").element.clone();
    let sittings = fixture.practice.control().sittings();
    let answer = sittings.iter().rev().find_map(|sitting| sitting.captcha_answer).expect("a sum is asked");
    page.type_text(&field, &answer.to_string()).await.unwrap();
    page.focus(&field).await.unwrap();
    page.press(Key::Enter).await.unwrap();
}

#[test]
fn who_waits_for_a_person_can_be_called_off() {
    let hurdles = json!({"sign_in": {"location": "always"}});
    scene(&hurdles, &async |fixture, wanted| {
        let lease = Duration::from_secs(1);
        let options = WorkerOptions { waits_for_person: Duration::from_secs(120), lease, ..fixture.options() };
        let worker = fixture.worker(options);
        let id = fixture.ask(wanted, ChangeKind::Change).await;
        fixture.until(id, |view| view.state == ChangeState::WaitingForAPerson).await;
        fixture.vault.cancel_change(&fixture.admin, id).await.unwrap();
        let view = fixture.until(id, rests).await;
        assert_eq!(view.state, ChangeState::Cancelled, "{}", story(&view));
        assert_eq!(fixture.current(wanted).await, OLD);
        worker.stop().await;
    });
}

#[test]
fn promise_9_the_third_change_of_a_day_is_put_off() {
    scene(&json!({}), &async |fixture, wanted| {
        let worker = fixture.worker(fixture.options());
        for _ in 0..2 {
            let view = fixture.change(wanted, ChangeKind::Change).await;
            assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        }
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Postponed, "{}", story(&view));
        assert!(view.not_before.unwrap() > fixture.clock.now());
        fixture.pass(Duration::from_secs(24 * 60 * 60));
        let view = fixture.until(view.id, |view| view.state.is_end()).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        worker.stop().await;
    });
}

#[test]
fn private_addresses_are_refused_unless_allowed() {
    scene(&json!({}), &async |fixture, wanted| {
        let worker = fixture.worker(WorkerOptions { allow_private: AllowPrivate(false), ..fixture.options() });
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Failed, "{}", story(&view));
        assert!(story(&view).contains("COUNTERSIGN_ALLOW_PRIVATE"), "{}", story(&view));
        assert!(fixture.practice.control().typed().is_empty());
        worker.stop().await;
    });
}

#[test]
fn without_chromium_a_change_says_what_to_install() {
    scene(&json!({}), &async |fixture, wanted| {
        let launch = LaunchOptions { program: Some("/nowhere/chromium".into()), ..LaunchOptions::default() };
        let worker = fixture.worker(WorkerOptions { launch, ..fixture.options() });
        assert!(worker.trouble().unwrap().contains("install"));
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.reason, Some(ChangeReason::BrowserMissing), "{}", story(&view));
        worker.stop().await;
    });
}

#[test]
fn a_browser_that_dies_is_replaced() {
    scene(&json!({}), &async |fixture, wanted| {
        // Once before anything was sent, once after the new password was.
        let blows = Arc::new(Mutex::new(vec!["submitted", "signed_in"]));
        let left = Arc::clone(&blows);
        let folder = tempfile::tempdir().unwrap();
        let profiles = folder.path().to_str().unwrap().to_owned();
        let at_point: Arc<dyn Fn(&'static str) + Send + Sync> = Arc::new(move |name| {
            let mut left = left.lock().unwrap();
            if left.last() == Some(&name) {
                left.pop();
                kill_chromium_in(&profiles);
            }
        });
        let launch = LaunchOptions { folder: Some(folder.path().to_owned()), ..LaunchOptions::default() };
        let worker = fixture.worker(WorkerOptions { at_point: Some(at_point), launch, ..fixture.options() });
        let id = fixture.ask(wanted, ChangeKind::Change).await;
        let mut view = fixture.until(id, rests).await;
        if view.state == ChangeState::InDoubt {
            // So late that a site which has not heard of the new password is not waited for any more.
            fixture.pass(Duration::from_secs(13 * 60 * 60));
            view = fixture.until(id, |view| view.state.is_end()).await;
        }
        assert!(blows.lock().unwrap().is_empty(), "{}", story(&view));
        let again = ["starting again", "started again"];
        assert!(again.iter().any(|text| story(&view).contains(text)), "{}", story(&view));
        assert!(fixture.practice.control().check("alice", &fixture.current(wanted).await), "{}", story(&view));
        assert!(matches!(view.state, ChangeState::Changed | ChangeState::Failed), "{}", story(&view));
        worker.stop().await;
    });
}

/// Ends the Chromiums whose profiles are in that folder, the way the kernel would; other tests have theirs.
fn kill_chromium_in(profiles: &str) {
    chromiums_in(profiles).iter().for_each(|process| kill(process));
}

pub(crate) fn kill(process: &str) {
    std::process::Command::new("kill").args(["-9", process]).status().unwrap();
}

/// The processes of Chromiums of this test whose profiles are in that folder.
pub(crate) fn chromiums_in(profiles: &str) -> Vec<String> {
    let mut found = Vec::new();
    let me = std::process::id().to_string();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((head, rest)) = stat.rsplit_once(") ") else { continue };
        let parent = rest.split(' ').nth(1);
        let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        if parent == Some(me.as_str()) && head.contains("chrom") && line.contains(profiles) {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
    found
}

#[test]
fn a_known_browser_spares_the_second_question() {
    let hurdles = json!({"sign_in": {"location": "new_browser"}});
    scene(&hurdles, &async |fixture, wanted| {
        let options = WorkerOptions { waits_for_person: Duration::from_secs(120), ..fixture.options() };
        let worker = fixture.worker(options);
        let id = fixture.ask(wanted, ChangeKind::Change).await;
        fixture.until(id, |view| view.state == ChangeState::WaitingForAPerson).await;
        say_yes(&worker.waiting_page(id).unwrap()).await;
        let view = fixture.until(id, rests).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        let asked = view.events.iter().filter(|event| event.state == ChangeState::WaitingForAPerson).count();
        assert_eq!(asked, 1, "{}", story(&view));
        // The next change is not asked at all.
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        worker.stop().await;
    });
}

async fn say_yes(page: &Page) {
    let snapshot = page.snapshot().await.unwrap();
    let read = recognise(&snapshot, &SiteKnowledge::at("http://127.0.0.1/"));
    let press = read.yes.expect("a way to say yes");
    if let Some(tick) = &press.tick {
        page.set_checked(tick, true, Duration::from_secs(2)).await.unwrap();
    }
    page.click(&press.button, Duration::from_secs(2)).await.unwrap();
}

#[test]
fn promise_7_a_page_that_repeats_the_new_password_is_neither_quoted_nor_photographed() {
    for change in [
        json!({"echoes": true, "confirm_page": false, "success": "page"}),
        json!({"echoes": true, "rules": {"min": 90, "told": true}}),
    ] {
        one_run(&json!({"change": change}), ChangeKind::Change, &async |fixture, wanted, view| {
            let versions = fixture.vault.versions(&fixture.admin, wanted).await.unwrap();
            let newest = fixture.vault.reveal(&fixture.admin, wanted, None, Some(versions[0].version)).await.unwrap();
            let password = newest.password.expose_text().unwrap();
            assert!(view.armed_at.is_some(), "{}", story(&view));
            assert!(!story(&view).contains(password), "it is in the story");
            // The page right after the form was sent.
            let told = view.events.iter().rev().find(|event| event.state == ChangeState::Submitted).unwrap();
            assert!(!told.has_picture, "{}", story(&view));
            if view.state == ChangeState::Failed {
                assert!(story(&view).contains("•••"), "{}", story(&view));
            }
        });
    }
}

statements! {
    NO_LOG = "create trigger no_log before insert on audit_block begin select raise(abort, 'no room'); end";
    LOG_AGAIN = "drop trigger no_log";
}

#[test]
fn promise_1_a_change_under_way_finishes_once_the_log_can_be_written_again() {
    testing::run(EngineKind::Sqlite, MIGRATIONS, async |db| {
        let fixture = TestWorker::new(db).await;
        let wanted = fixture.credential("alice", &json!({})).await;
        let (left, mut has_left) = tokio::sync::mpsc::unbounded_channel();
        let database: Database = (**db).clone();
        let at_point: Arc<dyn Fn(&'static str) + Send + Sync> = Arc::new(move |name| match name {
            "submitted" => tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(execute(&database, &NO_LOG));
            }),
            "left" => left.send(()).unwrap(),
            _ => {}
        });
        let worker = fixture.worker(WorkerOptions { at_point: Some(at_point), ..fixture.options() });
        let id = fixture.ask(&wanted, ChangeKind::Change).await;
        has_left.recv().await.unwrap();
        // The new password holds already, and nobody can be told anything.
        let token = fixture.vault.token(&fixture.admin, &wanted, &TokenRequest::default()).await;
        assert!(matches!(token, Err(Error::AuditUnavailable(_))));
        let view = fixture.vault.change(&fixture.admin, id).await.unwrap();
        assert!(view.armed_at.is_some() && view.ended_at.is_none(), "{}", story(&view));

        execute(db, &LOG_AGAIN).await;
        fixture.pass(Duration::from_secs(2 * 60 * 60));
        let view = fixture.until(id, |view| view.state.is_end()).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        assert!(fixture.practice.control().check("alice", &fixture.current(&wanted).await));
        worker.stop().await;
    });
}

async fn execute(database: &Database, statement: &Statement) {
    let mut tx = database.write().await.unwrap();
    tx.execute(statement, args![]).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn what_a_site_says_in_refusing_a_password_is_obeyed_the_next_time() {
    let hurdles = json!({"change": {"rules": {"min": 60, "told": false}}});
    scene(&hurdles, &async |fixture, wanted| {
        let worker = fixture.worker(fixture.options());
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert!(
            matches!(&view.reason, Some(ChangeReason::PasswordRejected { rule }) if rule.contains("60")),
            "{}",
            story(&view)
        );
        fixture.pass(Duration::from_secs(60));
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        assert!(fixture.current(wanted).await.len() >= 60);
        worker.stop().await;
    });
}
