//! Hundreds of layouts: each is well-formed, has what the flow needs, and works by its own forms.

use crate::browser::Browser;
use crate::drive::{Person, browser, change, sign_in, site, to_change};
use countersign_practice::hurdles::Language;
use countersign_practice::{FieldRole, Hurdles, PageName};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Signs in and changes the password under each seed, and gives what was seen.
async fn through(seeds: std::ops::Range<u64>, more: Value, part: bool) -> BTreeSet<String> {
    let practice = site(json!({})).await;
    let control = practice.control();
    let mut person = Person::new("alice", "first");
    let mut decisions = BTreeSet::new();
    for seed in seeds {
        let language = Language::ALL[(seed % 6) as usize];
        let base = json!({"look": {"layout_seed": seed, "language": language}});
        let hurdles = Hurdles::default().patched(&base).unwrap().patched(&more).unwrap();
        control.set_hurdles(hurdles);
        control.forget_browsers();
        control.clear_logs();
        let truth = control.truth(Some("alice"));
        decisions.extend(truth.decisions.iter().map(|(name, value)| format!("{name}={value}")));

        let mut browser = Browser { part, ..browser(&practice) };
        let told = |browser: &Browser| format!("seed {seed} at {}: {}", browser.address, browser.body);
        assert!(sign_in(&mut browser, control, &person).await, "{}", told(&browser));
        to_change(&mut browser, &truth).await;
        let new = format!("Pass-{seed}-wørd");
        change(&mut browser, control, &person, &new).await;
        assert!(control.check("alice", &new), "{}", told(&browser));
        assert!(!control.check("alice", &person.password), "seed {seed}");

        let mut fresh = Browser { part, ..self::browser(&practice) };
        assert!(!sign_in(&mut fresh, control, &person).await, "seed {seed}: the old password still works");
        person.password = new;
        let mut fresh = Browser { part, ..self::browser(&practice) };
        assert!(sign_in(&mut fresh, control, &person).await, "{}", told(&fresh));
        assert!(control.trapped().is_empty());
    }
    decisions
}

#[tokio::test]
async fn five_hundred_layouts_let_one_in_and_change_the_password() {
    let seen = through(0..500, json!({}), false).await;
    for decision in
        ["sign_in_at=Dialog", "change_at=Tab", "nest=Terms", "labels=LabelledBy", "button=DivRole", "choice=Radio"]
    {
        assert!(seen.contains(decision), "{decision} is in none of the layouts: {seen:?}");
    }
}

#[tokio::test]
async fn layouts_with_every_hurdle_of_looks_still_work() {
    let more = json!({
        "look": {
            "generated_names": true, "duplicate_ids": true, "decoys": true, "shadow": "closed", "labels": "icons",
            "error_like_texts": true, "distractors": true,
            "dialogs": {"cookie_banner": true, "newsletter_box": true, "toast_over_button_ms": 4000, "confirm": true},
        },
        "sign_in": {"steps": "two", "boxes": true, "location": "always", "mail_code": true, "trust": {"asked": "page"}},
    });
    through(1000..1060, more, false).await;
}

#[tokio::test]
async fn layouts_work_without_navigation() {
    through(2000..2060, json!({"look": {"transport": "fetch"}}), true).await;
}

#[tokio::test]
async fn the_fields_on_the_pages_are_those_that_the_truth_tells() {
    let practice = site(json!({})).await;
    let control = practice.control();
    for seed in 0..80 {
        let hurdles =
            json!({"look": {"layout_seed": seed}, "sign_in": {"steps": if seed % 2 == 0 { "one" } else { "two" }}});
        control.set_hurdles(Hurdles::default().patched(&hurdles).unwrap());
        control.forget_browsers();
        let truth = control.truth(Some("bob"));
        let mut browser = browser(&practice);
        assert!(sign_in(&mut browser, control, &Person::new("bob", "first")).await, "seed {seed}");
        browser.get(&truth.change_page).await;
        if browser.path() == truth.paths["old_password"] {
            let form = browser.form(&truth.paths["old_password"]).unwrap();
            let person = Person::new("bob", "first");
            crate::drive::fill(&mut browser, &form, &truth, &person, control, &[]).await.unwrap();
        }
        let form = browser.form(&truth.paths["change"]).unwrap();
        let shown: Vec<String> =
            form.inputs.iter().filter(|(_, kind, _)| kind == "password").map(|(name, ..)| name.clone()).collect();
        let told: Vec<String> = truth.fields[&PageName::Change].iter().map(|field| field.name.clone()).collect();
        assert_eq!(shown, told, "seed {seed}");
        assert_eq!(
            told.len(),
            1 + usize::from(truth.asks_old && truth.fields[&PageName::Change].iter().any(|f| f.role == FieldRole::Old))
                + usize::from(truth.decisions["two_new"] == "true")
        );
    }
}

