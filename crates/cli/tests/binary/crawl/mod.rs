//! No answer of the API holds a seed or a password, whoever asks and whatever is asked: every operation of its
//! description is asked, with secrets planted wherever the vault takes some.

mod plan;
mod planted;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use self::planted::Garden;
use crate::{
    house::{Place, Server},
    soft_extension::SoftExtension,
};

/// Answers that are there to give a secret, and where it stands in them. Each is looked for in all answers after it.
const GIVES: [(&str, &[&str]); 19] = [
    ("POST /api/v1/me/devices/code", &["/code"]),
    ("POST /api/v1/oauth/device_authorization", &["/device_code", "/user_code"]),
    ("POST /api/v1/service-accounts", &["/client_secret"]),
    ("POST /api/v1/service-accounts/{id}/secrets", &["/client_secret"]),
    ("POST /api/v1/service-accounts/{id}/rotate", &["/client_secret"]),
    ("POST /api/v1/oauth/token", &["/access_token"]),
    ("POST /api/v1/provisioning/token", &["/token"]),
    ("POST /api/v1/api-tokens", &["/token"]),
    ("POST /api/v1/users", &["/setup_link/link"]),
    ("POST /api/v1/users/{id}/setup-link", &["/link"]),
    ("POST /api/v1/me/second-factor", &["/secret"]),
    ("POST /api/v1/me/second-factor/confirm", &["/recovery_codes/0", "/recovery_codes/7"]),
    ("POST /api/v1/me/recovery-codes", &["/recovery_codes/0", "/recovery_codes/7"]),
    ("POST /api/v1/me/passkeys", &["/recovery_codes/0", "/recovery_codes/7"]),
    ("POST /api/v1/sessions/{id}/links", &["/link"]),
    ("PUT /api/v1/notices/settings", &["/signing_secret"]),
    ("POST /api/v1/audit/sinks", &["/signing_secret"]),
    ("PUT /api/v1/audit/sinks/{id}", &["/signing_secret"]),
    // What it gives is what it was sent, which may be no seed of the vault.
    ("POST /api/v1/seeds/check", &["/uri"]),
];

/// The answers that may hold what was planted before: the password that somebody asks to see or to fill in, and no other.
const REVEAL: [(&str, &str); 2] =
    [("POST /api/v1/credentials/{id}/reveal", plan::REVEALED), ("POST /api/v1/fill/{id}", plan::REVEALED)];

/// Those that cannot succeed here, and what they answer instead.
const GETS_NOTHING: [(&str, u16); 6] = [
    ("GET /api/v1/fill", 401),                           // is for browser extensions alone
    ("GET /api/v1/sign-in/oidc/callback", 303),          // leads back to the page, which says why
    ("GET /api/v1/sessions/{id}/live", 400),             // asked without the upgrade to a socket
    ("GET /api/v1/sessions/{id}/downloads/{file}", 404), // no browser runs here
    ("GET /api/v1/changes/{id}/pictures/{seq}", 404),    // the same
    ("GET /api/v1/sessions/{id}/recording/webm", 404),   // its parts hold no pictures
];

/// Where those are that take a form.
const FORMS: &str = "/api/v1/oauth/";

