//! Forms: fields with their labels, buttons, decoys, in the structure that the layout wants.

use super::Site;
use crate::dice::generated_name;
use crate::html::{El, Node, el, raw};
use crate::hurdles::{Autocomplete, Labels, Language, Shadow, Transport};
use crate::icons;
use crate::layout::{Button, Choice, FieldRole, MessageAt, Nest};
use crate::page_name::PageName;
use crate::words::Word;

/// A form before it is laid out.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub(crate) page: Option<PageName>,
    pub(crate) action: String,
    pub(crate) title: String,
    pub(crate) hint: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) notice: Option<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) submit: String,
    /// The second of two answers; the first is `submit`.
    pub(crate) refuse: Option<String>,
    /// Sent with the form, unseen.
    pub(crate) hidden: Vec<(String, String)>,
    /// Under the fields: links, boxes to tick, rules.
    pub(crate) under: Vec<Node>,
    /// The script asks before it sends the form.
    pub(crate) ask_first: bool,
    /// No button: a script sends the form.
    pub(crate) no_button: bool,
    /// Beside the point: no decoys, no shadow, no toast.
    pub(crate) minor: bool,
    /// Behind the button.
    pub(crate) last: Vec<Node>,
    /// Where the answer is shown, when it is not in the same page.
    pub(crate) target: Option<&'static str>,
    /// The button sleeps until all lines hold something.
    pub(crate) sleeps: bool,
}

/// A field before it is laid out.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) role: FieldRole,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    pub(crate) value: String,
    /// The right `autocomplete` token.
    pub(crate) token: &'static str,
    pub(crate) length: Option<(u32, u32)>,
    pub(crate) readonly: bool,
    pub(crate) readonly_until_focus: bool,
    pub(crate) required: bool,
    /// The address of a picture above the field.
    pub(crate) picture: Option<String>,
    /// So many one-digit boxes instead of one input; 0 is one input.
    pub(crate) boxes: u8,
}

impl Field {
    pub(crate) fn new(role: FieldRole, name: &str, kind: &'static str, label: impl Into<String>) -> Self {
        Self {
            role,
            name: name.to_owned(),
            kind,
            label: label.into(),
            value: String::new(),
            token: "off",
            length: None,
            readonly: false,
            readonly_until_focus: false,
            required: false,
            picture: None,
            boxes: 0,
        }
    }

    pub(crate) fn token(mut self, token: &'static str) -> Self {
        self.token = token;
        self
    }
}

