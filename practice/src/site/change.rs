//! The change of the password.

use super::{Answer, Field, Form, Page, Site};
use crate::html::{Node, el};
use crate::hurdles::{CaptchaPlace, Lie, RedirectAt, Success};
use crate::journal::EventName;
use crate::layout::FieldRole;
use crate::page_name::PageName;
use crate::rules::told;
use crate::words::Word;
use crate::world::Flash;

impl Site<'_> {
    /// The change form, wherever it stands.
    pub(super) fn change(&mut self) -> Answer {
        if let Some(first) = self.before_settings() {
            return first;
        }
        if self.ask.post {
            return self.change_sent();
        }
        if let Some(trapped) = self.trap(RedirectAt::ChangePage) {
            return trapped;
        }
        if let Some(first) = self.before_change() {
            return first;
        }
        self.change_page(None, None)
    }

    /// What must be done before the form: the sum, the old password.
    fn before_change(&mut self) -> Option<Answer> {
        if self.captcha_wanted_for_change() && self.hurdles.sign_in.captcha.place == CaptchaPlace::OwnPage {
            return Some(Answer::Jump(self.layout.paths.captcha.clone()));
        }
        let old_first = self.layout.old_first && !self.visit().old_proved;
        // On a settings page with other things on it, only the form itself can send one there.
        (old_first && !self.layout.change_at.on_settings())
            .then(|| Answer::Jump(self.layout.paths.old_password.clone()))
    }

    fn change_page(&mut self, error: Option<String>, notice: Option<String>) -> Answer {
        let status = if error.is_some() { self.layout.bad_form_status } else { 200 };
        let form = self.change_form(error, notice);
        let title = self.say(if self.layout.change_at.on_settings() { Word::Settings } else { Word::ChangeTitle });
        let main = if self.layout.change_at.on_settings() {
            self.settings_with(&form)
        } else {
            let back = self.link(self.layout.change_linked_from(), self.say(Word::BackToSettings));
            vec![self.form(&form), el("p").class("foot").kid(back).into()]
        };
        Page::new(PageName::Change, title, main).status(status).into()
    }

    fn change_form(&mut self, error: Option<String>, notice: Option<String>) -> Form {
        let mut fields = self.new_fields();
        if self.old_in_form() {
            let old = self.old_field();
            let at = if self.layout.old_last { fields.len() } else { 0 };
            fields.insert(at, old);
        }
        if self.captcha_wanted_for_change() && self.hurdles.sign_in.captcha.place == CaptchaPlace::InForm {
            fields.push(self.captcha_field());
        }
        if self.hurdles.odd.name_in_change {
            fields.insert(0, Field::new(FieldRole::Other, "who", "text", self.say(Word::Username)));
        }
        let mut under: Vec<Node> = self.show_password().into_iter().collect();
        if self.hurdles.change.rules.told {
            let rules = told(&self.hurdles.change.rules, &self.words);
            under.push(el("ul").class("rules").kids(rules.into_iter().map(|rule| el("li").text(rule))).into());
        }
        let action = self.trap_address(RedirectAt::ChangeFormAction);
        if let Some(to) = &action {
            self.note(EventName::SentToTrap, format!("form action {to}"));
        }
        Form {
            page: Some(PageName::Change),
            action: action.unwrap_or_else(|| self.layout.paths.change.clone()),
            title: self.say(Word::ChangeTitle).to_owned(),
            error,
            notice,
            fields,
            submit: self.say(Word::Save).to_owned(),
            under,
            ask_first: self.hurdles.look.dialogs.confirm,
            ..Form::default()
        }
    }

    /// The old password stands in the form: it is asked, and not on a page before.
    fn old_in_form(&self) -> bool {
        self.layout.ask_old && (!self.layout.old_first || self.layout.change_at.on_settings())
    }

    fn old_field(&self) -> Field {
        Field::new(FieldRole::Old, &self.layout.names.old, "password", self.say(Word::Old)).token("current-password")
    }

    fn new_fields(&self) -> Vec<Field> {
        let rules = &self.hurdles.change.rules;
        let mut new = Field::new(FieldRole::New, &self.layout.names.new, "password", self.say(Word::New));
        new.token = "new-password";
        if rules.attributes {
            new.length = Some((rules.min, rules.max));
        }
        let mut repeat = new.clone();
        repeat.role = FieldRole::Repeat;
        repeat.name.clone_from(&self.layout.names.repeat);
        self.say(Word::Repeat).clone_into(&mut repeat.label);
        if self.layout.two_new && !self.hurdles.odd.repeat_later { vec![new, repeat] } else { vec![new] }
    }

    fn change_sent(&mut self) -> Answer {
        if !self.form_is_ours() {
            return self.expired();
        }
        let Some(name) = self.user() else { return Answer::Jump(self.layout.paths.sign_in.clone()) };
        if let Some(first) = self.before_change() {
            return first;
        }
        let names = self.layout.names.clone();
        let (old, new) = (self.field(&names.old).to_owned(), self.field(&names.new).to_owned());
        let repeated = !self.layout.two_new || self.hurdles.odd.repeat_later || self.field(&names.repeat) == new;
        if self.decoy_filled() {
            return self.refuse_change(self.say(Word::Refused).to_owned());
        }
        let in_form = self.hurdles.sign_in.captcha.place == CaptchaPlace::InForm;
        if in_form && self.captcha_wanted_for_change() {
            if !self.captcha_solved() {
                return self.refuse_change(self.say(Word::WrongCaptcha).to_owned());
            }
            self.visit().human_for_change = true;
        }
        let rules = self.hurdles.change.rules.clone();
        let Some(user) = self.world.users.get(&name) else { return Answer::Jump(self.layout.paths.sign_in.clone()) };
        if self.old_in_form() && !user.is_password(&old) {
            return self.refuse_change(self.say(Word::WrongOld).to_owned());
        }
        if self.hurdles.odd.name_in_change && self.field("who") != name {
            return self.refuse_change(self.say(Word::Refused).to_owned());
        }
        if !repeated {
            return self.refuse_change(self.say(Word::Mismatch).to_owned());
        }
        if let Some(broken) = user.refuses(&new, &rules) {
            return self.refuse_change(self.echo(broken.told(&self.words), &new));
        }
        if self.layout.confirm_page || self.hurdles.odd.repeat_later {
            self.visit().candidate = Some(new);
            return Answer::Jump(self.layout.paths.change_confirm.clone());
        }
        self.change_done(&name, &new)
    }

    /// Some sites repeat what was typed.
    fn echo(&self, said: String, new: &str) -> String {
        if self.hurdles.change.echoes { format!("{said} ({new})") } else { said }
    }

    fn refuse_change(&mut self, error: String) -> Answer {
        if let Some(user) = self.user().and_then(|name| self.world.users.get_mut(&name)) {
            user.counts.refused_changes += 1;
        }
        self.note(EventName::ChangeRefused, error.clone());
        self.change_page(Some(error), None)
    }

    /// "Do you really want to?"
    pub(super) fn change_confirm(&mut self) -> Answer {
        if let Some(first) = self.before_settings() {
            return first;
        }
        let (Some(name), Some(candidate)) = (self.user(), self.visit().candidate.clone()) else {
            return Answer::Jump(self.layout.change_page().to_owned());
        };
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            if self.hurdles.odd.repeat_later {
                self.visit().candidate = None;
                let same = self.field(&self.layout.names.repeat.clone()) == candidate;
                return if same {
                    self.change_done(&name, &candidate)
                } else {
                    self.refuse_change(self.say(Word::Mismatch).to_owned())
                };
            }
            if let Some(yes) = self.chosen() {
                self.visit().candidate = None;
                return if yes {
                    self.change_done(&name, &candidate)
                } else {
                    Answer::Jump(self.layout.change_page().to_owned())
                };
            }
        }
        if self.hurdles.odd.repeat_later {
            return self.repeat_page();
        }
        let form = Form {
            page: Some(PageName::ChangeConfirm),
            action: self.layout.paths.change_confirm.clone(),
            title: self.say(Word::ConfirmTitle).to_owned(),
            hint: Some(self.say(Word::ConfirmHint).to_owned()),
            submit: self.say(Word::Yes).to_owned(),
            refuse: Some(self.say(Word::Cancel).to_owned()),
            ..Form::default()
        };
        let main = vec![self.form(&form)];
        Page::new(PageName::ChangeConfirm, self.say(Word::ConfirmTitle), main).into()
    }

    /// The new password once more, on a page of its own.
    fn repeat_page(&mut self) -> Answer {
        let title = "Confirm your new password";
        let field =
            Field::new(FieldRole::Repeat, &self.layout.names.repeat, "password", "Enter your new password again");
        let form = Form {
            page: Some(PageName::ChangeConfirm),
            action: self.layout.paths.change_confirm.clone(),
            title: title.to_owned(),
            fields: vec![field.token("new-password")],
            submit: self.say(Word::Save).to_owned(),
            ..Form::default()
        };
        let main = vec![self.form(&form)];
        Page::new(PageName::ChangeConfirm, title, main).into()
    }

    /// The old password, on its page before the form.
    pub(super) fn old_password(&mut self) -> Answer {
        if let Some(first) = self.before_settings() {
            return first;
        }
        let Some(name) = self.user() else { return Answer::Jump(self.layout.paths.sign_in.clone()) };
        let mut error = None;
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            let old = self.field(&self.layout.names.old.clone()).to_owned();
            if self.world.users.get(&name).is_some_and(|user| user.is_password(&old)) {
                self.visit().old_proved = true;
                return Answer::Jump(self.layout.change_page().to_owned());
            }
            error = Some(self.say(Word::WrongOld).to_owned());
        }
        let status = if error.is_some() { self.layout.bad_form_status } else { 200 };
        let form = Form {
            page: Some(PageName::OldPassword),
            action: self.layout.paths.old_password.clone(),
            title: self.say(Word::ReauthTitle).to_owned(),
            hint: Some(self.say(Word::ReauthHint).to_owned()),
            error,
            fields: vec![self.old_field()],
            submit: self.say(Word::Next).to_owned(),
            ..Form::default()
        };
        let main = vec![self.form(&form)];
        Page::new(PageName::OldPassword, self.say(Word::ReauthTitle), main).status(status).into()
    }

    /// All was well: changes the password, unless the site lies, and tells it as the layout does.
    fn change_done(&mut self, name: &str, new: &str) -> Answer {
        let change = self.hurdles.change.clone();
        if change.lie == Lie::SaysChanged {
            self.note(EventName::Lied, "says changed");
            return self.tell_success(new);
        }
        if let Some(user) = self.world.users.get_mut(name) {
            let kept = usize::try_from(self.hurdles.odd.keeps).unwrap_or(usize::MAX);
            let kept: String = new.chars().take(if kept == 0 { usize::MAX } else { kept }).collect();
            user.set_password(&kept);
            user.late_for = self.hurdles.odd.late_for;
            if self.hurdles.sign_in.trust.ends_on_change {
                user.trust_number += 1;
            }
        }
        self.note(EventName::Changed, "");
        self.world.send_mail(name, self.words.say(Word::Changed), None);
        let own = self.ask.visit.clone();
        if change.ends_others || change.ends_this {
            let kept = (!change.ends_this).then_some(own.as_str());
            if change.ends_others {
                self.world.end_visits(name, kept);
            } else {
                let others = self.visit().browser.clone();
                let fresh = crate::world::Visit {
                    id: own.clone(),
                    browser: others,
                    csrf: self.visit().csrf.clone(),
                    ..crate::world::Visit::default()
                };
                *self.visit() = fresh;
            }
        }
        if change.lie == Lie::SaysFailed {
            self.note(EventName::Lied, "says failed");
            let error = self.say(Word::Broken).to_owned();
            return if self.user().is_none() {
                self.jump_saying(&self.layout.paths.sign_in.clone(), error)
            } else {
                self.change_page(Some(error), None)
            };
        }
        if let Some(to) = self.trap_address(RedirectAt::AfterChange) {
            self.note(EventName::SentToTrap, to.clone());
            return Answer::Away(to);
        }
        self.tell_success(new)
    }

    fn tell_success(&mut self, new: &str) -> Answer {
        let said = self.echo(self.say(Word::Changed).to_owned(), new);
        let silent = matches!(self.layout.success, Success::Jump | Success::Nothing);
        if self.user().is_none() {
            let sign_in = self.layout.paths.sign_in.clone();
            if silent {
                return Answer::Jump(sign_in);
            }
            let again = self.say(Word::SignInAgain);
            return self.jump_saying(&sign_in, format!("{said} {again}"));
        }
        let change = self.layout.change_page().to_owned();
        let elsewhere =
            if self.layout.lands_on_feed { &self.layout.paths.feed } else { self.layout.change_linked_from() };
        let elsewhere = elsewhere.to_owned();
        match self.layout.success {
            Success::Message if self.layout.after_post_jump => self.jump_saying(&change, said),
            Success::Message => self.change_page(None, Some(said)),
            Success::Page => {
                let back = self.link(&self.layout.paths.settings.clone(), self.say(Word::BackToSettings));
                let card = el("div").class("card").kid(el("h2").text(&*said)).kid(el("p").kid(back.class("button")));
                Page::new(PageName::Changed, said, vec![card.into()]).into()
            }
            Success::JumpWithMessage => self.jump_saying(&elsewhere, said),
            Success::Jump => Answer::Jump(elsewhere),
            Success::Toast => {
                self.visit().flash = Some(Flash::Toast(said));
                if self.layout.after_post_jump { Answer::Jump(change) } else { self.change_page(None, None) }
            }
            Success::Nothing if self.layout.after_post_jump => Answer::Jump(change),
            Success::Nothing => self.change_page(None, None),
        }
    }
}
