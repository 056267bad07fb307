//! Clients that keep the server waiting, signals, backups under load: what must not keep anybody else from a token.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    os::unix::process::ExitStatusExt as _,
    time::{Duration, Instant},
};

use reqwest::Method;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use serde_json::json;

use crate::house::{Place, SEED, Server};

pub(crate) const HALF_A_HEAD: &[u8] =
    b"GET /api/v1/credentials/name:Instagram/token HTTP/1.1\r\nHost: vault\r\nX-Slow: ";

// A machine that builds and tests at the same time stalls now and then; without the cure there is no answer at all.
const SOON: Duration = Duration::from_secs(10);
/// What half of the reads keep to, however busy the machine is.
const WITHIN: Duration = Duration::from_secs(1);
/// What stopping keeps to.
const STOPPED: Duration = Duration::from_secs(10);

/// The test's own descriptors: it holds the other ends.
pub(crate) fn raise_own_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum.unwrap_or(16_384).min(16_384);
    setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: limit.maximum }).unwrap();
}

pub(crate) async fn with_credential(server: &Server, token: &str) {
    let body = json!({"name": "Instagram", "password": "its password", "totp": {"secret": SEED}});
    server.ask(Method::POST, "/api/v1/credentials", token, &body).await.ok();
}

pub(crate) fn connect(server: &Server) -> TcpStream {
    let address = server.url.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

pub(crate) fn signal(server: &Server, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap(), signal).unwrap();
}

/// On a connection of its own: one that was kept may have been closed to make room, which is no fault. Where the place was
/// lost before the answer, it is asked again, as browsers do; that counts.
async fn read_token(server: &Server, token: &str) -> Duration {
    let begun = Instant::now();
    for _ in 0..20 {
        let client = reqwest::Client::new();
        let read = client.get(format!("{}/api/v1/credentials/name:Instagram/token", server.url)).bearer_auth(token);
        let Ok(answer) = tokio::time::timeout(Duration::from_secs(60), read.send()).await.expect("an answer") else {
            continue;
        };
        assert_eq!(answer.status().as_u16(), 200);
        return begun.elapsed();
    }
    panic!("no place in twenty tries");
}

/// The middle one of nine reads, none of which takes long.
async fn usual_read(server: &Server, token: &str) -> Duration {
    let mut took = Vec::new();
    for _ in 0..9 {
        took.push(read_token(server, token).await);
    }
    took.sort();
    assert!(took[8] < SOON, "a token took {took:?}");
    took[4]
}

/// All of them half a request, with no more than 1,024 descriptors for the server.
#[tokio::test]
async fn two_thousand_half_sent_requests_keep_nobody_from_a_token() {
    raise_own_descriptors();
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve_limited("ulimit -n 1024");
    with_credential(&server, &token).await;
    let mut half = Vec::new();
    for n in 0..2_000 {
        let mut stream = connect(&server);
        // A connection that was closed to make room says so here or later.
        let _ = stream.write_all(HALF_A_HEAD);
        half.push(stream);
        if n % 500 == 499 {
            let took = usual_read(&server, &token).await;
            assert!(took < WITHIN, "with {n} half-sent requests a token took {took:?}");
        }
    }
    let begun = Instant::now();
    assert!(server.stop().success());
    assert!(begun.elapsed() < STOPPED, "stopping took {:?}", begun.elapsed());
    drop(half);
}

/// Bodies that do not come, answers that nobody takes.
#[tokio::test]
async fn slow_bodies_and_untaken_answers_make_room_too() {
    raise_own_descriptors();
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve_limited("ulimit -n 400");
    with_credential(&server, &token).await;
    let mut held = Vec::new();
    for n in 0..300 {
        let mut stream = connect(&server);
        let request = if n % 2 == 0 {
            "POST /api/v1/sign-in HTTP/1.1\r\nHost: vault\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
                .to_owned()
        } else {
            // Many answers, one after the other, of which none is read.
            "GET /api/openapi.json HTTP/1.1\r\nHost: vault\r\n\r\n".repeat(200)
        };
        let _ = stream.set_write_timeout(Some(Duration::from_millis(100)));
        let _ = stream.write_all(request.as_bytes());
        held.push(stream);
    }
    // Requests that are worked on are not cut off, and here there are thousands.
    let took = read_token(&server, &token).await;
    assert!(took < SOON, "a token took {took:?}");
    let begun = Instant::now();
    assert!(server.stop().success());
    assert!(begun.elapsed() < STOPPED, "stopping took {:?}", begun.elapsed());
    drop(held);
}

#[tokio::test]
async fn a_head_that_never_ends_is_closed() {
    let place = Place::new();
    place.init();
    let server = place.serve();
    let mut stream = connect(&server);
    stream.write_all(HALF_A_HEAD).unwrap();
    let begun = Instant::now();
    let mut rest = Vec::new();
    // Closed by the other side: an end, or a reset.
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(5) && took < Duration::from_secs(50), "{took:?}");
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let place = Place::new();
    place.init();
    let mut server = place.serve();
    let mut half = connect(&server);
    half.write_all(HALF_A_HEAD).unwrap();
    // Known to have arrived: the server has answered on a connection that came later.
    assert_eq!(server.get("/healthz", "").await.status, 200);
    signal(&server, Signal::TERM);
    while !server.log().contains("a second signal") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let begun = Instant::now();
    signal(&server, Signal::INT);
    let status = server.wait();
    assert_eq!(status.code(), Some(1), "{status}");
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let _ = half.shutdown(Shutdown::Both);
}

