//! Exports that another administrator approves, over the API.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::TestServer;

/// A public key on P-256, the curve's base point.
const POINT: &str = "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";
const APPROVAL: &str = "/api/v1/export/approval";
const REQUESTS: &str = "/api/v1/export/requests";

#[tokio::test]
async fn an_export_that_has_to_be_approved_says_so_and_how() {
    let fixture = TestServer::new().await;
    fixture.credential("Shop").await;
    let put =
        async |required: bool| fixture.ask("PUT", APPROVAL).by(&fixture.root).json(&json!({"required": required}));
    assert_eq!(fixture.get(APPROVAL).await.ok(), json!({"required": false, "administrators": 1}));
    assert_eq!(put(true).await.send().await.problem(409), "no-other-administrator");
    let asked = json!({"format": "csv", "all": true, "reason": "we move on"});
    assert_eq!(fixture.post(REQUESTS, asked.clone()).await.problem(409), "no-request-needed");

    let eva = fixture.person("eva", Role::Administrator).await;
    assert_eq!(put(true).await.send().await.ok(), json!({"required": true, "administrators": 2}));
    let alone = put(false).await.send().await;
    assert_eq!(alone.problem(403), "export-approval-needed");
    assert!(alone.json()["hint"].as_str().unwrap().contains("turn_off"), "{}", alone.text);
    let export = |request: Option<&Value>| {
        let mut body = json!({"format": "csv", "all": true, "recipient": POINT});
        if let Some(request) = request {
            body["request"] = request.clone();
        }
        body
    };
    let refused = fixture.post("/api/v1/export", export(None)).await;
    assert_eq!(refused.problem(403), "export-approval-needed");
    assert!(refused.json()["hint"].as_str().unwrap().contains(REQUESTS), "{}", refused.text);

    for (wrong, field) in [
        (json!({"format": "zip", "all": true, "reason": "x"}), "format"),
        (json!({"format": "csv", "reason": "x"}), "credentials"),
        (json!({"format": "csv", "all": true, "tag": "web", "reason": "x"}), "credentials"),
        (json!({"turn_off": true, "all": true, "reason": "x"}), "turn_off"),
        (json!({"format": "csv", "all": true, "reason": " "}), "reason"),
    ] {
        let answer = fixture.post(REQUESTS, wrong.clone()).await;
        assert_eq!((answer.problem(422).as_str(), &answer.json()["field"]), ("invalid", &json!(field)), "{wrong}");
    }
    let made = fixture.post(REQUESTS, asked.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!((&made["state"], &made["all"], &made["format"]), (&json!("pending"), &json!(true), &json!("csv")));
    assert_eq!(made["may"], json!({"decide": false, "cancel": true, "export": false}));
    let again = fixture.post(REQUESTS, asked).await;
    assert_eq!((again.problem(409).as_str(), &again.json()["request"]), ("request-pending", &made["id"]));

    let one = format!("{REQUESTS}/{}", made["id"].as_str().unwrap());
    assert_eq!(fixture.post("/api/v1/export", export(Some(&made["id"]))).await.problem(403), "export-approval-needed");
    assert_eq!(fixture.post(&format!("{one}/approve"), json!({})).await.problem(403), "denied");
    let awaiting = fixture.ask("GET", &format!("{REQUESTS}?scope=to_decide")).by(&eva).send().await.ok();
    assert_eq!((&awaiting["total"], &awaiting["items"][0]["id"]), (&json!(1), &made["id"]));
    assert_eq!(fixture.get(&format!("{REQUESTS}?scope=to_decide")).await.ok()["total"], 0);
    assert_eq!(fixture.get(&format!("{REQUESTS}?scope=theirs")).await.problem(422), "invalid");
    let said = json!({"comment": "as we agreed"});
    let approved = fixture.ask("POST", &format!("{one}/approve")).by(&eva).json(&said).send().await.ok();
    assert_eq!((&approved["state"], &approved["approved"]["by"]), (&json!("approved"), &json!("eva")));
    assert_eq!(approved["approved"]["comment"], "as we agreed");
    assert_eq!(fixture.get(&one).await.ok()["count"], 1);

    let files = fixture.post("/api/v1/export", export(Some(&made["id"]))).await.ok();
    assert_eq!(files["exported"], 1);
    assert_eq!(fixture.post("/api/v1/export", export(Some(&made["id"]))).await.problem(409), "request-over");
    assert_eq!(fixture.get(&one).await.ok()["state"], "used");
    let unknown = json!("01938d1c-7a31-7000-8000-000000000000");
    assert_eq!(fixture.post("/api/v1/export", export(Some(&unknown))).await.problem(404), "not-found");
    assert_eq!(fixture.post("/api/v1/export", export(Some(&json!("mine")))).await.problem(422), "invalid");
    assert_eq!(fixture.records("export.denied").await.len(), 3);
}
