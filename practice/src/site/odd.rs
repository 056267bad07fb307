//! Oddities of single sites (`hurdles/odd.rs`): how lines and buttons are made otherwise, and pages that only these have.

use super::{Answer, Field, Form, Page, Site};
use crate::html::{El, Node, el, raw};
use crate::hurdles::{Asks, Lines, Refusal, TokenLine, Wakes, WayIn};
use crate::journal::EventName;
use crate::layout::FieldRole;
use crate::page_name::PageName;
use crate::words::Word;

/// Addresses that no layout makes up.
pub(super) const PREFIX: &str = "/odd/";
const METHODS: &str = "/odd/methods";
const QUESTION: &str = "/odd/question";
const WINDOW_DONE: &str = "/odd/window";
/// The right answer to the bare line, and the account number; nobody is told either.
const PUZZLE: &str = "17";
const TENANT: &str = "4711-0815";

impl Site<'_> {
    /// A page that only an oddity has.
    pub(super) fn odd_page(&mut self) -> Answer {
        match self.ask.path.as_str() {
            METHODS => self.methods(),
            QUESTION => self.question(),
            WINDOW_DONE => {
                let script = "if(opener){opener.postMessage('signed-in','*');close()}";
                let main = vec![el("p").text("Thank you.").into(), el("script").kid(raw(script)).into()];
                Page::new(PageName::FrameDone, "Done", main).into()
            }
            other if other.starts_with(METHODS) => {
                if other == "/odd/methods/app" {
                    self.visit().pending.method_chosen = true;
                    return self.go_on();
                }
                self.note(EventName::OtherFormSent, other.to_owned());
                let back = el("p").kid(el("a").at("href", METHODS).text("Another way"));
                let main = vec![
                    el("h1").text("We sent you something").into(),
                    el("p").text("Look at your phone.").into(),
                    back.into(),
                ];
                Page::new(PageName::Token, "Look at your phone", main).into()
            }
            _ => self.elsewhere(),
        }
    }

    fn methods(&mut self) -> Answer {
        let ways = [
            ("/odd/methods/push", "Get a push on your phone"),
            ("/odd/methods/message", "Text a code to •• 34"),
            ("/odd/methods/app", "Enter a code from your authenticator app"),
        ];
        let ways = ways.map(|(path, name)| el("li").kid(el("a").at("href", path).text(name)));
        let main = vec![
            el("h1").text("Verify it’s you").into(),
            el("p").text("Choose how you want to sign in:").into(),
            el("ul").kids(ways).into(),
        ];
        Page::new(PageName::Token, "Verify your identity", main).into()
    }

    fn question(&mut self) -> Answer {
        if self.ask.post {
            self.note(EventName::OtherFormSent, "the question was answered");
            return Answer::Jump(self.layout.paths.sign_in.clone());
        }
        let mut field = Field::new(FieldRole::Other, "teacher", "text", "What was your first teacher’s name?");
        field.required = true;
        let form = Form {
            page: Some(PageName::Captcha),
            action: QUESTION.to_owned(),
            title: self.say(Word::SignInTitle).to_owned(),
            fields: vec![field],
            submit: self.say(Word::Next).to_owned(),
            ..Form::default()
        };
        let main = vec![self.form(&form)];
        Page::new(PageName::Captcha, self.say(Word::SignInTitle), main).into()
    }

    /// What stands between the password and what follows it.
    pub(super) fn odd_step(&mut self) -> Option<Answer> {
        let chosen = self.visit().pending.method_chosen;
        if self.hurdles.odd.asks == Asks::Question {
            return Some(Answer::Jump(QUESTION.to_owned()));
        }
        (self.hurdles.odd.way == WayIn::Methods && !chosen).then(|| Answer::Jump(METHODS.to_owned()))
    }

    /// Another page than the form of the sign-in, at its address.
    pub(super) fn odd_way_in(&mut self) -> Option<Answer> {
        let path = self.layout.paths.sign_in.clone();
        let title = self.say(Word::SignInTitle);
        let inner = self.ask.query.first("inner").is_some();
        match self.hurdles.odd.way {
            WayIn::PopUp if inner => {
                self.visit().in_window = true;
                None
            }
            WayIn::PopUp => {
                let open = format!("window.open('{path}?inner=1','sign-in','width=500,height=600')");
                let button = el("button").at("type", "button").class("button").at("onclick", open);
                let script = "addEventListener('message',(e)=>{if(e.data==='signed-in')location.reload()})";
                let main = vec![
                    el("h1").text(title).into(),
                    el("p").kid(button.text(self.say(Word::SignInButton))).into(),
                    el("script").kid(raw(script)).into(),
                ];
                Some(Page::new(PageName::SignIn, title, main).into())
            }
            WayIn::FrameInShadow if !inner => {
                let script = format!(
                    "const r=document.getElementById('host').attachShadow({{mode:'open'}}),f=document.createElement('iframe');\
                     f.src='{path}?inner=1';f.style='width:100%;height:480px;border:0';r.append(f)"
                );
                let main = vec![el("div").at("id", "host").into(), el("script").kid(raw(script)).into()];
                Some(Page::new(PageName::SignIn, title, main).into())
            }
            _ => None,
        }
    }

    /// The window of the sign-in is done.
    pub(super) fn odd_landing(&mut self) -> Option<Answer> {
        let visit = self.visit();
        std::mem::take(&mut visit.in_window).then(|| Answer::Jump(WINDOW_DONE.to_owned()))
    }

    /// The sign-in was refused, told without the form.
    pub(super) fn odd_refusal(&self, error: &str) -> Option<Answer> {
        let title = self.say(Word::SignInTitle);
        match self.hurdles.odd.refusal {
            Refusal::Form => None,
            Refusal::Words => {
                let back = el("a").at("href", &*self.layout.paths.sign_in).text(self.say(Word::SignIn));
                let main = vec![el("p").at("role", "alert").text(error).into(), el("p").kid(back).into()];
                Some(Page::new(PageName::NotFound, title, main).into())
            }
            Refusal::Forbidden => {
                Some(Page::new(PageName::NotFound, "403", vec![el("h1").text("403").into()]).status(403).into())
            }
            Refusal::Json => Some(Answer::File {
                mime: "application/json",
                body: br#"{"error":"invalid_grant"}"#.to_vec(),
                attached: false,
            }),
        }
    }

    /// What the sign-in's form asks besides; `None` in the right answer's place is a refusal as of a wrong password.
    pub(super) fn odd_lines_right(&self) -> bool {
        match self.hurdles.odd.asks {
            Asks::Tenant => self.field("account") == TENANT,
            Asks::PuzzleLine => self.field("captcha") == PUZZLE,
            Asks::Nothing | Asks::Question => true,
        }
    }

    /// Makes the form of the sign-in odd.
    pub(super) fn odd_sign_in(&self, form: &mut Form) {
        let odd = &self.hurdles.odd;
        for field in &mut form.fields {
            field.readonly_until_focus = odd.lines == Lines::ReadOnlyUntilFocus
                && matches!(field.role, FieldRole::Username | FieldRole::Password);
            if field.role == FieldRole::Password {
                field.readonly |= odd.lines == Lines::Keypad;
                if odd.sign_in_keeps > 0 {
                    field.length = Some((0, odd.sign_in_keeps));
                }
            }
        }
        if odd.lines == Lines::Keypad {
            form.under.push(keypad(&self.layout.names.password));
        }
        if odd.way == WayIn::NameOnly {
            form.fields.retain(|field| field.role == FieldRole::Username);
            self.say(Word::Next).clone_into(&mut form.submit);
        }
        match odd.asks {
            Asks::Tenant => {
                let mut field =
                    Field::new(FieldRole::Other, "account", "text", "Account ID (8 digits) or account alias");
                field.required = true;
                form.fields.insert(0, field);
            }
            Asks::PuzzleLine => form.last.push(el("input").at("type", "text").at("name", "captcha").into()),
            Asks::Nothing | Asks::Question => {}
        }
        form.target = match odd.way {
            WayIn::NewTab => Some("_blank"),
            WayIn::FrameInShadow => Some("_top"),
            _ => None,
        };
        form.sleeps = odd.button != Wakes::Awake;
    }

    /// Makes an input odd.
    pub(super) fn odd_input(&self, field: &Field, mut input: El) -> El {
        let odd = &self.hurdles.odd;
        let secret = matches!(field.role, FieldRole::Password | FieldRole::Old | FieldRole::New | FieldRole::Repeat);
        if odd.lines == Lines::DrawnAsDots && secret {
            input = input.at("type", "text").at("autocomplete", "off").at("style", "-webkit-text-security:disc");
        }
        if field.readonly_until_focus {
            input = input.flag("readonly").at("onfocus", "this.removeAttribute('readonly')");
        }
        if odd.small_letters && field.role == FieldRole::Username {
            input = input.at("oninput", "this.value=this.value.toLowerCase()");
        }
        match odd.button {
            Wakes::KeyUp => input = input.at("onkeyup", "wake(this)"),
            Wakes::Blur => input = input.at("onblur", "wake(this)"),
            Wakes::Awake => {}
        }
        input.flag_if(field.required, "required")
    }

    /// The line for the token, where it is odd; `input` is the usual one.
    pub(super) fn odd_token(&self, field: &Field, input: El) -> Node {
        match self.hurdles.odd.token {
            TokenLine::OverBoxes => over_boxes(input, "0"),
            TokenLine::OverBoxesInSight => over_boxes(input, "1"),
            TokenLine::Mask => {
                let group = "const d=this.value.replace(/\\D/g,'').slice(0,6);\
                             this.value=d.length>3?d.slice(0,3)+' '+d.slice(3):d";
                input.at("type", "text").at("maxlength", "7").at("placeholder", "000 000").at("oninput", group).into()
            }
            TokenLine::SendsItself => {
                let send = "if(this.value.length===6)this.form.requestSubmit()";
                input.at("type", "text").at("maxlength", "6").at("oninput", send).into()
            }
            TokenLine::Numbers => numbers(&field.name),
            TokenLine::Plain => input.into(),
        }
    }

    /// The form behind the passkey's card.
    pub(super) fn behind_passkey(&self, form: Node) -> Node {
        if self.hurdles.odd.way != WayIn::Passkey {
            return form;
        }
        let button = |act: &str, text: &str| el("button").at("type", "button").at("onclick", act).text(text);
        let ask = "navigator.credentials.get({publicKey:{challenge:new Uint8Array(32)}}).catch(()=>{\
                   document.getElementById('said').textContent='The operation was not allowed.'})";
        let card =
            el("div")
                .at("id", "pk-one")
                .kid(el("h2").text("Use your passkey"))
                .kid(el("p").at("id", "said").text("Your device will ask you for your fingerprint, face or PIN."))
                .kid(button(ask, "Continue with passkey"))
                .kid(el("p").kid(
                    el("a").at("href", "#").at("onclick", "return turn('pk-one','pk-two')").text("Try another way"),
                ));
        let choice = el("div")
            .at("id", "pk-two")
            .flag("hidden")
            .kid(el("h2").text("Choose how to sign in"))
            .kid(button("turn('pk-two','pk-one')", "Use a passkey"))
            .kid(button("turn('pk-two','pk-form')", "Enter your password"));
        el("div").kid(card).kid(choice).kid(el("div").at("id", "pk-form").flag("hidden").kid(form)).into()
    }
}

