//! `login`: from a password and a token to an API token that later commands use.

use std::os::unix::fs::PermissionsExt as _;

use reqwest::Method;
use serde_json::json;

use crate::house::{PASSWORD, Place, oathtool, run};

#[tokio::test]
async fn a_login_is_kept_for_later_commands() {
    let place = Place::new();
    place.init();
    let server = place.serve();
    let login = |more: &[&str], password: &str| {
        let args = [&["login", server.url.as_str(), "--name", "root", "--password-stdin"], more].concat();
        place.run_with(&args, format!("{password}\n"))
    };
    let wrong = login(&[], "not the password").exit(3);
    assert!(wrong.err.contains("the name, the password or the token is not right"), "{}", wrong.err);
    // A new account has to set up its second factor first.
    let early = login(&[], PASSWORD).exit(3);
    assert!(early.err.contains("second factor"), "{}", early.err);

    let body = json!({"name": "root", "password": PASSWORD});
    let signed_in = server.with_cookie(Method::POST, "/api/v1/sign-in", "", &body).await;
    let cookie = signed_in.cookie.clone();
    let begun = server.with_cookie(Method::POST, "/api/v1/me/second-factor", &cookie, &json!({})).await.ok();
    let seed = begun["secret"].as_str().unwrap().replace(' ', "");
    let confirm = async |unix: u64| {
        let body = json!({"token": oathtool(&seed, "SHA1", 6, 30, unix)});
        server.with_cookie(Method::POST, "/api/v1/me/second-factor/confirm", &cookie, &body).await
    };
    let status = server.get("/api/v1/status", "").await.ok();
    let now = status["server_time"].as_str().unwrap().parse::<countersign_model::Timestamp>().unwrap();
    let unix = u64::try_from(now.seconds()).unwrap();
    confirm(unix).await.ok();

    let without =
        run(place.command(&["login", &server.url, "--name", "root", "--password-stdin"]), PASSWORD.as_bytes());
    assert_ne!(without.code, Some(0), "no token was given, and nobody is there to ask");
    // The step of the confirmation is used up; the next one is within what a slow clock is granted.
    let next = oathtool(&seed, "SHA1", 6, 30, unix + 30);
    let done = login(&["--token", &next, "--json"], PASSWORD).ok();
    let stored = place.path(".config/countersign/login.json");
    assert_eq!(done.json()["stored"], stored.to_str().unwrap());
    assert_eq!(stored.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(place.run(&["credential", "list", "--json"]).ok().json(), json!({"items": []}));
    login(&["--token", &next], PASSWORD).exit(3);

    // The environment wins over what is kept.
    let mut other = place.command(&["credential", "list"]);
    other.env("COUNTERSIGN_TOKEN", "cs_another");
    run(other, b"").exit(3);
    place.write(".config/countersign/login.json", "{");
    place.run(&["credential", "list"]).fails_with(&["login.json is damaged: run `countersign login` again"]);
}
