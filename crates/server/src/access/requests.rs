//! `/api/v1/requests`: asking for what others have to approve, and deciding about it.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{Actor, Purpose, Reason, RequestId, RequestState, Timestamp};
use countersign_vault::{
    LastUse, RequestDecision, RequestDraft, RequestLevelView, RequestListRequest, RequestPermissions, RequestScope,
    RequestView, Requestable,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    conditions::ApprovalBody,
    granting::{NamedBody, PermissionsBody},
};
use crate::{
    AppState, Problem,
    request::{
        extract::{Body, Caller, Id, Listed, PagingParams, Wanted},
        purpose::with_ticket,
    },
};

/// Asks for access that a grant gives after others have approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRequestBody {
    /// UUID, or `name:NAME`.
    credential: String,
    /// What is asked for; no more than one grant allows.
    permissions: PermissionsBody,
    /// For how many minutes; as long as the grant allows when nothing is said.
    minutes: Option<u32>,
    /// Not before; as soon as it is approved when nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Timestamp>,
    /// Why: those who approve read it. The header `Countersign-Reason` serves, too.
    reason: Option<String>,
    /// The number of a ticket, where the grant asks for one. The header `Countersign-Ticket` serves, too.
    ticket: Option<String>,
    /// Why it cannot wait for an approval. It is allowed at once, for as long as the grant says, and everybody who approves is told.
    emergency: Option<String>,
}

/// A decision, with what is said to it.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DecisionBody {
    /// What is said to it, for the record.
    comment: Option<String>,
}

/// An approval.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ApproveBody {
    /// For how many minutes; no more than were asked for.
    minutes: Option<u32>,
    /// What is said to it, for the record.
    comment: Option<String>,
}

/// A request.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessRequestBody {
    id: String,
    /// `pending`, `approved`, `rejected`, `cancelled`, `revoked`, `expired`.
    state: &'static str,
    user: NamedBody,
    credential: NamedBody,
    /// The grant by which it was asked for.
    grant: String,
    permissions: PermissionsBody,
    /// For how long it was asked for, or approved where somebody has shortened it.
    minutes: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Timestamp>,
    reason: Option<String>,
    ticket: Option<String>,
    /// Why it could not wait; not null where it was allowed before anybody had approved.
    emergency: Option<String>,
    /// From which address it was asked for.
    address: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when it waits for approvals.
    #[schema(value_type = String, format = DateTime)]
    waits_until: Timestamp,
    /// From when on it is allowed, once it is approved.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until when it is allowed.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Who approves, one level after the other.
    levels: Vec<RequestLevelBody>,
    /// Who ended it before its time, if somebody did.
    closed: Option<ClosedBody>,
    may: RequestPermissionsBody,
    /// Whether the access by which it was asked is still there for who asked, and asks for the same. Where it is not, nothing is allowed
    /// by the request now.
    applies: bool,
    /// Whether you may see the credential; false in lists.
    visible: bool,
    /// The sessions that were started by it; not in lists.
    sessions: Vec<String>,
    /// How the credential was last used, for who decides; not in lists.
    last_uses: Vec<LastUseBody>,
}

/// One level of approvers of a request.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestLevelBody {
    group: String,
    /// Its name; null where it is gone.
    name: Option<String>,
    /// How many have to approve.
    approvals: u8,
    /// Who has.
    given: Vec<SaidBody>,
}

/// Who said something to a request, and when.
#[derive(Serialize, ToSchema)]
pub(crate) struct SaidBody {
    by: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    comment: Option<String>,
}

/// How a request was ended before its time.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClosedBody {
    by: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    comment: Option<String>,
}

/// What you may do about a request.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub(crate) struct RequestPermissionsBody {
    approve: bool,
    reject: bool,
    cancel: bool,
    revoke: bool,
}

/// One use of a credential.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastUseBody {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    by: String,
    /// The record's act, such as `token.read`.
    act: String,
}

/// A page of requests.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessRequestsBody {
    items: Vec<AccessRequestBody>,
    next_cursor: Option<String>,
    /// How many await you, where that was asked for.
    total: Option<u64>,
}

/// What you can ask for with a credential.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestablesBody {
    items: Vec<RequestableBody>,
}

/// What one of your grants would allow after others have approved.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestableBody {
    permissions: PermissionsBody,
    /// Who approves, and for how long it serves.
    approval: ApprovalBody,
    /// The regular expression of the ticket's number that is asked for.
    ticket: Option<String>,
}

