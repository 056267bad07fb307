//! How often a credential was used, or somebody used any, on each of the last days.

use countersign_audit::daily::UseCounts;
use countersign_model::{Action, Actor, CredentialId, Invalid, Timestamp, UserId, ZoneName};
use countersign_store::{
    audit::{self, ActivityOf},
    engine::Lane,
};

use crate::{Error, Vault, vault::permit_by_role};

/// As many days as are counted at the most.
const MAX_DAYS: u32 = 90;
/// As many records are looked at: a second or two. A credential that programs use all day has no more to tell by it.
const MAX_LOOKED_AT: u64 = 1_000_000;

/// Whose uses to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityScope {
    /// Those of a credential, whoever used it.
    Credential(CredentialId),
    /// Those by somebody, whatever they used.
    User(UserId),
}

/// Which uses to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRequest {
    /// Whose.
    pub scope: ActivityScope,
    /// On so many days, today the last.
    pub days: u32,
    /// By whose clock days begin and end.
    pub zone: ZoneName,
}

/// How often something was used on each day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Each day, written as `2026-11-29`, in order.
    pub days: Vec<(String, UseCounts)>,
    /// Where there was too much to look at: uses before this are not counted.
    pub counted_from: Option<Timestamp>,
}

impl Vault {
    /// How often a credential was used, or somebody used any, on each of the last days: for who may read the records of it,
    /// and of oneself.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many days; [`Error::Denied`].
    pub async fn activity(&self, actor: &Actor, ask: &ActivityRequest) -> Result<Activity, Error> {
        if !(1..=MAX_DAYS).contains(&ask.days) {
            return Err(Invalid::new("days", format!("must be 1 to {MAX_DAYS}")).into());
        }
        let days = ask.zone.days_up_to(self.now(), ask.days);
        let (days, ends) = days.ok_or_else(|| Invalid::new("days", "go beyond what a calendar has"))?;
        // Before a place is taken, of which there are few.
        self.permit_activity(actor, ask.scope).await?;
        let (mut reader, actor) = self.reader_on(Lane::Search, actor).await?;
        let of = match ask.scope {
            ActivityScope::Credential(id) => ActivityOf::Credential(id.uuid()),
            ActivityScope::User(id) => {
                permit_counting(&actor, id)?;
                ActivityOf::User(id.uuid())
            }
        };
        let bounds = days.iter().map(|day| day.begins).chain([ends]).collect();
        let counted = audit::activity(&mut reader, of, bounds, MAX_LOOKED_AT).await?;
        let days = days.into_iter().map(|day| day.date).zip(counted.days).collect();
        Ok(Activity { days, counted_from: counted.counted_from })
    }

    async fn permit_activity(&self, actor: &Actor, scope: ActivityScope) -> Result<(), Error> {
        match scope {
            ActivityScope::Credential(id) => self.permit_records(actor, Some(id)).await,
            ActivityScope::User(id) => {
                let (_, actor) = self.reader(actor).await?;
                permit_counting(&actor, id)
            }
        }
    }
}

/// Whoever reads the log, and oneself. A program's token may be narrowed to less than its account does, so it is not told of all.
fn permit_counting(actor: &Actor, of: UserId) -> Result<(), Error> {
    if actor.user == of && !actor.is_service() {
        return Ok(());
    }
    permit_by_role(actor, Action::ReadAudit)
}
