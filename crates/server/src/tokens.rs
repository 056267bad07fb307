//! Handing out secrets: the token and the password of a credential.

use axum::{Json, extract::State, http::header, response::IntoResponse};
use countersign_model::{Actor, Timestamp};
use countersign_vault::{CredentialRef, TokenAnswer, TokenRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    request::{
        extract::{Body, Caller, Params, Wanted},
        purpose::{parse_reason, with_ticket},
    },
};

// As long as the reference shows a password, and long enough to type one.
const HIDE_AFTER_SECONDS: u32 = 30;

/// How to take a token.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenParams {
    /// Why, for the record.
    reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    ticket: Option<String>,
    /// `true` gives the next token too.
    #[serde(default)]
    next: bool,
    /// `true` takes the step for a machine: only if nobody has taken it and enough of it is left.
    #[serde(default)]
    claim: bool,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenBody {
    token: String,
    /// `totp`, `hotp` or `steam`.
    kind: &'static str,
    digits: u8,
    /// Seconds of a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<u32>,
    /// The number of the step since 1970 (RFC 6238 §4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    begins_at: Option<Timestamp>,
    /// The first moment at which the token is not current any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<u64>,
    /// The present by the server's clock.
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<NextTokenBody>,
    /// Who else took this step, the latest first.
    taken_by: Vec<TakenByBody>,
}

/// The token after the current one.
#[derive(Serialize, ToSchema)]
pub(crate) struct NextTokenBody {
    token: String,
    step: u64,
    #[schema(value_type = String, format = DateTime)]
    begins_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// Somebody who took a step.
#[derive(Serialize, ToSchema)]
pub(crate) struct TakenByBody {
    name: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Whether it was a program or the worker.
    machine: bool,
}

impl From<TokenAnswer> for TokenBody {
    fn from(answer: TokenAnswer) -> Self {
        let next = answer.next.as_ref().map(|(token, times)| NextTokenBody {
            token: token.expose().to_owned(),
            step: times.step,
            begins_at: times.begins_at,
            ends_at: times.ends_at,
        });
        let taken_by =
            answer.taken_by.into_iter().map(|it| TakenByBody { name: it.name, at: it.at, machine: it.machine });
        Self {
            token: answer.token.expose().to_owned(),
            kind: answer.second_factor.kind.name(),
            digits: answer.second_factor.digits,
            period: answer.second_factor.period,
            step: answer.times.map(|times| times.step),
            begins_at: answer.times.map(|times| times.begins_at),
            ends_at: answer.times.map(|times| times.ends_at),
            counter: answer.counter,
            server_time: answer.server_time,
            next,
            taken_by: taken_by.collect(),
        }
    }
}

/// The current token of a credential. The record is durable before it is answered. A code by counter (HOTP) is taken by
/// POST alone, since its counter moves.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/token", tag = "secrets",
    params(("id" = String, Path, description = "UUID, or `name:NAME`"), TokenParams),
    responses((status = 200, body = TokenBody), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn token(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    Params(params): Params<TokenParams>,
) -> Result<impl IntoResponse, Problem> {
    let TokenParams { reason, ticket, next, claim } = params;
    let actor = with_ticket(actor, ticket.as_deref())?;
    answer_token(&state, &actor, &wanted, TokenRequest { reason: parse_reason(reason)?, next, claim, read_only: true })
        .await
}

/// How to take a token, in a body: a reason is nobody's business on the way.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeTokenBody {
    /// Why, for the record.
    reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    ticket: Option<String>,
    /// `true` gives the next token too.
    #[serde(default)]
    next: bool,
    /// `true` takes the step for a machine: only if nobody has taken it and enough of it is left.
    #[serde(default)]
    claim: bool,
}

/// The current token of a credential; a code by counter (HOTP) moves its counter. The record is durable before it is
/// answered.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/token", tag = "secrets", request_body = TakeTokenBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = TokenBody), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn take_token(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    body: Option<Body<TakeTokenBody>>,
) -> Result<impl IntoResponse, Problem> {
    let TakeTokenBody { reason, ticket, next, claim } = body.map(|Body(body)| body).unwrap_or_default();
    let actor = with_ticket(actor, ticket.as_deref())?;
    answer_token(&state, &actor, &wanted, TokenRequest { reason: parse_reason(reason)?, next, claim, read_only: false })
        .await
}

async fn answer_token(
    state: &AppState,
    actor: &Actor,
    wanted: &CredentialRef,
    ask: TokenRequest,
) -> Result<impl IntoResponse + use<>, Problem> {
    let answer = state.vault().token(actor, wanted, &ask).await?;
    state.0.metrics.token_read();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(TokenBody::from(answer))))
}

/// What to reveal.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevealBody {
    /// Why, for the record.
    reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    ticket: Option<String>,
    /// A former version by its number; the current one when left out.
    version: Option<i64>,
}

/// A password.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevealedBody {
    password: String,
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// How long a page should show it.
    hide_after_seconds: u32,
}

/// The password of a credential. The record is durable before it is answered.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/reveal", tag = "secrets", request_body = RevealBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = RevealedBody), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn reveal(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    body: Option<Body<RevealBody>>,
) -> Result<impl IntoResponse, Problem> {
    let ask = body.map(|Body(body)| body).unwrap_or_default();
    let actor = with_ticket(actor, ask.ticket.as_deref())?;
    let reason = parse_reason(ask.reason)?;
    let revealed = state.vault().reveal(&actor, &wanted, reason.as_ref(), ask.version).await?;
    state.0.metrics.password_revealed();
    let body = RevealedBody {
        password: revealed.password.expose_text().unwrap_or_default().to_owned(),
        version: revealed.version,
        created_at: revealed.created_at,
        hide_after_seconds: HIDE_AFTER_SECONDS,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)))
}
