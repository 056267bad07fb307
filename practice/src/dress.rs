//! From a page to a document: header, footer, what lies over it, style and script.

use crate::dice::{draw, generated_name};
use crate::html::{El, Node, el, raw, write_all};
use crate::hurdles::Transport;
use crate::icons;
use crate::journal::Gate;
use crate::layout::{SettingsAt, SignInAt};
use crate::page_name::PageName;
use crate::site::{Page, Site, rename};
use crate::words::Word;
use crate::world::Flash;
use serde_json::{Value, json};

/// A page without a document around it, for those who swap it in.
pub(crate) struct Swapped {
    pub(crate) html: String,
    pub(crate) title: String,
    pub(crate) page: PageName,
    pub(crate) noise: Value,
}

impl Site<'_> {
    /// The whole document.
    pub(crate) fn document(&mut self, page: Page) -> String {
        let swapped = self.swapped(page);
        self.around(&swapped.title, &swapped.html, swapped.page, &swapped.noise)
    }

    /// A document whose content its script fetches.
    pub(crate) fn shell(&mut self) -> String {
        self.around("Plauder", "<p class=\"hint\">…</p>", PageName::Home, &json!({}))
    }

    /// The content of a page, to be swapped in.
    pub(crate) fn swapped(&mut self, page: Page) -> Swapped {
        let noise = self.noise(page.name);
        let mut body =
            if self.ask.gate != Gate::Frame { self.body(&page) } else { vec![el("main").kids(page.main).into()] };
        rename(&mut body, self.layout.seed, self.hurdles.look.generated_names, self.hurdles.look.duplicate_ids);
        Swapped { html: write_all(&body), title: page.title, page: page.name, noise }
    }

    /// More of a list that is on a page already.
    pub(crate) fn piece(&self, mut nodes: Vec<Node>) -> String {
        rename(&mut nodes, self.layout.seed, self.hurdles.look.generated_names, self.hurdles.look.duplicate_ids);
        write_all(&nodes)
    }

    fn around(&self, title: &str, content: &str, page: PageName, noise: &Value) -> String {
        let look = &self.hurdles.look;
        let mode = match look.transport {
            Transport::Pages => "pages",
            Transport::Fetch => "fetch",
            Transport::Websocket => "websocket",
        };
        let visit = if self.ask.gate == Gate::Frame { self.ask.visit.as_str() } else { "" };
        let about = json!({
            "mode": mode, "page": page, "visit": visit, "follow": look.address_follows, "noise": noise,
            "site": self.world.origins.site, "frame": self.world.origins.frame,
        });
        // In a script, `</` would end it.
        let about = about.to_string().replace("</", "<\\/");
        let head = el("head")
            .kid(el("meta").at("charset", "utf-8"))
            .kid(el("meta").at("name", "viewport").at("content", "width=device-width, initial-scale=1"))
            .kid(el("title").text(format!("{title} · Plauder")))
            .kid(el("link").at("rel", "icon").at("href", "data:,"))
            .kid(self.style());
        let mut app = Node::from(el("div").class("app").kid(raw(content.to_owned())));
        rename(std::slice::from_mut(&mut app), self.layout.seed, look.generated_names, false);
        let script = el("script").kid(raw(format!("const P={about};\n{SCRIPT}")));
        let document = el("html").at("lang", look.language.tag()).kid(head).kid(el("body").kid(app).kid(script));
        format!("<!doctype html>\n{}", write_all(&[document.into()]))
    }

    /// The style sheet; class names follow those of the page.
    pub(crate) fn style(&self) -> El {
        let style = if self.hurdles.look.generated_names { renamed(STYLE, self.layout.seed) } else { STYLE.to_owned() };
        el("style").kid(raw(style))
    }

    fn body(&mut self, page: &Page) -> Vec<Node> {
        let signed_in = self.user().is_some();
        let mut main = Vec::new();
        let mut over = Vec::new();
        match self.visit().flash.take() {
            Some(Flash::Message(message)) => {
                main.push(el("p").class("notice").at("role", "status").text(message).into());
            }
            Some(Flash::Toast(message)) => {
                over.push(el("div").class("toast").at("role", "status").text(message).into());
            }
            None => {}
        }
        main.extend(page.main.iter().cloned());
        if signed_in && self.layout.settings_at == SettingsAt::Side {
            let link = self.link(&self.layout.paths.settings.clone(), self.say(Word::Settings));
            main.push(el("aside").kid(link).into());
        }
        let header = self.header(page.name, signed_in);
        let footer = self.footer(page.name, signed_in);
        let mut body: Vec<Node> = Vec::new();
        let error_like = self.error_like();
        if !self.layout.header_last {
            body.push(header.clone().into());
        }
        let (before, after) = error_like.split_at(error_like.len().min(1));
        body.extend(before.iter().cloned());
        body.push(el("main").kids(main).into());
        if self.layout.header_last {
            body.push(header.into());
        }
        body.push(footer.kids(after.iter().cloned()).into());
        body.extend(over);
        body.extend(self.covers());
        body
    }

    fn header(&mut self, page: PageName, signed_in: bool) -> El {
        let paths = self.layout.paths.clone();
        let logo = self.link(&paths.home, "").class("logo").kid(raw(icons::MARK)).text("Plauder");
        let mut links: Vec<Node> = Vec::new();
        let mut menu: Vec<Node> = Vec::new();
        if signed_in {
            links.push(self.link(&paths.feed, self.say(Word::Feed)).into());
            links.push(self.link(&paths.profile, self.say(Word::Profile)).into());
            let settings = self.link(&paths.settings, self.say(Word::Settings)).into();
            let out = self.link(&paths.sign_out, self.say(Word::SignOut)).into();
            match self.layout.settings_at {
                SettingsAt::Header => links.extend([settings, out]),
                SettingsAt::Menu => menu.extend([settings, out]),
                SettingsAt::Footer | SettingsAt::Side => links.push(out),
            }
        } else {
            links.push(self.link(&paths.sign_up, self.say(Word::SignUp)).into());
            let sign_in: Node = self.link(&paths.sign_in, self.say(Word::SignIn)).into();
            let on_front = page == PageName::Home;
            match self.layout.sign_in_at {
                SignInAt::Menu => menu.push(sign_in),
                SignInAt::Front | SignInAt::Dialog if on_front && !self.hurdles.sign_in.frame => {}
                SignInAt::Hero | SignInAt::Footer if on_front => {}
                _ if page == PageName::SignIn => {}
                _ => links.push(sign_in),
            }
        }
        let mut nav = el("nav").kids(links);
        if !menu.is_empty() {
            nav = nav.kid(self.menu(menu));
        }
        let header = el("header").kid(logo).kid(nav);
        if !self.layout.search {
            return header;
        }
        let search = el("form").at("method", "get").at("action", paths.search).at("role", "search");
        let search = if self.hurdles.look.transport == Transport::Pages {
            search
        } else {
            search.at("onsubmit", "return sub(event)")
        };
        let label = self.say(Word::Search);
        header.kid(
            search
                .kid(el("input").at("type", "search").at("name", "q").at("placeholder", label).at("aria-label", label)),
        )
    }

    /// Links that one sees only after opening the menu.
    fn menu(&self, links: Vec<Node>) -> El {
        let label = self.say(Word::Menu);
        if self.layout.seed.is_multiple_of(2) {
            return el("details").kid(el("summary").text(label)).kids(links);
        }
        let button = el("button").at("type", "button").class("small").at("aria-expanded", "false");
        el("div").kid(button.at("onclick", "fold(this)").text(label)).kid(el("div").flag("hidden").kids(links))
    }

    fn footer(&mut self, page: PageName, signed_in: bool) -> El {
        let paths = self.layout.paths.clone();
        let mut footer = el("footer").kid(self.link(&paths.about, self.say(Word::Help)));
        if signed_in && self.layout.settings_at == SettingsAt::Footer {
            footer = footer.kid(self.link(&paths.settings, self.say(Word::Settings)));
        }
        if !signed_in && page == PageName::Home && self.layout.sign_in_at == SignInAt::Footer {
            footer = footer.kid(self.link(&paths.sign_in, self.say(Word::SignIn)));
        }
        if self.layout.newsletter {
            footer = footer.kid(self.newsletter());
        }
        footer
    }

    fn newsletter(&mut self) -> El {
        let form = el("form").at("method", "post").at("action", &*self.layout.paths.newsletter);
        let form = if self.hurdles.look.transport == Transport::Pages {
            form
        } else {
            form.at("onsubmit", "return sub(event)")
        };
        let field = el("input")
            .at("type", "email")
            .at("name", "newsletter_mail")
            .at("placeholder", self.say(Word::MailAddress));
        let label = el("label").text(format!("{} ", self.say(Word::Newsletter))).kid(field);
        form.kid(label).kid(el("button").class("small").text(self.say(Word::Subscribe)))
    }

    /// Texts that look like errors and mean nothing.
    fn error_like(&self) -> Vec<Node> {
        if !self.layout.error_like {
            return Vec::new();
        }
        let all = self.words.all(Word::ErrorLike);
        let first = draw(self.layout.seed, "error-like text") as usize % all.len();
        let one = el("p").class("error").at("role", "alert").text(all[first]);
        let two = el("small").class("error").text(all[(first + 1) % all.len()]);
        vec![one.into(), two.into()]
    }

    /// What covers the page.
    fn covers(&self) -> Vec<Node> {
        let mut covers = Vec::new();
        let dialogs = &self.hurdles.look.dialogs;
        let button =
            |text: &str, act: &str| el("button").at("type", "button").class("button").at("onclick", act).text(text);
        if dialogs.cookie_banner && !self.ask.consented {
            let sheet = el("div")
                .class("sheet")
                .at("role", "dialog")
                .at("aria-label", self.say(Word::Privacy))
                .kid(el("p").text(self.say(Word::Cookies)))
                .kid(button(self.say(Word::Accept), "consent(this)"))
                .kid(button(self.say(Word::Reject), "consent(this)"));
            covers.push(el("section").class("cover").kid(sheet).into());
        }
        if dialogs.newsletter_box {
            let sheet = el("div")
                .class("sheet")
                .at("role", "dialog")
                .kid(el("p").text(self.say(Word::Newsletter)))
                .kid(
                    el("input")
                        .at("type", "email")
                        .at("name", "box_mail")
                        .at("placeholder", self.say(Word::MailAddress)),
                )
                .kid(button(self.say(Word::Close), "later(this)"));
            covers.push(el("section").class("cover").at("data-later", "1").flag("hidden").kid(sheet).into());
        }
        covers
    }

    /// What the script makes of noise on this page.
    fn noise(&self, page: PageName) -> Value {
        let (noise, dialogs) = (&self.hurdles.look.noise, &self.hurdles.look.dialogs);
        let mut told = json!({});
        // A window that the noise has opened makes none, or they would never end.
        if self.ask.path == "/pop-up" {
            return told;
        }
        if page != PageName::FrameDone && (noise.pages.is_empty() || noise.pages.contains(&page)) {
            told = json!({
                "pop_ups": noise.pop_ups, "reload_ms": noise.reload_ms, "restless": noise.restless,
                "moving": noise.moving,
                "download": noise.download, "print": noise.print, "memory_mib": noise.memory_mib, "busy_ms": noise.busy_ms,
            });
        }
        told["before_unload"] = json!(dialogs.before_unload);
        told["newsletter_box"] = json!(dialogs.newsletter_box);
        told["alert"] = json!(dialogs.alert.then(|| self.say(Word::Toast)));
        told
    }
}

const SCRIPT: &str = include_str!("assets/site.js");
const STYLE: &str = include_str!("assets/site.css");

/// The style sheet with the class names of the build tool.
fn renamed(style: &str, seed: u64) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some(dot) = rest.find('.') {
        let after = &rest[dot + 1..];
        let end = after.find(|one: char| !one.is_ascii_alphanumeric() && one != '-').unwrap_or(after.len());
        let class = &after[..end];
        out.push_str(&rest[..=dot]);
        if class.starts_with(|one: char| one.is_ascii_alphabetic()) {
            out.push_str(&generated_name(seed, class));
        } else {
            out.push_str(class);
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn class_names_in_the_style_sheet_are_renamed_and_numbers_are_not() {
        let style = renamed(".card,.post b{margin:.5rem 1.5px}", 3);
        assert!(style.ends_with(" b{margin:.5rem 1.5px}"), "{style}");
        assert!(!style.contains("card") && !style.contains("post"), "{style}");
    }
}
