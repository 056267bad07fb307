//! Sessions of people at the practice site: seen, used, recorded; and people who help a change that waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use countersign_browser::LaunchOptions;
use countersign_model::{
    Challenge, ChangeKind, ChangeState, GrantPermissions, Level, Paging, SessionEnd, SessionId, SessionState,
    SiteSettings, Trust,
};
use countersign_recipe::{FieldRole, SiteKnowledge, recognise};
use countersign_snapshot::{Bounds, PageSnapshot};
use countersign_store::{MIGRATIONS, audit::RecordFilter, engine::EngineKind, testing};
use countersign_vault::{
    ChangeRequest, CredentialRef, NewGrant, RecordingFolder, RecordingStore, RecordingStoreError, Recordings,
    SessionRequest, StoreFuture,
};
use countersign_worker::{Worker, WorkerOptions};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::{
    changes::{chromiums_in, kill, scene},
    fixture::{OLD, SEED, TestWorker, rests, story},
    viewer::{Viewer, play},
};

/// The page as the worker saw it last.
pub(crate) type LastPage = Arc<Mutex<Option<PageSnapshot>>>;

pub(crate) fn watched(fixture: &TestWorker) -> (WorkerOptions, LastPage) {
    let last: LastPage = Arc::default();
    let keep = Arc::clone(&last);
    let at_page = move |picture: &PageSnapshot, _: &SiteKnowledge| *keep.lock() = Some(picture.clone());
    let waits_for_person = Duration::from_secs(120);
    let options = WorkerOptions { at_page: Some(Arc::new(at_page)), waits_for_person, ..fixture.options() };
    (options, last)
}

pub(crate) async fn start(fixture: &TestWorker, wanted: &CredentialRef) -> SessionId {
    fixture.vault.start_session(&fixture.admin, wanted, &SessionRequest { reason: None }).await.unwrap().id
}

pub(crate) async fn join(fixture: &TestWorker, worker: &Worker, id: SessionId) -> Viewer {
    Viewer::join(&fixture.vault, worker.hub(), &fixture.admin, id).await
}

/// Where a field or a button stands that is called so, in the main frame.
pub(crate) fn place(page: &LastPage, name: &str) -> Bounds {
    let picture = page.lock().clone().expect("a page was looked at");
    let frame = &picture.frames[0];
    let fields = frame.fields.iter().map(|field| (field.words.name().to_owned(), field.place));
    let buttons = frame.buttons.iter().map(|button| (button.name.clone(), button.place));
    let all: Vec<_> = fields.chain(buttons).collect();
    let found = all.iter().find(|(called, _)| called.contains(name));
    found.unwrap_or_else(|| panic!("{name} is not on {}: {all:?}", frame.address)).1
}

#[test]
fn a_sessions_chromium_is_its_own_and_dies_alone() {
    scene(&json!({}), &async |fixture, wanted| {
        let folder = tempfile::tempdir().unwrap();
        let profiles = folder.path().to_str().unwrap();
        let launch = LaunchOptions { folder: Some(folder.path().to_owned()), ..LaunchOptions::default() };
        let worker = fixture.worker(WorkerOptions { launch, ..fixture.options() });
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        let of_changes = chromiums_in(profiles);
        assert_eq!(of_changes.len(), 1, "{of_changes:?}");

        let id = start(fixture, wanted).await;
        let viewer = join(fixture, &worker, id).await;
        viewer.phase("live").await;
        let mut own = chromiums_in(profiles);
        own.retain(|process| !of_changes.contains(process));
        assert_eq!(own.len(), 1, "the sign-in and the session have one: {own:?}");
        kill(&own[0]);
        viewer.phase("ended").await;
        assert_ne!(until_over(fixture, id).await, SessionEnd::Person);

        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        assert_eq!(chromiums_in(profiles), of_changes, "that of changes is the same");
        worker.stop().await;
    });
}

