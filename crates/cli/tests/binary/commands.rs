//! The commands as a session: what they print, as a table and as JSON, and how they end.

use serde_json::json;

use crate::house::{PASSWORD, Place, SEED, run};

#[test]
fn init_prints_a_token_that_works_and_runs_once() {
    let place = Place::new();
    let made =
        place.run_with(&["init", "--data", "data", "--admin", "root", "--password-stdin"], format!("{PASSWORD}\n"));
    let made = made.ok();
    assert!(made.out.starts_with("cs_") && made.out.lines().count() == 1, "the token alone: {}", made.out);
    assert!(!made.err.contains("warning"), "{}", made.err);
    let token = made.out.trim();

    let again = place.run_with(&["init", "--data", "data", "--admin", "eve", "--password-stdin"], PASSWORD);
    again.fails_with(&["this vault has users already"]);
    let server = place.serve();
    let listed = server.run(&place, token, &["--json", "credential", "list"]).ok();
    assert_eq!(listed.json(), json!({"items": []}));
}

#[test]
fn init_needs_a_password_that_is_not_easy_to_guess() {
    let place = Place::new();
    let ask = ["init", "--data", "data", "--admin", "root"];
    place.run(&ask).fails_with(&["add --password-stdin"]);
    let with_input = [ask.as_slice(), &["--password-stdin"]].concat();
    place.run_with(&with_input, "\n").fails_with(&["does not hold a password"]);
    for (weak, why) in [
        ("password1", "is one of the common passwords"),
        ("PassWord1!\n", "is one of the common passwords"),
        ("short", "characters"),
        ("rootroot1", "easy to guess"),
    ] {
        place.run_with(&with_input, weak).fails_with(&["the password", why]);
    }
    assert!(!place.path("data").exists() && !place.path("data.key").exists(), "nothing was made");
    let made = place.run_with(&[with_input.as_slice(), &["--json"]].concat(), PASSWORD).ok();
    assert_eq!((&made.json()["admin"], &made.json()["data"]), (&json!("root"), &json!("data")));
    assert!(made.json()["token"].as_str().unwrap().starts_with("cs_"));
}

#[test]
fn the_data_and_its_key_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    place.init();
    for (name, expected) in [("data", 0o700), ("data.key", 0o600), ("data/countersign.db", 0o600)] {
        let mode = place.path(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{name}: {mode:o}");
    }
}

#[test]
fn a_credential_from_its_making_to_its_removal() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let with_input = |args: &[&str], input: &str| run(server.client(&place, &token, args), input.as_bytes());

    let add = ["credential", "add", "Bücher/Nr. 1 @ 50%", "--username", "alice", "--site", "shop.example.org"];
    let more = [
        "--tag",
        "books",
        "--tag",
        "team",
        "--notes",
        "by the door",
        "--password-stdin",
        "--totp-stdin",
        "--digits",
        "8",
    ];
    let made = with_input(&[add.as_slice(), &more].concat(), &format!("its password\n{SEED}\n")).ok();
    for line in [
        "name      Bücher/Nr. 1 @ 50%",
        "username  alice",
        "site      https://shop.example.org/",
        "password  stored",
        "token     totp SHA1 8 digits 30 s",
        "tags      books, team",
        "status    active",
        "notes     by the door",
    ] {
        assert!(made.out.lines().any(|it| it == line), "{line} is missing in:\n{}", made.out);
    }
    assert!(!made.out.contains("its password") && !made.out.contains(SEED));

    let name = "Bücher/Nr. 1 @ 50%";
    let listed = server.run(&place, &token, &["credential", "list", "--tag", "books"]).ok();
    assert!(listed.out.starts_with(" NAME") && listed.out.contains(name), "{}", listed.out);
    let none = server.run(&place, &token, &["credential", "list", "--second-factor", "false"]).ok();
    assert!(!none.out.contains(name), "{}", none.out);
    let shown = server.run(&place, &token, &["--json", "credential", "show", name]).ok().json();
    assert_eq!((&shown["name"], &shown["username"], &shown["revision"]), (&json!(name), &json!("alice"), &json!(1)));
    let id = shown["id"].as_str().unwrap();

    let edit = ["credential", "edit", name, "--rename", "Books", "--status", "inactive"];
    let more = ["--clear-totp", "--tag", "shop", "--json"];
    let edited = server.run(&place, &token, &[edit.as_slice(), &more].concat()).ok().json();
    assert_eq!(
        (&edited["name"], &edited["status"], &edited["second_factor"]),
        (&json!("Books"), &json!("inactive"), &json!(null))
    );
    assert_eq!((&edited["tags"], &edited["id"]), (&json!(["shop"]), &json!(id)));
    server.run(&place, &token, &["credential", "edit", "Books"]).fails_with(&["nothing to change"]);

    assert_eq!(server.run(&place, &token, &["credential", "remove", id]).ok().out, format!("removed {id}\n"));
    server.run(&place, &token, &["credential", "show", "Books"]).exit(4);
}