/// Who asks.
#[derive(Clone, Copy)]
enum By<'a> {
    Token(&'a str),
    Cookie(&'a str),
    Extension,
    Nobody,
}

/// An answer as it came.
struct Got {
    status: u16,
    cookie: String,
    body: Value,
}

/// A server with what was planted in it, and what was asked of it.
struct Crawl {
    _place: Place,
    server: Server,
    http: Client,
    /// The administrator's API token and browser.
    root: String,
    page: String,
    /// A browser extension of the administrator's, and where the server says that it is.
    extension: (SoftExtension, String),
    /// What stands for the parameters of paths.
    ids: BTreeMap<&'static str, String>,
    garden: Garden,
    visited: BTreeSet<String>,
    /// What [`GIVES`] says was given, by its place.
    given: BTreeSet<(&'static str, &'static str)>,
    found: Vec<String>,
}

impl Crawl {
    /// Asks and looks through the answer.
    async fn ask(&mut self, by: By<'_>, operation: &str, body: Value) -> Got {
        let got = self.send(by, operation, &body).await;
        self.visited.insert(operation.to_owned());
        for (gives, places) in GIVES.into_iter().filter(|(gives, _)| *gives == operation) {
            for place in places {
                if let Some(secret) = got.body.pointer(place).and_then(Value::as_str) {
                    self.given.insert((gives, place));
                    self.learn(operation, secret);
                }
            }
        }
        got
    }

    /// The same where it has to succeed; gives the body.
    async fn done(&mut self, by: By<'_>, operation: &str, body: Value) -> Value {
        let got = self.ask(by, operation, body).await;
        assert!((200..300).contains(&got.status), "{operation}: {} {}", got.status, got.body);
        got.body
    }

    /// The same where it cannot succeed here.
    async fn refused(&mut self, by: By<'_>, operation: &str, body: Value, status: u16) {
        let got = self.ask(by, operation, body).await;
        assert_eq!(got.status, status, "{operation}: {}", got.body);
    }

    /// The same as the administrator's program.
    async fn root(&mut self, operation: &str, body: Value) -> Value {
        let root = self.root.clone();
        self.done(By::Token(&root), operation, body).await
    }

    fn learn(&mut self, operation: &str, given: &str) {
        let name = format!("what {operation} gave");
        match operation {
            "POST /api/v1/me/second-factor" => self.garden.plant_seed(&name, &planted::from_base32(given)),
            _ => self.garden.plant(&name, given),
        }
    }

    async fn send(&mut self, by: By<'_>, operation: &str, body: &Value) -> Got {
        let (method, template) = operation.split_once(' ').unwrap();
        let path = self.filled(template);
        let request = self.http.request(method.parse::<Method>().unwrap(), format!("{}{path}", self.server.url));
        let request = match by {
            By::Token(token) => request.bearer_auth(token),
            By::Cookie(cookie) => request.header("cookie", cookie),
            By::Extension => request.header("authorization", self.signed(method, &path, body)),
            By::Nobody => request,
        };
        let request = match body.as_str().filter(|_| template.starts_with(FORMS)) {
            Some(form) => request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned()),
            None if body.is_null() => request,
            None => request.json(body),
        };
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let mut whole = format!("{headers:?}\n").into_bytes();
        whole.extend_from_slice(&bytes);
        for name in self.garden.found_in(&whole).into_iter().filter(|name| !REVEAL.contains(&(operation, *name))) {
            self.found.push(format!("{operation} ({status}) holds {name}"));
        }
        let cookie = headers.get("set-cookie").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Got { status, cookie, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    /// What a browser extension sends with a request.
    fn signed(&self, method: &str, path: &str, body: &Value) -> String {
        let (extension, origin) = &self.extension;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        extension.header(method, origin, path, body.as_bytes(), unix_now())
    }

    /// A path of the description with what stands for its parameters here.
    fn filled(&self, template: &str) -> String {
        let segments: Vec<&str> = template.split('/').collect();
        let filled = segments.iter().enumerate().map(|(at, segment)| {
            let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
                return (*segment).to_owned();
            };
            let name = if name == "id" { segments[at - 1] } else { name };
            let name = match name {
                _ if template.starts_with("/api/v1/me/sessions/") => "session",
                "requests" if template.starts_with("/api/v1/export/") => "export-requests",
                name => name,
            };
            self.ids.get(name).unwrap_or_else(|| panic!("nothing stands for {name} in {template}")).clone()
        });
        let path = filled.collect::<Vec<_>>().join("/");
        match segments.last() {
            Some(&"uploads") => format!("{path}?name=x"),
            Some(&"fill") => format!("{path}?origin=http%3A%2F%2F127.0.0.1%3A1"),
            Some(&"reviews") => format!("{path}?show=all"),
            Some(&"activity") => format!("{path}?credential={}", self.ids["credentials"]),
            Some(&"credentials") if template.contains("/dashboard/") => format!("{path}?concern=no_second_factor"),
            _ => path,
        }
    }

    /// Every operation that reads, by everybody.
    async fn read_all(&mut self, operations: &BTreeMap<String, bool>, everybody: &[String]) {
        let gets = operations.keys().filter(|operation| operation.starts_with("GET "));
        for operation in gets {
            let nothing = GETS_NOTHING.iter().find(|(it, _)| it == operation);
            let (root, page) = (self.root.clone(), self.page.clone());
            for by in [By::Token(&root), By::Cookie(&page)] {
                match nothing {
                    Some((_, status)) => self.refused(by, operation, Value::Null, *status).await,
                    None => drop(self.done(by, operation, Value::Null).await),
                }
            }
            for token in everybody {
                self.ask(By::Token(token), operation, Value::Null).await;
            }
            self.ask(By::Nobody, operation, Value::Null).await;
        }
    }

    /// Every operation that takes a body, with a planted seed where the body should be, or a field of it.
    async fn send_wrong_bodies(&mut self, operations: &BTreeMap<String, bool>) {
        let (root, seed) = (self.root.clone(), planted::base32(plan::SEED));
        for operation in operations.iter().filter(|(_, takes_body)| **takes_body).map(|(operation, _)| operation) {
            let fields = ["name", "password", "token", "totp", "text", "files", "link", "conditions", "version"];
            let bodies = fields.map(|field| json!({field: [seed]})).into_iter().chain([json!(seed), json!([seed])]);
            for body in bodies {
                let got = self.send(By::Token(&root), operation, &body).await;
                assert!((400..500).contains(&got.status), "{operation}: {} {}", got.status, got.body);
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the server that is asked has the time of this machine")]
fn unix_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// All operations that the server describes, and whether each takes JSON.
async fn described(server: &Server) -> BTreeMap<String, bool> {
    let description = server.get("/api/openapi.json", "").await.ok();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| {
            let takes_json = operation["requestBody"]["content"]["application/json"].is_object();
            (format!("{} {path}", method.to_uppercase()), takes_json)
        })
    });
    operations.collect()
}

#[tokio::test]
async fn no_answer_of_the_whole_api_holds_a_seed_or_a_password() {
    let mut crawl = Crawl::begin().await;
    let operations = described(&crawl.server).await;
    crawl.plant_all().await;
    let everybody = crawl.write().await;
    crawl.read_all(&operations, &everybody).await;
    crawl.send_wrong_bodies(&operations).await;
    crawl.end_all().await;
    assert_eq!(crawl.found, [""; 0]);
    for (operation, places) in GIVES {
        for place in places {
            assert!(crawl.given.contains(&(operation, *place)), "{operation} did not give {place}");
        }
    }
    let described: BTreeSet<String> = operations.into_keys().collect();
    let forgotten: Vec<_> = described.difference(&crawl.visited).collect();
    assert!(forgotten.is_empty(), "the API has these too: ask them in crawl/plan.rs: {forgotten:?}");
    let gone: Vec<_> = crawl.visited.difference(&described).collect();
    assert!(gone.is_empty(), "the API has these no more: {gone:?}");
}