/// An abort is what would leave a core: the limit outside says that one may be written.
#[tokio::test]
async fn promise_7_a_crash_leaves_no_core() {
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve_limited("ulimit -c unlimited");
    with_credential(&server, &token).await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    signal(&server, Signal::ABORT);
    let status = server.wait();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!status.core_dumped(), "it left a core");
    let key = std::fs::read_to_string(place.path("data.key")).unwrap();
    let key = key.lines().last().unwrap().trim_start_matches("key ").to_owned();
    for entry in std::fs::read_dir(place.path("")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path != place.path("data.key") {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{}", path.display());
            assert!(!path.file_name().unwrap().to_string_lossy().starts_with("core"), "{}", path.display());
        }
    }
}

/// `sqlite3 .backup` begins anew at each write and never ends here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_vault_is_backed_up_and_restored() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    with_credential(&server, &token).await;
    let stop = std::sync::atomic::AtomicBool::new(false);
    let load = async {
        let mut answered = 0_u64;
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            server.get("/api/v1/credentials/name:Instagram/token", &token).await.ok();
            answered += 1;
        }
        answered
    };
    let back_up = async {
        // The load is under way.
        server.get("/api/v1/credentials/name:Instagram/token", &token).await.ok();
        let command = place.command(&["--json", "backup", "vault.backup", "--data", "data"]);
        let begun = Instant::now();
        let done = tokio::task::spawn_blocking(move || crate::house::run(command, b"")).await.unwrap().ok();
        let took = begun.elapsed();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        (done, took)
    };
    let (answered, (done, took)) = tokio::join!(load, back_up);
    assert!(answered > 1);
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert!(done.json()["records"].as_u64().unwrap() > 1, "{done:?}");
    let backup = place.path("vault.backup");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&backup).unwrap().permissions()) & 0o777;
    assert_eq!(mode, 0o600);
    place.run(&["backup", "vault.backup", "--data", "data"]).fails_with(&["vault.backup exists", "name another file"]);
    place.run(&["restore", "vault.backup", "--data", "data"]).fails_with(&["exists", "nothing is overwritten"]);
    let said = place.run(&["backup", "second.backup", "--data", "data"]).ok();
    assert!(said.err.contains("The key is not in it"), "{said:?}");
    drop(server);

    // Without its key it says so; with it, it opens and holds what it held.
    let lone = place.run(&["restore", "vault.backup", "--data", "lone"]).ok();
    assert!(lone.err.contains("does not open yet") && lone.err.contains("lone.key"), "{lone:?}");
    std::fs::copy(place.path("data.key"), place.path("again.key")).unwrap();
    let restored = place.run(&["restore", "vault.backup", "--data", "again"]).ok();
    assert!(restored.err.contains("The key opens it"), "{restored:?}");
    let server = place.serve_with(&["--data", "again"], &[]);
    server.get("/api/v1/credentials/name:Instagram/token", &token).await.ok();
    let export = server.run(&place, &token, &["audit", "export"]).ok().out;
    let export = place.write("export.jsonl", export);
    place.run(&["audit", "verify", export.to_str().unwrap()]).ok();
}

#[test]
fn a_backup_that_is_none_is_not_restored() {
    let place = Place::new();
    place.init();
    place.run(&["backup", "whole", "--data", "data"]).ok();
    let mut bytes = std::fs::read(place.path("whole")).unwrap();
    // Within pages that hold rows and indexes.
    for at in (6_000..bytes.len()).step_by(1_024) {
        bytes[at..at + 64].fill(0xff);
    }
    place.write("damaged", bytes);
    place.write("text", "no database at all, though some pages long. ".repeat(1_000));
    place.run(&["restore", "damaged", "--data", "other"]).fails_with(&["damaged cannot be restored"]);
    place.run(&["restore", "text", "--data", "other"]).fails_with(&["text cannot be restored"]);
    place.run(&["restore", "missing", "--data", "other"]).fails_with(&["missing cannot be restored", "no such file"]);
    assert!(!place.path("other").join("countersign.db").exists());
    place
        .run(&["backup", "x", "--database", "postgres://nobody@127.0.0.1:1/vault"])
        .fails_with(&["cannot open postgres://nobody@127.0.0.1:1/vault"]);
    assert!(!place.path("x").exists());
}

#[test]
fn a_passphrase_file_that_others_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let file = place.write("words", "plum velvet anchor sixteen\n");
    let args = ["init", "--data", "data", "--admin", "root", "--password-stdin", "--passphrase-file", "words"];
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    place.run_with(&args, crate::house::PASSWORD).fails_with(&["words", "mode 644", "chmod 600"]);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    place.write("words", "password\n");
    place.run_with(&args, crate::house::PASSWORD).fails_with(&["passphrase", "common passwords"]);
    place.write("words", "plum velvet anchor sixteen\n");
    place.run_with(&args, crate::house::PASSWORD).ok();
}
