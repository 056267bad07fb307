//! `/api/v1/audit/sinks`: the destinations that also get the audit log.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_model::{SinkKind, SinkName, Timestamp};
use countersign_seal::Secret;
use countersign_sinks::{check_authority, try_out};
use countersign_vault::{FieldEdit, SinkDraft, SinkRef, SinkView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    credentials::seeds::SecretText,
    request::extract::{Body, Caller, Id},
};

/// A destination of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct SinkBody {
    id: String,
    name: String,
    /// `syslog`, `cef`, `otlp`, `webhook` or `folder`.
    kind: &'static str,
    /// Where, as far as it may be shown: of a webhook the origin alone.
    address: String,
    /// Whether a header goes with each request; its value is not shown.
    has_header: bool,
    /// The one authority whose certificates are trusted there, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    /// Whether records may go to another machine without TLS.
    plain: bool,
    /// The actions that go there; all where none are named.
    acts: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// `current`, `behind`, `failing` or `paused`.
    state: &'static str,
    /// The last record that it has surely taken, or that is not for it.
    taken: u64,
    /// How many records of the log come after that one.
    behind: u64,
    /// When the first of them was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    behind_since: Option<Timestamp>,
    /// How many tries failed in a row.
    attempts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// What stood in the way; where nothing does, what the receiver had to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Timestamp>,
    /// When it last took something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    taken_at: Option<Timestamp>,
    /// What signs a webhook, where it is new: it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_secret: Option<String>,
}

impl From<SinkView> for SinkBody {
    fn from(view: SinkView) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name.to_string(),
            kind: view.kind.name(),
            address: view.address,
            has_header: view.has_header,
            authority: view.authority,
            plain: view.plain,
            acts: view.acts,
            created_at: view.created_at,
            state: view.standing.name(),
            taken: view.taken,
            behind: view.behind,
            behind_since: view.behind_since,
            attempts: view.attempts,
            failing_since: view.failing_since,
            last_error: view.last_error,
            next_try_at: view.next_try_at,
            taken_at: view.taken_at,
            signing_secret: None,
        }
    }
}

impl SinkBody {
    fn signed(view: SinkView, signing: Option<&Secret>) -> Self {
        let signing_secret = signing.and_then(Secret::expose_text).map(str::to_owned);
        Self { signing_secret, ..view.into() }
    }
}

/// Every destination.
#[derive(Serialize, ToSchema)]
pub(crate) struct SinksBody {
    items: Vec<SinkBody>,
}

/// A destination as it is wished. `address` and `header` stay where they are left out; `null` takes the header away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SinkDraftBody {
    name: String,
    /// `syslog`, `cef`, `otlp`, `webhook` or `folder`.
    kind: String,
    /// `tls://siem.example.com:6514`, `https://…`, or of a folder its name within the one that the server's operator has set aside.
    #[serde(default, deserialize_with = "crate::credentials::credential::present")]
    #[schema(value_type = Option<String>)]
    address: Option<Option<SecretText>>,
    /// A header of each request, as `Authorization: Bearer …`.
    #[serde(default, deserialize_with = "crate::credentials::credential::present")]
    #[schema(value_type = Option<String>)]
    header: Option<Option<SecretText>>,
    /// Trust the certificates of this authority alone, in PEM.
    authority: Option<String>,
    /// Allow another machine to be sent records without TLS.
    #[serde(default)]
    plain: bool,
    /// The actions that go there, as `token.read` or `session.*`; all where none are named.
    #[serde(default)]
    acts: Vec<String>,
    /// Send nothing for now.
    #[serde(default)]
    paused: bool,
    /// Make another secret to sign a webhook with.
    #[serde(default)]
    new_signing_secret: bool,
    /// Of a new one: send the log from its first record, not from now on.
    #[serde(default)]
    from_beginning: bool,
}

impl SinkDraftBody {
    fn understand(self) -> Result<SinkDraft, Problem> {
        if let Some(authority) = self.authority.as_deref().filter(|text| !text.trim().is_empty()) {
            check_authority(authority)
                .map_err(|error| Problem::invalid("authority", format!("is not right: {error}")))?;
        }
        let secret = |wish: Option<Option<SecretText>>| match wish {
            None => FieldEdit::Keep,
            Some(None) => FieldEdit::Clear,
            Some(Some(text)) => FieldEdit::Set(text.into_secret()),
        };
        Ok(SinkDraft {
            name: SinkName::parse(&self.name)?,
            kind: self.kind.parse::<SinkKind>()?,
            address: secret(self.address),
            header: secret(self.header),
            authority: self.authority,
            plain: self.plain,
            acts: self.acts,
            paused: self.paused,
            new_signing_secret: self.new_signing_secret,
            from_beginning: self.from_beginning,
        })
    }
}

