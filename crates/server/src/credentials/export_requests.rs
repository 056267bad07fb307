//! `/api/v1/export/approval` and `/api/v1/export/requests`: whether exports need the approval of a second administrator, asking for it,
//! and deciding.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{
    Actor, CredentialId, ExportChoice, Reason, Timestamp, VaultRequest, VaultRequestId, VaultRequestSubject,
};
use countersign_vault::{
    ExportApprovalView, ExportDecision, RequestScope, VaultRequestListRequest, VaultRequestPermissions,
    VaultRequestView,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::export::choice;
use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id, Listed, PagingParams},
};

// A thousand ids.
const MAX_KIB: usize = 64;

/// Whether exports need the approval of a second administrator.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportApprovalBody {
    required: bool,
    /// How many administrators are let in: it takes two.
    administrators: usize,
}

/// Whether exports are to need the approval of a second administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportApprovalEditBody {
    /// `false` is refused while it is `true`: another administrator has to approve that, as a request with `turn_off`.
    required: bool,
}

/// What another administrator is to approve: an export of all credentials, those with a tag, or these; or that exports need no approval
/// any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewExportRequestBody {
    /// That exports need no approval any more; then nothing is said of an export.
    #[serde(default)]
    turn_off: bool,
    /// `otpauth`, `google`, `bitwarden`, `cxf` or `csv`.
    format: Option<String>,
    #[serde(default)]
    all: bool,
    tag: Option<String>,
    /// UUIDs, at most 1,000.
    credentials: Option<Vec<String>>,
    /// Why: who decides reads it.
    reason: String,
}

/// A decision, with what is said to it.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExportDecisionBody {
    /// What is said to it, for the record.
    comment: Option<String>,
}

/// A request to another administrator.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportRequestBody {
    id: String,
    /// `pending`, `approved`, `rejected`, `cancelled`, `expired`, `used`.
    state: &'static str,
    user: ExportRequestUserBody,
    /// Whether it asks that exports need no approval any more.
    turn_off: bool,
    /// The format of the export.
    format: Option<String>,
    /// Whether it is for all credentials.
    all: bool,
    /// For those with this tag.
    tag: Option<String>,
    /// For these: UUIDs.
    credentials: Vec<String>,
    /// The names of those that it names and that are there; not in lists.
    names: Vec<String>,
    /// How many credentials it would export now; not in lists.
    count: Option<usize>,
    reason: String,
    /// From which address it was made.
    address: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when it waits for an approval.
    #[schema(value_type = String, format = DateTime)]
    waits_until: Timestamp,
    /// Who has approved it.
    approved: Option<ExportSaidBody>,
    /// Until when it can be used, once, after it was approved.
    #[schema(value_type = Option<String>, format = DateTime)]
    serves_until: Option<Timestamp>,
    /// How it ended.
    closed: Option<ExportSaidBody>,
    may: ExportRequestPermissionsBody,
    /// Whether who asked is an administrator who is let in. Where they are not, it cannot be approved and serves nothing.
    applies: bool,
}

/// Who asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportRequestUserBody {
    id: String,
    name: String,
}

/// Who said something to a request, and when.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportSaidBody {
    /// Their name then; empty where it was time.
    by: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    comment: Option<String>,
    /// How many credentials the tag had, where that was approved: the export has the same.
    credentials: Option<usize>,
}

/// What you may do about a request.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportRequestPermissionsBody {
    /// Approve or reject it.
    decide: bool,
    /// Take it back.
    cancel: bool,
    /// Export what was approved.
    export: bool,
}

/// A page of requests.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportRequestsBody {
    items: Vec<ExportRequestBody>,
    next_cursor: Option<String>,
    /// How many await you, where that was asked for.
    total: Option<u64>,
}

/// Which requests to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportRequestListParams {
    /// `mine`: your own; `to_decide`: those that await your decision, the first asked first; `all`, when nothing is said.
    scope: Option<String>,
}

