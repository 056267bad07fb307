//! A table of requests that are refused, and how.

use axum::body::Body;
use serde_json::json;

use crate::fixture::{PASSWORD, SEED, SITE_PASSWORD, TestServer};

const NOWHERE: &str = "/api/v1/credentials/01938d1c-7a31-7000-8000-000000000000";
const NO_SESSION: &str = "/api/v1/sessions/01938d1c-7a31-7000-8000-000000000000";

#[tokio::test]
async fn nothing_is_open_without_a_bearer() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let id = credential.rsplit('/').next().unwrap().to_owned();
    // Every endpoint of the description, so that a new one cannot be forgotten here.
    let description: serde_json::Value =
        serde_json::from_str(&countersign_server::api_description().to_json().unwrap()).unwrap();
    let open = [
        "/api/v1/status",
        "/api/v1/setup",
        "/api/v1/sign-in",
        "/api/v1/sign-in/oidc",
        "/api/v1/sign-in/oidc/callback",
        "/api/v1/sign-in/oidc/finish",
        "/api/v1/sign-in/passkey",
        "/api/v1/sign-in/passkey/options",
        "/api/v1/choose-password",
        "/api/v1/oauth/token",
        "/api/v1/oauth/device_authorization",
        "/api/v1/devices",
    ];
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        if open.contains(&path.as_str()) {
            continue;
        }
        let path = path.replace("{id}", &id);
        for method in methods.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
            for bearer in [None, Some("cs_notatoken"), Some(format!("cs_{}", "a".repeat(43)).as_str())] {
                let ask = fixture.ask(&method, &path).raw("application/json", "{}");
                let ask = if let Some(bearer) = bearer { ask.by(bearer) } else { ask };
                let answer = ask.send().await;
                assert_eq!(answer.problem(401), "not-signed-in", "{method} {path}");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked} endpoints only");
}

#[tokio::test]
async fn the_description_says_which_bodies_may_be_left_out() {
    let fixture = TestServer::new().await;
    let description: serde_json::Value =
        serde_json::from_str(&countersign_server::api_description().to_json().unwrap()).unwrap();
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let body = &operation["requestBody"];
            // A body that has to be signed is looked at after its signature.
            if !body["content"]["application/json"].is_object() || path.starts_with("/api/v1/fill") {
                continue;
            }
            let nowhere = path.replace("{id}", "01938d1c-7a31-7000-8000-000000000000");
            let answer = fixture.ask(&method.to_uppercase(), &nowhere).by(&fixture.root).send().await;
            let is_missed = answer.text.contains("the body must be JSON");
            assert_eq!(is_missed, body["required"] == true, "{method} {path}: {}", answer.text);
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked} endpoints only");
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let path = "/api/v1/credentials";
    let with = |field: &str, value: serde_json::Value| json!({"name": "New", field: value}).to_string();
    let table: &[(&str, &str, String, u16, &str, &str)] = &[
        ("POST", path, String::new(), 400, "malformed", "EOF"),
        ("POST", path, "{".to_owned(), 400, "malformed", "line 1, column 1"),
        ("POST", path, "[]".to_owned(), 400, "malformed", ""),
        ("POST", "/api/v1/groups", " [\"staff\"]".to_owned(), 400, "malformed", "expected struct GroupNameBody"),
        ("POST", path, with("site", json!(["https://example.org/"])), 400, "malformed", "expected struct SiteBody"),
        ("POST", path, "{}".to_owned(), 400, "malformed", "missing field `name`"),
        ("POST", path, "{\"name\": \"\u{1}\"}".to_owned(), 400, "malformed", "line 1"),
        ("POST", path, with("passwort", json!(SITE_PASSWORD)), 400, "malformed", "unknown field `passwort`"),
        ("POST", path, with("password", json!({"is": SITE_PASSWORD})), 400, "malformed", "expected"),
        ("POST", path, with("site", json!("https://example.org/")), 400, "malformed", "expected"),
        ("POST", path, with("tags", json!(SITE_PASSWORD)), 400, "malformed", "expected a sequence"),
        ("POST", path, with("totp", json!(SEED)), 400, "malformed", "expected struct"),
        ("POST", path, with("totp", json!({"secret": "x", "digits": SEED})), 400, "malformed", "expected u64"),
        ("POST", path, with("totp", json!({"secret": "x", "digits": -6})), 400, "malformed", "expected u64"),
        ("PATCH", &credential, json!({"revision": "one"}).to_string(), 400, "malformed", "expected i64"),
        ("PATCH", &credential, json!({"id": "other"}).to_string(), 400, "malformed", "unknown field `id`"),
        (
            "POST",
            "/api/v1/users",
            json!({"name": "bob", "password": 7}).to_string(),
            400,
            "malformed",
            "expected a string",
        ),
        (
            "POST",
            "/api/v1/sign-in",
            json!({"name": "root", "pasword": PASSWORD}).to_string(),
            400,
            "malformed",
            "`pasword`",
        ),
    ];
    for (method, path, body, status, name, detail) in table {
        let answer = fixture.ask(method, path).by(&fixture.root).raw("application/json", body.clone()).send().await;
        assert_eq!(answer.problem(*status), *name, "{method} {path} {body}");
        assert!(answer.detail().contains(detail), "{body}: {}", answer.detail());
    }
    assert_eq!(fixture.get(path).await.ok()["total"], 1, "nothing was written by any of them");
}