/// Which requests to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestListParams {
    /// `mine`: your own; `to_decide`: those that await your approval, the first asked first; `all`, when nothing is said: every one that
    /// you may know of.
    scope: Option<String>,
    /// `pending`, `approved`, `rejected`, `cancelled`, `revoked`, `expired`.
    state: Option<String>,
    /// For this credential: UUID, or `name:NAME`.
    credential: Option<String>,
}

impl From<RequestView> for AccessRequestBody {
    fn from(view: RequestView) -> Self {
        let (applies, visible) = (view.applies, view.visible);
        let RequestView { request, state, credential_name, person_name, levels, may, sessions, last_uses, .. } = view;
        let terms = request.terms;
        let (from, until) = request.window.unzip();
        let text = |reason: Option<Reason>| reason.map(|reason| reason.as_str().to_owned());
        Self {
            id: request.id.to_string(),
            state: state.name(),
            user: NamedBody { id: request.person.to_string(), name: person_name, role: None, service_account: false },
            credential: NamedBody {
                id: request.credential.to_string(),
                name: credential_name,
                role: None,
                service_account: false,
            },
            grant: request.grant.to_string(),
            permissions: terms.permissions.into(),
            minutes: terms.minutes,
            not_before: terms.not_before,
            reason: text(terms.reason),
            ticket: terms.ticket.map(|ticket| ticket.as_str().to_owned()),
            emergency: text(terms.emergency),
            address: terms.address,
            created_at: request.created_at,
            waits_until: request.waits_until,
            from,
            until,
            levels: levels.into_iter().map(Into::into).collect(),
            closed: request.closed.map(|it| ClosedBody { by: it.by, at: it.at, comment: text(it.comment) }),
            may: may.into(),
            applies,
            visible,
            sessions: sessions.iter().map(ToString::to_string).collect(),
            last_uses: last_uses.into_iter().map(|LastUse { at, by, act }| LastUseBody { at, by, act }).collect(),
        }
    }
}

impl From<RequestLevelView> for RequestLevelBody {
    fn from(RequestLevelView { group, name, approvals, given }: RequestLevelView) -> Self {
        let given = given.into_iter().map(|it| {
            let comment = it.comment.map(|comment| comment.as_str().to_owned());
            SaidBody { by: it.name, at: it.at, comment }
        });
        Self { group: group.to_string(), name, approvals, given: given.collect() }
    }
}

impl From<RequestPermissions> for RequestPermissionsBody {
    fn from(RequestPermissions { approve, reject, cancel, revoke }: RequestPermissions) -> Self {
        Self { approve, reject, cancel, revoke }
    }
}

/// What somebody says, as the field of that name.
fn said(field: &'static str, text: Option<&str>) -> Result<Option<Reason>, Problem> {
    let text = text.filter(|text| !text.trim().is_empty()).map(Reason::parse);
    text.transpose().map_err(|invalid| Problem::invalid(field, invalid.problem))
}

/// Why something cannot wait. Nothing said is no emergency, and not an ordinary request either.
fn emergency(text: Option<&str>) -> Result<Option<Reason>, Problem> {
    match (text, said("emergency", text)?) {
        (Some(_), None) => Err(Problem::invalid("emergency", "is empty: say why it cannot wait, or leave it out")),
        (_, said) => Ok(said),
    }
}

/// A page of requests: yours, those that await you, or all that you may know of.
#[utoipa::path(get, path = "/api/v1/requests", tag = "access", params(RequestListParams, PagingParams),
    responses((status = 200, body = AccessRequestsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<RequestListParams>,
) -> Result<Json<AccessRequestsBody>, Problem> {
    let scope = match params.scope.as_deref() {
        None | Some("all") => RequestScope::All,
        Some("mine") => RequestScope::Mine,
        Some("to_decide") => RequestScope::ToDecide,
        Some(_) => return Err(Problem::invalid("scope", "is none: use mine, to_decide or all")),
    };
    let ask = RequestListRequest {
        scope,
        state: params.state.as_deref().map(str::parse::<RequestState>).transpose()?,
        credential: params.credential.as_deref().map(str::parse).transpose()?,
        paging,
    };
    let page = state.vault().list_requests(&actor, &ask).await?.map(Into::into);
    Ok(Json(AccessRequestsBody { items: page.items, next_cursor: page.next_cursor, total: page.total }))
}

/// What you can ask for with a credential; empty where no grant of yours asks for an approval.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/requestable", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = RequestablesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn requestable(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<RequestablesBody>, Problem> {
    let one = |it: Requestable| RequestableBody {
        permissions: it.permissions.into(),
        approval: ApprovalBody::of(&it.rule, &it.approvers),
        ticket: it.ticket.map(|pattern| pattern.to_string()),
    };
    let items = state.vault().requestable(&actor, &wanted).await?.into_iter().map(one).collect();
    Ok(Json(RequestablesBody { items }))
}

