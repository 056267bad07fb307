//! The promises of the design that only whole processes can show, by their numbers.

use std::{
    collections::BTreeSet,
    fs, io,
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Answer, PASSWORD, Place, SEED, Server, run};

/// Reasons of the token reads in an export, which must be sound.
fn recorded_reads(place: &Place, server: &Server, token: &str) -> BTreeSet<String> {
    let export = server.run(place, token, &["audit", "export"]).ok().out;
    place.write("export.jsonl", &export);
    place.run(&["audit", "verify", "export.jsonl"]).ok();
    let records = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let reads = records.filter(|record| record["act"] == "token.read");
    reads.map(|record| record["reason"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_1_every_token_that_was_answered_has_its_record_after_a_kill() {
    const READERS: usize = 24;
    const ROUNDS: usize = 3;
    const ANSWERED_A_ROUND: usize = 200;
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve();
    server.run(&place, &token, &["credential", "add", "Instagram", "--totp", SEED]).ok();
    let mut all_answered = BTreeSet::new();
    for round in 0..ROUNDS {
        let answered = Arc::new(Mutex::new(Vec::new()));
        let enough = Arc::new(tokio::sync::Notify::new());
        let readers: Vec<_> = (0..READERS)
            .map(|reader| {
                let (answered, enough) = (Arc::clone(&answered), Arc::clone(&enough));
                let url = format!("{}/api/v1/credentials/name:Instagram/token", server.url);
                let token = token.clone();
                tokio::spawn(async move {
                    // A connection of its own, as that many clients have.
                    let http = reqwest::Client::new();
                    for number in 0.. {
                        let reason = format!("{round}-{reader}-{number}");
                        let ask = http.get(&url).query(&[("reason", &reason)]).bearer_auth(&token);
                        // The first failure is the server's end.
                        let Ok(response) = ask.send().await else { break };
                        let status = response.status();
                        let Ok(body) = response.json::<Value>().await else { break };
                        assert_eq!(status, 200, "{body}");
                        assert!(body["token"].as_str().unwrap().len() == 6);
                        let mut answered = answered.lock().unwrap();
                        answered.push(reason);
                        if answered.len() >= ANSWERED_A_ROUND {
                            enough.notify_one();
                        }
                    }
                })
            })
            .collect();
        enough.notified().await;
        server.kill();
        for reader in readers {
            reader.await.unwrap();
        }
        all_answered.extend(answered.lock().unwrap().drain(..));

        server = place.serve();
        let recorded = recorded_reads(&place, &server, &token);
        let without: Vec<&String> = all_answered.difference(&recorded).collect();
        assert!(without.is_empty(), "answered without a record: {without:?}");
        let most = all_answered.len() + (round + 1) * READERS;
        assert!(recorded.len() <= most, "at most those under way have a record alone: {}, {most}", recorded.len());
    }
    assert!(all_answered.len() >= ROUNDS * ANSWERED_A_ROUND);
    server.run(&place, &token, &["token", "Instagram"]).ok();
}

#[test]
fn promise_1_no_token_is_answered_before_its_record_is_flushed() {
    const READS: usize = 25;
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve();
    server.run(&place, &token, &["credential", "add", "Instagram", "--totp", SEED]).ok();
    server.stop();

    let mut server = place.serve_traced("trace");
    for _ in 0..READS {
        server.run(&place, &token, &["token", "Instagram"]).ok();
    }
    let id = server.id();
    server.stop();
    // The tracer ends after the server, with a line about it.
    let end = format!("{id} +++ exited");
    let begun = Instant::now();
    let trace = loop {
        let trace = String::from_utf8_lossy(&fs::read(place.path("trace")).unwrap()).into_owned();
        if trace.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ").starts_with(&end)) {
            break trace;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the trace has no end");
        std::thread::sleep(Duration::from_millis(20));
    };
    let (mut flushed, mut answers) = (false, 0);
    for line in trace.lines() {
        if line.contains("sync") && line.contains(" = 0") {
            flushed = true;
        } else if line.contains("HTTP/1.1 200 OK") {
            answers += 1;
            assert!(flushed, "answer {answers} left before anything was flushed since the one before");
            flushed = false;
        }
    }
    assert_eq!(answers, READS, "{trace}");
}

/// What must be nowhere: each as a text, and as others would write it.
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    fn known() -> Self {
        let mut secrets = Secrets(Vec::new());
        for (name, secret) in [
            ("the sign-in password", PASSWORD),
            ("a wrong sign-in password", OTHER_PASSWORD),
            ("the site's password", SITE_PASSWORD),
            ("the site's next password", NEXT_SITE_PASSWORD),
            ("the seed", SEED),
            ("the seed in lower case", &SEED.to_lowercase()),
            ("the seed's bytes", "12345678901234567890"),
            ("the imported seed", IMPORTED_SEED),
            ("the imported seed's bytes", "abcdefghijklmnopqrst"),
        ] {
            secrets.add(name, secret);
        }
        secrets
    }

    fn add(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= 8, "{name} is too short to be searched for");
        self.0.push((name.to_owned(), secret.into()));
        self.0.push((format!("{name} in base64"), BASE64_STANDARD.encode(secret).trim_end_matches('=').into()));
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.0.push((format!("{name} in hexadecimal"), hex.into_bytes()));
        self.0.push((format!("{name} in an address"), secret.replace(' ', "%20").into_bytes()));
        self.0.push((format!("{name} in a form"), secret.replace(' ', "+").into_bytes()));
    }

    fn are_not_in(&self, place: &str, bytes: &[u8]) {
        assert!(!bytes.is_empty(), "{place} is empty, so nothing was searched");
        for (name, secret) in &self.0 {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{place} holds {name}");
        }
    }

    fn are_not_in_folder(&self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            if !bytes.is_empty() {
                self.are_not_in(&path.display().to_string(), &bytes);
            }
        }
    }
}

