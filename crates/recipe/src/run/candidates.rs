//! What on a page could be followed on the way to another, and what speaks for it.

use countersign_snapshot::{Button, ButtonKind, ElementRef, Field, FieldKind, Frame, PageLink, PageSnapshot};

use crate::{
    SiteKnowledge,
    recognise::{names_somebody, path_of},
    words::{Concept, Meaning, attribute_meaning, fold, fold_attribute, meaning},
};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    SignIn,
    Change,
}

/// What is worth following at all.
pub(super) const ENOUGH: f32 = 0.7;
/// A menu says nothing of what is in it.
const OPENER: f32 = 0.8;
/// What is called after the account leads to what belongs to it.
const ACCOUNT: f32 = 1.8;
/// "Change", beside a text that says what: the password.
const BESIDE: f32 = 3.8;
/// A button that says nothing, in the head of the page, which is so many pixels high.
const MARK: f32 = 0.75;
const HEAD: i32 = 120;

/// A box that says "Change password".
const TOGGLE: f32 = 4.0;

/// Something to follow.
pub(super) struct Candidate {
    pub(super) score: f32,
    pub(super) element: ElementRef,
    pub(super) name: String,
    pub(super) address: Option<String>,
    pub(super) key: String,
    pub(super) opens: bool,
}

/// Weighs what a page offers.
pub(super) struct CandidateScorer<'a> {
    pub(super) goal: Goal,
    /// How many pages came before.
    pub(super) visit: usize,
    pub(super) site: &'a SiteKnowledge,
}

/// What stands beside the password in settings, and is something else.
fn others_in_settings(name: Meaning, attributes: Meaning) -> f32 {
    use Concept::{Account, ElsewhereInSettings, Foreign, Password, Profile, Security};
    if name.any(&[Password, Security, Account, Profile]) {
        0.0
    } else if name.has(Foreign) {
        -4.0
    } else if name.has(ElsewhereInSettings) {
        -3.0
    } else if attributes.any(&[Foreign, ElsewhereInSettings]) {
        -0.4
    } else {
        0.0
    }
}