/// Asks for access. It is allowed once everybody who has to has approved; in an emergency at once, where the grant provides for it.
#[utoipa::path(post, path = "/api/v1/requests", tag = "access", request_body = NewRequestBody,
    responses((status = 201, body = AccessRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewRequestBody>,
) -> Result<(StatusCode, Json<AccessRequestBody>), Problem> {
    let actor = with_ticket(actor, body.ticket.as_deref())?;
    let reason = said("reason", body.reason.as_deref())?.or(actor.purpose.reason);
    let actor = Actor { purpose: Purpose { reason, ..actor.purpose }, ..actor };
    let draft = RequestDraft {
        credential: body.credential.parse()?,
        permissions: body.permissions.understand()?,
        minutes: body.minutes,
        not_before: body.not_before,
        emergency: emergency(body.emergency.as_deref())?,
    };
    let view = state.vault().request_access(&actor, draft).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// One request, with the sessions that were started by it.
#[utoipa::path(get, path = "/api/v1/requests/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = AccessRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RequestId>,
) -> Result<Json<AccessRequestBody>, Problem> {
    Ok(Json(state.vault().request(&actor, id).await?.into()))
}

/// Approves a request, for as long as it asks or for less.
#[utoipa::path(post, path = "/api/v1/requests/{id}/approve", tag = "access", request_body = ApproveBody,
    params(("id" = String, Path)),
    responses((status = 200, body = AccessRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn approve(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RequestId>,
    body: Option<Body<ApproveBody>>,
) -> Result<Json<AccessRequestBody>, Problem> {
    let ApproveBody { minutes, comment } = body.map(|Body(body)| body).unwrap_or_default();
    decide(&state, &actor, id, RequestDecision::Approve(minutes), comment.as_deref()).await
}

/// Rejects a request.
#[utoipa::path(post, path = "/api/v1/requests/{id}/reject", tag = "access", request_body = DecisionBody,
    params(("id" = String, Path)),
    responses((status = 200, body = AccessRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn reject(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RequestId>,
    body: Option<Body<DecisionBody>>,
) -> Result<Json<AccessRequestBody>, Problem> {
    decide(&state, &actor, id, RequestDecision::Reject, comment_of(&body)).await
}

/// Takes your own request back; what was approved ends with it.
#[utoipa::path(post, path = "/api/v1/requests/{id}/cancel", tag = "access", request_body = DecisionBody,
    params(("id" = String, Path)),
    responses((status = 200, body = AccessRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RequestId>,
    body: Option<Body<DecisionBody>>,
) -> Result<Json<AccessRequestBody>, Problem> {
    decide(&state, &actor, id, RequestDecision::Cancel, comment_of(&body)).await
}

/// Ends what was approved, with the sessions that were started by it.
#[utoipa::path(post, path = "/api/v1/requests/{id}/revoke", tag = "access", request_body = DecisionBody,
    params(("id" = String, Path)),
    responses((status = 200, body = AccessRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RequestId>,
    body: Option<Body<DecisionBody>>,
) -> Result<Json<AccessRequestBody>, Problem> {
    decide(&state, &actor, id, RequestDecision::Revoke, comment_of(&body)).await
}

fn comment_of(body: &Option<Body<DecisionBody>>) -> Option<&str> {
    body.as_ref().and_then(|Body(body)| body.comment.as_deref())
}

async fn decide(
    state: &AppState,
    actor: &Actor,
    id: RequestId,
    decision: RequestDecision,
    comment: Option<&str>,
) -> Result<Json<AccessRequestBody>, Problem> {
    Ok(Json(state.vault().decide_request(actor, id, decision, said("comment", comment)?).await?.into()))
}