#[test]
fn a_session_is_seen_used_recorded_and_ended() {
    scene(&json!({}), &async |fixture, wanted| {
        let (options, page) = watched(fixture);
        let worker = fixture.worker(options);
        let id = start(fixture, wanted).await;
        let viewer = join(fixture, &worker, id).await;
        viewer.phase("live").await;
        viewer.frame_after(0).await;
        let seen = viewer.count();
        viewer.click(&place(&page, "on your mind"));
        viewer.say(&json!({"t": "text", "text": "Grüße aus dem Hafen 🦊 日本"}));
        viewer.frame_after(seen).await;
        viewer.click(&place(&page, "Post"));
        viewer
            .until("the post", |_| {
                let posts = fixture.practice.control().user("alice").unwrap().posts;
                (posts == ["Grüße aus dem Hafen 🦊 日本"]).then_some(())
            })
            .await;
        let seen = viewer.count();
        viewer.say(&json!({"t": "wheel", "x": 400, "y": 500, "dx": 0, "dy": 600, "mods": 0}));
        viewer.frame_after(seen).await;
        viewer.say(&json!({"t": "end"}));
        let over = viewer.phase("ended").await;
        assert_eq!(over["end"], "person", "{over}");
        let session = until_over(fixture, id).await;
        assert_eq!(session, SessionEnd::Person);

        let (pictures, events) = play(&fixture.vault, &fixture.admin, id).await;
        assert!(pictures.len() >= 2, "{}", pictures.len());
        let kinds = |kind: &str| events.iter().filter(|event| event["kind"] == kind).cloned().collect::<Vec<Value>>();
        let clicks = kinds("click");
        assert!(clicks.iter().any(|click| click["name"] == "Post" && click["who"] == "root"), "{clicks:?}");
        assert!(kinds("keys").iter().any(|keys| keys["class"] == "text" && keys["count"] == 24), "{events:#?}");
        assert!(!kinds("address").is_empty() && !kinds("joined").is_empty() && !kinds("ended").is_empty());
        let text = serde_json::to_string(&events).unwrap();
        assert!(!text.contains("Hafen"), "what was typed is in the events: {text}");

        // What the browser remembers was kept: the next time no password is typed.
        fixture.practice.control().clear_logs();
        let id = start(fixture, wanted).await;
        let viewer = join(fixture, &worker, id).await;
        viewer.phase("live").await;
        assert!(fixture.practice.control().typed().is_empty(), "it was still signed in");
        worker.stop().await;
        assert_eq!(until_over(fixture, id).await, SessionEnd::Closing);
    });
}

