//! Finding a page by following what speaks of it, never twice the same, never too far.

use std::collections::BTreeSet;

use countersign_picture::{Button, ButtonKind, ElementRef, Frame, Link, PagePicture};

use super::act::Act;
use crate::{
    SiteKnowledge,
    recognise::path_of,
    words::{Concept, Meaning, attribute_meaning, meaning},
};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    SignIn,
    Change,
}

/// How many things are followed before it is given up.
const MOST_FOLLOWED: usize = 24;
/// What is worth following at all.
const ENOUGH: f32 = 0.7;

#[derive(Debug)]
pub(crate) struct Explorer {
    goal: Goal,
    tried: BTreeSet<String>,
    followed: usize,
    returns: usize,
}

/// Something to follow.
struct Candidate {
    score: f32,
    element: ElementRef,
    name: String,
    address: Option<String>,
    key: String,
}

impl Explorer {
    pub(crate) const fn new(goal: Goal) -> Self {
        Self { goal, tried: BTreeSet::new(), followed: 0, returns: 0 }
    }

    /// The next thing to follow; `home` is opened again when nothing on this page is worth it. `None`: given up.
    pub(crate) fn next(&mut self, picture: &PagePicture, site: &SiteKnowledge, home: &str) -> Option<Act> {
        if self.followed >= MOST_FOLLOWED {
            return None;
        }
        if let Some(found) = self.best(picture, site) {
            self.tried.insert(found.key);
            self.followed += 1;
            return Some(Act::Follow { element: found.element, name: found.name, address: found.address });
        }
        // What was not tried on the pages before may lead there.
        let most_returns = 3;
        if self.returns >= most_returns || self.followed == 0 {
            return None;
        }
        self.returns += 1;
        Some(Act::Open { address: home.to_owned() })
    }

    /// How promising the best thing on this page is.
    pub(crate) fn promise(&self, picture: &PagePicture, site: &SiteKnowledge) -> f32 {
        self.best(picture, site).map_or(0.0, |found| found.score)
    }

    fn best(&self, picture: &PagePicture, site: &SiteKnowledge) -> Option<Candidate> {
        let mut all = Vec::new();
        for (_, frame) in
            picture.visible_frames().filter(|(_, frame)| frame.parent.is_none() || site.allows(&frame.origin))
        {
            all.extend(frame.links.iter().filter_map(|link| self.link(frame, link, site)));
            all.extend(frame.buttons.iter().filter_map(|button| self.button(frame, button)));
        }
        all.into_iter()
            .filter(|one| one.score >= ENOUGH && !self.tried.contains(&one.key))
            .max_by(|a, b| a.score.total_cmp(&b.score))
    }

    fn link(&self, frame: &Frame, link: &Link, site: &SiteKnowledge) -> Option<Candidate> {
        let leaves = link.address.starts_with("http") && !site.allows(&link.address);
        if leaves || link.covered || link.address.starts_with("mailto:") || link.address.starts_with("tel:") {
            return None;
        }
        let path = path_of(&link.address);
        let score =
            self.weigh(meaning(&link.name), attribute_meaning(path).and(attribute_meaning(&link.hints)), &link.name);
        let address = link.address.starts_with("http").then(|| link.address.clone());
        // Where it leads counts, not how it is called; a link to nowhere is a button.
        let key = if path.is_empty() || link.address.contains('#') {
            format!("{}|{}", link.address, link.name)
        } else {
            path.to_owned()
        };
        Some(Candidate { score, element: frame.reference(link.node), name: link.name.clone(), address, key })
    }

    fn button(&self, frame: &Frame, button: &Button) -> Option<Candidate> {
        if button.disabled || button.covered || button.kind == ButtonKind::Reset {
            return None;
        }
        // What sends a form with something to fill in is not a way to another page.
        let sends =
            frame.fields.iter().any(|field| field.usable() && field.form.is_some() && field.form == button.form);
        if sends && !button.opens && button.kind != ButtonKind::Widget {
            return None;
        }
        let mut score = self.weigh(meaning(&button.name), attribute_meaning(&button.hints), &button.name);
        if button.opens && score > -1.0 {
            score = score.max(0.0) + 0.8;
        }
        let key = format!("button|{}|{}|{}", path_of(&frame.address), button.name, button.hints);
        Some(Candidate { score, element: frame.reference(button.node), name: button.name.clone(), address: None, key })
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
        let never = |concepts: &[Concept]| concepts.iter().map(|concept| one(*concept, -6.0)).sum::<f32>();
        long + match self.goal {
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
                way + beside
                    + never(&[SignOut, Delete, Forgot, Show, SignIn, SignUp, Newsletter, Social])
                    + one(Search, -2.0)
                    + one(Cancel, -2.0)
            }
        }
    }
}