const SITE_PASSWORD: &str = "quartz lemon harbour ninety";
const NEXT_SITE_PASSWORD: &str = "granite peach meadow eleven";
const OTHER_PASSWORD: &str = "silver thunder window forty";
const IMPORTED_SEED: &str = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
const TRACE: [(&str, &str); 2] = [("COUNTERSIGN_LOG", "trace"), ("RUST_BACKTRACE", "1")];

fn imported() -> String {
    format!("otpauth://totp/Imported?secret={IMPORTED_SEED}\n")
}

/// Everything that takes a secret or gives one.
async fn take_and_give(first: &Server, token: &str, secrets: &mut Secrets) {
    let ask =
        async |server: &Server, method: Method, path: &str, body: Value| server.ask(method, path, token, &body).await;
    let totp = json!({"secret": SEED, "digits": 8, "period": 3600});
    let body = json!({"name": "Instagram", "password": SITE_PASSWORD, "totp": totp});
    ask(first, Method::POST, "/api/v1/credentials", body).await.ok();
    let path = "/api/v1/credentials/name:Instagram";
    for query in ["?next=true&reason=why", "?claim=true"] {
        let answer = ask(first, Method::GET, &format!("{path}/token{query}"), Value::Null).await;
        // The claim is refused: the step was taken a moment ago.
        if answer.status == 200 {
            let answer = answer.ok();
            secrets.add("the token", answer["token"].as_str().unwrap());
            secrets.add("the next token", answer["next"]["token"].as_str().unwrap());
        }
    }
    ask(first, Method::POST, &format!("{path}/reveal"), json!({})).await.ok();
    ask(first, Method::PATCH, path, json!({"password": NEXT_SITE_PASSWORD})).await.ok();
    ask(first, Method::POST, &format!("{path}/reveal"), json!({"version": 1})).await.ok();
    ask(first, Method::POST, "/api/v1/seeds/check", json!({"text": IMPORTED_SEED, "digits": 8})).await.ok();
    let files = json!({"files": [{"name": "codes.txt", "data": BASE64_STANDARD.encode(imported())}]});
    ask(first, Method::POST, "/api/v1/import", files.clone()).await.ok();
    ask(first, Method::POST, "/api/v1/import/commit", files).await.ok();
    let made = ask(first, Method::POST, "/api/v1/api-tokens", json!({"name": "second"})).await.ok();
    secrets.add("the second API token", made["token"].as_str().unwrap());
    let body = json!({"name": "bob", "role": "member", "password": PASSWORD});
    ask(first, Method::POST, "/api/v1/users", body).await.ok();
    let signed_in =
        first.with_cookie(Method::POST, "/api/v1/sign-in", "", &json!({"name": "root", "password": PASSWORD})).await;
    let cookie = signed_in.cookie.clone();
    secrets.add("the cookie", cookie.split_once('=').unwrap().1);
    let begun = first.with_cookie(Method::POST, "/api/v1/me/second-factor", &cookie, &json!({})).await.ok();
    secrets.add("one's own seed", &begun["secret"].as_str().unwrap().replace(' ', ""));
}

