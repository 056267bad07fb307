//! Whether a sign-in has worked, where the page after it does not ask for anything that is ours to give.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason};
use countersign_snapshot::PageSnapshot;

use super::{BEFORE_EXPLORING, BEFORE_GOING_ON, Check, MAX_TOKENS, SignInFlow, WHILE_SILENT};
use crate::{
    MessageKind, PageKind, Recognised,
    run::{
        sent::offers_nothing,
        standing::{Standing, asks, standing},
        step::Step,
    },
};

impl SignInFlow {
    /// A page that asks for nothing that is ours to give. Is somebody signed in?
    pub(super) fn beyond_forms(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        if page.kind == PageKind::Change && page.signed_out && !page.signed_in {
            // Nobody who is not in can change a password: this was misread, or is on its way out.
            return if waited < BEFORE_EXPLORING { Step::Wait } else { self.park(snapshot, Challenge::Unknown) };
        }
        let stands = standing(snapshot, page, &self.furniture);
        let outside = page.signed_out && !page.signed_in;
        if self.passwords + self.tokens == 0 || self.reopened && outside {
            // A front page may show both ways at once, and a browser that is not known is not signed in.
            return if stands == Standing::In && (page.kind != PageKind::Unknown || !asks(snapshot)) {
                self.done()
            } else {
                self.look_around(snapshot, waited)
            };
        }
        // As long as a second factor is to be expected, a page that asks for something has not let anybody in.
        let still_asks = self.has_token && self.tokens == 0 && asks(snapshot) && page.kind == PageKind::Unknown;
        if stands == Standing::In && !still_asks {
            return self.done();
        }
        match &self.check {
            Check::Known(true) => self.done(),
            Check::Known(false) => match self.landing.take() {
                Some(address) => {
                    self.check = Check::Landed(address.clone());
                    Step::Open { address }
                }
                // As if nothing had been sent: a page that was loaded anew may have lost it.
                None if outside && !self.reopened && self.passwords < self.most_passwords => self.begin_again(),
                None => Step::GiveUp(ChangeReason::SignInNotShown),
            },
            // The comparison was asked for and never came.
            Check::Asked => Step::GiveUp(ChangeReason::SignInNotShown),
            Check::Landed(address) => {
                let address = address.clone();
                self.landed(snapshot, &address, stands, waited)
            }
            Check::None | Check::Opened => self.find_out(snapshot, page, stands, still_asks, waited),
        }
    }

    /// Something was sent, and the page does not show what came of it.
    fn find_out(
        &mut self,
        snapshot: &PageSnapshot,
        page: &Recognised,
        stands: Standing,
        still_asks: bool,
        waited: Duration,
    ) -> Step {
        // It may be on its way still.
        let outside = page.signed_out && !page.signed_in;
        if waited < if outside { BEFORE_GOING_ON * 3 } else { BEFORE_GOING_ON } {
            return Step::Wait;
        }
        if let Standing::Out(told) = stands
            && let Some(act) = self.refused_without_form(told)
        {
            return act;
        }
        // "One moment, we are signing you in": nothing can be done there, so it moves on by itself.
        if offers_nothing(snapshot) && self.check == Check::None && waited < WHILE_SILENT {
            return Step::Wait;
        }
        if still_asks && (stands != Standing::In || self.check == Check::Opened) {
            return self.park(snapshot, Challenge::Unknown);
        }
        if self.check == Check::None {
            self.check = Check::Opened;
            self.landing = self.led_to(snapshot, page);
            let address = self.guarded.clone().unwrap_or_else(|| self.site.address.clone());
            return Step::Open { address };
        }
        let here = snapshot.main().map_or("", |main| main.address.as_str());
        let status = snapshot.answer.as_ref().map_or(200, |answer| answer.status);
        let path = |address: &str| crate::recognise::path_of(address).to_owned();
        if self.guarded.as_deref().is_some_and(|guarded| path(guarded) == path(here)) && status < 400 && !outside {
            // What was refused before is shown now.
            return self.done();
        }
        self.check = Check::Asked;
        Step::Compare { address: here.to_owned() }
    }

    fn begin_again(&mut self) -> Step {
        self.reopened = true;
        self.check = Check::None;
        self.sent = None;
        self.explorer.once_more();
        Step::Open { address: self.first_address().to_owned() }
    }

    fn refuses(&self, page: &Recognised) -> bool {
        page.refusals.iter().any(|(_, text)| !self.furniture.contains(text))
    }

    /// The address that the sign-in has led to, where that is a page of its own and says nothing against it.
    fn led_to(&self, snapshot: &PageSnapshot, page: &Recognised) -> Option<String> {
        let here = snapshot.main()?.address.clone();
        let status = snapshot.answer.as_ref().map_or(200, |answer| answer.status);
        let from = self.address.as_deref().unwrap_or_default();
        let own = crate::recognise::path_of(&here) != crate::recognise::path_of(from);
        (own && status < 400 && page.kind == PageKind::Unknown && !self.refuses(page)).then_some(here)
    }

    /// The page that the sign-in had led to, opened again: what it showed once may have been said to whoever came from the
    /// form, and what it shows always is compared.
    fn landed(&mut self, snapshot: &PageSnapshot, address: &str, stands: Standing, waited: Duration) -> Step {
        if waited < BEFORE_GOING_ON {
            return Step::Wait;
        }
        let path = |address: &str| crate::recognise::path_of(address).to_owned();
        let here = snapshot.main().map_or("", |main| main.address.as_str());
        if path(here) != path(address) || matches!(stands, Standing::Out(_)) {
            return Step::GiveUp(ChangeReason::SignInNotShown);
        }
        self.check = Check::Asked;
        self.at_landing = true;
        Step::Compare { address: here.to_owned() }
    }

    /// A page without a form that says no, or an answer that is one.
    fn refused_without_form(&mut self, told: Option<MessageKind>) -> Option<Step> {
        let give_up = |reason| Some(Step::GiveUp(reason));
        match told {
            Some(MessageKind::Locked) => give_up(ChangeReason::AccountLocked),
            Some(MessageKind::TooMany) => give_up(ChangeReason::RateLimited),
            Some(MessageKind::WrongToken | MessageKind::TokenUsed) if self.tokens > 0 => {
                give_up(ChangeReason::WrongToken)
            }
            Some(MessageKind::WrongPassword) if !self.password_taken => give_up(ChangeReason::WrongPassword),
            // Without its words, two refusals say it.
            _ if self.passwords >= self.most_passwords || self.tokens >= MAX_TOKENS => give_up(self.refused()),
            _ if self.check == Check::None && !self.reopened => Some(self.begin_again()),
            _ => None,
        }
    }
}
