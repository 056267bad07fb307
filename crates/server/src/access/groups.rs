//! Groups of users, and who is in them.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{GroupName, Principal, Timestamp, UserId};
use countersign_vault::{GroupRef, GroupView, HolderRef, MemberView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id, TwoIds},
};

/// A group.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupBody {
    id: String,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The users who are directly in it.
    users: Vec<GroupUserBody>,
    /// The groups that are directly in it.
    groups: Vec<InnerGroupBody>,
    /// Whether an identity provider says who is in it: then neither name nor members are changed here.
    provisioned: bool,
    /// How many users are in it, directly or by a group in it.
    people: usize,
}

/// A user in a group.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupUserBody {
    id: String,
    name: String,
    role: &'static str,
}

/// A group in a group.
#[derive(Serialize, ToSchema)]
pub(crate) struct InnerGroupBody {
    id: String,
    name: String,
}

impl From<GroupView> for GroupBody {
    fn from(view: GroupView) -> Self {
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for MemberView { member, name, role } in view.members {
            match (member, role) {
                (Principal::User(id), Some(role)) => {
                    users.push(GroupUserBody { id: id.to_string(), name, role: role.name() });
                }
                (Principal::User(_), None) => {}
                (Principal::Group(id), _) => groups.push(InnerGroupBody { id: id.to_string(), name }),
            }
        }
        let (id, name) = (view.id.to_string(), view.name.to_string());
        Self {
            id,
            name,
            created_at: view.created_at,
            users,
            groups,
            provisioned: view.provisioned,
            people: view.people,
        }
    }
}

/// Every group.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupsBody {
    items: Vec<GroupBody>,
}

/// A group to make, or another name for one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupNameBody {
    name: String,
}

/// A user, by UUID or as `name:NAME`.
pub(crate) fn user_of(text: &str) -> Result<HolderRef, Problem> {
    match text.strip_prefix("name:") {
        Some(name) => Ok(HolderRef::UserName(name.to_owned())),
        None => text.parse::<UserId>().map(HolderRef::User).map_err(|_| Problem::not_found("there is no such user")),
    }
}

/// A group, by UUID or as `name:NAME`.
pub(crate) fn group_of(text: &str) -> Result<GroupRef, Problem> {
    Ok(text.parse()?)
}

/// Every group with who is in it, by name; for who manages them, and for auditors.
#[utoipa::path(get, path = "/api/v1/groups", tag = "access",
    responses((status = 200, body = GroupsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<GroupsBody>, Problem> {
    let items = state.vault().groups(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(GroupsBody { items }))
}

/// Makes a group with nobody in it.
#[utoipa::path(post, path = "/api/v1/groups", tag = "access", request_body = GroupNameBody,
    responses((status = 201, body = GroupBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<GroupNameBody>,
) -> Result<(StatusCode, Json<GroupBody>), Problem> {
    let view = state.vault().create_group(&actor, &GroupName::parse(&body.name)?).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// One group.
#[utoipa::path(get, path = "/api/v1/groups/{id}", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GroupBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
) -> Result<Json<GroupBody>, Problem> {
    Ok(Json(state.vault().group(&actor, &group_of(&id)?).await?.into()))
}

/// Gives a group another name.
#[utoipa::path(patch, path = "/api/v1/groups/{id}", tag = "access", request_body = GroupNameBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GroupBody), (status = "4XX", body = Problem)))]
pub(crate) async fn rename(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
    Body(body): Body<GroupNameBody>,
) -> Result<Json<GroupBody>, Problem> {
    let name = GroupName::parse(&body.name)?;
    Ok(Json(state.vault().rename_group(&actor, &group_of(&id)?, &name).await?.into()))
}

/// Removes a group with what was granted to it. Who was in it stays.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
) -> Result<StatusCode, Problem> {
    state.vault().remove_group(&actor, &group_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a user into a group.
#[utoipa::path(put, path = "/api/v1/groups/{id}/users/{user}", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`"), ("user" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GroupBody), (status = "4XX", body = Problem)))]
pub(crate) async fn add_user(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, user): TwoIds,
) -> Result<Json<GroupBody>, Problem> {
    Ok(Json(state.vault().add_group_member(&actor, &group_of(&id)?, &user_of(&user)?).await?.into()))
}

/// Takes a user out of a group.
#[utoipa::path(delete, path = "/api/v1/groups/{id}/users/{user}", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`"), ("user" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GroupBody), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_user(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, user): TwoIds,
) -> Result<Json<GroupBody>, Problem> {
    Ok(Json(state.vault().remove_group_member(&actor, &group_of(&id)?, &user_of(&user)?).await?.into()))
}

/// Puts a group into a group. One that would hold itself by it is refused.
#[utoipa::path(put, path = "/api/v1/groups/{id}/groups/{inner}", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`"), ("inner" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GroupBody), (status = 409, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn add_group(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, inner): TwoIds,
) -> Result<Json<GroupBody>, Problem> {
    let inner = HolderRef::Group(group_of(&inner)?);
    Ok(Json(state.vault().add_group_member(&actor, &group_of(&id)?, &inner).await?.into()))
}

/// Takes a group out of a group.
#[utoipa::path(delete, path = "/api/v1/groups/{id}/groups/{inner}", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`"), ("inner" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GroupBody), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_group(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, inner): TwoIds,
) -> Result<Json<GroupBody>, Problem> {
    let inner = HolderRef::Group(group_of(&inner)?);
    Ok(Json(state.vault().remove_group_member(&actor, &group_of(&id)?, &inner).await?.into()))
}
