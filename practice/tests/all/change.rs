//! Each hurdle of the change does what it says.

use crate::browser::Browser;
use crate::drive::{Person, browser, change, choose, fill, sign_in, site};
use countersign_practice::{EventName, FieldRole, PageName, Practice};
use serde_json::{Value, json};

/// A site and a browser in which alice is signed in.
async fn inside(hurdles: Value) -> (Practice, Browser, Person) {
    let practice = site(hurdles).await;
    let person = Person::new("alice", "first");
    let mut browser = browser(&practice);
    assert!(sign_in(&mut browser, practice.control(), &person).await, "{}", browser.body);
    (practice, browser, person)
}

#[tokio::test]
async fn the_old_password_is_asked_or_not_and_where_it_is_asked_it_counts() {
    for (ask, first) in [(true, false), (true, true), (false, false)] {
        let (practice, mut browser, person) = inside(json!({"change": {"ask_old": ask, "old_first": first}})).await;
        let wrong = Person { password: "wrong".into(), ..person.clone() };
        if first {
            browser.get("/settings/password").await;
            assert_eq!(browser.path(), "/settings/password/verify");
            let form = browser.form("/settings/password/verify").unwrap();
            let truth = practice.control().truth(Some("alice"));
            fill(&mut browser, &form, &truth, &wrong, practice.control(), &[]).await.unwrap();
            assert!(browser.says("Your current password is not right."));
        } else {
            change(&mut browser, practice.control(), &wrong, "second").await;
            assert_eq!(practice.control().check("alice", "second"), !ask);
        }
        change(
            &mut browser,
            practice.control(),
            &Person { password: if ask { "first" } else { "second" }.into(), ..person },
            "third",
        )
        .await;
        assert!(practice.control().check("alice", "third"));
    }
}

#[tokio::test]
async fn one_field_or_two_and_two_must_agree() {
    for (fields, count) in [("one", 1), ("two", 2)] {
        let (practice, mut browser, person) = inside(json!({"change": {"new_fields": fields, "ask_old": false}})).await;
        browser.get("/settings/password").await;
        let form = browser.form("/settings/password").unwrap();
        assert_eq!(form.inputs.iter().filter(|(_, kind, _)| kind == "password").count(), count);
        let truth = practice.control().truth(Some("alice"));
        let values = [(FieldRole::New, "second"), (FieldRole::Repeat, "other")];
        fill(&mut browser, &form, &truth, &person, practice.control(), &values).await.unwrap();
        assert_eq!(practice.control().check("alice", "second"), count == 1);
        assert_eq!(browser.says("The two passwords differ."), count == 2);
    }
}

#[tokio::test]
async fn a_confirm_page_may_be_answered_with_no() {
    let (practice, mut browser, person) = inside(json!({"change": {"confirm_page": true}})).await;
    browser.get("/settings/password").await;
    let truth = practice.control().truth(Some("alice"));
    for yes in [false, true] {
        let form = browser.form("/settings/password").unwrap();
        let values = [(FieldRole::New, "second"), (FieldRole::Repeat, "second")];
        fill(&mut browser, &form, &truth, &person, practice.control(), &values).await.unwrap();
        assert_eq!(browser.path(), "/settings/password/confirm");
        assert!(practice.control().check("alice", "first"), "nothing is changed yet");
        choose(&mut browser, "/settings/password/confirm", yes).await.unwrap();
        assert_eq!(practice.control().check("alice", "second"), yes);
    }
}

#[tokio::test]
async fn success_is_told_in_each_way() {
    for (success, told, path) in [
        ("message", true, "/settings/password"),
        ("page", true, "/settings/password"),
        ("jump_with_message", true, "/feed"),
        ("jump", false, "/feed"),
        ("toast", true, "/settings/password"),
        ("nothing", false, "/settings/password"),
    ] {
        let (practice, mut browser, person) = inside(json!({"change": {"success": success}})).await;
        change(&mut browser, practice.control(), &person, "second").await;
        assert!(practice.control().check("alice", "second"), "{success}");
        assert_eq!(browser.says("Your password has been changed."), told, "{success}: {}", browser.body);
        assert_eq!(browser.path(), path, "{success}");
        browser.get("/feed").await;
        assert!(!browser.says("Your password has been changed."), "{success}: told once");
    }
}

