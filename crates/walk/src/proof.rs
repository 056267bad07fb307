//! Which password holds: found out by signing in afresh, with one, and if the site refuses it, with the other.

use std::time::Duration;

use countersign_model::{Challenge, ChangeReason, ChangeState, PasswordSlot, SiteAnswer};

use crate::{
    Effect, Ending, Note, Profile, Turn, Walk,
    evidence::{Proof, SignInEvidence},
    stage::Stage,
    walk::with,
};

/// Waits between rounds of finding out, each longer than the one before.
const WAITS: [u64; 6] = [2 * 60, 10 * 60, 30 * 60, 60 * 60, 3 * 60 * 60, 12 * 60 * 60];
/// The same where the old password works after the site had not refused the change: some sites learn of it late.
const WAITS_FOR_A_LATE_SITE: [u64; 7] = [15, 3 * 60, 10 * 60, 30 * 60, 60 * 60, 3 * 60 * 60, 12 * 60 * 60];
/// A site that has not said that the password was changed, and still takes the old one after so long, has not changed it.
const LATE_ENOUGH: Duration = Duration::from_secs(12 * 60 * 60);

impl Walk {
    /// What the site said decides which is tried first: a password that it has refused can hardly sign in.
    pub(crate) fn begin_proof(&mut self, mut notes: Vec<Note>) -> Turn {
        self.stands(ChangeState::Verifying);
        let first = match &self.answer {
            Some(SiteAnswer::Refused { .. } | SiteAnswer::NotSent { .. }) => PasswordSlot::Current,
            Some(SiteAnswer::Changed | SiteAnswer::Nothing) | None => PasswordSlot::Candidate,
        };
        self.proof = Some(Proof { first, shown: None, own_tried: false });
        notes.push(Note::Point("verifying"));
        notes.push(self.say(
            match first {
                PasswordSlot::Candidate => "verifying the new password by a new sign-in",
                PasswordSlot::Current => "verifying by a new sign-in that the old password still works",
            },
            false,
        ));
        self.try_password(notes, first)
    }

    fn try_password(&mut self, notes: Vec<Note>, slot: PasswordSlot) -> Turn {
        if let Some(proof) = &mut self.proof {
            proof.own_tried = false;
        }
        self.waits = !self.facts.remembered;
        self.sign_in_afresh(notes, slot, Profile::Clean)
    }

    pub(crate) fn sign_in_afresh(&mut self, notes: Vec<Note>, slot: PasswordSlot, profile: Profile) -> Turn {
        let run = self.sign_in_run(slot).beginning_at(self.facts.site.learnt.sign_in.clone());
        self.stage = Stage::Proof(slot, Box::new(run));
        if self.sends_left(slot) == 0 {
            return self.shown(slot, SignInEvidence::Spent, notes);
        }
        self.open(notes, profile)
    }

    /// The credential's own browser cannot be used: nothing in it could be signed out.
    pub(crate) fn no_such_browser(&mut self) -> Turn {
        let slot = self.stage.slot();
        self.waits = true;
        self.sign_in_afresh(Vec::new(), slot, Profile::Clean)
    }

    /// A person has to act, and this browser is not the one to wait in: the credential's own is asked less, perhaps.
    pub(crate) fn questioned(&mut self, challenge: Challenge) -> Turn {
        let slot = self.stage.slot();
        let mut notes = vec![self.say("the site asks for extra verification", true)];
        if matches!(challenge, Challenge::Location | Challenge::NewDevice | Challenge::TrustBrowser) {
            // These come once the password was taken, which is no proof yet and no failed try.
            notes.push(Note::Accepted);
        }
        self.waits = true;
        if let Some(proof) = self.proof.as_mut().filter(|proof| !proof.own_tried) {
            proof.own_tried = true;
            notes.push(self.say("signing in anew with this credential's own browser", false));
            return self.sign_in_afresh(notes, slot, Profile::OwnSignedOut);
        }
        self.sign_in_afresh(notes, slot, Profile::Clean)
    }

    pub(crate) fn proof_gave_up(&mut self, slot: PasswordSlot, reason: ChangeReason) -> Turn {
        match reason {
            ChangeReason::WrongPassword => {
                let note = self.say("the site does not accept it", true);
                self.shown(slot, SignInEvidence::Refused, vec![note])
            }
            reason => {
                let note = self.say("nothing was shown by it", true);
                self.shown(slot, SignInEvidence::Nothing(reason), vec![note])
            }
        }
    }