impl Site<'_> {
    /// The form, laid out: heading, messages, fields, buttons.
    pub(crate) fn form(&mut self, form: &Form) -> Node {
        let page = form.page.unwrap_or(PageName::Any);
        let message = message(form);
        let mut head: Vec<Node> = vec![el("h2").text(&*form.title).into()];
        if let Some(hint) = &form.hint {
            head.push(el("p").class("hint").text(hint).into());
        }
        let at = self.layout.message_at;
        if let (MessageAt::Above | MessageAt::Top, Some(message)) = (at, &message) {
            let place = if at == MessageAt::Top { 0 } else { head.len() };
            head.insert(place, message.clone().into());
        }
        let bodies: Vec<Node> = if form.refuse.is_some() && self.two_forms() {
            [true, false].into_iter().map(|yes| self.one_form(form, page, None, Some(yes))).collect()
        } else {
            let within = message.clone().filter(|_| at == MessageAt::Field);
            vec![self.one_form(form, page, within.as_ref(), None)]
        };
        let mut card = el("div").class(if form.minor { "card minor" } else { "card" }).kids(head).kids(bodies);
        if let (MessageAt::Below, Some(message)) = (at, message) {
            card = card.kid(message);
        }
        if form.minor { card.into() } else { self.in_shadow(card) }
    }

    fn one_form(&mut self, form: &Form, page: PageName, within: Option<&El>, answer: Option<bool>) -> Node {
        let id = self.id(page, if answer == Some(false) { "form-no" } else { "form" });
        let action = self.address(&form.action);
        let mut element = el("form").at("method", "post").at("action", action).at("oninput", "typed(event)");
        // A name that is no mail address is good as well, so the browser must not judge it.
        element = element.flag_if(form.fields.iter().any(|field| field.kind == "email"), "novalidate");
        element = element.at_some("target", form.target);
        if let Some(handler) = self.submit_handler(form) {
            element = element.at("onsubmit", handler);
        }
        let csrf = (self.layout.names.csrf.clone(), self.visit().csrf.clone());
        for (name, value) in std::iter::once(&csrf).chain(&form.hidden) {
            element = element.kid(el("input").at("type", "hidden").at("name", &**name).at("value", &**value));
        }
        if let Some(yes) = answer {
            element = element
                .kid(el("input").at("type", "hidden").at("name", "choice").at("value", if yes { "yes" } else { "no" }));
        }
        if self.hurdles.look.decoys && !form.minor {
            element = element.kids(self.decoys());
        }
        let mut rows: Vec<(Option<Node>, Node)> = Vec::new();
        if answer != Some(false) {
            for field in &form.fields {
                rows.extend(self.rows(field, page));
                if let (true, Some(message)) = (rows.len() == 1, within) {
                    rows.push((None, message.clone().into()));
                }
            }
        }
        if form.refuse.is_some() && answer.is_none() && self.layout.choice == Choice::Radio {
            rows.extend(self.radios(form, page));
        }
        element = element.kids(self.nest(rows, &form.title));
        if answer != Some(false) {
            element = element.kids(form.under.iter().cloned());
        }
        if form.no_button {
            return element.at("id", id).into();
        }
        let buttons = self.buttons(form, answer, &id);
        if self.layout.button == Button::Outside {
            el("div").class("stack").kid(element.at("id", id)).kid(buttons).into()
        } else {
            element.at("id", id).kid(buttons).kids(form.last.iter().cloned()).into()
        }
    }

    fn submit_handler(&self, form: &Form) -> Option<String> {
        let swap = self.hurdles.look.transport != Transport::Pages;
        match (form.ask_first, swap) {
            (true, true) => Some("return confirm('?')?sub(event):false".to_owned()),
            (true, false) => Some("return confirm('?')".to_owned()),
            (false, true) => Some("return sub(event)".to_owned()),
            (false, false) => None,
        }
    }

    /// Label and input of a field. An odd label may want a row of its own.
    fn rows(&self, field: &Field, page: PageName) -> Vec<(Option<Node>, Node)> {
        let mut rows = Vec::new();
        if let Some(picture) = &field.picture {
            rows.push((None, el("img").class("sum").at("src", self.address(picture)).at("alt", "").into()));
        }
        let id = self.id(page, &field.name);
        let label_id = format!("{id}-label");
        let named = |input: El| match self.layout.labels {
            Labels::Placeholder => input.at("placeholder", &*field.label),
            Labels::AriaLabel | Labels::IconsNamed => input.at("aria-label", &*field.label),
            Labels::LabelledBy => input.at("aria-labelledby", &*label_id),
            Labels::Title => input.at("title", &*field.label),
            _ => input,
        };
        let control: Node = match field.role {
            _ if field.boxes > 0 => self.boxes(field, &id),
            FieldRole::Token => self.odd_token(field, named(self.input(field, &id))),
            _ => named(self.input(field, &id)).into(),
        };
        let label = || el("label").at("for", &*id).text(&*field.label);
        let row = match self.layout.labels {
            Labels::Before => (Some(label().into()), control),
            Labels::After => (None, el("span").class("pair").kid(control).kid(label()).into()),
            Labels::Around => {
                let around = el("label").class("around").text(format!("{} ", field.label)).kid(control);
                (None, around.into())
            }
            Labels::Beside => (Some(el("span").class("name").text(&*field.label).into()), control),
            Labels::LabelledBy => {
                (Some(el("span").class("name").at("id", &*label_id).text(&*field.label).into()), control)
            }
            Labels::Icons | Labels::IconsNamed => {
                (Some(el("span").class("icon").kid(raw(icons::for_role(field.role))).into()), control)
            }
            Labels::Placeholder | Labels::AriaLabel | Labels::Title => (None, control),
        };
        rows.push(row);
        rows
    }

    fn input(&self, field: &Field, id: &str) -> El {
        let mut input = el("input").at("type", field.kind).at("name", &*field.name).at("id", id);
        if !field.value.is_empty() {
            input = input.at("value", &*field.value);
        }
        input = match (self.layout.autocomplete, field.role) {
            (Autocomplete::Absent, _) | (_, FieldRole::Other) => input,
            (Autocomplete::Off, _) => input.at("autocomplete", "off"),
            (Autocomplete::Right, _) => input.at("autocomplete", field.token),
            (Autocomplete::Wrong, FieldRole::Token) => input.at("autocomplete", "cc-csc"),
            (Autocomplete::Wrong, FieldRole::Username) => input.at("autocomplete", "nickname"),
            (Autocomplete::Wrong, FieldRole::New | FieldRole::Repeat) => input.at("autocomplete", "current-password"),
            (Autocomplete::Wrong, _) => input.at("autocomplete", "new-password"),
        };
        if let Some((min, max)) = field.length {
            if min > 0 {
                input = input.at("minlength", min.to_string());
            }
            if max > 0 {
                input = input.at("maxlength", max.to_string());
            }
        }
        if field.role == FieldRole::Token {
            input = input.at("inputmode", "numeric");
        }
        self.odd_input(field, input.flag_if(field.readonly, "readonly"))
    }

    fn boxes(&self, field: &Field, id: &str) -> Node {
        let mut group = el("div").class("boxes").at("role", "group");
        if self.layout.labels != Labels::Icons {
            group = group.at("aria-label", &*field.label);
        }
        for index in 1..=field.boxes {
            let name = if self.layout.names.boxes_share_name {
                format!("{}[]", field.name)
            } else {
                format!("{}_{index}", field.name)
            };
            let one = Field { name, boxes: 0, length: Some((0, 1)), ..field.clone() };
            let mut input =
                self.input(&one, &format!("{id}-{index}")).at("oninput", "box(event)").at("onkeydown", "back(event)");
            input = input.at("onpaste", "spread(event)").at("pattern", "[0-9]");
            if self.layout.labels != Labels::Icons {
                input = input.at("aria-label", self.words.say_with(Word::Digit, index));
            }
            group = group.kid(if self.hurdles.sign_in.auto_submit { input.at("data-send", "1") } else { input });
        }
        group.into()
    }

    fn nest(&self, rows: Vec<(Option<Node>, Node)>, title: &str) -> Vec<Node> {
        if rows.is_empty() {
            return Vec::new();
        }
        let plain = |(label, control): (Option<Node>, Node)| el("div").class("row").kids(label).kid(control);
        match self.layout.nest {
            Nest::Plain => rows.into_iter().map(|row| plain(row).into()).collect(),
            Nest::Table => {
                let lines = rows.into_iter().map(|(label, control)| match label {
                    Some(label) => el("tr").kid(el("td").kid(label)).kid(el("td").kid(control)),
                    None => el("tr").kid(el("td").at("colspan", "2").kid(control)),
                });
                vec![el("table").kid(el("tbody").kids(lines)).into()]
            }
            Nest::Fieldset => {
                vec![el("fieldset").kid(el("legend").text(title)).kids(rows.into_iter().map(plain)).into()]
            }
            Nest::List => {
                let items = rows.into_iter().map(|(label, control)| el("li").kids(label).kid(control));
                vec![el("ul").class("fields").kids(items).into()]
            }
            Nest::Terms => {
                let mut list = el("dl");
                for (label, control) in rows {
                    list = list.kids(label.map(|label| el("dt").kid(label))).kid(el("dd").kid(control));
                }
                vec![list.into()]
            }
            Nest::Deep => {
                let deep = |(label, control): (Option<Node>, Node)| {
                    let label = label.map(|label| el("div").class("outer").kid(el("div").class("inner").kid(label)));
                    let control = el("div").class("outer").kid(el("div").class("inner").kid(el("div").kid(control)));
                    el("div").class("row").kid(el("div").class("cell").kids(label).kid(control))
                };
                vec![el("div").class("grid").kid(el("div").class("column").kids(rows.into_iter().map(deep))).into()]
            }
        }
    }

    fn in_shadow(&self, card: El) -> Node {
        let mode = match self.hurdles.look.shadow {
            Shadow::None => return card.into(),
            Shadow::Open => "open",
            Shadow::Closed => "closed",
        };
        let template = el("template").at("shadowrootmode", mode).kid(self.style()).kid(card);
        el("div").class("host").kid(template).into()
    }

    /// An id on a page; the build tool's and the careless ones come later, over the whole page.
    pub(super) fn id(&self, page: PageName, what: &str) -> String {
        let what: String = what.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("{}-{what}", page.as_str().replace('_', "-"))
    }

    /// An address for a form or picture: in the frame it carries the visit, since there are no cookies there.
    pub(crate) fn address(&self, path: &str) -> String {
        match self.ask.gate {
            crate::journal::Gate::Frame => format!("{path}?v={}", self.ask.visit),
            _ => path.to_owned(),
        }
    }

    /// A box to tick, with its label.
    pub(crate) fn tick(&self, page: PageName, name: &str, label: &str) -> Node {
        let id = self.id(page, name);
        el("p")
            .class("tick")
            .kid(el("input").at("type", "checkbox").at("name", name).at("value", "1").at("id", &*id))
            .kid(el("label").at("for", id).text(format!(" {label}")))
            .into()
    }

    /// "Show password", where the layout has it.
    pub(crate) fn show_password(&self) -> Option<Node> {
        let button = el("button").at("type", "button").class("small").at("onclick", "peek(this)");
        self.layout.show_password.then(|| button.text(self.say(Word::ShowPassword)).into())
    }

    /// "Continue with …", three other networks that nobody knows.
    pub(crate) fn social(&self) -> Vec<Node> {
        if !self.layout.social {
            return Vec::new();
        }
        ["Nimbus", "Larkmail", "Pomelo"]
            .iter()
            .map(|other| {
                let label = self.words.say_with(Word::ContinueWith, other);
                el("button").at("type", "button").class("social").text(label).into()
            })
            .collect()
    }
}

