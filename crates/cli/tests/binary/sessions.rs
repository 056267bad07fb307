//! `countersign session`: what it prints, and how it ends. The sessions were held elsewhere; no browser runs.

use std::{fs, sync::Arc, time::Duration};

use countersign_identity::Bearer;
use countersign_model::{CredentialName, FakeClock, Notes, SessionEnd, SiteAddress, Timestamp, Username};
use countersign_seal::{Secret, SystemChance};
use countersign_store::engine::{Database, DatabaseUrl, OpenOptions};
use countersign_vault::{
    ChangeOutcome, CredentialRef, NewCredential, RecordingPart, Recordings, SessionRequest, Unlock, Vault, VaultOptions,
};
use serde_json::json;

use crate::house::{Place, Server};

const NODE: &str = "elsewhere";
/// A little later than this run, so that nothing in it is old, and the administrator's token still holds.
#[expect(clippy::disallowed_methods, reason = "the binary beside the test lives in real time")]
fn then() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + 3_600
}

/// A session that runs elsewhere, with three parts recorded, and one that has ended.
pub(crate) async fn prepare(place: &Place, token: &str) -> (String, String) {
    let url = DatabaseUrl::Sqlite(place.path("data/countersign.db"));
    let database = Database::open(&url, &OpenOptions::default()).await.unwrap();
    let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(then())));
    let key = Unlock::KeyFile(place.path("data.key"));
    let vault =
        Vault::open(database, &key, clock.clone(), Arc::new(SystemChance), VaultOptions::default()).await.unwrap();
    vault.keep_recordings(Recordings::folder(place.path("data/recordings")));
    let admin = vault.recognise(&Bearer::parse(token).unwrap()).await.unwrap().actor;
    let mut ids = Vec::new();
    for (name, ends) in [("Instagram", false), ("Facebook", true)] {
        let new = NewCredential {
            name: CredentialName::parse(name).unwrap(),
            username: Username::parse("ana@example.org").unwrap(),
            password: Some(Secret::from("its password".to_owned())),
            site: Some(SiteAddress::parse("https://example.org").unwrap()),
            seed: None,
            tags: Vec::new(),
            notes: Notes::parse("").unwrap(),
        };
        let credential = vault.create_credential(&admin, new).await.unwrap().0.id;
        let asked =
            vault.start_session(&admin, &CredentialRef::Id(credential), &SessionRequest::default()).await.unwrap();
        let sign_in = vault.claim_sign_in(NODE, Duration::from_secs(60)).await.unwrap().unwrap();
        let mut run = vault.host_session(asked.id, NODE).await.unwrap();
        sign_in.end(ChangeOutcome::Passed).await.unwrap();
        run.go_live().await.unwrap();
        for seq in 0..3_u32 {
            let from_ms = u64::from(seq) * 25_000;
            let bytes = format!("part {seq};").into_bytes();
            let part = RecordingPart { seq, from_ms, to_ms: from_ms + 20_000, key: true, frames: 1, events: 0, bytes };
            run.writer().put_part(part).await.unwrap();
        }
        ids.push(run.id.to_string());
        if ends {
            run.close(SessionEnd::Idle).await.unwrap();
        }
        clock.advance(Duration::from_secs(1));
    }
    vault.close().await;
    let ended = ids.pop().unwrap();
    (ids.pop().unwrap(), ended)
}

fn serve(place: &Place) -> Server {
    place.serve_with(&["--data", "data"], &[("COUNTERSIGN_CHROMIUM", "/nonexistent")])
}

