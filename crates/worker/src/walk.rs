//! Steps through a site: look, let the recipe room say what to do, carry it out, until an end or a person's help.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_browser::{Context, Error as PageError, Happening, Page, Patience, Shot};
use countersign_live::{Handover, Live};
use countersign_model::{Challenge, ChangeReason, ChangeState, SessionEnd};
use countersign_picture::PagePicture;
use countersign_recipe::{Act, ChangeRun, ChangeTold, PageKind, SignInRun, SignedIn, SiteKnowledge, What, recognise};
use countersign_seal::Secret;
use countersign_vault::{Error as VaultError, Run, Which};

use crate::{
    Shared,
    carry::{CarryError, Hand},
    clock,
    learn::Learnt,
    session,
    slots::Lease,
};

/// After so long without progress it is given up.
const WITHOUT_PROGRESS: Duration = Duration::from_secs(80);
/// A walk that goes in circles is given up however busy it is.
const WHOLE: Duration = Duration::from_secs(5 * 60);
/// So many acts in a row that could not be carried out.
const MOST_STUMBLES: u32 = 8;
const LOOK_AGAIN: Duration = Duration::from_millis(300);
const WHILE_A_PERSON_ACTS: Duration = Duration::from_secs(1);

/// What is walked.
pub(crate) enum Walk {
    In(Box<SignInRun>),
    Change(Box<ChangeRun>),
}

/// How a walk ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    SignedIn(SignedIn),
    /// A rehearsal found the form and stopped before it.
    FormFound,
    /// The new password was sent; what the page told of it.
    Submitted(ChangeTold),
    GaveUp(ChangeReason),
    /// A person would have to act, and is not waited for here.
    Stopped(Challenge),
    Cancelled,
}

/// Why a walk broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The browser or the page is gone.
    #[error(transparent)]
    Page(PageError),
    /// The vault: its database is down, or another worker has the change.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Where a walk happens and for whom.
pub(crate) struct Stage<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) run: &'a mut Run,
    pub(crate) lease: &'a Lease,
    pub(crate) context: &'a Arc<Context>,
    pub(crate) page: Page,
    pub(crate) site: &'a SiteKnowledge,
    pub(crate) which: Which,
    /// What the change's state is while nothing waits for a person.
    pub(crate) state: ChangeState,
    /// Stop before the form for a new password.
    pub(crate) rehearse: bool,
    /// Wait for a person where one has to act.
    pub(crate) waits: bool,
    /// The site's clock less ours, once it was seen.
    pub(crate) offset: &'a mut Option<i64>,
    /// How the fields looked that were filled.
    pub(crate) learnt: &'a mut Learnt,
    /// Who looks on: in a sign-in for a session from the start, otherwise once somebody opens the page that waits.
    pub(crate) live: Option<Arc<Live>>,
}

impl Walk {
    fn step(&mut self, picture: &PagePicture, waited: Duration) -> Act {
        match self {
            Self::In(run) => run.step(picture, waited),
            Self::Change(run) => run.step(picture, waited),
        }
    }

    fn not_carried_out(&mut self) {
        match self {
            Self::In(run) => run.not_carried_out(),
            Self::Change(run) => run.not_carried_out(),
        }
    }
}

