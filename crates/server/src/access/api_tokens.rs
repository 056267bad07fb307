//! `/api/v1/api-tokens`: the caller's API tokens.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_model::{ApiTokenId, Role, Timestamp};
use countersign_vault::{ApiToken, NewApiToken};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id},
};

const ADMIN: &str = "admin";

/// An API token, without what makes it one.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiTokenBody {
    id: String,
    name: String,
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// `admin`: may manage people, grants and automation.
    scopes: Vec<&'static str>,
    /// Whether it is from before tokens had scopes, and keeps what it could do then.
    legacy: bool,
    /// The token itself; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl From<ApiToken> for ApiTokenBody {
    fn from(it: ApiToken) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name,
            role: it.role.name(),
            created_at: it.created_at,
            expires_at: it.expires_at,
            last_used_at: it.last_used_at,
            scopes: it.admin.then_some(ADMIN).into_iter().collect(),
            legacy: it.legacy,
            token: None,
        }
    }
}

/// The caller's API tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiTokensBody {
    items: Vec<ApiTokenBody>,
}

/// An API token to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiTokenBody {
    name: String,
    /// `administrator`, `manager`, `member` or `auditor`; the caller's own when left out.
    role: Option<String>,
    /// Ninety, when left out.
    expires_in_days: Option<u32>,
    /// What it may do beside using credentials: `admin` to manage people, grants and automation.
    #[serde(default)]
    scopes: Vec<String>,
}

/// The caller's API tokens.
#[utoipa::path(get, path = "/api/v1/api-tokens", tag = "account",
    responses((status = 200, body = ApiTokensBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<ApiTokensBody>, Problem> {
    let items = state.vault().api_tokens(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(ApiTokensBody { items }))
}

/// Makes an API token; the answer shows it once.
#[utoipa::path(post, path = "/api/v1/api-tokens", tag = "account", request_body = NewApiTokenBody,
    responses((status = 201, body = ApiTokenBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewApiTokenBody>,
) -> Result<impl IntoResponse, Problem> {
    let role = body.role.as_deref().map(str::parse::<Role>).transpose()?;
    let admin = is_admin(&body.scopes)?;
    let new = NewApiToken { name: body.name, role, expires_in_days: body.expires_in_days, admin };
    let (token, bearer) = state.vault().create_api_token(&actor, &new).await?;
    let body = ApiTokenBody { token: Some(bearer.expose().to_owned()), ..token.into() };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// Whether the scopes let a token manage people, grants and automation.
pub(super) fn is_admin(scopes: &[String]) -> Result<bool, Problem> {
    match scopes.iter().find(|scope| *scope != ADMIN) {
        None => Ok(!scopes.is_empty()),
        Some(unknown) => {
            let shown: String = unknown.chars().take(40).collect();
            Err(Problem::invalid("scopes", format!("cannot hold \"{shown}\": there is {ADMIN} alone")))
        }
    }
}

/// Revokes one of the caller's API tokens.
#[utoipa::path(delete, path = "/api/v1/api-tokens/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<ApiTokenId>,
) -> Result<StatusCode, Problem> {
    state.vault().revoke_api_token(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
