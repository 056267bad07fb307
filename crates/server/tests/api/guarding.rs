//! What stands around every answer: headers, cookies over TLS, who sees what, what is recorded of refusals.

use countersign_model::Role;
use countersign_server::Audience;
use serde_json::{Value, json};

use crate::fixture::{PASSWORD, SEED, TestServer};

#[tokio::test]
async fn every_answer_is_kept_from_other_origins() {
    for secure in [false, true] {
        let fixture = TestServer::with(|settings| settings.secure_cookies = secure).await;
        for path in ["/", "/api/v1/status", "/api/v1/me", "/nothing", "/api/docs/", "/api/openapi.json", "/metrics"] {
            let answer = fixture.ask("GET", path).send().await;
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
            let policy = answer.header("content-security-policy");
            for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            let hsts = if secure { "max-age=31536000" } else { "" };
            assert_eq!(answer.header("strict-transport-security"), hsts, "{path}");
        }
    }
}

#[tokio::test]
async fn over_tls_only_cookies_of_this_very_host_count() {
    let fixture = TestServer::with(|settings| settings.secure_cookies = true).await;
    let body = json!({"name": "root", "password": PASSWORD});
    let answer = fixture.ask("POST", "/api/v1/sign-in").json(&body).send().await;
    let all: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(all.len(), 2);
    for set in &all {
        assert!(set.starts_with("__Host-countersign_") && set.contains("; Path=/;") && set.contains("; Secure"));
    }
    let cookie = answer.cookie();
    let me = async |cookie: &str| fixture.ask("GET", "/api/v1/me").header("cookie", cookie).send().await.status;
    assert_eq!(me(&cookie).await, 200);
    assert_eq!(me(cookie.strip_prefix("__Host-").unwrap()).await, 401, "a neighbour host may have set it");
}

#[tokio::test]
async fn signing_out_clears_what_the_browser_kept() {
    let fixture = TestServer::new().await;
    let body = json!({"name": "root", "password": PASSWORD});
    let cookie = fixture.ask("POST", "/api/v1/sign-in").json(&body).send().await.cookie();
    let out = fixture.ask("POST", "/api/v1/sign-out").header("cookie", &cookie).json(&json!({})).send().await;
    assert_eq!((out.status, out.header("clear-site-data")), (204, "\"cache\", \"storage\""));
}

#[tokio::test]
async fn figures_and_description_are_shown_to_whom_the_settings_name() {
    let fixture = TestServer::with(|settings| {
        settings.metrics_for = Audience::SignedIn;
        settings.docs = Audience::SignedIn;
    })
    .await;
    for path in ["/metrics", "/api/openapi.json", "/api/docs/"] {
        assert_eq!(fixture.ask("GET", path).send().await.problem(403), "denied", "{path}");
        assert_eq!(fixture.ask("GET", path).by("cs_wrong").send().await.problem(403), "denied", "{path}");
        assert_eq!(fixture.ask("GET", path).by(&fixture.root).send().await.status, 200, "{path}");
    }
    let fixture = TestServer::with(|settings| settings.metrics_for = Audience::Nobody).await;
    assert_eq!(fixture.get("/metrics").await.problem(403), "denied");
    assert_eq!(fixture.get("/api/openapi.json").await.status, 200);
}

#[tokio::test]
async fn a_read_moves_no_counter() {
    let fixture = TestServer::new().await;
    let totp = json!({"uri": format!("otpauth://hotp/Portal?secret={SEED}&counter=5")});
    let made = fixture.post("/api/v1/credentials", json!({"name": "Portal", "totp": totp})).await;
    let path = format!("{}/token", made.header("location"));
    for _ in 0..3 {
        let refused = fixture.get(&path).await;
        assert_eq!(refused.problem(405), "method-not-allowed");
        assert!(refused.json()["hint"].as_str().unwrap().contains("POST"), "{}", refused.text);
    }
    for counter in [5, 6] {
        assert_eq!(fixture.post(&path, json!({})).await.ok()["counter"], counter);
    }
    // By time, both serve; the reason goes in the body.
    let path = format!("{}/token", fixture.credential("Instagram").await);
    let read = fixture.get(&path).await.ok()["token"].clone();
    assert_eq!(fixture.post(&path, json!({"reason": "campaign"})).await.ok()["token"], read);
    assert_eq!(fixture.ask("POST", &path).by(&fixture.root).send().await.ok()["token"], read, "a body may be left out");
    assert_eq!(fixture.records("token.read").await[1]["reason"], "campaign");
    assert_eq!(fixture.post(&path, json!({"reson": "x"})).await.problem(400), "malformed");
}

