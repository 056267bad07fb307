//! How answers look: tables, JSON, CSV, colours; and what packages install beside the binary.

use crate::{access::Scene, house::Place};

fn scene() -> Scene {
    let scene = Scene::new();
    for (name, username) in [("Shop", "ana"), ("=cmd|' /C calc'!A0", "bob, \"the\" builder")] {
        scene.run(&["credential", "add", name, "--username", username, "--tag", "money"]).ok();
    }
    scene
}

#[test]
fn lists_are_tables_json_or_csv() {
    let scene = scene();
    let listed = |more: &[&str]| scene.run(&[&["credential", "list"], more].concat()).ok();
    let table = listed(&[]);
    assert!(table.out.starts_with(" NAME") && !table.out.contains('\x1b'), "{}", table.out);
    assert_eq!(listed(&["--output", "table"]).out, table.out);
    let json = listed(&["--json"]).json();
    assert_eq!(listed(&["--output", "json"]).json(), json);
    assert_eq!(scene.run(&["--output", "json", "credential", "list"]).ok().json(), json);

    // A name of another person's that a spreadsheet would compute.
    let expected = "name,username,site,token,tags\r\n\
                    \"'=cmd|' /C calc'!A0\",\"bob, \"\"the\"\" builder\",,,money\r\n\
                    Shop,ana,,,money\r\n";
    assert_eq!(listed(&["--output", "csv"]).out, expected);
    for list in [
        "user list",
        "group list",
        "grant list",
        "grant reviews",
        "request list",
        "session list",
        "service-account list",
        "audit list",
        "audit sink list",
        "who Shop",
    ] {
        let words: Vec<&str> = list.split(' ').chain(["--output", "csv"]).collect();
        let done = scene.run(&words).ok();
        let head = done.out.lines().next().unwrap_or_default();
        assert!(
            head.contains(',') && head == head.to_lowercase() && done.out.ends_with("\r\n"),
            "{list}: {}",
            done.out
        );
    }
}

#[test]
fn a_format_that_does_not_fit_is_a_usage_error() {
    let place = Place::new();
    for (line, says) in [
        ("token Shop --output csv", "--output csv is for lists"),
        ("credential list --json --output csv", "give one of both"),
        ("credential list --output yaml", "[possible values: table, json, csv]"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let done = place.run(&words).exit(2);
        assert!(done.err.contains(says) && done.out.is_empty(), "{line}: {}", done.err);
    }
}

#[test]
fn colours_are_for_terminals_and_can_be_refused() {
    let scene = scene();
    let listed = |variables: &[(&str, &str)]| {
        let mut command = scene.server.client(&scene.place, &scene.token, &["user", "list"]);
        command.envs(variables.iter().copied());
        crate::house::run(command, b"").ok().out
    };
    assert!(!listed(&[]).contains('\x1b'));
    let colored = listed(&[("CLICOLOR_FORCE", "1")]);
    assert!(colored.contains("\x1b[2mNAME\x1b[0m") && colored.contains("\x1b[32mactive\x1b[0m"), "{colored:?}");
    assert!(!listed(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\x1b'));

    let on_terminal = |variables: &[(&str, &str)]| {
        let mut command = scene.server.on_terminal(&scene.place, &scene.token, "user list");
        command.envs(variables.iter().copied());
        crate::house::run(command, b"").ok().out
    };
    assert!(on_terminal(&[("TERM", "xterm")]).contains("\x1b[32mactive"));
    assert!(!on_terminal(&[("TERM", "xterm"), ("NO_COLOR", "1")]).contains("\x1b[32m"));
}

#[test]
fn every_shell_completes_commands_and_options() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]).ok().out;
        for word in ["service-account", "inject", "keep-token", "check-out"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    let bash = place.write("countersign.bash", place.run(&["completions", "bash"]).ok().out);
    let asked = "source \"$0\"; COMP_WORDS=(countersign token --wa); COMP_CWORD=2; _countersign countersign --wa token; \
                 echo \"${COMPREPLY[@]}\"";
    let done = std::process::Command::new("bash").arg("-c").arg(asked).arg(bash).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), "--watch", "{}", String::from_utf8_lossy(&done.stderr));
    let unknown = place.run(&["completions", "tcsh"]).exit(2);
    assert!(unknown.err.contains("bash, elvish, fish, powershell, zsh"), "{}", unknown.err);
}

#[test]
fn every_command_has_a_page_for_man() {
    let place = Place::new();
    let done = place.run(&["man", "pages/man1"]).ok();
    assert!(done.out.contains("pages/man1"), "{}", done.out);
    let page = |name: &str| std::fs::read_to_string(place.path(&format!("pages/man1/{name}.1"))).unwrap();
    assert!(page("countersign").contains("CLICOLOR_FORCE"));
    assert!(page("countersign-token").contains("\\-\\-watch"));
    assert!(page("countersign-audit-sink-add").contains("syslog"));
    assert!(page("countersign-exec").contains("cs://NAME/FIELD"));
    place.write("in the way", "");
    place.run(&["man", "in the way"]).fails_with(&["in the way cannot be made"]);
}