/// Requests that go wrong with a secret in them, in places where it is expected and where it is not.
async fn go_wrong(first: &Server, token: &str) -> Vec<Answer> {
    let ask =
        async |server: &Server, method: Method, path: &str, body: Value| server.ask(method, path, token, &body).await;
    let path = "/api/v1/credentials/name:Instagram";
    vec![
        first
            .with_cookie(Method::POST, "/api/v1/sign-in", "", &json!({"name": "root", "password": OTHER_PASSWORD}))
            .await,
        ask(first, Method::POST, "/api/v1/sign-in", json!({"name": "root", "password": [PASSWORD]})).await,
        ask(first, Method::POST, "/api/v1/credentials", json!({"name": "x", "passwd": SITE_PASSWORD})).await,
        ask(first, Method::POST, "/api/v1/credentials", json!({"name": "x", "totp": SEED})).await,
        ask(first, Method::POST, "/api/v1/credentials", json!({"name": "x", "totp": {"secret": format!("{SEED}1")}}))
            .await,
        ask(first, Method::POST, "/api/v1/credentials", json!({"name": "x", "totp": {"secret": "x", "digits": SEED}}))
            .await,
        ask(
            first,
            Method::POST,
            "/api/v1/credentials",
            json!({"name": "x", "site": {"url": format!("https://u:{}@example.org", SITE_PASSWORD.replace(' ', "-"))}}),
        )
        .await,
        ask(
            first,
            Method::POST,
            "/api/v1/seeds/check",
            json!({"text": format!("otpauth://totp/x?secret={SEED}&digits=77")}),
        )
        .await,
        ask(first, Method::POST, "/api/v1/seeds/check", json!({"image": BASE64_STANDARD.encode(SEED)})).await,
        ask(first, Method::POST, &format!("{path}/reveal"), json!({"version": SITE_PASSWORD})).await,
        ask(first, Method::POST, "/api/v1/me/password", json!({"current": OTHER_PASSWORD, "new": SITE_PASSWORD})).await,
    ]
}

/// The commands, as talkative as they can be. Gives what they say, but for the tokens that are asked for.
fn run_commands(first: &Server, place: &Place, token: &str) -> String {
    let mut spoken = String::new();
    for (args, input) in [
        (
            vec!["credential", "add", "By command", "--password-stdin", "--totp-stdin"],
            format!("{SITE_PASSWORD}\n{SEED}\n"),
        ),
        (vec!["credential", "show", "By command"], String::new()),
        (vec!["import", "-"], imported()),
        (vec!["token", "Instagram"], String::new()),
        (vec!["token", "nothing"], String::new()),
        (vec!["credential", "add", "Wrong", "--totp-stdin"], format!("{SEED}!\n")),
    ] {
        let mut command = first.client(place, token, &args);
        command.envs(TRACE);
        let done = run(command, input.as_bytes());
        spoken.push_str(&done.err);
        if args[0] != "token" {
            spoken.push_str(&done.out);
        }
    }
    spoken
}