fn over_boxes(input: El, opacity: &str) -> Node {
    let style = format!(
        "position:absolute;inset:0;width:100%;height:100%;opacity:{opacity};color:transparent;background:transparent;border:0;\
         caret-color:transparent"
    );
    let drawn = "[...this.parentNode.querySelectorAll('span')].forEach((box,at)=>box.textContent=this.value[at]||'')";
    let one = || el("span").at("style", "flex:1;border:1px solid #888;text-align:center;line-height:48px");
    el("div")
        .at("style", "position:relative;display:flex;gap:8px;width:300px;height:48px")
        .kids((0..6).map(|_| one()))
        .kid(input.at("type", "text").at("maxlength", "6").at("style", style).at("oninput", drawn))
        .into()
}

fn numbers(name: &str) -> Node {
    let move_on = "this.value=this.value.slice(-1);const all=[...this.parentNode.querySelectorAll('input[type=number]')];\
                   this.parentNode.querySelector('input[type=hidden]').value=all.map((one)=>one.value).join('');\
                   if(this.value)all[all.indexOf(this)+1]?.focus()";
    let one = || {
        let input = el("input").at("type", "number").flag("required").at("style", "width:44px");
        input.at("autocomplete", "one-time-code").at("oninput", move_on)
    };
    el("div").kids((0..6).map(|_| one())).kid(el("input").at("type", "hidden").at("name", name)).into()
}

fn keypad(name: &str) -> Node {
    let press = format!("this.closest('form').elements['{name}'].value+=this.textContent");
    let keys = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-!#$%&*+.:;=?@_".chars();
    let key = |one: char| el("button").at("type", "button").class("small").at("onclick", &*press).text(one.to_string());
    el("div").kids(keys.map(key)).into()
}
