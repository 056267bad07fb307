use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_model::{ChangeId, SessionId, TooShort};
use countersign_store::engine;
use countersign_vault::Error;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::repeats::Repeats;

/// What went wrong, as a problem document (RFC 9457). `type` is stable; the texts are for people and may change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:countersign:problem:NAME`.
    #[serde(rename = "type", serialize_with = "as_urn")]
    #[schema(value_type = String, example = "urn:countersign:problem:not-found")]
    pub kind: &'static str,
    /// What kind of problem it is, in a few words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened here.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub hint: Option<Box<str>>,
    /// The field that cannot be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub field: Option<&'static str>,
    /// The change that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub change: Option<Box<ChangeId>>,
    /// The session that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub session: Option<Box<SessionId>>,
    /// When to try again, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
}

impl Problem {
    pub(crate) fn new(kind: &'static str, status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            hint: None,
            field: None,
            change: None,
            session: None,
            retry_after_seconds: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into_boxed_str());
        self
    }

    fn retry_after(mut self, wait: std::time::Duration) -> Self {
        self.retry_after_seconds = Some(u32::try_from(wait.as_secs().max(1)).unwrap_or(u32::MAX));
        self
    }

    /// The body is not what the endpoint takes.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new("malformed", StatusCode::BAD_REQUEST, "The request cannot be read", detail)
            .hint("compare it with the API's description at /api/docs")
    }

    /// A value cannot be taken.
    pub(crate) fn invalid(field: &'static str, problem: impl std::fmt::Display) -> Self {
        let mut answer = Self::new(
            "invalid",
            StatusCode::UNPROCESSABLE_ENTITY,
            "A value cannot be taken",
            format!("{field} {problem}"),
        );
        answer.field = Some(field);
        answer
    }

    pub(crate) fn too_large(most: usize) -> Self {
        Self::new(
            "too-large",
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request is too large",
            format!("this endpoint takes at most {} KiB", most / 1024),
        )
        .hint("send less at once, for example an import in several parts")
    }

    pub(crate) fn rate_limited(wait: std::time::Duration) -> Self {
        Self::new(
            "rate-limited",
            StatusCode::TOO_MANY_REQUESTS,
            "Too many sign-ins from this address",
            "this address has tried to sign in too often in the last minute",
        )
        .retry_after(wait)
    }

    pub(crate) fn no_such_endpoint(path: &str) -> Self {
        let shown: String = path.chars().take(200).collect();
        Self::new("not-found", StatusCode::NOT_FOUND, "Not found", format!("there is nothing at {shown}"))
            .hint("the API's description is at /api/docs")
    }

    pub(crate) fn method(allowed: &str) -> Self {
        Self::new(
            "method-not-allowed",
            StatusCode::METHOD_NOT_ALLOWED,
            "Method not allowed",
            format!("this address takes {allowed} only"),
        )
    }

    /// The settings show it to others only; `setting` says which.
    pub(crate) fn not_for_you(setting: &'static str) -> Self {
        Self::new("denied", StatusCode::FORBIDDEN, "Not allowed", "this is not shown to who asks from here")
            .hint(format!("sign in or send an API token, or change the setting {setting}"))
    }

    /// A counter would move, which reading must not do.
    pub(crate) fn needs_post(detail: impl Into<String>) -> Self {
        Self::new("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail)
            .hint("POST to the same address")
    }

    pub(crate) fn cross_site() -> Self {
        Self::new("cross-site", StatusCode::FORBIDDEN, "Not from here", "the request comes from another site's page")
    }

    pub(crate) fn internal() -> Self {
        Self::new("internal", StatusCode::INTERNAL_SERVER_ERROR, "The server failed", "something broke in the server")
            .hint("its log says what")
    }
}

fn as_urn<S: serde::Serializer>(name: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:countersign:problem:{name}"))
}

