//! What has become of a form that was sent.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason};
use countersign_picture::PagePicture;

use super::{MOST_TOKENS, SignInRun};
use crate::{
    Message, PageKind, Recognised, Role, Told,
    run::{
        act::Act,
        sent::{Answer, Sent},
    },
};

impl SignInRun {
    /// `None` when it is settled and the page is to be read anew.
    pub(super) fn look_at_answer(&mut self, picture: &PagePicture, page: &Recognised, waited: Duration) -> Option<Act> {
        let sent = self.sent.as_mut()?;
        let answer = sent.answer(picture, page, waited);
        if self.left_to_person {
            return match answer {
                // A person acts in it.
                Answer::None | Answer::TryEnter | Answer::Never | Answer::Lost => None,
                Answer::Moved(news) | Answer::Again(news) if self.was_sent(page, &news) => {
                    self.left_to_person = false;
                    self.sent_by_person |= self.left.0;
                    self.count(self.left);
                    let answer = answer_of(page, self.sent.take(), news);
                    self.look_at_news(page, answer)
                }
                Answer::Moved(_) | Answer::Again(_) => None,
            };
        }
        match answer {
            Answer::None => Some(Act::Wait),
            Answer::TryEnter => Some(sent.another_way(page, &self.site)),
            Answer::Never => Some(Act::GiveUp(ChangeReason::NotSendable)),
            other => {
                self.sent = None;
                self.look_at_news(page, other)
            }
        }
    }

    /// Whether the form that was left to a person was sent: it is gone, or its secrets are, or the site says something.
    fn was_sent(&self, page: &Recognised, news: &[Message]) -> bool {
        let secrets = page.parts.iter().filter(|part| matches!(part.role, Role::CurrentPassword | Role::Token));
        let mut secrets = secrets.peekable();
        secrets.peek().is_none() || secrets.any(|part| !part.filled) || news.iter().any(|one| one.told != Told::Done)
    }

    fn look_at_news(&mut self, page: &Recognised, answer: Answer) -> Option<Act> {
        match answer {
            Answer::Moved(news) => self.refusal_elsewhere(page, &news),
            Answer::Again(news) => self.refusal(page, &news),
            Answer::Lost => self.lost(page),
            Answer::None | Answer::TryEnter | Answer::Never => None,
        }
    }

    /// The page was loaded again before the form reached a server: no refusal, and another try as long as there is one.
    fn lost(&mut self, page: &Recognised) -> Option<Act> {
        self.lost += 1;
        let asks = |role| page.part(role).is_some();
        let spent = asks(Role::CurrentPassword) && self.passwords >= self.most_passwords
            || asks(Role::Token) && self.tokens >= MOST_TOKENS;
        spent.then_some(Act::GiveUp(ChangeReason::NotSendable))
    }

    /// The same form again: why?
    fn refusal(&mut self, page: &Recognised, news: &[Message]) -> Option<Act> {
        let told = news.iter().map(|message| message.told).find(|told| *told != Told::Done);
        let token_asked = page.part(Role::Token).is_some();
        let password_asked = page.part(Role::CurrentPassword).is_some();
        match told {
            Some(Told::Locked) => return Some(Act::GiveUp(ChangeReason::AccountLocked)),
            Some(Told::TooMany) => return Some(Act::GiveUp(ChangeReason::RateLimited)),
            Some(Told::Expired | Told::Broken) if self.retries < 2 => {
                self.retries += 1;
                return None;
            }
            Some(Told::Broken) => return Some(Act::GiveUp(ChangeReason::SiteUnavailable)),
            _ => {}
        }
        if page.puzzle {
            return None;
        }
        let about_token = matches!(told, Some(Told::TokenUsed | Told::WrongToken)) || !password_asked;
        if token_asked && about_token {
            return if self.tokens >= MOST_TOKENS || (password_asked && self.passwords >= self.most_passwords) {
                Some(Act::GiveUp(ChangeReason::WrongToken))
            } else {
                None
            };
        }
        if self.passwords == 0 {
            // The name alone was sent. What is wrong with it is seen by sending it again, and then by a person.
            return None;
        }
        if page.unread > 0 {
            // It may be that line, not the password.
            self.asked = page.questions.iter().find(|one| !one.filled).map(|one| one.label.chars().take(80).collect());
            return Some(Act::Park(Challenge::Unknown));
        }
        if told != Some(Told::WrongPassword) && self.passwords < self.most_passwords {
            // Nobody says that it was wrong: the page may have been loaded again before the form was sent.
            return None;
        }
        let said = told == Some(Told::WrongPassword);
        Some(Act::GiveUp(if said { self.refused_by_words() } else { self.refused() }))
    }

    /// Another page, which may tell why.
    fn refusal_elsewhere(&self, page: &Recognised, news: &[Message]) -> Option<Act> {
        let asks_all_over = self.passwords > 0
            && page.kind == PageKind::SignIn
            && page.part(Role::Username).is_some()
            && page.part(Role::Token).is_none();
        match news.iter().map(|message| message.told).find(|told| *told != Told::Done) {
            Some(Told::Locked) => Some(Act::GiveUp(ChangeReason::AccountLocked)),
            Some(Told::TooMany) if page.kind == PageKind::Unknown => Some(Act::GiveUp(ChangeReason::RateLimited)),
            Some(Told::WrongToken | Told::TokenUsed) if asks_all_over => Some(Act::GiveUp(ChangeReason::WrongToken)),
            Some(Told::WrongPassword) if asks_all_over => Some(Act::GiveUp(self.refused_by_words())),
            _ => None,
        }
    }
}

/// The answer to a form that a person has sent, by whether it is asked again.
fn answer_of(page: &Recognised, sent: Option<Sent>, news: Vec<Message>) -> Answer {
    if sent.is_some_and(|sent| sent.page() == page.kind) { Answer::Again(news) } else { Answer::Moved(news) }
}
