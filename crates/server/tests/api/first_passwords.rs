//! First passwords and the links by which people choose their own.

use serde_json::{Value, json};

use crate::fixture::{PASSWORD, TestServer};

const FIRST: &str = "anchor sixteen plum velvet";

async fn sign_in(fixture: &TestServer, name: &str, password: &str) -> (Value, String) {
    let answer = fixture.ask("POST", "/api/v1/sign-in").json(&json!({"name": name, "password": password})).send().await;
    let cookie = answer.cookie();
    (answer.ok(), cookie)
}

#[tokio::test]
async fn a_password_that_somebody_else_has_chosen_is_changed_before_anything_else() {
    let fixture = TestServer::new().await;
    let made = fixture.post("/api/v1/users", json!({"name": "bob", "role": "manager", "password": FIRST})).await;
    assert_eq!(made.status, 201);
    assert_eq!((&made.json()["must_change_password"], made.json().get("setup_link")), (&json!(true), None));
    let (me, bob) = sign_in(&fixture, "bob", FIRST).await;
    assert_eq!(me["password_change_needed"], true);
    for path in ["/api/v1/credentials", "/api/v1/users", "/api/v1/sessions", "/api/v1/api-tokens", "/api/v1/tags"] {
        assert_eq!(
            fixture.ask("GET", path).header("cookie", &bob).send().await.problem(403),
            "password-change-needed",
            "{path}"
        );
    }
    assert_eq!(
        fixture.ask("GET", "/api/v1/me").header("cookie", &bob).send().await.ok()["password_change_needed"],
        true
    );
    let change = async |new: &str| {
        let body = json!({"current": FIRST, "new": new});
        fixture.ask("POST", "/api/v1/me/password").header("cookie", &bob).json(&body).send().await
    };
    assert_eq!(change(FIRST).await.problem(422), "invalid");
    assert!(change("football2024").await.detail().contains("common passwords"));
    assert_eq!(change(PASSWORD).await.status, 204);
    assert_eq!(
        fixture.ask("GET", "/api/v1/me").header("cookie", &bob).send().await.ok()["password_change_needed"],
        false
    );
    fixture.ask("GET", "/api/v1/credentials").header("cookie", &bob).send().await.ok();
}

#[tokio::test]
async fn a_link_lets_a_person_choose_their_password_once() {
    let fixture = TestServer::new().await;
    let made = fixture.post("/api/v1/users", json!({"name": "bob", "role": "member"})).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
    let link = made.json()["setup_link"]["link"].as_str().unwrap().to_owned();
    let choose = async |link: &str, password: &str| {
        let body = json!({"link": link, "password": password});
        fixture.ask("POST", "/api/v1/choose-password").json(&body).send().await
    };
    assert_eq!(choose("ci_x", PASSWORD).await.problem(403), "link-invalid");
    assert_eq!(choose(&link, "password1").await.problem(422), "invalid");
    assert_eq!(choose(&link, PASSWORD).await.ok(), json!({"name": "bob"}));
    assert_eq!(choose(&link, FIRST).await.problem(403), "link-invalid");
    assert_eq!(sign_in(&fixture, "bob", PASSWORD).await.0["password_change_needed"], false);

    let path = format!("/api/v1/users/{}/setup-link", made.json()["id"].as_str().unwrap());
    let again = fixture.post(&path, json!({})).await;
    assert_eq!((again.status, again.header("cache-control")), (201, "no-store"));
    assert_eq!(choose(again.json()["link"].as_str().unwrap(), FIRST).await.ok(), json!({"name": "bob"}));
    assert_eq!(fixture.records("user.set_up_link_made").await.len(), 2);
    assert_eq!(fixture.records("user.set_up_link_used").await.len(), 2);
    let bob = fixture.person("eve", countersign_model::Role::Manager).await;
    assert_eq!(fixture.ask("POST", &path).by(&bob).json(&json!({})).send().await.problem(403), "denied");
}