#[tokio::test]
async fn a_secret_of_the_wrong_type_is_never_repeated() {
    let fixture = TestServer::new().await;
    // The words of the parser's own messages, in the secret: what is cut out of a message must not depend on them.
    for secret in ["the expected treasure", "x, expected u64 at line 1", "`field`, expected one of `treasure`"] {
        let body = json!({"name": "New", "totp": {"secret": "x", "digits": secret}});
        let answer = fixture.post("/api/v1/credentials", body).await;
        assert_eq!(answer.problem(400), "malformed");
        assert!(answer.detail().ends_with("expected u64"), "{}", answer.detail());
        assert!(!answer.text.contains("treasure"), "{}", answer.text);
        let body = json!({"name": "New", "tags": secret});
        let answer = fixture.post("/api/v1/credentials", body).await;
        assert!(!answer.text.contains("treasure"), "{}", answer.text);
    }
    // A secret where a field's name should be: told, but never at length.
    let answer = fixture.post("/api/v1/credentials", json!({"name": "New", "x".repeat(5_000): 1})).await;
    assert_eq!(answer.problem(400), "malformed");
    assert!(answer.text.len() < 1_500, "{} bytes", answer.text.len());
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let fixture = TestServer::new().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer =
            fixture.ask("POST", "/api/v1/credentials").by(&fixture.root).raw(kind, "{\"name\":\"New\"}").send().await;
        assert_eq!(answer.problem(400), "malformed");
        assert!(answer.detail().contains("Content-Type: application/json"), "{}", answer.detail());
    }
    let answer = fixture
        .ask("POST", "/api/v1/credentials")
        .by(&fixture.root)
        .raw("application/JSON; charset=utf-8", "{\"name\":\"New\"}");
    assert_eq!(answer.send().await.status, 201);
}