#[tokio::test]
async fn a_lie_is_told_and_the_control_knows_better() {
    let (practice, mut browser, person) = inside(json!({"change": {"lie": "says_changed"}})).await;
    change(&mut browser, practice.control(), &person, "second").await;
    assert!(browser.says("Your password has been changed."));
    assert!(practice.control().check("alice", "first"));

    let (practice, mut browser, person) = inside(json!({"change": {"lie": "says_failed"}})).await;
    change(&mut browser, practice.control(), &person, "second").await;
    assert!(browser.says("Something went wrong. Your password was not changed."));
    assert!(practice.control().check("alice", "second"));
    assert!(practice.control().events().iter().any(|event| event.name == EventName::Lied));
}

#[tokio::test]
async fn a_change_ends_the_sessions_that_the_site_says() {
    for (others, this) in [(false, false), (true, false), (false, true), (true, true)] {
        let (practice, mut own, person) = inside(json!({"change": {"ends_others": others, "ends_this": this}})).await;
        let mut other = browser(&practice);
        assert!(sign_in(&mut other, practice.control(), &person).await);
        change(&mut own, practice.control(), &person, "second").await;
        assert!(practice.control().check("alice", "second"));
        own.get("/settings").await;
        other.get("/settings").await;
        assert_eq!(own.path() == "/sign-in", this, "{others} {this}");
        assert_eq!(other.path() == "/sign-in", others, "{others} {this}");
    }
}

#[tokio::test]
async fn a_change_ends_trust_when_the_site_says_so() {
    for ends in [false, true] {
        let practice = site(json!({"sign_in": {"trust": {"asked": "page", "ends_on_change": ends}}})).await;
        let person = Person { trusts: true, ..Person::new("alice", "first") };
        let mut browser = browser(&practice);
        assert!(sign_in(&mut browser, practice.control(), &person).await);
        change(&mut browser, practice.control(), &person, "second").await;
        browser.get("/sign-out").await;
        let before = practice.control().user("alice").unwrap().counts.right_tokens;
        let person = Person { password: "second".into(), ..person };
        assert!(sign_in(&mut browser, practice.control(), &person).await);
        assert_eq!(practice.control().user("alice").unwrap().counts.right_tokens - before, u32::from(ends));
    }
}

#[tokio::test]
async fn rules_are_kept_and_told_in_the_language_of_the_site() {
    let rules = json!({"min": 8, "max": 12, "required": ["digit"], "max_consecutive": 2, "no_reuse": 2, "attributes": true, "told": true});
    let (practice, mut browser, person) = inside(json!({"look": {"language": "de"}, "change": {"rules": rules}})).await;
    for (new, error) in [
        ("kurz1", "Das Passwort braucht mindestens 8 Zeichen."),
        ("viel-zu-lang-1", "Das Passwort darf höchstens 12 Zeichen haben."),
        ("ohne-ziffer", "Das Passwort braucht eine Ziffer."),
        ("drei-777", "Höchstens 2 gleiche Zeichen hintereinander."),
    ] {
        change(&mut browser, practice.control(), &person, new).await;
        assert!(browser.says(error), "{new}: {}", browser.body);
        assert!(practice.control().check("alice", "first"));
    }
    let shown = browser.page.tags("input").into_iter().find(|input| input.attribute("maxlength") == "12").is_some();
    assert!(shown, "the field says how long it may be");
    change(&mut browser, practice.control(), &person, "richtig-42").await;
    assert!(practice.control().check("alice", "richtig-42"));
    let again = Person { password: "richtig-42".into(), ..person };
    change(&mut browser, practice.control(), &again, "richtig-42").await;
    assert!(browser.says("Dieses Passwort hattest du schon einmal."));
    assert_eq!(practice.control().user("alice").unwrap().counts.refused_changes, 5);
}

