//! What needs a look: numbers, and the credentials behind them.

use axum::{Json, extract::State};
use countersign_vault::{Concern, ConcernView, Dashboard, OLD_PASSWORD_DAYS, UNUSED_DAYS};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    request::extract::{Caller, Listed, PagingParams},
};

/// How many of each need a look.
#[derive(Serialize, ToSchema)]
pub(crate) struct DashboardBody {
    /// Credentials in use of which something is so: `no_second_factor`, `old_password`, `unused`, `site_moved`, `change_failed`, `unverified`,
    /// `checked_out`.
    credentials: Vec<ConcernCountBody>,
    /// Changes that wait for a person.
    changes_waiting: u64,
    requests_pending: u64,
    /// Grants that are due for review.
    reviews_due: u64,
    /// Grants that nobody has used for `unused_days`.
    grants_unused: u64,
    /// Grants that allow access in an emergency.
    grants_emergency: u64,
    /// Users who sign in with a password alone; null for who may not manage users.
    users_without_second_factor: Option<u64>,
    /// After so many days a password is old.
    old_password_days: u32,
    /// After so many days something counts as not used.
    unused_days: u32,
    /// Whether the whole audit log was looked through for uses. If not, there may be later ones.
    all_counted: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ConcernCountBody {
    concern: &'static str,
    count: u64,
}

/// Which credentials to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConcernParams {
    /// `no_second_factor`, `old_password`, `unused`, `site_moved`, `change_failed`, `unverified` or `checked_out`.
    concern: String,
}

/// A page of credentials, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConcernedBody {
    items: Vec<ConcernedCredentialBody>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ConcernedCredentialBody {
    id: String,
    name: String,
    username: String,
    site: Option<String>,
    /// When it was added (`no_second_factor`), its password changed (`old_password`), somebody used it (`unused`; null: never), its site moved
    /// (`site_moved`; null where that is not known), or its last change ended (`change_failed`, `unverified`); until when somebody has it (`checked_out`).
    since: Option<String>,
}

const fn name(concern: Concern) -> &'static str {
    match concern {
        Concern::NoSecondFactor => "no_second_factor",
        Concern::OldPassword => "old_password",
        Concern::Unused => "unused",
        Concern::SiteMoved => "site_moved",
        Concern::ChangeFailed => "change_failed",
        Concern::Unverified => "unverified",
        Concern::CheckedOut => "checked_out",
    }
}

impl From<Dashboard> for DashboardBody {
    fn from(it: Dashboard) -> Self {
        let count = |(concern, count)| ConcernCountBody { concern: name(concern), count };
        Self {
            credentials: it.credentials.into_iter().map(count).collect(),
            changes_waiting: it.changes_waiting,
            requests_pending: it.requests_pending,
            reviews_due: it.reviews_due,
            grants_unused: it.grants_unused,
            grants_emergency: it.grants_emergency,
            users_without_second_factor: it.people_without_second_factor,
            old_password_days: OLD_PASSWORD_DAYS,
            unused_days: UNUSED_DAYS,
            all_counted: it.all_counted,
        }
    }
}

impl From<ConcernView> for ConcernedCredentialBody {
    fn from(it: ConcernView) -> Self {
        let ConcernView { id, name, username, site, since } = it;
        Self { id: id.to_string(), name, username, site, since: since.map(|at| at.to_string()) }
    }
}

/// What needs a look, for who may see who may do what.
#[utoipa::path(get, path = "/api/v1/dashboard", tag = "status",
    responses((status = 200, body = DashboardBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<DashboardBody>, Problem> {
    Ok(Json(state.vault().dashboard(&actor).await?.into()))
}

/// The credentials behind a number, by name.
#[utoipa::path(get, path = "/api/v1/dashboard/credentials", tag = "status",
    params(ConcernParams, PagingParams),
    responses((status = 200, body = ConcernedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<ConcernParams>,
) -> Result<Json<ConcernedBody>, Problem> {
    let concern = Concern::ALL.into_iter().find(|concern| name(*concern) == params.concern);
    let concern = concern.ok_or_else(|| {
        let names = Concern::ALL.map(name).join(", ");
        Problem::invalid("concern", format!("is not on the dashboard: use one of {names}"))
    })?;
    let page = state.vault().concerned(&actor, concern, &paging).await?.map(Into::into);
    Ok(Json(ConcernedBody { items: page.items, next_cursor: page.next_cursor }))
}
