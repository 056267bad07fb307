//! Changes of passwords over the API. The tests play the worker on the vault behind it.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason, ChangeState, Clock as _, PasswordSlot, Role};
use countersign_seal::Secret;
use countersign_vault::{ChangeOutcome, ChangeRun};
use serde_json::{Value, json};

use crate::fixture::{Answer, SITE_PASSWORD, TestServer};

const LEASE: Duration = Duration::from_secs(60);
const CHANGES: &str = "/api/v1/changes";

async fn ask(fixture: &TestServer, credential: &str, body: Value) -> Answer {
    fixture.post(&format!("{credential}/changes"), body).await
}

async fn asked(fixture: &TestServer, credential: &str) -> String {
    let made = ask(fixture, credential, json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.header("location").to_owned()
}

async fn claimed(fixture: &TestServer) -> ChangeRun {
    fixture.vault.claim_change("the test", LEASE).await.unwrap().unwrap()
}

/// The new password is stored and may have reached the site. Gives it.
async fn armed(fixture: &TestServer, credential: &str) -> (String, ChangeRun, String) {
    let path = asked(fixture, credential).await;
    let mut run = claimed(fixture).await;
    run.report(ChangeState::Changing, "at the form", None).await.unwrap();
    let password = run.new_password(None, None).await.unwrap();
    let password = password.expose_text().unwrap().to_owned();
    (path, run, password)
}

async fn move_it(fixture: &TestServer, change: &str, how: &str) -> Answer {
    fixture.post(&format!("{change}/{how}"), json!({})).await
}

/// A change of Instagram's password, before a worker has taken it.
fn as_asked_for(change: &str, id: &str) -> Value {
    json!({
        "id": change,
        "kind": "change",
        "credential": {"id": id, "name": "Instagram"},
        "state": "queued",
        "open": true,
        "says": "It starts as soon as a worker is free.",
        "asked_by": "root/ci",
        "because": "person",
        "note": "a colleague left",
        "created_at": "2005-03-18T01:58:10.000Z",
        "may_cancel": true,
        "may_retry": false,
        "may_settle": false,
    })
}

async fn screenshots_are_given_by_their_event(fixture: &TestServer, path: &str) {
    let picture = fixture.get(&format!("{path}/pictures/3")).await;
    assert_eq!((picture.status, picture.text.as_str()), (200, "a masked page"));
    assert_eq!((picture.header("content-type"), picture.header("cache-control")), ("image/jpeg", "no-store"));
    for nowhere in ["1", "9", "x", "-1", "99999999999999999999"] {
        assert_eq!(fixture.get(&format!("{path}/pictures/{nowhere}")).await.problem(404), "not-found", "{nowhere}");
    }
}

async fn the_new_password_holds(fixture: &TestServer, path: &str, credential: &str, new: &Secret) {
    let seen = fixture.get(path).await;
    assert!(!seen.text.contains(new.expose_text().unwrap()) && !seen.text.contains(SITE_PASSWORD));
    let seen = seen.ok();
    assert_eq!((&seen["state"], &seen["open"], &seen["reason"]), (&json!("changed"), &json!(false), &Value::Null));
    assert!(fixture.get(credential).await.ok()["open_change"].is_null());
    let revealed = fixture.post(&format!("{credential}/reveal"), json!({})).await.ok();
    assert_eq!(revealed["password"], new.expose_text().unwrap());
}

#[tokio::test]
async fn a_change_as_a_page_follows_it() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let id = credential.rsplit('/').next().unwrap();
    assert_eq!(fixture.get(&credential).await.ok()["may"]["change"], true);
    let made = ask(&fixture, &credential, json!({"rehearse": false, "reason": "a colleague left"})).await;
    let path = made.header("location").to_owned();
    let made = made.ok();
    let change = path.strip_prefix("/api/v1/changes/").unwrap();
    assert_eq!(made, as_asked_for(change, id));
    let open = fixture.get(&credential).await.ok()["open_change"].clone();
    assert_eq!((&open["id"], &open["state"]), (&json!(change), &json!("queued")));
    for body in [json!({}), json!({"kind": "heartbeat"})] {
        let again = ask(&fixture, &credential, body).await;
        assert_eq!(again.problem(409), "change-under-way");
        assert_eq!(again.json()["change"], change);
    }

    let mut run = claimed(&fixture).await;
    run.use_password(PasswordSlot::Current, true).await.unwrap();
    let until = fixture.clock.now().plus(LEASE);
    run.park(Challenge::NewDevice, None, until, Some(b"a masked page".to_vec())).await.unwrap();
    let seen = fixture.get(&path).await.ok();
    assert_eq!((&seen["state"], &seen["open"]), (&json!("waiting_for_a_person"), &json!(true)));
    assert_eq!(seen["waiting_until"], "2005-03-18T01:59:10.000Z");
    let reason = json!({
        "code": "challenge",
        "challenge": "new_device",
        "text": "The site has sent a code to the account's owner, which only they can enter.",
    });
    assert_eq!(seen["reason"], reason);
    let events = seen["events"].as_array().unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!(
        (&events[2]["seq"], &events[2]["picture"], &events[0]["picture"]),
        (&json!(3), &json!(true), &json!(false))
    );

    screenshots_are_given_by_their_event(&fixture, &path).await;

    run.report(ChangeState::Changing, "at the form", None).await.unwrap();
    let new = run.new_password(None, None).await.unwrap();
    assert_eq!(move_it(&fixture, &path, "cancel").await.problem(409), "too-late");
    for state in [ChangeState::Submitted, ChangeState::Verifying] {
        run.report(state, "going on", None).await.unwrap();
    }
    run.end(ChangeOutcome::Changed).await.unwrap();
    the_new_password_holds(&fixture, &path, &credential, &new).await;
    let record = &fixture.records("change.requested").await[0];
    assert_eq!((&record["reason"], &record["details"]["change"]), (&json!("a colleague left"), &json!(change)));
}

