//! What surrounds the API: headers, other sites' pages, the audit log's ways out, health, the web app.

use countersign_model::Role;
use serde_json::json;

use crate::fixture::{PASSWORD, TestServer};

#[tokio::test]
async fn every_answer_has_the_headers_that_guard_it() {
    let fixture = TestServer::new().await;
    for path in ["/", "/api/v1/status", "/api/v1/me", "/api/v1/nothing", "/nothing", "/healthz", "/metrics"] {
        let answer = fixture.ask("GET", path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {part} is missing in {policy:?}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
    }
    let docs = fixture.ask("GET", "/api/docs/").send().await;
    assert_eq!((docs.status, docs.header("x-frame-options")), (200, "DENY"));
}

#[tokio::test]
async fn another_sites_page_cannot_use_a_browsers_cookie() {
    let fixture = TestServer::new().await;
    let cookie = fixture
        .ask("POST", "/api/v1/sign-in")
        .json(&json!({"name": "root", "password": PASSWORD}))
        .send()
        .await
        .cookie();
    let make = |name: &str| {
        fixture
            .ask("POST", "/api/v1/credentials")
            .header("cookie", &cookie)
            .header("host", "vault.example.org")
            .json(&json!({"name": name}))
    };
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example.com"),
        ("origin", "null"),
    ] {
        let refused = make("Forged").header(header, value).send().await;
        assert_eq!(refused.problem(403), "cross-site", "{header}: {value}");
    }
    assert_eq!(make("One").header("sec-fetch-site", "same-origin").send().await.status, 201);
    assert_eq!(make("Two").header("origin", "https://vault.example.org").send().await.status, 201);
    assert_eq!(make("Three").send().await.status, 201, "what is no browser sends neither");
    // Looking is not guarded: another site's page cannot read the answer.
    let read = fixture
        .ask("GET", "/api/v1/credentials")
        .header("cookie", &cookie)
        .header("sec-fetch-site", "cross-site")
        .send();
    let read = read.await;
    assert!(read.headers.get("access-control-allow-origin").is_none());
    assert_eq!(read.ok()["total"], 3);
}

#[tokio::test]
async fn health_is_open_and_says_nothing_else() {
    let fixture = TestServer::new().await;
    let alive = fixture.ask("GET", "/healthz").send().await;
    assert_eq!((alive.status, alive.text.as_str()), (200, "ok\n"));
    let ready = fixture.ask("GET", "/readyz").send().await;
    assert_eq!((ready.status, ready.text.as_str()), (200, "ready\n"));
    fixture.vault.close().await;
    let closed = fixture.ask("GET", "/readyz").send().await;
    assert_eq!(closed.status, 503);
    assert_eq!(fixture.ask("GET", "/healthz").send().await.status, 200, "the process answers all the same");
}

#[tokio::test]
async fn a_database_that_is_gone_is_no_empty_vault() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    fixture.vault.close().await;
    for (method, path) in [
        ("GET", "/api/v1/credentials"),
        ("GET", path.as_str()),
        ("GET", &format!("{path}/token")),
        ("POST", &format!("{path}/reveal")),
        ("GET", "/api/v1/status"),
    ] {
        let answer = fixture.ask(method, path).by(&fixture.root).send().await;
        let name = answer.problem(503);
        assert!(["database-unavailable", "audit-unavailable", "closing"].contains(&name.as_str()), "{path}: {name}");
        assert!(!answer.text.contains(crate::fixture::TOKEN), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_log_is_paged_searched_and_exported() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    let id = path.rsplit('/').next().unwrap();
    for _ in 0..5 {
        fixture.advance(1);
        fixture.get(&format!("{path}/token")).await.ok();
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = fixture.get(&format!("/api/v1/audit/records?limit=3{cursor}")).await.ok();
        seen.extend(page["items"].as_array().unwrap().iter().map(|record| record["seq"].as_u64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(seen.is_sorted_by(|left, right| left == &(right + 1)) && seen.last() == Some(&1), "{seen:?}");
    let count = async |query: &str| {
        let page = fixture.get(&format!("/api/v1/audit/records?{query}")).await.ok();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(count(&format!("credential={id}")).await, 6);
    assert_eq!(count("search=instagram").await, 6);
    assert_eq!(count("act=token.read&since=2005-03-18T01:58:13Z&until=2005-03-18T01:58:15Z").await, 2);
    assert_eq!(count("act=nothing").await, 0);

    let export = fixture.get("/api/v1/audit/export").await;
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    assert_eq!(export.header("cache-control"), "no-store");
    assert!(export.header("content-disposition").starts_with("attachment"));
    let report = countersign_audit::verify(export.text.as_bytes(), None, None).unwrap();
    assert_eq!(report.records, seen[0] + 1, "the export is the last act that it holds");
    let checkpoint = fixture.get("/api/v1/audit/checkpoint").await.ok();
    assert_eq!((&checkpoint["key"], &checkpoint["size"]), (&json!(report.newest.key), &json!(report.records)));
}

#[tokio::test]
async fn doctor_is_for_administrators() {
    let fixture = TestServer::new().await;
    let found = fixture.get("/api/v1/doctor").await.ok();
    let checks = found["checks"].as_array().unwrap();
    assert!(!checks.is_empty());
    for check in checks {
        assert_eq!(check["state"], "ok", "{check}");
    }
    let bob = fixture.person("bob", Role::Manager).await;
    assert_eq!(fixture.ask("GET", "/api/v1/doctor").by(&bob).send().await.problem(403), "denied");
}

#[tokio::test]
async fn the_description_is_served_with_a_page_to_try_it() {
    let fixture = TestServer::new().await;
    let served = fixture.ask("GET", "/api/openapi.json").send().await.ok();
    let kept: serde_json::Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    assert_eq!(served, kept);
    let page = fixture.ask("GET", "/api/docs/").send().await;
    assert!(page.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn mistakes_are_told_in_words_of_ours() {
    let fixture = TestServer::new().await;
    for (query, said) in [
        ("limit=-1", "the query cannot be read: limit must be a whole number, without a sign"),
        ("limit=", "the query cannot be read: limit must be a whole number, without a sign"),
        ("limit=99999999999999999999", "the query cannot be read: limit is too large"),
    ] {
        for path in ["/api/v1/credentials", "/api/v1/changes", "/api/v1/sessions", "/api/v1/audit/records"] {
            assert_eq!(fixture.get(&format!("{path}?{query}")).await.detail(), said, "{path}?{query}");
        }
    }
    for (body, said) in [
        ("{\"name\":".to_owned(), "the body is not JSON from line 1, column 8 on"),
        ("name=x".to_owned(), "the body is not JSON from line 1"),
    ] {
        let ask = fixture.ask("POST", "/api/v1/credentials").by(&fixture.root);
        let answer = ask.raw("application/json", body.clone()).send().await;
        assert_eq!(answer.problem(400), "malformed");
        assert!(answer.detail().starts_with(said), "{body:.20}: {}", answer.detail());
    }
    for method in ["TRACE", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"] {
        for path in ["/", "/index.html", "/nothing"] {
            let answer = fixture.ask(method, path).send().await;
            assert_eq!(answer.problem(405), "method-not-allowed", "{method} {path}");
        }
    }
}
