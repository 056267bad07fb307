//! Tokens for a person at a terminal: followed, copied, chosen from a list.

use std::{
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::Child,
};

use crate::{
    access::Scene,
    house::{Done, SEED, oathtool, run},
};

/// A credential whose tokens last so many seconds.
fn scene(period: &str) -> Scene {
    let scene = Scene::new();
    scene.run(&["credential", "add", "Fast", "--username", "ana", "--totp", SEED, "--period", period]).ok();
    scene
}

/// Reads what comes until it is enough.
fn read_until(child: &mut Child, enough: impl Fn(&str) -> bool) -> String {
    let out = child.stdout.as_mut().unwrap();
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if enough(&text) {
            return text;
        }
        let count = out.read(&mut piece).unwrap();
        assert!(count > 0, "it ended before: {text:?}");
        bytes.extend(&piece[..count]);
    }
}

#[test]
fn a_token_is_followed_in_one_line_until_ctrl_c() {
    let scene = scene("2");
    let mut child = scene.server.on_terminal(&scene.place, &scene.token, "token Fast --watch").spawn().unwrap();
    let drawn = |text: &str| -> Vec<String> {
        let lines = text.split("\r\x1b[2K").skip(1).filter(|line| line.ends_with(" s"));
        lines.map(|line| line.split("  ").next().unwrap().to_owned()).collect()
    };
    let text = read_until(&mut child, |text| {
        let mut tokens = drawn(text);
        tokens.dedup();
        tokens.len() >= 3
    });
    assert!(!text.contains('\n'), "one line: {text:?}");
    for token in drawn(&text) {
        assert!(token.len() == 7 && token.as_bytes()[3] == b' ', "three and three: {token:?}");
    }
    assert!(text.contains(" 2 s\r\x1b[2K") || text.contains(" 1 s\r\x1b[2K"), "{text:?}");
    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    let mut rest = String::new();
    child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "Ctrl-C is how it ends");
    assert!(rest.ends_with('\n'), "the prompt stands in a line of its own: {rest:?}");
}

#[test]
fn a_credential_is_chosen_from_a_list_on_a_terminal_alone() {
    let scene = scene("30");
    scene.run(&["credential", "add", "Slow", "--username", "ben", "--totp", SEED, "--digits", "8"]).ok();
    scene.run(&["credential", "add", "No token"]).ok();
    let none = scene.run(&["token"]).exit(2);
    assert!(none.err.contains("name a credential") && none.out.is_empty(), "{}", none.err);

    let choose = |keys: &[u8]| -> Done {
        let mut child = scene.server.on_terminal(&scene.place, &scene.token, "token").spawn().unwrap();
        let list = read_until(&mut child, |text| text.contains("Esc leaves"));
        assert!(list.contains("> Fast") && list.contains("  Slow") && !list.contains("No token"), "{list:?}");
        child.stdin.as_mut().unwrap().write_all(keys).unwrap();
        let mut rest = String::new();
        child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        Done::of("token", child.wait().unwrap().code(), rest)
    };
    let digits = |done: &Done| done.out.trim_end().rsplit('\n').next().unwrap_or_default().trim().len();
    assert_eq!(digits(&choose(b"\r").ok()), 6);
    assert_eq!(digits(&choose(b"\x1b[B\r").ok()), 8);
    assert_eq!(digits(&choose(b"ben\r").ok()), 8);
    let before = scene.json(&["audit", "list", "--act", "token.read"])["items"].as_array().unwrap().len();
    choose(b"\x1b").exit(1);
    choose(b"\x03").exit(1);
    let after = scene.json(&["audit", "list", "--act", "token.read"])["items"].as_array().unwrap().len();
    assert_eq!((before, after), (3, 3), "who leaves takes no token");
}

/// A desktop whose clipboard is a file; all that was ever copied stands in another.
fn desktop(scene: &Scene, paste: &str) -> String {
    let folder = scene.place.path("bin");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in [
        (
            "wl-copy",
            "#!/bin/sh\n[ $# = 0 ] || exit 1\ntee \"$HOME/clipboard\" >> \"$HOME/copied\"\necho >> \"$HOME/copied\"\n",
        ),
        ("wl-paste", paste),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

fn copy(scene: &Scene, path: &str, display: &str) -> Done {
    let mut command = scene.server.client(&scene.place, &scene.token, &["token", "Fast", "--copy"]);
    command.env("PATH", path).env("WAYLAND_DISPLAY", display);
    run(command, b"")
}

#[test]
fn a_copied_token_is_cleared_when_it_no_longer_counts() {
    let scene = scene("1");
    let path = desktop(&scene, "#!/bin/sh\ncat \"$HOME/clipboard\"\n");
    let read = |name: &str| std::fs::read_to_string(scene.place.path(name)).unwrap();
    let done = copy(&scene, &path, "wayland-0").ok();
    let said: Vec<&str> = done.out.lines().collect();
    assert!(said[0].starts_with("copied with wl-copy; cleared in ") && said[0].ends_with(" s"), "{said:?}");
    assert_eq!(said[1..], ["the clipboard is cleared"]);
    let copied = read("copied");
    assert_eq!(copied.lines().map(str::len).collect::<Vec<_>>(), [6, 0], "{copied:?}");
    assert_eq!(read("clipboard"), "");

    // Somebody has copied something else meanwhile.
    let path = desktop(&scene, "#!/bin/sh\necho other > \"$HOME/clipboard\"; echo other\n");
    let done = copy(&scene, &path, "wayland-0").ok();
    assert!(done.out.ends_with("holds something else by now, and was left alone\n"), "{}", done.out);
    assert_eq!(read("clipboard"), "other\n");

    // It cannot be read.
    let path = desktop(&scene, "#!/bin/sh\nexit 1\n");
    assert!(copy(&scene, &path, "wayland-0").ok().out.ends_with("the clipboard is cleared\n"));
    assert_eq!(read("clipboard"), "");
}

#[test]
fn a_terminal_copies_where_there_is_no_desktop() {
    let scene = scene("2");
    let before = scene.json(&["audit", "list", "--act", "token.read"])["items"].as_array().unwrap().len();
    let path = desktop(&scene, "#!/bin/sh\nexit 1\n");
    let nowhere = copy(&scene, &path, "").fails_with(&["there is no clipboard here", "wl-copy"]);
    assert!(nowhere.out.is_empty());
    let after = scene.json(&["audit", "list", "--act", "token.read"])["items"].as_array().unwrap().len();
    assert_eq!(before, after, "no token is taken that cannot be copied");

    let mut script = scene.server.on_terminal(&scene.place, &scene.token, "token Fast --copy --reason demo");
    let seconds = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let begin = seconds();
    script.stderr(std::process::Stdio::inherit());
    let done = run(script, b"").ok();
    let tokens: Vec<String> = (begin - 2..=seconds()).map(|unix| oathtool(SEED, "SHA1", 6, 2, unix)).collect();
    let copied = |token: &String| {
        let text = data_encoding::BASE64.encode(token.as_bytes());
        done.out.contains(&format!("\x1b]52;c;{text}\x07"))
    };
    assert!(tokens.iter().any(copied), "{:?}", done.out);
    let (_, after) = done.out.split_once("copied with the terminal (OSC 52)").unwrap();
    assert!(after.contains("\x1b]52;c;\x07") && after.contains("the clipboard is cleared"), "{:?}", done.out);
    assert!(!tokens.iter().any(|token| done.out.contains(token.as_str())), "it is not shown: {:?}", done.out);
}
