//! The other origin that asks for passwords, and what it gets.

use crate::browser::Browser;
use crate::drive::{Person, browser, fill, sign_in, site, try_change};
use countersign_practice::{FieldRole, Gate, Heard, PageName};
use serde_json::json;

#[tokio::test]
async fn the_change_page_leads_to_the_other_origin_and_what_is_sent_there_is_known() {
    for (host, origin) in [("other_port", "http://127.0.0.1:"), ("other_host", "http://localhost:")] {
        let practice = site(json!({"web": {"trap": {"at": "change_page", "host": host}, "well_known": true}})).await;
        let person = Person::new("alice", "first");
        let mut browser = browser(&practice);
        assert!(sign_in(&mut browser, practice.control(), &person).await);
        for door in ["/settings/password", "/.well-known/change-password"] {
            browser.get(door).await;
            let away = browser.away.clone().unwrap();
            assert!(away.starts_with(origin) && !away.starts_with(practice.url()), "{away}");
        }
        assert!(practice.control().trapped().is_empty(), "nobody has typed anything there");

        let away = browser.away.clone().unwrap();
        let mut caught = Browser::new(&away);
        caught.get("/settings/password").await;
        let form = caught.form("/settings/password").unwrap();
        let truth = practice.control().truth(None);
        fill(&mut caught, &form, &truth, &person, practice.control(), &[(FieldRole::New, "second")]).await.unwrap();
        let trapped = practice.control().trapped();
        let got = trapped.iter().map(|typed| (typed.role, typed.value.as_str(), typed.page, typed.how));
        let got: Vec<_> = got.filter(|(_, value, ..)| !value.is_empty()).collect();
        let sent = |role, value| (role, value, PageName::Phish, Heard::Sent);
        assert_eq!(got, [sent(FieldRole::Old, "first"), sent(FieldRole::New, "second")]);
        assert!(trapped.iter().all(|typed| typed.gate == Gate::Trap));
        assert!(practice.control().check("alice", "first"));
    }
}

#[tokio::test]
async fn the_sign_in_the_well_known_address_and_the_time_after_the_change_can_be_trapped() {
    let practice = site(json!({"web": {"trap": {"at": "sign_in", "host": "other_host"}}})).await;
    let mut one = browser(&practice);
    one.get("/sign-in").await;
    assert!(one.away.unwrap().ends_with("/sign-in"));

    let practice = site(json!({"web": {"well_known": true, "trap": {"at": "well_known", "host": "other_port"}}})).await;
    let mut one = browser(&practice);
    one.get("/.well-known/change-password").await;
    assert!(one.away.is_some());

    let practice = site(json!({"web": {"trap": {"at": "after_change", "host": "other_host"}}})).await;
    let person = Person::new("alice", "first");
    let mut one = browser(&practice);
    assert!(sign_in(&mut one, practice.control(), &person).await);
    try_change(&mut one, practice.control(), &person, "second").await.unwrap();
    assert!(practice.control().check("alice", "second"), "this time the change was done");
    assert!(one.away.unwrap().ends_with("/sign-in"));
}

#[tokio::test]
async fn a_form_may_stand_on_the_site_and_send_elsewhere() {
    let practice = site(json!({"web": {"trap": {"at": "change_form_action", "host": "other_port"}}})).await;
    let mut one = browser(&practice);
    assert!(sign_in(&mut one, practice.control(), &Person::new("alice", "first")).await);
    one.get("/settings/password").await;
    let actions: Vec<String> = one.forms().into_iter().map(|form| form.action).collect();
    let trap = &practice.origins().trap;
    assert!(actions.iter().any(|action| action.starts_with(trap.as_str())), "{actions:?}");
}

#[tokio::test]
async fn a_script_reports_what_is_typed_before_it_is_sent() {
    let practice = site(json!({})).await;
    let trap = practice.origins().trap.clone();
    let mut caught = Browser::new(&trap);
    let fields =
        [("page", "phish"), ("field", "password"), ("value", "fir")].map(|(name, value)| (name.into(), value.into()));
    caught.post("/typed", &fields).await.unwrap();
    let trapped = practice.control().trapped();
    assert_eq!(trapped.len(), 1);
    assert_eq!(
        (trapped[0].role, trapped[0].how, trapped[0].value.as_str()),
        (FieldRole::Password, Heard::Typed, "fir")
    );
    assert_eq!(trapped[0].origin, trap);
}

#[tokio::test]
async fn the_well_known_address_and_paths_that_do_not_exist() {
    let practice = site(json!({})).await;
    let mut one = browser(&practice);
    one.get("/.well-known/change-password").await;
    assert_eq!(one.status, 404);
    practice.control().patch_hurdles(None, &json!({"web": {"well_known": true}})).unwrap();
    one.get("/.well-known/change-password").await;
    assert_eq!(one.path(), "/sign-in", "to the change page, and from there to the sign-in");
    assert!(sign_in(&mut one, practice.control(), &Person::new("bob", "first")).await);
    assert_eq!(one.path(), "/settings/password", "after the sign-in one comes where one wanted");
    one.get("/no/such/page").await;
    assert_eq!(one.status, 404);
    practice.control().patch_hurdles(None, &json!({"web": {"every_path_200": true}})).unwrap();
    one.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200").await;
    assert_eq!(one.status, 200);
}
