//! The feed, which never ends, and the profile.

use super::{Answer, Field, Form, Page, Site};
use crate::dice::{draw, pick};
use crate::html::{Node, el};
use crate::hurdles::Transport;
use crate::layout::{ChangeAt, FieldRole};
use crate::page_name::PageName;
use crate::words::Word;

impl Site<'_> {
    /// The feed: what the user wrote, and what others wrote, without end.
    pub(super) fn feed(&mut self) -> Answer {
        if let Some(after) = self.ask.query.first("after").and_then(|after| after.parse::<u64>().ok()) {
            return Answer::Piece(self.posts(after));
        }
        let Some(name) = self.user() else {
            let path = self.layout.paths.feed.clone();
            self.visit().return_to = Some(path);
            return Answer::Jump(self.layout.paths.sign_in.clone());
        };
        if self.ask.post {
            if !self.form_is_ours() {
                return self.expired();
            }
            let text: String = self.field("post").trim().chars().take(500).collect();
            if let Some(user) = self.world.users.get_mut(&name).filter(|_| !text.is_empty()) {
                user.posts.insert(0, text);
            }
            return Answer::Jump(self.layout.paths.feed.clone());
        }
        let write = Form {
            page: Some(PageName::Feed),
            action: self.layout.paths.feed.clone(),
            title: self.say(Word::PostHint).to_owned(),
            fields: vec![Field::new(FieldRole::Other, "post", "text", self.say(Word::PostHint))],
            submit: self.say(Word::Post).to_owned(),
            minor: true,
            ..Form::default()
        };
        let mut main: Vec<Node> = vec![el("h1").text(self.say(Word::Feed)).into(), self.form(&write)];
        let own = self.world.users.get(&name).map(|user| user.posts.clone()).unwrap_or_default();
        main.extend(own.iter().map(|text| article(&name, text, self.say(Word::Follow))));
        main.push(el("div").class("feed").kids(self.posts(0)).into());
        Page::new(PageName::Feed, self.say(Word::Feed), main).into()
    }

    /// The user's own page.
    pub(super) fn profile(&mut self) -> Answer {
        let Some(name) = self.user() else {
            let path = self.layout.paths.profile.clone();
            self.visit().return_to = Some(path);
            return Answer::Jump(self.layout.paths.sign_in.clone());
        };
        let mut main: Vec<Node> = vec![el("h1").text(&*name).into()];
        if let Some(user) = self.world.users.get(&name) {
            main.push(el("p").class("hint").text(&*user.mail).into());
        }
        if self.layout.change_at == ChangeAt::Profile {
            let change = self.link(&self.layout.paths.change.clone(), self.say(Word::ChangeLink));
            main.push(el("ul").class("menu").kid(el("li").kid(change)).into());
        }
        main.extend((0..3).map(|index| self.post(draw(7, &name) % 1000 + index)));
        Page::new(PageName::Profile, name, main).into()
    }

    /// Ten posts, and the way to the next ten.
    fn posts(&self, after: u64) -> Vec<Node> {
        let mut posts: Vec<Node> = (after..after.saturating_add(10)).map(|index| self.post(index)).collect();
        let more = format!("{}?after={}", self.layout.paths.feed, after.saturating_add(10));
        let link = el("a").class("more").at("href", more).at("data-more", "1").text(self.say(Word::More));
        let link =
            if self.hurdles.look.transport == Transport::Pages { link } else { link.at("onclick", "return false") };
        posts.push(link.into());
        posts
    }

    /// One post of the feed.
    pub(super) fn post(&self, index: u64) -> Node {
        let author = pick(index, "author", AUTHORS);
        article(author, &self.post_text(index), self.say(Word::Follow))
    }

    /// What a post of the feed says.
    pub(super) fn post_text(&self, index: u64) -> String {
        let sentences = 1 + draw(index, "length") % 3;
        (0..sentences).map(|part| pick(index, &format!("part {part}"), SENTENCES)).collect::<Vec<_>>().join(" ")
    }
}

fn article(author: &str, text: &str, follow: &str) -> Node {
    el("article")
        .class("post")
        .kid(el("h3").text(author))
        .kid(el("p").text(text))
        .kid(el("button").at("type", "button").class("small").text(follow))
        .into()
}

const AUTHORS: &[&str] = &[
    "Zoë Brandt",
    "Łukasz Nowak",
    "Inès Faure",
    "Jürgen Groß",
    "Nuño Ibáñez",
    "Søren Aa",
    "Çağla Öz",
    "Renée Lefèvre",
    "Ștefan Ilie",
    "Ngọc Trần",
    "Ελένη Παππά",
    "Олена Коваль",
    "青木 さくら",
    "Mº João Conceição",
];

const SENTENCES: &[&str] = &[
    "The bakery on the corner has its rye bread back 🥖.",
    "Who has seen a grey cat with one white paw? 🐈",
    "Heute früh lag Reif auf den Dächern, schön wie Zucker.",
    "Übrigens: Straßenfest am Samstag, wer bringt Stühle mit? 🎪",
    "On a fêté Noël en août, pourquoi pas ? 🎄",
    "Ça y est, le vélo est réparé ! 🚲",
    "¿Quién se apunta a cenar el jueves? 🍲",
    "Mañana empieza el otoño y ya huele a castañas.",
    "Perché no? Domani si va al mare 🌊",
    "Così buono che ne ho mangiati tre 🍑🍑🍑",
    "A maré está baixa, dá para ir a pé até à ilha.",
    "São João à noite: balões, sardinhas e música 🎶",
    "My neighbour plays the accordion. Still. 🪗😅",
    "Two tickets for the small theatre, row four, free to a good home 🎭",
    "Zażółć gęślą jaźń, powiedział pan od typografii.",
    "Καλημέρα σε όλους ☀️",
    "今日は月がきれいですね 🌕",
    "First tomatoes from the balcony: 11 grams in total 🍅",
    "👩‍👩‍👧‍👦 family photo, only one of us blinked",
    "If you find a red scarf on line 7, it misses me.",
];