#[tokio::test]
async fn bodies_that_are_too_long() {
    let fixture = TestServer::new().await;
    // A name of two megabytes, with its length declared, and in pieces that declare none.
    let long = json!({"name": "x".repeat(2 << 20)}).to_string();
    let ask = || fixture.ask("POST", "/api/v1/credentials").by(&fixture.root);
    let declared = ask().header("content-length", &long.len().to_string()).raw("application/json", long.clone());
    let answer = declared.send().await;
    assert_eq!(answer.problem(413), "too-large");
    assert_eq!(answer.detail(), "this endpoint takes at most 256 KiB");
    let pieces =
        long.into_bytes().chunks(10_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let stream = Body::from_stream(futures_util::stream::iter(pieces));
    assert_eq!(ask().raw("application/json", stream).send().await.problem(413), "too-large");
    // What fits into a body, and not into the field.
    let answer = fixture.post("/api/v1/credentials", json!({"name": "x".repeat(200_000)})).await;
    assert_eq!(answer.problem(422), "invalid");
    assert_eq!(answer.detail(), "name is too long: at most 200 characters, this has 200000 bytes");
    let answer = fixture.post("/api/v1/sign-in", json!({"name": "root", "password": "x".repeat(20_000)})).await;
    assert_eq!(answer.problem(413), "too-large");
}

/// A request that cannot be taken: its method and address, its body, the field that is named, and a piece of what is said.
type Refused = (&'static str, String, serde_json::Value, &'static str, &'static str);

fn values_of_credentials(credential: &str) -> Vec<Refused> {
    let path = "/api/v1/credentials";
    let totp = |totp: serde_json::Value| json!({"name": "New", "totp": totp});
    let table = [
        ("POST", path, json!({"name": "  "}), "name", "name is empty"),
        ("POST", path, json!({"name": "a\nb"}), "name", "control character at place 2"),
        ("POST", path, json!({"name": "New", "username": "x".repeat(321)}), "username", "at most 320"),
        ("POST", path, json!({"name": "New", "notes": "x".repeat(16_385)}), "notes", "at most 16384"),
        ("POST", path, json!({"name": "New", "tags": [""]}), "tags", "empty"),
        (
            "POST",
            path,
            json!({"name": "New", "tags": (0..33).map(|n| n.to_string()).collect::<Vec<_>>()}),
            "tags",
            "32",
        ),
        ("POST", path, json!({"name": "New", "site": {"url": "file:///etc/passwd"}}), "site.url", "https://"),
        ("POST", path, json!({"name": "New", "site": {"url": "https://u:p@example.org"}}), "site.url", "password"),
        ("POST", path, json!({"name": "New", "password": ""}), "password", "empty"),
        ("POST", path, totp(json!({})), "totp", "either uri or secret"),
        ("POST", path, totp(json!({"uri": "x", "secret": "y"})), "totp", "either uri or secret"),
        ("POST", path, totp(json!({"secret": "GEZDGNBV1Y3TQOJQ"})), "totp.secret", "1"),
        ("POST", path, totp(json!({"secret": ""})), "totp.secret", ""),
        ("POST", path, totp(json!({"secret": SEED, "digits": 4})), "totp", "digits"),
        ("POST", path, totp(json!({"secret": SEED, "digits": 11})), "totp", "digits"),
        ("POST", path, totp(json!({"secret": SEED, "period": 0})), "totp", "period"),
        ("POST", path, totp(json!({"secret": SEED, "algorithm": "MD5"})), "totp", "algorithm"),
        ("POST", path, totp(json!({"secret": SEED, "kind": "otp"})), "totp.kind", "totp, hotp or steam"),
        ("POST", path, totp(json!({"secret": SEED, "encoding": "base58"})), "totp.encoding", "base32, hex or base64"),
        ("POST", path, totp(json!({"uri": "https://example.org/"})), "totp.secret", ""),
        (
            "POST",
            path,
            totp(json!({"uri": format!("otpauth://totp/x?secret={SEED}&digits=99")})),
            "totp.secret",
            "digits",
        ),
        ("PATCH", credential, json!({"status": "gone"}), "status", "neither active nor inactive"),
        ("PATCH", credential, json!({"name": ""}), "name", "empty"),
    ];
    table.map(|(method, path, body, field, detail)| (method, path.to_owned(), body, field, detail)).into()
}

fn other_values(credential: &str) -> Vec<Refused> {
    const TAGS: &str = "/api/v1/credentials/tags";
    const NOBODY: &str = "01938d1c-7a31-7000-8000-000000000000";
    let reveal = format!("{credential}/reveal");
    let over_zone = |zone: &str| format!("/api/v1/audit/activity?user={NOBODY}&time_zone={zone}");
    let over_days = |days: u32| format!("/api/v1/audit/activity?user={NOBODY}&days={days}");
    let table = [
        ("GET", "/api/v1/credentials?sort=size", json!(null), "sort", "name, -name, updated, -updated"),
        ("GET", "/api/v1/credentials?limit=0", json!(null), "limit", "1 to 200"),
        ("GET", "/api/v1/credentials?limit=201", json!(null), "limit", "1 to 200"),
        ("GET", "/api/v1/credentials?cursor=AAAA", json!(null), "cursor", ""),
        ("GET", "/api/v1/credentials?status=gone", json!(null), "status", ""),
        ("GET", "/api/v1/audit/records?limit=0", json!(null), "limit", "1 to 200"),
        ("GET", "/api/v1/audit/records?limit=100000", json!(null), "limit", "1 to 200"),
        ("GET", "/api/v1/audit/records?cursor=9223372036854775808", json!(null), "cursor", "begin without a cursor"),
        ("GET", "/api/v1/audit/records?cursor=x", json!(null), "cursor", "begin without a cursor"),
        ("GET", "/api/v1/audit/records?since=yesterday", json!(null), "since", "RFC 3339"),
        ("GET", "/api/v1/audit/records?credential=x", json!(null), "credential", ""),
        ("GET", "/api/v1/audit/activity", json!(null), "credential", "or user is missing"),
        ("GET", "/api/v1/audit/activity?credential=x&user=y", json!(null), "credential", "name one of them"),
        ("GET", "/api/v1/audit/activity?user=x", json!(null), "user", ""),
        ("GET", &over_zone("Mars/Olympus"), json!(null), "time_zone", "Europe/Berlin"),
        ("GET", &over_days(0), json!(null), "days", "1 to 90"),
        ("GET", &over_days(91), json!(null), "days", "1 to 90"),
        ("POST", TAGS, json!({"credentials": []}), "credentials", "1 to 1000"),
        ("POST", TAGS, json!({"credentials": [{"id": "x"}], "add": ["a"]}), "credentials", ""),
        ("POST", TAGS, json!({"credentials": [{"id": NOBODY}]}), "add", "or remove"),
        ("POST", TAGS, json!({"credentials": [{"id": NOBODY}], "add": [" "]}), "add", "empty"),
        ("POST", TAGS, json!({"credentials": [{"id": NOBODY, "add": ["a"]}], "remove": ["a"]}), "add", "both name"),
        ("POST", TAGS, json!({"credentials": [{"id": NOBODY}], "add": ["a"]}), "credentials", "from a preview"),
        ("POST", "/api/v1/users", json!({"name": "bob", "role": "king", "password": PASSWORD}), "role", ""),
        ("POST", "/api/v1/users", json!({"name": "bob", "role": "member", "password": "short"}), "password", "8"),
        ("POST", "/api/v1/api-tokens", json!({"name": "x", "expires_in_days": 0}), "expires_in_days", "1 to"),
        ("POST", "/api/v1/seeds/check", json!({}), "totp", "either a text or an image"),
        ("POST", "/api/v1/seeds/check", json!({"image": "***"}), "image", "base64"),
        ("POST", "/api/v1/import", json!({"files": []}), "files", "at least one"),
        ("POST", "/api/v1/import", json!({"files": [{"name": "a.txt", "data": "***"}]}), "files", "a.txt"),
        ("POST", &reveal, json!({"reason": "x".repeat(501)}), "reason", "at most 500"),
    ];
    table
        .map(|(method, path, body, field, detail): (_, &str, _, _, _)| (method, path.to_owned(), body, field, detail))
        .into()
}

#[tokio::test]
async fn values_that_cannot_be_taken_name_their_field() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let path = "/api/v1/credentials";
    let table = values_of_credentials(&credential).into_iter().chain(other_values(&credential));
    for (method, path, body, field, detail) in table {
        let ask = fixture.ask(method, &path).by(&fixture.root);
        let ask = if body.is_null() { ask } else { ask.json(&body) };
        let answer = ask.send().await;
        assert_eq!(answer.problem(422), "invalid", "{method} {path} {body}");
        assert_eq!(answer.json()["field"], field, "{method} {path} {body}: {}", answer.text);
        assert!(answer.detail().contains(detail), "{method} {path} {body}: {}", answer.detail());
    }
    assert_eq!(fixture.get(path).await.ok()["total"], 1, "nothing was written by any of them");
}

#[tokio::test]
async fn things_that_are_not_there() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let table = [
        ("GET", NOWHERE.to_owned()),
        ("PATCH", NOWHERE.to_owned()),
        ("DELETE", NOWHERE.to_owned()),
        ("GET", format!("{NOWHERE}/token")),
        ("POST", format!("{NOWHERE}/reveal")),
        ("GET", format!("{NOWHERE}/versions")),
        ("GET", "/api/v1/credentials/17".to_owned()),
        ("GET", "/api/v1/credentials/Instagram".to_owned()),
        ("GET", "/api/v1/credentials/name:Facebook".to_owned()),
        ("GET", "/api/v1/credentials/name:".to_owned()),
        ("GET", "/api/v1/credentials/name:%FF%FE".to_owned()),
        ("GET", "/api/v1/credentials/%00".to_owned()),
        ("DELETE", "/api/v1/users/17".to_owned()),
        ("DELETE", "/api/v1/users/01938d1c-7a31-7000-8000-000000000000".to_owned()),
        ("DELETE", "/api/v1/api-tokens/01938d1c-7a31-7000-8000-000000000000".to_owned()),
        ("GET", NO_SESSION.to_owned()),
        ("GET", "/api/v1/sessions/17".to_owned()),
        ("GET", "/api/v1/changes/%FF/pictures/%FF".to_owned()),
        ("DELETE", "/api/v1/users/%FF/sessions/%FF".to_owned()),
        ("POST", format!("{NO_SESSION}/end")),
        ("GET", format!("{NO_SESSION}/recording")),
        ("GET", format!("{NO_SESSION}/recording/parts/0")),
        ("GET", format!("{NO_SESSION}/recording/parts/first")),
        ("POST", "/api/v1/changes/01938d1c-7a31-7000-8000-000000000000/session".to_owned()),
        ("POST", format!("{credential}/reveal?x")),
        ("GET", "/api/v1/nothing".to_owned()),
        ("GET", "/api/v2/credentials".to_owned()),
        ("GET", "/nothing".to_owned()),
    ];
    for (method, path) in &table {
        let ask = fixture.ask(method, path).by(&fixture.root).json(&json!({"version": 99}));
        let ask = if *method == "PATCH" {
            fixture.ask(method, path).by(&fixture.root).json(&json!({"notes": "x"}))
        } else {
            ask
        };
        assert_eq!(ask.send().await.problem(404), "not-found", "{method} {path}");
    }
}

