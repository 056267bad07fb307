//! What a page shows before a seed is saved.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::fixture::{NEXT_TOKEN, SEED, TOKEN, TestServer};

const CHECK: &str = "/api/v1/seeds/check";
/// A QR code of [`uri`].
const PICTURE: &[u8] = include_bytes!("setup.png");

fn uri() -> String {
    format!("otpauth://totp/Example:alice@example.org?secret={SEED}&issuer=Example&digits=8")
}

#[tokio::test]
async fn a_text_and_a_picture_say_the_same() {
    let fixture = TestServer::new().await;
    let text = fixture.post(CHECK, json!({"text": uri()})).await;
    assert_eq!(text.header("cache-control"), "no-store");
    let text = text.ok();
    let picture = fixture.post(CHECK, json!({"image": BASE64_STANDARD.encode(PICTURE)})).await.ok();
    assert_eq!(text, picture);
    assert_eq!((&text["issuer"], &text["account"]), (&json!("Example"), &json!("alice@example.org")));
    assert_eq!((&text["kind"], &text["algorithm"], &text["digits"]), (&json!("totp"), &json!("SHA1"), &json!(8)));
    assert_eq!(text["current"]["token"], TOKEN);
    assert_eq!(text["current"]["ends_at"], text["next"]["begins_at"]);
    assert_eq!(text["next"]["token"], NEXT_TOKEN);
    assert_eq!((&text["server_time"], &text["warnings"]), (&json!("2005-03-18T01:58:10.000Z"), &json!([])));

    // What it gives can be saved as it is.
    let body = json!({"name": "Checked", "totp": {"uri": text["uri"]}});
    let made = fixture.post("/api/v1/credentials", body).await.ok();
    let token = fixture.get(&format!("/api/v1/credentials/{}/token", made["id"].as_str().unwrap())).await.ok();
    assert_eq!(token["token"], TOKEN);
}

#[tokio::test]
async fn bare_seeds_with_what_differs_from_the_usual() {
    let fixture = TestServer::new().await;
    let check = async |body: Value| fixture.post(CHECK, body).await.ok();
    let usual = check(json!({"text": SEED.to_lowercase()})).await;
    assert_eq!((&usual["digits"], &usual["period"]), (&json!(6), &json!(30)));
    assert_eq!(usual["current"]["token"], TOKEN[2..], "six digits are the last of the eight");
    let minute = check(json!({"text": SEED, "period": 60, "digits": 8, "algorithm": "sha1"})).await;
    assert_eq!(minute["current"]["step"], 18_518_518);
    let hotp = check(json!({"text": SEED, "kind": "hotp", "counter": 1})).await;
    assert_eq!((&hotp["counter"], &hotp["current"]), (&json!(1), &json!({"token": "287082"})));
    assert_eq!(hotp["next"], json!({"token": "359152"}));
    let short = check(json!({"text": "JBSWY3DPEHPK3"})).await;
    assert!(short["warnings"][0].as_str().unwrap().contains("64 bits"), "{}", short["warnings"]);
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_place_and_nothing_else_is_repeated() {
    let fixture = TestServer::new().await;
    let table: &[(&str, &[&str])] = &[
        ("GEZDGNBV0Y3TQOJQ", &["0", "9"]),
        ("GEZD GNBV GY3T 1OJQ", &["1"]),
        ("GEZDGNBVÄ", &["Ä"]),
        ("otpauth://totp/x?secret=GEZDGNBV0Y3TQOJQ", &["0"]),
        ("otpauth://totp/x", &["secret"]),
        ("otpauth://nothing/x?secret=GEZDGNBVGY3TQOJQ", &["totp, hotp and steam"]),
    ];
    for (text, named) in table {
        let answer = fixture.post(CHECK, json!({"text": text})).await;
        assert_eq!(answer.problem(422), "invalid", "{text}");
        let detail = answer.detail();
        assert!(named.iter().all(|part| detail.contains(part)), "{text}: {detail}");
        assert!(!detail.contains("GEZDGNBV") && !detail.contains("Y3TQOJQ"), "{detail}");
    }
}

#[tokio::test]
async fn pictures_that_cannot_serve() {
    let fixture = TestServer::new().await;
    let half = &PICTURE[..PICTURE.len() / 2];
    // A picture of one white dot: one by one pixel, eight bits of grey.
    let dot = BASE64_STANDARD
        .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj7kgAAAABJRU5ErkJggg==")
        .unwrap();
    for (name, bytes) in
        [("no picture", b"GIF89a nothing".as_slice()), ("half a picture", half), ("no code", &dot), ("empty", b"")]
    {
        let answer = fixture.post(CHECK, json!({"image": BASE64_STANDARD.encode(bytes)})).await;
        assert_eq!(answer.problem(422), "invalid", "{name}");
        assert_eq!(answer.json()["field"], "image", "{name}");
    }
    let both = fixture.post(CHECK, json!({"text": uri(), "image": BASE64_STANDARD.encode(PICTURE)})).await;
    assert_eq!(both.problem(422), "invalid");
}
