//! Slow, failing and dying, before and after the deed.

use crate::browser::Died;
use crate::drive::{Person, browser, sign_in, site, try_change, try_sign_in};
use countersign_practice::EventName;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[expect(clippy::needless_pass_by_value, reason = "a literal is handed over")]
fn fault(page: &str, method: &str, when: &str, act: Value) -> Value {
    json!({"faults": [{"page": page, "method": method, "when": when, "act": act, "times": 1}]})
}

#[tokio::test]
async fn a_change_that_dies_before_has_not_happened_and_one_that_dies_after_has() {
    for (when, changed) in [("before", false), ("after", true)] {
        for act in ["die", "die_halfway", "fail", "unavailable"] {
            let practice = site(json!({"change": {"success": "message"}})).await;
            let person = Person::new("alice", "first");
            let mut browser = browser(&practice);
            assert!(sign_in(&mut browser, practice.control(), &person).await);
            practice.control().patch_hurdles(None, &fault("change", "post", when, json!(act))).unwrap();
            let outcome = try_change(&mut browser, practice.control(), &person, "second").await;
            let told = format!("{act} {when}: {outcome:?}");
            match act {
                "die" => assert_eq!(outcome, Err(Died { received: 0 }), "{told}"),
                "die_halfway" => assert!(matches!(outcome, Err(Died { received }) if received > 500), "{told}"),
                _ => assert_eq!(browser.status, if act == "fail" { 500 } else { 503 }, "{told}"),
            }
            // Halfway through the page the deed is done, whenever the fault was to strike.
            assert_eq!(practice.control().check("alice", "second"), changed || act == "die_halfway", "{told}");
            assert!(practice.control().events().iter().any(|event| event.name == EventName::FaultStruck), "{told}");
            practice.control().set_hurdles(countersign_practice::Hurdles::default());
            let password = if practice.control().check("alice", "second") { "second" } else { "first" };
            let mut fresh = self::browser(&practice);
            assert!(sign_in(&mut fresh, practice.control(), &Person::new("alice", password)).await, "{told}");
        }
    }
}

#[tokio::test]
async fn every_page_of_the_flow_can_die() {
    let hurdles = json!({
        "sign_in": {"steps": "two", "location": "always", "mail_code": true, "trust": {"asked": "page"},
                    "captcha": {"sign_in": true, "place": "own_page"}},
        "change": {"confirm_page": true, "old_first": true},
    });
    for page in ["sign_in", "password", "captcha", "location", "mail_code", "token", "trust"] {
        for method in ["get", "post"] {
            let practice = site(hurdles.clone()).await;
            practice.control().patch_hurdles(None, &fault(page, method, "before", json!("die"))).unwrap();
            let person = Person::new("alice", "first");
            let mut browser = browser(&practice);
            if (page, method) == ("sign_in", "get") {
                assert!(browser.try_get("/sign-in").await.is_err());
                continue;
            }
            let outcome = try_sign_in(&mut browser, practice.control(), &person).await;
            assert_eq!(outcome, Err(Died { received: 0 }), "{page} {method}");
            let mut again = self::browser(&practice);
            assert!(sign_in(&mut again, practice.control(), &person).await, "{page} {method}: only once");
        }
    }
    for page in ["old_password", "change", "change_confirm"] {
        let practice = site(hurdles.clone()).await;
        let person = Person::new("alice", "first");
        let mut browser = browser(&practice);
        assert!(sign_in(&mut browser, practice.control(), &person).await);
        practice.control().patch_hurdles(None, &fault(page, "post", "before", json!("die"))).unwrap();
        assert!(try_change(&mut browser, practice.control(), &person, "second").await.is_err(), "{page}");
        assert!(practice.control().check("alice", "first"), "{page}");
    }
}

#[tokio::test]
async fn a_slow_page_is_slow_and_the_others_are_not() {
    let practice = site(fault("about", "get", "before", json!({"slow": 300}))).await;
    let mut browser = browser(&practice);
    let began = Instant::now();
    browser.get("/about").await;
    assert!(began.elapsed() >= Duration::from_millis(300));
    let began = Instant::now();
    browser.get("/about").await;
    assert!(began.elapsed() < Duration::from_millis(300), "it was to be slow once");
}

#[tokio::test]
async fn what_a_browser_sends_again_by_itself_dies_as_well_and_does_nothing() {
    let practice = site(json!({"change": {"ask_old": false}})).await;
    let mut browser = browser(&practice);
    assert!(sign_in(&mut browser, practice.control(), &Person::new("alice", "first")).await);
    browser.get("/settings/password").await;
    let form = browser.form("/settings/password").unwrap();
    practice.control().patch_hurdles(None, &fault("change", "post", "after", json!("die"))).unwrap();
    let fields = |new: &str| -> Vec<(String, String)> {
        let filled = |kind: &str, value: &str| if kind == "password" { new.to_owned() } else { value.to_owned() };
        form.inputs.iter().map(|(name, kind, value)| (name.clone(), filled(kind, value))).collect()
    };
    for _ in 0..2 {
        assert_eq!(browser.post("/settings/password", &fields("second")).await, Err(Died { received: 0 }));
    }
    assert_eq!(practice.control().user("alice").unwrap().counts.changes, 1);
    browser.post("/settings/password", &fields("third")).await.unwrap();
    assert!(practice.control().check("alice", "third"), "another form is not that one sent again");
}
