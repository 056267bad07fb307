//! `/api/v1/sessions/{id}/live`: a viewer's socket, and the files and films of a session.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::{
        Request, State,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_live::{ExportError, Outgoing, TransferError, ViewerConnection, may_bring};
use countersign_model::{Actor, SessionId};
use countersign_vault::{Error, Object, RecordingError};
use countersign_wire::{CloseReason, LONGEST_MESSAGE};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    description::RawBytes,
    request::extract::{Caller, Id, Params, TwoIds, Upgrade, body_of_at_most},
};

/// A session that has just been asked for is waited for.
const TO_BEGIN: Duration = Duration::from_secs(20);
/// How often it is looked whether a viewer may still look on, beside each time that anything about it has changed here.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A viewer that takes nothing for so long is gone.
const TO_SEND: Duration = Duration::from_secs(20);
const LARGEST_FILE: usize = 25 << 20;
const LARGEST_FILM: u64 = 512 << 20;

/// Look on in a session, and act in it where that is granted. A WebSocket; what is said over it stands in docs/socket.md.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/live", tag = "sessions", params(("id" = String, Path)),
    responses((status = 101, description = "The socket"), (status = "default", body = Problem)))]
pub(crate) async fn live(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
    headers: HeaderMap,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, Problem> {
    // Browsers let any page open a socket to anywhere, with the cookie.
    if !is_own_origin(&headers) {
        return Err(Problem::cross_site());
    }
    let person = state.vault().join_session(&actor, id, None).await?;
    let upgrade = upgrade.max_message_size(LONGEST_MESSAGE).max_frame_size(LONGEST_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let hub = state.hub();
        let seat = match hub {
            Some(hub) => hub.join(id, person, TO_BEGIN).await.ok(),
            None => None,
        };
        match seat {
            Some(seat) => look_on(&state, &actor, id, socket, seat).await,
            None => close(socket, CloseReason::Elsewhere).await,
        }
    }))
}

async fn look_on(state: &AppState, actor: &Actor, id: SessionId, mut socket: WebSocket, mut seat: ViewerConnection) {
    let mut look = tokio::time::interval(LOOK_AGAIN);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut moved = state.vault().revision_moved();
    let why = loop {
        tokio::select! {
            biased;
            // Whatever else there is to send or to hear: what was taken back counts first.
            Ok(()) = moved.changed() => {
                if let Err(end) = still_there(state, actor, id, &mut seat).await {
                    break end;
                }
            }
            _ = look.tick() => {
                look_at_revision(state).await;
                if let Err(end) = still_there(state, actor, id, &mut seat).await {
                    break end;
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(message)) => if let Err(end) = hear(&mut seat, message).await { break end },
                Some(Err(_)) | None => return,
            },
            next = seat.next() => {
                let message = match next {
                    Outgoing::Text(text) => Message::Text(text.into()),
                    Outgoing::Frame(frame) => Message::Binary(frame),
                    Outgoing::Over if ended(state, id) => break CloseReason::Ended,
                    Outgoing::Over => break CloseReason::Unread,
                };
                match tokio::time::timeout(TO_SEND, socket.send(message)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return,
                    Err(_) => break CloseReason::Unread,
                }
            }
        }
    };
    drop(seat);
    close(socket, why).await;
}

async fn look_at_revision(state: &AppState) {
    if let Err(error) = state.vault().look_at_revision().await {
        tracing::debug!(%error, "it is not known whether grants have changed");
    }
}

/// Passes on what the viewer's page has sent.
async fn hear(seat: &mut ViewerConnection, message: Message) -> Result<(), CloseReason> {
    match message {
        Message::Text(text) => seat.heard(&text).await,
        // Files come another way.
        Message::Binary(_) => Err(CloseReason::Garbage),
        _ => Ok(()),
    }
}

/// Gives the viewer what they may do now, or says how their connection ends.
async fn still_there(
    state: &AppState,
    actor: &Actor,
    id: SessionId,
    seat: &mut ViewerConnection,
) -> Result<(), CloseReason> {
    match state.vault().session_seat(actor, id).await {
        Ok(person) => seat.seated(person).await,
        Err(Error::Denied(_) | Error::NotFound(_) | Error::NotSignedIn) => Err(CloseReason::Denied),
        // A database that is away for a moment takes nothing away.
        Err(error) => {
            tracing::warn!(%error, "it is not known whether a viewer may still look on");
            Ok(())
        }
    }
}

fn ended(state: &AppState, id: SessionId) -> bool {
    state.hub().and_then(|hub| hub.session(id)).is_none_or(|live| live.is_over())
}

async fn close(mut socket: WebSocket, why: CloseReason) {
    let goodbye = Message::Close(Some(CloseFrame { code: why.code().number(), reason: why.text().into() }));
    // Who is gone already needs none.
    let _ = tokio::time::timeout(Duration::from_secs(2), socket.send(goodbye)).await;
}

/// Whether a browser says that the page which asks is ours. Programs say nothing, and have no cookie to be misused.
fn is_own_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)),
        (Some(_), None) => false,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadParams {
    /// The file's name.
    name: String,
}

/// A file that was taken, to be given to the page.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadBody {
    /// For the message that hands it to the page.
    upload: String,
}

/// Bring a file for the page of a session, at most 25 MiB. It is handed to the page by a message over the socket.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/uploads", tag = "sessions", params(UploadParams, ("id" = String, Path)),
    request_body(content = RawBytes, content_type = "application/octet-stream"),
    responses((status = 201, body = UploadBody), (status = "default", body = Problem)))]
