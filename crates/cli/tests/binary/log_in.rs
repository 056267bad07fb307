//! `login`: from a password and a token to an API token that later commands use.

use std::os::unix::fs::PermissionsExt as _;

use reqwest::Method;
use serde_json::json;

use crate::house::{PASSWORD, Place, Server, oathtool, run};

/// A second factor as the account's owner has set it up in a browser.
pub(crate) struct OwnFactor {
    pub(crate) cookie: String,
    seed: String,
    /// When it was confirmed, by the server's clock.
    unix: u64,
    codes: serde_json::Value,
}

impl OwnFactor {
    pub(crate) async fn set_up(server: &Server) -> Self {
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
        let codes = confirm(unix).await.ok()["recovery_codes"].clone();
        Self { cookie, seed, unix, codes }
    }
}

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
    assert!(wrong.err.contains("wrong user name, password or code"), "{}", wrong.err);
    // A new account has to set up its second factor first.
    let early = login(&[], PASSWORD).exit(3);
    assert!(early.err.contains("second factor"), "{}", early.err);

    let OwnFactor { cookie, seed, unix, codes } = OwnFactor::set_up(&server).await;

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

    // It ends by itself, and another login takes its place.
    let list = || async {
        let tokens = server.with_cookie(Method::GET, "/api/v1/api-tokens", &cookie, &json!({})).await.ok();
        let items = tokens["items"].as_array().unwrap().clone();
        items.into_iter().filter(|it| it["name"].as_str().unwrap().starts_with("login on ")).collect::<Vec<_>>()
    };
    let first = list().await;
    assert_eq!(first.len(), 1, "{first:?}");
    let at = |field: &str| first[0][field].as_str().unwrap().parse::<countersign_model::Timestamp>().unwrap();
    assert_eq!(at("expires_at").since(at("created_at")).as_secs(), 90 * 24 * 3600);
    let again = login(&["--token", codes[0].as_str().unwrap()], PASSWORD).ok();
    assert!(again.out.starts_with("signed in; the API token \"login on "), "{}", again.out);
    let second = list().await;
    assert_eq!(second.len(), 1, "{second:?}");
    assert_ne!(second[0]["id"], first[0]["id"]);

    // Logging out revokes it and forgets it.
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&stored).unwrap()).unwrap();
    let out = place.run(&["logout"]).ok();
    assert_eq!(out.out, format!("logged out of {}\n", server.url));
    assert!(!stored.exists() && list().await.is_empty());
    assert_eq!(
        server.get("/api/v1/me", kept["token"].as_str().unwrap()).await.problem(),
        (401, "not-signed-in".to_owned())
    );
    place.run(&["logout"]).fails_with(&["not logged in"]);
    place.run(&["credential", "list"]).fails_with(&["which server? Run `countersign login URL`"]);
    login(&["--token", codes[1].as_str().unwrap()], PASSWORD).ok();
    // What was revoked elsewhere is forgotten all the same.
    let id = list().await[0]["id"].as_str().unwrap().to_owned();
    server.with_cookie(Method::DELETE, &format!("/api/v1/api-tokens/{id}"), &cookie, &json!({})).await.ok();
    assert_eq!(place.run(&["logout", "--json"]).ok().json()["revoked"], false);
    login(&["--token", codes[2].as_str().unwrap()], PASSWORD).ok();

    // The environment wins over what is kept.
    let mut other = place.command(&["credential", "list"]);
    other.env("COUNTERSIGN_TOKEN", "cs_another");
    run(other, b"").exit(3);
    place.write(".config/countersign/login.json", "{");
    place.run(&["credential", "list"]).fails_with(&["login.json is damaged: run `countersign login` again"]);
}

/// The only administrator has lost the phone and the codes: whoever holds the data lets them in.
#[tokio::test]
async fn a_lost_second_factor_is_reset_on_the_server() {
    let place = Place::new();
    place.init();
    let mut server = place.serve();
    let body = json!({"name": "root", "password": PASSWORD});
    let cookie = server.with_cookie(Method::POST, "/api/v1/sign-in", "", &body).await.cookie;
    let begun = server.with_cookie(Method::POST, "/api/v1/me/second-factor", &cookie, &json!({})).await.ok();
    let seed = begun["secret"].as_str().unwrap().replace(' ', "");
    let now = server.get("/api/v1/status", "").await.ok()["server_time"].as_str().unwrap().to_owned();
    let unix = u64::try_from(now.parse::<countersign_model::Timestamp>().unwrap().seconds()).unwrap();
    let body = json!({"token": oathtool(&seed, "SHA1", 6, 30, unix)});
    server.with_cookie(Method::POST, "/api/v1/me/second-factor/confirm", &cookie, &body).await.ok();

    let reset = |name: &str, data: &str| place.run(&["user", "reset-second-factor", name, "--data", data]);
    reset("root", "data").fails_with(&["in use by another server"]);
    assert!(server.stop().success());
    let unknown = reset("nobody", "data").exit(4);
    assert!(unknown.err.contains("there is no user \"nobody\""), "{}", unknown.err);
    assert_ne!(reset("root", "elsewhere").code, Some(0));
    assert!(!place.path("elsewhere").exists(), "a mistyped folder makes no vault");
    let done = reset("ROOT", "data").ok();
    assert!(done.out.starts_with("the second factor of root is forgotten"), "{}", done.out);
    reset("root", "data").fails_with(&["user has no second factor"]);

    let server = place.serve();
    let answer = server.with_cookie(Method::GET, "/api/v1/me", &cookie, &json!({})).await;
    assert_eq!(answer.problem(), (401, "not-signed-in".to_owned()), "web sessions have ended");
    let body = json!({"name": "root", "password": PASSWORD});
    server.with_cookie(Method::POST, "/api/v1/sign-in", "", &body).await.ok();
    let log = place.run(&["audit", "export", "--data", "data"]).ok().out;
    let line = log.lines().find(|line| line.contains("user.second_factor_reset")).unwrap();
    let record: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((&record["actor"]["kind"], &record["object"]["name"]), (&json!("system"), &json!("root")), "{line}");
}
