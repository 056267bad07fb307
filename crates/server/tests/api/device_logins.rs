//! Command lines that are signed in from the page, over the API as RFC 8628 has it.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::{Answer, TestServer};

const ORIGIN: &str = "https://vault.example.org";
const BEGIN: &str = "/api/v1/oauth/device_authorization";
const TOKEN: &str = "/api/v1/oauth/token";
const LOGINS: &str = "/api/v1/me/device-logins";
const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";

async fn server() -> TestServer {
    TestServer::with(|settings| settings.address = Some(format!("{ORIGIN}/"))).await
}

async fn form(fixture: &TestServer, path: &str, body: &str) -> Answer {
    let answer = fixture.ask("POST", path).raw(FORM, body.to_owned()).send().await;
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"), "{}", answer.text);
    answer
}

async fn begin(fixture: &TestServer) -> Value {
    form(fixture, BEGIN, "client_id=countersign&host=laptop").await.ok()
}

async fn poll(fixture: &TestServer, begun: &Value) -> Answer {
    let code = begun["device_code"].as_str().unwrap();
    let answer = form(fixture, TOKEN, &format!("{GRANT}&client_id=countersign&device_code={code}")).await;
    fixture.advance(begun["interval"].as_u64().unwrap());
    answer
}

fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text);
    let body = answer.json();
    assert!(body["error_description"].as_str().is_some_and(|text| text.len() > 10), "{body}");
    body["error"].as_str().unwrap().to_owned()
}

async fn by_cookie(fixture: &TestServer, cookie: &str, path: &str, body: Value) -> Answer {
    let cookie = format!("countersign_session={cookie}");
    fixture.ask("POST", path).header("cookie", &cookie).json(&body).send().await
}

async fn look_up(fixture: &TestServer, cookie: &str, begun: &Value) -> Value {
    by_cookie(fixture, cookie, LOGINS, json!({"user_code": begun["user_code"]})).await.ok()
}

#[tokio::test]
async fn a_command_line_is_signed_in_as_the_standard_says() {
    let fixture = server().await;
    let ana = fixture.person("ana", Role::Manager).await;
    let begun = begin(&fixture).await;
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&json!(600), &json!(3)));
    assert_eq!(begun["verification_uri"], format!("{ORIGIN}/#/device"));
    let code = begun["user_code"].as_str().unwrap();
    assert_eq!(begun["verification_uri_complete"], format!("{ORIGIN}/#/device?code={code}"));
    assert_eq!(error(&poll(&fixture, &begun).await, 400), "authorization_pending");
    let seen = look_up(&fixture, &ana, &begun).await;
    assert_eq!(
        (&seen["client"], &seen["host"], &seen["token_name"]),
        (&json!("countersign"), &json!("laptop"), &json!("login on laptop"))
    );
    let path = format!("{LOGINS}/{}", seen["id"].as_str().unwrap());
    let approved =
        by_cookie(&fixture, &ana, &format!("{path}/approve"), json!({"role": "member", "expires_in_days": 7})).await;
    assert_eq!(approved.ok()["expires_at"], "2005-03-25T01:58:13.000Z");
    let given = poll(&fixture, &begun).await;
    let body = given.ok();
    assert_eq!((&body["token_type"], &body["scope"]), (&json!("Bearer"), &json!("")));
    assert_eq!((&body["api_token"]["user"], &body["api_token"]["name"]), (&json!("ana"), &json!("login on laptop")));
    let token = body["access_token"].as_str().unwrap();
    let me = fixture.ask("GET", "/api/v1/me").by(token).send().await.ok();
    assert_eq!((&me["user"]["name"], &me["via"]), (&json!("ana"), &json!("api_token")));
    assert_eq!(error(&poll(&fixture, &begun).await, 400), "invalid_grant");
    // It revokes itself, as `logout` does.
    let own = format!("/api/v1/api-tokens/{}", body["api_token"]["id"].as_str().unwrap());
    assert_eq!(fixture.ask("DELETE", &own).by(token).send().await.status, 204);
    assert_eq!(fixture.ask("GET", "/api/v1/me").by(token).send().await.problem(401), "not-signed-in");
}

