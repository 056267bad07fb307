//! The log as an export, and what `audit verify` finds in one that was touched.

use std::fs;

use serde_json::Value;

use crate::house::{Done, Place, SEED, Server, run};

/// What somebody does to the lines of an export.
type Touch<'a> = &'a dyn Fn(&mut Vec<String>);

/// A vault with some acts in its log, and a server.
fn busy() -> (Place, Server, String) {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    server.run(&place, &token, &["credential", "add", "Instagram", "--totp", SEED]).ok();
    for _ in 0..3 {
        server.run(&place, &token, &["token", "Instagram"]).ok();
    }
    (place, server, token)
}

/// The export over the API, as a file and as its lines.
fn exported(place: &Place, server: &Server, token: &str) -> Vec<String> {
    let export = server.run(place, token, &["audit", "export"]).ok().out;
    place.write("export.jsonl", &export);
    export.lines().map(str::to_owned).collect()
}

fn verify(place: &Place, args: &[&str]) -> Done {
    place.run(&[&["audit", "verify", "export.jsonl"], args].concat())
}

fn verify_lines(place: &Place, lines: &[impl AsRef<str>]) -> Done {
    let text: String = lines.iter().flat_map(|line| [line.as_ref(), "\n"]).collect();
    run(place.command(&["audit", "verify", "-"]), text.as_bytes())
}

#[test]
fn an_export_is_sound_and_says_by_which_key() {
    let (place, server, token) = busy();
    let lines = exported(&place, &server, &token);
    let newest: Value = serde_json::from_str(&lines[0]).unwrap();
    let key = newest["checkpoint"]["key"].as_str().unwrap();
    let sound = verify(&place, &[]).ok();
    assert!(sound.out.starts_with("sound: ") && sound.out.contains(key), "{}", sound.out);
    assert!(sound.err.contains("compare that key"), "{}", sound.err);
    let report = verify(&place, &["--key", key, "--json"]).ok().json();
    assert_eq!(report["sound"], true);
    assert_eq!(report["records"], newest["checkpoint"]["size"]);
    let other = verify(&place, &["--key", &"0".repeat(64)]).exit(1);
    assert!(other.out.starts_with("NOT SOUND: ") && other.out.contains("not by the expected 000"), "{}", other.out);
    let json = verify(&place, &["--key", &"0".repeat(64), "--json"]).exit(1).json();
    assert_eq!(json["sound"], false);
    assert_eq!(verify_lines(&place, &lines).code, Some(0), "from standard input too");
}

#[test]
fn what_was_touched_is_found() {
    let (place, server, token) = busy();
    let mut lines = exported(&place, &server, &token);
    // What was written since the newest checkpoint, nobody misses yet.
    let covered = serde_json::from_str::<Value>(&lines[0]).unwrap()["checkpoint"]["size"].as_u64().unwrap();
    let mut seen = 0;
    lines.retain(|line| {
        seen += u64::from(line.starts_with("{\"seq\""));
        seen <= covered || !line.starts_with("{\"seq\"")
    });
    let lines = lines;
    let records: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("{\"seq\"")).collect();
    let read = *records.iter().find(|at| lines[**at].contains("token.read")).unwrap();
    let last = *records.last().unwrap();
    let touched = |change: Touch<'_>| {
        let mut lines = lines.clone();
        change(&mut lines);
        verify_lines(&place, &lines).exit(1).out
    };
    let table: &[(&str, Touch<'_>, &str)] = &[
        ("another name", &|it| it[read] = it[read].replace("Instagram", "Facebook"), "was changed"),
        ("another time", &|it| it[read] = it[read].replace("\"at_micros\":1", "\"at_micros\":2"), "two times differ"),
        ("a record less", &|it| drop(it.remove(read)), "is missing"),
        ("a record twice", &|it| it.insert(read, it[read].clone()), "moved or repeated"),
        ("two changed places", &|it| it.swap(read, read + 1), "is missing"),
        ("the last one less", &|it| drop(it.remove(last)), "cut off"),
        ("only the first half", &|it| it.truncate(read), "cut off"),
        (
            "half a line",
            &|it| {
                let half = it[read].len() / 2;
                it[read].truncate(half);
                it.truncate(read + 1);
            },
            "neither a record nor a checkpoint",
        ),
        ("no checkpoint", &|it| it.retain(|line| !line.contains("checkpoint")), "nobody signed them"),
        ("a forged checkpoint", &|it| it[0] = it[0].replace("\"size\":", "\"size\":1"), "forged or changed"),
        ("nothing", &|it| it.clear(), "NOT SOUND"),
        ("something else", &|it| it.insert(1, "hello".to_owned()), "neither a record nor a checkpoint"),
    ];
    for (name, change, found) in table {
        let said = touched(*change);
        assert!(said.starts_with("NOT SOUND: line ") && said.contains(found) || *name == "nothing", "{name}: {said}");
    }
}