async fn until_over(fixture: &TestWorker, id: SessionId) -> SessionEnd {
    let look = async {
        loop {
            let session = fixture.vault.session(&fixture.admin, id).await.unwrap();
            if session.state == SessionState::Ended {
                return session.ended_why.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), look).await.expect("it ends")
}

#[test]
fn promise_7_no_frame_and_no_recorded_byte_shows_a_secret() {
    // The password stands in the form while the sum is asked, beside a button that shows it.
    let captcha = json!({"sign_in": {"captcha": {"sign_in": true, "place": "in_form"}}});
    scene(&captcha, &async |fixture, wanted| {
        let control = fixture.practice.control();
        let layout = (1..200)
            .find(|layout| {
                control.patch_hurdles(None, &json!({"look": {"layout_seed": layout}})).unwrap();
                let truth = control.truth(None);
                truth.decisions.get("show_password").is_some_and(|shows| shows == "true")
            })
            .expect("a layout that can show the password");
        let (options, page) = watched(fixture);
        let worker = fixture.worker(options);
        let id = start(fixture, wanted).await;
        let viewer = join(fixture, &worker, id).await;
        let waiting = viewer.phase("waiting").await;
        assert_eq!(waiting["challenge"], "captcha", "{waiting}");
        viewer.frame_after(0).await;
        let picture = page.lock().clone().unwrap();
        let read = recognise(&picture, &SiteKnowledge::at(fixture.practice.url()));
        let password = read.part(FieldRole::CurrentPassword).expect("the password's field").element.clone();
        let frame = picture.frames.iter().find(|frame| frame.id == password.frame).unwrap();
        let field = frame.field(password.node).unwrap();
        assert!(field.filled, "layout {layout}: the password stands in it");
        let shows = frame.buttons.iter().find(|button| peeks(&button.name)).expect("a button that shows it");
        let seen = viewer.count();
        viewer.click(&shows.place);
        viewer.frame_after(seen).await;
        // Once more, so that both ways were seen, and what comes late, too.
        let seen = viewer.at_rest().await;
        viewer.click(&shows.place);
        viewer.frame_after(seen).await;
        viewer.say(&json!({"t": "end"}));
        viewer.phase("ended").await;
        until_over(fixture, id).await;
        let (recorded, events) = play(&fixture.vault, &fixture.admin, id).await;
        let frames = viewer.frames();
        assert!(frames.len() >= 3 && !recorded.is_empty());
        for picture in frames.iter().chain(&recorded) {
            assert!(is_blank(picture, &field.place), "layout {layout}: something is written where the password is");
        }
        let mut words = serde_json::to_string(&events).unwrap();
        words.push_str(&serde_json::to_string(&viewer.told()).unwrap());
        for secret in [OLD, SEED] {
            assert!(!words.contains(secret), "{words}");
        }
        worker.stop().await;
    });
}

fn peeks(name: &str) -> bool {
    ["show", "anzeigen", "mostrar", "afficher", "mostra"].iter().any(|word| name.to_lowercase().contains(word))
}

/// Whether nothing is written inside a box: its middle has one colour, but for what JPEG makes of it.
fn is_blank(picture: &image::RgbImage, at: &Bounds) -> bool {
    let inset = 6;
    let (x, y) = ((at.x as i64 + inset) as u32, (at.y as i64 + inset) as u32);
    let (w, h) = ((at.w as i64 - 2 * inset) as u32, (at.h as i64 - 2 * inset) as u32);
    let inside = image::imageops::crop_imm(picture, x, y, w, h).to_image();
    let Some(first) = inside.pixels().next().copied() else { return false };
    inside.pixels().all(|pixel| (0..3).all(|channel| pixel[channel].abs_diff(first[channel]) < 24))
}

#[test]
fn a_change_that_meets_a_captcha_goes_on_when_a_person_has_solved_it() {
    let hurdles = json!({"sign_in": {"captcha": {"sign_in": true, "place": "own_page", "remembered": true}}});
    scene(&hurdles, &async |fixture, wanted| {
        let (options, page) = watched(fixture);
        let worker = fixture.worker(options);
        let change = fixture.ask(wanted, ChangeKind::Change).await;
        fixture.until(change, |view| view.state == ChangeState::WaitingForAPerson).await;
        let session = fixture.vault.open_waiting(&fixture.admin, change).await.unwrap();
        let again = fixture.vault.open_waiting(&fixture.admin, change).await.unwrap();
        assert_eq!(session.id, again.id, "it is opened once");
        let viewer = join(fixture, &worker, session.id).await;
        viewer.phase("waiting").await;
        viewer.frame_after(0).await;
        let picture = page.lock().clone().unwrap();
        let read = recognise(&picture, &SiteKnowledge::at(fixture.practice.url()));
        let puzzle = read.part(FieldRole::Puzzle).expect("a field for the answer").element.clone();
        let field = picture.frame(&puzzle.frame).and_then(|frame| frame.field(puzzle.node)).unwrap();
        let sittings = fixture.practice.control().sittings();
        let answer = sittings.iter().rev().find_map(|sitting| sitting.captcha_answer).expect("a sum is asked");
        viewer.click(&field.place);
        viewer.say(&json!({"t": "text", "text": answer.to_string()}));
        viewer.press("Enter");
        let ended = viewer.phase("ended").await;
        assert_eq!(ended["end"], "change_went_on", "{ended}");
        let view = fixture.until(change, rests).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        assert_eq!(until_over(fixture, session.id).await, SessionEnd::ChangeWentOn);
        worker.stop().await;
    });
}

#[test]
fn no_frame_comes_and_nobody_types_while_it_is_frozen() {
    scene(&json!({}), &async |fixture, wanted| {
        let (options, page) = watched(fixture);
        let worker = fixture.worker(options);
        let id = start(fixture, wanted).await;
        let first = join(fixture, &worker, id).await;
        first.phase("live").await;
        let second = join(fixture, &worker, id).await;
        second.phase("live").await;
        let field = place(&page, "on your mind");
        second.frame_after(0).await;
        first.say(&json!({"t": "freeze", "on": true}));
        first.phase("frozen").await;
        second.phase("frozen").await;
        let seen = second.count();
        first.click(&field);
        first.say(&json!({"t": "text", "text": "nobody sees this"}));
        first
            .until("the refusal", |seen| {
                seen.told.iter().any(|told| told["t"] == "refused" && told["what"] == "frozen").then_some(())
            })
            .await;
        assert_eq!(second.count(), seen, "no frame comes while it is frozen");
        first.say(&json!({"t": "freeze", "on": false}));
        second.phase("live").await;
        second.frame_after(seen).await;
        first.say(&json!({"t": "end"}));
        first.phase("ended").await;
        worker.stop().await;
    });
}

#[test]
fn whose_last_tab_is_closed_gets_another() {
    scene(&json!({}), &async |fixture, wanted| {
        let worker = fixture.worker(fixture.options());
        let id = start(fixture, wanted).await;
        let viewer = join(fixture, &worker, id).await;
        viewer.phase("live").await;
        viewer.frame_after(0).await;
        // Its last tab is closed: another one is opened at the site.
        let tabs = viewer.until("tabs", |seen| seen.told.iter().rev().find(|told| told["t"] == "tabs").cloned()).await;
        let before = tabs["tabs"][0]["id"].clone();
        viewer.say(&json!({"t": "tab", "id": before, "act": "close"}));
        viewer
            .until("another tab", |seen| {
                let tabs = seen.told.iter().rev().find(|told| told["t"] == "tabs")?;
                let tab = &tabs["tabs"][0];
                (tab["id"] != before && tab["address"].as_str()?.starts_with("http")).then_some(())
            })
            .await;
        viewer.say(&json!({"t": "end"}));
        viewer.phase("ended").await;
        worker.stop().await;
    });
}

/// Asks for a change, lets it wait, and says yes in the stream to what the site asks.
async fn say_yes_in_the_stream(fixture: &TestWorker, wanted: &CredentialRef, asked: Challenge) {
    let (options, page) = watched(fixture);
    let worker = fixture.worker(options);
    let change = fixture.ask(wanted, ChangeKind::Change).await;
    fixture.until(change, |view| view.state == ChangeState::WaitingForAPerson || rests(view)).await;
    let session = fixture.vault.open_waiting(&fixture.admin, change).await.unwrap();
    let viewer = join(fixture, &worker, session.id).await;
    let waiting = viewer.phase("waiting").await;
    assert_eq!(waiting["challenge"], asked.name());
    viewer.frame_after(0).await;
    let picture = page.lock().clone().unwrap();
    let read = recognise(&picture, &SiteKnowledge::at(fixture.practice.url()));
    let press = read.yes.expect("a way to say yes");
    let frame = picture.frame(&press.button.frame).unwrap();
    if let Some(tick) = &press.tick {
        viewer.click(&frame.field(tick.node).unwrap().place);
    }
    viewer.click(&frame.buttons.iter().find(|button| button.node == press.button.node).unwrap().place);
    viewer.phase("ended").await;
    let view = fixture.until(change, rests).await;
    assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
    // The next run is not asked again.
    let view = fixture.change(wanted, ChangeKind::Change).await;
    assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
    let asked = view.events.iter().filter(|event| event.state == ChangeState::WaitingForAPerson).count();
    assert_eq!(asked, 0, "{}", story(&view));
    worker.stop().await;
}

#[test]
fn a_location_is_confirmed_in_the_stream_and_not_asked_again() {
    scene(&json!({"sign_in": {"location": "new_browser"}}), &async |fixture, wanted| {
        say_yes_in_the_stream(fixture, wanted, Challenge::Location).await;
    });
}

#[test]
fn a_browser_is_trusted_in_the_stream_and_not_asked_again() {
    scene(&json!({"sign_in": {"trust": {"asked": "page"}}}), &async |fixture, wanted| {
        let automation = fixture.vault.automation(&fixture.admin, wanted).await.unwrap();
        let settings = SiteSettings { trust: Trust::Ask, ..automation.settings };
        fixture.vault.set_automation(&fixture.admin, wanted, settings).await.unwrap();
        say_yes_in_the_stream(fixture, wanted, Challenge::TrustBrowser).await;
    });
}

/// Keeps what comes until there is no room.
struct Small {
    folder: RecordingFolder,
    room: AtomicBool,
}

impl RecordingStore for Small {
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> StoreFuture<'a, ()> {
        if self.room.load(Ordering::Relaxed) {
            return self.folder.put(name, bytes);
        }
        Box::pin(std::future::ready(Err(RecordingStoreError::Full("no space left on device".to_owned()))))
    }

    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.folder.get(name)
    }

    fn remove<'a>(&'a self, folder: &'a str) -> StoreFuture<'a, ()> {
        self.folder.remove(folder)
    }

    fn place(&self) -> String {
        self.folder.place()
    }
}

