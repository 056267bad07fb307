//! `/api/v1/audit/views`: filters of the audit log that people keep for themselves.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{Timestamp, ViewId, ViewName};
use countersign_vault::{SavedFilter, SavedView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id},
};

/// What is filtered by, each as the page's address has it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewFilterBody {
    /// Whose actor's or object's name holds this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    /// Of this act, such as `token.read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<String>,
    /// About this credential, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
    /// By this user, by their id.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// From this day, as `2026-11-29`.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// To this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// A filter that somebody keeps.
#[derive(Serialize, ToSchema)]
pub(crate) struct ViewBody {
    id: String,
    name: String,
    filter: ViewFilterBody,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// All that the caller keeps, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct ViewsBody {
    items: Vec<ViewBody>,
}

/// A filter to keep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewViewBody {
    name: String,
    filter: ViewFilterBody,
}

impl From<SavedView> for ViewBody {
    fn from(view: SavedView) -> Self {
        let SavedFilter { search, act, credential, actor, since, until } = view.filter;
        let filter = ViewFilterBody { search, act, credential, actor, since, until };
        Self { id: view.id.to_string(), name: view.name.to_string(), filter, created_at: view.created_at }
    }
}

/// The filters that the caller keeps, by name.
#[utoipa::path(get, path = "/api/v1/audit/views", tag = "audit",
    responses((status = 200, body = ViewsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<ViewsBody>, Problem> {
    let items = state.vault().saved_views(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(ViewsBody { items }))
}

/// Keeps a filter for the caller.
#[utoipa::path(post, path = "/api/v1/audit/views", tag = "audit", request_body = NewViewBody,
    responses((status = 201, body = ViewBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewViewBody>,
) -> Result<(StatusCode, Json<ViewBody>), Problem> {
    let ViewFilterBody { search, act, credential, actor: by, since, until } = body.filter;
    let filter = SavedFilter { search, act, credential, actor: by, since, until };
    let view = state.vault().save_view(&actor, ViewName::parse(&body.name)?, filter).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Forgets a filter that the caller keeps.
#[utoipa::path(delete, path = "/api/v1/audit/views/{id}", tag = "audit",
    params(("id" = String, Path, description = "UUID")),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<ViewId>,
) -> Result<StatusCode, Problem> {
    state.vault().delete_view(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