impl NewExportRequestBody {
    fn subject(&self) -> Result<VaultRequestSubject, Problem> {
        if self.turn_off {
            let said = self.all || self.format.is_some() || self.tag.is_some() || self.credentials.is_some();
            let alone = "stands alone: it is no export";
            return if said { Err(Problem::invalid("turn_off", alone)) } else { Ok(VaultRequestSubject::TurnOff) };
        }
        let format = self.format.clone().unwrap_or_default();
        let choice = choice(self.all, self.tag.as_deref(), self.credentials.as_deref())?;
        Ok(VaultRequestSubject::Export { format, choice })
    }
}

impl From<VaultRequestView> for ExportRequestBody {
    fn from(view: VaultRequestView) -> Self {
        let VaultRequestView { request, state, person_name, count, names, may, applies } = view;
        let serves_until = request.serves_until();
        let VaultRequest { id, person, created_at, waits_until, closed, terms } = request;
        let (turn_off, format, choice) = match terms.subject {
            VaultRequestSubject::Export { format, choice } => (false, Some(format), Some(choice)),
            VaultRequestSubject::TurnOff => (true, None, None),
        };
        let all = choice == Some(ExportChoice::All);
        let (tag, credentials): (_, Vec<CredentialId>) = match choice {
            Some(ExportChoice::Tagged(tag)) => (Some(tag.to_string()), Vec::new()),
            Some(ExportChoice::Some(ids)) => (None, ids),
            Some(ExportChoice::All) | None => (None, Vec::new()),
        };
        let text = |reason: Option<Reason>| reason.map(|reason| reason.as_str().to_owned());
        Self {
            id: id.to_string(),
            state: state.name(),
            user: ExportRequestUserBody { id: person.to_string(), name: person_name },
            turn_off,
            format,
            all,
            tag,
            credentials: credentials.iter().map(ToString::to_string).collect(),
            names,
            count,
            reason: terms.reason.as_str().to_owned(),
            address: terms.address,
            created_at,
            waits_until,
            approved: terms.approval.map(|given| ExportSaidBody {
                by: given.name,
                at: given.at,
                comment: text(given.comment),
                credentials: given.covered.map(|covered| covered.count),
            }),
            serves_until,
            closed: closed.map(|it| ExportSaidBody {
                by: it.by,
                at: it.at,
                comment: text(it.comment),
                credentials: None,
            }),
            may: may.into(),
            applies,
        }
    }
}

impl From<VaultRequestPermissions> for ExportRequestPermissionsBody {
    fn from(VaultRequestPermissions { decide, cancel, export }: VaultRequestPermissions) -> Self {
        Self { decide, cancel, export }
    }
}

impl From<ExportApprovalView> for ExportApprovalBody {
    fn from(ExportApprovalView { needed, administrators }: ExportApprovalView) -> Self {
        Self { required: needed, administrators }
    }
}

