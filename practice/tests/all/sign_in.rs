//! Each hurdle of the sign-in does what it says.

use crate::browser::Browser;
use crate::drive::{NOW, Person, browser, fill, sign_in, site, try_sign_in};
use countersign_practice::{EventName, PageName, Practice};
use serde_json::json;

fn alice(password: &str) -> Person {
    Person::new("alice", password)
}

fn names(practice: &Practice) -> Vec<EventName> {
    practice.control().events().into_iter().map(|event| event.name).collect()
}

/// Signs alice in in a fresh browser.
async fn goes_in(practice: &Practice, person: &Person) -> (bool, Browser) {
    let mut browser = browser(practice);
    let inside = sign_in(&mut browser, practice.control(), person).await;
    (inside, browser)
}

#[tokio::test]
async fn a_friendly_site_wants_name_password_and_token() {
    let practice = site(json!({})).await;
    assert!(goes_in(&practice, &alice("first")).await.0);
    assert!(goes_in(&practice, &Person::new("bob", "first")).await.0);
    assert!(!goes_in(&practice, &alice("wrong")).await.0);
    let wrong_token = Person { token: Some("000000".into()), ..alice("first") };
    let (inside, browser) = goes_in(&practice, &wrong_token).await;
    assert!(!inside && browser.says("This code is not right."), "{}", browser.body);
    let counts = practice.control().user("alice").unwrap().counts;
    assert_eq!((counts.sign_ins, counts.wrong_passwords, counts.wrong_tokens, counts.right_tokens), (1, 1, 1, 1));
}

#[tokio::test]
async fn every_way_to_ask_for_the_token_lets_one_in_and_keeps_others_out() {
    for steps in ["one", "two"] {
        for token in ["own_page", "same_form", "appears"] {
            for boxes in [false, true] {
                let practice = site(json!({"sign_in": {"steps": steps, "token": token, "boxes": boxes}})).await;
                let told = format!("{steps} {token} {boxes}");
                let (inside, browser) = goes_in(&practice, &alice("first")).await;
                assert!(inside, "{told}: {} {}", browser.address, browser.body);
                assert!(goes_in(&practice, &Person::new("bob", "first")).await.0, "{told}");
                assert!(
                    !goes_in(&practice, &Person { token: Some("123456".into()), ..alice("first") }).await.0,
                    "{told}"
                );
                assert!(!goes_in(&practice, &alice("wrong")).await.0, "{told}");
                let pages: Vec<PageName> = practice.control().typed().iter().map(|typed| typed.page).collect();
                assert_eq!(pages.contains(&PageName::Token), token == "own_page", "{told}");
                assert_eq!(pages.contains(&PageName::Password), steps == "two", "{told}");
            }
        }
    }
}

#[tokio::test]
async fn boxes_are_one_for_each_digit_and_auto_submit_leaves_no_button() {
    let practice = site(json!({"sign_in": {"boxes": true, "auto_submit": true}})).await;
    let mut browser = browser(&practice);
    browser.get("/sign-in").await;
    let form = browser.form("/sign-in").unwrap();
    let truth = practice.control().truth(Some("alice"));
    fill(&mut browser, &form, &truth, &alice("first"), practice.control(), &[]).await.unwrap();
    assert_eq!(browser.path(), "/sign-in/token");
    let form = browser.page.tags("form").into_iter().find(|form| form.attribute("action") == "/sign-in/token").unwrap();
    let boxes: Vec<_> = form.tags("input").into_iter().filter(|input| input.attribute("maxlength") == "1").collect();
    assert_eq!(boxes.len(), 6);
    assert!(form.tags("button").is_empty());
}

#[tokio::test]
async fn a_used_token_is_refused_until_the_next_step() {
    let practice = site(json!({"sign_in": {"guard": {"refuse_replay": true}}})).await;
    assert!(goes_in(&practice, &alice("first")).await.0);
    let (inside, browser) = goes_in(&practice, &alice("first")).await;
    assert!(!inside && browser.says("This code has been used already."), "{}", browser.body);
    practice.control().advance(30);
    assert!(goes_in(&practice, &alice("first")).await.0);
    assert_eq!(practice.control().user("alice").unwrap().counts.replayed_tokens, 1);
}

#[tokio::test]
async fn a_locked_account_refuses_the_right_password_too() {
    for (told, text) in [("plainly", "locked"), ("as_wrong", "Wrong username or password.")] {
        let guard = json!({"lock_after": 3, "lock_seconds": 600, "lock_told": told});
        let practice = site(json!({"sign_in": {"guard": guard}})).await;
        for _ in 0..3 {
            assert!(!goes_in(&practice, &alice("wrong")).await.0);
        }
        let (inside, browser) = goes_in(&practice, &alice("first")).await;
        assert!(!inside && browser.says(text), "{}", browser.body);
        assert!(practice.control().user("alice").unwrap().locked);
        assert!(practice.control().check("alice", "first"), "the password is as it was");
        practice.control().advance(601);
        assert!(goes_in(&practice, &alice("first")).await.0);
    }
}

