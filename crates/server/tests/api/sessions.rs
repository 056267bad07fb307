//! Sessions over the API.

use std::time::Duration;

use countersign_model::{Challenge, ChangeState, Role, SessionEnd};
use countersign_vault::{ChangeOutcome, RecordingPart, SessionRun};
use serde_json::{Value, json};

use crate::fixture::TestServer;

const NODE: &str = "node-1";
const LEASE: Duration = Duration::from_secs(90);

async fn started(fixture: &TestServer, credential: &str) -> Value {
    let answer = fixture.post(&format!("{credential}/sessions"), json!({})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let location = answer.header("location").to_owned();
    let session = answer.ok();
    assert_eq!(location, format!("/api/v1/sessions/{}", session["id"].as_str().unwrap()));
    session
}

fn path(session: &Value) -> String {
    format!("/api/v1/sessions/{}", session["id"].as_str().unwrap())
}

/// What the machine with the browser does.
async fn host(fixture: &TestServer, session: &Value) -> SessionRun {
    let sign_in = fixture.vault.claim_sign_in(NODE, LEASE).await.unwrap().unwrap();
    let mut run = fixture.vault.host_session(session["id"].as_str().unwrap().parse().unwrap(), NODE).await.unwrap();
    sign_in.end(ChangeOutcome::Passed).await.unwrap();
    run.go_live().await.unwrap();
    run
}

#[tokio::test]
async fn a_session_is_started_watched_and_ended() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let session = started(&fixture, &credential).await;
    let id = credential.rsplit('/').next().unwrap();
    assert_eq!(session["credential"], json!({"id": id, "name": "Instagram"}));
    assert_eq!((&session["state"], &session["started_by"]), (&json!("starting"), &json!("root/ci")));
    assert_eq!(session["may"], json!({"join": "control", "end": true, "recording": true, "share": true}));
    for absent in ["change", "end", "live_at", "ended_at", "node", "reason"] {
        assert!(session.get(absent).is_none(), "{absent}: {session}");
    }
    let second = fixture.post(&format!("{credential}/sessions"), json!({})).await;
    assert_eq!(second.problem(409), "session-open");
    assert_eq!(second.json()["session"], session["id"], "the page can offer to watch");
    assert!(second.detail().contains("started by root/ci"), "{}", second.detail());
    let change = fixture.post(&format!("{credential}/changes"), json!({})).await;
    assert_eq!(change.problem(409), "session-open", "a change never runs beside a session, and is told of it");
    assert_eq!(change.json()["session"], session["id"]);
    assert!(fixture.get("/api/v1/changes").await.ok()["items"].as_array().unwrap().is_empty());

    let run = host(&fixture, &session).await;
    let live = fixture.get(&path(&session)).await.ok();
    assert_eq!((&live["state"], &live["node"]), (&json!("live"), &json!(NODE)));
    let listed = fixture.get(&format!("/api/v1/sessions?open=true&credential={id}")).await.ok();
    assert_eq!(listed["items"], json!([live]));

    fixture.post(&format!("{}/end", path(&session)), json!({})).await.ok();
    let wish = run.seen().await.unwrap().end;
    assert_eq!(wish, Some(SessionEnd::Person));
    run.close(SessionEnd::Person).await.unwrap();
    let ended = fixture.get(&path(&session)).await.ok();
    assert_eq!((&ended["state"], &ended["end"]), (&json!("ended"), &json!("person")));
    assert_eq!(ended["may"], json!({"join": null, "end": false, "recording": true, "share": false}));
    let again = fixture.post(&format!("{}/end", path(&session)), json!({})).await;
    assert_eq!(again.problem(410), "session-ended");
    let acts = ["session.started", "session.end_asked", "session.ended"];
    for act in acts {
        let records = fixture.records(act).await;
        assert_eq!(records.len(), 1, "{act}");
        assert_eq!(records[0]["details"]["session"], session["id"], "{act}");
    }
}

#[tokio::test]
async fn a_reason_is_asked_for_where_the_owner_wishes() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let settings = json!({"session": {"reason": true, "idle_minutes": 5}});
    fixture.ask("PUT", &format!("{credential}/automation")).by(&fixture.root).json(&settings).send().await.ok();
    for body in [json!({}), json!({"reason": null}), json!({"reason": "  "})] {
        let refused = fixture.post(&format!("{credential}/sessions"), body).await;
        assert_eq!((refused.problem(422).as_str(), &refused.json()["field"]), ("invalid", &json!("reason")));
    }
    let answer = fixture.post(&format!("{credential}/sessions"), json!({"reason": "campaign"})).await.ok();
    assert_eq!(answer["reason"], "campaign");
    assert_eq!(fixture.records("session.started").await[0]["reason"], "campaign");
}