#[test]
fn a_log_that_was_rewritten_with_its_checkpoints_is_found_by_one_kept_elsewhere() {
    let (place, server, token) = busy();
    let lines = exported(&place, &server, &token);
    let newest: Value = serde_json::from_str(&lines[0]).unwrap();
    place.write("kept.json", newest["checkpoint"].to_string());
    server.run(&place, &token, &["token", "Instagram"]).ok();
    let later = exported(&place, &server, &token);
    assert!(later.len() > lines.len());
    verify(&place, &["--checkpoint", "kept.json"]).ok();

    // The log of before, cut off behind an older checkpoint, is sound in itself: only the kept one knows better.
    let (other, second, other_token) = busy();
    exported(&other, &second, &other_token);
    fs::copy(other.path("export.jsonl"), place.path("export.jsonl")).unwrap();
    verify(&place, &[]).ok();
    let found = verify(&place, &["--checkpoint", "kept.json"]).exit(1).out;
    assert!(found.starts_with("NOT SOUND: "), "{found}");
    place.write("kept.json", "{}");
    verify(&place, &["--checkpoint", "kept.json"]).fails_with(&["kept.json is no checkpoint"]);
}

#[test]
fn an_export_from_the_data_is_sound_beside_a_running_server_and_without_one() {
    let (place, mut server, token) = busy();
    let export = |name: &str| {
        let done = place.run(&["audit", "export", "--data", "data"]).ok();
        place.write(name, &done.out);
        done.out
    };
    let beside = export("export.jsonl");
    assert_eq!(beside.matches("\"token.read\"").count(), 3);
    verify(&place, &[]).ok();
    server.run(&place, &token, &["token", "Instagram"]).ok();
    let later = export("export.jsonl");
    assert_eq!(later.matches("\"token.read\"").count(), 4, "the newest record is in it");
    verify(&place, &[]).ok();
    assert!(server.stop().success());
    let without = export("export.jsonl");
    assert_eq!(without.matches("\"token.read\"").count(), 4);
    verify(&place, &[]).ok();
    let records = |text: &str| text.lines().filter(|line| line.starts_with("{\"seq\"")).count();
    assert_eq!(records(&without), records(&later), "looking at it from outside is no act");

    // Without the key there is what the server signed.
    fs::rename(place.path("data.key"), place.path("elsewhere.key")).unwrap();
    export("export.jsonl");
    verify(&place, &[]).ok();
    assert!(!place.path("data.key").exists());
}

#[test]
fn there_is_nothing_to_export_where_there_is_no_vault() {
    let place = Place::new();
    place.run(&["audit", "export", "--data", "data"]).fails_with(&["there is no database at"]);
    assert!(!place.path("data").exists(), "looking makes nothing");
    place.run(&["audit", "verify", "missing.jsonl"]).fails_with(&["missing.jsonl cannot be read"]);
}