#[test]
fn a_long_list_is_whole() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    // Each needs a seed of its own: base32 has no 0, 1, 8 and 9, so a number is written with letters.
    let lines: String = (0..450)
        .map(|number| {
            let letters: String =
                format!("{number:08}").chars().map(|digit| char::from(b'A' + (digit as u8 - b'0'))).collect();
            format!("otpauth://totp/Card{number}?secret={letters}{SEED}\n")
        })
        .collect();
    place.write("many.txt", lines);
    server.run(&place, &token, &["import", "many.txt"]).ok();
    let listed = server.run(&place, &token, &["credential", "list", "--json"]).ok().json();
    let names: std::collections::BTreeSet<&str> =
        listed["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!((names.len(), listed["items"].as_array().unwrap().len()), (450, 450), "three pages");
}

#[test]
fn commands_end_with_the_code_that_says_why() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let code = |token: &str, args: &[&str]| server.run(&place, token, args).code.unwrap();
    assert_eq!(code(&token, &["credential", "list"]), 0);
    assert_eq!(code(&token, &["credential", "add", " "]), 1, "a value that cannot be taken");
    assert_eq!(code(&token, &["credential", "add"]), 2, "no name");
    assert_eq!(code(&token, &["credentials"]), 2, "no such command");
    assert_eq!(code(&token, &["token", "x", "--claim", "--watch"]), 2, "not both");
    assert_eq!(code("cs_notatoken", &["credential", "list"]), 3);
    assert_eq!(code(&token, &["token", "nothing"]), 4);
    assert_eq!(code(&token, &["credential", "remove", "01938d1c-7a31-7000-8000-000000000000"]), 4);

    let failed = server.run(&place, &token, &["--json", "token", "nothing"]).exit(4);
    let error: serde_json::Value = serde_json::from_str(&failed.err).unwrap();
    assert_eq!(error["error"]["type"], "urn:countersign:problem:not-found");
    assert_eq!((failed.out.as_str(), &error["error"]["detail"]), ("", &json!("there is no such credential")));
}

#[tokio::test]
async fn a_role_without_the_right_is_denied() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let body = json!({"name": "viewer", "role": "auditor"});
    let viewer = server.ask(reqwest::Method::POST, "/api/v1/api-tokens", &token, &body).await.ok();
    let viewer = viewer["token"].as_str().unwrap();
    server.run(&place, &token, &["credential", "add", "Instagram", "--totp", SEED]).ok();
    server.run(&place, viewer, &["credential", "show", "Instagram"]).ok();
    let denied = server.run(&place, viewer, &["token", "Instagram"]).exit(3);
    assert!(denied.err.contains("you are not allowed to use this credential's token"), "{}", denied.err);
    assert!(denied.err.contains("hint: ask a manager"), "{}", denied.err);
}