#[tokio::test]
async fn a_seed_gives_the_same_page_again() {
    for seed in [0, 5, 123_456] {
        let mut pages = Vec::new();
        for _ in 0..2 {
            let practice = site(json!({"look": {"layout_seed": seed}})).await;
            let mut browser = browser(&practice);
            let path = practice.control().truth(None).paths["sign_in"].clone();
            browser.get(&path).await;
            let port = browser.origin.port().unwrap().to_string();
            let start = browser.body.find("<body").unwrap();
            let end = browser.body.find("<script").unwrap();
            pages.push(browser.body[start..end].replace(&port, "PORT"));
            practice.stop().await;
        }
        assert_eq!(pages[0], pages[1], "seed {seed}");
    }
}

#[tokio::test]
async fn ids_are_the_same_for_every_input_and_class_names_made_up() {
    let practice = site(json!({"look": {"duplicate_ids": true, "generated_names": true, "decoys": true}})).await;
    let path = practice.control().truth(None).paths["sign_in"].clone();
    let mut browser = browser(&practice);
    browser.get(&path).await;
    let ids: BTreeSet<&str> =
        browser.page.tags("input").iter().map(|input| input.attribute("id")).filter(|id| !id.is_empty()).collect();
    assert_eq!(ids, BTreeSet::from(["input"]));
    let classes: Vec<&str> = browser.page.all().iter().map(|element| element.attribute("class")).collect();
    assert!(classes.iter().all(|class| !["card", "app", "row", "button"].contains(class)), "{classes:?}");
    let decoys = browser.page.tags("input").iter().filter(|input| input.attribute("tabindex") == "-1").count();
    assert_eq!(decoys, 3);
}

#[tokio::test]
async fn every_way_to_label_a_field_does_what_it_says() {
    let practice = site(json!({})).await;
    let control = practice.control();
    for labels in [
        "before",
        "around",
        "after",
        "beside",
        "placeholder",
        "aria_label",
        "labelled_by",
        "title",
        "icons",
        "icons_named",
    ] {
        control.patch_hurdles(None, &json!({"look": {"labels": labels}})).unwrap();
        let mut browser = browser(&practice);
        browser.get("/sign-in").await;
        let form = browser.page.tags("form").into_iter().find(|form| form.attribute("action") == "/sign-in").unwrap();
        let input = form.tags("input").into_iter().find(|input| input.attribute("name") == "username").unwrap();
        let label = form.tags("label").into_iter().find(|label| label.attribute("for") == input.attribute("id"));
        let around = form
            .tags("label")
            .into_iter()
            .any(|label| label.tags("input").iter().any(|one| one.attribute("name") == "username"));
        let id_exists = |id: &str| form.all().iter().any(|element| element.attribute("id") == id);
        let right = match labels {
            "before" | "after" => label.is_some_and(|label| label.text == "Username"),
            "around" => around,
            "beside" => label.is_none() && form.words().contains("Username"),
            "placeholder" => input.attribute("placeholder") == "Username",
            "aria_label" | "icons_named" => input.attribute("aria-label") == "Username",
            "labelled_by" => id_exists(input.attribute("aria-labelledby")),
            "title" => input.attribute("title") == "Username",
            _ => {
                !form.words().contains("Username")
                    && input.attribute("aria-label").is_empty()
                    && !form.tags("svg").is_empty()
            }
        };
        assert!(right, "{labels}: {}", browser.body);
    }
}

#[tokio::test]
async fn the_six_languages_say_what_they_say() {
    let practice = site(json!({})).await;
    let expected = ["Sign in", "Anmelden", "Se connecter", "Iniciar sesión", "Accedi", "Entrar"];
    for (language, button) in Language::ALL.into_iter().zip(expected) {
        practice.control().patch_hurdles(None, &json!({"look": {"language": language}})).unwrap();
        let mut browser = browser(&practice);
        browser.get("/sign-in").await;
        let buttons: Vec<String> = browser.page.tags("button").iter().map(|button| button.text.clone()).collect();
        assert!(buttons.iter().any(|text| text == button), "{language:?}: {buttons:?}");
        assert_eq!(browser.page.tags("html")[0].attribute("lang"), language.tag());
    }
}
