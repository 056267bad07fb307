//! The settings and what is in them.

use super::{Answer, Field, Form, Page, Site};
use crate::account::TokenParameters;
use crate::clock::readable;
use crate::html::{Node, el, raw};
use crate::journal::EventName;
use crate::layout::{ChangeAt, FieldRole};
use crate::page_name::PageName;
use crate::words::Word;
use data::BASE32;

impl Site<'_> {
    /// What comes before any page of the settings: the sign-in, or the password again.
    pub(super) fn before_settings(&mut self) -> Option<Answer> {
        let path = if self.ask.post { self.layout.change_page().to_owned() } else { self.ask.path.clone() };
        if self.user().is_none() {
            self.visit().return_to = Some(path);
            return Some(Answer::Jump(self.layout.paths.sign_in.clone()));
        }
        if self.reauth_wanted() {
            self.visit().return_to = Some(path);
            return Some(Answer::Jump(self.layout.paths.reauth.clone()));
        }
        None
    }

    /// A page of the settings that has no change form on it: the first, or the one about security.
    pub(super) fn settings(&mut self) -> Answer {
        if let Some(first) = self.before_settings() {
            return first;
        }
        let paths = self.layout.paths.clone();
        let on_security = self.ask.path.trim_end_matches('/') == paths.security;
        let title = self.say(if on_security { Word::Security } else { Word::Settings });
        let mut rows: Vec<(String, &str)> = Vec::new();
        let change = (paths.change.clone(), self.say(Word::ChangeLink));
        match self.layout.change_at {
            ChangeAt::Security if on_security => rows.push(change),
            ChangeAt::Security => rows.push((paths.security.clone(), self.say(Word::Security))),
            ChangeAt::Settings if !on_security => rows.push(change),
            _ => {}
        }
        rows.push((paths.sessions.clone(), self.say(Word::Sessions)));
        rows.push((paths.two_factor.clone(), self.say(Word::TwoFactor)));
        rows.push((paths.profile.clone(), self.say(Word::Profile)));
        rows.push((paths.about.clone(), self.say(Word::Privacy)));
        let turn = (self.layout.seed % rows.len() as u64) as usize;
        rows.rotate_left(turn);
        let list = el("ul").class("menu").kids(rows.iter().map(|(path, text)| el("li").kid(self.link(path, text))));
        let mut main: Vec<Node> = vec![el("h1").text(title).into(), list.into()];
        if !on_security {
            main.extend(self.other_password_forms());
        }
        Page::new(PageName::Settings, title, main).into()
    }

    /// The settings page with the change form on it, as the layout puts it there.
    pub(super) fn settings_with(&mut self, form: &Form) -> Vec<Node> {
        let told = form.error.is_some() || form.notice.is_some();
        let card = self.form(form);
        let link = self.say(Word::ChangeLink);
        let paths = self.layout.paths.clone();
        let rows = [(&paths.sessions, Word::Sessions), (&paths.two_factor, Word::TwoFactor)];
        let list = el("ul").class("menu").kids(rows.map(|(path, word)| el("li").kid(self.link(path, self.say(word)))));
        let mut main: Vec<Node> = vec![el("h1").text(self.say(Word::Settings)).into()];
        let others = self.other_password_forms();
        match self.layout.change_at {
            ChangeAt::Accordion => {
                main.push(list.into());
                main.push(el("details").flag_if(told, "open").kid(el("summary").text(link)).kid(card).into());
            }
            ChangeAt::Tab => {
                let tab = |text: &str| {
                    el("button").at("type", "button").at("role", "tab").at("onclick", "tab(this)").text(text)
                };
                let tabs =
                    el("div").at("role", "tablist").class("tabs").kid(tab(self.say(Word::Account))).kid(tab(link));
                let panel = |shown: bool| el("div").at("role", "tabpanel").flag_if(!shown, "hidden");
                main.push(tabs.into());
                main.push(el("div").kid(panel(!told).kid(list).kids(others)).kid(panel(told).kid(card)).into());
                return main;
            }
            ChangeAt::Dialog => {
                let open = el("button").at("type", "button").class("button").text(link);
                main.push(list.into());
                main.push(
                    el("div")
                        .class("row")
                        .kid(open.at("onclick", "this.nextElementSibling.showModal()"))
                        .kid(el("dialog").flag_if(told, "open").kid(card))
                        .into(),
                );
            }
            _ => {
                let mut parts = vec![card];
                parts.extend(others);
                let turn = (self.layout.seed % parts.len() as u64) as usize;
                parts.rotate_left(turn);
                main.push(list.into());
                main.extend(parts);
                return main;
            }
        }
        main.extend(others);
        main
    }

    /// Forms beside the one that matters, which ask for the password, too.
    fn other_password_forms(&mut self) -> Vec<Node> {
        if !self.layout.other_password_forms {
            return Vec::new();
        }
        let paths = self.layout.paths.clone();
        let password = Field::new(FieldRole::Other, "confirm_with_password", "password", self.say(Word::Password));
        let mail = Form {
            page: Some(PageName::OtherForm),
            action: paths.mail,
            title: self.say(Word::ChangeMail).to_owned(),
            fields: vec![
                Field::new(FieldRole::Other, "new_mail_address", "email", self.say(Word::NewMailAddress)),
                password.clone(),
            ],
            submit: self.say(Word::ChangeMail).to_owned(),
            minor: true,
            ..Form::default()
        };
        let delete = Form {
            page: Some(PageName::NotFound),
            action: paths.delete,
            title: self.say(Word::DeleteAccount).to_owned(),
            hint: Some(self.say(Word::DeleteHint).to_owned()),
            fields: vec![password],
            submit: self.say(Word::DeleteAccount).to_owned(),
            minor: true,
            ..Form::default()
        };
        vec![self.form(&mail), self.form(&delete)]
    }

    /// The sessions of the user, each with a button that ends it.
    pub(super) fn sessions(&mut self) -> Answer {
        if let Some(first) = self.before_settings() {
            return first;
        }
        let own = self.ask.visit.clone();
        let Some(name) = self.user() else { return Answer::Jump(self.layout.paths.sign_in.clone()) };
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            let ended = self.field("session").to_owned();
            let found = self.world.visits.values_mut().find(|visit| {
                visit.user.as_deref() == Some(&name)
                    && visit.id != own
                    && visit.id.starts_with(&ended)
                    && ended.len() == 8
            });
            if let Some(visit) = found {
                visit.user = None;
            }
            return Answer::Jump(self.layout.paths.sessions.clone());
        }
        let mut visits: Vec<_> =
            self.world.visits.values().filter(|visit| visit.user.as_deref() == Some(&name)).cloned().collect();
        visits.sort_by_key(|visit| (visit.begun, visit.id.clone()));
        let mut items = Vec::new();
        for visit in visits {
            let agent: String = visit.agent.chars().take(60).collect();
            let mut item = el("li").kid(el("b").text(agent)).text(format!(" {} ", readable(visit.begun)));
            if visit.id == own {
                item = item.kid(el("em").text(self.say(Word::ThisBrowser)));
            } else {
                let form = Form {
                    page: Some(PageName::Sessions),
                    action: self.layout.paths.sessions.clone(),
                    submit: self.say(Word::EndSession).to_owned(),
                    hidden: vec![("session".to_owned(), visit.id[..8].to_owned())],
                    minor: true,
                    ..Form::default()
                };
                item = item.kid(self.form(&form));
            }
            items.push(item);
        }
        let title = self.say(Word::Sessions);
        let main = vec![el("h1").text(title).into(), el("ul").class("sessions").kids(items).into()];
        Page::new(PageName::Sessions, title, main).into()
    }

    /// The setting-up of tokens: a seed as picture and text, taken when the first token is right.
    pub(super) fn two_factor(&mut self) -> Answer {
        if let Some(first) = self.before_settings() {
            return first;
        }
        let Some(name) = self.user() else { return Answer::Jump(self.layout.paths.sign_in.clone()) };
        let title = self.say(Word::TwoFactor);
        if self.world.users.get(&name).is_some_and(|user| user.token.is_some()) {
            let on = el("p").text(self.say(Word::TwoFactorOn));
            let main = vec![el("h1").text(title).into(), on.into()];
            return Page::new(PageName::TwoFactor, title, main).into();
        }
        let mut error = None;
        let seed = if self.ask.post { self.field("seed").to_owned() } else { data::seed(&mut self.world.dice) };
        let offered = TokenParameters::plain(seed.clone());
        if self.ask.post {
            if !self.form_is_ours() || seed.len() != 32 || !seed.bytes().all(|byte| BASE32.contains(&byte)) {
                return self.expired();
            }
            let token: String = self.sent_token().split_whitespace().collect();
            if offered.totp(1).check(&token, self.now.max(0).unsigned_abs()).is_some() {
                if let Some(user) = self.world.users.get_mut(&name) {
                    user.token = Some(offered);
                }
                self.note(EventName::TokenRight, "set up");
                return self.jump_saying(&self.layout.paths.two_factor.clone(), self.say(Word::TwoFactorOn));
            }
            error = Some(self.say(Word::WrongToken).to_owned());
        }
        let picture = data::qr(&offered.uri(&name)).map(raw);
        let form = Form {
            page: Some(PageName::TwoFactor),
            action: self.layout.paths.two_factor.clone(),
            title: title.to_owned(),
            hint: Some(self.say(Word::TwoFactorOff).to_owned()),
            error,
            fields: vec![self.token_field()],
            hidden: vec![("seed".to_owned(), seed.clone())],
            submit: self.say(Word::Verify).to_owned(),
            ..Form::default()
        };
        let shown = el("div").class("qr").kids(picture).kid(el("p").kid(el("code").text(seed)));
        let main = vec![shown.into(), self.form(&form)];
        Page::new(PageName::TwoFactor, title, main).into()
    }
}

mod data {
    //! Seeds and their pictures.

    use crate::dice::Dice;
    use fast_qr::QRBuilder;
    use fast_qr::convert::svg::SvgBuilder;

    pub(super) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// 160 bits in base32.
    pub(super) fn seed(dice: &mut Dice) -> String {
        (0..32).map(|_| char::from(BASE32[dice.under(32) as usize])).collect()
    }

    pub(super) fn qr(text: &str) -> Option<String> {
        let code = QRBuilder::new(text).build().ok()?;
        Some(SvgBuilder::default().to_str(&code))
    }
}