#[tokio::test]
async fn what_was_refused_is_recorded_and_bounded() {
    let fixture = TestServer::new().await;
    let bob = fixture.person("bob", Role::Member).await;
    let because = async || -> Vec<Value> {
        fixture.records("request.refused").await.iter().map(|record| record["details"]["because"].clone()).collect()
    };
    fixture.ask("GET", "/api/v1/me").send().await.problem(401);
    assert!(because().await.is_empty(), "who sends nothing is only not signed in");
    for _ in 0..20 {
        let bearer = format!("cs_{}", "A".repeat(43));
        assert_eq!(fixture.ask("GET", "/api/v1/credentials").by(&bearer).send().await.problem(401), "not-signed-in");
    }
    assert_eq!(because().await, ["bearer not valid"]);
    fixture.ask("GET", "/api/v1/users").by(&bob).send().await.problem(403);
    let cross = fixture.ask("POST", "/api/v1/sign-out").header("sec-fetch-site", "cross-site");
    assert_eq!(cross.json(&json!({})).send().await.problem(403), "cross-site");
    assert_eq!(because().await, ["cross-site request", "not allowed", "bearer not valid"]);
    let refused = fixture.records("request.refused").await;
    assert_eq!((&refused[1]["actor"]["name"], &refused[0]["actor"]["kind"]), (&json!("bob"), &json!("nobody")));
}

#[tokio::test]
async fn records_say_from_where_somebody_asked() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let bob = fixture.person("bob", Role::Member).await;
    let from = |method, path: &str| fixture.ask(method, path).at("192.0.2.7:40000");
    from("GET", &format!("{credential}/token")).by(&fixture.root).send().await.ok();
    from("POST", &format!("{credential}/reveal")).by(&fixture.root).json(&json!({})).send().await.ok();
    from("PATCH", &credential).by(&fixture.root).json(&json!({"notes": "x"})).send().await.ok();
    from("GET", "/api/v1/users").by(&bob).send().await.problem(403);
    for act in ["token.read", "password.revealed", "credential.edited", "request.refused"] {
        let record = fixture.records(act).await[0].clone();
        assert_eq!(record["details"]["address"], "192.0.2.7", "{act}");
    }
    assert!(fixture.records("credential.created").await[0]["details"].get("address").is_none(), "not known, not said");
}

#[tokio::test]
async fn promise_6_a_request_that_a_proxy_does_not_locate_is_refused_before_anything_is_looked_at() {
    let fixture = TestServer::with(|settings| {
        settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        settings.metrics_for = Audience::Loopback;
    })
    .await;
    let me = |headers: &[(&str, &str)]| {
        let ask = fixture.ask("GET", "/api/v1/me").by(&fixture.root).at("10.0.0.1:7");
        headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value)).send()
    };
    let named = ("x-forwarded-for", "203.0.113.9");
    for headers in [&[][..], &[named], &[named, ("forwarded", "for=203.0.113.9")]] {
        me(headers).await.ok();
    }
    for headers in [
        &[named, ("forwarded", "for=198.51.100.1")][..],
        &[named, ("forwarded", "garbage")],
        &[named, ("forwarded", "for=unknown")],
        &[("x-forwarded-for", "_hidden")],
    ] {
        let refused = me(headers).await;
        assert_eq!(refused.problem(400), "malformed", "{headers:?}");
        assert!(refused.json()["hint"].as_str().unwrap().contains("remove the other"), "{}", refused.text);
    }
    let record = &fixture.records("request.refused").await[0];
    assert_eq!(record["details"]["because"], "the proxy does not say from where it came");
    assert_eq!(record["details"]["address"], "10.0.0.1");
    // Nothing of a made-up header counts where no proxy is trusted.
    let direct = fixture.ask("GET", "/api/v1/me").by(&fixture.root).at("192.0.2.1:7").header("forwarded", "garbage");
    direct.send().await.ok();
}
