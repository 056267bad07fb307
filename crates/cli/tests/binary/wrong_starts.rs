//! What is wrong at the start: each is told with what to do, and nothing half-made stays.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};

use crate::house::{Done, PASSWORD, Place};

fn serve(place: &Place, args: &[&str]) -> Done {
    place.run(&[&["serve", "--listen", "127.0.0.1:0"], args].concat())
}

#[test]
fn a_second_server_on_the_same_file() {
    let place = Place::new();
    place.init();
    let server = place.serve();
    let by = format!("process {}", server.id());
    let parts = ["data/countersign.db is in use by another server", &by, "stop that one first"];
    serve(&place, &["--data", "data"]).fails_with(&parts);
    place.run_with(&["init", "--data", "data", "--admin", "eve", "--password-stdin"], PASSWORD).fails_with(&parts);
    // The first goes on, and its place is free once it has ended, however it ended.
    drop(server);
    let _again = place.serve();
}

#[test]
fn a_bare_path_as_database() {
    let place = Place::new();
    let missing = serve(&place, &["--data", "data", "--database", "vaults/team"]);
    missing
        .fails_with(&["`vaults/team` is neither a database address nor an existing file", "write sqlite:vaults/team"]);
    serve(&place, &["--database", "mysql://localhost/x"]).fails_with(&["`mysql:` databases are not supported"]);
    serve(&place, &["--database", "sqlite:"]).fails_with(&["names no file"]);
    let password = serve(&place, &["--database", "postgres://root:hunter2@127.0.0.1:1/x", "--data", "data"]);
    let password = password.fails_with(&["127.0.0.1"]);
    assert!(!password.err.contains("hunter2"), "{}", password.err);
    assert!(!place.path("vaults").exists());
}

#[test]
fn a_key_file_of_another_vault() {
    let (place, other) = (Place::new(), Place::new());
    place.init();
    other.init();
    let own = fs::read(place.path("data.key")).unwrap();
    fs::copy(other.path("data.key"), place.path("data.key")).unwrap();
    let parts = [
        "this key file belongs to vault ",
        "the database to vault ",
        "use the key file that was made with this database",
    ];
    serve(&place, &["--data", "data"]).fails_with(&parts);
    place.write("data.key", own);
    place.serve();
}

#[test]
fn a_key_file_that_others_can_read() {
    let place = Place::new();
    place.init();
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(place.path("data.key"), fs::Permissions::from_mode(mode)).unwrap();
        let said = format!("can be read by other users (mode {mode:03o}): run chmod 600 on it");
        serve(&place, &["--data", "data"]).fails_with(&["the key file data.key", &said]);
    }
}

#[test]
fn a_key_file_that_is_missing_or_damaged() {
    let place = Place::new();
    place.init();
    let text = fs::read_to_string(place.path("data.key")).unwrap();
    fs::remove_file(place.path("data.key")).unwrap();
    serve(&place, &["--data", "data"]).fails_with(&["the key file data.key is missing", "restore it"]);
    assert!(!place.path("data.key").exists(), "no other key is made for a vault that has one");
    for damaged in ["", "hello\n", &text[..text.len() - 10]] {
        place.write("data.key", damaged);
        fs::set_permissions(place.path("data.key"), fs::Permissions::from_mode(0o600)).unwrap();
        let said = serve(&place, &["--data", "data"]).fails_with(&["not a key file of Countersign"]);
        assert!(!said.err.contains(text.lines().last().unwrap()), "{}", said.err);
    }
    // One letter of the key, which keeps the form.
    let at = text.rfind("key ").unwrap() + 6;
    let letter = if &text[at..=at] == "A" { "B" } else { "A" };
    place.write("data.key", format!("{}{letter}{}", &text[..at], &text[at + 1..]));
    serve(&place, &["--data", "data"]).fails_with(&["the key file does not open this vault"]);
    place.write("data.key", &text);
    place.serve();
}

#[test]
fn a_passphrase_in_place_of_a_key_file() {
    let place = Place::new();
    place.write_private("words", "seven green bottles\n");
    let init = ["init", "--data", "data", "--admin", "root", "--password-stdin", "--passphrase-file"];
    place.run_with(&[init.as_slice(), &["words"]].concat(), PASSWORD).ok();
    assert!(!place.path("data.key").exists());
    serve(&place, &["--data", "data"]).fails_with(&["this vault is unlocked by a passphrase"]);
    place.write_private("wrong", "seven green battles");
    serve(&place, &["--data", "data", "--passphrase-file", "wrong"])
        .fails_with(&["the passphrase does not open this vault"]);
    place.write_private("empty", "\n");
    serve(&place, &["--data", "data", "--passphrase-file", "empty"])
        .fails_with(&["the passphrase file empty is empty"]);
    serve(&place, &["--data", "data", "--passphrase-file", "missing"])
        .fails_with(&["the passphrase file missing cannot be read"]);
    serve(&place, &["--data", "data", "--passphrase-file", "words", "--key-file", "k"]).fails_with(&["one of them"]);
    place.serve_with(&["--data", "data", "--passphrase-file", "words"], &[]);
}

