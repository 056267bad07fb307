//! Federated identities by the command line, and the example for jobs of CI systems, run as it stands.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    house::{Done, Place, SEED, Server, run},
    soft_issuer::SoftIssuer,
};

const SUBJECT: &str = "repo:acme/site:ref:refs/tags/v1";

/// A server whose service account has no secret, and a CI system that it trusts.
struct Scene {
    place: Place,
    server: Server,
    root: String,
    client: String,
    issuer: SoftIssuer,
}

impl Scene {
    async fn new() -> Self {
        let place = Place::new();
        let root = place.init();
        let server = place.serve();
        let new = json!({"name": "Shop / front ü", "totp": {"secret": SEED}});
        server.ask(reqwest::Method::POST, "/api/v1/credentials", &root, &new).await.ok();
        let made =
            server.run(&place, &root, &["service-account", "add", "deploy", "--scope", "token", "--json"]).ok().json();
        let text = |at: &str| made.pointer(at).and_then(Value::as_str).unwrap().to_owned();
        let (client, secret) = (text("/id"), text("/secrets/0/id"));
        server.run(&place, &root, &["service-account", "remove-secret", "deploy", &secret]).ok();
        let grant = ["grant", "add", "--user", "deploy", "--credential", "Shop / front ü", "--token"];
        server.run(&place, &root, &grant).ok();
        Self { issuer: SoftIssuer::start().await, place, server, root, client }
    }

    fn command(&self, args: &[&str]) -> Done {
        self.server.run(&self.place, &self.root, args)
    }

    fn add(&self, subject: &str) -> Done {
        let (issuer, audience) = (self.issuer.issuer.as_str(), self.server.url.as_str());
        let add = ["service-account", "add-identity", "Deploy", "--issuer", issuer, "--audience", audience];
        self.command(&[&add[..], &["--subject", subject, "--claim", "repository=acme/site"]].concat())
    }

    /// What a job may show once.
    fn id_token(&self, id: &str) -> String {
        let now = now();
        self.issuer.token(json!({
            "aud": self.server.url,
            "sub": SUBJECT,
            "repository": "acme/site",
            "jti": id,
            "iat": now,
            "exp": now + 300,
        }))
    }

    /// Runs the example as a job does that has these variables.
    fn job(&self, variables: &[(&str, &str)]) -> Done {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ci-token.sh");
        let mut command = Command::new(example);
        command.arg("Shop / front ü").stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("COUNTERSIGN_URL", &self.server.url).env("COUNTERSIGN_CLIENT_ID", &self.client);
        command.envs(variables.iter().copied());
        run(command, b"")
    }
}

#[expect(clippy::disallowed_methods, reason = "the binary beside the test lives in real time")]
fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn is_code(done: Done) -> bool {
    let code = done.ok().out.trim().to_owned();
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

// Commands are waited for while the issuer answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_prints_the_token_and_keeps_no_secret() {
    let scene = Scene::new().await;
    let said = scene.add("repo:acme/site:ref:refs/tags/v*").ok();
    assert!(said.out.contains("deploy trusts repo:acme/site:ref:refs/tags/v* from http"), "{}", said.out);
    // As GitLab gives it.
    let token = scene.id_token("1");
    assert!(is_code(scene.job(&[("COUNTERSIGN_ID_TOKEN", &token)])));
    let again = scene.job(&[("COUNTERSIGN_ID_TOKEN", &token)]);
    assert!(
        again.code != Some(0) && again.out.is_empty() && again.err.contains("already been used (jti)"),
        "{}{}",
        again.out,
        again.err
    );
    // As GitHub Actions gives it, to whoever shows the job's own token.
    scene.issuer.say("/job", &json!({"count": 1, "value": scene.id_token("2")}));
    let url = format!("{}/job?api-version=2.0", scene.issuer.issuer);
    let variables =
        [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "the job's own")];
    assert!(is_code(scene.job(&variables)));
    let asked = scene.issuer.asked().into_iter().find(|head| head.contains(" /job")).unwrap();
    let audience = scene.server.url.replace(':', "%3A").replace('/', "%2F");
    // Versions of curl differ in the case of the escapes (RFC 3986 §6.2.2.1).
    let wanted = format!("?api-version=2.0&audience={audience} ").to_lowercase();
    assert!(asked.to_lowercase().contains(&wanted), "{asked}");
    assert!(asked.to_lowercase().contains("authorization: bearer the job's own"), "{asked}");
    let records = scene.server.get("/api/v1/audit/records?act=service_account.token_issued", &scene.root).await.ok();
    assert_eq!(records["items"][0]["details"]["subject"], json!(SUBJECT));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_trusted_is_shown_and_taken_back() {
    let scene = Scene::new().await;
    scene.add("repo:acme*").fails_with(&["subject", "matches too much"]);
    let odd = ["service-account", "add-identity", "deploy", "--issuer", "x", "--audience", "x", "--subject", "x"];
    scene.command(&[&odd[..], &["--claim", "ref"]].concat()).fails_with(&["\"ref\" is not NAME=VALUE"]);
    let twice = ["--claim", "a=b", "--claim", "a=c"];
    scene.command(&[&odd[..], &twice].concat()).fails_with(&["the claim a is given twice"]);
    assert!(!scene.command(&["service-account", "show", "deploy"]).ok().out.contains("ISSUER"));
    scene.add("repo:acme/site:*").ok();
    scene.add(SUBJECT).ok();
    let shown = scene.command(&["service-account", "show", "deploy"]).ok().out;
    for part in ["ISSUER", &scene.issuer.issuer, "repo:acme/site:*", "repository=acme/site", &scene.server.url] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let gone = scene.command(&["service-account", "remove-identity", "deploy", SUBJECT]).ok();
    assert!(gone.out.contains("removed the federated identity"), "{}", gone.out);
    let account = scene.command(&["service-account", "show", "deploy", "--json"]).ok().json();
    let left = account["federated_identities"].as_array().unwrap();
    assert_eq!((left.len(), &left[0]["subject"]), (1, &json!("repo:acme/site:*")));
    let id = left[0]["id"].as_str().unwrap();
    scene.command(&["service-account", "remove-identity", "deploy", id]).ok();
    let missing = scene.command(&["service-account", "remove-identity", "deploy", id]).exit(4);
    assert!(missing.err.contains("has no federated identity"), "{}", missing.err);
    let token = scene.id_token("1");
    let out = scene.job(&[("COUNTERSIGN_ID_TOKEN", &token)]);
    assert!(out.code != Some(0) && out.out.is_empty(), "{}{}", out.out, out.err);
}
