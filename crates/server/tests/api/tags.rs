//! Tags of many credentials at once, and how often things were used, as clients are told.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::TestServer;

const TAGS: &str = "/api/v1/credentials/tags";

fn id(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn tags_are_previewed_changed_and_undone() {
    let fixture = TestServer::new().await;
    let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
    fixture.patch(&bank, json!({"tags": ["social", "finance"]})).await.ok();
    fixture.person("ben", Role::Member).await;
    let grant = json!({"user": "name:ben", "tag": "finance", "permissions": {"token": true}});
    assert_eq!(fixture.post("/api/v1/grants", grant).await.status, 201);
    let all = json!([{"id": id(&shop)}, {"id": id(&bank)}]);
    let ask = json!({"credentials": all, "add": ["finance"], "preview": true});
    let preview = fixture.post(TAGS, ask).await.ok();
    let item = |name: &str, path: &str, revision: u64, added: Value| {
        json!({
            "id": id(path), "name": name, "revision": revision, "added": added, "removed": [], "refused": null,
        })
    };
    assert_eq!(
        preview["items"],
        json!([item("Shop", &shop, 1, json!(["finance"])), item("Bank", &bank, 2, json!([]))])
    );
    let access = &preview["access"];
    assert_eq!((&access["gains"], &access["loses"], &access["more"]), (&json!(1), &json!(0), &json!(false)));
    assert_eq!(
        (&access["people"][0]["name"], &access["people"][0]["gains"]),
        (&json!("ben"), &json!(["see", "token"]))
    );
    assert_eq!(fixture.get(&shop).await.ok()["tags"], json!(["social"]), "nothing was changed");

    let wanted = json!({"credentials": [{"id": id(&shop), "revision": 1}], "add": ["finance"]});
    let done = fixture.post(TAGS, wanted.clone()).await.ok();
    assert_eq!(done, json!({"items": [item("Shop", &shop, 2, json!(["finance"]))], "access": null}));
    assert_eq!(fixture.get(&shop).await.ok()["tags"], json!(["finance", "social"]));
    let late = fixture.post(TAGS, wanted).await;
    assert_eq!(late.problem(409), "conflict");
    assert!(late.detail().contains("edited \"Shop\" meanwhile"), "{}", late.detail());
    let undo = json!({"credentials": [{"id": id(&shop), "revision": 2, "remove": ["finance"]}]});
    fixture.post(TAGS, undo).await.ok();
    assert_eq!(fixture.get(&shop).await.ok()["tags"], json!(["social"]));
    assert_eq!(fixture.records("credential.edited").await.len(), 3, "the edit alone, the change and its undoing");
}

#[tokio::test]
async fn how_often_something_was_used_is_told_for_each_day() {
    let fixture = TestServer::new().await;
    let shop = fixture.credential("Shop").await;
    fixture.get(&format!("{shop}/token")).await.ok();
    fixture.post(&format!("{shop}/reveal"), json!({"reason": "to see"})).await.ok();
    let path = format!("/api/v1/audit/activity?credential={}", id(&shop));
    let found = fixture.get(&path).await.ok();
    let days = found["items"].as_array().unwrap();
    assert_eq!((days.len(), &found["counted_from"]), (30, &Value::Null));
    let today = json!({"date": "2005-03-18", "tokens": 1, "passwords": 1, "sessions": 0, "changes": 0});
    assert_eq!(days[29], today);
    let nothing = json!({"date": "2005-02-17", "tokens": 0, "passwords": 0, "sessions": 0, "changes": 0});
    assert_eq!(days[0], nothing);
    // In New York it is the evening before.
    let found = fixture.get(&format!("{path}&days=2&time_zone=America/New_York")).await.ok();
    assert_eq!((&found["items"][1]["date"], &found["items"][1]["tokens"]), (&json!("2005-03-17"), &json!(1)));
    let me = fixture.get("/api/v1/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let mine = fixture.get(&format!("/api/v1/audit/activity?user={me}&days=1")).await.ok();
    assert_eq!(mine["items"], json!([today]));
}
