//! Getting in: name, password, token, and what comes after each.

use super::{Answer, Field, Form, Page, Site};
use crate::account::{Checked, TokenChecked};
use crate::html::el;
use crate::hurdles::{CaptchaPlace, Location, LockTold, RedirectAt, Steps, TokenLine, TokenPlace, TrustAsked, WayIn};
use crate::journal::{EventName, Gate};
use crate::layout::FieldRole;
use crate::page_name::PageName;
use crate::words::Word;
use crate::world::Pending;

impl Site<'_> {
    /// Name and password, or the name alone.
    pub(super) fn sign_in(&mut self) -> Answer {
        if self.user().is_some() {
            return self.landed();
        }
        if self.ask.post {
            return self.sign_in_sent();
        }
        if let Some(trapped) = self.trap(RedirectAt::SignIn) {
            return trapped;
        }
        self.visit().pending = Pending::default();
        self.refresh();
        if self.hurdles.sign_in.frame && self.ask.gate == Gate::Site {
            return self.sign_in_frame();
        }
        if let Some(other) = self.odd_way_in() {
            return other;
        }
        self.sign_in_page(None, false)
    }

    /// The sign-in page, with an error; `token_too` once the password was right and the token is asked in the same form.
    pub(super) fn sign_in_page(&mut self, error: Option<String>, token_too: bool) -> Answer {
        if let Some(refused) = error.as_deref().and_then(|error| self.odd_refusal(error)) {
            return refused;
        }
        let status = if error.is_some() { self.layout.bad_form_status } else { 200 };
        let form = self.sign_in_form(error, token_too);
        let join = self.link(&self.layout.paths.sign_up.clone(), self.say(Word::SignUp));
        let foot = el("p").class("foot").text(format!("{} ", self.say(Word::NoAccount))).kid(join);
        let card = self.form(&form);
        let main = vec![self.behind_passkey(card), foot.into()];
        Page::new(PageName::SignIn, self.say(Word::SignInTitle), main).status(status).into()
    }

    /// The sign-in form, as it stands on its page or on the front page.
    pub(super) fn sign_in_form(&mut self, error: Option<String>, token_too: bool) -> Form {
        let two = self.hurdles.sign_in.steps == Steps::Two;
        let mut name = self.username_field();
        if let Some(known) = self.visit().pending.name.clone().filter(|_| token_too) {
            name.value = known;
            name.readonly = true;
        }
        let mut fields = vec![name];
        if !two {
            fields.push(self.password_field());
        }
        if token_too || (!two && self.hurdles.sign_in.token == TokenPlace::SameForm) {
            fields.push(self.token_field());
        }
        if self.captcha_wanted() && self.hurdles.sign_in.captcha.place == CaptchaPlace::InForm {
            fields.push(self.captcha_field());
        }
        let mut under = Vec::new();
        if !two {
            under.extend(self.show_password());
        }
        if self.layout.remember_me {
            under.push(self.tick(PageName::SignIn, "remember_me", self.say(Word::Remember)));
        }
        if token_too {
            under.extend(self.trust_tick(PageName::SignIn));
        }
        let forgot = self.link(&self.layout.paths.about.clone(), self.say(Word::Forgot));
        under.push(el("p").class("foot").kid(forgot).into());
        under.extend(self.social());
        let mut form = Form {
            page: Some(PageName::SignIn),
            action: self.layout.paths.sign_in.clone(),
            title: self.say(Word::SignInTitle).to_owned(),
            error,
            fields,
            submit: self.say(if two { Word::Next } else { Word::SignInButton }).to_owned(),
            under,
            ..Form::default()
        };
        self.odd_sign_in(&mut form);
        form
    }

    fn sign_in_sent(&mut self) -> Answer {
        if let Some(refused) = self.rate_limited() {
            return refused;
        }
        if !self.form_is_ours() {
            return self.expired();
        }
        let names = self.layout.names.clone();
        let mut name = self.field(&names.username).trim().to_owned();
        if self.hurdles.odd.way == WayIn::NameOnly {
            return self.sign_in_page(None, false);
        }
        if self.hurdles.odd.small_letters {
            name = self.world.name_in_any_case(&name).unwrap_or(name);
        }
        let password = self.field(&names.password).to_owned();
        if self.decoy_filled() || name.is_empty() || !self.odd_lines_right() {
            return self.sign_in_page(Some(self.say(Word::WrongSignIn).to_owned()), false);
        }
        if self.captcha_wanted() && self.hurdles.sign_in.captcha.place == CaptchaPlace::InForm && !self.captcha_solved()
        {
            return self.sign_in_page(Some(self.say(Word::WrongCaptcha).to_owned()), false);
        }
        let resumed = self.visit().pending.clone();
        let goes_on = resumed.password_right && resumed.name.as_deref() == Some(&name);
        let human = self.visit().pending.human;
        self.visit().pending =
            Pending { name: Some(name), human, ..if goes_on { resumed } else { Pending::default() } };
        if self.hurdles.sign_in.steps == Steps::Two {
            self.refresh();
            return Answer::Jump(self.layout.paths.password.clone());
        }
        if !(goes_on && password.is_empty())
            && let Err(error) = self.check_password(&password)
        {
            self.visit().pending = Pending { human, ..Pending::default() };
            return self.sign_in_page(Some(error), false);
        }
        self.password_was_right(PageName::SignIn)
    }

    /// The password alone, after the name.
    pub(super) fn password(&mut self) -> Answer {
        if self.visit().pending.name.is_none() {
            return Answer::Jump(self.layout.paths.sign_in.clone());
        }
        if !self.ask.post {
            return self.password_page(None, false);
        }
        if let Some(refused) = self.rate_limited() {
            return refused;
        }
        if !self.form_is_ours() {
            return self.expired();
        }
        if self.decoy_filled() {
            return self.password_page(Some(self.say(Word::WrongSignIn).to_owned()), false);
        }
        let password = self.field(&self.layout.names.password.clone()).to_owned();
        if !(self.visit().pending.password_right && password.is_empty())
            && let Err(error) = self.check_password(&password)
        {
            self.visit().pending.password_right = false;
            return self.password_page(Some(error), false);
        }
        self.password_was_right(PageName::Password)
    }

    fn password_page(&mut self, error: Option<String>, token_too: bool) -> Answer {
        let status = if error.is_some() { self.layout.bad_form_status } else { 200 };
        let mut fields = vec![self.password_field()];
        if token_too || self.hurdles.sign_in.token == TokenPlace::SameForm {
            fields.push(self.token_field());
        }
        let mut under: Vec<_> = self.show_password().into_iter().collect();
        if token_too {
            under.extend(self.trust_tick(PageName::Password));
        }
        let name = self.visit().pending.name.clone();
        let form = Form {
            page: Some(PageName::Password),
            action: self.layout.paths.password.clone(),
            title: self.say(Word::SignInTitle).to_owned(),
            hint: name,
            error,
            fields,
            submit: self.say(Word::SignInButton).to_owned(),
            under,
            ..Form::default()
        };
        let main = vec![self.form(&form)];
        Page::new(PageName::Password, self.say(Word::SignInTitle), main).status(status).into()
    }

    /// What comes after a right password: the token of the same form, or the next page.
    fn password_was_right(&mut self, page: PageName) -> Answer {
        self.visit().pending.password_right = true;
        self.refresh();
        let place = self.hurdles.sign_in.token;
        if place == TokenPlace::OwnPage || !self.token_wanted() {
            return self.go_on();
        }
        let token = self.sent_token();
        if token.is_empty() && place == TokenPlace::Appears {
            return self.with_token_too(page, None);
        }
        match self.check_token(&token) {
            Ok(()) => {
                if self.ask.fields.first("trust").is_some() {
                    self.trust_now();
                }
                self.go_on()
            }
            Err(error) => self.with_token_too(page, Some(error)),
        }
    }

    fn with_token_too(&mut self, page: PageName, error: Option<String>) -> Answer {
        if page == PageName::SignIn { self.sign_in_page(error, true) } else { self.password_page(error, true) }
    }

    /// The token on a page of its own.
    pub(super) fn token(&mut self) -> Answer {
        if !self.visit().pending.password_right || !self.token_wanted() {
            return self.go_on();
        }
        let mut error = None;
        if self.ask.post {
            if let Some(refused) = self.rate_limited() {
                return refused;
            }
            if !self.form_is_ours() {
                return self.expired();
            }
            let token = self.sent_token();
            if self.decoy_filled() {
                error = Some(self.say(Word::WrongToken).to_owned());
            } else {
                match self.check_token(&token) {
                    Ok(()) => {
                        if self.ask.fields.first("trust").is_some() {
                            self.trust_now();
                        }
                        return self.go_on();
                    }
                    Err(wrong) if self.hurdles.odd.token == TokenLine::SendsItself => {
                        self.visit().pending = Pending::default();
                        return self.jump_saying(&self.layout.paths.sign_in.clone(), wrong);
                    }
                    Err(wrong) => error = Some(wrong),
                }
            }
        }
        let status = if error.is_some() { self.layout.bad_form_status } else { 200 };
        let form = Form {
            page: Some(PageName::Token),
            action: self.layout.paths.token.clone(),
            title: self.say(Word::TokenTitle).to_owned(),
            hint: Some(self.say(Word::TokenHint).to_owned()),
            error,
            fields: vec![self.token_field()],
            submit: self.say(Word::Verify).to_owned(),
            under: self.trust_tick(PageName::Token).into_iter().collect(),
            no_button: self.hurdles.sign_in.boxes && self.hurdles.sign_in.auto_submit,
            ..Form::default()
        };
        let main = vec![self.form(&form)];
        Page::new(PageName::Token, self.say(Word::TokenTitle), main).status(status).into()
    }

    /// The next page of the sign-in, or in.
    pub(super) fn go_on(&mut self) -> Answer {
        let pending = self.visit().pending.clone();
        let paths = self.layout.paths.clone();
        let Some(name) = pending.name.filter(|_| pending.password_right) else {
            return if self.user().is_some() { self.landed() } else { Answer::Jump(paths.sign_in) };
        };
        let sign_in = self.hurdles.sign_in.clone();
        if self.captcha_wanted() && sign_in.captcha.place == CaptchaPlace::OwnPage {
            return Answer::Jump(paths.captcha);
        }
        let trusted = self.trusted();
        let known = self.browser_knows(&name);
        let located = match sign_in.location {
            Location::Never => true,
            Location::NewBrowser => known,
            Location::Always => false,
        };
        if !(trusted || located || pending.located) {
            return Answer::Jump(paths.location);
        }
        if sign_in.mail_code && !(trusted || known || pending.mail_right) {
            return Answer::Jump(paths.mail_code);
        }
        if self.token_wanted() {
            if let Some(first) = self.odd_step() {
                return first;
            }
            return Answer::Jump(paths.token);
        }
        if sign_in.trust.asked == TrustAsked::Page && !(trusted || pending.trust_answered) {
            return Answer::Jump(paths.trust);
        }
        self.arrived(&name)
    }

    /// Signed in: the visit is the user's now.
    fn arrived(&mut self, login: &str) -> Answer {
        let Some(user) = self.world.find_user(login) else { return Answer::Jump(self.layout.paths.sign_in.clone()) };
        user.signed_in();
        let name = user.name.clone();
        let now = self.now;
        let visit = self.visit();
        visit.user = Some(name.clone());
        visit.proved_at = Some(now);
        visit.begun = now;
        visit.pending = Pending::default();
        let browser = visit.browser.clone();
        self.world.browsers.entry(browser).or_default().known_to.insert(name);
        self.note(EventName::SignedIn, "");
        self.refresh();
        self.landed()
    }

    /// Where one lands when signed in.
    pub(super) fn landed(&mut self) -> Answer {
        if self.ask.gate == Gate::Frame {
            return self.frame_done();
        }
        if let Some(window) = self.odd_landing() {
            return window;
        }
        let usual = if self.layout.lands_on_feed { &self.layout.paths.feed } else { &self.layout.paths.profile };
        let usual = usual.clone();
        Answer::Jump(self.visit().return_to.take().unwrap_or(usual))
    }

    /// Checks and counts a password of the user who signs in; the error is what the page says.
    fn check_password(&mut self, password: &str) -> Result<(), String> {
        let login = self.visit().pending.name.clone().unwrap_or_default();
        self.refresh();
        let guard = self.hurdles.sign_in.guard.clone();
        let now = self.now;
        let checked =
            self.world.find_user(&login).map_or(Checked::Wrong, |user| user.try_password(password, &guard, now));
        match checked {
            Checked::Right => {
                self.note(EventName::PasswordRight, "");
                Ok(())
            }
            Checked::Wrong => {
                self.note(EventName::PasswordWrong, "");
                Err(self.say(Word::WrongSignIn).to_owned())
            }
            Checked::Locked => {
                self.note(EventName::PasswordRefusedLocked, "");
                let told = if guard.lock_told == LockTold::AsWrong { Word::WrongSignIn } else { Word::Locked };
                Err(self.say(told).to_owned())
            }
        }
    }

    /// Checks and counts a token of the user who signs in; the error is what the page says.
    fn check_token(&mut self, token: &str) -> Result<(), String> {
        let login = self.visit().pending.name.clone().unwrap_or_default();
        let checked = self.try_token(&login, token);
        if checked.is_ok() {
            self.visit().pending.token_right = true;
        }
        checked
    }

    /// Checks and counts a token of the named user; the error is what the page says.
    pub(super) fn try_token(&mut self, login: &str, token: &str) -> Result<(), String> {
        let guard = self.hurdles.sign_in.guard.clone();
        let now = self.now;
        let locked = self.world.find_user(login).is_some_and(|user| user.locked(now));
        if locked {
            self.note(EventName::PasswordRefusedLocked, "token");
            return Err(self.say(Word::Locked).to_owned());
        }
        let checked =
            self.world.find_user(login).map_or(TokenChecked::Wrong, |user| user.try_token(token, &guard, now));
        match checked {
            TokenChecked::Right => {
                self.note(EventName::TokenRight, "");
                Ok(())
            }
            TokenChecked::Wrong => {
                self.note(EventName::TokenWrong, "");
                Err(self.say(Word::WrongToken).to_owned())
            }
            TokenChecked::Used => {
                self.note(EventName::TokenUsed, "");
                Err(self.say(Word::UsedToken).to_owned())
            }
        }
    }

    /// Whether the one who signs in has yet to give a token.
    fn token_wanted(&mut self) -> bool {
        let pending = self.visit().pending.clone();
        let has_seed = pending
            .name
            .as_deref()
            .and_then(|name| self.world.find_user(name))
            .is_some_and(|user| user.token.is_some());
        has_seed && !pending.token_right && !self.trusted()
    }

    /// Whether the one who signs in trusts this browser.
    pub(super) fn trusted(&mut self) -> bool {
        let visit = self.visit().clone();
        let Some(user) = visit.pending.name.as_deref().and_then(|name| self.world.find_user(name)) else {
            return false;
        };
        let (name, number) = (user.name.clone(), user.trust_number);
        self.world.browsers.get(&visit.browser).is_some_and(|browser| browser.trusted_by.get(&name) == Some(&number))
    }

    fn browser_knows(&mut self, login: &str) -> bool {
        let Some(name) = self.world.find_user(login).map(|user| user.name.clone()) else { return false };
        let browser = self.visit().browser.clone();
        self.world.browsers.get(&browser).is_some_and(|browser| browser.known_to.contains(&name))
    }

    /// The token as it was sent: from one field, or from the boxes put together.
    pub(super) fn sent_token(&self) -> String {
        let names = &self.layout.names;
        let fields = self.ask.fields.0.iter().filter(|(name, _)| names.role(name) == FieldRole::Token);
        fields.map(|(_, value)| value.as_str()).collect()
    }

    /// "Too many requests", when it is so.
    pub(super) fn rate_limited(&mut self) -> Option<Answer> {
        let limit = self.hurdles.sign_in.guard.rate_limit.clone()?;
        let since = self.now - i64::from(limit.seconds);
        self.world.recent_posts.retain(|at| *at > since);
        if self.world.recent_posts.len() < limit.posts as usize {
            self.world.recent_posts.push(self.now);
            return None;
        }
        self.note(EventName::RateLimited, "");
        let text = self.say(Word::TooMany);
        Some(Page::new(PageName::TooMany, text, vec![el("h1").text(text).into()]).status(429).into())
    }

    pub(super) fn username_field(&self) -> Field {
        let mail = self.layout.username_is_mail;
        let kind = if mail && self.layout.seed.is_multiple_of(3) { "email" } else { "text" };
        Field::new(FieldRole::Username, &self.layout.names.username, kind, self.say(Word::Username)).token("username")
    }

    pub(super) fn password_field(&self) -> Field {
        Field::new(FieldRole::Password, &self.layout.names.password, "password", self.say(Word::Password))
            .token("current-password")
    }

    pub(super) fn token_field(&mut self) -> Field {
        let login = self.visit().pending.name.clone().or_else(|| self.user()).unwrap_or_default();
        let digits = self.world.find_user(&login).and_then(|user| user.token.as_ref()).map_or(6, |token| token.digits);
        let mut field =
            Field::new(FieldRole::Token, &self.layout.names.token, self.layout.token_type, self.say(Word::Token))
                .token("one-time-code");
        if self.hurdles.sign_in.boxes {
            field.boxes = digits;
        } else if self.layout.token_maxlength && field.kind != "number" {
            field.length = Some((0, digits.into()));
        }
        field
    }
}
