//! Imports: a preview that stores nothing, and a result for each item.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_model::Role;
use countersign_otp::{Label, OtpSecret, Pasted, uris, write_migration};
use serde_json::{Value, json};

use crate::fixture::{SEED, TOKEN, TestServer};

const PREVIEW: &str = "/api/v1/import";
const COMMIT: &str = "/api/v1/import/commit";
const OTHER_SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn file(name: &str, bytes: &[u8]) -> Value {
    json!({"name": name, "data": BASE64_STANDARD.encode(bytes)})
}

fn lines() -> Value {
    let text = format!(
        "# the old phone\n\
         otpauth://totp/Example:alice@example.org?secret={SEED}&issuer=Example&digits=8\n\
         otpauth://totp/Twice?secret={SEED}\n\
         otpauth://hotp/Portal?secret={OTHER_SEED}&counter=5\n\
         otpauth://totp/Broken?secret=GEZDGNBV0Y3TQOJQ\n"
    );
    file("codes.txt", text.as_bytes())
}

fn states(report: &Value) -> Vec<(String, String)> {
    let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    report["items"].as_array().unwrap().iter().map(|item| (text(item, "place"), text(item, "state"))).collect()
}

/// Three accounts in Google's form, one a part.
fn google_parts() -> Vec<String> {
    let setups: Vec<(OtpSecret, Label)> =
        [(SEED, "anna"), (OTHER_SEED, "berta"), ("MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U", "clara")]
            .iter()
            .map(|(seed, name)| format!("otpauth://totp/{name}?secret={seed}"))
            .map(|uri| match uris(&uri).next().map(|found| found.outcome) {
                Some(Ok(Pasted::Setup(setup))) => (setup.secret, setup.label),
                _ => panic!("a plain address"),
            })
            .collect();
    let accounts: Vec<(&OtpSecret, &Label)> = setups.iter().map(|(secret, label)| (secret, label)).collect();
    write_migration(&accounts, 1, 99).unwrap().iter().map(|part| part.expose_text().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_preview_stores_nothing_and_the_commit_does_what_it_said() {
    let fixture = TestServer::new().await;
    let preview = fixture.post(PREVIEW, json!({"files": [lines()]})).await;
    assert_eq!(preview.header("cache-control"), "no-store");
    assert!(!preview.text.contains(SEED) && !preview.text.contains(OTHER_SEED), "no seed comes back");
    let preview = preview.ok();
    let expected = [
        ("codes.txt, line 2", "new"),
        ("codes.txt, line 3", "duplicate"),
        ("codes.txt, line 4", "new"),
        ("codes.txt, line 5", "refused"),
    ];
    assert_eq!(states(&preview), expected.map(|(place, state)| (place.to_owned(), state.to_owned())));
    assert_eq!(
        preview["counts"],
        json!({"new": 2, "created": 0, "change": 0, "changed": 0, "joined": 0, "skipped": 0, "duplicate": 1, "refused": 1})
    );
    let refusal = preview["items"][3]["reason"].as_str().unwrap();
    assert!(refusal.contains('0') && !refusal.contains("GEZDGNBV"), "{refusal}");
    // The same key, of which the first says eight digits.
    let warning = preview["items"][1]["warnings"][0].as_str().unwrap();
    assert!(warning.contains("gives other tokens (SHA1, 6 digits, 30 seconds) than in"), "{warning}");
    assert_eq!(fixture.get("/api/v1/credentials").await.ok()["total"], 0);

    let done = fixture.post(COMMIT, json!({"files": [lines()], "tags": ["phone"]})).await.ok();
    assert_eq!(
        done["counts"],
        json!({"new": 0, "created": 2, "change": 0, "changed": 0, "joined": 0, "skipped": 0, "duplicate": 1, "refused": 1})
    );
    let first = &done["items"][0];
    assert_eq!(
        (&first["name"], &first["username"]),
        (&json!("Example: alice@example.org"), &json!("alice@example.org"))
    );
    let path = format!("/api/v1/credentials/{}", first["id"].as_str().unwrap());
    assert_eq!(fixture.get(&format!("{path}/token")).await.ok()["token"], TOKEN);
    assert_eq!(fixture.get(&path).await.ok()["tags"], json!(["phone"]));
    assert_eq!(fixture.records("credential.imported").await.len(), 2);

    let again = fixture.post(COMMIT, json!({"files": [lines()]})).await.ok();
    assert_eq!(
        again["counts"],
        json!({"new": 0, "created": 0, "change": 0, "changed": 0, "joined": 0, "skipped": 0, "duplicate": 3, "refused": 1})
    );
}

#[tokio::test]
async fn what_is_left_out_is_not_made() {
    let fixture = TestServer::new().await;
    let done = fixture.post(COMMIT, json!({"files": [lines()], "skip": [0, 99]})).await.ok();
    assert_eq!(done["items"][0]["state"], "skipped");
    assert_eq!(done["items"][1]["state"], "created", "no duplicate of what was left out");
    assert_eq!(fixture.get("/api/v1/credentials").await.ok()["total"], 2);
}

#[tokio::test]
async fn a_picture_is_imported_too() {
    let fixture = TestServer::new().await;
    let done = fixture.post(COMMIT, json!({"files": [file("photo.png", include_bytes!("setup.png"))]})).await.ok();
    assert_eq!(done["counts"]["created"], 1, "{done}");
    assert!(done["items"][0]["place"].as_str().unwrap().starts_with("photo.png"), "{done}");
}

#[tokio::test]
async fn files_may_be_as_long_as_the_endpoint_says() {
    let fixture = TestServer::new().await;
    // More than what the framework takes where it is not told otherwise.
    let text =
        format!("{}\nnothing else\n", "# a remark of sixty letters, of which there are very many\n".repeat(60_000));
    assert!(text.len() > 3 << 20);
    let preview = fixture.post(PREVIEW, json!({"files": [file("long.txt", text.as_bytes())]})).await.ok();
    assert_eq!(preview["counts"]["new"], 0, "{}", preview["counts"]);
}

#[tokio::test]
async fn parts_come_in_any_order_and_missing_ones_are_named() {
    let fixture = TestServer::new().await;
    let parts = google_parts();
    let some = json!({"files": [file("3.txt", parts[2].as_bytes()), file("1.txt", parts[0].as_bytes())]});
    let preview = fixture.post(PREVIEW, some).await.ok();
    assert_eq!(preview["counts"]["new"], 2);
    assert!(preview["missing"][0].as_str().unwrap().contains("part 2 of 3"), "{}", preview["missing"]);
    let all: Vec<Value> = parts.iter().rev().map(|part| file("part.txt", part.as_bytes())).collect();
    let done = fixture.post(COMMIT, json!({"files": all})).await.ok();
    assert_eq!((&done["counts"]["created"], &done["missing"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn only_who_may_create_may_import_and_too_much_is_refused() {
    let fixture = TestServer::new().await;
    let bob = fixture.person("bob", Role::Member).await;
    for path in [PREVIEW, COMMIT] {
        let ask = fixture.ask("POST", path).by(&bob).json(&json!({"files": [lines()]}));
        assert_eq!(ask.send().await.problem(403), "denied");
    }
    let many: Vec<Value> = (0..201).map(|number| file(&format!("{number}.txt"), b"")).collect();
    assert_eq!(fixture.post(COMMIT, json!({"files": many})).await.problem(422), "invalid");
    let large = json!({"files": [{"name": "large.bin", "data": "A".repeat(23 << 20)}]});
    assert_eq!(fixture.post(COMMIT, large).await.problem(413), "too-large");
    let nothing =
        fixture.post(PREVIEW, json!({"files": [file("photo.jpg", b"\xff\xd8\xff\xe0 no picture at all")]})).await.ok();
    assert_eq!(nothing["counts"]["refused"], 1);
}
