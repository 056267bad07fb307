//! `recipe check`: one answer a file, with the place of a mistake and what to write instead.

use serde_json::json;

use crate::house::Place;

const GOOD: &str = "name = \"Example\"\ndomains = [\"example.org\", \"bücher.example\"]\n";
const BAD: &str = "name = \"Example\"\ndomains = [\"example.org\"]\nsing_in = \"https://example.org/\"\n";

#[test]
fn files_are_checked_one_by_one() {
    let place = Place::new();
    place.write("good.toml", GOOD);
    place.write("bad.toml", BAD);
    let fine = place.run(&["recipe", "check", "good.toml"]).ok();
    assert_eq!(fine.out, "good.toml: ok, Example for example.org, xn--bcher-kva.example\n");
    assert_eq!(fine.err, "");

    let mixed = place.run(&["recipe", "check", "bad.toml", "good.toml", "missing.toml"]).exit(1);
    let lines: Vec<&str> = mixed.out.lines().collect();
    assert_eq!(lines[0], "bad.toml:3:1: there is no key `sing_in`");
    assert!(lines[1].starts_with("good.toml: ok"), "one mistake hides no other file: {}", mixed.out);
    assert!(lines[2].starts_with("missing.toml: it cannot be read: No such file"), "{}", mixed.out);
    assert_eq!(mixed.err, "hint: did you mean `sign_in`?\n");
}

#[test]
fn the_answer_as_json() {
    let place = Place::new();
    place.write("good.toml", GOOD);
    place.write("bad.toml", BAD);
    let checked = place.run(&["recipe", "check", "--json", "good.toml", "bad.toml"]).exit(1).json();
    let good = json!({"file": "good.toml", "ok": true, "name": "Example", "status": "unverified",
        "domains": ["example.org", "xn--bcher-kva.example"]});
    let bad = json!({"file": "bad.toml", "ok": false, "error": {"line": 3, "column": 1,
        "detail": "there is no key `sing_in`", "hint": "did you mean `sign_in`?"}});
    assert_eq!(checked, json!([good, bad]));
}

#[test]
fn standard_input_and_what_is_no_recipe() {
    let place = Place::new();
    let from_input = place.run_with(&["recipe", "check", "-"], GOOD).ok();
    assert!(from_input.out.starts_with("-: ok, Example"), "{}", from_input.out);
    place.write("picture.png", [0x89, 0x50, 0xff, 0xfe]);
    place.write("long.toml", "#".repeat(2 * 1024 * 1024));
    let checked = place.run(&["recipe", "check", "picture.png", "long.toml", "."]).exit(1);
    for part in ["picture.png: it is not text in UTF-8", "long.toml:1:1: the file has", ".: it is a folder"] {
        assert!(checked.out.contains(part), "{part} is missing in {}", checked.out);
    }
    assert!(place.run(&["recipe", "check"]).exit(2).err.contains("<FILE>"));
}