/// Whether exports need the approval of a second administrator.
#[utoipa::path(get, path = "/api/v1/export/approval", tag = "import",
    responses((status = 200, body = ExportApprovalBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read_approval(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<ExportApprovalBody>, Problem> {
    Ok(Json(state.vault().export_approval(&actor).await?.into()))
}

/// Has exports need the approval of a second administrator, where there are two. Turning it off takes the same approval.
#[utoipa::path(put, path = "/api/v1/export/approval", tag = "import", request_body = ExportApprovalEditBody,
    responses((status = 200, body = ExportApprovalBody), (status = "4XX", body = Problem)))]
pub(crate) async fn write_approval(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ExportApprovalEditBody>,
) -> Result<Json<ExportApprovalBody>, Problem> {
    Ok(Json(state.vault().set_export_approval(&actor, body.required).await?.into()))
}

/// A page of requests about exports: yours, those that await you, or all.
#[utoipa::path(get, path = "/api/v1/export/requests", tag = "import", params(ExportRequestListParams, PagingParams),
    responses((status = 200, body = ExportRequestsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<ExportRequestListParams>,
) -> Result<Json<ExportRequestsBody>, Problem> {
    let scope = match params.scope.as_deref() {
        None | Some("all") => RequestScope::All,
        Some("mine") => RequestScope::Mine,
        Some("to_decide") => RequestScope::ToDecide,
        Some(_) => return Err(Problem::invalid("scope", "is none: use mine, to_decide or all")),
    };
    let ask = VaultRequestListRequest { scope, paging };
    let page = state.vault().list_vault_requests(&actor, &ask).await?.map(Into::into);
    Ok(Json(ExportRequestsBody { items: page.items, next_cursor: page.next_cursor, total: page.total }))
}

/// Asks the other administrators to approve one export, or that exports need no approval any more. It waits for a week; what was approved
/// serves once, within an hour, for who asked.
#[utoipa::path(post, path = "/api/v1/export/requests", tag = "import", request_body = NewExportRequestBody,
    responses((status = 201, body = ExportRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewExportRequestBody, MAX_KIB>,
) -> Result<(StatusCode, Json<ExportRequestBody>), Problem> {
    let subject = body.subject()?;
    let reason = Reason::parse(&body.reason).map_err(|invalid| Problem::invalid("reason", invalid.problem))?;
    let view = state.vault().request_export(&actor, subject, reason).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// One request about exports.
#[utoipa::path(get, path = "/api/v1/export/requests/{id}", tag = "import", params(("id" = String, Path)),
    responses((status = 200, body = ExportRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<VaultRequestId>,
) -> Result<Json<ExportRequestBody>, Problem> {
    Ok(Json(state.vault().vault_request(&actor, id).await?.into()))
}

/// Approves the request of another administrator: with a recent sign-in, or a token that may manage.
#[utoipa::path(post, path = "/api/v1/export/requests/{id}/approve", tag = "import", request_body = ExportDecisionBody,
    params(("id" = String, Path)),
    responses((status = 200, body = ExportRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn approve(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<VaultRequestId>,
    body: Option<Body<ExportDecisionBody>>,
) -> Result<Json<ExportRequestBody>, Problem> {
    decide(&state, &actor, id, ExportDecision::Approve, body).await
}

/// Rejects the request of another administrator.
#[utoipa::path(post, path = "/api/v1/export/requests/{id}/reject", tag = "import", request_body = ExportDecisionBody,
    params(("id" = String, Path)),
    responses((status = 200, body = ExportRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn reject(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<VaultRequestId>,
    body: Option<Body<ExportDecisionBody>>,
) -> Result<Json<ExportRequestBody>, Problem> {
    decide(&state, &actor, id, ExportDecision::Reject, body).await
}

/// Takes your own request back, also once it was approved.
#[utoipa::path(post, path = "/api/v1/export/requests/{id}/cancel", tag = "import", request_body = ExportDecisionBody,
    params(("id" = String, Path)),
    responses((status = 200, body = ExportRequestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<VaultRequestId>,
    body: Option<Body<ExportDecisionBody>>,
) -> Result<Json<ExportRequestBody>, Problem> {
    decide(&state, &actor, id, ExportDecision::Cancel, body).await
}

async fn decide(
    state: &AppState,
    actor: &Actor,
    id: VaultRequestId,
    decision: ExportDecision,
    body: Option<Body<ExportDecisionBody>>,
) -> Result<Json<ExportRequestBody>, Problem> {
    let comment = body.and_then(|Body(body)| body.comment).filter(|text| !text.trim().is_empty());
    let comment = comment.as_deref().map(Reason::parse).transpose();
    let comment = comment.map_err(|invalid| Problem::invalid("comment", invalid.problem))?;
    Ok(Json(state.vault().decide_export(actor, id, decision, comment).await?.into()))
}
