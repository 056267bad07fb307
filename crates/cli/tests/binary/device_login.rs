//! `login` in the browser: what the terminal says until somebody has decided in the page, and where the token is kept then.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    house::{Done, Place, Server},
    log_in::OwnFactor,
    secret_service::{FakeKeyring, empty_bus},
};

const LOGINS: &str = "/api/v1/me/device-logins";

/// A login that waits in a terminal, and what it has said so far.
struct Waiting {
    child: Child,
    err: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Waiting {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        let mut waiting = Self { child, err, said: String::new() };
        while !waiting.said.contains("Waiting") {
            assert!(waiting.err.read_line(&mut waiting.said).unwrap() > 0, "it ended: {}", waiting.said);
        }
        waiting
    }

    fn code(&self) -> String {
        let line = self.said.lines().find_map(|line| line.strip_prefix("and type this code: "));
        line.unwrap_or_else(|| panic!("{}", self.said)).to_owned()
    }

    fn end(mut self) -> Done {
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.err.read_to_string(&mut self.said).unwrap();
        let code = self.child.wait().unwrap().code();
        let mut done = Done::of("login", code, out);
        done.err = self.said;
        done
    }
}

fn login(place: &Place, more: &[&str], variables: &[(&str, &str)]) -> Waiting {
    let mut command = place.command(&[&["login"], more].concat());
    command.env("HOSTNAME", "laptop").envs(variables.iter().copied());
    Waiting::start(command)
}

/// Decides in the page, as its person.
async fn decide(server: &Server, cookie: &str, code: &str, decision: &str) {
    let seen = server.with_cookie(Method::POST, LOGINS, cookie, &json!({"user_code": code})).await.ok();
    assert_eq!((&seen["client"], &seen["host"]), (&json!("countersign"), &json!("laptop")));
    let path = format!("{LOGINS}/{}/{decision}", seen["id"].as_str().unwrap());
    let decided = server.with_cookie(Method::POST, &path, cookie, &json!({})).await;
    assert!(decided.status < 300, "{decided:?}");
}

async fn tokens(server: &Server, cookie: &str) -> Vec<Value> {
    let list = server.with_cookie(Method::GET, "/api/v1/api-tokens", cookie, &json!({})).await.ok();
    let items = list["items"].as_array().unwrap().iter();
    items.filter(|it| it["name"] == "login on laptop").cloned().collect()
}