impl Stage<'_> {
    pub(crate) async fn walk(&mut self, walk: Walk) -> Result<Outcome, Broken> {
        let outcome = self.step_through(walk).await;
        // Whoever opened a page that waited has done their part; a session that is signed in for goes on.
        if self.run.session().is_none()
            && let Some(live) = self.live.take()
        {
            live.end(SessionEnd::ChangeWentOn);
        }
        outcome
    }

    async fn step_through(&mut self, mut walk: Walk) -> Result<Outcome, Broken> {
        if let Walk::In(run) = &walk {
            let first = Act::Open { address: run.first_address().to_owned() };
            self.report(&describe(&first)).await?;
            let page = self.page.clone();
            match self.hand(None, true).carry(&page, &first).await {
                // What cannot be opened is a page that says so; the walk decides.
                Ok(()) | Err(CarryError::Page(PageError::NotOpened { .. } | PageError::TimedOut { .. })) => {}
                Err(CarryError::Page(PageError::Refused { why, .. })) => {
                    tracing::warn!(%why, "the site's address is refused");
                    self.report(&why).await?;
                    return Ok(Outcome::GaveUp(ChangeReason::SiteUnavailable));
                }
                Err(error) => return Err(broken(error)),
            }
        }
        let begun = Instant::now();
        let mut acted = Instant::now();
        let mut stumbles = 0;
        let mut told_of = 0;
        let mut candidate: Option<Secret> = None;
        let mut parked: Option<Instant> = None;
        loop {
            if self.lease.cancelled() && !self.run.armed() {
                return Ok(Outcome::Cancelled);
            }
            if parked.is_none() && (acted.elapsed() > WITHOUT_PROGRESS || begun.elapsed() > WHOLE) {
                return Ok(Outcome::GaveUp(ChangeReason::TimedOut));
            }
            self.follow_to_another_tab();
            let revision = self.page.revision();
            let picture = match self.page.settled_picture(&Patience::default()).await {
                Ok(picture) => picture,
                // A busy page, or a busy machine: the time without progress bounds it.
                Err(PageError::Stale | PageError::TimedOut { .. }) => continue,
                Err(error) => return Err(Broken::Page(error)),
            };
            if let Some(look) = &self.shared.options.at_page {
                look(&picture, self.site);
            }
            self.see_clock(&picture).await?;
            self.tell_of_happenings(&mut told_of).await?;
            let act = walk.step(&picture, acted.elapsed());
            match &act {
                Act::Park(asked) if !self.waits => return Ok(Outcome::Stopped(*asked)),
                Act::Park(asked) => {
                    let since = *parked.get_or_insert_with(Instant::now);
                    if since.elapsed() >= self.shared.options.waits_for_person && !self.is_watched() {
                        return Ok(Outcome::GaveUp(ChangeReason::Challenge { challenge: *asked }));
                    }
                    self.wait_for_person(*asked).await?;
                    self.let_in(*asked).await?;
                    self.nap(revision, WHILE_A_PERSON_ACTS, since).await?;
                    continue;
                }
                Act::Wait => {
                    self.page.changed(revision, LOOK_AGAIN).await.map_err(Broken::Page)?;
                    continue;
                }
                _ => {}
            }
            if let Some(since) = parked {
                // A person may be in the middle of what they do, and nobody types with them.
                if let Some(live) = self.live.as_ref().filter(|live| !live.is_over())
                    && !live.take_back().await
                {
                    walk.not_carried_out();
                    self.nap(revision, LOOK_AGAIN, since).await?;
                    continue;
                }
                parked = None;
                self.shared.waiting.lock().remove(&self.run.id());
                // The challenge is gone: a person has acted.
                self.report("a person has acted; going on").await?;
            }
            match act {
                Act::SignedIn(how) => return Ok(Outcome::SignedIn(how)),
                Act::Submitted(told) => return Ok(Outcome::Submitted(told)),
                Act::GiveUp(reason) => return Ok(Outcome::GaveUp(reason)),
                _ => {}
            }
            let new_password = matches!(&act, Act::Fill(fill) if fill.types(What::NewPassword));
            if new_password && self.rehearse {
                self.learnt.note(&recognise(&picture, self.site));
                return Ok(Outcome::FormFound);
            }
            if let (true, None, Act::Fill(fill)) = (new_password, &candidate, &act) {
                self.shared.point("form_found");
                let rules = self.site.rules.as_ref();
                match self.shared.vault.new_password(self.run, rules, fill.new_password_length()).await {
                    Ok(password) => candidate = Some(password),
                    Err(VaultError::NoPassword(why)) => {
                        return Ok(Outcome::GaveUp(ChangeReason::PasswordRejected { rule: why.to_owned() }));
                    }
                    Err(error) => return Err(error.into()),
                }
                self.shared.point("candidate_stored");
            }
            if matches!(act, Act::Fill(_)) {
                self.learnt.note(&recognise(&picture, self.site));
            }
            let signing_in = matches!(walk, Walk::In(_));
            let text = describe(&act);
            let page = self.page.clone();
            let carried = self.hand(candidate.as_ref(), signing_in).carry(&page, &act).await;
            acted = Instant::now();
            match carried {
                Ok(()) => {
                    stumbles = 0;
                    let sent = new_password && matches!(&act, Act::Fill(fill) if fill.send);
                    if sent {
                        self.shared.point("submitted");
                        self.state = ChangeState::Submitted;
                    }
                    self.report(&text).await?;
                }
                Err(CarryError::Vault(VaultError::TriesSpent)) => {
                    return Ok(Outcome::GaveUp(ChangeReason::WrongPassword));
                }
                Err(CarryError::Vault(error)) => return Err(error.into()),
                Err(CarryError::Page(PageError::WrongOrigin { found })) => {
                    return Ok(Outcome::GaveUp(ChangeReason::LeftSite { origin: found }));
                }
                Err(CarryError::Page(error)) if error.is_gone() => return Err(Broken::Page(error)),
                Err(CarryError::Page(error)) => {
                    tracing::debug!(%error, act = text, "an act was not carried out");
                    stumbles += 1;
                    if stumbles > MOST_STUMBLES {
                        return Ok(Outcome::GaveUp(ChangeReason::LayoutUnknown));
                    }
                    walk.not_carried_out();
                }
            }
        }
    }

    fn hand<'h>(&'h mut self, candidate: Option<&'h Secret>, signing_in: bool) -> Hand<'h> {
        Hand {
            shared: self.shared,
            run: self.run,
            which: self.which,
            signing_in,
            candidate,
            offset: self.offset.map_or(0, clock::plain),
        }
    }

    /// A page may have opened another one to go on there, and closed itself.
    fn follow_to_another_tab(&mut self) {
        if self.page.ended().is_some()
            && let Some(newest) = self.context.pages().into_iter().next_back()
        {
            self.page = newest;
        }
    }

    async fn see_clock(&mut self, picture: &PagePicture) -> Result<(), Broken> {
        let Some(answer) = &picture.answer else { return Ok(()) };
        let vault = &self.shared.vault;
        let Some(seen) = clock::offset(answer, &*self.shared.options.machine, &|| vault.now()) else { return Ok(()) };
        // Two looks at one answer, or a rounded second, are no news.
        if self.offset.is_none_or(|known| (known - seen).abs() > 2) {
            *self.offset = Some(seen);
            vault.note_clock(self.run, seen).await?;
        }
        Ok(())
    }

    /// What a page does beside showing itself, a few times and without its own words: they may repeat a secret.
    async fn tell_of_happenings(&mut self, told_of: &mut u32) -> Result<(), Broken> {
        const MOST: u32 = 6;
        let (happenings, _) = self.page.happenings();
        for happening in happenings {
            *told_of += 1;
            if *told_of > MOST {
                continue;
            }
            let text = match happening {
                Happening::Dialog { kind, accepted, .. } => {
                    let answer = if accepted { "yes" } else { "no" };
                    format!("the page asked in a window of the browser's ({kind}); answered with {answer}")
                }
                Happening::Window { closed: true, .. } => "the page opened too many windows; closed".to_owned(),
                Happening::Window { closed: false, .. } => "the page opened another window".to_owned(),
                Happening::WindowClosed { .. } => "the other window has closed itself".to_owned(),
                Happening::Download => "the page wanted to save a file, and was not let".to_owned(),
                Happening::FileChooser => "the page wanted a file, and got none".to_owned(),
            };
            self.report(&text).await?;
        }
        Ok(())
    }

    async fn wait_for_person(&mut self, asked: Challenge) -> Result<(), Broken> {
        let waiting = self.run.state() == ChangeState::WaitingForAPerson;
        if waiting && self.run.challenge() == Some(asked) {
            return Ok(());
        }
        self.shared.waiting.lock().insert(self.run.id(), self.page.clone());
        let until = match self.run.waiting_until().filter(|_| waiting) {
            Some(until) => until,
            None => self.shared.vault.now().plus(self.shared.options.waits_for_person),
        };
        let picture = self.shot().await;
        self.shared.vault.park_change(self.run, asked, until, picture).await?;
        self.shared.point("waiting");
        Ok(())
    }

    fn is_watched(&self) -> bool {
        self.live.as_ref().is_some_and(|live| !live.is_over())
    }

    /// Gives the page to the person who has opened it, if somebody has.
    async fn let_in(&mut self, asked: Challenge) -> Result<(), Broken> {
        if !self.is_watched() {
            self.live = match self.run.session() {
                Some(_) => None,
                None => session::of_change(self.shared, self.run.id(), self.site).await?,
            };
        }
        if let Some(live) = &self.live {
            live.hand_over(Handover::Challenge(asked), self.context, &self.page);
        }
        Ok(())
    }

    /// Until the page has changed, or time has passed, or somebody has called the change off.
    async fn nap(&self, revision: u64, each: Duration, since: Instant) -> Result<(), Broken> {
        let limit = self.shared.options.waits_for_person;
        loop {
            let changed = self.page.changed(revision, each).await.map_err(Broken::Page)?;
            let over = since.elapsed() >= limit && !self.is_watched();
            if changed || self.lease.cancelled() || over || self.live.is_none() || each < WHILE_A_PERSON_ACTS {
                return Ok(());
            }
        }
    }

    pub(crate) async fn report(&mut self, text: &str) -> Result<(), VaultError> {
        self.tell(text);
        self.shared.vault.report_change(self.run, self.state, text, None).await
    }

    fn tell(&self, text: &str) {
        if let Some(live) = &self.live {
            live.step(text);
        }
    }

    /// The same, with how the page looks.
    pub(crate) async fn report_with_picture(&mut self, text: &str) -> Result<(), VaultError> {
        let picture = self.shot().await;
        self.shared.vault.report_change(self.run, self.state, text, picture).await
    }

    /// A picture is worth having and no condition. None is taken of a page that shows a password in the open, as it was
    /// before and as it is after.
    async fn shot(&self) -> Option<Vec<u8>> {
        const QUALITY: u8 = 60;
        if self.shows_password().await? {
            return None;
        }
        let shot = self
            .page
            .masked_screenshot(Shot::Jpeg(QUALITY))
            .await
            .inspect_err(|error| tracing::debug!(%error, "no picture was taken"))
            .ok()?;
        (!self.shows_password().await?).then_some(shot)
    }

    /// `None` where that cannot be told.
    async fn shows_password(&self) -> Option<bool> {
        let picture = self.page.picture().await.ok()?;
        self.shared.vault.page_shows_password(self.run, |password| picture.shows(password)).await.ok()
    }
}

