//! What stops a machine: the sum in a picture, the place, the code by mail, trust, the password again.

use super::form::place;
use super::{Answer, Field, Form, Page, Site};
use crate::captcha;
use crate::html::Node;
use crate::hurdles::{PictureKind, TrustAsked};
use crate::journal::EventName;
use crate::layout::FieldRole;
use crate::page_name::PageName;
use crate::words::Word;
use crate::world::{Pending, Sum};

impl Site<'_> {
    /// Whether the sign-in still wants a sum to be solved.
    pub(super) fn captcha_wanted(&mut self) -> bool {
        self.hurdles.sign_in.captcha.sign_in && !self.visit().pending.human && !self.remembered_human()
    }

    /// Whether the change still wants a sum to be solved.
    pub(super) fn captcha_wanted_for_change(&mut self) -> bool {
        self.hurdles.sign_in.captcha.change && !self.visit().human_for_change && !self.remembered_human()
    }

    fn remembered_human(&mut self) -> bool {
        let browser = self.visit().browser.clone();
        self.hurdles.sign_in.captcha.remembered
            && self.world.browsers.get(&browser).is_some_and(|browser| browser.human)
    }

    /// A field with a new sum.
    pub(super) fn captcha_field(&mut self) -> Field {
        let sum = Sum {
            id: self.world.dice.word(12),
            left: 2 + self.world.dice.under(18),
            right: 2 + self.world.dice.under(18),
        };
        let kind = match self.hurdles.sign_in.captcha.picture {
            PictureKind::Png => "png",
            PictureKind::Svg => "svg",
        };
        let mut field =
            Field::new(FieldRole::Captcha, &self.layout.names.captcha, "text", self.say(Word::CaptchaField));
        field.picture = Some(format!("/picture/{}.{kind}", sum.id));
        self.visit().captcha = Some(sum);
        field
    }

    /// Whether the sent answer is right; a sum is good for one answer.
    pub(super) fn captcha_solved(&mut self) -> bool {
        let sent = self.field(&self.layout.names.captcha.clone()).trim().parse::<u64>().ok();
        let sum = self.visit().captcha.take();
        let solved = sum.is_some_and(|sum| Some(sum.left + sum.right) == sent);
        self.note(if solved { EventName::CaptchaSolved } else { EventName::CaptchaWrong }, "");
        if solved {
            self.visit().pending.human = true;
            let browser = self.visit().browser.clone();
            self.world.browsers.entry(browser).or_default().human = true;
        }
        solved
    }

    /// The sum on its own page, on the way in or before the change.
    pub(super) fn captcha(&mut self) -> Answer {
        let for_change = self.user().is_some();
        let wanted = if for_change {
            self.captcha_wanted_for_change()
        } else {
            self.visit().pending.password_right && self.captcha_wanted()
        };
        if !wanted {
            return if for_change { Answer::Jump(self.layout.change_page().to_owned()) } else { self.go_on() };
        }
        let mut error = None;
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            if self.captcha_solved() {
                if !for_change {
                    return self.go_on();
                }
                self.visit().human_for_change = true;
                return Answer::Jump(self.layout.change_page().to_owned());
            }
            error = Some(self.say(Word::WrongCaptcha).to_owned());
        }
        let form = Form {
            page: Some(PageName::Captcha),
            action: self.layout.paths.captcha.clone(),
            title: self.say(Word::CaptchaTitle).to_owned(),
            hint: Some(self.say(Word::CaptchaHint).to_owned()),
            error,
            fields: vec![self.captcha_field()],
            submit: self.say(Word::Verify).to_owned(),
            ..Form::default()
        };
        self.challenge_page(PageName::Captcha, Word::CaptchaTitle, &form)
    }

    /// The picture of the current sum.
    pub(crate) fn sum_picture(&mut self, id: &str) -> Option<Answer> {
        let sum = self.visit().captcha.clone().filter(|sum| sum.id == id)?;
        let text = format!("{} + {} = ?", sum.left, sum.right);
        Some(match self.hurdles.sign_in.captcha.picture {
            PictureKind::Png => Answer::File { mime: "image/png", body: captcha::png(&text)?, attached: false },
            PictureKind::Svg => {
                Answer::File { mime: "image/svg+xml", body: captcha::svg(&text).into_bytes(), attached: false }
            }
        })
    }

    /// "Was that you?"
    pub(super) fn location(&mut self) -> Answer {
        if !self.visit().pending.password_right {
            return self.go_on();
        }
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            if let Some(was_me) = self.chosen() {
                self.note(EventName::LocationAnswered, if was_me { "yes" } else { "no" });
                if was_me {
                    self.visit().pending.located = true;
                    return self.go_on();
                }
                self.visit().pending = Pending::default();
                return Answer::Jump(self.layout.paths.sign_in.clone());
            }
        }
        let form = Form {
            page: Some(PageName::Location),
            action: self.layout.paths.location.clone(),
            title: self.say(Word::LocationTitle).to_owned(),
            hint: Some(self.words.say_with(Word::LocationHint, place(self.hurdles.look.language))),
            submit: self.say(Word::LocationYes).to_owned(),
            refuse: Some(self.say(Word::LocationNo).to_owned()),
            ..Form::default()
        };
        self.challenge_page(PageName::Location, Word::LocationTitle, &form)
    }

    /// The code that comes by mail.
    pub(super) fn mail_code(&mut self) -> Answer {
        let pending = self.visit().pending.clone();
        let Some(user) = pending
            .name
            .filter(|_| pending.password_right)
            .and_then(|name| self.world.find_user(&name).map(|user| (user.name.clone(), user.mail.clone())))
        else {
            return self.go_on();
        };
        let mut error = None;
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            let sent = self.field(&self.layout.names.mail_code.clone()).trim().to_owned();
            if pending.mail_code.as_deref() == Some(&sent) {
                self.note(EventName::MailCodeRight, "");
                self.visit().pending.mail_right = true;
                return self.go_on();
            }
            self.note(EventName::MailCodeWrong, "");
            error = Some(self.say(Word::WrongMailCode).to_owned());
        } else if pending.mail_code.is_none() {
            let code = self.world.dice.digits(6);
            self.world.send_mail(&user.0, self.words.say(Word::MailTitle), Some(code.clone()));
            self.visit().pending.mail_code = Some(code);
        }
        let label = self.say(Word::MailCode);
        let form = Form {
            page: Some(PageName::MailCode),
            action: self.layout.paths.mail_code.clone(),
            title: self.say(Word::MailTitle).to_owned(),
            hint: Some(self.words.say_with(Word::MailHint, masked(&user.1))),
            error,
            fields: vec![
                Field::new(FieldRole::MailCode, &self.layout.names.mail_code, "text", label).token("one-time-code"),
            ],
            submit: self.say(Word::Verify).to_owned(),
            ..Form::default()
        };
        self.challenge_page(PageName::MailCode, Word::MailTitle, &form)
    }

    /// "Trust this browser?"
    pub(super) fn trust(&mut self) -> Answer {
        if !self.visit().pending.password_right {
            return self.go_on();
        }
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            if let Some(trust) = self.chosen() {
                if trust {
                    self.trust_now();
                } else {
                    self.note(EventName::TrustAnswered, "no");
                    self.visit().pending.trust_answered = true;
                }
                return self.go_on();
            }
        }
        let form = Form {
            page: Some(PageName::Trust),
            action: self.layout.paths.trust.clone(),
            title: self.say(Word::TrustTitle).to_owned(),
            hint: Some(self.say(Word::TrustHint).to_owned()),
            submit: self.say(Word::TrustYes).to_owned(),
            refuse: Some(self.say(Word::TrustNo).to_owned()),
            ..Form::default()
        };
        self.challenge_page(PageName::Trust, Word::TrustTitle, &form)
    }

    /// Remembers that the one who signs in trusts this browser.
    pub(super) fn trust_now(&mut self) {
        self.note(EventName::TrustAnswered, "yes");
        let visit = self.visit();
        visit.pending.trust_answered = true;
        let (browser, login) = (visit.browser.clone(), visit.pending.name.clone().unwrap_or_default());
        if let Some(user) = self.world.find_user(&login) {
            let (name, number) = (user.name.clone(), user.trust_number);
            self.world.browsers.entry(browser).or_default().trusted_by.insert(name, number);
        }
    }

    /// The box to tick for trust, where the site has one.
    pub(super) fn trust_tick(&self, page: PageName) -> Option<Node> {
        let asked = self.hurdles.sign_in.trust.asked == TrustAsked::Checkbox;
        asked.then(|| self.tick(page, "trust", self.say(Word::TrustBox)))
    }

    /// Whether the password must be given again before the settings.
    pub(super) fn reauth_wanted(&mut self) -> bool {
        let Some(reauth) = self.hurdles.sign_in.reauth.clone() else { return false };
        let now = self.now;
        let visit = self.visit();
        let (proved, holds) = if reauth.after_seconds == 0 {
            (visit.reauthed_at, 300)
        } else {
            (visit.reauthed_at.max(visit.proved_at), i64::from(reauth.after_seconds))
        };
        proved.is_none_or(|at| now - at >= holds)
    }

    /// The password again, before the settings.
    pub(super) fn reauth(&mut self) -> Answer {
        let Some(name) = self.user() else { return Answer::Jump(self.layout.paths.sign_in.clone()) };
        if !self.reauth_wanted() {
            let settings = self.layout.paths.settings.clone();
            return Answer::Jump(self.visit().return_to.take().unwrap_or(settings));
        }
        let token_too = self.hurdles.sign_in.reauth.as_ref().is_some_and(|reauth| reauth.token)
            && self.world.users.get(&name).is_some_and(|user| user.token.is_some());
        let mut error = None;
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            let password = self.field(&self.layout.names.password.clone()).to_owned();
            let token = self.sent_token();
            let right = self.world.users.get(&name).is_some_and(|user| user.is_password(&password));
            let checked = match (right, token_too) {
                (false, _) => Err(self.say(Word::WrongOld).to_owned()),
                (true, false) => Ok(()),
                (true, true) => self.try_token(&name, &token),
            };
            match checked {
                Ok(()) => {
                    let now = self.now;
                    self.visit().reauthed_at = Some(now);
                    self.note(EventName::Reauthenticated, "");
                    let settings = self.layout.paths.settings.clone();
                    return Answer::Jump(self.visit().return_to.take().unwrap_or(settings));
                }
                Err(wrong) => error = Some(wrong),
            }
        }
        let status = if error.is_some() { self.layout.bad_form_status } else { 200 };
        let mut fields = vec![self.password_field()];
        if token_too {
            fields.push(self.token_field());
        }
        let form = Form {
            page: Some(PageName::Reauth),
            action: self.layout.paths.reauth.clone(),
            title: self.say(Word::ReauthTitle).to_owned(),
            hint: Some(self.say(Word::ReauthHint).to_owned()),
            error,
            fields,
            submit: self.say(Word::Verify).to_owned(),
            under: self.show_password().into_iter().collect(),
            ..Form::default()
        };
        let main = vec![self.form(&form)];
        Page::new(PageName::Reauth, self.say(Word::ReauthTitle), main).status(status).into()
    }

    fn challenge_page(&mut self, name: PageName, title: Word, form: &Form) -> Answer {
        let status = if form.error.is_some() { self.layout.bad_form_status } else { 200 };
        let main = vec![self.form(form)];
        Page::new(name, self.say(title), main).status(status).into()
    }
}

/// A mail address as sites show it: `a•••@mail.example`.
fn masked(mail: &str) -> String {
    let (name, host) = mail.split_once('@').unwrap_or((mail, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{host}")
}
