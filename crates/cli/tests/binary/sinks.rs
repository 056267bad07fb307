//! The log goes to a folder while a server runs, is killed and starts again; and a bundle for an auditor.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::house::{Place, SEED, Server, run};

// What a server that was killed sent to is free a minute later.
const WITHIN: Duration = Duration::from_secs(180);

/// What lies in the files of a folder, in the order of their names.
fn text_in(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else { return String::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|kind| kind == "jsonl")).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < WITHIN, "{what}: not within three minutes");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn serve(place: &Place) -> Server {
    let folder = place.path("audit").display().to_string();
    place.serve_with(&["--data", "data"], &[("COUNTERSIGN_AUDIT_FOLDER", &folder)])
}

#[test]
fn a_folder_has_the_whole_log_though_the_server_is_killed() {
    let place = Place::new();
    let token = place.init();
    fs::create_dir(place.path("audit")).unwrap();
    let mut server = serve(&place);
    let add = ["audit", "sink", "add", "copy", "--kind", "folder", "--address", "copy", "--from-beginning"];
    server.run(&place, &token, &add).ok();
    server.run(&place, &token, &["credential", "add", "Instagram", "--totp", SEED]).ok();
    let folder = place.path("audit").join("copy");
    until("the first records", || text_in(&folder).contains("credential.created"));
    let tested = server.run(&place, &token, &["audit", "sink", "test", "copy"]).ok();
    assert!(tested.out.contains("taken: "), "{}", tested.out);
    for _ in 0..2 {
        for _ in 0..5 {
            server.run(&place, &token, &["token", "Instagram"]).ok();
        }
        server.kill();
        server = serve(&place);
    }
    server.run(&place, &token, &["token", "Instagram"]).ok();
    // An export signs what is there.
    let export = server.run(&place, &token, &["audit", "export"]).ok().out;
    let newest: Value = serde_json::from_str(export.lines().next().unwrap()).unwrap();
    let size = newest["checkpoint"]["size"].as_u64().unwrap();
    until("all of it", || text_in(&folder).contains(&format!("\"size\":{size},")));
    let sound = run(place.command(&["audit", "verify", "-", "--json"]), text_in(&folder).as_bytes()).ok().json();
    assert_eq!(sound["records"], size);
    let listed = server.run(&place, &token, &["--json", "audit", "sink", "list"]).ok().json();
    assert_eq!(listed["items"][0]["state"], "current", "{listed}");
    let doctor = server.run(&place, &token, &["audit", "sink", "show", "copy"]).ok();
    assert!(doctor.out.contains("current"), "{}", doctor.out);
}

#[test]
fn a_destination_is_changed_paused_and_removed_by_commands() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let run = |args: &[&str]| server.run(&place, &token, &[&["audit", "sink"], args].concat());
    place.write("address", "https://127.0.0.1:9/secret-part\n");
    place.write("header", "Authorization: Bearer word\n");
    let added = run(&["add", "siem", "--kind", "webhook", "--address-file", "address", "--header-file", "header"]).ok();
    assert!(added.out.contains("shown this once: csw_"), "{}", added.out);
    let shown = run(&["show", "siem"]).ok().out;
    assert!(
        shown.contains("https://127.0.0.1:9") && !shown.contains("secret-part") && !shown.contains("csw_"),
        "{shown}"
    );
    run(&["edit", "siem", "--new-name", "siem 2", "--action", "token.*"]).ok();
    run(&["pause", "siem 2"]).ok();
    assert!(run(&["list"]).ok().out.contains("paused"));
    run(&["edit", "siem 2", "--all-actions"]).ok();
    assert!(run(&["list"]).ok().out.contains("paused"), "an edit lets it be paused");
    run(&["resume", "siem 2"]).ok();
    run(&["rewind", "siem 2", "--from", "1"]).ok();
    let tested = run(&["test", "siem 2"]).exit(1);
    assert!(tested.out.contains("COUNTERSIGN_ALLOW_PRIVATE=1"), "{}", tested.out);
    let refused = run(&["add", "other", "--kind", "folder", "--address", "x"]).exit(1);
    assert!(refused.err.contains("audit_folder"), "{}", refused.err);
    let refused = run(&["add", "other", "--kind", "syslog", "--address", "tcp://10.0.0.1"]).exit(1);
    assert!(refused.err.contains("in the clear"), "{}", refused.err);
    run(&["remove", "siem 2", "--yes"]).ok();
    assert!(!run(&["list"]).ok().out.contains("siem"));
}

#[test]
fn a_bundle_is_verified_without_a_server() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    server.run(&place, &token, &["credential", "add", "Instagram", "--totp", SEED]).ok();
    for _ in 0..3 {
        server.run(&place, &token, &["token", "Instagram"]).ok();
    }
    let ask = ["audit", "bundle", "--output", "bundle.zip", "--action", "token.read"];
    let made = server.run(&place, &token, &ask).ok();
    assert!(made.out.contains("3 records"), "{}", made.out);
    let export = server.run(&place, &token, &["audit", "export"]).ok().out;
    assert!(export.contains("audit.bundle_exported") && export.contains("act=token.read"));
    let newest: Value = serde_json::from_str(export.lines().next().unwrap()).unwrap();
    let key = newest["checkpoint"]["key"].as_str().unwrap().to_owned();
    drop(server);
    let sound = place.run(&["--json", "audit", "verify-bundle", "bundle.zip", "--key", &key]).ok().json();
    assert_eq!(
        (&sound["sound"], &sound["facts"]["records"], &sound["signed_only"]),
        (&true.into(), &3.into(), &3.into())
    );
    place.run(&["audit", "verify-bundle", "bundle.zip", "--key", &"0".repeat(64)]).exit(1);
    let mut bytes = fs::read(place.path("bundle.zip")).unwrap();
    let at = bytes.windows(9).position(|it| it == b"Instagram").unwrap();
    bytes[at] = b'X';
    place.write("touched.zip", &bytes);
    let touched = place.run(&["audit", "verify-bundle", "touched.zip"]).exit(1);
    assert!(touched.out.starts_with("NOT SOUND: "), "{}", touched.out);
    place.write("no.zip", b"hello");
    assert!(place.run(&["audit", "verify-bundle", "no.zip"]).exit(1).out.contains("no bundle"));
}