impl CandidateScorer<'_> {
    /// Everything on a page that could be followed, each with what speaks for it.
    pub(super) fn candidates(&self, snapshot: &PageSnapshot) -> Vec<Candidate> {
        let site = self.site;
        let mut all = Vec::new();
        for (_, frame) in
            snapshot.visible_frames().filter(|(_, frame)| frame.parent.is_none() || site.allows(&frame.origin))
        {
            all.extend(frame.links.iter().filter_map(|link| self.link(frame, link)));
            all.extend(frame.buttons.iter().filter_map(|button| self.button(frame, button)));
            all.extend(frame.fields.iter().filter_map(|field| self.toggle(frame, field)));
        }
        all
    }

    fn link(&self, frame: &Frame, link: &PageLink) -> Option<Candidate> {
        let leaves = link.address.starts_with("http") && !self.site.allows(&link.address);
        if leaves || link.covered || link.address.starts_with("mailto:") || link.address.starts_with("tel:") {
            return None;
        }
        let path = path_of(&link.address);
        let name = meaning(&link.name);
        // Class names of a drop-down say how it works, not where it leads.
        let hints = if is_drop_down(&link.hints) { "" } else { &link.hints };
        let leads =
            attribute_meaning(path).and(attribute_meaning(hints)).and(attribute_meaning(query_of(&link.address)));
        let mut score = self.weigh(name, leads, &link.name);
        if self.goal == Goal::Change && names_account(&link.name, self.site) && score > -1.0 {
            score = score.max(ACCOUNT);
        }
        let nowhere = path.is_empty() || link.address.contains('#') || link.address.starts_with("javascript:");
        // What leads nowhere and is marked as a drop-down, or is called after the account, opens a menu.
        let opens =
            nowhere && !has_route(&link.address) && (is_drop_down(&link.hints) || names_account(&link.name, self.site));
        if opens && score > -1.0 {
            score = score.max(0.0) + OPENER;
        }
        // Where it leads counts, not how it is called; a link to nowhere is a button.
        let (address, key) = if nowhere {
            (None, format!("{}|{}|{}", self.visit_of(opens), link.address, link.name))
        } else {
            (Some(link.address.clone()), key_of(&link.address))
        };
        let element = frame.reference(link.node);
        Some(Candidate { score, element, name: link.name.clone(), address, key, opens })
    }

    fn button(&self, frame: &Frame, button: &Button) -> Option<Candidate> {
        if button.disabled || button.covered || button.kind == ButtonKind::Reset {
            return None;
        }
        // What sends a form with something to fill in is not a way to another page.
        let sends =
            frame.fields.iter().any(|field| field.usable() && field.form.is_some() && field.form == button.form);
        let says = meaning(&button.name);
        if sends && !button.opens && button.kind != ButtonKind::Widget && !leads_on(frame, button, says) {
            return None;
        }
        let mut score = self.weigh(says, attribute_meaning(&button.hints), &button.name);
        if self.goal == Goal::Change && changes_password_beside_it(frame, button) {
            score = score.max(BESIDE);
        }
        let account = self.goal == Goal::Change && names_account(&button.name, self.site);
        if account {
            // A button is no profile that everybody sees: it opens the account's menu.
            score = score.max(ACCOUNT + 0.6);
        }
        if button.opens && score > -1.0 {
            score = score.max(0.0) + OPENER;
        }
        // An icon or initials in the head of the page: often the account's menu.
        let mark = button.name.chars().count() <= 2 && (0..HEAD).contains(&button.place.y);
        if self.goal == Goal::Change && mark && score.abs() < ENOUGH {
            score = MARK;
        }
        let opens = button.opens || account || mark || says.has(Concept::Menu);
        let page = path_of(&frame.address);
        // Class names change when a menu opens, so they tell only those apart that have no name.
        let called = if button.name.is_empty() { &button.hints } else { &button.name };
        let key = format!("{}|button|{page}|{called}", self.visit_of(opens));
        let element = frame.reference(button.node);
        Some(Candidate { score, element, name: button.name.clone(), address: None, key, opens })
    }

    /// A box that shows the lines for a new password when it is ticked.
    fn toggle(&self, frame: &Frame, field: &Field) -> Option<Candidate> {
        let says = meaning(field.words.name());
        let shows = says.has(Concept::Password) && says.any(&[Concept::Change, Concept::New]);
        let other = says.any(&[Concept::Show, Concept::Forgot, Concept::Email]);
        let unticked = field.kind == FieldKind::Checkbox && field.checked == Some(false) && field.usable();
        (self.goal == Goal::Change && unticked && shows && !other).then(|| Candidate {
            score: TOGGLE,
            element: frame.reference(field.node),
            name: field.words.name().to_owned(),
            address: None,
            key: format!("box|{}|{}", path_of(&frame.address), field.words.name()),
            opens: false,
        })
    }

    /// What opens may be pressed once a visit, everything else once.
    const fn visit_of(&self, opens: bool) -> usize {
        if opens { self.visit } else { 0 }
    }

    fn weigh(&self, name: Meaning, attributes: Meaning, text: &str) -> f32 {
        use Concept::{
            Account, Authenticator, Cancel, Change, Delete, Email, Forgot, Menu, Newsletter, Password, Profile, Search,
            Security, Sessions, Settings, Show, SignIn, SignOut, SignUp, Social,
        };
        let one = |concept, weight: f32| {
            if name.has(concept) {
                weight
            } else if attributes.has(concept) {
                weight * 0.5
            } else {
                0.0
            }
        };
        // A sentence is news, not a way.
        let long = if text.chars().count() > 60 { -2.0 } else { 0.0 };
        // Words in an address warn only where the name does not say better: "Log in" may lead to `/sso/start`.
        let says_way = name.any(match self.goal {
            Goal::SignIn => &[SignIn],
            Goal::Change => &[Password, Security, Settings],
        });
        let never = |concepts: &[Concept]| {
            let against = |concept: &Concept| if says_way && !name.has(*concept) { 0.0 } else { one(*concept, -6.0) };
            concepts.iter().map(against).sum::<f32>()
        };
        let elsewhere = if name.leads_elsewhere() { -6.0 } else { 0.0 };
        long + elsewhere
            + match self.goal {
                Goal::SignIn => {
                    let way = one(SignIn, 3.0).max(one(Menu, 0.9)).max(one(Account, 1.0)).max(one(Profile, 0.8));
                    way + one(SignUp, -2.5) + never(&[Social, Forgot, SignOut, Delete, Newsletter])
                }
                Goal::Change => {
                    let password = if name.has(Password) && name.has(Change) { 5.0 } else { one(Password, 3.6) };
                    let way = password
                        .max(one(Security, 2.6))
                        .max(one(Settings, 2.2))
                        .max(one(Account, 1.6))
                        .max(one(Profile, 1.2))
                        .max(one(Menu, 0.9));
                    let beside = one(Authenticator, -1.0)
                        + one(Sessions, -0.8)
                        + if name.has(Password) { 0.0 } else { one(Email, -1.0) };
                    // "Sign-in and security" is the way; so is what is called otherwise and leads to `/account/login`.
                    let said = name.any(&[Password, Security, Settings]);
                    let sign_in = if said || !name.has(SignIn) { 0.0 } else { -6.0 };
                    // "Reset my password", where somebody is in, is a way, though it may send a mail.
                    let forgot = if name.has(Password) && is_reset(text) { -1.7 } else { one(Forgot, -2.9) };
                    let others = others_in_settings(name, attributes);
                    way + beside
                        + sign_in
                        + forgot
                        + others
                        + never(&[SignOut, Delete, Show, SignUp, Newsletter, Social])
                        + one(Search, -2.0)
                        + one(Cancel, -2.0)
                }
            }
    }
}