/// From which record on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewindBody {
    /// The number of the first record that is sent.
    #[schema(minimum = 1)]
    from: u64,
}

/// What came of a test.
#[derive(Serialize, ToSchema)]
pub(crate) struct SinkTestBody {
    /// Whether the receiver took the test record.
    taken: bool,
    /// What it did or said, or what stood in the way.
    answer: String,
}

fn wanted(id: &str) -> Result<SinkRef, Problem> {
    Ok(id.parse()?)
}

/// Every destination of the audit log, with how far it has it; for administrators and auditors.
#[utoipa::path(get, path = "/api/v1/audit/sinks", tag = "audit",
    responses((status = 200, body = SinksBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<SinksBody>, Problem> {
    let items = state.vault().sinks(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(SinksBody { items }))
}

/// Adds a destination. Needs a recent sign-in, or an API token that manages.
#[utoipa::path(post, path = "/api/v1/audit/sinks", tag = "audit", request_body = SinkDraftBody,
    responses((status = 201, body = SinkBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<SinkDraftBody>,
) -> Result<impl IntoResponse, Problem> {
    let (view, signing) = state.vault().create_sink(&actor, body.understand()?).await?;
    let body = Json(SinkBody::signed(view, signing.as_ref()));
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], body))
}

/// One destination.
#[utoipa::path(get, path = "/api/v1/audit/sinks/{id}", tag = "audit",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = SinkBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
) -> Result<Json<SinkBody>, Problem> {
    Ok(Json(state.vault().sink(&actor, &wanted(&id)?).await?.into()))
}

/// Says anew where, how and which records go to a destination. It goes on where it was.
#[utoipa::path(put, path = "/api/v1/audit/sinks/{id}", tag = "audit", request_body = SinkDraftBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = SinkBody), (status = "4XX", body = Problem)))]
pub(crate) async fn replace(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
    Body(body): Body<SinkDraftBody>,
) -> Result<impl IntoResponse, Problem> {
    let (view, signing) = state.vault().edit_sink(&actor, &wanted(&id)?, body.understand()?).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(SinkBody::signed(view, signing.as_ref()))))
}

/// Removes a destination. What it has taken stays there.
#[utoipa::path(delete, path = "/api/v1/audit/sinks/{id}", tag = "audit",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
) -> Result<StatusCode, Problem> {
    state.vault().remove_sink(&actor, &wanted(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends nothing more to a destination until it is resumed.
#[utoipa::path(post, path = "/api/v1/audit/sinks/{id}/pause", tag = "audit",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = SinkBody), (status = "4XX", body = Problem)))]
pub(crate) async fn pause(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
) -> Result<Json<SinkBody>, Problem> {
    Ok(Json(state.vault().pause_sink(&actor, &wanted(&id)?, true).await?.into()))
}

/// Has a destination get what it has not taken, at once.
#[utoipa::path(post, path = "/api/v1/audit/sinks/{id}/resume", tag = "audit",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = SinkBody), (status = "4XX", body = Problem)))]
pub(crate) async fn resume(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
) -> Result<Json<SinkBody>, Problem> {
    Ok(Json(state.vault().pause_sink(&actor, &wanted(&id)?, false).await?.into()))
}

/// Has a destination get records anew from a number on. A folder keeps what it has, and gets what comes behind it.
#[utoipa::path(post, path = "/api/v1/audit/sinks/{id}/rewind", tag = "audit", request_body = RewindBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = SinkBody), (status = "4XX", body = Problem)))]
pub(crate) async fn rewind(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
    Body(body): Body<RewindBody>,
) -> Result<Json<SinkBody>, Problem> {
    Ok(Json(state.vault().rewind_sink(&actor, &wanted(&id)?, body.from).await?.into()))
}

/// Sends a test record now, and says what the receiver did. Its number is 0: it is none of the log.
#[utoipa::path(post, path = "/api/v1/audit/sinks/{id}/test", tag = "audit",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = SinkTestBody), (status = "4XX", body = Problem)))]
pub(crate) async fn test(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<String>,
) -> Result<Json<SinkTestBody>, Problem> {
    let trial = state.vault().begin_sink_test(&actor, &wanted(&id)?).await?;
    let tried = try_out(trial, state.0.settings.receivers).await;
    let (taken, answer) = tried.map_or_else(|error| (false, error), |answer| (true, answer));
    Ok(Json(SinkTestBody { taken, answer }))
}