#[tokio::test]
async fn what_cannot_be_asked_for_says_why() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    for (body, status, field) in [
        (json!({"rehearse": true, "kind": "change"}), 422, "rehearse"),
        (json!({"kind": "revolution"}), 422, "kind"),
        (json!({"reason": "x".repeat(5_000)}), 422, "reason"),
        (json!({"rehearse": "yes"}), 400, ""),
        (json!({"rehearsal": true}), 400, ""),
        (json!([]), 400, ""),
    ] {
        let answer = ask(&fixture, &credential, body.clone()).await;
        assert_eq!(answer.problem(status), if status == 400 { "malformed" } else { "invalid" }, "{body:.60}");
        assert_eq!(answer.json()["field"].as_str().unwrap_or_default(), field, "{body:.60}");
    }
    let none = fixture.post("/api/v1/credentials", json!({"name": "Bare"})).await.header("location").to_owned();
    assert_eq!(ask(&fixture, &none, json!({})).await.problem(404), "not-found");
    fixture.patch(&none, json!({"password": "something"})).await.ok();
    let answer = ask(&fixture, &none, json!({})).await;
    assert_eq!((answer.problem(422), &answer.json()["field"]), ("invalid".to_owned(), &json!("site")));
    fixture.patch(&credential, json!({"status": "inactive"})).await.ok();
    assert_eq!(ask(&fixture, &credential, json!({})).await.problem(409), "conflict");
    assert_eq!(ask(&fixture, "/api/v1/credentials/name:nothing", json!({})).await.problem(404), "not-found");
    fixture.patch(&credential, json!({"status": "active"})).await.ok();
    // The body may be left out.
    let plain = fixture.ask("POST", &format!("{credential}/changes")).by(&fixture.root).send().await;
    assert_eq!((plain.status, &plain.json()["kind"]), (201, &json!("change")));
    let path = plain.header("location").to_owned();
    move_it(&fixture, &path, "cancel").await.ok();
    for (body, kind) in [
        (json!({"rehearse": true}), "rehearsal"),
        (json!({"rehearse": true, "kind": "rehearsal"}), "rehearsal"),
        (json!({"kind": "heartbeat", "reason": "  "}), "heartbeat"),
    ] {
        let made = ask(&fixture, &credential, body).await;
        let path = made.header("location").to_owned();
        assert_eq!((&made.json()["kind"], &made.json()["note"]), (&json!(kind), &Value::Null));
        assert_eq!(move_it(&fixture, &path, "cancel").await.ok()["state"], "cancelled");
    }
}

