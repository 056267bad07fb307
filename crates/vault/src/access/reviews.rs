//! Reviews of grants: which nobody has decided on for long, with who last used them when, and to keep or to remove them.

use countersign_audit::{AuditAction, ObjectKind, uses::Usage};
use countersign_model::{Action, Actor, GrantId, Invalid, Paged, Paging, Timestamp};
use countersign_store::{
    credentials::{self, GrantDecision, ReviewFilter, ReviewPlace, ReviewedGrant},
    vault as vault_row,
};

use super::granting::{GrantDetails, details, not_own};
use crate::{
    Conflict, Error, Vault,
    audit::committer,
    unit::Unit,
    vault::{allowed_by, permit_by_role},
};

/// Ten years: longer is never.
const MAX_DAYS: u32 = 3_650;
/// As many as a person looks at in one go.
const MAX_AT_ONCE: usize = 1_000;
/// What is not counted yet when somebody looks is counted then, as far as they would wait for it.
const COUNTED_WHILE_WAITING: usize = 8;

/// Which grants to list, of those that are in force or will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReviewScope {
    /// Those that nobody has decided on for long.
    #[default]
    Due,
    /// Those that stand for [`UNUSED_DAYS`] and were not used meanwhile.
    Unused,
    /// Those that allow access in an emergency.
    Emergency,
    /// All.
    All,
}

/// After so many days without a use, something counts as not used.
pub const UNUSED_DAYS: u32 = 90;

impl ReviewScope {
    /// As it is asked of the database; `None`: nothing is.
    pub(crate) fn filter(self, now: Timestamp, days: u32) -> Option<ReviewFilter> {
        let ago = due_before(now, UNUSED_DAYS);
        Some(match self {
            Self::Due => ReviewFilter { decided_before: Some(due_before(now, days)?), ..ReviewFilter::default() },
            Self::Unused => ReviewFilter { decided_before: ago, unused_since: ago, emergency: false },
            Self::Emergency => ReviewFilter { emergency: true, ..ReviewFilter::default() },
            Self::All => ReviewFilter::default(),
        })
    }
}

/// Which grants to list for a review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewListRequest {
    /// Those.
    pub scope: ReviewScope,
    /// Which page of the list, the longest ago first.
    pub paging: Paging,
}

/// A grant with what a review of it looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedGrantView {
    /// The grant.
    pub details: GrantDetails,
    /// When it was last decided that it is to be, and by whom; `None` where that was before it was noted.
    pub decided: Option<(Timestamp, String)>,
    /// Whether it is due.
    pub due: bool,
    /// How it was last used; `None`: never.
    pub usage: Option<Usage>,
}

/// A page of grants, and how reviews stand.
#[derive(Debug, Clone)]
pub struct ReviewList {
    /// The grants.
    pub page: Paged<ReviewedGrantView>,
    /// How many are due.
    pub due: u64,
    /// After how many days they are; 0: never.
    pub days: u32,
    /// Whether the whole log was looked through for uses. If not, there may be later ones.
    pub all_counted: bool,
}

/// What somebody decides about one grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantReview {
    /// The grant.
    pub id: GrantId,
    /// When it had last been decided on, as they saw it: so nothing is kept or removed that has become another meanwhile.
    pub seen: Option<Timestamp>,
    /// Whether it stays.
    pub keep: bool,
}

impl Vault {
    /// Grants that nobody has decided on for long, the longest ago first.
    ///
    /// # Errors
    /// [`Error::Denied`] for who may not see who may do what; [`Error::Invalid`] for a cursor of another list.
    pub async fn list_reviews(&self, actor: &Actor, ask: &ReviewListRequest) -> Result<ReviewList, Error> {
        let after = ask.paging.cursor().map(parse_place).transpose()?;
        let (reader, known) = self.reader(actor).await?;
        self.permit_looking(&known, None)?;
        drop(reader);
        let all_counted = committer::count_uses(&self.inner.database, COUNTED_WHILE_WAITING).await?;
        let (mut reader, actor) = self.reader(actor).await?;
        self.permit_looking(&actor, None)?;
        let days = credentials::review_days(&mut reader).await?;
        let now = self.now();
        let rows = match ask.scope.filter(now, days) {
            Some(filter) => credentials::reviewed(&mut reader, now, &filter, after, ask.paging.rows()).await?,
            None => Vec::new(),
        };
        let due_before = due_before(now, days);
        let due = match ReviewScope::Due.filter(now, days) {
            Some(filter) => credentials::count_reviewed(&mut reader, now, &filter).await?,
            None => 0,
        };
        let page = ask.paging.page(rows, |row| format!("{}.{}", row.place.0, row.place.1));
        let Paged { items, next_cursor, total } = page;
        let mut shown = Vec::with_capacity(items.len());
        for ReviewedGrant { grant, decided, last_use, place } in items {
            let details = details(&mut reader, grant).await?;
            let decided = decided.map(|GrantDecision { at, by }| (at, by));
            let due = due_before.is_some_and(|before| place.0 < before.micros());
            shown.push(ReviewedGrantView { details, decided, due, usage: last_use });
        }
        let page = Paged { items: shown, next_cursor, total };
        Ok(ReviewList { page, due: u64::try_from(due).unwrap_or(0), days, all_counted })
    }