#[tokio::test]
async fn a_waiting_change_is_opened_once() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let change = fixture.post(&format!("{credential}/changes"), json!({})).await.ok();
    let open = format!("/api/v1/changes/{}/session", change["id"].as_str().unwrap());
    assert_eq!(fixture.post(&open, json!({})).await.problem(409), "too-late");
    let mut run = fixture.vault.claim_change(NODE, LEASE).await.unwrap().unwrap();
    let until = fixture.vault.now().plus(LEASE);
    run.park(Challenge::Captcha, None, until, None).await.unwrap();
    let session = fixture.post(&open, json!({})).await;
    assert_eq!(session.status, 201);
    let session = session.ok();
    assert_eq!(session["change"], change["id"]);
    assert_eq!(fixture.post(&open, json!({})).await.ok()["id"], session["id"], "the same, for whoever comes next");
    assert_eq!(fixture.vault.session_of_change(run.id()).await.unwrap().unwrap().to_string(), session["id"]);
    assert_eq!(run.state(), ChangeState::WaitingForAPerson);
}

#[tokio::test]
async fn a_link_is_for_one_person_and_one_time() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let bob = fixture.person("bob", Role::Member).await;
    let session = started(&fixture, &credential).await;
    let as_bob = async |path: &str| fixture.ask("GET", path).by(&bob).send().await;
    assert_eq!(as_bob(&path(&session)).await.problem(404), "not-found");
    let links = format!("{}/links", path(&session));
    for (body, status, name) in [
        (json!({"person": "bob", "level": "drive"}), 422, "invalid"),
        (json!({"person": "nobody", "level": "view"}), 404, "not-found"),
        (json!({"person": "bob"}), 400, "malformed"),
    ] {
        assert_eq!(fixture.post(&links, body).await.problem(status), name);
    }
    let made = fixture.post(&links, json!({"person": "Bob", "level": "interact"})).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
    let made = made.ok();
    assert!(made["link"].as_str().unwrap().starts_with("cv_"));
    let seen = as_bob(&path(&session)).await.ok();
    assert_eq!(seen["may"], json!({"join": null, "end": false, "recording": false, "share": false}));
    assert_eq!(as_bob(&format!("{}/recording", path(&session))).await.problem(403), "denied");
    let records = fixture.records("session.link_made").await;
    assert_eq!(records[0]["details"]["person"], "bob");
    assert!(!records[0].to_string().contains("cv_"), "the log holds no link");
}

#[tokio::test]
async fn a_recording_is_played_part_by_part() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let auditor = fixture.person("auditor", Role::Auditor).await;
    let session = started(&fixture, &credential).await;
    let run = host(&fixture, &session).await;
    let entries = b"\x03\x00\x00\x00\x00\x02\x00\x00\x00{}\xff\xd8".to_vec();
    for seq in 0..2_u32 {
        let from_ms = u64::from(seq) * 1_000;
        let part = RecordingPart {
            seq,
            from_ms,
            to_ms: from_ms + 900,
            key: seq == 0,
            frames: 1,
            events: 1,
            bytes: entries.clone(),
        };
        run.writer().put_part(part).await.unwrap();
    }
    let as_auditor = async |path: String| fixture.ask("GET", &path).by(&auditor).send().await;
    let recording = as_auditor(format!("{}/recording", path(&session))).await.ok();
    assert_eq!((&recording["running"], &recording["duration_ms"]), (&json!(true), &json!(1_900)));
    assert_eq!((&recording["bytes"], &recording["session"]["id"]), (&json!(2 * entries.len()), &session["id"]));
    let size = entries.len();
    assert_eq!(
        recording["parts"][1],
        json!({"seq": 1, "from_ms": 1_000, "to_ms": 1_900, "key": false, "frames": 1, "events": 1, "bytes": size})
    );
    let part = as_auditor(format!("{}/recording/parts/1", path(&session))).await;
    assert_eq!((part.header("content-type"), part.header("cache-control")), ("application/octet-stream", "no-store"));
    assert_eq!(part.bytes, entries);
    assert_eq!(as_auditor(format!("{}/recording/parts/2", path(&session))).await.problem(404), "not-found");
    assert_eq!(fixture.records("session.recording_opened").await.len(), 1);
}
