//! `countersign change` and `work` where no site answers: what they print, and how they end.

use std::net::TcpListener;

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Place, Server, run};

const NOWHERE: (&str, &str) = ("COUNTERSIGN_CHROMIUM", "/nonexistent");
const PRIVATE: (&str, &str) = ("COUNTERSIGN_ALLOW_PRIVATE", "1");

/// An address of this machine at which nobody listens.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

fn add(server: &Server, place: &Place, token: &str, name: &str, site: Option<&str>) {
    let mut args = vec!["credential", "add", name, "--username", "alice", "--password-stdin"];
    args.extend(site.into_iter().flat_map(|site| ["--site", site]));
    run(server.client(place, token, &args), b"its password").ok();
}

fn serve(place: &Place, variables: &[(&str, &str)]) -> Server {
    place.serve_with(&["--data", "data"], variables)
}

#[tokio::test]
async fn without_a_chromium_a_change_fails_and_says_what_to_install() {
    let place = Place::new();
    let token = place.init();
    let server = serve(&place, &[NOWHERE, PRIVATE]);
    add(&server, &place, &token, "Shop", Some(&closed()));
    let done = server.run(&place, &token, &["change", "Shop", "--wait", "--reason", "a colleague left"]).exit(1);
    assert!(
        done.out.starts_with("failed: The password is unchanged: nothing that could change it was sent. No Chromium"),
        "{}",
        done.out
    );
    assert!(done.out.contains("install the package chromium") && done.out.lines().count() == 1, "{}", done.out);
    let steps: Vec<&str> = done.err.lines().collect();
    assert_eq!((steps.first(), steps.last()), (Some(&"requested"), Some(&"failed: nothing was changed")));
    assert!(steps.len() == 4 && steps[2].starts_with("no Chromium found"), "{steps:?}");

    let rehearsed = server.run(&place, &token, &["--json", "change", "shop", "--wait", "--rehearse"]).exit(1);
    assert_eq!(rehearsed.err, "", "JSON alone");
    let rehearsed = rehearsed.json();
    assert_eq!(
        (&rehearsed["state"], &rehearsed["kind"], &rehearsed["reason"]["code"], &rehearsed["open"]),
        (&json!("failed"), &json!("rehearsal"), &json!("browser_missing"), &json!(false))
    );
    assert_eq!(rehearsed["events"].as_array().unwrap().len(), 4);
    let ready = server.get("/api/v1/automation", &token).await.ok();
    assert_eq!(ready["ready"], false);
    assert!(ready["problem"].as_str().unwrap().contains("apt install chromium"), "{ready}");
    let records = server.get("/api/v1/audit/records?act=change.requested", &token).await.ok();
    assert_eq!(records["items"][1]["reason"], "a colleague left");
    // All else works.
    server.run(&place, &token, &["credential", "show", "Shop"]).ok();
}

#[tokio::test]
async fn commands_for_changes_end_with_the_code_that_says_why() {
    let place = Place::new();
    let token = place.init();
    let server = serve(&place, &[NOWHERE]);
    add(&server, &place, &token, "Shop", Some("https://shop.example.org"));
    add(&server, &place, &token, "Safe", None);
    let asked = server.run(&place, &token, &["change", "Shop"]).ok();
    assert_eq!(asked.err, "queued: It starts as soon as a worker is free.\n");
    let path = format!("/api/v1/changes/{}", asked.out.trim());
    assert_eq!(server.get(&path, &token).await.ok()["credential"]["name"], "Shop");

    let nowhere = server.run(&place, &token, &["change", "Safe"]);
    nowhere.fails_with(&["site is not known: enter the URL of any page of the site in the credential"]);
    server.run(&place, &token, &["change"]).exit(2);
    server.run(&place, &token, &["change", "Shop", "--quickly"]).exit(2);
    server.run(&place, &token, &["change", "nothing"]).exit(4);
    let viewer = json!({"name": "viewer", "role": "auditor"});
    let viewer = server.ask(Method::POST, "/api/v1/api-tokens", &token, &viewer).await.ok();
    let denied = server.run(&place, viewer["token"].as_str().unwrap(), &["change", "Shop"]).exit(3);
    assert!(
        denied.err.contains("you are not allowed to change this credential's password at its site"),
        "{}",
        denied.err
    );
    server.run(&place, "cs_notatoken", &["change", "Shop"]).exit(3);
    let json = server.run(&place, &token, &["--json", "change", "Safe", "--wait"]).exit(1);
    let error: Value = serde_json::from_str(&json.err).unwrap();
    assert_eq!((json.out.as_str(), &error["error"]["type"]), ("", &json!("urn:countersign:problem:invalid")));
}

#[test]
fn a_worker_beside_a_server_on_one_file_is_not_needed() {
    let place = Place::new();
    let token = place.init();
    let mut server = serve(&place, &[NOWHERE]);
    let parts = ["data/countersign.db is open in a server", "runs a worker by itself", "PostgreSQL"];
    place.run(&["work", "--data", "data"]).fails_with(&parts);
    place.run(&["work", "--data", "data", "--at-once", "0"]).exit(2);
    // The server goes on.
    add(&server, &place, &token, "Shop", Some("https://shop.example.org"));
    assert!(server.stop().success());
}

#[test]
fn a_site_on_a_private_address_is_visited_only_where_that_is_allowed() {
    let place = Place::new();
    let token = place.init();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let site = format!("http://{}/", listener.local_addr().unwrap());
    let server = serve(&place, &[]);
    add(&server, &place, &token, "Intern", Some(&site));
    let refused = server.run(&place, &token, &["change", "Intern", "--wait"]).exit(1);
    assert!(refused.err.contains("COUNTERSIGN_ALLOW_PRIVATE=1"), "it does not say how to allow it: {}", refused.err);
    assert!(listener.accept().is_err(), "somebody knocked there all the same");
    drop(server);

    // Allowed, and nobody there.
    drop(listener);
    let server = serve(&place, &[PRIVATE]);
    let failed = server.run(&place, &token, &["change", "Intern", "--wait", "--json"]).exit(1).json();
    assert_eq!(
        (&failed["state"], &failed["reason"]["code"]),
        (&json!("failed"), &json!("site_unavailable")),
        "{failed}"
    );
    assert_eq!(failed["says"], "The password is unchanged: nothing that could change it was sent.");
}
