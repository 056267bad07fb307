//! What has become of a form that was sent.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason};
use countersign_snapshot::PageSnapshot;

use super::{MAX_TOKENS, SignInFlow};
use crate::{
    FieldRole, Message, MessageKind, PageKind, Recognised,
    run::{
        sent::{SendOutcome, SentForm},
        step::Step,
    },
};

impl SignInFlow {
    /// `None` when it is settled and the page is to be read anew.
    pub(super) fn look_at_answer(
        &mut self,
        snapshot: &PageSnapshot,
        page: &Recognised,
        waited: Duration,
    ) -> Option<Step> {
        let sent = self.sent.as_mut()?;
        let answer = sent.answer(snapshot, page, waited);
        if self.left_to_person {
            return match answer {
                // A person acts in it.
                SendOutcome::None | SendOutcome::TryEnter | SendOutcome::Never | SendOutcome::Lost => None,
                SendOutcome::Moved(news) | SendOutcome::Again(news) if self.was_sent(page, &news) => {
                    self.left_to_person = false;
                    self.sent_by_person |= self.left.0;
                    self.count(self.left);
                    let answer = answer_of(page, self.sent.take(), news);
                    self.look_at_news(page, answer)
                }
                SendOutcome::Moved(_) | SendOutcome::Again(_) => None,
            };
        }
        match answer {
            SendOutcome::None => Some(Step::Wait),
            SendOutcome::TryEnter => Some(sent.another_way(page, &self.site)),
            SendOutcome::Never => Some(Step::GiveUp(ChangeReason::NotSendable)),
            other => {
                self.sent = None;
                self.look_at_news(page, other)
            }
        }
    }

    /// Whether the form that was left to a person was sent: it is gone, or its secrets are, or the site says something.
    fn was_sent(&self, page: &Recognised, news: &[Message]) -> bool {
        let secrets =
            page.parts.iter().filter(|part| matches!(part.role, FieldRole::CurrentPassword | FieldRole::Token));
        let mut secrets = secrets.peekable();
        secrets.peek().is_none()
            || secrets.any(|part| !part.filled)
            || news.iter().any(|one| one.told != MessageKind::Done)
    }

    fn look_at_news(&mut self, page: &Recognised, answer: SendOutcome) -> Option<Step> {
        match answer {
            SendOutcome::Moved(news) => self.refusal_elsewhere(page, &news),
            SendOutcome::Again(news) => self.refusal(page, &news),
            SendOutcome::Lost => self.lost(page),
            SendOutcome::None | SendOutcome::TryEnter | SendOutcome::Never => None,
        }
    }

    /// The page was loaded again before the form reached a server: no refusal, and another try as long as there is one.
    fn lost(&mut self, page: &Recognised) -> Option<Step> {
        self.lost += 1;
        let asks = |role| page.part(role).is_some();
        let spent = asks(FieldRole::CurrentPassword) && self.passwords >= self.most_passwords
            || asks(FieldRole::Token) && self.tokens >= MAX_TOKENS;
        spent.then_some(Step::GiveUp(ChangeReason::NotSendable))
    }

    /// The same form again: why?
    fn refusal(&mut self, page: &Recognised, news: &[Message]) -> Option<Step> {
        let told = news.iter().map(|message| message.told).find(|told| *told != MessageKind::Done);
        let token_asked = page.part(FieldRole::Token).is_some();
        let password_asked = page.part(FieldRole::CurrentPassword).is_some();
        match told {
            Some(MessageKind::Locked) => return Some(Step::GiveUp(ChangeReason::AccountLocked)),
            Some(MessageKind::TooMany) => return Some(Step::GiveUp(ChangeReason::RateLimited)),
            Some(MessageKind::Expired | MessageKind::Broken) if self.retries < 2 => {
                self.retries += 1;
                return None;
            }
            Some(MessageKind::Broken) => return Some(Step::GiveUp(ChangeReason::SiteUnavailable)),
            _ => {}
        }
        if page.puzzle {
            return None;
        }
        let about_token = matches!(told, Some(MessageKind::TokenUsed | MessageKind::WrongToken)) || !password_asked;
        if token_asked && about_token {
            return if self.tokens >= MAX_TOKENS || (password_asked && self.passwords >= self.most_passwords) {
                Some(Step::GiveUp(ChangeReason::WrongToken))
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
            return Some(Step::Park(Challenge::Unknown));
        }
        if told != Some(MessageKind::WrongPassword) && self.passwords < self.most_passwords {
            // Nobody says that it was wrong: the page may have been loaded again before the form was sent.
            return None;
        }
        let said = told == Some(MessageKind::WrongPassword);
        Some(Step::GiveUp(if said { self.refused_by_words() } else { self.refused() }))
    }

    /// Another page, which may tell why.
    fn refusal_elsewhere(&self, page: &Recognised, news: &[Message]) -> Option<Step> {
        let asks_all_over = self.passwords > 0
            && page.kind == PageKind::SignIn
            && page.part(FieldRole::Username).is_some()
            && page.part(FieldRole::Token).is_none();
        match news.iter().map(|message| message.told).find(|told| *told != MessageKind::Done) {
            Some(MessageKind::Locked) => Some(Step::GiveUp(ChangeReason::AccountLocked)),
            Some(MessageKind::TooMany) if page.kind == PageKind::Unknown => {
                Some(Step::GiveUp(ChangeReason::RateLimited))
            }
            Some(MessageKind::WrongToken | MessageKind::TokenUsed) if asks_all_over => {
                Some(Step::GiveUp(ChangeReason::WrongToken))
            }
            Some(MessageKind::WrongPassword) if asks_all_over => Some(Step::GiveUp(self.refused_by_words())),
            _ => None,
        }
    }
}

/// The answer to a form that a person has sent, by whether it is asked again.
fn answer_of(page: &Recognised, sent: Option<SentForm>, news: Vec<Message>) -> SendOutcome {
    if sent.is_some_and(|sent| sent.page() == page.kind) { SendOutcome::Again(news) } else { SendOutcome::Moved(news) }
}
