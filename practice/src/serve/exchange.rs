//! One ask and its answer, with the faults that strike before and after.

use super::Shared;
use crate::hurdles::{FaultAct, FaultWhen};
use crate::journal::{EventName, Gate};
use crate::page_name::PageName;
use crate::site::{Answer, Ask, page_of, respond, respond_as_trap};
use std::time::Duration;
use tokio::time::Instant;

/// How long a second, equal ask is taken for the browser's own.
const SENT_AGAIN: Duration = Duration::from_millis(500);

/// What comes of an ask.
#[derive(Debug)]
pub(super) enum Outcome {
    Answered(Answer),
    /// An error page of the server, with this status.
    Failed(u16),
    /// The connection ends without a byte.
    Died,
    /// The connection ends in the middle of this answer.
    DiedHalfway(Answer),
}

/// Asks the site, and lets strike what strikes.
///
/// A browser sends an ask again by itself when an idle connection ends without a byte, a form as well. That would use up
/// a fault that is to strike once, so an equal ask at once after a death dies too, and nothing is done.
pub(super) async fn exchange(shared: &Shared, ask: &Ask) -> Outcome {
    let told = format!("{ask:?}");
    {
        let mut world = shared.world.lock();
        if world.last_death.as_ref().is_some_and(|(last, at)| *last == told && at.elapsed() < SENT_AGAIN) {
            world.note(None, EventName::FaultStruck, format!("sent again: {}", ask.path));
            return Outcome::Died;
        }
    }
    let outcome = faulty(shared, ask).await;
    if matches!(outcome, Outcome::Died) {
        shared.world.lock().last_death = Some((told, Instant::now()));
    }
    outcome
}

async fn faulty(shared: &Shared, ask: &Ask) -> Outcome {
    if ask.gate == Gate::Trap {
        return Outcome::Answered(respond_as_trap(&mut shared.world.lock(), ask));
    }
    // The page and the hurdles of the asking: the answer may sign somebody in, who has others.
    let (page, before) = {
        let mut world = shared.world.lock();
        let (page, hurdles) = page_of(&world, ask);
        let before = if small_file(page, &ask.path) {
            Vec::new()
        } else {
            world.strike(&hurdles, page, ask.post, FaultWhen::Before)
        };
        for fault in &before {
            world.note(None, EventName::FaultStruck, format!("{} before {:?}", page.as_str(), fault.act));
        }
        (page, before)
    };
    let mut halfway = false;
    for fault in before {
        match strike(fault.act).await {
            Struck::Waited => {}
            Struck::Halfway => halfway = true,
            Struck::Ended(outcome) => return outcome,
        }
    }
    let (answer, after) = {
        let mut world = shared.world.lock();
        let (_, hurdles) = page_of(&world, ask);
        let answer = respond(&mut world, ask);
        let after = if small_file(page, &ask.path) {
            Vec::new()
        } else {
            world.strike(&hurdles, page, ask.post, FaultWhen::After)
        };
        for fault in &after {
            world.note(None, EventName::FaultStruck, format!("{} after {:?}", page.as_str(), fault.act));
        }
        (answer, after)
    };
    for fault in after {
        match strike(fault.act).await {
            Struck::Waited => {}
            Struck::Halfway => halfway = true,
            Struck::Ended(outcome) => return outcome,
        }
    }
    if halfway { Outcome::DiedHalfway(answer) } else { Outcome::Answered(answer) }
}

enum Struck {
    Waited,
    Halfway,
    Ended(Outcome),
}

async fn strike(act: FaultAct) -> Struck {
    match act {
        FaultAct::Slow(milliseconds) => {
            tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
            Struck::Waited
        }
        FaultAct::Fail => Struck::Ended(Outcome::Failed(500)),
        FaultAct::Unavailable => Struck::Ended(Outcome::Failed(503)),
        FaultAct::Die => Struck::Ended(Outcome::Died),
        FaultAct::DieHalfway => Struck::Halfway,
    }
}

/// Pictures and downloads are no pages: a fault that strikes so many times is not used up by them.
fn small_file(page: PageName, path: &str) -> bool {
    page == PageName::NotFound && (path.starts_with("/picture/") || path.starts_with("/files/"))
}