/// The problem's kind, kept beside the answer for whoever records refusals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProblemKind(pub(crate) &'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (kind, retry_after) = (self.kind, self.retry_after_seconds);
        let mut response = (status, Json(self)).into_response();
        response.extensions_mut().insert(ProblemKind(kind));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<countersign_model::Invalid> for Problem {
    fn from(invalid: countersign_model::Invalid) -> Self {
        Self::invalid(invalid.field, invalid.problem)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let status = StatusCode::UNAUTHORIZED;
        match error {
            Error::NotSignedIn => Self::new("not-signed-in", status, "Not signed in", detail),
            Error::SignInFailed => Self::new("sign-in-failed", status, "Sign-in failed", detail),
            Error::LockedOut { wait } => {
                Self::new("locked-out", StatusCode::TOO_MANY_REQUESTS, "Locked out", detail).retry_after(wait)
            }
            Error::EnrolmentNeeded => {
                Self::new("second-factor-enrolment-needed", StatusCode::FORBIDDEN, "A second factor is needed", detail)
            }
            Error::PasswordChangeNeeded => {
                Self::new("password-change-needed", StatusCode::FORBIDDEN, "Your password has to be changed", detail)
                    .hint("POST /api/v1/me/password")
            }
            Error::PersonLinkInvalid => {
                Self::new("link-invalid", StatusCode::FORBIDDEN, "The link is not valid", detail)
            }
            Error::Denied(_) => Self::new("denied", StatusCode::FORBIDDEN, "Not allowed", detail)
                .hint("ask a manager or an administrator for the grant"),
            Error::TooShort(short) => {
                let (kind, hint) = match short {
                    TooShort::Scope => ("scope-needed", "make one with the scope admin, or do it in the page"),
                    TooShort::NotRecent => ("recent-sign-in-needed", "show them with POST /api/v1/me/confirm"),
                    TooShort::PageOnly => ("page-only", "sign in with a browser"),
                };
                Self::new(kind, StatusCode::FORBIDDEN, "Not allowed this way", detail).hint(hint)
            }
            Error::NotFound(_) => Self::new("not-found", StatusCode::NOT_FOUND, "Not found", detail),
            Error::Invalid(invalid) => invalid.into(),
            Error::NameTaken { .. } | Error::Moved | Error::Inactive | Error::LastAdministrator => {
                Self::new("conflict", StatusCode::CONFLICT, "In conflict with what is there", detail)
            }
            Error::NoTls(_) => Self::new("no-tls", StatusCode::CONFLICT, "Not automatable", detail)
                .hint("edit the site's URL, or the origins and pages in its site settings"),
            Error::Empty(_) => {
                Self::new("not-found", StatusCode::NOT_FOUND, "Not found", detail).hint("edit the credential to add it")
            }
            Error::CounterMoves => Self::needs_post(detail),
            Error::StepTaken { wait } => {
                Self::new("step-taken", StatusCode::CONFLICT, "The step is taken", detail).retry_after(wait)
            }
            Error::UnderWay(id) => {
                let mut problem = Self::new("change-under-way", StatusCode::CONFLICT, "A change is under way", detail);
                problem.change = Some(Box::new(id));
                problem
            }
            Error::InUse { session, .. } => {
                let mut problem = Self::new("session-open", StatusCode::CONFLICT, "A session is open", detail);
                problem.session = Some(Box::new(session));
                problem
            }
            Error::Ending { .. } => Self::new("session-open", StatusCode::CONFLICT, "A session is ending", detail)
                .retry_after(std::time::Duration::from_secs(5)),
            Error::ChangeOpen { change, .. } => {
                let mut problem = Self::new("change-under-way", StatusCode::CONFLICT, "A change is open", detail);
                problem.change = Some(Box::new(change));
                problem
            }
            Error::TooManySessions(_) => {
                Self::new("too-many-sessions", StatusCode::CONFLICT, "Too many sessions", detail)
            }
            Error::SessionEnded => Self::new("session-ended", StatusCode::GONE, "The session has ended", detail),
            Error::NoRecordings => {
                Self::new("recording-unavailable", StatusCode::SERVICE_UNAVAILABLE, "No record, no session", detail)
            }
            Error::StorageFull => {
                Self::new("storage-full", StatusCode::INSUFFICIENT_STORAGE, "No room for recordings", detail)
            }
            Error::RecordingFailed(_) => {
                tracing::error!(%detail, "the recording store failed a request");
                Self::new("recording-unavailable", StatusCode::SERVICE_UNAVAILABLE, "The recording store fails", detail)
                    .hint("see that it can be reached; `countersign doctor` looks at it")
            }
            Error::PlaybackNeeded => {
                Self::new("playback-needed", StatusCode::FORBIDDEN, "The recording is not open", detail)
                    .hint("GET the recording itself, then its parts")
            }
            Error::PartMissing(_) => Self::new("part-missing", StatusCode::GONE, "A part is missing", detail)
                .hint("the parts before and after it can be played"),
            Error::PartDamaged(_) => {
                tracing::error!(%detail, "a part of a recording does not open");
                Self::new("damaged", StatusCode::INTERNAL_SERVER_ERROR, "A part is damaged", detail)
                    .hint("the parts before and after it can be played")
            }
            Error::TooLate => Self::new("too-late", StatusCode::CONFLICT, "Too late", detail),
            Error::CalledOff | Error::LeaseLost | Error::TriesSpent | Error::NoPassword(_) => {
                Self::new("conflict", StatusCode::CONFLICT, "In conflict with what is there", detail)
            }
            Error::SetUpAlready => Self::new("setup-done", StatusCode::GONE, "Set up already", detail),
            Error::LinkInvalid => Self::new("link-invalid", StatusCode::FORBIDDEN, "The link is not valid", detail),
            Error::AuditUnavailable(cause) => database(
                &cause,
                Self::new("audit-unavailable", StatusCode::SERVICE_UNAVAILABLE, "No record, no secret", detail),
            ),
            Error::Database(cause) => database(
                &cause,
                Self::new("database-unavailable", StatusCode::SERVICE_UNAVAILABLE, "The database fails", detail),
            ),
            Error::LogBroken { .. } => {
                tracing::error!(%detail, "no checkpoint was signed");
                Self::new("log-broken", StatusCode::INTERNAL_SERVER_ERROR, "The audit log was changed", detail)
            }
            Error::Damaged(_) => {
                tracing::error!(%detail, "a stored secret does not open");
                Self::new("damaged", StatusCode::INTERNAL_SERVER_ERROR, "A stored secret does not open", detail)
                    .hint("restore the database from a backup that fits the key")
            }
            Error::KeyBeingReplaced => {
                Self::new("key-being-replaced", StatusCode::CONFLICT, "The vault key is being replaced", detail)
            }
            Error::KeyLocked(_) => {
                Self::new("key-locked", StatusCode::CONFLICT, "The vault key cannot be replaced now", detail)
                    .hint("put what unlocks the vault back where it was")
            }
            Error::Closing => {
                Self::new("closing", StatusCode::SERVICE_UNAVAILABLE, "The server is shutting down", detail)
            }
        }
    }
}

/// The problem with what to do about it and when to try again. The log has the engine's own words; the answer has not.
fn database(cause: &engine::Error, problem: Problem) -> Problem {
    if let engine::Error::Tampered { .. } = cause {
        tracing::error!("{cause}");
        let title = "A row was changed outside Countersign";
        return Problem::new("tampered", StatusCode::INTERNAL_SERVER_ERROR, title, cause.to_string())
            .hint("run `countersign doctor` on the server: it names such rows");
    }
    let (hint, wait) = match cause {
        engine::Error::Full { .. } => ("free space on the server's disk: nothing was lost", 30),
        engine::Error::Unavailable { .. } => ("see that the database runs and can be reached", 5),
        engine::Error::Busy { .. } => ("too much is asked of it at once: try again in a moment", 3),
        engine::Error::Stale { .. } => ("try again", 1),
        _ => ("run `countersign doctor` on the server", 30),
    };
    static FAILED: Mutex<Repeats> = Mutex::new(Repeats::new());
    if let Some(count) = FAILED.lock().unwrap_or_else(PoisonError::into_inner).count(Instant::now()) {
        tracing::error!(count, "the database failed requests: {cause:#}");
    }
    problem.hint(hint).retry_after(Duration::from_secs(wait))
}
