//! `/api/v1/credentials/{id}/check-out`: having a credential for oneself alone, and waiting for it.

use axum::{Json, extract::State};
use countersign_model::{Actor, Held, Purpose, Reason, Timestamp};
use countersign_vault::CheckOutView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{conditions::CheckOutRuleBody, granting::NamedBody};
use crate::{
    AppState, Problem,
    request::{
        extract::{Body, Caller, Wanted},
        purpose::with_ticket,
    },
};

/// Checks a credential out.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NewCheckOutBody {
    /// For how many minutes; as long as the grant allows when nothing is said.
    minutes: Option<u32>,
    /// Why, where the grant asks for a reason. The header `Countersign-Reason` serves, too.
    reason: Option<String>,
    /// The number of a ticket, where the grant asks for one.
    ticket: Option<String>,
}

/// Keeps it for longer.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExtendBody {
    /// For how many minutes from now; as long as the grant allows when nothing is said.
    minutes: Option<u32>,
}

/// Who has a credential, and who waits for it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckOutBody {
    /// Null while nobody has it.
    held: Option<HeldBody>,
    /// Who waits, the first first.
    queue: Vec<WaitingBody>,
    /// For whom it is kept now; null while somebody has it, and when nobody waits.
    turn: Option<TurnBody>,
    /// How your grant asks for it, whatever else it asks for; null where none does.
    rule: Option<CheckOutRuleBody>,
    may: CheckOutPermissionsBody,
}

/// Who has it.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeldBody {
    user: NamedBody,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// Who waits for it.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingBody {
    name: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// For whom it is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct TurnBody {
    name: String,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// What you may do about a check-out.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub(crate) struct CheckOutPermissionsBody {
    check_out: bool,
    extend: bool,
    check_in: bool,
    wait: bool,
    leave: bool,
}

impl From<CheckOutView> for CheckOutBody {
    fn from(CheckOutView { held, queue, turn, rule, may }: CheckOutView) -> Self {
        let holder = |it: Held| HeldBody {
            user: NamedBody { id: it.person.to_string(), name: it.name, role: None, service_account: false },
            from: it.from,
            until: it.until,
        };
        Self {
            held: held.map(holder),
            queue: queue.into_iter().map(|(name, since)| WaitingBody { name, since }).collect(),
            turn: turn.map(|(name, until)| TurnBody { name, until }),
            rule: rule.as_ref().map(Into::into),
            may: CheckOutPermissionsBody {
                check_out: may.check_out,
                extend: may.extend,
                check_in: may.check_in,
                wait: may.wait,
                leave: may.leave,
            },
        }
    }
}

/// Who has a credential, and who waits for it.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/check-out", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CheckOutBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<CheckOutBody>, Problem> {
    Ok(Json(state.vault().check_out_of(&actor, &wanted).await?.into()))
}

/// Checks a credential out, for as long as your grant allows or for less. Nobody else uses it by a grant meanwhile.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/check-out", tag = "access", request_body = NewCheckOutBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CheckOutBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    body: Option<Body<NewCheckOutBody>>,
) -> Result<Json<CheckOutBody>, Problem> {
    let NewCheckOutBody { minutes, reason, ticket } = body.map(|Body(body)| body).unwrap_or_default();
    let actor = with_ticket(actor, ticket.as_deref())?;
    let given = reason.as_deref().filter(|text| !text.trim().is_empty()).map(Reason::parse).transpose()?;
    let reason = given.or(actor.purpose.reason);
    let actor = Actor { purpose: Purpose { reason, ..actor.purpose }, ..actor };
    Ok(Json(state.vault().check_out(&actor, &wanted, minutes).await?.into()))
}

/// Keeps for longer what you have checked out, while nobody waits for it.
#[utoipa::path(patch, path = "/api/v1/credentials/{id}/check-out", tag = "access", request_body = ExtendBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CheckOutBody), (status = "4XX", body = Problem)))]
pub(crate) async fn extend(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    body: Option<Body<ExtendBody>>,
) -> Result<Json<CheckOutBody>, Problem> {
    let ExtendBody { minutes } = body.map(|Body(body)| body).unwrap_or_default();
    Ok(Json(state.vault().extend_check_out(&actor, &wanted, minutes).await?.into()))
}

/// Checks a credential in: gives back what you have, or takes it back from who has it, where you manage access. Sessions that were started
/// with it end.
#[utoipa::path(delete, path = "/api/v1/credentials/{id}/check-out", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CheckOutBody), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<CheckOutBody>, Problem> {
    state.vault().check_in(&actor, &wanted).await?;
    // Who does not see the credential any more has given it back all the same.
    match state.vault().check_out_of(&actor, &wanted).await {
        Ok(view) => Ok(Json(view.into())),
        Err(countersign_vault::Error::NotFound(_)) => Ok(Json(CheckOutView::default().into())),
        Err(error) => Err(error.into()),
    }
}

/// Joins the queue of those who wait for it. When it is free it is kept for each for a quarter of an hour.
#[utoipa::path(put, path = "/api/v1/credentials/{id}/check-out/queue", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CheckOutBody), (status = "4XX", body = Problem)))]
pub(crate) async fn wait(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<CheckOutBody>, Problem> {
    Ok(Json(state.vault().wait_for_check_out(&actor, &wanted, true).await?.into()))
}

/// Leaves the queue.
#[utoipa::path(delete, path = "/api/v1/credentials/{id}/check-out/queue", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CheckOutBody), (status = "4XX", body = Problem)))]
pub(crate) async fn leave(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<CheckOutBody>, Problem> {
    Ok(Json(state.vault().wait_for_check_out(&actor, &wanted, false).await?.into()))
}