#[test]
fn a_full_disk_ends_the_session_and_what_was_recorded_can_be_played() {
    testing::run(EngineKind::Sqlite, MIGRATIONS, async |db| {
        let kept = tempfile::tempdir().unwrap();
        let small = Arc::new(Small { folder: RecordingFolder::new(kept.path()), room: AtomicBool::new(true) });
        let fixture = TestWorker::with_recordings(db, Recordings::new(small.clone())).await;
        let wanted = &fixture.credential("alice", &json!({})).await;
        let worker = fixture.worker(fixture.options());
        let id = start(&fixture, wanted).await;
        let viewer = join(&fixture, &worker, id).await;
        viewer.phase("live").await;
        viewer.frame_after(0).await;
        let stored = async {
            while fixture.vault.recording(&fixture.admin, id).await.unwrap().parts.iter().all(|part| part.frames == 0) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), stored).await.expect("a running recording can be played");
        small.room.store(false, Ordering::Relaxed);
        // Something has to be recorded, so that there is no room for it.
        viewer.say(&json!({"t": "wheel", "x": 400, "y": 500, "dx": 0, "dy": 600, "mods": 0}));
        let ended = viewer.phase("ended").await;
        assert_eq!(ended["end"], "storage_full", "{ended}");
        assert_eq!(until_over(&fixture, id).await, SessionEnd::StorageFull);
        let (pictures, _) = play(&fixture.vault, &fixture.admin, id).await;
        assert!(!pictures.is_empty());
        worker.stop().await;
    });
}