#[tokio::test]
async fn sessions_are_listed_shown_shared_and_ended() {
    let place = Place::new();
    let token = place.init();
    let (live, ended) = prepare(&place, &token).await;
    let server = serve(&place);
    let run = |args: &[&str]| server.run(&place, &token, args);

    let listed = run(&["session", "list"]).ok().out;
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["ID", "CREDENTIAL", "STATE", "STARTED", "BY", "STARTED", "RECORDED"]);
    assert_eq!(lines[1][..5], [&ended, "Facebook", "ended:", "idle", "root/init"], "{listed}");
    assert_eq!(lines[2][..4], [&live, "Instagram", "live", "root/init"], "{listed}");
    assert!(lines[2].ends_with(&["1:10,", "1", "KiB"]), "{listed}");
    let open = run(&["--json", "session", "list", "--open"]).ok().json();
    assert_eq!(open["items"].as_array().unwrap().iter().map(|it| &it["id"]).collect::<Vec<_>>(), [&json!(live)]);
    let of_it = run(&["--json", "session", "list", "--credential", "facebook"]).ok().json();
    assert_eq!(of_it["items"][0]["id"], json!(ended));

    let shown = run(&["session", "show", &ended]).ok().out;
    for line in [
        "credential  Facebook",
        "state       ended: idle",
        "says        Ended after inactivity. Start another session when you need it.",
        "started by  root/init",
        "recorded    1:10, 1 KiB",
    ] {
        assert!(shown.lines().any(|it| it == line), "{line} is missing in:\n{shown}");
    }

    let linked = run(&["session", "link", &live, "root", "--level", "control"]).ok();
    let address = format!("{}/#/sessions/{live}?link=cv_", server.url);
    assert!(linked.out.starts_with(&address) && linked.out.lines().count() == 1, "{}", linked.out);
    assert!(linked.err.starts_with("it lets root in, once, until "), "{}", linked.err);
    run(&["session", "link", &live, "nobody"]).exit(4);
    run(&["session", "link", &live, "root", "--level", "drive"])
        .fails_with(&["level is not view, interact or control"]);
    run(&["session", "link", &ended, "root"]).fails_with(&["this session has ended: start another"]);

    assert_eq!(run(&["session", "end", &live]).ok().out, "ending: its browser is being closed\n");
    run(&["session", "end", &ended]).fails_with(&["this session has ended"]);
    run(&["session", "end", "latest"]).fails_with(&["\"latest\" is no session: see `countersign session list`"]);
    run(&["session", "show", "01938d1c-7a31-7000-8000-000000000000"]).exit(4);
    run(&["session"]).exit(2);
}

#[tokio::test]
async fn a_session_is_started_and_refusals_say_why() {
    let place = Place::new();
    let token = place.init();
    let (live, _) = prepare(&place, &token).await;
    let server = serve(&place);
    let run = |args: &[&str]| server.run(&place, &token, args);
    let refused = run(&["--json", "session", "start", "Instagram"]).exit(1);
    assert!(refused.err.contains("urn:countersign:problem:session-open"), "{}", refused.err);
    run(&["session", "start", "Instagram"])
        .fails_with(&["a session of \"Instagram\" is open, started by root/init: view it"]);

    let started = run(&["session", "start", "Facebook", "--reason", "campaign"]).ok();
    let id = started.out.trim();
    assert_ne!(id, live);
    let says: Vec<&str> = started.err.lines().collect();
    assert_eq!(says[0], "starting: It starts as soon as a server with a browser is free.");
    assert_eq!(says[1], format!("open {}/#/sessions/{id}", server.url));
    let shown = run(&["--json", "session", "show", id]).ok().json();
    assert_eq!((&shown["reason"], &shown["credential"]["name"]), (&json!("campaign"), &json!("Facebook")));

    run(&["session", "start", "nothing"]).exit(4);
    let viewer = json!({"name": "viewer", "role": "auditor"});
    let viewer = server.ask(reqwest::Method::POST, "/api/v1/api-tokens", &token, &viewer).await.ok();
    let denied = server.run(&place, viewer["token"].as_str().unwrap(), &["session", "start", "Facebook"]).exit(3);
    assert!(denied.err.contains("not allowed to start a session with this credential"), "{}", denied.err);
}

#[tokio::test]
async fn a_recording_is_fetched_part_after_part() {
    let place = Place::new();
    let token = place.init();
    let (live, ended) = prepare(&place, &token).await;
    let server = serve(&place);
    let run = |args: &[&str]| server.run(&place, &token, args);
    assert_eq!(run(&["session", "recording", &ended]).ok().out, "1:10, 1 KiB in 3 parts\n");
    assert_eq!(run(&["session", "recording", &live]).ok().out, "1:10, 1 KiB in 3 parts so far\n");
    let whole = "part 0;part 1;part 2;";
    assert_eq!(run(&["session", "recording", &ended, "--output", "-"]).ok().out, whole);
    let written = run(&["session", "recording", &ended, "--output", "it.rec"]).ok();
    assert_eq!(written.out, "it.rec: 21 bytes\n");
    assert_eq!(fs::read_to_string(place.path("it.rec")).unwrap(), whole);
    run(&["session", "recording", &ended, "--output", "none/it.rec"]).fails_with(&["none cannot be written"]);

    fs::remove_file(place.path(&format!("data/recordings/{ended}/1"))).unwrap();
    let partly = run(&["--json", "session", "recording", &ended, "--output", "partly.rec"]).exit(1);
    assert!(partly.err.contains("part 1 of this recording is missing"), "{}", partly.err);
    assert_eq!(partly.json(), json!({"file": "partly.rec", "bytes": 14, "missing_parts": [1]}));
    assert_eq!(fs::read_to_string(place.path("partly.rec")).unwrap(), "part 0;part 2;", "the others are there");
}
