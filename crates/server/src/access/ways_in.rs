//! `/api/v1/users/{id}/access`: by what somebody comes in, for administrators.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{ApiTokenId, DeviceId, Timestamp, UserId, WebSessionId};
use countersign_vault::{Error, Object, SeedOnPhone, WaysIn};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    access::api_tokens::ApiTokenBody,
    request::extract::{Caller, Id, TwoIds},
    users::{account::WebSessionBody, devices::DeviceBody},
};

/// By what somebody comes in.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaysInBody {
    /// Browsers in which they are signed in.
    sessions: Vec<WebSessionBody>,
    /// Their API tokens.
    api_tokens: Vec<ApiTokenBody>,
    /// Their browser extensions.
    devices: Vec<DeviceBody>,
    /// The setup keys that they have on a phone, as far as they were transferred from here: these stay there whatever is ended here.
    phones: Vec<SeedOnPhoneBody>,
}

/// A setup key that somebody has on a phone.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeedOnPhoneBody {
    /// The credential's id.
    credential: String,
    /// The credential's name.
    name: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// By what somebody comes in: their signed-in browsers, API tokens and browser extensions; and what they have on a phone.
#[utoipa::path(get, path = "/api/v1/users/{id}/access", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = WaysInBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<Json<WaysInBody>, Problem> {
    let WaysIn { sessions, api_tokens, devices } = state.vault().ways_in(&actor, id).await?;
    let phones = state.vault().phones_of(&actor, id).await?;
    let on_phone =
        |SeedOnPhone { credential, name, since }| SeedOnPhoneBody { credential: credential.to_string(), name, since };
    Ok(Json(WaysInBody {
        sessions: sessions.into_iter().map(Into::into).collect(),
        api_tokens: api_tokens.into_iter().map(Into::into).collect(),
        devices: devices.into_iter().map(Into::into).collect(),
        phones: phones.into_iter().map(on_phone).collect(),
    }))
}

/// Ends all of somebody's browsers, API tokens and browser extensions; the asking browser stays.
#[utoipa::path(delete, path = "/api/v1/users/{id}/access", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn end_all(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    state.vault().end_all_of(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs one of somebody's browsers out.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions/{session}", tag = "users",
    params(("id" = String, Path), ("session" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn end_session(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(person, session): TwoIds,
) -> Result<StatusCode, Problem> {
    let (person, session) =
        (parse::<UserId>(&person, Object::User)?, parse::<WebSessionId>(&session, Object::Session)?);
    state.vault().end_browser_of(&actor, person, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes one of somebody's API tokens.
#[utoipa::path(delete, path = "/api/v1/users/{id}/api-tokens/{token}", tag = "users",
    params(("id" = String, Path), ("token" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn revoke_token(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(person, token): TwoIds,
) -> Result<StatusCode, Problem> {
    let (person, token) = (parse::<UserId>(&person, Object::User)?, parse::<ApiTokenId>(&token, Object::ApiToken)?);
    state.vault().revoke_token_of(&actor, person, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes one of somebody's browser extensions.
#[utoipa::path(delete, path = "/api/v1/users/{id}/devices/{device}", tag = "users",
    params(("id" = String, Path), ("device" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_device(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(person, device): TwoIds,
) -> Result<StatusCode, Problem> {
    let (person, device) = (parse::<UserId>(&person, Object::User)?, parse::<DeviceId>(&device, Object::Device)?);
    state.vault().remove_device_of(&actor, person, device).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse<T: std::str::FromStr>(text: &str, what: Object) -> Result<T, Problem> {
    text.parse().map_err(|_| Error::NotFound(what).into())
}
