//! The chaos run: servers are killed and held, databases stop and come back, disks fill up, the clock jumps, thousands of
//! requests stay half sent, while clients read on. In the end each answered read has its one record in one sound chain.
//!
//! `make test` has a short one; `COUNTERSIGN_STORM_ROUNDS` says how many rounds of everything there are.

mod readers;

use std::{
    collections::HashMap,
    fs,
    io::Write as _,
    net::TcpStream,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

pub(crate) use self::readers::Readers;
use crate::{
    full_disk::SmallDisk,
    house::{Place, Server},
    postgres::Postgres,
    storms::{HALF_A_HEAD, connect, raise_own_descriptors, signal, with_credential},
};

/// How many reads must be answered before and after each blow.
const SOME: usize = 12;

pub(crate) fn rounds() -> usize {
    std::env::var("COUNTERSIGN_STORM_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// The reads of the log that the readers gave their reasons to, once each.
fn recorded(export: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for line in export.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let Some(reason) = line["reason"].as_str().filter(|reason| reason.starts_with("storm-")) else { continue };
        let twice = found.insert(reason.to_owned(), line["act"].as_str().unwrap().to_owned());
        assert_eq!(twice, None, "{reason} is in the log twice");
    }
    found
}

/// Each answered read has its record of the right kind, once, and the log is one sound chain.
#[expect(clippy::print_stdout, reason = "how much was tried is worth reading")]
pub(crate) async fn settle(place: &Place, server: &Server, token: &str, readers: Readers) {
    let answered = readers.end().await;
    let export = server.run(place, token, &["audit", "export"]).ok().out;
    let recorded = recorded(&export);
    for (reason, act) in &answered {
        assert_eq!(recorded.get(reason).map(String::as_str), Some(*act), "{reason} was answered and is not in the log");
    }
    let file = place.write("export.jsonl", &export);
    let verified = place.run(&["--json", "audit", "verify", file.to_str().unwrap()]).ok().json();
    assert_eq!(verified["sound"], true, "{verified}");
    println!("{} reads were answered, {} recorded, one chain", answered.len(), recorded.len());
}

/// Waits until the server's clock is so many days off.
#[expect(clippy::disallowed_methods, reason = "a real server lives in real time")]
async fn until_it_is(server: &Server, token: &str, days: i64) {
    let begun = Instant::now();
    loop {
        let answer = server.get("/api/v1/credentials/name:Instagram/token", token).await.ok();
        let server_time: jiff::Timestamp = answer["server_time"].as_str().unwrap().parse().unwrap();
        let off = server_time.duration_since(jiff::Timestamp::now()).as_secs();
        if (off - days * 86_400).abs() < 3_600 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the clock is {off} s off, not {days} days");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn half_open(server: &Server, count: usize) -> Vec<TcpStream> {
    let open = |_| {
        let mut stream = connect(server);
        let _ = stream.write_all(HALF_A_HEAD);
        stream
    };
    (0..count).map(open).collect()
}

/// Fills the disk until reads are put off. Gives what it was filled with.
async fn fill_while_read(disk: &SmallDisk, readers: &Readers) -> std::path::PathBuf {
    let ballast = disk.fill();
    let filling = async {
        loop {
            // What SQLite had set aside may still take some records, and is then given back.
            disk.fill();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = readers.until_put_off("a full disk") => {}
        () = filling => {}
    }
    ballast
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_1_each_answered_read_is_in_the_log_through_storms_on_sqlite() {
    raise_own_descriptors();
    let place = Place::new();
    // Only root can mount; elsewhere the disk stays as large as it is.
    let disk = SmallDisk::mount(&place.path("data"), "64m");
    let clock = FakedClock::new(&place);
    let token = place.init();
    let serve = || match &clock {
        Some(clock) => place.serve_limited_with("ulimit -n 500", &["--data", "data"], &clock.variables()),
        None => place.serve_limited("ulimit -n 500"),
    };
    let mut server = serve();
    with_credential(&server, &token).await;
    let readers = Readers::start(&token);
    readers.point_at(&[&server.url]);
    for round in 0..rounds() {
        readers.until_answered(SOME, "a quiet sea").await;

        let half = half_open(&server, 600);
        readers.until_answered(SOME, "half-open clients").await;

        server.kill();
        server = serve();
        readers.point_at(&[&server.url]);
        readers.until_answered(SOME, "after a kill among half-open clients").await;
        drop(half);

        if let Some(clock) = &clock {
            // A day forward and back beyond where it was; tokens of today stay good.
            for days in [1, -1, 0] {
                clock.set(days);
                until_it_is(&server, &token, days).await;
                readers.until_answered(SOME, &format!("the clock {days} days off")).await;
            }
        }

        if let Some(disk) = &disk {
            let ballast = fill_while_read(disk, &readers).await;
            // Also dies with it.
            if round % 2 == 0 {
                server.kill();
                fs::remove_file(ballast).unwrap();
                server = serve();
                readers.point_at(&[&server.url]);
            } else {
                fs::remove_file(ballast).unwrap();
            }
            readers.until_answered(SOME, "a disk with room again").await;
        }

        // Held for a moment and let go, as a machine that was suspended.
        signal(&server, Signal::STOP);
        tokio::time::sleep(Duration::from_millis(500)).await;
        signal(&server, Signal::CONT);
        readers.until_answered(SOME, "after it stood still").await;

        // Told to stop while clients read, and started again.
        assert!(server.stop().success());
        server = serve();
        readers.point_at(&[&server.url]);
        readers.until_answered(SOME, "after a stop").await;
    }
    settle(&place, &server, &token, readers).await;
    assert!(server.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_1_each_answered_read_is_in_the_log_through_storms_on_postgres() {
    raise_own_descriptors();
    let place = Place::new();
    let postgres = Postgres::start();
    let url = postgres.url();
    let args = ["--data", "data", "--database", &url];
    let token = place.init_with(&["--database", &url]);
    let serve = || place.serve_limited_with("ulimit -n 500", &args, &[]);
    let mut servers = [serve(), serve()];
    with_credential(&servers[0], &token).await;
    let readers = Readers::start(&token);
    let point = |servers: &[Server; 2]| readers.point_at(&[&servers[0].url, &servers[1].url]);
    point(&servers);
    for round in 0..rounds() {
        readers.until_answered(SOME, "a quiet sea").await;

        let half = half_open(&servers[round % 2], 600);
        servers[round % 2].kill();
        readers.until_answered(SOME, "one of two killed").await;
        drop(half);
        servers[round % 2] = serve();
        point(&servers);
        readers.until_answered(SOME, "both again").await;

        postgres.crash();
        readers.until_answered(SOME, "after a crash of PostgreSQL").await;

        postgres.restart();
        readers.until_answered(SOME, "after a restart of PostgreSQL").await;

        // It hangs nobody without end: each read is put off, and served once it answers again.
        postgres.hold(true);
        readers.until_put_off("a silent PostgreSQL").await;
        postgres.hold(false);
        readers.until_answered(SOME, "PostgreSQL answers again").await;

        // Both die while it is silent: what they had asked for may or may not be there, and the chain is whole.
        postgres.hold(true);
        for server in &mut servers {
            server.kill();
        }
        postgres.hold(false);
        servers = [serve(), serve()];
        point(&servers);
        readers.until_answered(SOME, "after both were killed while it was silent").await;
    }
    settle(&place, &servers[0], &token, readers).await;
    for server in &mut servers {
        assert!(server.stop().success());
    }
}

/// A clock of the server's own that the test sets, by libfaketime; `None` where that is not installed.
struct FakedClock {
    library: String,
    file: std::path::PathBuf,
}

impl FakedClock {
    fn new(place: &Place) -> Option<Self> {
        let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
        let library = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
        let Some(library) = library else {
            // Past the harness, which would keep it to itself.
            let _ = writeln!(std::io::stderr(), "NOT RUN: the clock is not set, because faketime is not installed");
            return None;
        };
        let clock = Self { library: library.to_str()?.to_owned(), file: place.path("clock") };
        clock.set(0);
        Some(clock)
    }

    /// So many days off from now on, also in servers that run.
    fn set(&self, days: i64) {
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{days:+}d\n")).unwrap();
        fs::rename(next, &self.file).unwrap();
    }

    fn variables(&self) -> [(&str, &str); 4] {
        [
            ("LD_PRELOAD", &self.library),
            ("FAKETIME_TIMESTAMP_FILE", self.file.to_str().unwrap()),
            ("FAKETIME_CACHE_DURATION", "1"),
            // Waits go on as ever: a clock that is set moves no timer.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }
}