#[test]
fn promise_1_who_held_control_and_who_ended_a_session_is_recorded() {
    scene(&json!({}), &async |fixture, wanted| {
        let worker = fixture.worker(fixture.options());
        let id = start(fixture, wanted).await;
        let viewer = join(fixture, &worker, id).await;
        viewer.phase("live").await;
        viewer.say(&json!({"t": "control", "act": "give"}));
        viewer.say(&json!({"t": "control", "act": "take"}));
        viewer.say(&json!({"t": "end"}));
        viewer.phase("ended").await;
        assert_eq!(until_over(fixture, id).await, SessionEnd::Person);
        worker.stop().await;
        let theirs = RecordFilter { actor: Some(fixture.admin.user.uuid()), ..RecordFilter::default() };
        let page = fixture.vault.audit_records(&fixture.admin, &theirs, &Paging::default()).await.unwrap();
        let acts: Vec<&str> =
            page.items.iter().rev().map(|it| &*it.entry.act).filter(|act| act.starts_with("session.")).collect();
        let expected = ["started", "joined", "control_taken", "control_given", "control_taken", "end_asked"];
        let acts: Vec<&str> = acts.iter().take(expected.len()).map(|act| act.trim_start_matches("session.")).collect();
        assert_eq!(acts, expected);
    });
}

#[test]
fn promise_6_what_is_taken_back_during_a_session_is_taken_back() {
    scene(&json!({}), &async |fixture, wanted| {
        let worker = fixture.worker(fixture.options());
        let member = fixture.member("ben").await;
        let grant = async |session: Option<Level>| {
            let grant = GrantPermissions { session, ..GrantPermissions::default() };
            let grants = [NewGrant { person: member.user, grant }];
            fixture.vault.set_grants(&fixture.admin, wanted, &grants).await.unwrap();
        };
        grant(Some(Level::Interact)).await;
        let id = fixture.vault.start_session(&member, wanted, &SessionRequest { reason: None }).await.unwrap().id;
        let watches = join(fixture, &worker, id).await;
        let person = fixture.vault.join_session(&member, id, None).await.unwrap();
        let _seat = worker.hub().join(id, person, Duration::from_secs(60)).await.unwrap();
        let in_control = |who: &'static str| {
            move |seen: &crate::viewer::SeenPage| {
                let people = seen.told.iter().rev().find(|told| told["t"] == "people")?;
                let mut holding = people["people"].as_array()?.iter().filter(|person| person["control"] == true);
                (holding.next().map_or("", |person| person["name"].as_str().unwrap()) == who).then_some(())
            }
        };
        watches.until("whose session it is holds control", in_control("ben")).await;
        grant(Some(Level::View)).await;
        // Who may only watch has no session of their own: it ends at once, whoever else looks on.
        assert_eq!(until_over(fixture, id).await, SessionEnd::Administrator);
        grant(None).await;
        let gone = fixture.vault.session_seat(&fixture.signed_in("ben").await, id).await;
        assert!(gone.is_err(), "{gone:?}");
        worker.stop().await;
    });
}

#[test]
fn a_sign_in_that_fails_ends_its_session_with_the_reason_and_leaves_nothing_behind() {
    let limited = json!({"sign_in": {"guard": {"rate_limit": {"posts": 0, "seconds": 600}}}});
    for (hurdles, says) in [(json!({}), "password"), (limited, "too many tries")] {
        scene(&hurdles, &async |fixture, wanted| {
            if says == "password" {
                assert!(fixture.practice.control().set_password("alice", "Somebody-Changed-1t"));
            }
            let worker = fixture.worker(fixture.options());
            let id = start(fixture, wanted).await;
            assert_eq!(until_over(fixture, id).await, SessionEnd::SignInFailed);
            let session = fixture.vault.session(&fixture.admin, id).await.unwrap();
            assert!(session.says.contains(says), "{}", session.says);
            // Nothing of it is in the way of what comes next.
            let ask = ChangeRequest { kind: ChangeKind::Rehearsal, reason: None };
            fixture.vault.ask_change(&fixture.admin, wanted, &ask).await.unwrap();
            worker.stop().await;
        });
    }
}
