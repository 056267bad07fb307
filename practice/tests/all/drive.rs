//! Signing in and changing the password as a person would: following the forms that stand on the pages.

use crate::browser::{Browser, Died, Form};
use countersign_practice::{
    Config, Control, FieldRole, Hurdles, NewUser, PageName, Practice, TimeSource, Truth, start,
};
use serde_json::Value;

pub(crate) const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
pub(crate) const NOW: i64 = 1_764_000_000;

/// A site with these hurdles, alice (`first`, with a seed) and bob (`first`, without), and a clock that stands.
pub(crate) async fn site(hurdles: Value) -> Practice {
    start(Config {
        hurdles: Hurdles::default().patched(&hurdles).unwrap(),
        users: vec![NewUser::new("alice", "first", SEED), NewUser::new("bob", "first", "")],
        time: TimeSource::Fixed(NOW),
        ..Config::default()
    })
    .await
    .unwrap()
}

/// Somebody who signs in: what they know and what they answer.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user: &'static str,
    pub(crate) password: String,
    /// The answer to "trust this browser?".
    pub(crate) trusts: bool,
    /// The answer to "was that you?".
    pub(crate) was_me: bool,
    /// Reads sums in pictures and mails.
    pub(crate) human: bool,
    /// A token to use instead of the current one.
    pub(crate) token: Option<String>,
}

impl Person {
    pub(crate) fn new(user: &'static str, password: &str) -> Self {
        Self { user, password: password.to_owned(), trusts: false, was_me: true, human: true, token: None }
    }
}

/// A browser at the site, before the first page.
pub(crate) fn browser(practice: &Practice) -> Browser {
    Browser::new(practice.url())
}

/// Goes to the sign-in from the front page.
pub(crate) async fn to_sign_in(browser: &mut Browser, truth: &Truth) {
    browser.get("/").await;
    let sign_in = &truth.paths["sign_in"];
    if browser.form(sign_in).is_none() && browser.path().trim_end_matches('/') != sign_in.trim_end_matches('/') {
        assert!(browser.links_to(sign_in), "no way to the sign-in from {}: {}", browser.address, browser.body);
        browser.get(sign_in).await;
    }
}

/// Signs in, through whatever comes, until a page comes that asks for nothing known. True is signed in.
pub(crate) async fn sign_in(browser: &mut Browser, control: &Control, person: &Person) -> bool {
    try_sign_in(browser, control, person).await.unwrap()
}

/// As [`sign_in`], where the site may die.
pub(crate) async fn try_sign_in(browser: &mut Browser, control: &Control, person: &Person) -> Result<bool, Died> {
    let truth = control.truth(None);
    to_sign_in(browser, &truth).await;
    let form = browser.form(&truth.paths["sign_in"]).expect("a form to sign in");
    fill(browser, &form, &truth, person, control, &[]).await?;
    for _ in 0..8 {
        let truth = control.truth(Some(person.user));
        let path = browser.path().to_owned();
        let at = |page: &str| truth.paths[page] == path;
        if at("feed") || at("profile") || path == truth.change_page {
            return Ok(true);
        }
        if browser.away.is_some() || browser.status >= 400 || at("sign_in") && !asks_token_there(browser, &truth) {
            return Ok(false);
        }
        if at("location") || at("trust") {
            let yes = if at("location") { person.was_me } else { person.trusts };
            choose(browser, &path, yes).await?;
            continue;
        }
        if (at("captcha") || at("mail_code")) && !person.human {
            return Ok(false);
        }
        let Some(form) = browser.form(&path) else { return Ok(false) };
        fill(browser, &form, &truth, person, control, &[]).await?;
        if browser.path() == path && !at("sign_in") && !at("password") {
            return Ok(false);
        }
    }
    Ok(false)
}

fn asks_token_there(browser: &Browser, truth: &Truth) -> bool {
    let token = &truth.fields[&PageName::Token][0].name;
    let form = browser.form(&truth.paths["sign_in"]);
    form.is_some_and(|form| form.inputs.iter().any(|(name, _, value)| name == token && value.is_empty()))
}

/// Goes to the change page by its links, from the page after the sign-in.
pub(crate) async fn to_change(browser: &mut Browser, truth: &Truth) {
    let path = |page: &str| truth.paths[page].clone();
    if truth.decisions["change_at"] == "Profile" {
        assert!(browser.links_to(&path("profile")), "no link to the profile");
        browser.get(&path("profile")).await;
    } else {
        assert!(browser.links_to(&path("settings")), "no link to the settings: {}", browser.body);
        browser.get(&path("settings")).await;
        if truth.decisions["change_at"] == "Security" {
            assert!(browser.links_to(&path("security")), "no link to security: {}", browser.body);
            browser.get(&path("security")).await;
        }
    }
    if browser.path() != truth.change_page {
        assert!(browser.links_to(&truth.change_page), "no link to the change page: {}", browser.body);
        browser.get(&truth.change_page).await;
    }
}

