//! `/api/v1/sessions` and what leads there: start, look, let others in, end, play the recording.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_model::{ChangeId, Level, Reason, SessionEnd, SessionId, Timestamp};
use countersign_vault::{CredentialRef, Object, PartInfo, SessionListRequest, SessionRequest, SessionView};
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

/// A browser signed in by Countersign, watched and used by people.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    id: String,
    credential: SessionCredentialBody,
    /// The waiting change that it was opened for.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    /// `starting`, `live` or `ended`.
    state: &'static str,
    /// Whether somebody has asked that it end, and its browser is being closed.
    ending: bool,
    /// Why it ended: `person`, `administrator`, `idle`, `clock`, `sign_in_failed`, `browser_gone`, `storage_full`,
    /// `recording_failed`, `node_lost`, `change_went_on` or `closing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<&'static str>,
    /// What holds now, in one sentence.
    says: String,
    started_by: String,
    /// The reason that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When people could first see it; times of the recording count from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    live_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Which machine holds its browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    recorded_ms: i64,
    /// The recording's size in bytes.
    recorded_bytes: i64,
    /// The approved request by which it was started, where that was needed.
    request: Option<String>,
    may: SessionMayBody,
}

/// At whose site.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionCredentialBody {
    /// None when the credential was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: String,
}

/// What the caller may do with a session now.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionMayBody {
    /// How far they may go in it: `view`, `interact`, `control`, or null.
    join: Option<&'static str>,
    end: bool,
    /// Play its recording.
    recording: bool,
    /// Let others in by a link.
    share: bool,
}

impl From<SessionView> for SessionBody {
    fn from(view: SessionView) -> Self {
        Self {
            id: view.id.to_string(),
            credential: SessionCredentialBody {
                id: view.credential.map(|id| id.to_string()),
                name: view.credential_name,
            },
            change: view.change.map(|id| id.to_string()),
            state: view.state.name(),
            ending: view.ending,
            end: view.ended_why.map(SessionEnd::name),
            says: view.says,
            started_by: view.started_by,
            reason: view.reason,
            created_at: view.created_at,
            live_at: view.live_at,
            ended_at: view.ended_at,
            node: view.node,
            recorded_ms: view.recorded_ms,
            recorded_bytes: view.recorded_bytes,
            request: view.request.map(|id| id.to_string()),
            may: SessionMayBody {
                join: view.may.join.map(Level::name),
                end: view.may.end,
                recording: view.may.recording,
                share: view.may.share,
            },
        }
    }
}

fn created(view: SessionView) -> Response {
    let location = format!("/api/v1/sessions/{}", view.id);
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(SessionBody::from(view))).into_response()
}

/// How a session is asked for.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartBody {
    /// Why, for the record; some credentials ask for it.
    reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    ticket: Option<String>,
}

/// Starts a session: a browser that Countersign signs in, recorded from the first picture that anybody sees.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/sessions", tag = "sessions", request_body = StartBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 201, body = SessionBody), (status = 409, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn start(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    body: Option<Body<StartBody>>,
) -> Result<Response, Problem> {
    let StartBody { reason, ticket } = body.map(|Body(body)| body).unwrap_or_default();
    let actor = with_ticket(actor, ticket.as_deref())?;
    let reason = reason.filter(|text| !text.trim().is_empty());
    let reason = reason.map(|text| Reason::parse(&text)).transpose()?;
    Ok(created(state.vault().start_session(&actor, &wanted, &SessionRequest { reason }).await?))
}