fn broken(error: CarryError) -> Broken {
    match error {
        CarryError::Page(error) => Broken::Page(error),
        CarryError::Vault(error) => Broken::Vault(error),
    }
}

/// What was done, for people: no secret, no query of an address.
fn describe(act: &Act) -> String {
    match act {
        Act::Open { address } => format!("opened {}", place(address)),
        Act::Follow { name, address, .. } => match (name.as_str(), address) {
            ("", Some(address)) => format!("followed a link to {}", place(address)),
            ("", None) => "pressed a button without a name".to_owned(),
            (name, _) => format!("followed \"{}\"", cut(name)),
        },
        Act::Dismiss { .. } => "put away what lay over the page".to_owned(),
        Act::PressEnter { .. } => "pressed Enter".to_owned(),
        Act::Answer { question: PageKind::Trust, yes: true, .. } => "answered: trust this browser".to_owned(),
        Act::Answer { question: PageKind::Trust, .. } => "answered: do not trust this browser".to_owned(),
        Act::Answer { .. } => "confirmed".to_owned(),
        Act::Fill(fill) => {
            let mut names: Vec<&str> = Vec::new();
            for entry in &fill.entries {
                let name = match entry.what {
                    What::Username => "the name",
                    What::Password => "the password",
                    What::NewPassword => "the new password",
                    What::Token => "a token",
                };
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let sent = if fill.send { " and sent the form" } else { "; a person sends it" };
            format!("typed {}{sent}", names.join(" and "))
        }
        Act::Wait | Act::Park(_) | Act::SignedIn(_) | Act::Submitted(_) | Act::GiveUp(_) => String::new(),
    }
}

fn place(address: &str) -> String {
    let plain = address.split(['?', '#']).next().unwrap_or_default();
    cut(plain)
}

fn cut(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_7_what_is_told_of_an_act_holds_no_query() {
        let open = Act::Open { address: "https://example.org/reset?token=abc#x".into() };
        assert_eq!(describe(&open), "opened https://example.org/reset");
    }
}