#[tokio::test]
async fn wrong_tokens_lock_as_wrong_passwords_do_and_the_control_unlocks() {
    let practice = site(json!({"sign_in": {"guard": {"lock_after": 2}}})).await;
    for _ in 0..2 {
        assert!(!goes_in(&practice, &Person { token: Some("000000".into()), ..alice("first") }).await.0);
    }
    practice.control().advance(1_000_000);
    assert!(!goes_in(&practice, &alice("first")).await.0, "without a time it stays locked");
    assert!(practice.control().unlock("alice"));
    assert!(goes_in(&practice, &alice("first")).await.0);
}

#[tokio::test]
async fn too_many_posts_are_answered_429() {
    let practice = site(json!({"sign_in": {"guard": {"rate_limit": {"posts": 4, "seconds": 60}}}})).await;
    assert!(goes_in(&practice, &alice("first")).await.0, "two posts");
    assert!(goes_in(&practice, &alice("first")).await.0, "four posts");
    let (inside, browser) = goes_in(&practice, &alice("first")).await;
    assert_eq!((inside, browser.status), (false, 429));
    assert_eq!(browser.headers["retry-after"], "60");
    practice.control().advance(61);
    assert!(goes_in(&practice, &alice("first")).await.0);
}

#[tokio::test]
async fn a_sum_in_a_picture_stops_machines_and_lets_people_pass() {
    for place in ["in_form", "own_page"] {
        for (picture, mime) in [("png", "image/png"), ("svg", "image/svg+xml")] {
            let captcha = json!({"sign_in": true, "place": place, "picture": picture});
            let practice = site(json!({"sign_in": {"captcha": captcha}})).await;
            let machine = Person { human: false, ..alice("first") };
            assert!(!goes_in(&practice, &machine).await.0, "{place}");
            let (inside, browser) = goes_in(&practice, &alice("first")).await;
            assert!(inside, "{place}: {}", browser.body);
            assert!(names(&practice).contains(&EventName::CaptchaSolved));

            let mut looker = crate::drive::browser(&practice);
            looker.get("/sign-in").await;
            if place == "in_form" {
                let source = looker.page.tags("img")[0].attribute("src").to_owned();
                looker.get(&source).await;
                assert_eq!(looker.headers["content-type"], mime);
                looker.get("/picture/another.png").await;
                assert_eq!(looker.status, 404);
            }
        }
    }
}

#[tokio::test]
async fn a_browser_that_solved_a_sum_is_remembered_when_the_site_says_so() {
    for remembered in [false, true] {
        let captcha = json!({"sign_in": true, "remembered": remembered});
        let practice = site(json!({"sign_in": {"captcha": captcha}})).await;
        let (inside, mut browser) = goes_in(&practice, &alice("first")).await;
        assert!(inside);
        browser.get("/sign-out").await;
        browser.get("/sign-in").await;
        assert_eq!(browser.page.tags("img").is_empty(), remembered);
    }
}

#[tokio::test]
async fn a_place_is_asked_about_and_no_is_no() {
    let practice = site(json!({"sign_in": {"location": "new_browser"}})).await;
    assert!(!goes_in(&practice, &Person { was_me: false, ..alice("first") }).await.0);
    let (inside, mut browser) = goes_in(&practice, &alice("first")).await;
    assert!(inside);
    let asked = names(&practice).iter().filter(|name| **name == EventName::LocationAnswered).count();
    assert_eq!(asked, 2);
    browser.get("/sign-out").await;
    assert!(sign_in(&mut browser, practice.control(), &alice("first")).await);
    let again = names(&practice).iter().filter(|name| **name == EventName::LocationAnswered).count();
    assert_eq!(again, 2, "a browser that is known is not asked again");
}

#[tokio::test]
async fn an_unknown_browser_needs_the_code_from_the_mail() {
    let practice = site(json!({"sign_in": {"mail_code": true}})).await;
    assert!(!goes_in(&practice, &Person { human: false, ..alice("first") }).await.0);
    let (inside, mut browser) = goes_in(&practice, &alice("first")).await;
    assert!(inside);
    let mails = practice.control().mails(Some("alice"));
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert_eq!(mails[1].code.as_ref().map(String::len), Some(6));
    browser.get("/sign-out").await;
    assert!(sign_in(&mut browser, practice.control(), &alice("first")).await);
    assert_eq!(practice.control().mails(Some("alice")).len(), 2, "a browser that is known gets none");
}

