//! Secrets in the hands of other programs: `exec` and `inject`; and names that were typed wrong.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::{fs::PermissionsExt as _, process::ExitStatusExt as _},
};

use serde_json::Value;

use crate::{
    access::Scene,
    house::{Done, SEED, run},
};

const PASSWORD: &str = "it's $HOME and \"more\"";

/// Two credentials, one of them with everything.
fn scene() -> Scene {
    let scene = Scene::new();
    let add =
        ["credential", "add", "Shop/front 50%", "--username", "ana", "--site", "https://shop.example.org", "--notes"];
    let rest = ["by the door", "--totp", SEED, "--period", "30", "--password-stdin"];
    let command = scene.server.client(&scene.place, &scene.token, &[add.as_slice(), &rest].concat());
    run(command, PASSWORD.as_bytes()).ok();
    scene.run(&["credential", "add", "Bank", "--username", "ben"]).ok();
    scene
}

fn with(scene: &Scene, args: &[&str], variables: &[(&str, &str)]) -> Done {
    let mut command = scene.server.client(&scene.place, &scene.token, args);
    command.envs(variables.iter().copied());
    run(command, b"")
}

fn reveals(scene: &Scene) -> Vec<Value> {
    let listed = scene.json(&["audit", "list", "--credential", "Shop/front 50%", "--act", "password.revealed"]);
    listed["items"].as_array().unwrap().clone()
}

#[test]
fn a_command_finds_secrets_in_its_environment() {
    let scene = scene();
    let asked = ["exec", "--env", "PW=cs://Shop%2Ffront 50%25/password", "--", "sh", "-c", "printf %s \"$PW\"; exit 7"];
    let done = scene.run(&asked).exit(7);
    assert_eq!((done.out.as_str(), done.err.as_str()), (PASSWORD, ""), "nothing of ours is printed");

    // References that stand in the environment, and one that is given over one of them.
    let variables =
        [("A", "cs://Shop%2Ffront%2050%25/username"), ("B", "cs://Shop%2Ffront 50%25/notes"), ("C", "plain")];
    let asked = ["exec", "--env", "B=cs://Bank/username", "--", "sh", "-c", "echo $A $B $C ${COUNTERSIGN_TOKEN-none}"];
    assert_eq!(with(&scene, &asked, &variables).ok().out, "ana ben plain none\n");
    let kept = scene.run(&["exec", "--keep-token", "--", "sh", "-c", "echo $COUNTERSIGN_TOKEN"]).ok();
    assert_eq!(kept.out.trim(), scene.token);

    // All that a credential has, by its name and by its id.
    let id = scene.json(&["credential", "show", "Shop/front 50%"])["id"].as_str().unwrap().to_owned();
    for name in ["Shop/front 50%", &id] {
        let done = scene.run(&["exec", name, "Bank", "--", "env"]).ok();
        let line = |begin: &str| done.out.lines().find_map(|line| line.strip_prefix(begin)).map(str::to_owned);
        assert_eq!(line("SHOP_FRONT_50_USERNAME=").as_deref(), Some("ana"));
        assert_eq!(line("SHOP_FRONT_50_PASSWORD=").as_deref(), Some(PASSWORD));
        assert_eq!(line("SHOP_FRONT_50_SITE=").as_deref(), Some("https://shop.example.org/"));
        assert_eq!(line("SHOP_FRONT_50_TOKEN=").map(|token| token.len()), Some(6), "{}", done.out);
        assert_eq!(line("BANK_USERNAME=").as_deref(), Some("ben"));
        assert!(line("BANK_PASSWORD=").is_none() && line("BANK_TOKEN=").is_none(), "{}", done.out);
    }
}

#[test]
fn a_secret_is_never_an_argument_and_each_is_recorded_once() {
    let scene = scene();
    let reference = "cs://Shop%2Ffront 50%25/password";
    let (env, fd) = (format!("PW={reference}"), format!("5={reference}"));
    let look = "tr '\\0' '\\n' < /proc/$$/cmdline; cat <&5";
    let asked = ["exec", "--env", &env, "--fd", &fd, "--", "sh", "-c", look];
    let done = with(&scene, &asked, &[("COUNTERSIGN_REASON", "deploy"), ("COUNTERSIGN_TICKET", "OPS-7")]).ok();
    assert_eq!(done.out, format!("sh\n-c\n{look}\n{PASSWORD}"));
    let records = reveals(&scene);
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["reason"], "deploy", "{records:?}");

    let stdin = format!("0={reference}");
    assert_eq!(scene.run(&["exec", "--fd", &stdin, "--", "cat"]).ok().out, PASSWORD);
}

#[test]
fn a_command_is_there_in_our_place() {
    let scene = scene();
    let asked = ["exec", "Bank", "--", "sh", "-c", "echo ready; exec sleep 1000"];
    let mut child = scene.server.client(&scene.place, &scene.token, &asked).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(15));

    let missing = ["exec", "--fd", "3=cs://Bank/username", "--fd", "4=cs://Bank/username", "--", "no-such-command"];
    assert!(scene.run(&missing).exit(127).err.contains("no-such-command cannot be run"));
    let file = scene.place.write("no program", "");
    scene.run(&["exec", "--", file.to_str().unwrap()]).exit(126);
}

