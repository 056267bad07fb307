//! `/api/v1/me/preferences`: how the page speaks to the caller, in every browser in which they sign in.

use axum::{Json, extract::State};
use countersign_model::{PageLanguage, PageZone, Preferences};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller},
};

/// How the page speaks to somebody. `null`: nothing was chosen, and each browser keeps what was chosen in it; in a change: it stays as it is.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferencesBody {
    /// `en`, `pt`, `es`, or `browser`.
    language: Option<String>,
    /// A name such as `Europe/Berlin`, or `browser`.
    time_zone: Option<String>,
}

impl From<Preferences> for PreferencesBody {
    fn from(of: Preferences) -> Self {
        Self {
            language: of.language.map(|language| language.name().to_owned()),
            time_zone: of.time_zone.map(|zone| zone.name().to_owned()),
        }
    }
}

impl PreferencesBody {
    fn parse(&self) -> Result<Preferences, Problem> {
        Ok(Preferences {
            language: self.language.as_deref().map(PageLanguage::parse).transpose()?,
            time_zone: self.time_zone.as_deref().map(PageZone::parse).transpose()?,
        })
    }
}

/// Keeps how the page speaks to the caller. What is left out stays; answers all that holds then.
#[utoipa::path(patch, path = "/api/v1/me/preferences", tag = "account", request_body = PreferencesBody,
    responses((status = 200, body = PreferencesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn change(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<PreferencesBody>,
) -> Result<Json<PreferencesBody>, Problem> {
    Ok(Json(state.vault().change_preferences(&actor, body.parse()?).await?.into()))
}