/// Whether a button only says "Change", and the text before it in its row, or right above it, says "Password".
fn changes_password_beside_it(frame: &Frame, button: &Button) -> bool {
    let says = meaning(&button.name);
    let short = |text: &str| text.chars().count() <= 40;
    if !says.has(Concept::Change) || says.has(Concept::Password) || !short(&button.name) {
        return false;
    }
    // What names the thing, and perhaps a line that explains it, stand before.
    let before = frame.texts.iter().filter(|text| text.order < button.order && text.dialog == button.dialog);
    let near = before.filter(|text| {
        let below = button.place.y - text.place.bottom();
        text.place.shares_rows_with(button.place) || (0..=60).contains(&below)
    });
    let mut near: Vec<_> = near.filter(|text| short(&text.text)).collect();
    near.sort_by_key(|text| text.order);
    let in_row = near.iter().any(|text| text.place.shares_rows_with(button.place));
    let named = near.iter().rev().filter(|text| !in_row || text.place.shares_rows_with(button.place)).take(2);
    named.map(|text| meaning(&text.text)).any(|says| says.has(Concept::Password) && !says.has(Concept::Forgot))
}

/// Whether something is called after the account: by its name, or by a mail address.
fn names_account(name: &str, site: &SiteKnowledge) -> bool {
    let mut words = name.split(|letter: char| letter.is_whitespace() || "()[]<>,;:".contains(letter));
    let own = site.account.as_deref().filter(|account| account.chars().count() >= 3);
    // The name that the site shows stands alone, or beside what is said of the account: "Mara Lind ▾".
    let shown = || site.display_names.iter().any(|shown| name.chars().count() <= 60 && names_somebody(name, shown));
    name.chars().count() <= 120
        && (words.any(|word| {
            let mail = word.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'));
            mail || own.is_some_and(|own| word.eq_ignore_ascii_case(own))
        }) || shown())
}

/// Whether a fragment names a page of its own, as applications of one document do: `#/settings`, `#!settings`.
fn has_route(address: &str) -> bool {
    address.split_once('#').is_some_and(|(_, fragment)| fragment.len() > 1 && fragment.starts_with(['/', '!']))
}

