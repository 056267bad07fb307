//! Tokens: what the answer holds, who took a step, machines, counters.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::{NEXT_TOKEN, TOKEN, TestServer};

#[tokio::test]
async fn the_answer_holds_the_token_and_its_step() {
    let fixture = TestServer::new().await;
    let path = format!("{}/token", fixture.credential("Instagram").await);
    let answer = fixture.get(&path).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let expected = json!({
        "token": TOKEN,
        "kind": "totp",
        "digits": 8,
        "period": 30,
        "step": 37_037_036,
        "begins_at": "2005-03-18T01:58:00.000Z",
        "ends_at": "2005-03-18T01:58:30.000Z",
        "server_time": "2005-03-18T01:58:10.000Z",
        "taken_by": [],
    });
    assert_eq!(answer.ok(), expected);

    let with_next = fixture.get(&format!("{path}?next=true&reason=a%20new%20phone")).await.ok();
    let next = json!({
        "token": NEXT_TOKEN,
        "step": 37_037_037,
        "begins_at": "2005-03-18T01:58:30.000Z",
        "ends_at": "2005-03-18T01:59:00.000Z",
    });
    assert_eq!((&with_next["token"], &with_next["next"]), (&json!(TOKEN), &next));

    fixture.advance(20);
    assert_eq!(fixture.get(&path).await.ok()["token"], NEXT_TOKEN, "the first moment of the next step");
    let records = fixture.records("token.read").await;
    assert_eq!(records.len(), 3);
    assert_eq!(records[1]["details"], json!({"step": 37_037_036, "next": true}));
    assert_eq!(records[1]["reason"], "a new phone");
    assert_eq!(records[0]["actor"]["name"], "root/ci");
}

#[tokio::test]
async fn a_colleague_sees_who_took_the_step() {
    let fixture = TestServer::new().await;
    let path = format!("{}/token", fixture.credential("Instagram").await);
    let bob = fixture.person("bob", Role::Manager).await;
    fixture.get(&path).await.ok();
    fixture.advance(4);
    let seen = fixture.ask("GET", &path).by(&bob).send().await.ok();
    assert_eq!(seen["taken_by"], json!([{"name": "root/ci", "at": "2005-03-18T01:58:10.000Z", "machine": true}]));
    assert_eq!(seen["server_time"], "2005-03-18T01:58:14.000Z");
    let seen = fixture.get(&path).await.ok();
    assert_eq!(seen["taken_by"], json!([{"name": "bob", "at": "2005-03-18T01:58:14.000Z", "machine": false}]));
    fixture.advance(30);
    assert_eq!(fixture.get(&path).await.ok()["taken_by"], json!([]), "a new step is nobody's");
}

#[tokio::test]
async fn promise_5_a_machine_takes_a_step_once() {
    let fixture = TestServer::new().await;
    let path = format!("{}/token?claim=true", fixture.credential("Instagram").await);
    assert_eq!(fixture.get(&path).await.ok()["token"], TOKEN);
    let again = fixture.get(&path).await;
    assert_eq!(again.problem(409), "step-taken");
    assert_eq!(again.json()["retry_after_seconds"], 20);
    assert!(!again.text.contains(TOKEN));
    fixture.advance(20);
    assert_eq!(fixture.get(&path).await.ok()["token"], NEXT_TOKEN);
    fixture.advance(55);
    let late = fixture.get(&path).await;
    assert_eq!(late.problem(409), "step-taken", "five seconds are too few");
    assert_eq!(late.header("retry-after"), "5");
    assert_eq!(fixture.records("token.claimed").await.len(), 2);
}

#[tokio::test]
async fn a_counter_moves_with_each_token() {
    let fixture = TestServer::new().await;
    // RFC 4226 appendix D.
    let body = json!({"name": "Portal", "totp": {"secret": crate::fixture::SEED, "kind": "hotp", "counter": 1}});
    let made = fixture.post("/api/v1/credentials", body).await.ok();
    assert_eq!(made["second_factor"], json!({"kind": "hotp", "algorithm": "SHA1", "digits": 6}));
    let path = format!("/api/v1/credentials/{}/token", made["id"].as_str().unwrap());
    for (counter, token) in [(1, "287082"), (2, "359152"), (3, "969429")] {
        let answer = fixture.post(&path, json!({})).await.ok();
        assert_eq!((&answer["token"], &answer["counter"]), (&json!(token), &json!(counter)));
        assert!(answer.get("step").is_none() && answer.get("ends_at").is_none() && answer.get("next").is_none());
    }
    assert_eq!(fixture.records("token.read").await[0]["details"], json!({"counter": 3}));
}

#[tokio::test]
async fn tokens_of_every_kind() {
    let fixture = TestServer::new().await;
    // RFC 6238 appendix B for the long keys; Steam's has letters.
    let sha256 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
    let sha512 =
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";
    let table = [
        (json!({"secret": sha256, "digits": 8, "algorithm": "SHA256"}), "68084774"),
        (json!({"secret": sha512, "digits": 8, "algorithm": "SHA512"}), "25091201"),
        (json!({"uri": format!("otpauth://totp/x?secret={sha512}&digits=8&algorithm=SHA512")}), "25091201"),
        (json!({"secret": "3132333435363738393031323334353637383930", "encoding": "hex", "digits": 8}), TOKEN),
        (json!({"secret": "gezd-gnbv gy3t qojq gezd gnbv gy3t qojq", "digits": 8}), TOKEN),
        (json!({"secret": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "encoding": "base64", "digits": 8}), TOKEN),
    ];
    for (number, (totp, token)) in table.into_iter().enumerate() {
        let made = fixture.post("/api/v1/credentials", json!({"name": number.to_string(), "totp": totp})).await.ok();
        let path = format!("/api/v1/credentials/{}/token", made["id"].as_str().unwrap());
        assert_eq!(fixture.get(&path).await.ok()["token"], token, "{number}");
    }
    let body = json!({"name": "Steam", "totp": {"secret": crate::fixture::SEED, "encoder": "steam"}});
    let made = fixture.post("/api/v1/credentials", body).await.ok();
    let answer = fixture.get(&format!("/api/v1/credentials/{}/token", made["id"].as_str().unwrap())).await.ok();
    let token = answer["token"].as_str().unwrap();
    assert!(token.len() == 5 && token.chars().all(|c| "23456789BCDFGHJKMNPQRTVWXY".contains(c)), "{token}");
    assert_eq!((&answer["kind"], &answer["counter"]), (&json!("steam"), &Value::Null));
}

#[tokio::test]
async fn figures_count_what_was_handed_out() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    for _ in 0..3 {
        fixture.get(&format!("{path}/token")).await.ok();
    }
    fixture.post(&format!("{path}/reveal"), json!({})).await.ok();
    fixture.get("/api/v1/credentials/name:nothing/token").await.problem(404);
    let figures = fixture.ask("GET", "/metrics").send().await;
    assert_eq!(figures.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        "countersign_token_reads_total 3",
        "countersign_password_reveals_total 1",
        "countersign_sign_in_failures_total 0",
        "# TYPE countersign_token_reads_total counter",
        "# HELP countersign_token_reads_total",
    ] {
        assert!(figures.text.contains(line), "{line} is missing in {}", figures.text);
    }
    assert!(!figures.text.contains("Instagram") && !figures.text.contains("root"), "figures name nobody");
}