#[test]
fn a_settings_file() {
    let place = Place::new();
    place.init();
    place.write("unknown.toml", "data = \"data\"\n\nlisten_on = \"127.0.0.1:0\"\n");
    let unknown = place.run(&["serve", "--config", "unknown.toml"]);
    unknown.fails_with(&[
        "the settings file unknown.toml is not right",
        "line 3, column 1",
        "unknown field `listen_on`",
        "`listen`",
    ]);
    place.write("wrong.toml", "secure_cookies = \"yes\"\n");
    place.run(&["serve", "--config", "wrong.toml"]).fails_with(&["line 1, column 18", "expected a boolean"]);
    place.write("broken.toml", "data = \n");
    place.run(&["serve", "--config", "broken.toml"]).fails_with(&["line 1"]);
    place.run(&["serve", "--config", "missing.toml"]).fails_with(&["the settings file missing.toml cannot be read"]);
    place.write("right.toml", "data = \"data\"\nlisten = \"127.0.0.1:1\"\nsecure_cookies = true\n");
    // Flags win over the file.
    place.serve_with(&["--config", "right.toml"], &[]);
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let place = Place::new();
    fs::create_dir(place.path("data")).unwrap();
    let text = "this is a letter, and no database at all. ".repeat(100);
    place.write("data/countersign.db", &text);
    serve(&place, &["--data", "data"]).fails_with(&["cannot open sqlite:data/countersign.db"]);
    assert_eq!(fs::read_to_string(place.path("data/countersign.db")).unwrap(), text);
    assert!(!place.path("data.key").exists());
    place.write("file", "");
    serve(&place, &["--data", "file"]).fails_with(&["file"]);
}

#[test]
fn an_address_that_is_taken_or_none() {
    let place = Place::new();
    place.init();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = place.run(&["serve", "--data", "data", "--listen", &address]);
    said.fails_with(&[&format!("cannot listen on {address}"), "Address already in use"]);
    place.run(&["serve", "--data", "data", "--listen", "nowhere"]).fails_with(&["cannot listen on nowhere"]);
}

#[test]
fn a_client_that_finds_no_server() {
    let place = Place::new();
    let client = |url: Option<&str>, token: Option<&str>| {
        let mut command = place.command(&["credential", "list"]);
        command.envs(url.map(|url| ("COUNTERSIGN_URL", url))).envs(token.map(|token| ("COUNTERSIGN_TOKEN", token)));
        crate::house::run(command, b"")
    };
    client(None, None).fails_with(&["which server?", "countersign login URL", "COUNTERSIGN_URL"]);
    client(Some("http://127.0.0.1:1"), None).fails_with(&["which server?", "COUNTERSIGN_TOKEN"]);
    client(Some("127.0.0.1:7117"), Some("cs_x")).fails_with(&["must begin with http:// or https://"]);
    client(Some("http://127.0.0.1:1"), Some("cs_x"))
        .fails_with(&["http://127.0.0.1:1 does not answer: is it running there?"]);
    client(Some("http://"), Some("cs_x")).fails_with(&["http://"]);

    // Something else answers there.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", other.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = other.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").unwrap();
        length
    });
    client(Some(&url), Some("cs_x")).fails_with(&[&url, "answered 404 Not Found: is that a Countersign server?"]);
    assert!(answering.join().unwrap() > 0);
}

