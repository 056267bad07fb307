//! `/scim/v2/Groups`.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use countersign_model::GroupId;
use countersign_scim::{GroupInput, GroupResource, change, page};
use countersign_vault::ScimGroup;
use serde_json::Value;

use super::{
    answer::{Body, Caller, Id, Listing, Refused, answer},
    users::lookup,
};
use crate::AppState;

fn told(caller: &Caller, group: &ScimGroup, members: bool) -> Value {
    let id = group.id.to_string();
    let location = format!("{}/Groups/{id}", caller.base);
    let named: Vec<(String, String)> = group.members.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let resource = GroupResource {
        id: &id,
        display_name: &group.name,
        external_id: group.external_id.as_deref(),
        members: &named,
        created: &group.created_at.to_string(),
        location: &location,
    };
    resource.json(members)
}

pub(super) async fn list(State(state): State<AppState>, caller: Caller, ask: Listing) -> Result<Response, Refused> {
    let (wanted, members) = (lookup(ask.filter.as_ref(), "displayName"), !ask.without_members);
    let groups = state.vault().scim_groups(&caller.scim, wanted, true).await?;
    let passes = |group: &&ScimGroup| {
        let whole = told(&caller, group, true);
        ask.filter.as_ref().is_none_or(|filter| filter.matches(&whole))
    };
    let found = groups.iter().filter(passes).map(|group| told(&caller, group, members)).collect();
    Ok(answer(200, &page(found, ask.start, ask.count)))
}

pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body,
) -> Result<Response, Refused> {
    let group = state.vault().scim_create_group(&caller.scim, &GroupInput::read(&body)?).await?;
    Ok(answer(201, &told(&caller, &group, true)))
}

pub(super) async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<GroupId>,
    ask: Listing,
) -> Result<Response, Refused> {
    let group = state.vault().scim_group(&caller.scim, id).await?;
    Ok(answer(200, &told(&caller, &group, !ask.without_members)))
}

pub(super) async fn replace(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<GroupId>,
    Body(body): Body,
) -> Result<Response, Refused> {
    let input = GroupInput::read(&body)?;
    let group = state.vault().scim_change_group::<Refused>(&caller.scim, id, |_| Ok(input)).await?;
    Ok(answer(200, &told(&caller, &group, true)))
}

pub(super) async fn patch(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<GroupId>,
    Body(body): Body,
) -> Result<Response, Refused> {
    let changed = |before: &ScimGroup| -> Result<GroupInput, Refused> {
        Ok(GroupInput::read(&change(&told(&caller, before, true), &body)?)?)
    };
    let group = state.vault().scim_change_group(&caller.scim, id, changed).await?;
    Ok(answer(200, &told(&caller, &group, true)))
}

pub(super) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<GroupId>,
) -> Result<Response, Refused> {
    state.vault().scim_remove_group(&caller.scim, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