/// Whether class names call it one that opens a menu.
fn is_drop_down(hints: &str) -> bool {
    let folded = fold_attribute(hints);
    folded.split(' ').any(|word| matches!(word, "dropdown" | "toggle" | "menu" | "submenu" | "popover"))
}

/// A button within a form with lines that leads elsewhere: it does not send, another one does, and it names where the way goes.
fn leads_on(frame: &Frame, button: &Button, says: Meaning) -> bool {
    let another =
        |other: &&Button| other.form == button.form && other.node != button.node && other.kind == ButtonKind::Submit;
    button.kind == ButtonKind::Plain
        && frame.buttons.iter().any(|other| another(&other))
        && says.any(&[Concept::Password, Concept::Security, Concept::Settings])
        && !says.any(&[Concept::Save, Concept::Show, Concept::Cancel])
}

/// "Reset", in the languages that have a word of their own for setting something anew.
fn is_reset(text: &str) -> bool {
    const RESET: &[&str] = &[
        "reset",
        "zurucksetzen",
        "reinitialiser",
        "restablecer",
        "reimposta",
        "redefinir",
        "opnieuw instellen",
        "zresetuj",
        "aterstall",
        "nulstil",
        "tilbakestill",
        "nollaa",
        "obnovit",
        "sifirla",
        "сбросить",
        "リセット",
        "重置",
        "重設",
        "재설정",
    ];
    let folded = fold(text);
    RESET.iter().any(|word| folded.contains(word)) && !folded.contains("forgot")
}

/// The query of an address, without its fragment.
fn query_of(address: &str) -> &str {
    let rest = address.split('#').next().unwrap_or_default();
    rest.split_once('?').map_or("", |(_, query)| query)
}

