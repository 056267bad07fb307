//! Reviews of grants: which nobody has decided on for long, with who last used them when, and to keep or to remove them.

use axum::{Json, extract::State, http::StatusCode};
use countersign_audit::uses::Usage;
use countersign_model::{GrantId, Timestamp};
use countersign_vault::{GrantReview, ReviewList, ReviewListRequest, ReviewScope, ReviewedGrantView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::granting::AccessGrantBody;
use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Listed, PagingParams},
};

/// Which grants to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewListParams {
    /// Of those that are in force or will be, the ones that are due for review (`due`, which it is where nothing is said), were not
    /// used for 90 days (`unused`), allow access in an emergency (`emergency`), or `all`.
    #[serde(default)]
    #[param(inline)]
    show: ReviewShow,
}

#[derive(Deserialize, Default, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReviewShow {
    #[default]
    Due,
    Unused,
    Emergency,
    All,
}

impl From<ReviewShow> for ReviewScope {
    fn from(it: ReviewShow) -> Self {
        match it {
            ReviewShow::Due => Self::Due,
            ReviewShow::Unused => Self::Unused,
            ReviewShow::Emergency => Self::Emergency,
            ReviewShow::All => Self::All,
        }
    }
}

/// A page of grants, the longest ago decided on first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReviewsBody {
    items: Vec<ReviewedGrantBody>,
    next_cursor: Option<String>,
    /// How many are due for review.
    due: u64,
    /// After how many days without a decision a grant is due; 0: never.
    days: u32,
    /// Whether the whole audit log was looked through for uses. If not, grants may have been used later than it says.
    all_counted: bool,
}

/// A grant, when it was last decided on, and how it was last used.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReviewedGrantBody {
    grant: AccessGrantBody,
    /// When somebody made it, edited it, or kept it in a review; null where that is not known.
    decided_at: Option<String>,
    /// Who did, by name at that time.
    decided_by: Option<String>,
    /// Whether it is due for review.
    due: bool,
    /// Null: it was never used.
    last_use: Option<UsageBody>,
}

/// The last use of a grant or a credential.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageBody {
    at: String,
    user_id: String,
    /// The name at that time: a user's, or `owner/token name`.
    name: String,
    /// What they did, such as `token.read`.
    act: String,
    /// How often it was used, this one included.
    uses: u64,
}

impl From<Usage> for UsageBody {
    fn from(it: Usage) -> Self {
        let Usage { at, actor, name, act, uses } = it;
        Self { at: at.to_string(), user_id: actor.to_string(), name, act, uses }
    }
}

impl From<ReviewedGrantView> for ReviewedGrantBody {
    fn from(it: ReviewedGrantView) -> Self {
        let ReviewedGrantView { details, decided, due, usage } = it;
        let (at, by) = decided.map(|(at, by)| (at.to_string(), by)).unzip();
        Self { grant: details.into(), decided_at: at, decided_by: by, due, last_use: usage.map(Into::into) }
    }
}

/// Grants that are due for review, with who last used them when; the longest ago decided on first.
#[utoipa::path(get, path = "/api/v1/grants/reviews", tag = "access", params(ReviewListParams, PagingParams),
    responses((status = 200, body = ReviewsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<ReviewListParams>,
) -> Result<Json<ReviewsBody>, Problem> {
    let ask = ReviewListRequest { scope: params.show.into(), paging };
    let ReviewList { page, due, days, all_counted } = state.vault().list_reviews(&actor, &ask).await?;
    let page = page.map(Into::into);
    Ok(Json(ReviewsBody { items: page.items, next_cursor: page.next_cursor, due, days, all_counted }))
}

/// Decisions about grants: all of them are carried out, or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewBody {
    items: Vec<GrantReviewBody>,
}

/// What is decided about one grant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantReviewBody {
    /// The grant's id.
    id: String,
    /// As the list said it. A grant that somebody has decided on since is not touched, and the answer is 409.
    decided_at: Option<String>,
    /// True: it stays, and is due again later. False: it is removed.
    keep: bool,
}

impl GrantReviewBody {
    fn understand(self) -> Result<GrantReview, Problem> {
        let id = self.id.parse::<GrantId>().map_err(|error| Problem::invalid("id", format!("is {error}")))?;
        let seen = self.decided_at.as_deref().map(str::parse::<Timestamp>).transpose();
        let seen = seen.map_err(|error| Problem::invalid("decided_at", format!("{error}")))?;
        Ok(GrantReview { id, seen, keep: self.keep })
    }
}

/// Keeps or removes grants.
#[utoipa::path(post, path = "/api/v1/grants/reviews", tag = "access", request_body = ReviewBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn review(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ReviewBody, 256>,
) -> Result<StatusCode, Problem> {
    let reviews = body.items.into_iter().map(GrantReviewBody::understand).collect::<Result<Vec<_>, _>>()?;
    state.vault().review_grants(&actor, &reviews).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When grants come up for review.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewSettingsBody {
    /// After so many days without a decision; 0: never, at most 3650.
    days: u32,
}

/// Says when grants come up for review.
#[utoipa::path(put, path = "/api/v1/grants/reviews/settings", tag = "access", request_body = ReviewSettingsBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ReviewSettingsBody>,
) -> Result<StatusCode, Problem> {
    state.vault().set_review_days(&actor, body.days).await?;
    Ok(StatusCode::NO_CONTENT)
}
