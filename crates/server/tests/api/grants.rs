//! Groups, grants with conditions, and what a client is told of them.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::TestServer;

async fn created(fixture: &TestServer, path: &str, body: Value) -> Value {
    let answer = fixture.post(path, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn groups_are_made_filled_renamed_and_removed() {
    let fixture = TestServer::new().await;
    fixture.person("ana", Role::Member).await;
    let staff = created(&fixture, "/api/v1/groups", json!({"name": "Staff"})).await;
    created(&fixture, "/api/v1/groups", json!({"name": "Interns"})).await;
    assert_eq!(fixture.post("/api/v1/groups", json!({"name": "staff"})).await.problem(409), "conflict");
    assert_eq!(fixture.post("/api/v1/groups", json!({"name": " "})).await.problem(422), "invalid");
    let path = format!("/api/v1/groups/{}", staff["id"].as_str().unwrap());
    let ask =
        async |method: &str, path: String| fixture.ask(method, &path).by(&fixture.root).json(&json!({})).send().await;
    ask("PUT", "/api/v1/groups/name:Interns/users/name:ana".to_owned()).await.ok();
    let staff = ask("PUT", format!("{path}/groups/name:interns")).await.ok();
    assert_eq!(
        (&staff["people"], &staff["groups"][0]["name"], &staff["users"]),
        (&json!(1), &json!("Interns"), &json!([]))
    );
    let circle = ask("PUT", "/api/v1/groups/name:Interns/groups/name:Staff".to_owned()).await;
    assert!(circle.detail().starts_with("a group cannot hold itself"), "{}", circle.text);
    assert_eq!(circle.problem(409), "conflict");
    assert_eq!(ask("DELETE", format!("{path}/users/name:ana")).await.problem(404), "not-found");
    assert_eq!(fixture.patch(&path, json!({"name": "Everybody"})).await.ok()["name"], json!("Everybody"));
    assert_eq!(fixture.get("/api/v1/groups").await.ok()["items"][0]["name"], json!("Everybody"));
    assert_eq!(ask("DELETE", format!("{path}/groups/name:Interns")).await.ok()["people"], json!(0));
    assert_eq!(fixture.ask("DELETE", &path).by(&fixture.root).send().await.status, 204);
    assert_eq!(fixture.get(&path).await.problem(404), "not-found");
}

#[tokio::test]
async fn promise_6_a_grant_with_conditions_says_what_is_missing_and_is_taken_back_at_once() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let ana = fixture.person("ana", Role::Member).await;
    let mut draft = json!({
        "user": "name:ana",
        "credential": "name:Instagram",
        "permissions": {"token": true, "reveal": true},
        "conditions": {"reason": true, "ticket": "OPS-[0-9]+", "networks": ["192.0.2.0/24"]},
    });
    let preview = fixture.post("/api/v1/grants/preview", json!({"grant": draft})).await.ok();
    assert_eq!(
        (&preview["credentials"], &preview["people"][0]["gains"]),
        (&json!(1), &json!(["see", "token", "reveal"]))
    );
    assert_eq!(fixture.get("/api/v1/grants").await.ok()["items"], json!([]));
    let made = created(&fixture, "/api/v1/grants", draft.clone()).await;
    let path = format!("/api/v1/grants/{}", made["id"].as_str().unwrap());
    assert_eq!(made["conditions"]["networks"], json!(["192.0.2.0/24"]));

    let token = || fixture.ask("POST", &format!("{credential}/token")).by(&ana).at("192.0.2.7:9");
    let refused = token().json(&json!({})).send().await;
    assert_eq!(refused.problem(403), "denied");
    assert_eq!(refused.json()["unmet"], json!(["reason", "ticket"]));
    assert!(refused.detail().contains("a reason is needed; the number of a ticket is needed, written as OPS-[0-9]+"));
    let given = json!({"reason": "a post", "ticket": "OPS-17"});
    token().json(&given).send().await.ok();
    let elsewhere = token().at("198.51.100.1:9").json(&given).send().await;
    assert_eq!(elsewhere.json()["unmet"], json!(["networks"]));
    // The same by headers, which every endpoint takes.
    let reveal = fixture.ask("POST", &format!("{credential}/reveal")).by(&ana).at("192.0.2.7:9");
    let reveal = reveal.header("countersign-reason", "f%C3%BCr den Bericht").header("countersign-ticket", "OPS-18");
    reveal.json(&json!({})).send().await.ok();
    let record = &fixture.records("password.revealed").await[0];
    assert_eq!((&record["reason"], &record["details"]["ticket"]), (&json!("für den Bericht"), &json!("OPS-18")));
    assert_eq!(record["details"]["grant"], made["id"]);

    draft["conditions"] = json!({});
    let replaced = fixture.ask("PUT", &path).by(&fixture.root).json(&draft).send().await.ok();
    assert_eq!((&replaced["id"], &replaced["conditions"]["reason"]), (&made["id"], &json!(false)));
    token().json(&json!({})).send().await.ok();
    // It is what the older endpoint shows too, which keeps what it does not name.
    assert_eq!(fixture.get(&format!("{credential}/grants")).await.ok()["items"][0]["token"], json!(true));
    let who = fixture.get(&format!("{credential}/who")).await.ok();
    assert_eq!(who["items"][0]["grants"][0]["id"], made["id"]);
    assert_eq!(fixture.ask("DELETE", &path).by(&fixture.root).send().await.status, 204);
    assert_eq!(token().json(&json!({})).send().await.problem(404), "not-found");
}

#[tokio::test]
async fn grants_that_cannot_be_are_refused_with_the_field() {
    let fixture = TestServer::new().await;
    fixture.credential("Instagram").await;
    fixture.person("ana", Role::Member).await;
    let draft = |more: Value| {
        let mut draft = json!({"user": "name:ana", "credential": "name:Instagram"});
        draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        draft
    };
    let conditions = |it: Value| draft(json!({"conditions": it}));
    let hours = |it: Value| conditions(json!({"hours": it}));
    for (body, field) in [
        (json!({"credential": "name:Instagram"}), "user"),
        (json!({"user": "name:ana"}), "credential"),
        (draft(json!({"group": "name:x"})), "user"),
        (draft(json!({"tag": "x"})), "credential"),
        (json!({"user": "name:ana", "tag": ""}), "tag"),
        (json!({"user": "name:ana", "site": "not a host"}), "site"),
        (draft(json!({"permissions": {"session": "watch"}})), "session"),
        (conditions(json!({"ticket": "("})), "ticket"),
        (conditions(json!({"signed_in_minutes": 0})), "signed_in_minutes"),
        (conditions(json!({"networks": ["10.0.0.0/40"]})), "network"),
        (conditions(json!({"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"})), "until"),
        (hours(json!({"days": [], "from": "08:00", "to": "09:00", "zone": "UTC"})), "hours.days"),
        (hours(json!({"days": ["funday"], "from": "08:00", "to": "09:00", "zone": "UTC"})), "hours.days"),
        (hours(json!({"days": ["mon"], "from": "8", "to": "09:00", "zone": "UTC"})), "hours.from"),
        (hours(json!({"days": ["mon"], "from": "08:00", "to": "09:00", "zone": "Mars/Base"})), "hours.zone"),
    ] {
        let answer = fixture.post("/api/v1/grants", body.clone()).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (422, Some(field)), "{body}: {}", answer.text);
    }
    assert_eq!(fixture.post("/api/v1/grants", draft(json!({"approval": true}))).await.status, 400);
    for missing in [json!({"user": "name:eve", "tag": "x"}), json!({"group": "name:x", "tag": "x"})] {
        assert_eq!(fixture.post("/api/v1/grants", missing).await.status, 404);
    }
    assert_eq!(fixture.get("/api/v1/grants/x").await.status, 404);
    assert_eq!(fixture.get("/api/v1/grants?user=name:ana&group=name:x").await.status, 422);
}