#[tokio::test]
async fn queries_that_cannot_be_read() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    for path in [
        "/api/v1/credentials?serach=x".to_owned(),
        "/api/v1/credentials?limit=many".to_owned(),
        "/api/v1/credentials?l%69mit=many".to_owned(),
        "/api/v1/credentials?limit=2&limit=3".to_owned(),
        "/api/v1/credentials?second_factor=maybe".to_owned(),
        "/api/v1/sessions?open=maybe".to_owned(),
        "/api/v1/sessions?live=true".to_owned(),
        format!("{credential}/token?nxet=true"),
        format!("{credential}/token?claim=perhaps"),
    ] {
        let answer = fixture.get(&path).await;
        assert_eq!(answer.problem(400), "malformed", "{path}");
        assert!(answer.detail().starts_with("the query cannot be read: "), "{}", answer.detail());
    }
    let unknown = fixture.get("/api/v1/credentials?limt=5").await;
    for name in ["`search`", "`cursor`", "`limit`"] {
        assert!(unknown.detail().contains(name), "{name}: {}", unknown.detail());
    }
    assert!(
        fixture.get("/api/v1/credentials?l%69mit=1").await.ok()["items"].as_array().is_some_and(|it| it.len() == 1)
    );
    assert!(fixture.records("token.read").await.is_empty(), "what was not understood took no token");
}