    /// A sign-in has shown something, or could not be tried.
    pub(crate) fn shown(&mut self, slot: PasswordSlot, shown: SignInEvidence, notes: Vec<Note>) -> Turn {
        let Some(proof) = &mut self.proof else {
            return Turn { notes, effect: Effect::End(Ending::Failed(ChangeReason::LayoutUnknown)) };
        };
        let first = proof.first;
        if slot != first {
            let before = proof.shown.clone();
            let ending = self.conclude(first, before.as_ref(), shown);
            return Turn { notes, effect: Effect::End(ending) };
        }
        proof.shown = Some(shown.clone());
        match (first, shown) {
            (PasswordSlot::Candidate, SignInEvidence::Holds) => Turn { notes, effect: Effect::End(Ending::Changed) },
            (PasswordSlot::Current, SignInEvidence::Holds) => {
                let ending = Ending::Failed(self.reason_of_answer());
                Turn { notes, effect: Effect::End(ending) }
            }
            (_, SignInEvidence::Nothing(reason)) => {
                let ending = self.in_doubt(reason);
                Turn { notes, effect: Effect::End(ending) }
            }
            (PasswordSlot::Candidate, SignInEvidence::Refused | SignInEvidence::Spent) => {
                let notes = with(notes, Turn { notes: vec![Note::Point("refused")], effect: Effect::Look }).notes;
                self.other(notes, PasswordSlot::Current, "trying the old password")
            }
            (PasswordSlot::Current, SignInEvidence::Refused | SignInEvidence::Spent) => {
                self.other(notes, PasswordSlot::Candidate, "trying the new password")
            }
        }
    }

    fn other(&mut self, mut notes: Vec<Note>, slot: PasswordSlot, text: &str) -> Turn {
        notes.push(self.say(text, false));
        self.try_password(notes, slot)
    }

    /// Both were tried, or one of them could not be.
    fn conclude(&self, first: PasswordSlot, before: Option<&SignInEvidence>, shown: SignInEvidence) -> Ending {
        match (first, shown) {
            // The old one was refused, whatever the site had said.
            (PasswordSlot::Current, SignInEvidence::Holds) => Ending::Changed,
            (PasswordSlot::Candidate, SignInEvidence::Holds) => self.old_works(),
            (_, SignInEvidence::Nothing(reason)) => self.in_doubt(reason),
            (_, SignInEvidence::Spent) => self.in_doubt(ChangeReason::TriesSpent),
            (_, SignInEvidence::Refused) if before == Some(&SignInEvidence::Spent) => {
                self.in_doubt(ChangeReason::TriesSpent)
            }
            (_, SignInEvidence::Refused) => self.in_doubt(ChangeReason::WrongPassword),
        }
    }

    /// The new one was refused and the old one works. After the site has said that the password was changed, or nothing,
    /// that is doubt: it may learn of it late.
    fn old_works(&self) -> Ending {
        let since = self.facts.since_submitted.unwrap_or_default();
        if self.answer != Some(SiteAnswer::Changed) && since >= LATE_ENOUGH {
            return Ending::Failed(ChangeReason::PasswordRejected { rule: String::new() });
        }
        let retry_after = WAITS_FOR_A_LATE_SITE.get(self.round()).map(|wait| Duration::from_secs(*wait));
        Ending::InDoubt { reason: ChangeReason::OldPasswordWorks, retry_after }
    }

    /// In doubt, to be tried again, unless only a person can help.
    fn in_doubt(&self, reason: ChangeReason) -> Ending {
        let helpless = matches!(reason, ChangeReason::TriesSpent);
        let wait = WAITS.get(self.round()).filter(|_| !helpless);
        Ending::InDoubt { reason, retry_after: wait.map(|wait| Duration::from_secs(*wait)) }
    }

    fn round(&self) -> usize {
        usize::try_from(self.facts.attempt.saturating_sub(1)).unwrap_or(usize::MAX)
    }

    fn reason_of_answer(&self) -> ChangeReason {
        match &self.answer {
            Some(SiteAnswer::Refused { reason } | SiteAnswer::NotSent { reason }) => reason.clone(),
            Some(SiteAnswer::Changed | SiteAnswer::Nothing) | None => {
                ChangeReason::PasswordRejected { rule: String::new() }
            }
        }
    }
}
