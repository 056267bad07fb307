//! `/api/v1/audit/activity`: how often a credential was used, or somebody used any, on each of the last days.

use axum::{Json, extract::State};
use countersign_audit::daily::UseCounts;
use countersign_model::{CredentialId, UserId, ZoneName};
use countersign_vault::{Activity, ActivityRequest, ActivityScope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    request::extract::{Caller, Params},
};

const DAYS: u32 = 30;

/// Whose uses to count: one of `credential` and `user`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityParams {
    /// The uses of this credential, whoever used it.
    credential: Option<String>,
    /// The uses by this user, whatever they used. One's own, or anybody's for who may read the log.
    user: Option<String>,
    /// On so many days, today the last: 30 when left out.
    #[param(minimum = 1, maximum = 90)]
    days: Option<u32>,
    /// By whose clock days begin and end: a name of the IANA database, such as `Europe/Berlin`; `UTC` when left out.
    time_zone: Option<String>,
}

impl ActivityParams {
    fn understand(self) -> Result<ActivityRequest, Problem> {
        let scope = match (self.credential, self.user) {
            (Some(id), None) => {
                let id = id.parse::<CredentialId>();
                ActivityScope::Credential(id.map_err(|error| Problem::invalid("credential", format!("is {error}")))?)
            }
            (None, Some(id)) => {
                let id = id.parse::<UserId>();
                ActivityScope::User(id.map_err(|error| Problem::invalid("user", format!("is {error}")))?)
            }
            (None, None) => return Err(Problem::invalid("credential", "or user is missing: name one of them")),
            (Some(_), Some(_)) => {
                return Err(Problem::invalid("credential", "and user are both there: name one of them"));
            }
        };
        let zone = self.time_zone.as_deref().unwrap_or("UTC").parse::<ZoneName>();
        let zone = zone.map_err(|invalid| Problem::invalid("time_zone", invalid.problem))?;
        Ok(ActivityRequest { scope, days: self.days.unwrap_or(DAYS), zone })
    }
}

/// How often something was used on each day.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityBody {
    /// In order, today the last.
    items: Vec<ActivityDayBody>,
    /// Where there is too much to look at: uses before this are not counted.
    counted_from: Option<String>,
}

/// How often something was used on one day, by people and by programs. What was refused is not counted.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityDayBody {
    /// As `2026-11-29`.
    date: String,
    /// Tokens taken.
    tokens: u64,
    /// Passwords revealed.
    passwords: u64,
    /// Sessions, each once for each user who was in it.
    sessions: u64,
    /// Password changes, test runs and sign-in checks that were asked for, and edits.
    changes: u64,
}

impl From<Activity> for ActivityBody {
    fn from(it: Activity) -> Self {
        let day = |(date, counts): (String, UseCounts)| {
            let UseCounts { tokens, passwords, sessions, changes } = counts;
            ActivityDayBody { date, tokens, passwords, sessions, changes }
        };
        Self { items: it.days.into_iter().map(day).collect(), counted_from: it.counted_from.map(|at| at.to_string()) }
    }
}

/// How often a credential was used, or a user used any, on each of the last days, counted from the audit log: for who may read
/// its records about them, and of oneself.
#[utoipa::path(get, path = "/api/v1/audit/activity", tag = "audit", params(ActivityParams),
    responses((status = 200, body = ActivityBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(params): Params<ActivityParams>,
) -> Result<Json<ActivityBody>, Problem> {
    Ok(Json(state.vault().activity(&actor, &params.understand()?).await?.into()))
}
