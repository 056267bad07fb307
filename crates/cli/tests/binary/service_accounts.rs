//! Service accounts by the command line, and the examples for other programs, run as they stand.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::json;

use crate::house::{Place, SEED, Server, run};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

struct Machine {
    id: String,
    secret: String,
}

/// A server with a credential whose name no path holds as it is, and a service account that was granted it.
async fn scene(place: &Place) -> (Server, String, Machine) {
    let root = place.init();
    let server = place.serve();
    let new = json!({"name": "Shop / front ü", "password": "its password", "totp": {"secret": SEED}});
    server.ask(reqwest::Method::POST, "/api/v1/credentials", &root, &new).await.ok();
    let add = ["service-account", "add", "deploy", "--scope", "token reveal", "--network", "127.0.0.0/8", "--json"];
    let made = server.run(place, &root, &add).ok().json();
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    let machine = Machine { id: text("id"), secret: text("client_secret") };
    let grant = ["grant", "add", "--user", "deploy", "--credential", "Shop / front ü", "--token", "--reveal"];
    server.run(place, &root, &grant).ok();
    (server, root, machine)
}

fn with(mut command: Command, server: &Server, machine: &Machine) -> Command {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("COUNTERSIGN_URL", &server.url)
        .env("COUNTERSIGN_CLIENT_ID", &machine.id)
        .env("COUNTERSIGN_CLIENT_SECRET", &machine.secret);
    command
}

/// Whether the machine has an interpreter. That it has those of the build is asked for.
fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|done| done.status.success())
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[tokio::test]
async fn the_examples_print_the_token() {
    let place = Place::new();
    let (server, root, machine) = scene(&place).await;
    assert!(has("curl") && has("python3"), "the examples are run with curl and python3");
    for example in ["token.sh", "token.py"] {
        let mut command = with(Command::new(examples().join(example)), &server, &machine);
        command.arg("Shop / front ü");
        let done = run(command, b"").ok();
        assert!(is_code(done.out.trim()), "{example}: {}", done.out);
        // What is not granted is said, and is a failure.
        let mut command = with(Command::new(examples().join(example)), &server, &machine);
        command.arg("Bank");
        let done = run(command, b"");
        assert!(done.code != Some(0) && !is_code(done.out.trim()), "{example}: {}", done.out);
    }
    for (secret, wanted) in [("password", "its password"), ("token", "")] {
        let command = with(Command::new(examples().join("terraform/external.py")), &server, &machine);
        let query = json!({"credential": "Shop / front ü", "secret": secret}).to_string();
        let answer = run(command, query.as_bytes()).ok().json();
        let given = answer[secret].as_str().unwrap();
        assert!(given == wanted || is_code(given), "{answer}");
    }
    // Terraform's own file names the program that was run.
    let main = std::fs::read_to_string(examples().join("terraform/main.tf")).unwrap();
    assert!(main.contains("external.py") && main.contains("secret     = \"password\""));
    let records = server.get("/api/v1/audit/records?act=token.read", &root).await.ok();
    assert_eq!(records["items"][0]["actor"]["kind"], json!("service_account"));
    playbook(&place, &server, &machine);
}

/// Ansible's playbook: run where the machine has Ansible, and read everywhere.
fn playbook(place: &Place, server: &Server, machine: &Machine) {
    let playbook = examples().join("ansible/token.yml");
    let text = std::fs::read_to_string(&playbook).unwrap();
    for part in
        ["/api/v1/oauth/token", "body_format: form-urlencoded", "grant_type: client_credentials", "no_log: true"]
    {
        assert!(text.contains(part), "{part}");
    }
    if !has("ansible-playbook") {
        return;
    }
    let to = place.path("token");
    let mut command = with(Command::new("ansible-playbook"), server, machine);
    let given = json!({"credential": "Shop / front ü", "to": to}).to_string();
    command.arg(&playbook).args(["--extra-vars", &given]);
    run(command, b"").ok();
    assert!(is_code(std::fs::read_to_string(to).unwrap().trim()));
}

#[tokio::test]
async fn secrets_are_rotated_and_accounts_kept_out() {
    let place = Place::new();
    let (server, root, first) = scene(&place).await;
    let command = |args: &[&str]| server.run(&place, &root, args);
    let token = |machine: &Machine| {
        let mut command = with(Command::new(examples().join("token.py")), &server, machine);
        command.arg("Shop / front ü");
        run(command, b"").code == Some(0)
    };
    let rotated = command(&["service-account", "rotate", "Deploy", "--overlap", "1"]).ok();
    let second = Machine { id: first.id.clone(), secret: rotated.out.trim().to_owned() };
    assert!(second.secret.starts_with("cc_") && rotated.err.contains(&first.id), "{}", rotated.err);
    assert!(token(&first) && token(&second));
    let shown = command(&["service-account", "show", "deploy"]).ok().out;
    for part in ["token reveal", "127.0.0.0/8", &first.id, &second.secret[..9]] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains(&second.secret));
    command(&["service-account", "remove-secret", "deploy", &second.secret[..9]]).ok();
    assert!(token(&first) && !token(&second));
    command(&["service-account", "disable", "deploy"]).ok();
    assert!(!token(&first));
    command(&["service-account", "enable", "deploy"]).ok();
    command(&["service-account", "edit", "deploy", "--scope", "reveal", "--from-anywhere", "--owner", "root"]).ok();
    assert!(!token(&first), "its scope has no token any more");
    let listed = command(&["service-account", "list"]).ok().out;
    assert!(listed.contains("deploy") && listed.contains("reveal"), "{listed}");
    assert!(!command(&["user", "list"]).ok().out.contains("deploy"));
    assert!(command(&["who", "Shop / front ü"]).ok().out.contains("service account"));
    let missing = command(&["service-account", "show", "nobody"]).exit(4);
    assert!(missing.err.contains("there is no service account \"nobody\""), "{}", missing.err);
    command(&["service-account", "remove", "deploy", "--yes"]).ok();
    command(&["service-account", "show", "deploy"]).exit(4);
}
