//! `export`: files for other programs, in a folder of their own.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::json;

use crate::{
    access::Scene,
    house::{Place, SEED, run},
};

fn filled(place: &Place) -> (String, crate::house::Server) {
    let token = place.init();
    let server = place.serve();
    let login =
        json!([{"type": 1, "name": "Shop", "login": {"username": "alice", "password": "correct horse", "totp": SEED}}]);
    place.write("logins.json", json!({"encrypted": false, "folders": [], "items": login}).to_string());
    server.run(place, &token, &["import", "logins.json", "--tag", "web"]).ok();
    (token, server)
}

#[test]
fn what_is_exported_is_in_a_folder_of_its_own_and_comes_back() {
    let place = Place::new();
    let (token, server) = filled(&place);
    let done = server.run(&place, &token, &["export", "--format", "csv", "--all", "--out", "leaving"]).ok();
    assert!(done.out.ends_with("countersign.csv\n"), "{}", done.out);
    assert!(done.err.contains("1 credential exported") && done.err.contains("not encrypted"), "{}", done.err);
    let mode = |path: &str| fs::metadata(place.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("leaving"), mode("leaving/countersign.csv")), (0o700, 0o600));
    let table = fs::read_to_string(place.path("leaving/countersign.csv")).unwrap();
    assert!(table.contains("correct horse") && table.contains("otpauth://totp/"), "{table}");

    let other = Place::new();
    let other_token = other.init();
    let elsewhere = other.serve();
    other.write("countersign.csv", &table);
    elsewhere.run(&other, &other_token, &["import", "countersign.csv"]).ok();
    let revealed = elsewhere.run(&other, &other_token, &["reveal", "Shop"]).ok();
    assert_eq!(revealed.out, "correct horse\n");
    let listed = elsewhere.run(&other, &other_token, &["credential", "list", "--json"]).ok().json();
    assert_eq!(listed["items"][0]["tags"], json!(["web"]));

    let records = server.run(&place, &token, &["audit", "export"]).ok();
    assert!(records.out.contains("credential.exported") && records.out.contains("export.created"), "{}", records.out);
}

#[test]
fn an_export_overwrites_nothing_and_leaves_nothing_behind_when_it_is_refused() {
    let place = Place::new();
    let (token, server) = filled(&place);
    let export = |ask: &[&str]| server.run(&place, &token, &[&["export", "--format", "otpauth"], ask].concat());
    fs::create_dir(place.path("full")).unwrap();
    place.write("full/other.txt", "kept");
    export(&["--all", "--out", "full"]).fails_with(&["the folder", "is not empty", "name a new one"]);
    export(&["--credential", "nothing", "--out", "new"]).exit(4);
    assert!(!place.path("new").exists());
    export(&["--tag", "nothing", "--out", "new"]).fails_with(&["nothing has this tag"]);
    export(&["--out", "new"]).exit(2);
    let named = export(&["--credential", "Shop", "--out", "new"]).ok();
    assert!(named.err.contains("not in this format: 1 passwords"), "{}", named.err);
    let lines = fs::read_to_string(place.path("new/countersign-otpauth.txt")).unwrap();
    assert!(lines.starts_with("otpauth://totp/"), "{lines}");
}

#[test]
fn a_person_says_which_column_of_a_table_holds_what() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    place.write("theirs.csv", "Wer,Was,Womit\nmara,Acorn,correct horse\n");
    let unknown = server.run(&place, &token, &["import", "theirs.csv"]).exit(1);
    assert!(unknown.out.contains("none of its columns is known"), "{}", unknown.out);
    let column = |title: &str| format!("password={title}");
    let wrong = column("Kennwort");
    let refused = server.run(&place, &token, &["import", "theirs.csv", "--column", &wrong]);
    refused.fails_with(&["theirs.csv has no column \"Kennwort\": its columns are Wer, Was, Womit"]);
    let right = column("womit");
    let ask = ["import", "theirs.csv", "--column", &right, "--column", "name=Was", "--column", "username=Wer"];
    let done = server.run(&place, &token, &ask).ok();
    assert!(done.out.starts_with("created   Acorn"), "{}", done.out);
    assert_eq!(server.run(&place, &token, &["reveal", "Acorn"]).ok().out, "correct horse\n");
    server.run(&place, &token, &["import", "theirs.csv", "--column", "pin=Wer"]).exit(2);
    let twice = ["import", "theirs.csv", "--column", "name=Wer", "--column", "name=Was"];
    server.run(&place, &token, &twice).fails_with(&["says twice which column holds the name"]);
    // Of two files with one name each has its own columns.
    for (folder, table) in
        [("one", "Wer,Was,Womit\nana,Birch,first pass\n"), ("two", "Womit,Was,Wer\nsecond pass,Cedar,ben\n")]
    {
        std::fs::create_dir(place.path(folder)).unwrap();
        place.write(&format!("{folder}/theirs.csv"), table);
    }
    let both = ["import", "one/theirs.csv", "two/theirs.csv"];
    let columns = ["--column", "password=Womit", "--column", "name=Was", "--column", "username=Wer"];
    server.run(&place, &token, &[&both[..], &columns].concat()).ok();
    for (name, password) in [("Birch", "first pass\n"), ("Cedar", "second pass\n")] {
        assert_eq!(server.run(&place, &token, &["reveal", name]).ok().out, password);
    }
    let line = format!("otpauth://totp/a?secret={SEED}\n");
    let none = run(server.client(&place, &token, &["import", "-", "--column", "name=Was"]), line.as_bytes());
    none.fails_with(&["none of the files is one"]);
}