    /// Keeps or removes grants, all or none of them.
    ///
    /// # Errors
    /// [`Conflict::Edited`] where one is not as it was seen; [`Error::Denied`], [`Error::Invalid`] for what the actor could not give, and
    /// for what was granted to themselves where their role alone does not allow it; [`Error::NotFound`].
    pub async fn review_grants(&self, actor: &Actor, reviews: &[GrantReview]) -> Result<(), Error> {
        if reviews.is_empty() || reviews.len() > MAX_AT_ONCE {
            let problem = format!("holds {} grants: review 1 to {MAX_AT_ONCE} at a time", reviews.len());
            return Err(Invalid::new("items", problem).into());
        }
        let (mut tx, actor) = self.writer(actor).await?;
        // In the order in which everybody takes them.
        let mut reviews: Vec<&GrantReview> = reviews.iter().collect();
        reviews.sort_unstable_by_key(|review| review.id);
        if let Some([one, _]) = reviews.array_windows().find(|[one, other]| one.id == other.id) {
            return Err(Invalid::new("items", format!("names a grant twice: {}", one.id)).into());
        }
        for review in &reviews {
            if review.keep {
                self.keep_grant(&mut tx, &actor, review).await?;
            } else {
                self.as_seen(&mut tx, review).await?;
                self.take_back(&mut tx, &actor, review.id).await?;
            }
        }
        if reviews.iter().any(|review| !review.keep) {
            vault_row::bump(&mut tx).await?;
        }
        tx.commit().await.map(drop)
    }

    async fn keep_grant(&self, tx: &mut Unit, actor: &Actor, review: &GrantReview) -> Result<(), Error> {
        let (grant, row) = self.find_grant(tx, actor, review.id).await?;
        let by = self.permit_granting(actor, row.as_ref(), &grant)?;
        not_own(tx, actor, by, grant.holder, ("items", "review")).await?;
        let before = self.as_seen(tx, review).await?;
        credentials::put_decision(tx, review.id, &self.decided_by(actor)).await?;
        let shown = details(tx, grant).await?;
        let entry = self.grant_entry(actor, AuditAction::GrantReviewed, &shown);
        let entry = match before {
            Some(GrantDecision { at, by }) => entry.with("decided_at", at.to_string()).with("decided_by", by),
            None => entry,
        };
        tx.record(allowed_by(entry, by));
        Ok(())
    }

    /// Makes sure that nobody has decided on it since it was seen.
    async fn as_seen(&self, tx: &mut Unit, review: &GrantReview) -> Result<Option<GrantDecision>, Error> {
        let decided = credentials::decision(tx, review.id).await?;
        // Times are told to the millisecond.
        let told = |at: Timestamp| at.micros().div_euclid(1_000);
        if decided.as_ref().map(|decision| told(decision.at)) == review.seen.map(told) {
            return Ok(decided);
        }
        Err(Error::Conflict(Conflict::Edited))
    }

    /// Says after how many days a grant comes up for review; 0: never.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::Invalid`].
    pub async fn set_review_days(&self, actor: &Actor, days: u32) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageVault)?;
        if days > MAX_DAYS {
            return Err(Invalid::new("days", format!("is too many: at most {MAX_DAYS}, or 0 for never")).into());
        }
        let former = credentials::review_days(&mut tx).await?;
        credentials::set_review_days(&mut tx, days).await?;
        let entry = self
            .entry(&actor, AuditAction::ReviewsSet)
            .on(ObjectKind::Vault, self.keys().vault().uuid(), "reviews of grants")
            .with("days", i64::from(days))
            .with("former", i64::from(former));
        tx.record(entry);
        tx.commit().await.map(drop)
    }
}

/// Grants that were decided on before this time are due; `None`: none ever is.
pub(crate) fn due_before(now: Timestamp, days: u32) -> Option<Timestamp> {
    let after = std::time::Duration::from_secs(u64::from(days) * 86_400);
    (days > 0).then(|| now.minus(after))
}

fn parse_place(cursor: &str) -> Result<ReviewPlace, Invalid> {
    let place = cursor.split_once('.').and_then(|(micros, id)| Some((micros.parse().ok()?, id.parse().ok()?)));
    let (micros, id) =
        place.ok_or_else(|| Invalid::new("cursor", "is not one of this list: begin without a cursor"))?;
    Ok(ReviewPlace(micros, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_due_after_so_many_days_and_never_with_none() {
        let now = Timestamp::from_seconds(100 * 86_400);
        assert_eq!(due_before(now, 90), Some(Timestamp::from_seconds(10 * 86_400)));
        assert_eq!(due_before(now, 0), None);
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let id = GrantId::from_uuid(uuid::Uuid::from_u128(7));
        assert_eq!(parse_place(&format!("12.{id}")), Ok(ReviewPlace(12, id)));
        for wrong in ["", "12", ".", "x.y", "12.", &format!("{id}.12")] {
            assert!(parse_place(wrong).is_err(), "{wrong}");
        }
    }
}