#[tokio::test]
async fn a_trusted_browser_is_asked_for_no_token() {
    for asked in ["page", "checkbox"] {
        let practice = site(json!({"sign_in": {"trust": {"asked": asked}}})).await;
        for trusts in [false, true] {
            let person = Person { trusts, ..alice("first") };
            let (inside, mut browser) = goes_in(&practice, &person).await;
            assert!(inside, "{asked}");
            browser.get("/sign-out").await;
            let before = practice.control().user("alice").unwrap().counts.right_tokens;
            assert!(sign_in(&mut browser, practice.control(), &person).await, "{asked}");
            let after = practice.control().user("alice").unwrap().counts.right_tokens;
            assert_eq!(after - before, u32::from(!trusts), "{asked} {trusts}");
        }
    }
}

#[tokio::test]
async fn the_clock_moves_tokens_and_the_date() {
    let practice = site(json!({"clock": {"offset_seconds": -7200}})).await;
    let (inside, browser) = goes_in(&practice, &alice("first")).await;
    assert!(inside, "the control's token is of the site's time");
    assert_eq!(browser.headers["date"], "Mon, 24 Nov 2025 14:00:00 GMT");
    assert_eq!(practice.control().now(), NOW - 7200);
    let right_elsewhere = {
        practice.control().set_clock(0);
        practice.control().token("alice")
    };
    practice.control().set_clock(-7200);
    assert!(!goes_in(&practice, &Person { token: right_elsewhere, ..alice("first") }).await.0);
}

#[tokio::test]
async fn a_decoy_that_is_filled_spoils_the_right_password() {
    let practice = site(json!({"look": {"decoys": true}})).await;
    let mut browser = browser(&practice);
    browser.get("/sign-in").await;
    let form = browser.form("/sign-in").unwrap();
    let mut fields: Vec<(String, String)> =
        form.inputs.iter().map(|(name, _, value)| (name.clone(), value.clone())).collect();
    for (name, value) in &mut fields {
        match name.as_str() {
            "username" | "website" => *value = "alice".into(),
            "password" | "passwrd" => *value = "first".into(),
            _ => {}
        }
    }
    browser.post("/sign-in", &fields).await.unwrap();
    assert!(browser.says("Wrong username or password."));
    assert!(names(&practice).contains(&EventName::DecoyFilled));
    assert!(goes_in(&practice, &alice("first")).await.0);
}

#[tokio::test]
async fn a_form_without_its_mark_is_refused() {
    let practice = site(json!({})).await;
    let mut browser = browser(&practice);
    browser.get("/sign-in").await;
    let fields = [("username", "alice"), ("password", "first")].map(|(name, value)| (name.into(), value.into()));
    browser.post("/sign-in", &fields).await.unwrap();
    assert_eq!(browser.status, 403);
    assert_eq!(practice.control().user("alice").unwrap().counts.right_passwords, 0);
}

#[tokio::test]
async fn one_may_sign_up_sign_in_with_the_mail_address_and_set_up_a_token() {
    let practice = site(json!({})).await;
    let mut browser = browser(&practice);
    browser.get("/sign-up").await;
    let form = browser.form("/sign-up").unwrap();
    let csrf = form.inputs[0].2.clone();
    let fields =
        [("csrf", csrf.as_str()), ("join_name", "carol"), ("join_mail", "carol@post.example"), ("join_password", "pw")];
    let fields: Vec<(String, String)> = fields.map(|(name, value)| (name.into(), value.into())).into();
    browser.post("/sign-up", &fields).await.unwrap();
    assert_eq!(browser.path(), "/sign-in");
    let person = Person::new("carol", "pw");
    assert!(try_sign_in(&mut browser, practice.control(), &person).await.unwrap());
    browser.get("/settings/two-factor").await;
    let seed = browser.page.tags("code")[0].text.clone();
    let csrf = browser.form("/settings/two-factor").unwrap().inputs[0].2.clone();
    let shadow = countersign_practice::NewUser::new("shadow", "x", &seed);
    practice.control().add_user(shadow).unwrap();
    let token = practice.control().token("shadow").unwrap();
    let fields: Vec<(String, String)> =
        [("csrf", csrf), ("seed", seed), ("otp", token)].map(|(name, value)| (name.to_owned(), value)).into();
    browser.post("/settings/two-factor", &fields).await.unwrap();
    assert!(practice.control().user("carol").unwrap().has_seed, "{}", browser.body);
    assert!(goes_in(&practice, &person).await.0);
    assert_eq!(practice.control().user("carol").unwrap().counts.right_tokens, 1);
}
