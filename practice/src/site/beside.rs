//! Pages beside the flow: the front page, signing up and out, search, help, other forms, jumps to elsewhere.

use super::{Answer, Field, Form, Page, Site};
use crate::account::NewUser;
use crate::html::{Node, el};
use crate::hurdles::RedirectAt;
use crate::journal::{EventName, Gate};
use crate::layout::{FieldRole, SignInAt};
use crate::page_name::PageName;
use crate::words::Word;
use crate::world::Visit;

impl Site<'_> {
    /// The front page, for those who are not signed in.
    pub(super) fn home(&mut self) -> Answer {
        let at = self.layout.sign_in_at;
        if self.user().is_some() {
            return Answer::Jump(self.layout.paths.feed.clone());
        }
        let sign_in = self.layout.paths.sign_in.clone();
        if at == SignInAt::Straight || self.ask.gate == Gate::Frame {
            return Answer::Jump(sign_in);
        }
        let tagline = self.say(Word::Tagline);
        let mut main: Vec<Node> = vec![el("h1").text(tagline).into()];
        // In a frame of its own, the form is never on the front page.
        let framed = self.hurdles.sign_in.frame;
        match at {
            SignInAt::Hero => {
                main.push(el("p").kid(self.link(&sign_in, self.say(Word::SignIn)).class("button first")).into());
            }
            SignInAt::Front if !framed => {
                let form = self.sign_in_form(None, false);
                main.push(self.form(&form));
            }
            SignInAt::Dialog if !framed => {
                let form = self.sign_in_form(None, false);
                let card = self.form(&form);
                let open = el("button").at("type", "button").class("button").text(self.say(Word::SignIn));
                let open = open.at("onclick", "this.nextElementSibling.showModal()");
                main.push(el("div").class("row").kid(open).kid(el("dialog").kid(card)).into());
            }
            _ => {}
        }
        if self.layout.join_on_front {
            let form = self.join_form(None);
            main.push(self.form(&form));
        }
        main.extend((0..3).map(|index| self.post(index)));
        Page::new(PageName::Home, tagline, main).into()
    }

    /// Opening an account.
    pub(super) fn sign_up(&mut self) -> Answer {
        let mut error = None;
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            let (name, password) = (self.field("join_name").to_owned(), self.field("join_password").to_owned());
            let mail = Some(self.field("join_mail").to_owned()).filter(|mail| !mail.is_empty());
            let rules = self.hurdles.change.rules.clone();
            let broken = crate::rules::check(&password, &rules, &name);
            let new = NewUser { name: name.clone(), password, mail, ..NewUser::default() };
            match broken {
                Some(broken) => error = Some(broken.told(&self.words)),
                None if self.world.add_user(new).is_err() => error = Some(self.say(Word::NameTaken).to_owned()),
                None => {
                    self.world.note(Some(&name), EventName::SignedUp, "");
                    return self.jump_saying(&self.layout.paths.sign_in.clone(), self.say(Word::SignInAgain));
                }
            }
        }
        let form = self.join_form(error);
        let main = vec![self.form(&form)];
        Page::new(PageName::SignUp, self.say(Word::SignUp), main).into()
    }

    fn join_form(&self, error: Option<String>) -> Form {
        let field = |name: &str, kind, word| Field::new(FieldRole::Other, name, kind, self.say(word));
        Form {
            page: Some(PageName::SignUp),
            action: self.layout.paths.sign_up.clone(),
            title: self.say(Word::SignUp).to_owned(),
            error,
            fields: vec![
                field("join_name", "text", Word::Username),
                field("join_mail", "email", Word::MailAddress),
                field("join_password", "password", Word::Password),
            ],
            submit: self.say(Word::SignUp).to_owned(),
            minor: true,
            ..Form::default()
        }
    }

    /// Signing out.
    pub(super) fn sign_out(&mut self) -> Answer {
        if self.user().is_some() {
            self.note(EventName::SignedOut, "");
        }
        let visit = self.visit();
        *visit = Visit {
            id: visit.id.clone(),
            browser: visit.browser.clone(),
            csrf: visit.csrf.clone(),
            agent: visit.agent.clone(),
            ..Visit::default()
        };
        self.refresh();
        Answer::Jump("/".to_owned())
    }

    /// Search: the posts that hold the words.
    pub(super) fn search(&mut self) -> Answer {
        let words = self.ask.query.first("q").unwrap_or_default().to_lowercase();
        let found: Vec<u64> =
            (0..60).filter(|index| self.post_text(*index).to_lowercase().contains(&words)).take(10).collect();
        let mut main: Vec<Node> = vec![el("h1").text(format!("{}: {words}", self.say(Word::Search))).into()];
        main.extend(found.into_iter().map(|index| self.post(index)));
        Page::new(PageName::Search, self.say(Word::Search), main).into()
    }

    /// A form beside the point was sent: written down, and nothing else.
    pub(super) fn other_form(&mut self) -> Answer {
        let back = if self.user().is_some() { self.layout.paths.settings.clone() } else { "/".to_owned() };
        if self.ask.post {
            let csrf = self.layout.names.csrf.clone();
            let filled = self.ask.fields.0.iter().filter(|(name, value)| *name != csrf && !value.is_empty());
            let names: Vec<String> = filled.map(|(name, _)| name.clone()).collect();
            self.note(EventName::OtherFormSent, format!("{} {}", self.ask.path, names.join(" ")));
        }
        Answer::Jump(back)
    }

    /// Help, privacy and the like.
    pub(super) fn about(&mut self) -> Answer {
        let title = self.say(Word::Help);
        let main = vec![
            el("h1").text(title).into(),
            el("p").text(self.say(Word::TrustHint)).into(),
            el("h2").text(self.say(Word::Privacy)).into(),
            el("p").text(self.say(Word::Cookies)).into(),
        ];
        Page::new(PageName::About, title, main).into()
    }

    /// `/.well-known/change-password`.
    pub(super) fn well_known(&mut self) -> Answer {
        if !self.hurdles.web.well_known {
            return self.elsewhere();
        }
        match self.trap(RedirectAt::WellKnown) {
            Some(trapped) => trapped,
            None => Answer::Jump(self.layout.change_page().to_owned()),
        }
    }

    /// The open redirect: to wherever the address says.
    pub(super) fn out(&mut self) -> Answer {
        match self.ask.query.first("to") {
            Some(to) if to.starts_with("http://") || to.starts_with("https://") => Answer::Away(to.to_owned()),
            _ => self.elsewhere(),
        }
    }

    /// A path without a page, and the small files that pages ask for.
    pub(super) fn elsewhere(&mut self) -> Answer {
        let path = self.ask.path.clone();
        if let Some(id) = path.strip_prefix("/picture/").and_then(|name| name.split('.').next())
            && let Some(picture) = self.sum_picture(id)
        {
            return picture;
        }
        match path.as_str() {
            "/files/report.zip" => {
                self.note(EventName::Downloaded, "");
                // An empty archive: the end record alone (APPNOTE 4.3.16).
                let mut body = b"PK\x05\x06".to_vec();
                body.resize(22, 0);
                return Answer::File { mime: "application/zip", body, attached: true };
            }
            "/pop-up" => {
                self.note(EventName::PoppedUp, "");
                let text = self.say(Word::Toast);
                return Page::new(PageName::About, text, vec![el("p").text(text).into()]).into();
            }
            _ => {}
        }
        let text = self.say(Word::NotFound);
        let status = if self.hurdles.web.every_path_200 { 200 } else { 404 };
        let back = self.link("/", self.say(Word::Home));
        let main = vec![el("h1").text(text).into(), el("p").kid(back).into()];
        Page::new(PageName::NotFound, text, main).status(status).into()
    }
}
