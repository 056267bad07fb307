//! What is known of a walk: where it stands, and what has happened so far. What follows from that is decided beside.

use std::{collections::BTreeSet, time::Duration};

use countersign_model::{ChangeKind, ChangeState, PasswordSlot, SiteAnswer};
use countersign_recipe::{SignInFlow, Step};

use crate::{Effect, Facts, Note, Profile, StepError, Turn, evidence::Proof, park::Parked, stage::Stage};

/// A password is sent at sign-ins of one run so often at most.
const MAX_IN_A_RUN: u32 = 2;
/// The same of forms without a secret in them.
const MAX_BARE: u32 = 3;

/// A change under way.
#[derive(Debug)]
pub struct Walk {
    pub(crate) facts: Facts,
    pub(crate) stage: Stage,
    pub(crate) profile: Profile,
    /// A person is waited for where one has to act.
    pub(crate) waits: bool,
    pub(crate) parked: Option<Parked>,
    pub(crate) proof: Option<Proof>,
    pub(crate) answer: Option<SiteAnswer>,
    /// The new password is stored.
    pub(crate) stored: bool,
    /// A form with the new password in it was sent, or left to a person who may send it.
    pub(crate) sent: bool,
    /// When the walk of this stage began, waiting for people left out, and when the last act was carried out.
    pub(crate) begun: Duration,
    pub(crate) acted: Duration,
    pub(crate) stumbles: u32,
    /// What was told of the pages themselves, once each.
    pub(crate) told: BTreeSet<String>,
    /// What the last steps failed of, if they did.
    pub(crate) trouble: Option<StepError>,
    /// The step that is carried out, or waits for the new password.
    pub(crate) under_way: Option<Step>,
    pub(crate) browsers: u32,
    /// The fewest characters that a line for the password keeps, as far as one was seen.
    pub(crate) limit: Option<u32>,
    /// How often each password was sent at sign-ins of this run.
    pub(crate) sends: [u32; 2],
    /// The password was sent without a token, and its form may come again to ask for one: that is the same sign-in.
    pub(crate) half_sent: bool,
    /// How often a form without a secret was sent in this run.
    pub(crate) bare: u32,
    /// Nothing was opened in this browser yet.
    pub(crate) fresh: bool,
    pub(crate) state: ChangeState,
}

impl Walk {
    /// A walk that has not begun.
    pub fn new(facts: Facts) -> Self {
        let run = sign_in_run(&facts, facts.tries.current, 0).beginning_at(first_page(&facts));
        Self {
            stage: Stage::SignIn(Box::new(run)),
            profile: Profile::Own,
            waits: true,
            parked: None,
            proof: None,
            answer: facts.answer.clone(),
            stored: facts.armed,
            sent: false,
            begun: Duration::ZERO,
            acted: Duration::ZERO,
            stumbles: 0,
            told: BTreeSet::new(),
            trouble: None,
            under_way: None,
            browsers: 0,
            limit: None,
            sends: [0, 0],
            half_sent: false,
            bare: 0,
            fresh: true,
            state: if facts.armed { ChangeState::InDoubt } else { ChangeState::SigningIn },
            facts,
        }
    }

    /// Whether the new password may have reached the site: then it can no longer be called off.
    pub const fn armed(&self) -> bool {
        self.stored
    }

    pub(crate) fn open(&mut self, notes: Vec<Note>, profile: Profile) -> Turn {
        self.profile = profile;
        self.fresh = true;
        self.half_sent = false;
        self.under_way = None;
        self.stumbles = 0;
        self.trouble = None;
        Turn { notes, effect: Effect::Browser(profile) }
    }

    pub(crate) fn count_send(&mut self) {
        if self.stage.signs_in() {
            self.sends[self.stage.slot() as usize] += 1;
        }
    }

    /// How often a password may still be sent at sign-ins of this run.
    pub(crate) fn sends_left(&self, slot: PasswordSlot) -> u32 {
        MAX_IN_A_RUN.min(self.facts.tries.of(slot)).saturating_sub(self.sends[slot as usize])
    }

    pub(crate) fn sign_in_run(&self, slot: PasswordSlot) -> SignInFlow {
        sign_in_run(&self.facts, self.sends_left(slot), self.bare)
    }

    /// A line for people, where the change stands now.
    pub(crate) fn say(&self, text: &str, screenshot: bool) -> Note {
        Note::Say { state: self.state, text: text.to_owned(), screenshot }
    }

    pub(crate) const fn stands(&mut self, state: ChangeState) {
        self.state = state;
    }
}

pub(crate) fn sign_in_run(facts: &Facts, most_passwords: u32, bare: u32) -> SignInFlow {
    let run = SignInFlow::new(facts.site.clone(), facts.has_token, facts.trust);
    run.sends_at_most(most_passwords).names_at_most(MAX_BARE.saturating_sub(bare))
}

/// The page that was learnt and brings the credential's own browser on soonest. One that may be signed in still is asked for
/// the form at once: a site asks there who one is, if it does not know. What a person comes to see, and a check of the sign-in,
/// begin at the site's front where a browser is known.
pub(crate) fn first_page(facts: &Facts) -> Option<String> {
    let learnt = &facts.site.learnt;
    match (facts.remembered, facts.kind) {
        (true, ChangeKind::Change | ChangeKind::Rehearsal) => learnt.change.clone(),
        (true, ChangeKind::Heartbeat | ChangeKind::SignIn) => None,
        (false, _) => learnt.sign_in.clone(),
    }
}

pub(crate) const fn turn(effect: Effect) -> Turn {
    Turn { notes: Vec::new(), effect }
}

/// The notes before those of a turn.
pub(crate) fn with(mut notes: Vec<Note>, turn: Turn) -> Turn {
    notes.extend(turn.notes);
    Turn { notes, effect: turn.effect }
}

#[cfg(test)]
mod tests {
    use countersign_recipe::{LearntPages, SiteKnowledge};

    use super::*;

    #[test]
    fn a_walk_begins_at_what_was_learnt() {
        let learnt = LearntPages { sign_in: Some("sign-in".into()), change: Some("change".into()), token: None };
        for (kind, remembered, at) in [
            (ChangeKind::Change, false, Some("sign-in")),
            (ChangeKind::Change, true, Some("change")),
            (ChangeKind::Rehearsal, false, Some("sign-in")),
            (ChangeKind::Rehearsal, true, Some("change")),
            (ChangeKind::Heartbeat, false, Some("sign-in")),
            (ChangeKind::Heartbeat, true, None),
            (ChangeKind::SignIn, false, Some("sign-in")),
            (ChangeKind::SignIn, true, None),
        ] {
            let site = SiteKnowledge { learnt: learnt.clone(), ..SiteKnowledge::at("https://example.org/") };
            let facts = Facts { remembered, ..Facts::of(kind, site) };
            assert_eq!(first_page(&facts).as_deref(), at, "{kind:?} {remembered}");
        }
    }
}