pub(crate) async fn upload(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
    Params(params): Params<UploadParams>,
    request: Request,
) -> Result<(StatusCode, Json<UploadBody>), Problem> {
    let live = state.hub().and_then(|hub| hub.session(id)).ok_or(Error::NotFound(Object::LiveSession))?;
    // Before a byte of it is taken, and again when all of it is there.
    if !may_bring(&state.vault().session_seat(&actor, id).await?) {
        return Err(no_file(&TransferError::NotGranted));
    }
    let bytes = body_of_at_most(request, LARGEST_FILE).await?;
    let person = state.vault().session_seat(&actor, id).await?;
    let upload = live.take_file(&person, &params.name, &bytes).await.map_err(|error| no_file(&error))?;
    Ok((StatusCode::CREATED, Json(UploadBody { upload })))
}

/// Take a file that the page of a session gave. It is recorded, and can be taken once.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/downloads/{file}", tag = "sessions",
    params(("id" = String, Path), ("file" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = RawBytes), (status = "default", body = Problem)))]
pub(crate) async fn download(
    State(state): State<AppState>,
    Caller(actor): Caller,
    TwoIds(id, file): TwoIds,
) -> Result<Response, Problem> {
    let id: SessionId = id.parse().map_err(|_| Error::NotFound(Object::Session))?;
    let live = state.hub().and_then(|hub| hub.session(id)).ok_or(Error::NotFound(Object::LiveSession))?;
    let person = state.vault().session_seat(&actor, id).await?;
    let (name, bytes) = live.give_file(&person, &file).await.map_err(|error| no_file(&error))?;
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\%;".contains(c) { c } else { '_' }).collect();
    let disposition = format!("attachment; filename=\"{plain}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}

fn no_file(error: &TransferError) -> Problem {
    match error {
        TransferError::NotGranted => Problem::new("denied", StatusCode::FORBIDDEN, "Not allowed", error.to_string()),
        TransferError::NotFound => Error::NotFound(Object::File).into(),
        TransferError::TooMuch => Problem::too_large(LARGEST_FILE),
        TransferError::NotRecorded | TransferError::System(_) => {
            tracing::warn!(%error, "a file was not carried");
            Problem::new(
                "file-unavailable",
                StatusCode::INTERNAL_SERVER_ERROR,
                "The file cannot be carried",
                error.to_string(),
            )
        }
    }
}

/// A film of a session's recording, in WebM. Needs ffmpeg on the server.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/recording/webm", tag = "sessions", params(("id" = String, Path)),
    responses((status = 200, content_type = "video/webm", body = RawBytes), (status = "default", body = Problem)))]
pub(crate) async fn film(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SessionId>,
) -> Result<Response, Problem> {
    // Each keeps a core busy.
    static ONE_AT_A_TIME: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);
    let _turn = ONE_AT_A_TIME.acquire().await.map_err(|_| Problem::internal())?;
    let recording = state.vault().recording(&actor, id).await?;
    if recording.bytes > LARGEST_FILM {
        let detail = "films are made of recordings of at most 512 MiB: play it in the page, or fetch its parts";
        return Err(Problem::new(
            "no-film",
            StatusCode::PAYLOAD_TOO_LARGE,
            "There is no film of this recording",
            detail,
        ));
    }
    let program = countersign_live::find_ffmpeg().ok_or_else(|| no_film(&ExportError::NoFfmpeg))?;
    let mut parts = Vec::with_capacity(recording.parts.len());
    for part in &recording.parts {
        match state.vault().recording_part(&actor, id, part.seq).await {
            Ok(bytes) => parts.push(bytes),
            Err(
                error @ (Error::Denied(_)
                | Error::NotFound(Object::Session)
                | Error::NotSignedIn
                | Error::Recording(RecordingError::PlaybackNeeded)),
            ) => {
                return Err(error.into());
            }
            // The film goes on after what is damaged.
            Err(error) => tracing::warn!(session = %id, part = part.seq, %error, "a part is missing in a film"),
        }
    }
    let film =
        countersign_live::webm(&program, &state.0.settings.run_as, parts).await.map_err(|error| no_film(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "video/webm".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"session-{id}.webm\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from(film)).into_response())
}

fn no_film(error: &ExportError) -> Problem {
    let status = match error {
        ExportError::NoFfmpeg => StatusCode::NOT_IMPLEMENTED,
        ExportError::Empty => StatusCode::NOT_FOUND,
        ExportError::Failed(_) | ExportError::System(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Problem::new("no-film", status, "There is no film of this recording", error.to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn pages_of_others_open_no_socket() {
        for (origin, host, own) in [
            (None, Some("vault.example"), true),
            (Some("https://vault.example"), Some("vault.example"), true),
            (Some("http://127.0.0.1:7117"), Some("127.0.0.1:7117"), true),
            (Some("https://evil.example"), Some("vault.example"), false),
            (Some("https://vault.example.evil.example"), Some("vault.example"), false),
            (Some("null"), Some("vault.example"), false),
            (Some("https://vault.example"), None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            if let Some(host) = host {
                headers.insert(header::HOST, HeaderValue::from_static(host));
            }
            assert_eq!(is_own_origin(&headers), own, "{origin:?} {host:?}");
        }
    }
}
