//! `/api/v1/users`: people and their roles.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_model::{Role, Timestamp, UserId, UserName};
use countersign_vault::{NewPerson, PersonEdit, PersonLink, PersonView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    credentials::seeds::SecretText,
    request::extract::{Body, Caller, Id},
    users::sign_in::second_factors,
};

/// A person.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    id: String,
    name: String,
    role: &'static str,
    /// Whether it is a service account, by which nobody signs in.
    service_account: bool,
    /// Whether an identity provider has provisioned them.
    provisioned: bool,
    second_factor: bool,
    /// `authenticator_app`, `passkey`.
    second_factors: Vec<&'static str>,
    disabled: bool,
    /// Whether they change their password before anything else, because somebody else has chosen it.
    must_change_password: bool,
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
            second_factor: it.second_factor(),
            second_factors: second_factors(&it),
            name: it.name,
            role: it.role.name(),
            service_account: it.service_account,
            provisioned: it.provisioned,
            disabled: it.disabled,
            must_change_password: it.must_change_password,
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
    /// A first password, which they change before anything else. Left out, they choose it themselves by a link.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Option<SecretText>,
}

/// A person who was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewUserMadeBody {
    #[serde(flatten)]
    user: UserBody,
    /// By which they choose their password; only here, and only where none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_link: Option<PersonLinkBody>,
}

/// A link by which one person chooses their password, once.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonLinkBody {
    /// To be put behind `/#/welcome/`.
    link: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<PersonLink> for PersonLinkBody {
    fn from(it: PersonLink) -> Self {
        Self { link: it.link.expose_text().unwrap_or_default().to_owned(), expires_at: it.expires_at }
    }
}

/// What to change of a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatchBody {
    role: Option<String>,
    disabled: Option<bool>,
    /// They change it before anything else. Signs them out everywhere.
    #[schema(value_type = Option<String>)]
    password: Option<SecretText>,
    /// Forgets their authenticator app, passkeys and recovery codes, and signs them out everywhere.
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

/// Adds a person, with a first password or with a link by which they choose one.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = NewUserBody,
    responses((status = 201, body = NewUserMadeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewUserBody>,
) -> Result<impl IntoResponse, Problem> {
    let (name, role) = (UserName::parse(&body.name)?, body.role.parse::<Role>()?);
    let (person, link) = match body.password {
        Some(password) => {
            let new = NewPerson { name, role, password: password.into_secret() };
            (state.vault().create_person(&actor, new).await?, None)
        }
        None => {
            let (person, link) = state.vault().create_person_with_link(&actor, &name, role).await?;
            (person, Some(link.into()))
        }
    };
    let body = NewUserMadeBody { user: person.into(), setup_link: link };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// Makes a link by which a person chooses another password, once, within three days. It is shown this once.
#[utoipa::path(post, path = "/api/v1/users/{id}/setup-link", tag = "users", params(("id" = String, Path)),
    responses((status = 201, body = PersonLinkBody), (status = "4XX", body = Problem)))]
pub(crate) async fn setup_link(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<impl IntoResponse, Problem> {
    let link = state.vault().make_person_link(&actor, id).await?;
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(PersonLinkBody::from(link))))
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