#[tokio::test]
async fn promise_7_no_secret_is_in_logs_files_exports_figures_or_errors() {
    let mut secrets = Secrets::known();
    let place = Place::new();
    let mut init = place.command(&["init", "--data", "data", "--admin", "root", "--password-stdin"]);
    init.envs(TRACE);
    let made = run(init, PASSWORD.as_bytes()).ok();
    let token = made.out.trim().to_owned();
    let mut spoken = made.err;
    secrets.add("the API token", &token);
    let mut first = place.serve_with(&["--data", "data"], &TRACE);

    take_and_give(&first, &token, &mut secrets).await;
    for error in go_wrong(&first, &token).await {
        assert!((400..500).contains(&error.status), "{} {}", error.status, error.text);
        secrets.are_not_in("an error's text", error.text.as_bytes());
    }
    spoken.push_str(&run_commands(&first, &place, &token));
    secrets.are_not_in("what commands say", spoken.as_bytes());
    let figures = first.get("/metrics", &token).await.text;
    secrets.are_not_in("the figures", figures.as_bytes());
    let export = first.run(&place, &token, &["audit", "export"]).ok().out;
    assert!(export.contains("token.read") && export.contains("password.revealed"));
    secrets.are_not_in("the export", export.as_bytes());

    // As the files stand while it runs, after it was killed, and when it was closed well.
    assert!(place.path("data/countersign.db-wal").metadata().unwrap().len() > 0, "the write-ahead log is in use");
    secrets.are_not_in_folder(&place.path("data"));
    first.kill();
    secrets.are_not_in_folder(&place.path("data"));
    let mut second = place.serve_with(&["--data", "data"], &TRACE);
    second.run(&place, &token, &["token", "Instagram"]).ok();
    assert!(second.stop().success());
    secrets.are_not_in_folder(&place.path("data"));
    let log = second.log();
    assert!(log.contains("TRACE"), "the log is as talkative as it can be: {} bytes", log.len());
    secrets.are_not_in("the server's log", log.as_bytes());
    // The search finds what is there.
    let found = std::panic::catch_unwind(|| secrets.are_not_in("a test", format!("..{SITE_PASSWORD}..").as_bytes()));
    assert!(found.is_err());
}

#[tokio::test]
async fn promise_8_no_address_from_outside_is_ever_fetched() {
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve();
    // Whoever connects waits here until somebody looks, so that nobody is missed.
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let address = trap.local_addr().unwrap();
    let lure = |what: &str| format!("http://{address}/{what}.png");
    let image = lure("image").replace(':', "%3A").replace('/', "%2F");
    let uri =
        |name: &str, seed: &str| format!("otpauth://totp/{name}?secret={seed}&image={image}&icon={image}&url={image}");

    let body = json!({
        "name": "Lure", "username": lure("username"), "notes": lure("notes"), "tags": [address.to_string()],
        "site": {"url": lure("site")}, "totp": {"uri": uri("Lure", SEED)},
    });
    let made = server.ask(Method::POST, "/api/v1/credentials", &token, &body).await.ok();
    assert_eq!(made["site"]["url"], lure("site"));
    let path = format!("/api/v1/credentials/{}", made["id"].as_str().unwrap());
    server.ask(Method::POST, "/api/v1/seeds/check", &token, &json!({"text": uri("Lure", SEED)})).await.ok();
    let codes = uri("Imported", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U");
    let picture = place.path("photo.png");
    let drawn = std::process::Command::new("qrencode")
        .args(["-o", picture.to_str().unwrap(), &uri("Drawn", "JBSWY3DPEHPK3PXPJBSWY3DP")])
        .status();
    assert!(drawn.unwrap().success());
    place.write("codes.txt", format!("{codes}\n{}\n", lure("line")));
    let imported = server.run(&place, &token, &["import", "codes.txt", "photo.png"]).exit(1);
    assert_eq!(imported.out.matches("created").count(), 2, "{}", imported.out);
    assert_eq!(imported.out.matches("refused").count(), 1, "a bare address is no account: {}", imported.out);
    // And everything that shows them.
    for path in [format!("{path}/token"), path, "/api/v1/credentials".to_owned(), "/api/v1/doctor".to_owned()] {
        server.get(&path, &token).await.ok();
    }
    server.run(&place, &token, &["credential", "edit", "Lure", "--site", &lure("other")]).ok();
    server.run(&place, &token, &["token", "Imported"]).ok();
    // What was begun is finished before it ends.
    assert!(server.stop().success());
    match trap.accept() {
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        Ok((_, from)) => panic!("somebody came from {from}"),
    }
    // The trap works.
    std::net::TcpStream::connect(address).unwrap();
    assert!(trap.accept().is_ok());
}
