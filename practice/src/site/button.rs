//! Buttons in all their kinds, questions of two answers, and what stands beside fields to mislead.

use super::{Form, Site};
use crate::dice::draw;
use crate::html::{El, Node, el, raw};
use crate::hurdles::Labels;
use crate::icons;
use crate::layout::{Button, Choice};
use crate::page_name::PageName;
use crate::words::Word;

impl Site<'_> {
    /// Two answers go in two forms, where buttons cannot say which of them was pressed.
    pub(super) fn two_forms(&self) -> bool {
        match self.layout.choice {
            Choice::Forms => true,
            Choice::Buttons => {
                matches!(self.layout.button, Button::DivRole | Button::LinkRole | Button::Scripted)
            }
            Choice::Radio => false,
        }
    }

    pub(super) fn radios(&self, form: &Form, page: PageName) -> Vec<(Option<Node>, Node)> {
        let answers = [("yes", &*form.submit), ("no", form.refuse.as_deref().unwrap_or_default())];
        answers
            .into_iter()
            .map(|(value, label)| {
                let id = self.id(page, &format!("choice-{value}"));
                let radio = el("input").at("type", "radio").at("name", "choice").at("value", value).at("id", &*id);
                (None, el("span").class("pair").kid(radio).kid(el("label").at("for", id).text(label)).into())
            })
            .collect()
    }

    pub(super) fn buttons(&self, form: &Form, answer: Option<bool>, form_id: &str) -> Node {
        let mut row = el("div").class("buttons");
        let refuse = form.refuse.as_deref();
        match (answer, refuse) {
            (Some(true), _) | (None, None) => {
                let button = self.button(&form.submit, None, form_id, true);
                row = row.kid(button.flag_if(form.sleeps, "disabled"));
            }
            (Some(false), _) => row = row.kid(self.button(refuse.unwrap_or_default(), None, form_id, false)),
            (None, Some(_)) if self.layout.choice == Choice::Radio => {
                row = row.kid(self.button(self.say(Word::Next), None, form_id, true));
            }
            (None, Some(refuse)) => {
                row = row.kid(self.button(&form.submit, Some("choice_yes"), form_id, true)).kid(self.button(
                    refuse,
                    Some("choice_no"),
                    form_id,
                    false,
                ));
            }
        }
        let over = self.hurdles.look.dialogs.toast_over_button_ms;
        if over > 0 && !form.minor {
            let close =
                el("button").at("type", "button").at("onclick", "this.parentNode.remove()").text(self.say(Word::Close));
            row = row.kid(
                el("div")
                    .class("over")
                    .at("role", "status")
                    .at("style", format!("animation-delay:{over}ms"))
                    .text(self.say(Word::Toast))
                    .kid(close),
            );
        }
        row.into()
    }

    fn button(&self, label: &str, name: Option<&'static str>, form_id: &str, first: bool) -> El {
        let icon_only = matches!(self.layout.labels, Labels::Icons | Labels::IconsNamed) && first && name.is_none();
        let class = if first { "button first" } else { "button" };
        let press = "this.closest('form').requestSubmit()";
        let (kind, scripted) = match self.layout.button {
            Button::Input if !icon_only => {
                let input = el("input").at("type", "submit").class(class).at("value", label);
                return input.at_some("name", name);
            }
            Button::DivRole => (el("div").at("role", "button").at("tabindex", "0"), true),
            Button::LinkRole => (el("a").at("role", "button").at("href", "#"), true),
            Button::Scripted => (el("button").at("type", "button"), true),
            Button::Outside => (el("button").at("form", form_id), false),
            _ => (el("button").at("type", "submit"), false),
        };
        let mut button = kind.class(class);
        if scripted {
            button = button.at("onclick", format!("event.preventDefault();{press}")).at(
                "onkeydown",
                format!("if(event.key==='Enter'&&this.tagName!=='BUTTON'){{event.preventDefault();{press}}}"),
            );
        } else if let Some(name) = name {
            button = button.at("name", name).at("value", "1");
        }
        if icon_only {
            let named = self.layout.labels == Labels::IconsNamed;
            button = button.kid(raw(icons::ARROW));
            if named { button.at("aria-label", label) } else { button }
        } else {
            button.text(label)
        }
    }

    /// Hidden fields before the real ones, as sites set them for machines.
    pub(super) fn decoys(&self) -> Vec<Node> {
        let [text_name, mail_name, password_name] = self.layout.names.decoys.clone();
        let away = [
            "position:absolute;left:-9999px",
            "display:none",
            "visibility:hidden;position:absolute",
            "opacity:0;position:absolute;height:0;width:0;border:0;padding:0",
        ];
        let shift = draw(self.layout.seed, "decoys") as usize;
        let hide = |index: usize| away[(index + shift) % away.len()];
        vec![
            el("div")
                .at("style", hide(0))
                .at("aria-hidden", "true")
                .kid(el("label").text(self.say(Word::Username)).kid(
                    el("input").at("type", "text").at("name", text_name).at("tabindex", "-1").at("autocomplete", "off"),
                ))
                .into(),
            el("input")
                .at("type", "email")
                .at("name", mail_name)
                .at("style", hide(1))
                .at("tabindex", "-1")
                .at("placeholder", self.say(Word::MailAddress))
                .into(),
            el("input")
                .at("type", "password")
                .at("name", password_name)
                .at("style", hide(2))
                .at("tabindex", "-1")
                .at("autocomplete", "current-password")
                .into(),
        ]
    }
}