#[tokio::test]
async fn changes_are_moved_by_people_as_far_as_that_is_true() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let path = asked(&fixture, &credential).await;
    for how in ["retry", "cancel", "cancel"] {
        let answer = move_it(&fixture, &path, how).await;
        match (how, answer.status) {
            ("cancel", 200) => assert_eq!(answer.json()["says"], "Cancelled. The password is unchanged."),
            _ => assert_eq!(answer.problem(409), "too-late"),
        }
    }
    assert_eq!(fixture.get(&path).await.ok()["reason"]["code"], "cancelled");

    let (path, run, new) = armed(&fixture, &credential).await;
    let settle = async |holds: Value| fixture.post(&format!("{path}/settle"), holds).await;
    assert_eq!(settle(json!({"holds": "new"})).await.problem(409), "too-late");
    let doubt = ChangeOutcome::InDoubt {
        reason: ChangeReason::LeftSite { origin: "https://elsewhere.example".into() },
        retry_at: None,
    };
    run.end(doubt).await.unwrap();
    let seen = fixture.get(&path).await.ok();
    assert_eq!(
        (&seen["state"], &seen["may_retry"], &seen["may_settle"]),
        (&json!("in_doubt"), &json!(true), &json!(true))
    );
    assert_eq!(seen["reason"]["origin"], "https://elsewhere.example");
    for wrong in [json!({"holds": "both"}), json!({"holds": ""})] {
        let answer = settle(wrong).await;
        assert_eq!((answer.problem(422), &answer.json()["field"]), ("invalid".to_owned(), &json!("holds")));
    }
    assert_eq!(settle(json!({})).await.problem(400), "malformed");
    assert_eq!(move_it(&fixture, &path, "retry").await.ok()["state"], "in_doubt");
    fixture.advance(1);
    let mut run = claimed(&fixture).await;
    assert_eq!(settle(json!({"holds": "new"})).await.problem(409), "too-late");
    run.report(ChangeState::Verifying, "trying", None).await.unwrap();
    let rule = ChangeReason::PasswordRejected { rule: "At most 12 characters.".into() };
    run.end(ChangeOutcome::InDoubt { reason: rule, retry_at: None }).await.unwrap();
    assert_eq!(fixture.get(&path).await.ok()["reason"]["rule"], "At most 12 characters.");
    assert_eq!(settle(json!({"holds": "new"})).await.ok()["state"], "changed");
    let revealed = fixture.post(&format!("{credential}/reveal"), json!({})).await.ok();
    assert_eq!(revealed["password"], new);

    armed(&fixture, &credential).await;
    fixture.advance(60);
    let run = claimed(&fixture).await;
    run.end(ChangeOutcome::Changed).await.unwrap();
    let third = ask(&fixture, &credential, json!({})).await.ok();
    assert_eq!((&third["state"], &third["reason"]["code"]), (&json!("postponed"), &json!("rate_limited")));
    assert_eq!(third["not_before"], "2005-03-19T01:58:10.000Z");
}

