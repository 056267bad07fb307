//! `/scim/v2/Users`.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use countersign_model::UserId;
use countersign_scim::{Filter, UserInput, UserResource, change, page};
use countersign_vault::{ScimLookup, ScimPerson};
use serde_json::Value;

use super::answer::{Body, Caller, Id, Listing, Refused, answer};
use crate::AppState;

fn told(caller: &Caller, person: &ScimPerson) -> Value {
    let id = person.id.to_string();
    let location = format!("{}/Users/{id}", caller.base);
    let (created, modified) = (person.created_at.to_string(), person.updated_at.to_string());
    let resource =
        UserResource { id: &id, user: &person.user, created: &created, modified: &modified, location: &location };
    resource.json()
}

/// What a filter lets find at once, without looking at everybody.
pub(super) fn lookup<'a>(filter: Option<&'a Filter>, name: &str) -> ScimLookup<'a> {
    let wanted = |attribute| filter.and_then(|filter| filter.wanted(attribute));
    match (wanted(name), wanted("externalId")) {
        (Some(name), _) => ScimLookup::Name(name),
        (None, Some(id)) => ScimLookup::External(id),
        (None, None) => ScimLookup::All,
    }
}

pub(super) async fn list(State(state): State<AppState>, caller: Caller, ask: Listing) -> Result<Response, Refused> {
    let people = state.vault().scim_people(&caller.scim, lookup(ask.filter.as_ref(), "userName")).await?;
    let told = people.iter().map(|person| told(&caller, person));
    let found = told.filter(|one| ask.filter.as_ref().is_none_or(|filter| filter.matches(one))).collect();
    Ok(answer(200, &page(found, ask.start, ask.count)))
}

pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body,
) -> Result<Response, Refused> {
    let person = state.vault().scim_create_person(&caller.scim, &UserInput::read(&body)?).await?;
    Ok(answer(201, &told(&caller, &person)))
}

pub(super) async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
) -> Result<Response, Refused> {
    let person = state.vault().scim_person(&caller.scim, id).await?;
    Ok(answer(200, &told(&caller, &person)))
}

pub(super) async fn replace(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
    Body(body): Body,
) -> Result<Response, Refused> {
    let input = UserInput::read(&body)?;
    let person = state.vault().scim_change_person::<Refused>(&caller.scim, id, |_| Ok(input)).await?;
    Ok(answer(200, &told(&caller, &person)))
}

pub(super) async fn patch(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
    Body(body): Body,
) -> Result<Response, Refused> {
    let changed = |before: &ScimPerson| -> Result<UserInput, Refused> {
        let mut resource = told(&caller, before);
        // Whether they are active may be by our word: only what this request says of it is the provider's.
        resource.as_object_mut().map(|fields| fields.remove("active"));
        Ok(UserInput::read(&change(&resource, &body)?)?)
    };
    let person = state.vault().scim_change_person(&caller.scim, id, changed).await?;
    Ok(answer(200, &told(&caller, &person)))
}

pub(super) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
) -> Result<Response, Refused> {
    state.vault().scim_remove_person(&caller.scim, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