/// Class names and ids as a build tool makes them, and the same id for every input: over a whole page.
pub(crate) fn rename(nodes: &mut [Node], seed: u64, generated: bool, duplicate_ids: bool) {
    for node in nodes {
        node.each_attribute(&mut |tag, name, value| match name {
            "class" if generated => {
                *value = value.split(' ').map(|class| generated_name(seed, class)).collect::<Vec<_>>().join(" ");
            }
            "id" if duplicate_ids && tag == "input" => "input".clone_into(value),
            "for" if duplicate_ids => "input".clone_into(value),
            "id" | "for" | "form" | "aria-labelledby" | "aria-controls" if generated => {
                *value = generated_name(seed, value);
            }
            _ => {}
        });
    }
}

fn message(form: &Form) -> Option<El> {
    if let Some(error) = &form.error {
        return Some(el("p").class("error").at("role", "alert").text(error));
    }
    form.notice.as_ref().map(|notice| el("p").class("notice").at("role", "status").text(notice))
}

/// The place that the site says a sign-in comes from.
pub(crate) fn place(language: Language) -> &'static str {
    match language {
        Language::En => "Bristol",
        Language::De => "Würzburg",
        Language::Fr => "Besançon",
        Language::Es => "Cáceres",
        Language::It => "Forlì",
        Language::Pt => "Évora",
    }
}
