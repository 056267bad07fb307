//! `/api/v1/bin`: credentials that were removed, to restore them or to delete them.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{CredentialId, CredentialName, Tag, Timestamp};
use countersign_vault::RemovedView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credential::{CredentialBody, SecondFactorBody, SiteBody};
use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id, Listed, PagingParams},
};

/// All of it is listed, by pages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BinParams {}

/// A page of the bin, the last removed first.
#[derive(Serialize, ToSchema)]
pub(crate) struct BinBody {
    items: Vec<RemovedBody>,
    next_cursor: Option<String>,
    /// How many there are in all.
    total: Option<u64>,
}

/// A credential in the bin, without its secrets.
#[derive(Serialize, ToSchema)]
pub(crate) struct RemovedBody {
    /// Which it keeps when it is restored.
    id: String,
    name: String,
    username: String,
    site: Option<SiteBody>,
    tags: Vec<String>,
    has_password: bool,
    second_factor: Option<SecondFactorBody>,
    #[schema(value_type = String, format = DateTime)]
    removed_at: Timestamp,
    /// By name at that time: a user's, or `owner/token name`.
    removed_by: String,
    /// When it is deleted with its secrets.
    #[schema(value_type = String, format = DateTime)]
    deleted_at: Timestamp,
}

impl From<RemovedView> for RemovedBody {
    fn from(it: RemovedView) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name.to_string(),
            username: it.username.to_string(),
            site: it.site.map(|url| SiteBody { url: url.to_string() }),
            tags: it.tags.iter().map(Tag::to_string).collect(),
            has_password: it.has_password,
            second_factor: it.second_factor.map(SecondFactorBody::from),
            removed_at: it.removed_at,
            removed_by: it.removed_by,
            deleted_at: it.deleted_at,
        }
    }
}

/// Puts a credential back.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RestoreBody {
    /// Another name, where its own was given to another meanwhile.
    name: Option<String>,
}

/// The credentials that were removed and can be restored, the last removed first. For those who may remove credentials.
#[utoipa::path(get, path = "/api/v1/bin", tag = "credentials", params(PagingParams),
    responses((status = 200, body = BinBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(BinParams {}, paging): Listed<BinParams>,
) -> Result<Json<BinBody>, Problem> {
    let page = state.vault().removed_credentials(&actor, &paging).await?.map(RemovedBody::from);
    Ok(Json(BinBody { items: page.items, next_cursor: page.next_cursor, total: page.total }))
}

/// Restores a removed credential with its secrets, former passwords and site settings, and with what was granted on it alone.
/// Its changes, requests and check-outs are in the audit log alone.
#[utoipa::path(post, path = "/api/v1/bin/{id}/restore", tag = "credentials", params(("id" = String, Path)),
    request_body = RestoreBody, responses((status = 200, body = CredentialBody), (status = "4XX", body = Problem)))]
pub(crate) async fn restore(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<CredentialId>,
    Body(body): Body<RestoreBody>,
) -> Result<Json<CredentialBody>, Problem> {
    let name = body.name.as_deref().map(CredentialName::parse).transpose()?;
    let (view, warnings) = state.vault().restore_credential(&actor, id, name).await?;
    Ok(Json(CredentialBody::new(view, warnings)))
}

/// Deletes a removed credential with all its secrets, permanently.
#[utoipa::path(delete, path = "/api/v1/bin/{id}", tag = "credentials", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<CredentialId>,
) -> Result<StatusCode, Problem> {
    state.vault().delete_removed_credential(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
