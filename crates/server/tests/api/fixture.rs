//! A server to test with: its clock stands still, its administrator has an API token.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, header},
};
use countersign_model::{Clock as _, FakeClock, Role, Timestamp, UserName};
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_server::{AppState, Settings, router};
use countersign_store::engine::{Database, DatabaseUrl, OpenOptions};
use countersign_vault::{NewApiToken, Recordings, SeedRequest, SignInRequest, Source, Unlock, Vault, VaultOptions};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// RFC 6238's own seed, so that its test values are the expected tokens.
pub(crate) const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// With which everybody signs in.
pub(crate) const PASSWORD: &str = "plum velvet anchor sixteen";
/// Of the credentials.
pub(crate) const SITE_PASSWORD: &str = "corr&ct \"horse\" + batt/ery";

/// RFC 6238 appendix B: at this second and those around it the token of eight digits is 07081804.
pub(crate) const BEGIN: i64 = 1_111_111_090;
pub(crate) const TOKEN: &str = "07081804";
pub(crate) const NEXT_TOKEN: &str = "14050471";

pub(crate) struct TestServer {
    router: Router,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<FakeClock>,
    /// The administrator's API token.
    pub(crate) root: String,
    _folder: tempfile::TempDir,
}

impl TestServer {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// One whose settings are others.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut fixture = Self::build(false, change).await;
        let root =
            fixture.vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
        let new = NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: None, admin: true };
        let (_, bearer) = fixture.vault.create_api_token(&root, &new).await.unwrap();
        fixture.root = bearer.expose().to_owned();
        fixture
    }

    /// A vault in which nobody can sign in yet.
    pub(crate) async fn empty(second_factor_required: bool) -> Self {
        Self::build(second_factor_required, |_| {}).await
    }

    async fn build(second_factor_required: bool, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("countersign.db"));
        let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(BEGIN)));
        let key = Unlock::KeyFile(folder.path().join("countersign.key"));
        let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required };
        let vault_clock: Arc<FakeClock> = Arc::clone(&clock);
        let vault = Vault::open(database, &key, vault_clock, Arc::new(SystemChance), options).await.unwrap();
        vault.keep_recordings(Recordings::folder(folder.path().join("recordings")));
        let mut settings = Settings::plain();
        change(&mut settings);
        let router = router(AppState::new(vault.clone(), settings));
        Self { router, vault, clock, root: String::new(), _folder: folder }
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A person, and their bearer from signing in.
    pub(crate) async fn person(&self, name: &str, role: Role) -> String {
        let ask =
            SignInRequest { name: "root", password: secret(PASSWORD), token: None, source: Source::agent("test") };
        let root = self.vault.sign_in(ask).await.unwrap().caller.actor;
        let made = self.vault.create_person_with_link(&root, &UserName::parse(name).unwrap(), role).await;
        let (_, link) = made.unwrap_or_else(|error| panic!("{error}"));
        let link = link.link.expose_text().unwrap().to_owned();
        self.vault.use_person_link(&link, secret(PASSWORD), None).await.unwrap();
        let ask = SignInRequest { name, password: secret(PASSWORD), token: None, source: Source::agent("test") };
        self.vault.sign_in(ask).await.unwrap().bearer.expose().to_owned()
    }

    /// Adds a credential with RFC 6238's seed, eight digits and a password; gives its path.
    pub(crate) async fn credential(&self, name: &str) -> String {
        let body = json!({
            "name": name,
            "username": "alice@example.org",
            "password": SITE_PASSWORD,
            "site": {"url": "https://example.org/login"},
            "totp": {"secret": SEED, "digits": 8},
            "tags": ["social"],
        });
        let made = self.post("/api/v1/credentials", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.header("location").to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).by(&self.root).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path).by(&self.root).json(&body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask("PATCH", path).by(&self.root).json(&body).send().await
    }

    /// Records of an act, the newest first.
    pub(crate) async fn records(&self, act: &str) -> Vec<Value> {
        let page = self.get(&format!("/api/v1/audit/records?limit=200&act={act}")).await;
        page.json()["items"].as_array().unwrap().clone()
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        Ask { router: self.router.clone(), request: Request::builder().method(method).uri(path), body: Body::empty() }
    }
}

/// A request that is being put together.
pub(crate) struct Ask {
    router: Router,
    request: axum::http::request::Builder,
    body: Body,
}

impl Ask {
    pub(crate) fn by(self, bearer: &str) -> Self {
        self.header("authorization", &format!("Bearer {bearer}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// From this address, with a port.
    pub(crate) fn at(mut self, peer: &str) -> Self {
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        self.request = self.request.extension(axum::extract::ConnectInfo(peer));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(mut self, kind: &str, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }

    pub(crate) async fn send(self) -> Answer {
        let request = self.request.body(self.body).unwrap();
        let asked = format!("{} {:.120}", request.method(), request.uri());
        let response = self.router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Answer { asked, status: parts.status.as_u16(), headers: parts.headers, bytes, text };
        answer.require_form();
        answer
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{} is no JSON ({error}): {}", self.asked, self.text))
    }

    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} answered {}: {}", self.asked, self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem's name; the answer must be one, with this status.
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{} answered: {}", self.asked, self.text);
        self.json()["type"].as_str().unwrap().strip_prefix("urn:countersign:problem:").unwrap().to_owned()
    }

    pub(crate) fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap().to_owned()
    }

    pub(crate) fn cookie(&self) -> String {
        self.header(header::SET_COOKIE.as_str()).split(';').next().unwrap().to_owned()
    }

    /// What holds for every answer of every test: failures are whole problem documents that repeat no secret.
    fn require_form(&self) {
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{}", self.asked);
        if self.status < 400 {
            return;
        }
        for secret in [SEED, PASSWORD, SITE_PASSWORD] {
            assert!(!self.text.contains(secret), "{} repeats a secret: {}", self.asked, self.text);
        }
        if self.header("content-type") != "application/problem+json" {
            // Those whose errors another standard says.
            let others = self.asked.starts_with("POST /api/v1/oauth/") || self.asked.contains(" /scim/v2/");
            assert!(
                others || (self.status, self.asked.as_str()) == (503, "GET /readyz"),
                "{}: {}",
                self.asked,
                self.text
            );
            return;
        }
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{}", self.asked);
        for field in ["type", "title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{}: {field}", self.asked);
        }
        assert_eq!(self.header("cache-control"), "no-store", "{}", self.asked);
        let wait = problem["retry_after_seconds"].as_u64();
        assert_eq!(wait.map(|wait| wait.to_string()).unwrap_or_default(), self.header("retry-after"), "{}", self.asked);
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// The token of a seed or address at the fixture's present.
pub(crate) fn token_of(fixture: &TestServer, text: &str) -> String {
    let ask = SeedRequest { text: Some(secret(text)), ..SeedRequest::default() };
    let check = ask.understand().unwrap();
    check.previews(fixture.clock.now())[0].text.expose().to_owned()
}

/// A path by name, with what a path cannot hold encoded.
pub(crate) fn by_name(name: &str) -> String {
    let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/api/v1/credentials/name:{encoded}")
}
