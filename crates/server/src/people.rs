//! `/api/v1/users`: people and their roles.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use countersign_model::{Role, Timestamp, UserId, UserName};
use countersign_vault::{NewPerson, PersonEdit, PersonView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    extract::{Body, Caller, Id},
    seeds::SecretText,
};

/// A person.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    id: String,
    name: String,
    role: &'static str,
    second_factor: bool,
    disabled: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sign_in_at: Option<Timestamp>,
}

impl From<PersonView> for UserBody {
    fn from(it: PersonView) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name,
            role: it.role.name(),
            second_factor: it.second_factor,
            disabled: it.disabled,
            created_at: it.created_at,
            last_sign_in_at: it.last_sign_in_at,
        }
    }
}

/// People.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsersBody {
    items: Vec<UserBody>,
}

/// A person to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserBody {
    name: String,
    /// `administrator`, `manager`, `member` or `auditor`.
    role: String,
    #[schema(value_type = String)]
    password: SecretText,
}

/// What to change of a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatchBody {
    role: Option<String>,
    disabled: Option<bool>,
    /// Signs them out everywhere.
    #[schema(value_type = Option<String>)]
    password: Option<SecretText>,
    /// Forgets their second factor and signs them out everywhere.
    #[serde(default)]
    reset_second_factor: bool,
}

/// Everybody, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "users",
    responses((status = 200, body = UsersBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<UsersBody>, Problem> {
    let items = state.vault().people(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(UsersBody { items }))
}

/// Adds a person.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = NewUserBody,
    responses((status = 201, body = UserBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewUserBody>,
) -> Result<impl IntoResponse, Problem> {
    let new = NewPerson {
        name: UserName::parse(&body.name)?,
        role: body.role.parse::<Role>()?,
        password: body.password.into_secret(),
    };
    let person = state.vault().create_person(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(UserBody::from(person))))
}

/// Changes a person.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", request_body = UserPatchBody,
    params(("id" = String, Path)),
    responses((status = 200, body = UserBody), (status = "4XX", body = Problem)))]
pub(crate) async fn patch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
    Body(body): Body<UserPatchBody>,
) -> Result<Json<UserBody>, Problem> {
    let edit = PersonEdit {
        role: body.role.as_deref().map(str::parse).transpose()?,
        disabled: body.disabled,
        password: body.password.map(SecretText::into_secret),
        reset_second_factor: body.reset_second_factor,
    };
    Ok(Json(state.vault().edit_person(&actor, id, edit).await?.into()))
}

/// Removes a person with their browsers, API tokens and grants.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    state.vault().remove_person(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