/// What tells one page of a site from another: path and query, without what only says where one comes from or goes to next.
pub(super) fn key_of(address: &str) -> String {
    const PASSING: &[&str] = &[
        "next", "return", "redirect", "continue", "back", "ref", "from", "utm", "csrf", "token", "nonce", "sid", "lang",
    ];
    let passing = |pair: &str| {
        let name = fold_attribute(pair.split('=').next().unwrap_or_default());
        name.split(' ').any(|word| PASSING.contains(&word))
    };
    let kept: Vec<&str> = query_of(address).split('&').filter(|pair| !pair.is_empty() && !passing(pair)).collect();
    let path = path_of(address).split('#').next().unwrap_or_default();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(name: &str) -> f32 {
        let site = SiteKnowledge::at("https://example.org/");
        let link = PageLink { name: name.into(), address: "https://example.org/a".into(), ..PageLink::default() };
        let frame = Frame { links: vec![link.clone()], ..Frame::default() };
        CandidateScorer { goal: Goal::Change, visit: 1, site: &site }.link(&frame, &link).map_or(-9.0, |one| one.score)
    }

    #[test]
    fn what_leads_to_the_password_and_what_only_stands_beside() {
        for way in [
            "Settings",
            "Account",
            "Edit profile",
            "Your details",
            "User info",
            "Login & security",
            "Sign-in & security",
            "Signing in",
            "Account security",
            "Reset my password",
            "Access control",
            "User settings",
            "Meine Daten",
            "Mes informations",
            "Mis datos",
            "Mijn gegevens",
        ] {
            assert!(weight(way) >= ENOUGH, "{way}: {}", weight(way));
        }
        for other in [
            "API keys",
            "Marketplace",
            "Extension settings",
            "Webhooks",
            "Billing settings",
            "Notification settings",
            "Applications",
            "Delete account",
            "Forgot your password?",
            "Language settings",
            "Plugins",
            "Sign out",
            "Personal access tokens",
            "Integrations",
        ] {
            assert!(weight(other) < ENOUGH, "{other}: {}", weight(other));
        }
        assert!(weight("Change password") > weight("Security") && weight("Security") > weight("Reset my password"));
    }

    #[test]
    fn pages_are_told_apart_by_their_query_but_not_by_where_one_comes_from() {
        for (address, key) in [
            ("https://example.org/doku.php?do=profile", "/doku.php?do=profile"),
            ("https://example.org/doku.php?do=login&sectok=&next=%2F", "/doku.php?do=login&sectok="),
            ("https://example.org/login?return_to=/a#x", "/login"),
            ("https://example.org/a", "/a"),
        ] {
            assert_eq!(key_of(address), key, "{address}");
        }
    }

    #[test]
    fn a_link_to_nowhere_that_is_a_drop_down_opens() {
        let site =
            SiteKnowledge { display_names: vec!["Mara Lind".into()], ..SiteKnowledge::at("https://example.org/") };
        let opens = |name: &str, hints: &str, address: &str| {
            let link =
                PageLink { name: name.into(), hints: hints.into(), address: address.into(), ..PageLink::default() };
            let frame = Frame { links: vec![link.clone()], ..Frame::default() };
            let seeker = CandidateScorer { goal: Goal::Change, visit: 1, site: &site };
            seeker.link(&frame, &link).is_some_and(|one| one.opens && one.score >= ENOUGH)
        };
        assert!(opens("Mara Lind ▾", "", "https://example.org/#"));
        assert!(opens("", "nav-link dropdown-toggle", "https://example.org/x#"));
        assert!(!opens("Settings", "", "https://example.org/x#/settings"));
        assert!(!opens("Mara Lind", "", "https://example.org/people/mara"));
    }

    #[test]
    fn a_button_in_a_form_that_does_not_send_may_lead_on() {
        let site = SiteKnowledge::at("https://example.org/");
        let button =
            |node, name: &str, kind| Button { node, name: name.into(), kind, form: Some(0), ..Button::default() };
        let frame =
            |buttons| Frame { fields: vec![Field { form: Some(0), ..Field::default() }], buttons, ..Frame::default() };
        let found = |buttons: Vec<Button>| {
            let frame = frame(buttons);
            let seeker = CandidateScorer { goal: Goal::Change, visit: 1, site: &site };
            frame
                .buttons
                .iter()
                .filter_map(|button| seeker.button(&frame, button))
                .map(|one| one.name)
                .collect::<Vec<_>>()
        };
        let leads = button(1, "Change password", ButtonKind::Plain);
        let saves = button(2, "Save", ButtonKind::Submit);
        assert_eq!(found(vec![leads.clone(), saves]), ["Change password"]);
        assert!(found(vec![leads]).is_empty(), "it may be what sends the form");
    }

    #[test]
    fn menus_are_called_after_the_account() {
        let site = SiteKnowledge { account: Some("alice".into()), ..SiteKnowledge::at("https://example.org/") };
        for (name, named) in [
            ("Gravatar for a@example.org a@example.org (internal)", true),
            ("Alice", true),
            ("alice ▾", true),
            ("Follow @alice", false),
            ("malice", false),
            ("Settings", false),
        ] {
            assert_eq!(names_account(name, &site), named, "{name}");
        }
    }

    #[test]
    fn a_button_that_says_change_belongs_to_what_stands_beside_it() {
        use countersign_snapshot::{Bounds, Text};
        let place = |x, y| Bounds { x, y, w: 90, h: 18 };
        let text = |order, text: &str, at| Text { order, text: text.into(), place: at, ..Text::default() };
        let button = |order, at| Button { order, name: "Change".into(), place: at, ..Button::default() };
        let texts = vec![
            text(1, "E-mail", place(30, 100)),
            text(3, "Password", place(30, 140)),
            text(4, "Last changed 3 months ago", place(30, 160)),
            text(6, "Language", place(30, 200)),
        ];
        let frame = Frame { texts, ..Frame::default() };
        let beside = |order, at| changes_password_beside_it(&frame, &button(order, at));
        assert!(!beside(2, place(400, 100)), "the mail address");
        assert!(beside(5, place(400, 140)), "in its row");
        assert!(beside(5, place(30, 180)), "below it");
        assert!(!beside(7, place(400, 200)), "the language");
    }
}