#[test]
fn the_set_up_link_is_printed_until_somebody_can_sign_in() {
    let place = Place::new();
    let mut server = place.serve();
    assert!(server.line().starts_with("Nobody can sign in yet."));
    let link = server.line();
    assert!(link.starts_with(&format!("{}/#/setup/", server.url)), "{link}");
    assert!(server.stop().success(), "told to stop it ends well");
    place.init();
    let mut server = place.serve();
    assert!(server.stop().success());
    assert_eq!(server.line(), "", "no link any more");
}

#[test]
fn doctor_looks_and_makes_nothing() {
    let place = Place::new();
    let before = place.run(&["doctor", "--data", "data"]).exit(1);
    assert!(
        before.out.contains("FAILED   database") && before.out.contains("there is no database at"),
        "{}",
        before.out
    );
    assert_eq!(before.out.matches("start the server once").count(), 1, "said once: {}", before.out);
    assert!(!place.path("data").exists() && !place.path("data.key").exists());
    place.init();
    let sound = place.run(&["doctor", "--data", "data", "--json"]).ok().json();
    let state = |name: &str| {
        let checks = sound["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).map(|check| check["state"].clone())
    };
    assert_eq!((state("key"), state("database")), (Some(json!("ok")), Some(json!("ok"))), "{sound}");
    let _server = place.serve();
    let beside = place.run(&["doctor", "--data", "data"]).ok();
    assert!(beside.out.contains("in use by another server"), "{}", beside.out);
    assert!(!beside.out.contains("stop that one"), "looking needs nothing stopped: {}", beside.out);
}

#[test]
fn promise_7_root_starts_programs_as_somebody_else_within_limits() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let place = Place::new();
    place.init();
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        let refused =
            place.command(&["doctor", "--data", "data"]).env("COUNTERSIGN_BROWSER_USER", "nobody").output().unwrap();
        assert!(String::from_utf8_lossy(&refused.stderr).contains("only where the server runs as root"));
        return;
    }
    let doctor = |user: &str| {
        let mut command = place.command(&["doctor", "--data", "data", "--json"]);
        command.env("COUNTERSIGN_BROWSER_USER", user);
        crate::house::run(command, b"")
    };
    let said = |user: &str, name: &str| {
        let told = doctor(user).ok().json();
        let check = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).cloned().unwrap();
        (check["state"].as_str().unwrap().to_owned(), check["detail"].as_str().unwrap().to_owned())
    };
    let (_, detail) = said("nobody", "chromium");
    assert!(detail.contains("runs as user 65534"), "{detail}");
    let (_, detail) = said("", "chromium");
    assert!(detail.contains("runs as user 655") && !detail.contains("65534"), "{detail}");
    for (user, words) in [("nobody-at-all", "there is no user"), ("root", "could read the vault")] {
        let refused = doctor(user);
        assert!(refused.err.contains(words) || refused.out.contains(words), "{} {}", refused.err, refused.out);
    }
    assert_eq!(said("", "data folder").0, "ok");
    std::fs::set_permissions(place.path("data"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (state, detail) = said("", "data folder");
    assert!(state == "warning" && detail.contains("mode 755"), "{state} {detail}");

    let server = place.serve();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let maximum = |name: &str| -> u64 {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    assert_eq!(maximum("Max core file size"), 0, "{limits}");
    assert!(maximum("Max processes") <= 4_096, "{limits}");
}

#[test]
fn the_demo_is_ready_to_use() {
    let place = Place::new();
    let mut demo = crate::house::Server::demo(&place);
    let mut lines = Vec::new();
    while !lines.iter().any(|line: &String| line.contains("countersign token")) {
        lines.push(demo.line());
    }
    let export = lines.iter().find(|line| line.contains("export COUNTERSIGN_URL=")).unwrap();
    let token = export.rsplit('=').next().unwrap();
    assert!(export.contains(&demo.url), "{export}");
    let answer = demo.run(&place, token, &["token", "Instagram"]).ok();
    assert!(
        answer.out.trim().len() == 6 && answer.out.trim().bytes().all(|byte| byte.is_ascii_digit()),
        "{}",
        answer.out
    );
    assert!(demo.stop().success());
}