#[tokio::test]
async fn an_export_is_asked_for_approved_and_made_once() {
    let scene = Scene::new();
    let add = json!([{"type": 1, "name": "Shop", "login": {"username": "alice", "password": "correct horse"}}]);
    scene.place.write("logins.json", json!({"encrypted": false, "folders": [], "items": add}).to_string());
    scene.run(&["import", "logins.json"]).ok();
    scene.run(&["export-approval", "on"]).fails_with(&["there is no second administrator"]);
    let shown = scene.run(&["export-approval", "show"]).ok();
    assert!(shown.out.contains("exports alone") && shown.err.contains("no second administrator"), "{}", shown.err);
    let added = scene.json(&["user", "add", "eva", "--role", "administrator"]);
    let eva = scene.set_up("eva", added["setup_link"]["link"].as_str().unwrap()).await;
    let by_eva = |args: &[&str]| scene.server.run(&scene.place, &eva, args);
    scene.run(&["export-approval", "on"]).ok();

    let refused = scene.run(&["export", "--format", "csv", "--all", "--out", "away"]).exit(3);
    assert!(refused.err.contains("countersign export --ask"), "{}", refused.err);
    assert!(!scene.place.path("away").exists());
    scene.run(&["export", "--ask", "--format", "csv", "--all"]).exit(2);
    scene.run(&["export", "--ask", "--format", "csv", "--all", "--reason", "x", "--out", "away"]).exit(2);
    let ask = ["export", "--ask", "--format", "csv", "--all", "--reason", "we move on"];
    let request = scene.json(&ask)["id"].as_str().unwrap().to_owned();
    let early = scene.run(&["export", "--request", &request, "--out", "away"]).exit(3);
    assert!(early.err.contains("another administrator has to approve it first"), "{}", early.err);
    scene.run(&["approve", &request]).exit(3);
    let listed = by_eva(&["request", "list", "--exports", "--to-decide"]).ok();
    assert!(listed.out.contains(&request) && listed.out.contains("we move on"), "{}", listed.out);
    let shown = by_eva(&["request", "show", &request]).ok();
    assert!(shown.out.contains("an export of all credentials as csv"), "{}", shown.out);
    let approved = by_eva(&["approve", &request, "--comment", "as agreed"]).ok();
    assert!(approved.out.contains("approved until"), "{}", approved.out);
    scene.run(&["export", "--request", &request, "--format", "csv", "--out", "away"]).exit(2);
    let done = scene.run(&["export", "--request", &request, "--out", "away"]).ok();
    assert!(done.err.contains("1 credential exported"), "{}", done.err);
    assert!(fs::read_to_string(scene.place.path("away/countersign.csv")).unwrap().contains("correct horse"));
    scene.run(&["export", "--request", &request, "--out", "again"]).fails_with(&["this request is used"]);
    assert!(!scene.place.path("again").exists());

    let request = scene.json(&ask)["id"].as_str().unwrap().to_owned();
    by_eva(&["request", "cancel", &request]).exit(3);
    by_eva(&["request", "reject", &request, "--comment", "not now"]).ok();
    let shown = scene.run(&["request", "show", &request]).ok();
    assert!(shown.out.contains("rejected") && shown.out.contains("not now"), "{}", shown.out);
    scene.run(&["request", "show", "01938d1c-7a31-7000-8000-000000000000"]).exit(4);
    let off = scene.json(&["export-approval", "off", "--reason", "in the way"])["id"].as_str().unwrap().to_owned();
    by_eva(&["approve", &off]).ok();
    scene.run(&["export", "--format", "csv", "--all", "--out", "alone"]).ok();
}
