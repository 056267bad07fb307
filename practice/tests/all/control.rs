//! The control API over HTTP.

use crate::drive::{NOW, Person, browser, sign_in, site};
use countersign_practice::{Config, NewUser, StartError, start};
use serde_json::{Value, json};

/// Asks the control API; the status and the JSON of the answer.
async fn ask(origin: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let host = origin.trim_start_matches("http://");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let raw = crate::browser::send(host, head.as_bytes()).await.unwrap();
    (raw.status, serde_json::from_slice(&raw.body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn hurdles_are_patched_for_all_and_for_one_and_mistakes_are_named() {
    let practice = site(json!({})).await;
    let at = practice.origins().control.as_str();
    let (status, hurdles) = ask(at, "POST", "/control/hurdles", json!({"sign_in": {"boxes": true}})).await;
    assert_eq!((status, &hurdles["sign_in"]["boxes"]), (200, &json!(true)));
    let (_, own) = ask(at, "POST", "/control/hurdles?user=bob", json!({"look": {"language": "it"}})).await;
    assert_eq!((&own["look"]["language"], &own["sign_in"]["boxes"]), (&json!("it"), &json!(true)));
    let (_, all) = ask(at, "GET", "/control/hurdles", Value::Null).await;
    assert_eq!(all["look"]["language"], "en");
    let (status, error) = ask(at, "POST", "/control/hurdles", json!({"sign_in": {"bxes": true}})).await;
    assert_eq!(status, 422);
    assert!(error["error"].as_str().unwrap().contains("bxes"), "{error}");
    let (status, hurdles) = ask(at, "PUT", "/control/hurdles", json!({"web": {"well_known": true}})).await;
    assert_eq!(
        (status, &hurdles["sign_in"]["boxes"], &hurdles["web"]["well_known"]),
        (200, &json!(false), &json!(true))
    );
}

#[tokio::test]
async fn a_users_own_hurdles_hold_as_soon_as_the_site_knows_who_comes() {
    let practice = site(json!({"look": {"layout_seed": 11}})).await;
    practice
        .control()
        .patch_hurdles(Some("alice"), &json!({"look": {"layout_seed": 12}, "sign_in": {"boxes": true}}))
        .unwrap();
    for user in ["alice", "bob"] {
        let mut browser = browser(&practice);
        assert!(
            sign_in(&mut browser, practice.control(), &Person::new(user, "first")).await,
            "{user}: {}",
            browser.body
        );
    }
}

#[tokio::test]
async fn passwords_users_tokens_clock_and_logs_can_be_asked_and_set() {
    let practice = site(json!({})).await;
    let at = practice.origins().control.as_str();
    let mut one = browser(&practice);
    assert!(sign_in(&mut one, practice.control(), &Person::new("alice", "first")).await);
    assert_eq!(
        ask(at, "POST", "/control/check", json!({"user": "alice", "password": "first"})).await.1,
        json!({"right": true})
    );
    assert_eq!(
        ask(at, "POST", "/control/check", json!({"user": "alice", "password": "no"})).await.1,
        json!({"right": false})
    );
    let (_, users) = ask(at, "GET", "/control/users", Value::Null).await;
    assert_eq!(
        (&users[0]["name"], &users[0]["counts"]["sign_ins"], &users[1]["has_seed"]),
        (&json!("alice"), &json!(1), &json!(false))
    );
    assert_eq!(users[0]["counts"]["wrong_passwords"], 0, "asking is no attempt");
    assert_eq!(
        ask(at, "POST", "/control/users", json!({"name": "dora", "password": "p", "seed": "JBSWY3DP"})).await.0,
        201
    );
    assert_eq!(ask(at, "POST", "/control/users", json!({"name": "dora", "password": "p"})).await.0, 422);
    assert_eq!(ask(at, "GET", "/control/token?user=dora", Value::Null).await.0, 200);
    assert_eq!(ask(at, "GET", "/control/token?user=bob", Value::Null).await.0, 404);
    assert_eq!(ask(at, "POST", "/control/clock", json!({"advance_seconds": 90})).await.1["now"], NOW + 90);
    assert_eq!(ask(at, "POST", "/control/clock", json!({"offset_seconds": -5})).await.1["now"], NOW - 5);
    let (_, typed) = ask(at, "GET", "/control/typed", Value::Null).await;
    assert_eq!(
        (&typed[0]["role"], &typed[0]["page"], &typed[0]["gate"]),
        (&json!("username"), &json!("sign_in"), &json!("site"))
    );
    assert_eq!(ask(at, "GET", "/control/trapped", Value::Null).await.1, json!([]));
    let (_, sittings) = ask(at, "GET", "/control/sittings", Value::Null).await;
    assert_eq!((&sittings[0]["user"], &sittings[0]["signed_in"]), (&json!("alice"), &json!(true)));
    assert_eq!(ask(at, "POST", "/control/sign-out", json!({"user": "alice"})).await.0, 204);
    one.get("/feed").await;
    assert_eq!(one.path(), "/sign-in");
    assert_eq!(ask(at, "POST", "/control/password", json!({"user": "alice", "password": "set"})).await.0, 204);
    assert!(practice.control().check("alice", "set"));
    assert_eq!(ask(at, "POST", "/control/password", json!({"user": "nobody", "password": "set"})).await.0, 404);
    assert_eq!(ask(at, "POST", "/control/clear-logs", Value::Null).await.0, 204);
    assert_eq!(ask(at, "GET", "/control/events", Value::Null).await.1, json!([]));
    let (_, truth) = ask(at, "GET", "/control/truth?user=alice", Value::Null).await;
    assert_eq!(
        (&truth["change_page"], &truth["fields"]["token"][0]["name"]),
        (&json!("/settings/password"), &json!("otp"))
    );
    assert_eq!(truth["change_trail"], json!(["Settings", "Change password"]));
}

#[tokio::test]
async fn the_site_serves_this_machine_only_and_ends_when_told() {
    let everywhere = Config { listen: "0.0.0.0:0".parse().unwrap(), ..Config::default() };
    assert!(matches!(start(everywhere).await, Err(StartError::NotLoopback(_))));
    let twice = Config { users: vec![NewUser::new("a", "p", ""), NewUser::new("a", "p", "")], ..Config::default() };
    assert!(matches!(start(twice).await, Err(StartError::User(_))));
    let practice = site(json!({})).await;
    let host = practice.url().trim_start_matches("http://").to_owned();
    practice.stop().await;
    assert!(tokio::net::TcpStream::connect(&host).await.is_err());
}