/// Opens the browser of a change that waits for a person; gives the session that is open, if there is one.
#[utoipa::path(post, path = "/api/v1/changes/{id}/session", tag = "sessions", params(("id" = String, Path)),
    responses((status = 201, body = SessionBody), (status = 409, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn open_waiting(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<ChangeId>,
) -> Result<Response, Problem> {
    Ok(created(state.vault().open_waiting(&actor, id).await?))
}

/// Which sessions to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionsParams {
    /// `true`: those that have not ended.
    open: Option<bool>,
    /// Of this credential: UUID, or `name:NAME`.
    credential: Option<String>,
}

/// A page of sessions, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionsBody {
    items: Vec<SessionBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Sessions that the caller has started, may watch or was given a link to, the newest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", params(SessionsParams, PagingParams),
    responses((status = 200, body = SessionsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<SessionsParams>,
) -> Result<Json<SessionsBody>, Problem> {
    let ask = SessionListRequest {
        credential: params.credential.as_deref().map(str::parse::<CredentialRef>).transpose()?,
        open: params.open,
        paging,
    };
    let page = state.vault().list_sessions(&actor, &ask).await?.map(Into::into);
    Ok(Json(SessionsBody { items: page.items, next_cursor: page.next_cursor }))
}

/// One session.
#[utoipa::path(get, path = "/api/v1/sessions/{id}", tag = "sessions", params(("id" = String, Path)),
    responses((status = 200, body = SessionBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
) -> Result<Json<SessionBody>, Problem> {
    Ok(Json(state.vault().session(&actor, id).await?.into()))
}

/// Ends a session. Its browser closes within seconds; look at it again.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/end", tag = "sessions", params(("id" = String, Path)),
    responses((status = 200, body = SessionBody), (status = 410, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn end(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
) -> Result<Json<SessionBody>, Problem> {
    Ok(Json(state.vault().end_session(&actor, id).await?.into()))
}

/// Who is to be let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkBody {
    /// The user's name.
    person: String,
    /// How far they may go, at most as far as the caller: `view`, `interact` or `control`.
    level: String,
}

/// A way into a session for one person.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkMadeBody {
    /// To be put behind `/#/sessions/ID?link=`. It serves once; who has used it comes again without it.
    link: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Makes a one-time link into a session for one person. It is shown this once.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/links", tag = "sessions", request_body = LinkBody,
    params(("id" = String, Path)),
    responses((status = 201, body = LinkMadeBody), (status = 410, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn link(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
    Body(body): Body<LinkBody>,
) -> Result<Response, Problem> {
    let level: Level = body.level.parse()?;
    let made = state.vault().session_link(&actor, id, &body.person, level).await?;
    let body = LinkMadeBody { link: made.link, expires_at: made.expires_at };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// A link that was given to the caller.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UseLinkBody {
    /// What stands behind `?link=` in the page's address.
    link: String,
}

/// Uses a link into a session, once; from then on its person may come in.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/links/use", tag = "sessions", request_body = UseLinkBody,
    params(("id" = String, Path)),
    responses((status = 200, body = SessionBody), (status = 410, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn use_link(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
    Body(body): Body<UseLinkBody>,
) -> Result<Json<SessionBody>, Problem> {
    Ok(Json(state.vault().use_session_link(&actor, id, &body.link).await?.into()))
}

/// Who was given links into a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinksBody {
    items: Vec<GivenLinkBody>,
}

/// A link that somebody was given; not the link itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct GivenLinkBody {
    /// The user's id.
    person: String,
    name: String,
    level: &'static str,
    /// Until when it can be used.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was used; who has used it may come in until it is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

/// Links into a session that let somebody in, or may.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/links", tag = "sessions", params(("id" = String, Path)),
    responses((status = 200, body = LinksBody), (status = "4XX", body = Problem)))]
pub(crate) async fn links(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
) -> Result<Json<LinksBody>, Problem> {
    let links = state.vault().session_links(&actor, id).await?.into_iter();
    let items = links.map(|it| GivenLinkBody {
        person: it.person.to_string(),
        name: it.name,
        level: it.level.name(),
        expires_at: it.expires_at,
        used_at: it.used_at,
    });
    Ok(Json(LinksBody { items: items.collect() }))
}

/// Takes a user's links into a session back, used or not. Who has no other way in is out at once.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}/links/{person}", tag = "sessions",
    params(("id" = String, Path), ("person" = String, Path, description = "the user's id")),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn withdraw_links(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, person): TwoIds,
) -> Result<StatusCode, Problem> {
    let wrong = || Problem::from(countersign_vault::Error::NotFound(Object::Link));
    let (id, person) = (id.parse().map_err(|_| wrong())?, person.parse().map_err(|_| wrong())?);
    state.vault().withdraw_session_links(&actor, id, person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A recording, to be fetched part by part.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordingBody {
    session: SessionBody,
    /// Whether more may come.
    running: bool,
    duration_ms: u64,
    bytes: u64,
    /// Whether this server can make a film of it.
    film: bool,
    parts: Vec<PartBody>,
    /// Until when the parts can be fetched; then open the recording again.
    #[schema(value_type = String, format = DateTime)]
    playback_until: Timestamp,
}

/// A part of a recording, at `/api/v1/sessions/{id}/recording/parts/{seq}`.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartBody {
    seq: u32,
    /// When its first entry happened, in milliseconds since `live_at`.
    from_ms: u64,
    to_ms: u64,
    /// Whether its first picture is a whole one: playing may begin here.
    key: bool,
    frames: u32,
    events: u32,
    bytes: u64,
}

impl From<PartInfo> for PartBody {
    fn from(it: PartInfo) -> Self {
        let PartInfo { seq, from_ms, to_ms, key, frames, events, bytes } = it;
        Self { seq, from_ms, to_ms, key, frames, events, bytes }
    }
}

/// What is recorded of a session so far. That it was opened is recorded too; its parts can be fetched for ten minutes by
/// the browser or API token that has opened it.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/recording", tag = "sessions", params(("id" = String, Path)),
    responses((status = 200, body = RecordingBody), (status = "4XX", body = Problem)))]
pub(crate) async fn recording(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
) -> Result<Json<RecordingBody>, Problem> {
    let recording = state.vault().recording(&actor, id).await?;
    Ok(Json(RecordingBody {
        session: recording.session.into(),
        running: recording.running,
        duration_ms: recording.duration_ms,
        bytes: recording.bytes,
        film: countersign_live::find_ffmpeg().is_some(),
        parts: recording.parts.into_iter().map(Into::into).collect(),
        playback_until: recording.playback_until,
    }))
}

/// One part of a recording: entries one after the other, little endian: `u8` kind, `u32` milliseconds since `live_at`,
/// `u32` length, and so many bytes. Kind 1 is a whole picture (`u16` width, `u16` height, JPEG), 2 a change of it
/// (`u16` x, `u16` y, JPEG to draw there), 3 an event (JSON with `kind`).
#[utoipa::path(get, path = "/api/v1/sessions/{id}/recording/parts/{seq}", tag = "sessions",
    params(("id" = String, Path), ("seq" = u32, Path, description = "the part's number")),
    responses((status = 200, content_type = "application/octet-stream", body = RawBytes),
        (status = 410, body = Problem), (status = "4XX", body = Problem)))]
pub(crate) async fn part(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, seq): TwoIds,
) -> Result<Response, Problem> {
    let wrong = || Problem::from(countersign_vault::Error::NotFound(Object::RecordingPart));
    let (id, seq) = (id.parse().map_err(|_| wrong())?, seq.parse().map_err(|_| wrong())?);
    let bytes = state.vault().recording_part(&actor, id, seq).await?;
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, bytes).into_response())
}
