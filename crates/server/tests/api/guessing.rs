//! Guesses over HTTP: a browser that is known, a session that a new sign-in replaces.

use serde_json::json;

use crate::fixture::{PASSWORD, TestServer};

const OTHER_PASSWORD: &str = "copper lantern seventeen moss";

#[tokio::test]
async fn a_known_browser_is_not_locked_out_by_strangers() {
    let fixture = TestServer::new().await;
    let sign_in = async |password: &str, cookie: &str| {
        let body = json!({"name": "root", "password": password});
        fixture.ask("POST", "/api/v1/sign-in").json(&body).header("cookie", cookie).send().await
    };
    let first = sign_in(PASSWORD, "").await;
    let cookies: Vec<String> = first
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned())
        .collect();
    let known = cookies.iter().find(|cookie| cookie.starts_with("countersign_browser=")).unwrap();
    for _ in 0..6 {
        sign_in(OTHER_PASSWORD, "").await;
    }
    assert_eq!(sign_in(PASSWORD, "").await.problem(429), "locked-out");
    sign_in(PASSWORD, known).await.ok();
    assert_eq!(sign_in(PASSWORD, &cookies[0].replace("session", "browser")).await.problem(429), "locked-out");
}

#[tokio::test]
async fn a_new_sign_in_ends_the_session_it_replaces() {
    let fixture = TestServer::new().await;
    let body = json!({"name": "root", "password": PASSWORD});
    let old = fixture.ask("POST", "/api/v1/sign-in").json(&body).send().await.cookie();
    let me = async |cookie: &str| fixture.ask("GET", "/api/v1/me").header("cookie", cookie).send().await;
    me(&old).await.ok();
    let new = fixture.ask("POST", "/api/v1/sign-in").json(&body).header("cookie", &old).send().await.cookie();
    assert_eq!(me(&old).await.problem(401), "not-signed-in");
    me(&new).await.ok();
}