#[tokio::test]
async fn what_a_session_is_asked_in_another_way_is_a_problem_too() {
    let fixture = TestServer::new().await;
    let upload = fixture.post(&format!("{NO_SESSION}/uploads"), json!({})).await;
    assert_eq!(upload.problem(400), "malformed");
    assert!(upload.detail().contains("name"), "{}", upload.detail());
    let live = fixture.get(&format!("{NO_SESSION}/live")).await;
    assert_eq!(live.problem(400), "malformed");
    assert!(live.detail().contains("WebSocket"), "{}", live.detail());
}

#[tokio::test]
async fn null_characters_never_reach_a_database() {
    let fixture = TestServer::new().await;
    for query in
        ["credentials?search=a%00b", "credentials?tag=%00", "audit/records?act=a%00", "audit/records?search=%00"]
    {
        assert_eq!(fixture.get(&format!("/api/v1/{query}")).await.problem(400), "malformed", "{query}");
    }
    assert_eq!(fixture.get("/api/v1/credentials/name:a%00b").await.problem(404), "not-found");
    let before = fixture.records("user.sign_in_failed").await.len();
    let body = json!({"name": "ro\0ot", "password": PASSWORD});
    let answer = fixture.ask("POST", "/api/v1/sign-in").json(&body).send().await;
    assert_eq!((answer.problem(422).as_str(), &answer.json()["field"]), ("invalid", &json!("name")));
    assert_eq!(fixture.records("user.sign_in_failed").await.len(), before);
    let import = json!({"files": [{"name": format!("a\0{}", "x".repeat(100_000)), "data": "aGVsbG8="}]});
    let place =
        fixture.post("/api/v1/import/commit", import).await.ok()["items"][0]["place"].as_str().unwrap().to_owned();
    assert!(place.len() < 300 && !place.contains('\0'), "{} bytes", place.len());
    for field in ["name", "username", "notes", "password"] {
        let mut body = json!({"name": "New"});
        body[field] = json!("a\0b");
        assert_eq!(fixture.post("/api/v1/credentials", body).await.problem(422), "invalid", "{field}");
    }
}

#[tokio::test]
async fn methods_that_an_address_does_not_have() {
    let fixture = TestServer::new().await;
    for (method, path) in [
        ("PUT", "/api/v1/credentials"),
        ("DELETE", "/api/v1/credentials"),
        ("GET", "/api/v1/sign-in"),
        ("POST", "/api/v1/status"),
        ("POST", "/healthz"),
        ("DELETE", "/metrics"),
    ] {
        let answer = fixture.ask(method, path).by(&fixture.root).send().await;
        assert_eq!(answer.problem(405), "method-not-allowed", "{method} {path}");
        assert!(!answer.header("allow").is_empty(), "{method} {path}: what is allowed is said");
    }
}
