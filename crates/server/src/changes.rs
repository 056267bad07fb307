//! `/api/v1/changes` and a credential's changes: ask, list, look, call off.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_model::{ChangeId, ChangeKind, ChangeReason, ChangeState, Reason, Timestamp};
use countersign_vault::{
    ChangeEvent, ChangeListRequest, ChangeRequest, ChangeView, CredentialRef, Object, WorkingPassword,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    description::RawBytes,
    request::{
        extract::{Body, Caller, Id, Listed, PagingParams, TwoIds, Wanted},
        purpose::with_ticket,
    },
};

/// A change of a password at its site.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct ChangeBody {
    id: String,
    /// `change`, `rehearsal` or `heartbeat`.
    kind: &'static str,
    credential: ChangeCredentialBody,
    /// `queued`, `signing_in`, `changing`, `submitted`, `verifying`, `waiting_for_a_person`, `postponed`, `in_doubt`,
    /// `changed`, `passed`, `failed` or `cancelled`.
    state: &'static str,
    /// Whether it has not ended.
    open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ChangeReasonBody>,
    /// What holds now, in one sentence.
    says: String,
    asked_by: String,
    /// `person`, `schedule`, `after_reveal` or `heartbeat`.
    because: &'static str,
    /// The reason that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// When it will run, if it was put off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Timestamp>,
    /// How long it waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    waiting_until: Option<Timestamp>,
    /// Who said by hand which password signs in; no machine has seen it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    may_cancel: bool,
    may_retry: bool,
    may_settle: bool,
    /// What happened, in order; only for one change.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<ChangeEventBody>>,
}

/// Whose password.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeCredentialBody {
    id: String,
    name: String,
}

/// Why a change is not further.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeReasonBody {
    /// A stable code: `wrong_password`, `wrong_token`, `account_locked`, `rate_limited`, `password_rejected`,
    /// `challenge`, `layout_unknown`, `left_site`, `site_unavailable`, `timed_out`, `cancelled`, `browser_missing`,
    /// `session_open`, `browser_failed`, `not_typed`, `not_sendable`, `second_factor_not_understood`,
    /// `certificate_not_trusted`, `browser_sign_in`, `sign_in_not_shown`, `old_password_works`, `tries_spent`,
    /// `tokens_taken`, `session_expired`, `no_tls` or `not_rehearsed`.
    code: &'static str,
    /// For `challenge`: `captcha`, `location`, `trust_browser`, `new_device` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<&'static str>,
    /// For `password_rejected`: the site's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// For `left_site`: the origin that the site led to.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// For `certificate_not_trusted`: the SHA-256 fingerprint of the certificate that the site showed, if it could be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// What happened and what to do, for people.
    text: String,
}

/// Something that happened in a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeEventBody {
    seq: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    state: &'static str,
    text: String,
    /// Whether there is a masked picture at `/api/v1/changes/{id}/pictures/{seq}`.
    picture: bool,
}

impl From<&ChangeReason> for ChangeReasonBody {
    fn from(reason: &ChangeReason) -> Self {
        let (mut challenge, mut rule, mut origin, mut certificate) = (None, None, None, None);
        match reason {
            ChangeReason::Challenge { challenge: asked } => challenge = Some(asked.name()),
            ChangeReason::PasswordRejected { rule: words } => rule = Some(words.clone()),
            ChangeReason::LeftSite { origin: there } => origin = Some(there.clone()),
            ChangeReason::CertificateNotTrusted { shown, .. } => certificate = shown.map(|shown| shown.to_string()),
            _ => {}
        }
        Self { code: reason.code(), challenge, rule, origin, certificate, text: reason.to_string() }
    }
}

impl From<ChangeEvent> for ChangeEventBody {
    fn from(it: ChangeEvent) -> Self {
        Self { seq: it.seq, at: it.at, state: it.state.name(), text: it.text, picture: it.has_picture }
    }
}

impl ChangeBody {
    fn new(view: ChangeView, with_events: bool) -> Self {
        let events = with_events.then(|| view.events.into_iter().map(Into::into).collect());
        Self {
            id: view.id.to_string(),
            kind: view.kind.name(),
            credential: ChangeCredentialBody { id: view.credential.to_string(), name: view.credential_name },
            state: view.state.name(),
            open: view.ended_at.is_none(),
            reason: view.reason.as_ref().map(Into::into),
            says: view.says,
            asked_by: view.asked_by,
            because: view.because.name(),
            note: view.note,
            created_at: view.created_at,
            started_at: view.started_at,
            ended_at: view.ended_at,
            not_before: view.not_before,
            waiting_until: view.waiting_until,
            settled_by: view.settled_by,
            may_cancel: view.may.cancel,
            may_retry: view.may.retry,
            may_settle: view.may.settle,
            events,
        }
    }
}

/// What to do at the site.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskBody {
    /// `true` goes as far as the form and types nothing into it; the same as `"kind": "rehearsal"`.
    #[serde(default)]
    rehearse: bool,
    /// `change`, `rehearsal` or `heartbeat`.
    kind: Option<String>,
    /// Why, for the record.
    reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    ticket: Option<String>,
}