#[tokio::test]
async fn nothing_runs_without_all_of_its_secrets() {
    let scene = scene();
    let mark = scene.place.path("it ran");
    let ran = |args: &[&str]| -> Vec<String> {
        let all = [&["exec"], args, &["--", "touch", "it ran"]].concat();
        all.into_iter().map(str::to_owned).collect()
    };
    for (args, code, says) in [
        (&["--env", "A=cs://Bnak/username"][..], 4, "A (cs://Bnak/username): there is no such credential"),
        (&["Bnak"], 4, "did you mean \"Bank\"?"),
        (&["--env", "A=cs://Bank/site"], 1, "Bank has no site"),
        (&["--env", "A=cs://Bank/pin"], 2, "\"pin\" is no field"),
        (&["--env", "A=Bank"], 2, "begins with cs://"),
        (&["--fd", "1=cs://Bank/username"], 2, "0 or a number from 3 to 1023"),
        (&["--fd", "3=cs://Bank/username", "--fd", "3=cs://Bank/username"], 2, "given twice"),
        (&["Bank", "bank"], 2, "would both be in BANK_USERNAME"),
    ] {
        let words = ran(args);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let done = scene.run(&words).exit(code);
        assert!(done.err.contains(says) && done.out.is_empty(), "{args:?}: {}", done.err);
    }
    let done = with(&scene, &["exec", "--", "touch", "it ran"], &[("DB", "cs://Bank")]).exit(2);
    assert!(done.err.contains("the variable DB: a reference ends with a field"), "{}", done.err);

    let mia = scene.member("mia").await;
    scene.run(&["grant", "add", "--user", "mia", "--credential", "Shop/front 50%", "--token"]).ok();
    let asked = ["exec", "--env", "A=cs://Shop%2Ffront 50%25/password", "--", "touch", "it ran"];
    let denied = scene.server.run(&scene.place, &mia, &asked).exit(3);
    assert!(denied.err.contains("error: A (cs://Shop%2Ffront 50%25/password): "), "{}", denied.err);
    let theirs = scene.server.run(&scene.place, &mia, &["exec", "Shop/front 50%", "--", "env"]).ok();
    assert!(theirs.out.contains("_TOKEN=") && !theirs.out.contains("_PASSWORD="), "{}", theirs.out);
    assert!(!mark.exists());
}

#[test]
fn a_template_is_filled_whole_or_not_at_all() {
    let scene = scene();
    let template = "user = {{ cs://Shop%2Ffront 50%25/username }}\npassword = {{cs://Shop%2Ffront 50%25/password}}\n\
                    again = {{ cs://Shop%2Ffront 50%25/password }} {{ .Other }}";
    scene.place.write("config.tpl", template);
    let expected = format!("user = ana\npassword = {PASSWORD}\nagain = {PASSWORD} {{{{ .Other }}}}");
    assert_eq!(scene.run(&["inject", "config.tpl"]).ok().out, expected);
    assert_eq!(reveals(&scene).len(), 1, "one place or two, it is read once");
    let from_stdin = run(scene.server.client(&scene.place, &scene.token, &["inject", "-"]), template.as_bytes()).ok();
    assert_eq!(from_stdin.out, expected);

    let out = scene.place.write("config", "as it was");
    let done = scene.run(&["inject", "config.tpl", "--out", "config"]).ok();
    assert_eq!(done.out, "wrote config with 3 places filled in\n");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), expected);
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);

    for (text, code, says) in [
        (
            "a\n  b {{ cs://Shpo/password }}",
            4,
            "wrong.tpl, line 2, column 8 (cs://Shpo/password): there is no such credential",
        ),
        ("{{ cs://Bank/username }}{{ cs://Bank/password }}", 4, "wrong.tpl, line 1, column 28 (cs://Bank/password): "),
        ("{{ cs://Bank/username", 1, "wrong.tpl, line 1, column 4: the reference is not closed"),
        ("{{ cs://Bank/pin }}", 1, "wrong.tpl, line 1, column 4: \"pin\" is no field"),
    ] {
        scene.place.write("wrong.tpl", text);
        let done = scene.run(&["inject", "wrong.tpl", "--out", "config"]).exit(code);
        assert!(done.err.contains(says), "{text}: {}", done.err);
        assert_eq!(std::fs::read_to_string(&out).unwrap(), expected, "{text}");
        assert_eq!(scene.run(&["inject", "wrong.tpl"]).exit(code).out, "", "{text}");
    }
    scene.place.write("wrong.tpl", [0xff]);
    scene.run(&["inject", "wrong.tpl"]).fails_with(&["wrong.tpl is no text in UTF-8"]);
    scene.run(&["inject", "config.tpl", "--out", "nowhere/config"]).fails_with(&["nowhere/config cannot be written"]);
    let left = std::fs::read_dir(scene.place.path("")).unwrap();
    let left: Vec<_> = left
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_wrong_name_brings_up_near_ones() {
    let scene = scene();
    for line in [
        "token Bnak",
        "reveal Bnak",
        "change Bnak",
        "who Bnak",
        "check-out Bnak",
        "check-in Bnak",
        "credential show Bnak",
        "credential edit Bnak --username x",
        "credential tag Bnak --add x",
        "credential policy Bnak --never",
        "credential remove Bnak",
        "automation show Bnak",
        "session start Bnak",
        "session list --credential Bnak",
        "grant list --credential Bnak",
        "grant add --user root --credential Bnak --token",
        "request add Bnak --reason x",
        "request list --credential Bnak",
        "audit list --credential Bnak",
        "exec Bnak -- true",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let done = scene.run(&words).exit(4);
        assert!(done.err.contains("error: there is no such credential\n"), "{line}: {}", done.err);
        let hint = "hint: you may see no credential \"Bnak\"; did you mean \"Bank\"?";
        assert!(done.err.contains(hint), "{line}: {}", done.err);
    }
    let json = scene.run(&["token", "shop", "--json"]).exit(4);
    let told: Value = serde_json::from_str(&json.err).unwrap();
    assert_eq!(told["error"]["hint"], "you may see no credential \"shop\"; did you mean \"Shop/front 50%\"?", "{told}");
    assert!(!scene.run(&["token", "Telephone"]).exit(4).err.contains("did you mean"));
}