#[tokio::test]
async fn refusals_are_those_of_the_standard() {
    let fixture = server().await;
    let ana = fixture.person("ana", Role::Manager).await;
    let begun = begin(&fixture).await;
    let code = begun["device_code"].as_str().unwrap();
    for (body, wanted) in [
        (format!("{GRANT}&client_id=countersign"), "invalid_request"),
        (format!("{GRANT}&device_code={code}"), "invalid_request"),
        (format!("{GRANT}&client_id=other&device_code={code}"), "invalid_grant"),
        (format!("{GRANT}&client_id=countersign&device_code=cs_x"), "invalid_grant"),
        (format!("{GRANT}&client_id=countersign&device_code={code}&device_code={code}"), "invalid_request"),
    ] {
        assert_eq!(error(&form(&fixture, TOKEN, &body).await, 400), wanted, "{body}");
    }
    for body in
        ["", "host=laptop", "client_id=%20", "client_id=a%0Ab", "client_id=a&host=a%E2%80%AEb", "client_id=a%E2%80%8Bb"]
    {
        assert_eq!(error(&form(&fixture, BEGIN, body).await, 400), "invalid_request", "{body}");
    }
    let json = fixture.ask("POST", BEGIN).json(&json!({"client_id": "a"})).send().await;
    assert_eq!(error(&json, 400), "invalid_request");

    let pending = poll(&fixture, &begun).await;
    assert_eq!(error(&pending, 400), "authorization_pending");
    let again = format!("{GRANT}&client_id=countersign&device_code={code}");
    assert_eq!(error(&form(&fixture, TOKEN, &again).await, 400), "authorization_pending");
    assert_eq!(error(&form(&fixture, TOKEN, &again).await, 400), "slow_down");
    let seen = look_up(&fixture, &ana, &begun).await;
    let denied =
        by_cookie(&fixture, &ana, &format!("{LOGINS}/{}/deny", seen["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(denied.status, 204, "{}", denied.text);
    assert_eq!(error(&poll(&fixture, &begun).await, 400), "access_denied");

    let late = begin(&fixture).await;
    fixture.advance(10 * 60);
    assert_eq!(error(&poll(&fixture, &late).await, 400), "expired_token");
    assert_eq!(
        by_cookie(&fixture, &ana, LOGINS, json!({"user_code": late["user_code"]})).await.problem(403),
        "code-refused"
    );
    let nonsense = format!("{LOGINS}/{}/approve", seen["id"].as_str().unwrap());
    assert_eq!(by_cookie(&fixture, &ana, &nonsense, json!({"scopes": ["root"]})).await.problem(422), "invalid");
    assert_eq!(by_cookie(&fixture, &ana, &nonsense, json!({"days": 1})).await.problem(400), "malformed");
    assert_eq!(by_cookie(&fixture, &ana, &nonsense, json!({})).await.problem(403), "code-refused");
    // A program approves nothing, and nobody neither.
    let code = json!({"user_code": begin(&fixture).await["user_code"]});
    assert_eq!(fixture.post(LOGINS, code.clone()).await.problem(403), "page-only");
    assert_eq!(fixture.ask("POST", LOGINS).json(&code).send().await.problem(401), "not-signed-in");
    fixture.advance(6 * 60);
    assert_eq!(by_cookie(&fixture, &ana, LOGINS, code).await.problem(403), "recent-sign-in-needed");
}

#[tokio::test]
async fn a_server_that_does_not_know_its_address_names_no_page() {
    let fixture = TestServer::with(|settings| settings.address = None).await;
    let begun = begin(&fixture).await;
    let code = begun["user_code"].as_str().unwrap();
    assert!(begun.get("verification_uri").is_none() && begun.get("verification_uri_complete").is_none(), "{begun}");
    assert_eq!(code.len(), 9);
}

/// Whoever else looks, and wherever: the token is in one answer, to who has the device code; and the device code in none but the first.
#[tokio::test]
async fn no_answer_but_the_pollers_holds_the_token() {
    let fixture = server().await;
    let ana = fixture.person("ana", Role::Administrator).await;
    let begun = begin(&fixture).await;
    let code = begun["device_code"].as_str().unwrap().to_owned();
    let mut answers = Vec::new();
    answers.push(by_cookie(&fixture, &ana, LOGINS, json!({"user_code": begun["user_code"]})).await);
    let path = format!("{LOGINS}/{}", answers[0].json()["id"].as_str().unwrap());
    answers.push(by_cookie(&fixture, &ana, &format!("{path}/approve"), json!({})).await);
    answers.push(form(&fixture, TOKEN, &format!("{GRANT}&client_id=other&device_code={code}")).await);
    let given = poll(&fixture, &begun).await.ok();
    let token = given["access_token"].as_str().unwrap().to_owned();
    answers.push(poll(&fixture, &begun).await);
    answers.push(by_cookie(&fixture, &ana, LOGINS, json!({"user_code": begun["user_code"]})).await);
    answers.push(by_cookie(&fixture, &ana, &format!("{path}/approve"), json!({})).await);
    answers.push(by_cookie(&fixture, &ana, &format!("{path}/deny"), Value::Null).await);
    let cookie = format!("countersign_session={ana}");
    for path in [
        "/api/v1/api-tokens",
        "/api/v1/audit/records?limit=200",
        "/api/v1/audit/export",
        "/api/v1/me",
        "/api/v1/me/sessions",
    ] {
        answers.push(fixture.ask("GET", path).header("cookie", &cookie).send().await);
        answers.push(fixture.ask("GET", path).by(&token).send().await);
    }
    for answer in answers {
        assert!(!answer.text.contains(&token[3..]), "{}", answer.text);
        assert!(!answer.text.contains(&code[3..]), "{}", answer.text);
    }
}
