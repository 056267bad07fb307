//! Promise 3: after any crash, some stored version signs in, and the vault says which.
//!
//! Another process works on a change and is ended without warning: at each point that a change passes, and at many
//! moments that nobody chose. Then this process takes the change up and finds out what holds.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_model::{ChangeId, ChangeKind, ChangeState, FakeClock, Timestamp};
use countersign_store::{
    MIGRATIONS,
    engine::{Database, DatabaseUrl, EngineKind, OpenOptions},
    testing,
};
use countersign_vault::CredentialRef;
use countersign_worker::{AllowPrivate, Worker, WorkerOptions};
use serde_json::json;

use crate::fixture::{Machine, OLD, TestWorker, open, rests, story};

/// Every point that a plain change passes, in order.
const POINTS: &[&str] = &[
    "claimed",
    "signed_in",
    "form_found",
    "candidate_stored",
    "typed",
    "submitted",
    "told",
    "verifying",
    "proven",
    "ending",
    "ended",
];
/// Points that are passed only where the site lies about the change.
const POINTS_OF_A_LIE: &[&str] = &["refused", "proven", "ending"];
/// So many random moments, unless `COUNTERSIGN_MOMENTS` says how many.
const MOMENTS: usize = 40;
/// Set for the process that is killed.
const CHANGE: &str = "COUNTERSIGN_TEST_CHANGE";

#[test]
fn promise_3_killed_at_every_point() {
    // It starts itself again as the process that is killed.
    if std::env::var_os(CHANGE).is_some() {
        return work_until_killed();
    }
    testing::run(EngineKind::Sqlite, MIGRATIONS, async |db| {
        let mut fixture = TestWorker::new(db).await;
        for point in POINTS {
            crash_and_recover(&mut fixture, db, &format!("at-{point}"), &json!({}), &Blow::At((*point).to_owned()))
                .await;
        }
        for point in POINTS_OF_A_LIE {
            let lie = json!({"change": {"lie": "says_changed"}});
            crash_and_recover(&mut fixture, db, &format!("lie-{point}"), &lie, &Blow::At((*point).to_owned())).await;
        }
    });
}

#[test]
fn promise_3_killed_at_many_moments() {
    let moments = crate::fixture::wanted("COUNTERSIGN_MOMENTS", MOMENTS);
    let lanes: Vec<_> = (0..2_usize)
        .map(|lane| {
            std::thread::spawn(move || {
                testing::run(EngineKind::Sqlite, MIGRATIONS, async move |db| {
                    let mut fixture = TestWorker::new(db).await;
                    // How long a whole change takes here decides which moments are of interest.
                    let begun = Instant::now();
                    crash_and_recover(&mut fixture, db, &format!("whole-{lane}"), &json!({}), &Blow::None).await;
                    let whole = begun.elapsed();
                    let mut ends = std::collections::BTreeMap::new();
                    for index in 0..moments / 2 {
                        // Evenly over the whole run and a little beyond, each lane in its own half steps.
                        let share = (index as f64 + 0.5 * lane as f64) / (moments / 2) as f64;
                        let blow = Blow::After(whole.mul_f64(share));
                        let name = format!("moment-{lane}-{index}");
                        let end = crash_and_recover(&mut fixture, db, &name, &json!({}), &blow).await;
                        *ends.entry(end.name()).or_insert(0) += 1;
                    }
                    println!("lane {lane}: {ends:?} within {whole:?}");
                });
            })
        })
        .collect();
    for lane in lanes {
        lane.join().unwrap();
    }
}

/// When the other process is ended.
enum Blow {
    None,
    At(String),
    After(Duration),
}

async fn crash_and_recover(
    fixture: &mut TestWorker,
    db: &testing::TestDatabase,
    name: &str,
    hurdles: &serde_json::Value,
    blow: &Blow,
) -> ChangeState {
    fixture.begin_anew();
    let wanted = fixture.credential(name, hurdles).await;
    let id = fixture.ask(&wanted, ChangeKind::Change).await;
    fixture.vault.close().await;

    let mut child = start_child(fixture, db.url(), id, blow);
    wait_for_blow(&mut child, blow);

    // Whoever takes it up finds the lease run out and the last token's step over.
    fixture.pass(Duration::from_secs(120));
    fixture.vault = open(&reopen(db.url()).await, fixture.folder.path(), &fixture.clock, None).await;
    let worker = fixture.worker(fixture.options());
    let mut view = fixture.until(id, rests).await;
    for _ in 0..4 {
        if view.state != ChangeState::InDoubt {
            break;
        }
        // It says when it tries again.
        fixture.pass(Duration::from_secs(24 * 60 * 60));
        let before = view.attempts;
        view = fixture.until(id, |view| view.attempts > before && rests(view)).await;
    }
    worker.stop().await;
    says_what_is_so(fixture, &wanted, name, &view).await;
    view.state
}