/// Asks for a change. A worker does it; look at it again, or list what happens in it.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/changes", tag = "changes", request_body = AskBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 201, body = ChangeBody), (status = 409, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn ask(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    body: Option<Body<AskBody>>,
) -> Result<Response, Problem> {
    let body = body.map(|Body(body)| body).unwrap_or_default();
    let kind = match (body.kind.as_deref(), body.rehearse) {
        (None, false) => ChangeKind::Change,
        (None, true) => ChangeKind::Rehearsal,
        (Some(kind), rehearse) => {
            let kind: ChangeKind = kind.parse()?;
            if rehearse && kind != ChangeKind::Rehearsal {
                return Err(Problem::invalid("rehearse", "contradicts kind: leave one of them out"));
            }
            kind
        }
    };
    let actor = with_ticket(actor, body.ticket.as_deref())?;
    let reason = body.reason.filter(|text| !text.trim().is_empty());
    let reason = reason.map(|text| Reason::parse(&text)).transpose()?;
    let view = state.vault().ask_change(&actor, &wanted, &ChangeRequest { kind, reason }).await?;
    let location = format!("/api/v1/changes/{}", view.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(ChangeBody::new(view, false))).into_response())
}

/// Which changes to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangesParams {
    /// Of this credential: UUID, or `name:NAME`.
    credential: Option<String>,
    /// In this state.
    state: Option<String>,
    /// `true`: those that have not ended.
    open: Option<bool>,
}

/// A page of changes, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangesBody {
    items: Vec<ChangeBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Changes of the credentials that the caller may see, the newest first.
#[utoipa::path(get, path = "/api/v1/changes", tag = "changes", params(ChangesParams, PagingParams),
    responses((status = 200, body = ChangesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<ChangesParams>,
) -> Result<Json<ChangesBody>, Problem> {
    let ask = ChangeListRequest {
        credential: params.credential.as_deref().map(str::parse::<CredentialRef>).transpose()?,
        state: params.state.as_deref().map(str::parse::<ChangeState>).transpose()?,
        open: params.open,
        paging,
    };
    let page = state.vault().list_changes(&actor, &ask).await?.map(|view| ChangeBody::new(view, false));
    Ok(Json(ChangesBody { items: page.items, next_cursor: page.next_cursor }))
}

/// One change, with what happened in it.
#[utoipa::path(get, path = "/api/v1/changes/{id}", tag = "changes", params(("id" = String, Path)),
    responses((status = 200, body = ChangeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<ChangeId>,
) -> Result<Json<ChangeBody>, Problem> {
    Ok(Json(ChangeBody::new(state.vault().change(&actor, id).await?, true)))
}

/// Calls a change off, as long as the new password cannot have reached the site.
#[utoipa::path(post, path = "/api/v1/changes/{id}/cancel", tag = "changes", params(("id" = String, Path)),
    responses((status = 200, body = ChangeBody), (status = 409, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<ChangeId>,
) -> Result<Json<ChangeBody>, Problem> {
    Ok(Json(ChangeBody::new(state.vault().cancel_change(&actor, id).await?, false)))
}

/// Has a change run now that was put off or is in doubt. The limit of changes a day stays.
#[utoipa::path(post, path = "/api/v1/changes/{id}/retry", tag = "changes", params(("id" = String, Path)),
    responses((status = 200, body = ChangeBody), (status = 409, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn retry(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<ChangeId>,
) -> Result<Json<ChangeBody>, Problem> {
    Ok(Json(ChangeBody::new(state.vault().retry_change(&actor, id).await?, false)))
}

/// Which password signs in, found out by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleBody {
    /// `new` or `old`.
    holds: String,
}

/// Says which password signs in, for a change in doubt.
#[utoipa::path(post, path = "/api/v1/changes/{id}/settle", tag = "changes", request_body = SettleBody,
    params(("id" = String, Path)),
    responses((status = 200, body = ChangeBody), (status = 409, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn settle(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<ChangeId>,
    Body(body): Body<SettleBody>,
) -> Result<Json<ChangeBody>, Problem> {
    let holds = match body.holds.as_str() {
        "new" => WorkingPassword::New,
        "old" => WorkingPassword::Old,
        _ => return Err(Problem::invalid("holds", "is neither new nor old")),
    };
    Ok(Json(ChangeBody::new(state.vault().settle_change(&actor, id, holds).await?, false)))
}

/// A masked picture of a change.
#[utoipa::path(get, path = "/api/v1/changes/{id}/pictures/{seq}", tag = "changes",
    params(("id" = String, Path), ("seq" = i64, Path, description = "the number of what happened")),
    responses((status = 200, content_type = "image/jpeg", body = RawBytes), (status = "4XX", body = Problem)))]
pub(crate) async fn picture(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, seq): TwoIds,
) -> Result<Response, Problem> {
    let wrong = || Problem::from(countersign_vault::Error::NotFound(Object::Screenshot));
    let (id, seq) = (id.parse().map_err(|_| wrong())?, seq.parse().map_err(|_| wrong())?);
    let picture = state.vault().change_picture(&actor, id, seq).await?;
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, picture.expose().to_vec()).into_response())
}