/// Changes the password, through whatever comes before and after; the page at the end is the browser's.
pub(crate) async fn change(browser: &mut Browser, control: &Control, person: &Person, new: &str) {
    try_change(browser, control, person, new).await.unwrap();
}

/// As [`change`], where the site may die.
pub(crate) async fn try_change(
    browser: &mut Browser,
    control: &Control,
    person: &Person,
    new: &str,
) -> Result<(), Died> {
    let truth = control.truth(Some(person.user));
    let path = |page: &str| truth.paths[page].clone();
    browser.try_get(&truth.change_page).await?;
    for before in ["reauth", "captcha", "old_password"] {
        if browser.path() == path(before) {
            let form = browser.form(&path(before)).unwrap();
            fill(browser, &form, &truth, person, control, &[]).await?;
        }
    }
    let Some(form) = browser.form(&path("change")) else {
        panic!("no change form at {}: {}", browser.address, browser.body)
    };
    let new_values = [(FieldRole::New, new), (FieldRole::Repeat, new)];
    fill(browser, &form, &truth, person, control, &new_values).await?;
    if browser.path() == path("change_confirm") {
        choose(browser, &path("change_confirm"), true).await?;
    }
    Ok(())
}

/// Fills a form with what the person knows and sends it where the form says.
pub(crate) async fn fill(
    browser: &mut Browser,
    form: &Form,
    truth: &Truth,
    person: &Person,
    control: &Control,
    over: &[(FieldRole, &str)],
) -> Result<(), Died> {
    let roles: Vec<(String, FieldRole)> =
        truth.fields.values().flatten().map(|field| (field.name.clone(), field.role)).collect();
    let role = |name: &str| roles.iter().find(|(known, _)| known == name).map(|(_, role)| *role);
    let token = person.token.clone().or_else(|| control.token(person.user)).unwrap_or_default();
    let boxes = form.inputs.iter().filter(|(name, ..)| role(name) == Some(FieldRole::Token)).count();
    let mut digits = token.chars();
    let sum = control
        .sittings()
        .into_iter()
        .find(|sitting| Some(&sitting.id) == browser.cookies.get("sid"))
        .and_then(|sitting| sitting.captcha_answer);
    let mut fields = Vec::new();
    for (name, kind, value) in &form.inputs {
        if name.is_empty() || kind == "submit" {
            continue;
        }
        let role = role(name);
        let told = over.iter().find(|(known, _)| Some(*known) == role).map(|(_, value)| (*value).to_owned());
        let value = told
            .or_else(|| {
                Some(match role? {
                    FieldRole::Username => person.user.to_owned(),
                    FieldRole::Password | FieldRole::Old => person.password.clone(),
                    FieldRole::Token if boxes > 1 => digits.next().map(String::from).unwrap_or_default(),
                    FieldRole::Token => token.clone(),
                    FieldRole::Captcha if person.human => sum.unwrap_or_default().to_string(),
                    FieldRole::MailCode => {
                        control.mails(Some(person.user)).pop().and_then(|mail| mail.code).unwrap_or_default()
                    }
                    _ => return None,
                })
            })
            .unwrap_or_else(|| value.clone());
        if kind == "checkbox" && !(name == "trust" && person.trusts) {
            continue;
        }
        fields.push((name.clone(), value));
    }
    assert_eq!(form.method, "post");
    browser.post(&form.action, &fields).await
}

/// Answers a question of two answers, in whichever of the forms it is put.
pub(crate) async fn choose(browser: &mut Browser, path: &str, yes: bool) -> Result<(), Died> {
    let wanted = if yes { "yes" } else { "no" };
    let forms: Vec<Form> = browser.forms().into_iter().filter(|form| form.action == path).collect();
    let carries = |form: &Form, value: &str| form.inputs.iter().any(|(name, _, has)| name == "choice" && has == value);
    let form = forms.iter().find(|form| carries(form, wanted)).or(forms.first()).expect("a form to answer with");
    let mut fields: Vec<(String, String)> = form
        .inputs
        .iter()
        .filter(|(name, kind, _)| kind == "hidden" && name != "choice")
        .map(|(name, _, value)| (name.clone(), value.clone()))
        .collect();
    if carries(form, wanted) {
        fields.push(("choice".into(), wanted.into()));
    } else {
        fields.push((format!("choice_{wanted}"), "1".into()));
    }
    let action = form.action.clone();
    browser.post(&action, &fields).await
}