/// The key is beside the folder however the folder is named.
#[test]
fn the_key_of_a_vault_in_the_working_folder_is_beside_it() {
    let place = Place::new();
    fs::create_dir(place.path("here")).unwrap();
    let mut init = place.command(&["init", "--data", ".", "--admin", "root", "--password-stdin"]);
    init.current_dir(place.path("here"));
    crate::house::run(init, PASSWORD.as_bytes()).ok();
    assert!(place.path("here.key").exists());
    let inside: Vec<_> = fs::read_dir(place.path("here")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(inside.iter().all(|name| !name.to_string_lossy().ends_with(".key")), "{inside:?}");
    place.run(&["audit", "export", "--data", "here"]).ok();

    // One that an earlier version put inside is still used, and said.
    fs::rename(place.path("here.key"), place.path("here/countersign.key")).unwrap();
    let mut doctor = place.command(&["doctor", "--data", "."]);
    doctor.current_dir(place.path("here"));
    let told = crate::house::run(doctor, b"").ok();
    assert_eq!(told.err.matches("is inside the data folder").count(), 1, "{}", told.err);
    assert!(told.out.contains("opens the vault"), "{}", told.out);
}

#[tokio::test]
async fn a_server_on_a_path_of_its_host() {
    let place = Place::new();
    let token = place.init();
    serve(&place, &["--data", "data", "--base-path", "a b"]).exit(2);
    let server = place.serve_with(&["--data", "data", "--base-path", "/vault"], &[]);
    assert!(server.url.ends_with("/vault"), "{}", server.url);
    // `server.url` has the path in it; a proxy that takes it off asks without.
    server.get("/api/v1/me", &token).await.ok();
    let page = server.get("/", "").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("=\"/assets") && !page.text.contains("=\"/theme"), "{}", page.text);
    let bare = server.url.trim_end_matches("/vault").to_owned();
    let run = |url: &str| {
        let mut list = place.command(&["credential", "list"]);
        list.env("COUNTERSIGN_URL", url).env("COUNTERSIGN_TOKEN", &token);
        crate::house::run(list, b"")
    };
    run(&server.url).ok();
    run(&bare).ok();
    let body = serde_json::json!({"name": "root", "password": PASSWORD});
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let signed_in = client.post(format!("{}/api/v1/sign-in", server.url)).json(&body).send().await.unwrap();
    assert!(signed_in.headers()["set-cookie"].to_str().unwrap().contains("; Path=/vault;"));
    let moved = client.get(&server.url).send().await.unwrap();
    assert_eq!((moved.status().as_u16(), &moved.headers()["location"]), (308, &"/vault/".parse().unwrap()));
    assert_eq!(server.get("s/api/v1/me", &token).await.status, 404, "another path");
}

#[test]
fn what_is_no_regular_file_is_told_as_that() {
    let place = Place::new();
    place.init();
    fs::create_dir(place.path("folder")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    for (name, what) in [("folder", "is a folder"), ("pipe", "is a pipe"), ("/dev/zero", "is a device")] {
        let said = |subject: &str| format!("{subject} {name} {what}, and no file: name a regular file");
        for (flag, subject) in [
            ("--key-file", "the key file"),
            ("--passphrase-file", "the passphrase file"),
            ("--config", "the settings file"),
        ] {
            serve(&place, &["--data", "data", flag, name]).fails_with(&[&said(subject)]);
        }
        place.run(&["key", "import", name, "--data", "data"]).fails_with(&[&said("the share")]);
        place.run(&["restore", name, "--data", "other"]).fails_with(&[name, what]);
        let recipe = place.run(&["recipe", "check", name]).exit(1);
        assert!(format!("{}{}", recipe.out, recipe.err).contains(what), "{}{}", recipe.out, recipe.err);
        let env = [("COUNTERSIGN_URL", "http://127.0.0.1:1"), ("COUNTERSIGN_TOKEN", "cs_x")];
        place.run_env(&["import", name], &env).fails_with(&[&said("the file")]);
    }
}

#[test]
fn an_address_that_is_none_leaves_nothing_behind() {
    let place = Place::new();
    for address in ["127.0.0.1:99999", "127.0.0.1", "nowhere at all:1"] {
        place.run(&["serve", "--listen", address, "--data", "data"]).fails_with(&[
            "cannot listen on",
            address,
            "127.0.0.1:7117",
        ]);
    }
    assert!(!place.path("data").exists() && !place.path("data.key").exists());
}

#[test]
fn nothing_is_sent_in_the_clear_to_a_public_address() {
    let place = Place::new();
    let allowed = ("COUNTERSIGN_ALLOW_PRIVATE", "1");
    for url in ["http://vault.example.org", "http://8.8.8.8:7117", "http://[2606:2800:21f::1]/"] {
        let env = [("COUNTERSIGN_URL", url), ("COUNTERSIGN_TOKEN", "cs_x"), allowed];
        for command in
            [&["token", "x"][..], &["credential", "list"], &["user", "list"], &["audit", "export"], &["key", "show"]]
        {
            place.run_env(command, &env).fails_with(&[url, "plain HTTP", "nothing was sent"]);
        }
        place.run_env(&["login", url, "--name", "x", "--password-stdin"], &[allowed]).fails_with(&["nothing was sent"]);
    }
}

#[test]
fn a_public_key_that_is_none_is_no_finding() {
    let place = Place::new();
    place.write("log.jsonl", "");
    for key in ["zz", "", &"a".repeat(63)] {
        place.run(&["audit", "verify", "log.jsonl", "--key", key]).fails_with(&["64 hexadecimal digits"]);
    }
}