#[tokio::test]
async fn a_login_is_approved_in_the_page_and_kept_in_a_file() {
    let place = Place::new();
    place.init();
    let server = place.serve();
    let OwnFactor { cookie, .. } = OwnFactor::set_up(&server).await;
    let waiting = login(&place, &[&server.url], &[]);
    let code = waiting.code();
    // Where passkeys are taken, which is no number.
    let page = server.url.replace("127.0.0.1", "localhost");
    let said = format!(
        "To sign in, open {page}/#/device\nand type this code: {code}\nWaiting until you approve it there, for at most 10 minutes. \
         Ctrl-C ends it.\n"
    );
    assert_eq!(waiting.said, said);
    decide(&server, &cookie, &code, "approve").await;
    let done = waiting.end().ok();
    let stored = place.path(".config/countersign/login.json");
    let first = tokens(&server, &cookie).await;
    let until = first[0]["expires_at"].as_str().unwrap();
    assert_eq!(
        done.out,
        format!(
            "Signed in to {} as root.\nThe API token \"login on laptop\" is kept in {} until {until}.\n",
            server.url,
            stored.display()
        )
    );
    assert!(done.err.ends_with("and not in a keyring: there is no desktop, and so no keyring\n"), "{}", done.err);
    assert_eq!(stored.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let who = place.run(&["whoami"]).ok().out;
    assert_eq!(
        who,
        format!(
            "root (administrator) at {}\nthe API token \"login on laptop\" is kept in {} until {until}\n",
            server.url,
            stored.display()
        )
    );
    // Another takes its place, at the server that was said last.
    let waiting = login(&place, &["--no-keyring"], &[]);
    decide(&server, &cookie, &waiting.code(), "approve").await;
    let done = waiting.end().ok();
    assert!(!done.err.contains("keyring"), "{}", done.err);
    let second = tokens(&server, &cookie).await;
    assert!(second.len() == 1 && second[0]["id"] != first[0]["id"], "{second:?}");
    let who = place.run(&["whoami", "--json"]).ok().json();
    assert_eq!((&who["user"], &who["token_in"], &who["file"]), (&json!("root"), &json!("file"), &json!(stored)));
    // A denied one leaves the former as it was.
    let waiting = login(&place, &[&server.url], &[]);
    decide(&server, &cookie, &waiting.code(), "deny").await;
    let done = waiting.end().exit(3);
    assert!(
        done.err.ends_with("error: the sign-in was denied in the page: nobody is signed in, and nothing was kept\n"),
        "{}",
        done.err
    );
    place.run(&["logout"]).ok();
    assert!(tokens(&server, &cookie).await.is_empty() && !stored.exists());
    // The environment alone says who asks.
    let token =
        place.run_env(&["whoami", "--json"], &[("COUNTERSIGN_URL", &server.url), ("COUNTERSIGN_TOKEN", "cs_x")]);
    token.exit(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_keeps_the_token() {
    let place = Place::new();
    place.init();
    let server = place.serve();
    let OwnFactor { cookie, .. } = OwnFactor::set_up(&server).await;
    let keyring = FakeKeyring::start(&place).await;
    let bus = [("DBUS_SESSION_BUS_ADDRESS", keyring.address.as_str())];
    let waiting = login(&place, &[&server.url], &bus);
    decide(&server, &cookie, &waiting.code(), "approve").await;
    let done = waiting.end().ok();
    assert!(done.out.contains("The API token \"login on laptop\" is kept in your keyring until "), "{}", done.out);
    let kept = keyring.kept();
    assert_eq!((kept.len(), kept[0].0.as_str()), (1, format!("Countersign at {}", server.url).as_str()));
    assert!(kept[0].1.starts_with("cs_"));
    let stored = place.path(".config/countersign/login.json");
    let text = std::fs::read_to_string(&stored).unwrap();
    assert!(!text.contains("cs_") && text.contains("\"keyring\": true"), "{text}");
    place.run_env(&["credential", "list"], &bus).ok();
    let who = place.run_env(&["whoami"], &bus).ok().out;
    assert!(who.contains("\" is kept in your keyring until "), "{who}");

    // Locked, or without its bus, it is said what to do; the environment still counts first.
    keyring.lock(true);
    let why = "the API token is in the keyring, which cannot be read: unlock it, or set COUNTERSIGN_TOKEN";
    place.run_env(&["credential", "list"], &bus).fails_with(&[why, "the keyring is locked"]);
    place.run(&["credential", "list"]).fails_with(&[why, "there is no desktop"]);
    let own = [("COUNTERSIGN_TOKEN", kept[0].1.as_str())];
    place.run_env(&["credential", "list"], &own).ok();
    let who = place.run_env(&["whoami"], &own).ok().out;
    assert!(who.ends_with("the API token is that of COUNTERSIGN_TOKEN\n"), "{who}");

    // A login while it is locked goes into the file, and says so.
    let waiting = login(&place, &[&server.url], &bus);
    decide(&server, &cookie, &waiting.code(), "approve").await;
    let done = waiting.end().ok();
    assert!(done.err.contains("and not in a keyring: the keyring is locked\n"), "{}", done.err);
    assert!(std::fs::read_to_string(&stored).unwrap().contains("cs_"));
    keyring.lock(false);
    let waiting = login(&place, &[&server.url], &bus);
    decide(&server, &cookie, &waiting.code(), "approve").await;
    waiting.end().ok();
    let token = keyring.kept().into_iter().map(|(_, token)| token).find(|token| *token != kept[0].1).unwrap();
    place.run_env(&["logout"], &bus).ok();
    assert!(keyring.kept().iter().all(|(_, kept)| *kept != token) && !stored.exists());
    assert_eq!(server.get("/api/v1/me", &token).await.status, 401);

    // A bus on which nobody answers is none.
    let other = Place::new();
    let (mut daemon, address) = empty_bus(&other);
    let waiting = login(&place, &[&server.url], &[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    decide(&server, &cookie, &waiting.code(), "approve").await;
    let done = waiting.end().ok();
    assert!(done.err.contains("and not in a keyring: no keyring answers"), "{}", done.err);
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

/// A server that answers what it is told to, one request after the other; gives what it was asked.
fn scripted(answers: Vec<(u16, Value)>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for (status, body) in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
                head += &line;
            }
            let mut form = vec![0; length];
            reader.read_exact(&mut form).unwrap();
            asked.push(String::from_utf8(form).unwrap());
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            reader.get_mut().write_all((head + &body).as_bytes()).unwrap();
        }
        asked
    });
    (url, asked)
}

fn codes(expires_in: u64) -> (u16, Value) {
    let codes = json!({
        "device_code": "cd_kept", "user_code": "WDJB-MJHT", "verification_uri": "https://vault.example/#/device",
        "expires_in": expires_in, "interval": 1,
    });
    (200, codes)
}

fn refusal(error: &str) -> (u16, Value) {
    (400, json!({"error": error, "error_description": "it says so"}))
}

#[test]
fn a_login_waits_as_the_server_wants_and_ends_when_it_says_so() {
    let place = Place::new();
    let (url, asked) =
        scripted(vec![codes(600), refusal("authorization_pending"), (503, json!({})), refusal("expired_token")]);
    let done = login(&place, &[&url], &[]).end();
    done.fails_with(&["nobody approved it in time: run `countersign login` again"]);
    let asked = asked.join().unwrap();
    assert_eq!(asked[0], "client_id=countersign&host=laptop");
    let poll =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=countersign&device_code=cd_kept";
    assert!(asked[1..].iter().all(|form| form == poll), "{asked:?}");
    assert!(!place.path(".config").exists(), "nothing was kept");

    let begun = std::time::Instant::now();
    let (url, asked) = scripted(vec![codes(600), refusal("slow_down"), refusal("access_denied")]);
    login(&place, &[&url], &[]).end().exit(3);
    asked.join().unwrap();
    assert!(begun.elapsed().as_secs() >= 7, "five seconds more after slow_down");

    // A server that never says so is believed for as long as it said first.
    let (url, _) = scripted(vec![codes(2), refusal("authorization_pending"), refusal("authorization_pending")]);
    login(&place, &[&url], &[]).end().fails_with(&["nobody approved it in time"]);
    let (url, _) = scripted(vec![codes(600), refusal("invalid_grant")]);
    login(&place, &[&url], &[]).end().fails_with(&["it says so"]);
    let (url, _) = scripted(vec![(404, json!({}))]);
    place.run(&["login", &url]).fails_with(&["this server is older than sign-in in the browser", "--name NAME"]);
    let (url, _) =
        scripted(vec![(429, json!({"error": "temporarily_unavailable", "error_description": "too many wait"}))]);
    place.run(&["login", &url]).fails_with(&["the server lets no command line wait now: too many wait"]);
    place.run(&["login"]).fails_with(&["which server? Run `countersign login URL`"]);
}

#[test]
fn ctrl_c_ends_a_login_and_keeps_nothing() {
    let place = Place::new();
    let (url, _) = scripted(vec![codes(600)]);
    let mut slow = login(&place, &[&url], &[]);
    let id = rustix::process::Pid::from_child(&slow.child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    slow.said.clear();
    slow.end().fails_with(&["stopped: nobody is signed in, and nothing was kept"]);
    assert!(!place.path(".config").exists());
}

#[test]
fn a_token_that_cannot_be_kept_is_revoked() {
    let place = Place::new();
    std::fs::create_dir_all(place.path(".config/countersign/login.json")).unwrap();
    let token = json!({"id": "01938d1c-7a31-7000-8000-000000000001", "name": "n", "user": "root", "expires_at": "2026-12-31T00:00:00Z"});
    let given = json!({"access_token": "cs_x", "api_token": token});
    let (url, asked) = scripted(vec![codes(600), (200, given), (200, json!({}))]);
    let done = login(&place, &[&url, "--no-keyring"], &[]).end().exit(1);
    assert!(done.out.is_empty() && done.err.contains("error: "), "{done:?}");
    assert_eq!(asked.join().unwrap().len(), 3, "the third revokes it");
}
