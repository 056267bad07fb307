//! `/scim/v2`: what identity providers call to provision users and groups (RFC 7644). It stands beside the API's description, since its
//! resources, errors and media type are the standard's own.

mod answer;
mod groups;
mod users;

use axum::{
    Router,
    extract::{Path, State},
    http::Method,
    response::Response,
    routing::{any, get},
};
use countersign_scim::{ScimError, page, resource_types, schemas, service_provider_config};

use crate::AppState;
use answer::{Caller, answer, refused};

/// Everything that a provider may call.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(config))
        .route("/scim/v2/ResourceTypes", get(types))
        .route("/scim/v2/ResourceTypes/{id}", get(one_type))
        .route("/scim/v2/Schemas", get(all_schemas))
        .route("/scim/v2/Schemas/{id}", get(one_schema))
        .route("/scim/v2/Users", get(users::list).post(users::create))
        .route("/scim/v2/Users/{id}", get(users::read).put(users::replace).patch(users::patch).delete(users::remove))
        .route("/scim/v2/Groups", get(groups::list).post(groups::create))
        .route(
            "/scim/v2/Groups/{id}",
            get(groups::read).put(groups::replace).patch(groups::patch).delete(groups::remove),
        )
        .route("/scim/v2/{*rest}", any(nothing))
        .method_not_allowed_fallback(not_so)
}

async fn config(_: Caller) -> Response {
    answer(200, &service_provider_config())
}

async fn types(_: Caller) -> Response {
    answer(200, &page(resource_types(), 1, usize::MAX))
}

async fn one_type(_: Caller, Path(id): Path<String>) -> Response {
    one_of(resource_types(), &id)
}

async fn all_schemas(_: Caller) -> Response {
    answer(200, &page(schemas(), 1, usize::MAX))
}

async fn one_schema(_: Caller, Path(id): Path<String>) -> Response {
    one_of(schemas(), &id)
}

fn one_of(all: Vec<serde_json::Value>, id: &str) -> Response {
    match all.into_iter().find(|one| one["id"] == id) {
        Some(one) => answer(200, &one),
        None => refused(&ScimError::plain(404, "there is no such resource")),
    }
}

async fn nothing(_: Caller) -> Response {
    refused(&ScimError::plain(404, "there is no such endpoint: there are Users and Groups"))
}

async fn not_so(State(_): State<AppState>, method: Method) -> Response {
    refused(&ScimError::plain(405, format!("{method} is not possible here")))
}