#[tokio::test]
async fn promise_6_changes_are_for_those_who_may() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let path = asked(&fixture, &credential).await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    let mut run = claimed(&fixture).await;
    run.report(ChangeState::SigningIn, "there", Some(b"a masked page".to_vec())).await.unwrap();
    let member = fixture.person("bob", Role::Member).await;
    let auditor = fixture.person("carol", Role::Auditor).await;
    let posts = [format!("{credential}/changes"), format!("{path}/cancel"), format!("{path}/retry")];
    let settle = format!("{path}/settle");
    let automation = format!("{credential}/automation");
    let gets = [
        path.clone(),
        format!("{path}/pictures/3"),
        format!("{CHANGES}?credential={}", credential.rsplit('/').next().unwrap()),
        automation.clone(),
    ];

    for (bearer, reading, moving) in [(&member, 404, 404), (&auditor, 200, 403)] {
        for get in &gets {
            assert_eq!(fixture.ask("GET", get).by(bearer).send().await.status, reading, "{get}");
        }
        for post in &posts {
            assert_eq!(fixture.ask("POST", post).by(bearer).send().await.status, moving, "{post}");
        }
        let answer = fixture.ask("POST", &settle).by(bearer).json(&json!({"holds": "old"})).send().await;
        assert_eq!(answer.status, moving);
        assert_eq!(fixture.ask("PUT", &automation).by(bearer).json(&json!({})).send().await.status, moving);
    }
    assert_eq!(fixture.ask("GET", CHANGES).by(&member).send().await.ok(), json!({"items": []}));
    for path in
        gets.iter().chain([&CHANGES.to_owned(), &"/api/v1/recipes".to_owned(), &"/api/v1/automation".to_owned()])
    {
        assert_eq!(fixture.ask("GET", path).send().await.problem(401), "not-signed-in", "{path}");
    }
    for wrong in ["nothing", "01938d1c-7a31-7000-8000-000000000000"] {
        assert_eq!(fixture.get(&format!("{CHANGES}/{wrong}")).await.problem(404), "not-found");
        assert_eq!(move_it(&fixture, &format!("{CHANGES}/{wrong}"), "cancel").await.problem(404), "not-found");
    }
    assert_eq!(fixture.get(&format!("{CHANGES}/{id}")).await.ok()["state"], "signing_in");
}