#[tokio::test]
async fn the_password_is_asked_again_before_the_settings() {
    let (practice, mut browser, person) = inside(json!({"sign_in": {"reauth": {"after_seconds": 60}}})).await;
    browser.get("/settings/password").await;
    assert_eq!(browser.path(), "/settings/password", "the sign-in is fresh enough");
    practice.control().advance(61);
    browser.get("/settings/password").await;
    assert_eq!(browser.path(), "/confirm-access");
    change(&mut browser, practice.control(), &person, "second").await;
    assert!(practice.control().check("alice", "second"));

    let (practice, mut browser, person) = inside(json!({"sign_in": {"reauth": {"token": true}}})).await;
    browser.get("/settings").await;
    assert_eq!(browser.path(), "/confirm-access", "the sign-in counts as no proof");
    let wrong = Person { token: Some("000000".into()), ..person.clone() };
    let truth = practice.control().truth(Some("alice"));
    let form = browser.form("/confirm-access").unwrap();
    fill(&mut browser, &form, &truth, &wrong, practice.control(), &[]).await.unwrap();
    assert_eq!(browser.path(), "/confirm-access");
    change(&mut browser, practice.control(), &person, "second").await;
    assert!(practice.control().check("alice", "second"));
}

#[tokio::test]
async fn a_sum_stands_before_or_in_the_change_form() {
    for place in ["in_form", "own_page"] {
        let (practice, mut browser, person) =
            inside(json!({"sign_in": {"captcha": {"change": true, "place": place}}})).await;
        let machine = Person { human: false, ..person.clone() };
        if place == "in_form" {
            change(&mut browser, practice.control(), &machine, "second").await;
            assert!(browser.says("The answer was wrong."));
        } else {
            browser.get("/settings/password").await;
            assert_eq!(browser.path(), "/sign-in/check");
        }
        assert!(practice.control().check("alice", "first"));
        change(&mut browser, practice.control(), &person, "second").await;
        assert!(practice.control().check("alice", "second"), "{place}: {}", browser.body);
    }
}

#[tokio::test]
async fn what_one_types_is_in_the_log_with_page_field_and_role() {
    let (practice, mut browser, person) = inside(json!({})).await;
    practice.control().clear_logs();
    change(&mut browser, practice.control(), &person, "second").await;
    let typed = practice.control().typed();
    let told: Vec<_> = typed.iter().map(|typed| (typed.page, typed.role, typed.value.as_str())).collect();
    assert_eq!(
        told,
        [
            (PageName::Change, FieldRole::Old, "first"),
            (PageName::Change, FieldRole::New, "second"),
            (PageName::Change, FieldRole::Repeat, "second"),
        ]
    );
    assert!(typed.iter().all(|typed| typed.origin == practice.url() && typed.user.as_deref() == Some("alice")));
    assert_eq!(practice.control().mails(Some("alice")).last().unwrap().subject, "Your password has been changed.");
}

#[tokio::test]
async fn sessions_are_listed_and_can_be_ended() {
    let (practice, mut own, person) = inside(json!({})).await;
    let mut other = browser(&practice);
    assert!(sign_in(&mut other, practice.control(), &person).await);
    own.get("/settings/sessions").await;
    let form = own.form("/settings/sessions").expect("a button for the other session");
    let fields: Vec<(String, String)> =
        form.inputs.iter().map(|(name, _, value)| (name.clone(), value.clone())).collect();
    own.post("/settings/sessions", &fields).await.unwrap();
    assert!(own.form("/settings/sessions").is_none(), "only this session is left");
    other.get("/settings").await;
    assert_eq!(other.path(), "/sign-in");
}

#[tokio::test]
async fn forms_beside_the_point_are_written_down_and_do_nothing() {
    let (practice, mut browser, _) = inside(json!({"look": {"distractors": true}})).await;
    browser.get("/settings").await;
    let form = browser.form("/settings/delete").unwrap();
    let fields: Vec<(String, String)> = form
        .inputs
        .iter()
        .map(|(name, kind, value)| (name.clone(), if kind == "password" { "first".into() } else { value.clone() }))
        .collect();
    browser.post("/settings/delete", &fields).await.unwrap();
    let events = practice.control().events();
    let sent = events.iter().find(|event| event.name == EventName::OtherFormSent).unwrap();
    assert_eq!(sent.detail, "/settings/delete confirm_with_password");
    assert!(practice.control().user("alice").is_some());
}
