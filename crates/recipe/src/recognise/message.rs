//! What the page tells: failures, successes, and what is new among them.

use std::collections::BTreeSet;

use countersign_snapshot::{Hue, PageSnapshot, Text, TextRole};

use crate::words::{Concept, Meaning, meaning};

/// What a text on the page tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// The account is locked.
    Locked,
    /// Too many requests: wait.
    TooMany,
    /// The token was used before.
    TokenUsed,
    /// The token, or another code, is wrong.
    WrongToken,
    /// Name or password is wrong.
    WrongPassword,
    /// The new password is not taken.
    PasswordRefused,
    /// The form or the session is too old.
    Expired,
    /// Something is broken at the site.
    Broken,
    /// Something is wrong, the page does not say what in words that are known.
    SomethingWrong,
    /// It was done.
    Done,
}

/// A text with what it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it tells.
    pub told: MessageKind,
    /// Its words.
    pub text: String,
}

/// The texts of a page, to compare with a later one: what looks like an error is often always there. A rule that stood
/// there plainly and is marked now is news.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageTexts(BTreeSet<(String, bool)>);

impl PageTexts {
    /// Everything that can be read in a snapshot.
    pub fn of(snapshot: &PageSnapshot) -> Self {
        Self(texts(snapshot).map(|text| (text.text.clone(), is_marked(text))).collect())
    }

    /// What a snapshot tells that was not there before, the most telling first. Where it tells that something was done, that
    /// comes first, and of the rest only what is marked counts: other texts of a new page explain.
    pub fn news(&self, snapshot: &PageSnapshot) -> Vec<Message> {
        let seen = |text: &Text, marked| self.0.contains(&(text.text.clone(), marked));
        let fresh = texts(snapshot).filter(|text| !seen(text, true) && (is_marked(text) || !seen(text, false)));
        let mut messages: Vec<(bool, Message)> = fresh
            .filter_map(|text| told(text).map(|told| (is_marked(text), Message { told, text: text.text.clone() })))
            .collect();
        let says_password = |message: &Message| meaning(&message.text).has(Concept::Password);
        let done =
            messages.iter().any(|(marked, one)| one.told == MessageKind::Done && (*marked || says_password(one)));
        if done {
            messages.retain(|(marked, message)| *marked || message.told == MessageKind::Done);
        }
        messages.sort_by_key(|(_, message)| (!(done && message.told == MessageKind::Done), message.told));
        messages.into_iter().map(|(_, message)| message).collect()
    }
}

fn texts(snapshot: &PageSnapshot) -> impl Iterator<Item = &Text> {
    snapshot.visible_frames().flat_map(|(_, frame)| &frame.texts)
}

fn is_marked(text: &Text) -> bool {
    matches!(text.role, TextRole::Alert | TextRole::Status) || text.hue != Hue::Neutral
}

fn told(text: &Text) -> Option<MessageKind> {
    let says = meaning(&text.text);
    // What is long explains; what is short tells.
    let short = text.text.chars().count() <= 160;
    let marked = is_marked(text);
    let heading = matches!(text.role, TextRole::Heading(_));
    if !short && !marked {
        return None;
    }
    bad(says).or_else(|| {
        if says.has(Concept::Done) {
            Some(MessageKind::Done)
        } else if text.hue == Hue::Red || (text.role == TextRole::Alert && text.hue != Hue::Green) {
            Some(MessageKind::SomethingWrong)
        } else if text.hue == Hue::Green && text.role != TextRole::Plain && !heading {
            Some(MessageKind::Done)
        } else {
            None
        }
    })
}

fn bad(says: Meaning) -> Option<MessageKind> {
    // "Invalid CSRF token" is no word about a one-time token.
    let form_token = says.has(Concept::FormToken);
    let code = !form_token && says.any(&[Concept::Code, Concept::Authenticator]) && !says.any(&[Concept::Username]);
    if says.has(Concept::Locked) {
        Some(MessageKind::Locked)
    } else if says.has(Concept::Used) && !says.has(Concept::Password) {
        Some(MessageKind::TokenUsed)
    } else if says.has(Concept::Broken) {
        Some(MessageKind::Broken)
    } else if form_token || says.has(Concept::Expired) && !code {
        Some(MessageKind::Expired)
    } else if says.has(Concept::TooMany) && !code && !says.any(&[Concept::Password, Concept::Username]) {
        // "Try again later" says nothing of what was typed.
        Some(MessageKind::TooMany)
    } else if says.has(Concept::Wrong) {
        Some(if code { MessageKind::WrongToken } else { MessageKind::WrongPassword })
    } else if says.has(Concept::TooMany) {
        Some(MessageKind::TooMany)
    } else if says.has(Concept::Refused) {
        Some(MessageKind::PasswordRefused)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use countersign_snapshot::Frame;

    use super::*;

    fn page(texts: &[&str]) -> PageSnapshot {
        let texts = texts.iter().map(|text| Text { text: (*text).into(), ..Text::default() }).collect();
        PageSnapshot { frames: vec![Frame { texts, ..Frame::default() }], ..PageSnapshot::default() }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let always = "Wrong password? You can reset it at any time.";
        let before = PageTexts::of(&page(&[always]));
        assert!(before.news(&page(&[always])).is_empty());
        let news = before.news(&page(&[always, "Wrong username or password."]));
        assert_eq!(news.iter().map(|message| message.told).collect::<Vec<_>>(), [MessageKind::WrongPassword]);
    }

    #[test]
    fn done_comes_first_and_leaves_what_is_marked_alone() {
        let mut page = page(&["Your password has been changed.", "Passwords must contain at least 8 characters."]);
        let told = |page: &PageSnapshot| PageTexts::default().news(page).iter().map(|one| one.told).collect::<Vec<_>>();
        assert_eq!(told(&page), [MessageKind::Done]);
        page.frames[0].texts[1].hue = Hue::Red;
        assert_eq!(told(&page), [MessageKind::Done, MessageKind::PasswordRefused]);
    }

    #[test]
    fn to_wait_is_no_limit() {
        for (text, told) in [
            ("Please wait…", None),
            ("Bitte warten", None),
            ("Too many requests. Try again later.", Some(MessageKind::TooMany)),
        ] {
            let news = PageTexts::default().news(&page(&[text]));
            assert_eq!(news.first().map(|message| message.told), told, "{text}");
        }
    }

    #[test]
    fn what_messages_tell_in_several_languages() {
        for (text, told) in [
            ("Dein Konto ist nach zu vielen Versuchen gesperrt.", MessageKind::Locked),
            ("Código no válido.", MessageKind::WrongToken),
            ("Le mot de passe a été modifié.", MessageKind::Done),
            ("Something went wrong. Your password was not changed.", MessageKind::Broken),
            ("The password is too similar to the username.", MessageKind::PasswordRefused),
            ("Hai già usato questo codice: è già stato usato", MessageKind::TokenUsed),
            ("Too many requests", MessageKind::TooMany),
            ("Invalid CSRF token", MessageKind::Expired),
            ("The authenticity token is missing or wrong.", MessageKind::Expired),
            ("Your session has expired.", MessageKind::Expired),
            ("Invalid token", MessageKind::WrongToken),
            ("パスワードが正しくありません", MessageKind::WrongPassword),
            ("密码已更改", MessageKind::Done),
        ] {
            let news = PageTexts::default().news(&page(&[text]));
            assert_eq!(news.first().map(|message| message.told), Some(told), "{text}: {news:?}");
        }
    }
}