#[tokio::test]
async fn changes_are_paged_and_filtered() {
    let fixture = TestServer::new().await;
    for number in 0..5 {
        let credential = fixture.credential(&format!("Site {number}")).await;
        fixture.advance(1);
        let path = asked(&fixture, &credential).await;
        if number == 0 {
            move_it(&fixture, &path, "cancel").await.ok();
        }
    }
    let all = async |query: &str| {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = fixture.get(&format!("{CHANGES}?{query}{cursor}")).await.ok();
            for item in page["items"].as_array().unwrap() {
                assert!(item["events"].is_null());
                names.push(item["credential"]["name"].as_str().unwrap().to_owned());
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return names,
            }
        }
    };
    let newest_first = ["Site 4", "Site 3", "Site 2", "Site 1", "Site 0"];
    assert_eq!(all("").await, newest_first);
    assert_eq!(all("limit=2").await, newest_first);
    assert_eq!(all("open=true&limit=1").await, newest_first[..4]);
    assert_eq!(all("state=cancelled").await, ["Site 0"]);
    assert_eq!(all("credential=name:Site%203").await, ["Site 3"]);
    for (query, status, field) in [
        ("limit=0", 422, "limit"),
        ("limit=201", 422, "limit"),
        ("state=thinking", 422, "state"),
        ("cursor=nonsense", 422, "cursor"),
        ("credential=name:nothing", 404, ""),
        ("open=perhaps", 400, ""),
        ("colour=red", 400, ""),
        ("limit=many", 400, ""),
    ] {
        let answer = fixture.get(&format!("{CHANGES}?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        assert_eq!(answer.json()["field"].as_str().unwrap_or_default(), field, "{query}");
    }
}

/// What cannot be taken: the field, its value, and the status of the answer.
fn no_site_settings() -> Vec<(&'static str, Value, u16)> {
    vec![
        ("origins", json!(["https://login.example.com/path"]), 422),
        ("origins", json!(["login.example.com"]), 422),
        ("origins", json!(vec!["https://login.example.com"; 21]), 422),
        ("sign_in", json!("ftp://example.org"), 422),
        ("change", json!("https://user:word@example.org/"), 422),
        ("rules", json!("minlength: many"), 422),
        ("rules", json!("x".repeat(1_001)), 422),
        ("trust", json!("perhaps"), 422),
        ("session.idle_minutes", json!({"idle_minutes": 0}), 422),
        ("certificate", json!("AA:BB"), 422),
        ("certificate", json!("zz".repeat(32)), 422),
        ("changes_per_day", json!(0), 422),
        ("changes_per_day", json!(11), 422),
        ("policy.every_days", json!({"every_days": 0}), 422),
        ("policy.window", json!({"window": {"from": "24:00", "to": "05:00"}}), 422),
        ("policy.window", json!({"window": {"from": "05:00", "to": "05:00"}}), 422),
        ("policy", json!({"window": {"from": "05:00"}}), 400),
        ("policy", json!({"every_days": 70_000}), 400),
        ("policy", json!({"every_moon": 1}), 400),
        ("heartbeat", json!("daily"), 400),
        ("changes_per_day", json!(-1), 400),
        ("next_change_at", json!(null), 400),
    ]
}

#[tokio::test]
async fn how_a_site_is_dealt_with_is_said_and_read() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let path = format!("{credential}/automation");
    let usual = json!({
        "origins": [], "sign_in": null, "change": null, "rules": null, "trust": "do_not_trust", "heartbeat": false,
        "changes_per_day": 2, "policy": {"every_days": null, "after_reveal": false, "window": null},
        "session": {"idle_minutes": 15, "longest_minutes": 120, "reason": false}, "recipe": null,
        "next_change_at": null, "last_heartbeat": null, "clock": null, "remembered": false, "moved": [],
        "extra_fields": [], "certificate": null,
    });
    assert_eq!(fixture.get(&path).await.ok(), usual);
    let put = async |body: &Value| fixture.ask("PUT", &path).by(&fixture.root).json(body).send().await;
    let wish = json!({
        "origins": ["https://login.example.com", "http://127.0.0.1:8080"], "sign_in": "example.org/in",
        "change": "https://example.org/password", "rules": "minlength: 12; required: digit;", "trust": "trust",
        "heartbeat": true, "changes_per_day": 5,
        "policy": {"every_days": 30, "after_reveal": true, "window": {"from": "22:00", "to": "05:00"}},
        "session": {"idle_minutes": 5, "longest_minutes": 60, "reason": true},
    });
    let written = put(&wish).await.ok();
    for (field, value) in wish.as_object().unwrap() {
        let expected = if field == "sign_in" { json!("https://example.org/in") } else { value.clone() };
        assert_eq!(written[field], expected, "{field}");
    }
    assert!(written["next_change_at"].as_str().unwrap() > "2005-04-10");
    assert_eq!(fixture.get(&path).await.ok(), written);
    assert_eq!(fixture.records("automation.edited").await.len(), 1);

    for (field, value, status) in no_site_settings() {
        let mut body = wish.clone();
        let key = field.split('.').next().unwrap();
        body[key] = value.clone();
        let answer = put(&body).await;
        assert_eq!(answer.problem(status), if status == 400 { "malformed" } else { "invalid" }, "{field} {value:.60}");
        let named = answer.json()["field"].as_str().unwrap_or_default().to_owned();
        assert_eq!(named, if status == 422 { field } else { "" }, "{value:.60}");
        assert!(answer.detail().starts_with(field) || status == 400, "{}", answer.detail());
    }
    assert_eq!(fixture.get(&path).await.ok(), written, "what is refused changes nothing");
    let mut plain = put(&json!({})).await.ok();
    let waits = plain.as_object_mut().unwrap().remove("waits_for_rehearsal_since");
    assert!(waits.is_some_and(|since| since.is_string()), "a new origin was named, and nobody has tried it");
    assert_eq!(plain, usual, "what is left out is as usual");
}

#[tokio::test]
async fn whether_sites_can_be_visited_is_told() {
    let fixture = TestServer::new().await;
    let ready = fixture.get("/api/v1/automation").await.ok();
    assert_eq!((&ready["ready"], &ready["workers"], &ready["sandboxed"]), (&json!(false), &json!(0), &Value::Null));
    assert!(ready["problem"].as_str().unwrap().contains("countersign work"), "{ready}");
    assert_eq!(fixture.get("/api/v1/recipes").await.ok(), json!({"items": []}));
}
