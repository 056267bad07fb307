//! `import`: files and standard input, a result for each item.

use std::process::Command;

use serde_json::json;

use crate::house::{Place, SEED, run};

const OTHER_SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn codes() -> String {
    format!(
        "# the old phone\n\
         otpauth://totp/Example:alice@example.org?secret={SEED}&issuer=Example\n\
         otpauth://totp/Again?secret={SEED}\n\
         otpauth://totp/Broken?secret=GEZDGNBV1Y3TQOJQ\n"
    )
}

#[test]
fn a_file_and_standard_input_give_a_result_for_each_item() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    place.write("codes.txt", codes());
    let preview = server.run(&place, &token, &["import", "codes.txt", "--preview"]).exit(1);
    assert!(preview.out.contains("new       Example: alice@example.org  (codes.txt, line 2)"), "{}", preview.out);
    assert!(preview.err.contains("1 duplicate, 1 new, 1 refused"), "{}", preview.err);
    let listed = server.run(&place, &token, &["credential", "list", "--json"]).ok().json();
    assert_eq!(listed["items"], json!([]), "a preview stores nothing");

    let done = server.run(&place, &token, &["import", "codes.txt", "--tag", "phone"]).exit(1);
    let lines: Vec<&str> = done.out.lines().collect();
    assert!(lines[0].starts_with("created   Example: alice@example.org"), "{}", done.out);
    assert!(lines[1].contains("duplicate") && lines[1].contains("its setup key is already stored"), "{}", done.out);
    assert!(
        lines[2].contains("refused") && lines[2].contains("codes.txt, line 4") && lines[2].contains("(1)")
            || lines[2].contains('1')
    );
    assert!(!done.out.contains("GEZDGNBV"), "no seed is repeated: {}", done.out);

    let from_input = format!("otpauth://totp/Other?secret={OTHER_SEED}\n");
    let done = run(server.client(&place, &token, &["import", "-", "--json"]), from_input.as_bytes()).ok().json();
    assert_eq!((&done["counts"]["created"], &done["items"][0]["place"]), (&json!(1), &json!("standard input, line 1")));
    let again = run(server.client(&place, &token, &["import", "-"]), from_input.as_bytes()).ok();
    assert!(again.out.starts_with("duplicate Other"), "what is there already is no failure: {}", again.out);
}

#[test]
fn a_picture_is_read() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let picture = place.path("photo.png");
    let uri = format!("otpauth://totp/Example:alice?secret={SEED}&issuer=Example");
    let made = Command::new("qrencode").args(["-o", picture.to_str().unwrap(), &uri]).status();
    let made =
        made.unwrap_or_else(|error| panic!("this test draws with qrencode ({error}): install the package qrencode"));
    assert!(made.success());
    let done = server.run(&place, &token, &["import", "photo.png"]).ok();
    assert!(done.out.starts_with("created   Example: alice  (photo.png"), "{}", done.out);
}

#[test]
fn files_that_cannot_be_read() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    server.run(&place, &token, &["import", "missing.txt"]).fails_with(&["missing.txt cannot be read", "No such file"]);
    server.run(&place, &token, &["import", "."]).fails_with(&["the file . is a folder"]);
    place.write("binary.dat", [0, 159, 146, 150, 255]);
    let refused = server.run(&place, &token, &["import", "binary.dat"]).exit(1);
    assert!(refused.out.starts_with("refused"), "{}{}", refused.out, refused.err);
    server.run(&place, &token, &["import"]).exit(2);
    let nothing = run(server.client(&place, &token, &["import", "-"]), b"");
    assert!(!nothing.err.contains("panicked"), "{}", nothing.err);
}

/// Its second half is longer than the server takes in one request.
#[test]
fn an_import_that_breaks_off_tells_what_it_has_added() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let half = |name: &str, seed: &str, remarks: usize| {
        format!("otpauth://totp/{name}?secret={seed}\n{}", "# a remark\n".repeat(remarks))
    };
    place.write("long.txt", format!("{}{}", half("First", SEED, 60_000), half("Other", OTHER_SEED, 2_300_000)));
    let done = server.run(&place, &token, &["import", "long.txt"]).exit(1);
    assert!(done.out.starts_with("created   First"), "{}{}", done.out, done.err);
    assert!(done.err.contains("part 1 of 2: 1 items so far"), "{}", done.err);
    assert!(done.err.contains("broke off after the items above"), "{}", done.err);
    let listed = server.run(&place, &token, &["credential", "list"]).ok();
    assert!(listed.out.contains("First") && !listed.out.contains("Other"), "{}", listed.out);
}

#[test]
fn a_warning_stands_beside_its_item() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    place.write("weak.txt", "otpauth://totp/Weak?secret=JBSWY3DP\n");
    let done = server.run(&place, &token, &["import", "weak.txt"]).ok();
    assert!(done.out.starts_with("created   Weak") && done.out.contains("40 bits"), "{}", done.out);
}

/// What other rooms' tests read as well.
const PROTECTED: &[u8] = include_bytes!("../../../transfer/tests/formats/samples/bitwarden-pbkdf2.json");

#[test]
fn an_encrypted_export_is_opened_by_its_password() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    place.write("vault.json", PROTECTED);
    let locked = server.run(&place, &token, &["import", "vault.json", "--preview"]).exit(1);
    assert!(locked.out.contains("which is encrypted: give the file's password"), "{}", locked.out);
    let ask = ["import", "vault.json", "--password-stdin"];
    let wrong = run(server.client(&place, &token, &ask), b"something else\n").exit(1);
    assert!(wrong.out.contains("the password does not open it"), "{}", wrong.out);
    let listed = server.run(&place, &token, &["credential", "list", "--json"]).ok().json();
    assert_eq!(listed["items"], json!([]), "nothing of it is there");
    let done = run(server.client(&place, &token, &ask), b"correct horse\n");
    assert!(done.out.starts_with("created"), "{}{}", done.out, done.err);
    let again = run(server.client(&place, &token, &ask), b"correct horse\n");
    assert!(!again.out.contains("created"), "{}", again.out);
    // Standard input cannot be both.
    run(server.client(&place, &token, &["import", "-", "--password-stdin"]), b"x").fails_with(&["name the files"]);
}