async fn says_what_is_so(
    fixture: &TestWorker,
    wanted: &CredentialRef,
    name: &str,
    view: &countersign_vault::ChangeView,
) {
    let current = fixture.current(wanted).await;
    assert!(
        fixture.practice.control().check(name, &current),
        "{name}: the vault's password does not sign in\n{}",
        story(view)
    );
    match view.state {
        ChangeState::Changed => assert_ne!(current, OLD, "{name}\n{}", story(view)),
        ChangeState::Failed => assert_eq!(current, OLD, "{name}\n{}", story(view)),
        // The site says that it was changed and takes the old one for days: no machine can say more.
        ChangeState::InDoubt if name.starts_with("lie-") => assert_eq!(current, OLD, "{name}\n{}", story(view)),
        other => panic!("{name}: it is {}\n{}", other.name(), story(view)),
    }
    let counts = fixture.practice.control().user(name).unwrap().counts;
    // A site that goes on lying is asked once more in each round, and lets the old password in after it.
    let most = if view.state == ChangeState::InDoubt { view.attempts + 1 } else { 2 };
    assert!(
        i64::from(counts.wrong_passwords) <= most,
        "{name}: {} bad sign-ins\n{}",
        counts.wrong_passwords,
        story(view)
    );
}

async fn reopen(url: &DatabaseUrl) -> Database {
    Database::open(url, &OpenOptions::default()).await.unwrap()
}

fn start_child(fixture: &TestWorker, url: &DatabaseUrl, change: ChangeId, blow: &Blow) -> Child {
    let point = match blow {
        Blow::At(point) => point.as_str(),
        Blow::None | Blow::After(_) => "",
    };
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::promise_3_killed_at_every_point", "--nocapture"])
        .env("COUNTERSIGN_TEST_DATABASE", url.to_string())
        .env("COUNTERSIGN_TEST_FOLDER", fixture.folder.path())
        .env(CHANGE, change.to_string())
        .env("COUNTERSIGN_TEST_POINT", point)
        .env("COUNTERSIGN_TEST_NOW", fixture.practice.control().now().to_string())
        .env("COUNTERSIGN_TEST_CONTROL", fixture.practice.control_url())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn wait_for_blow(child: &mut Child, blow: &Blow) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The clock of the blow runs from the moment when there is something to strike.
    let open = lines.by_ref().any(|line| line.contains("child: working"));
    assert!(open, "the other process did not come up");
    if let Blow::After(moment) = blow {
        std::thread::sleep(*moment);
        child.kill().unwrap();
    }
    // Read to its end, so that it never waits for a reader.
    lines.for_each(drop);
    child.wait().unwrap();
}

fn work_until_killed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(work());
}

#[expect(clippy::print_stdout, reason = "the parent waits for this line")]
async fn work() {
    let variable = |name| std::env::var(name).expect("started by its test");
    let url = DatabaseUrl::parse(&variable("COUNTERSIGN_TEST_DATABASE")).unwrap();
    let now: i64 = variable("COUNTERSIGN_TEST_NOW").parse().unwrap();
    let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(now)));
    let folder = std::path::PathBuf::from(variable("COUNTERSIGN_TEST_FOLDER"));
    let vault = open(&reopen(&url).await, &folder, &clock, None).await;
    let point = variable("COUNTERSIGN_TEST_POINT");
    let control = variable("COUNTERSIGN_TEST_CONTROL");
    let (ended, has_ended) = tokio::sync::watch::channel(false);
    let by: Arc<FakeClock> = Arc::clone(&clock);
    let options = WorkerOptions {
        slots: 1,
        allow_private: AllowPrivate(true),
        lease: Duration::from_secs(30),
        pause: Arc::new(move |wait| {
            let seconds = wait.as_secs() + 1;
            by.advance(Duration::from_secs(seconds));
            advance(&control, seconds);
            Box::pin(std::future::ready(()))
        }),
        at_point: Some(Arc::new(move |name| {
            if name == point {
                std::process::abort();
            }
            if name == "ended" {
                ended.send_replace(true);
            }
        })),
        ..WorkerOptions::new(Arc::new(Machine))
    };
    println!("\nchild: working");
    let worker = Worker::start(vault.clone(), options, "child".to_owned());
    let mut has_ended = has_ended;
    has_ended.wait_for(|ended| *ended).await.unwrap();
    worker.stop().await;
    vault.close().await;
}

/// Moves the site's clock, which lives in the other process.
fn advance(control: &str, seconds: u64) {
    let address = control.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let body = format!("{{\"advance_seconds\": {seconds}}}");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /control/clock HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
