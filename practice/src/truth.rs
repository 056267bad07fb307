//! What is so about a layout: the answers to what a reader of the pages has to find out.

use crate::hurdles::{CaptchaPlace, Hurdles, Steps, Success, TokenPlace};
use crate::layout::{ChangeAt, FieldRole, Layout};
use crate::page_name::PageName;
use crate::words::{Word, Words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is so about the site as one user meets it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Truth {
    /// Paths by page: `home`, `sign_in`, `password`, `captcha`, `location`, `mail_code`, `token`, `trust`, `reauth`,
    /// `sign_out`, `sign_up`, `feed`, `profile`, `settings`, `security`, `old_password`, `change`, `change_confirm`,
    /// `sessions`, `two_factor`, `about`, `search`, `newsletter`, `mail`, `delete`.
    pub paths: BTreeMap<String, String>,
    /// Names of the fields that matter, by page, in their order on the page. One-digit boxes are listed one by one.
    pub fields: BTreeMap<PageName, Vec<TrueField>>,
    /// The path of the page with the change form.
    pub change_page: String,
    /// The texts of the links that lead to the change page, from any page after the sign-in.
    pub change_trail: Vec<String>,
    /// The old password is asked for.
    pub asks_old: bool,
    /// A page asks "do you really want to?".
    pub confirm_page: bool,
    /// How success is told.
    pub success: Success,
    /// What the site says when it says that the password was changed.
    pub success_text: String,
    /// What the layout decided, by decision, as text.
    pub decisions: BTreeMap<String, String>,
}

/// A field by its name and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueField {
    /// Its `name`.
    pub name: String,
    /// What it is for.
    pub role: FieldRole,
}

/// The truth about the site under these hurdles; `digits` is how many a token has.
pub(crate) fn truth(hurdles: &Hurdles, digits: u8) -> Truth {
    let layout = Layout::new(hurdles);
    let words = Words::new(hurdles.look.language, hurdles.look.layout_seed);
    let paths = serde_json::to_value(&layout.paths).ok().and_then(|paths| serde_json::from_value(paths).ok());
    Truth {
        paths: paths.unwrap_or_default(),
        fields: fields(hurdles, &layout, digits),
        change_page: layout.change_page().to_owned(),
        change_trail: trail(&layout, &words),
        asks_old: layout.ask_old,
        confirm_page: layout.confirm_page,
        success: layout.success,
        success_text: words.say(Word::Changed).to_owned(),
        decisions: decisions(&layout),
    }
}

fn fields(hurdles: &Hurdles, layout: &Layout, digits: u8) -> BTreeMap<PageName, Vec<TrueField>> {
    let names = &layout.names;
    let field = |name: &str, role| vec![TrueField { name: name.to_owned(), role }];
    let username = field(&names.username, FieldRole::Username);
    let password = field(&names.password, FieldRole::Password);
    let token = token_fields(hurdles, layout, digits);
    let captcha = field(&names.captcha, FieldRole::Captcha);
    let (sign_in, sums) = (&hurdles.sign_in, &hurdles.sign_in.captcha);
    let same = if sign_in.token == TokenPlace::SameForm { token.clone() } else { Vec::new() };
    let in_form =
        |wanted: bool| if wanted && sums.place == CaptchaPlace::InForm { captcha.clone() } else { Vec::new() };
    let old = field(&names.old, FieldRole::Old);
    let mut change = field(&names.new, FieldRole::New);
    if layout.two_new {
        change.extend(field(&names.repeat, FieldRole::Repeat));
    }
    if layout.ask_old && (!layout.old_first || layout.change_at.on_settings()) {
        let at = if layout.old_last { change.len() } else { 0 };
        change.splice(at..at, old.clone());
    }
    change.extend(in_form(sums.change));
    let mut all = BTreeMap::from([
        (PageName::Token, token),
        (PageName::Captcha, captcha.clone()),
        (PageName::MailCode, field(&names.mail_code, FieldRole::MailCode)),
        (PageName::Reauth, password.clone()),
        (PageName::OldPassword, old),
        (PageName::Change, change),
    ]);
    if sign_in.steps == Steps::Two {
        all.insert(PageName::SignIn, [username, in_form(sums.sign_in)].concat());
        all.insert(PageName::Password, [password, same].concat());
    } else {
        all.insert(PageName::SignIn, [username, password, same, in_form(sums.sign_in)].concat());
    }
    all
}

fn token_fields(hurdles: &Hurdles, layout: &Layout, digits: u8) -> Vec<TrueField> {
    let name = &layout.names.token;
    let one = |name: String| TrueField { name, role: FieldRole::Token };
    match (hurdles.sign_in.boxes, layout.names.boxes_share_name) {
        (false, _) => vec![one(name.clone())],
        (true, true) => (0..digits).map(|_| one(format!("{name}[]"))).collect(),
        (true, false) => (1..=digits).map(|index| one(format!("{name}_{index}"))).collect(),
    }
}

fn trail(layout: &Layout, words: &Words) -> Vec<String> {
    let say = |word| words.say(word).to_owned();
    match layout.change_at {
        ChangeAt::Settings => vec![say(Word::Settings), say(Word::ChangeLink)],
        ChangeAt::Security => vec![say(Word::Settings), say(Word::Security), say(Word::ChangeLink)],
        ChangeAt::Profile => vec![say(Word::Profile), say(Word::ChangeLink)],
        ChangeAt::SamePage => vec![say(Word::Settings)],
        ChangeAt::Accordion | ChangeAt::Tab | ChangeAt::Dialog => vec![say(Word::Settings), say(Word::ChangeLink)],
    }
}

fn decisions(layout: &Layout) -> BTreeMap<String, String> {
    [
        ("sign_in_at", format!("{:?}", layout.sign_in_at)),
        ("settings_at", format!("{:?}", layout.settings_at)),
        ("change_at", format!("{:?}", layout.change_at)),
        ("nest", format!("{:?}", layout.nest)),
        ("labels", format!("{:?}", layout.labels)),
        ("button", format!("{:?}", layout.button)),
        ("choice", format!("{:?}", layout.choice)),
        ("message_at", format!("{:?}", layout.message_at)),
        ("autocomplete", format!("{:?}", layout.autocomplete)),
        ("old_first", layout.old_first.to_string()),
        ("old_last", layout.old_last.to_string()),
        ("two_new", layout.two_new.to_string()),
        ("error_like", layout.error_like.to_string()),
        ("other_password_forms", layout.other_password_forms.to_string()),
        ("show_password", layout.show_password.to_string()),
        ("join_on_front", layout.join_on_front.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
