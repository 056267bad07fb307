use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_identity::{DeviceRefusal, PasskeyRefusal};
use countersign_model::{ChangeId, RequestId, RequestRefusal, SessionId, TooShort, VaultRequestRefusal};
use countersign_vault::{
    ApprovalOf, Conflict, DatabaseFailure, DatabaseTrouble, Error, RecordingError, USERS_GONE_HINT,
};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::health::repeats::Repeats;

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
    pub detail: Box<str>,
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
    /// The request that is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub request: Option<Box<RequestId>>,
    /// The conditions of a grant that do not hold: `scope`, `reason`, `ticket`, `signed_in_minutes`, `check_out`, `approval`, `checked_out`, `hours`, `networks`, `from`,
    /// `until`. After `approval`, `POST /api/v1/requests`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub unmet: Option<Box<UnmetNames>>,
    /// When to try again, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>)]
    pub retry_after_seconds: Option<NonZeroU32>,
}

/// Names of conditions. A type, so that a problem stays small enough to be passed around.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct UnmetNames(Vec<&'static str>);

impl Problem {
    pub(crate) fn new(kind: &'static str, status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into().into_boxed_str(),
            hint: None,
            field: None,
            change: None,
            session: None,
            request: None,
            unmet: None,
            retry_after_seconds: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into_boxed_str());
        self
    }

    fn retry_after(mut self, wait: std::time::Duration) -> Self {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX);
        self.retry_after_seconds = Some(NonZeroU32::new(seconds).unwrap_or(NonZeroU32::MIN));
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

    /// What an authenticator has made for somebody who is signed in is no passkey of theirs.
    pub(crate) fn passkey_not_added(why: PasskeyRefusal) -> Self {
        Self::new("passkey-refused", StatusCode::UNPROCESSABLE_ENTITY, "The passkey is not accepted", why.told())
    }

    /// The address names nothing.
    pub(crate) fn not_found(detail: &str) -> Self {
        let (kind, status, title) = NOT_FOUND;
        Self::new(kind, status, title, detail)
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

    /// Of a request that a trusted proxy passes on, the address is not to be told.
    pub(crate) fn forwarded_unclear() -> Self {
        Self::malformed(
            "the proxy in front of Countersign does not say from where this request comes, or says it in two ways",
        )
        .hint("an administrator has to let the proxy write one of X-Forwarded-For and Forwarded and remove the other")
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
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.get()));
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
        if let Error::Invalid(invalid) = error {
            return invalid.into();
        }
        let (kind, status, title) = kind_of(&error);
        let problem = Self::new(kind, status, title, error.to_string());
        let problem = match hint_of(&error) {
            Some(hint) => problem.hint(hint),
            None => problem,
        };
        if let Some(failure) = error.database_failure() {
            return database(&failure, problem);
        }
        match error {
            Error::LockedOut { wait }
            | Error::PairingLocked { wait }
            | Error::DeviceLoginLocked { wait }
            | Error::StepTaken { wait }
            | Error::TriedTooOften { wait, .. } => problem.retry_after(wait),
            Error::Conflict(Conflict::SessionEnding { .. }) => problem.retry_after(Duration::from_secs(5)),
            Error::Conflict(Conflict::ChangeRunning(change) | Conflict::ChangeOpen { change, .. }) => {
                Self { change: Some(Box::new(change)), ..problem }
            }
            Error::Denied(denied) if !denied.unmet.is_empty() => {
                let names: Vec<_> = denied.unmet.iter().map(|one| one.name()).collect();
                let request = "`countersign request add NAME`, or POST /api/v1/requests";
                let check_out = "`countersign check-out NAME`, or POST to the credential's check-out";
                let hint = if names.contains(&"approval") { Some(request) } else { None };
                let hint = hint
                    .or_else(|| (names.contains(&"check_out") && !names.contains(&"checked_out")).then_some(check_out))
                    .map(Into::into);
                Self { unmet: Some(Box::new(UnmetNames(names))), hint, ..problem }
            }
            Error::Conflict(Conflict::RequestPending(request)) => Self { request: Some(Box::new(request)), ..problem },
            Error::Conflict(Conflict::VaultRequestPending(request)) => {
                Self { request: Some(Box::new(RequestId::from_uuid(request.uuid()))), ..problem }
            }
            Error::Conflict(Conflict::SessionOpen { session, .. }) => {
                Self { session: Some(Box::new(session)), ..problem }
            }
            Error::Recording(RecordingError::Failed(_) | RecordingError::PartDamaged(_))
            | Error::LogBroken { .. }
            | Error::Damaged(_)
            | Error::Internal(_) => {
                tracing::error!(detail = problem.detail, "{title}");
                problem
            }
            _ => problem,
        }
    }
}

/// A stable name, a status, and what kind of problem it is in words.
type Kind = (&'static str, StatusCode, &'static str);

/// What an error of the vault is to a client.
const fn kind_of(error: &Error) -> Kind {
    use StatusCode as S;
    match error {
        Error::NotSignedIn => ("not-signed-in", S::UNAUTHORIZED, "Not signed in"),
        Error::SignInFailed => ("sign-in-failed", S::UNAUTHORIZED, "Sign-in failed"),
        Error::PasskeyRefused(_) => ("passkey-refused", S::UNAUTHORIZED, "The passkey is not accepted"),
        Error::DeviceRefused(DeviceRefusal::TooMany) => {
            ("device-refused", S::TOO_MANY_REQUESTS, "The browser extension is refused")
        }
        Error::DeviceRefused(DeviceRefusal::AddressUnknown) => {
            ("address-unknown", S::CONFLICT, "Browser extensions cannot be used here")
        }
        Error::DeviceRefused(_) => ("device-refused", S::UNAUTHORIZED, "The browser extension is refused"),
        Error::PairingRefused => ("pairing-refused", S::FORBIDDEN, "Not paired"),
        Error::DeviceLoginRefused => ("code-refused", S::FORBIDDEN, "The code is not valid"),
        Error::DeviceLoginLocked { .. } => ("too-many-codes", S::TOO_MANY_REQUESTS, "Too many wrong codes"),
        Error::PairingLocked { .. } => ("locked-out", S::TOO_MANY_REQUESTS, "Locked out"),
        Error::OtherSite(_) => ("other-site", S::FORBIDDEN, "Not this site"),
        Error::NoPasskeys(_) => ("passkeys-unavailable", S::CONFLICT, "Passkeys cannot be used here"),
        Error::LockedOut { .. } => ("locked-out", S::TOO_MANY_REQUESTS, "Locked out"),
        Error::EnrolmentNeeded => ("second-factor-enrolment-needed", S::FORBIDDEN, "A second factor is needed"),
        Error::PasswordChangeNeeded => ("password-change-needed", S::FORBIDDEN, "Your password has to be changed"),
        Error::PersonLinkInvalid | Error::LinkInvalid => ("link-invalid", S::FORBIDDEN, "The link is not valid"),
        Error::Provider(_) => ("provider-refused", S::FORBIDDEN, "Not signed in by the provider"),
        Error::CodeNeeded => ("code-needed", S::FORBIDDEN, "A code is needed"),
        Error::Denied(_) => DENIED,
        Error::TooShort(TooShort::Scope) => ("scope-needed", S::FORBIDDEN, "Not allowed this way"),
        Error::TooShort(TooShort::NotRecent) => ("recent-sign-in-needed", S::FORBIDDEN, "Not allowed this way"),
        Error::TooShort(TooShort::PageOnly | TooShort::DeviceOnlyFills | TooShort::SignedInOnly) => {
            ("page-only", S::FORBIDDEN, "Not allowed this way")
        }
        Error::ApprovalNeeded(_) => ("export-approval-needed", S::FORBIDDEN, "An approval is needed"),
        Error::NotFound(_) | Error::Empty(_) => NOT_FOUND,
        Error::Invalid(_) => ("invalid", S::UNPROCESSABLE_ENTITY, "A value cannot be taken"),
        Error::Conflict(conflict) => kind_of_conflict(conflict),
        Error::Recording(error) => kind_of_recording(error),
        Error::UsersGone => ("users-gone", S::CONFLICT, "The users are gone"),
        Error::TriedTooOften { .. } => ("tried-too-often", S::TOO_MANY_REQUESTS, "Too many sign-ins at the site"),
        Error::NoTls(_) => ("no-tls", S::CONFLICT, "Not automatable"),
        Error::CounterMoves => ("method-not-allowed", S::METHOD_NOT_ALLOWED, "Method not allowed"),
        Error::StepTaken { .. } => ("step-taken", S::CONFLICT, "The step is taken"),
        Error::SessionEnded => ("session-ended", S::GONE, "The session has ended"),
        Error::AuditUnavailable(_) => ("audit-unavailable", S::SERVICE_UNAVAILABLE, "No record, no secret"),
        Error::Database(_) => ("database-unavailable", S::SERVICE_UNAVAILABLE, "The database fails"),
        Error::LogBroken { .. } => ("log-broken", S::INTERNAL_SERVER_ERROR, "The audit log was changed"),
        Error::Damaged(_) => ("damaged", S::INTERNAL_SERVER_ERROR, "A stored secret does not open"),
        Error::KeyLocked(_) => ("key-locked", S::CONFLICT, "The vault key cannot be replaced now"),
        Error::Internal(_) => ("internal", S::INTERNAL_SERVER_ERROR, "The server failed"),
        Error::Closing => ("closing", S::SERVICE_UNAVAILABLE, "The server is shutting down"),
    }
}

const fn kind_of_conflict(conflict: &Conflict) -> Kind {
    const OTHER: &str = "In conflict with what is there";
    let (kind, title) = match conflict {
        Conflict::NameTaken { .. }
        | Conflict::Edited
        | Conflict::OneEdited { .. }
        | Conflict::Inactive
        | Conflict::CountsCodes
        | Conflict::LastAdministrator
        | Conflict::GroupCycle(_)
        | Conflict::GroupApproves(_)
        | Conflict::TooManyPasskeys(_)
        | Conflict::TooManyDevices(_)
        | Conflict::ImportChanged(_)
        | Conflict::OnlySecondFactor
        | Conflict::ServiceAccount(_)
        | Conflict::Provisioned(_)
        | Conflict::NoAdministrators(_)
        | Conflict::AdministratorsThere => ("conflict", OTHER),
        Conflict::CheckOut(_) => ("check-out", "Not possible for this check-out"),
        Conflict::Request(RequestRefusal::Own | RequestRefusal::NotAsked) => return DENIED,
        Conflict::Request(_) => ("request-over", "Not possible for this request"),
        Conflict::VaultRequest(VaultRequestRefusal::Own | VaultRequestRefusal::NotYours) => return DENIED,
        Conflict::VaultRequest(VaultRequestRefusal::NotApproved) => {
            return ("export-approval-needed", StatusCode::FORBIDDEN, "An approval is needed");
        }
        Conflict::VaultRequest(_) => ("request-over", "Not possible for this request"),
        Conflict::VaultRequestPending(_) => ("request-pending", "Requested already"),
        Conflict::NoApprovalNeeded => ("no-request-needed", "No request is needed"),
        Conflict::NoOtherAdministrator => ("no-other-administrator", "There is no second administrator"),
        Conflict::RequestPending(_) => ("request-pending", "Requested already"),
        Conflict::NoRequestNeeded => ("no-request-needed", "No request is needed"),
        Conflict::NotRehearsed => ("not-rehearsed", "Not tried yet"),
        Conflict::ChangeRunning(_) => ("change-under-way", "A change is running"),
        Conflict::ChangeOpen { .. } => ("change-under-way", "A change is open"),
        Conflict::SessionOpen { .. } => ("session-open", "A session is open"),
        Conflict::SessionEnding { .. } => ("session-open", "A session is ending"),
        Conflict::TooManySessions(_) => ("too-many-sessions", "Too many sessions"),
        Conflict::TooLate => ("too-late", "Too late"),
        Conflict::KeyBeingReplaced => ("key-being-replaced", "The vault key is being replaced"),
        Conflict::SetUpAlready => return ("setup-done", StatusCode::GONE, "Set up already"),
    };
    (kind, StatusCode::CONFLICT, title)
}

const fn kind_of_recording(error: &RecordingError) -> Kind {
    use StatusCode as S;
    match error {
        RecordingError::NoStore => ("recording-unavailable", S::SERVICE_UNAVAILABLE, "No record, no session"),
        RecordingError::Full => ("storage-full", S::INSUFFICIENT_STORAGE, "No room for recordings"),
        RecordingError::Failed(_) => ("recording-unavailable", S::SERVICE_UNAVAILABLE, "The recording store fails"),
        RecordingError::NotToPlay => DENIED,
        RecordingError::PlaybackNeeded => ("playback-needed", S::FORBIDDEN, "The recording is not open"),
        RecordingError::PartMissing(_) => ("part-missing", S::GONE, "A part is missing"),
        RecordingError::PartDamaged(_) => ("damaged", S::INTERNAL_SERVER_ERROR, "A part is damaged"),
    }
}

const DENIED: Kind = ("denied", StatusCode::FORBIDDEN, "Not allowed");
const NOT_FOUND: Kind = ("not-found", StatusCode::NOT_FOUND, "Not found");

/// What to do about it, where there is something.
const fn hint_of(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::PasswordChangeNeeded => "POST /api/v1/me/password",
        Error::Denied(_) => "ask a manager or an administrator for access",
        Error::ApprovalNeeded(ApprovalOf::Export) => "`countersign export --ask`, or POST /api/v1/export/requests",
        Error::ApprovalNeeded(ApprovalOf::TurningOff) => "POST /api/v1/export/requests with \"turn_off\": true",
        Error::NoPasskeys(why) => why.hint(),
        Error::TooShort(TooShort::Scope) => "make one with the scope admin, or do it in the page",
        Error::TooShort(TooShort::NotRecent) => "show them with POST /api/v1/me/confirm",
        Error::DeviceRefused(DeviceRefusal::AddressUnknown) => "set `address`, or COUNTERSIGN_ADDRESS",
        Error::PairingRefused => "make another code in the page, under Settings › Browser extensions",
        Error::DeviceLoginRefused => "run `countersign login` once more, and type the code that it shows",
        Error::OtherSite(_) => "add the origin to the credential's site settings, if it belongs to the site",
        Error::TooShort(TooShort::PageOnly | TooShort::SignedInOnly) => "sign in with a browser",
        Error::NoTls(_) => "edit the site's URL, or the origins and pages in its site settings",
        Error::Empty(_) => "edit the credential to add it",
        Error::CounterMoves => "POST to the same URL",
        Error::Recording(RecordingError::Failed(_)) => "see that it can be reached; `countersign doctor` looks at it",
        Error::Recording(RecordingError::PlaybackNeeded) => "GET the recording itself, then its parts",
        Error::Recording(RecordingError::PartMissing(_) | RecordingError::PartDamaged(_)) => {
            "the parts before and after it can be played"
        }
        Error::Damaged(_) => "restore the database from a backup that fits the key",
        Error::UsersGone => USERS_GONE_HINT,
        Error::KeyLocked(_) => "put what unlocks the vault back where it was",
        _ => return None,
    })
}

/// The problem with what to do about it and when to try again. The log has the engine's own words; the answer has not.
fn database(failure: &DatabaseFailure<'_>, problem: Problem) -> Problem {
    if failure.trouble() == DatabaseTrouble::Tampered {
        tracing::error!("{failure}");
        let title = "A row was changed outside Countersign";
        return Problem::new("tampered", StatusCode::INTERNAL_SERVER_ERROR, title, failure.to_string())
            .hint("run `countersign doctor` on the server: it names such rows");
    }
    let (hint, wait) = match failure.trouble() {
        DatabaseTrouble::Full => ("free space on the server's disk: nothing was lost", 30),
        DatabaseTrouble::Unavailable => ("see that the database runs and can be reached", 5),
        DatabaseTrouble::Busy => ("too much is asked of it at once: try again in a moment", 3),
        DatabaseTrouble::Stale => ("try again", 1),
        DatabaseTrouble::Tampered | DatabaseTrouble::Other => ("run `countersign doctor` on the server", 30),
    };
    static FAILED: Mutex<Repeats> = Mutex::new(Repeats::new());
    if let Some(count) = FAILED.lock().unwrap_or_else(PoisonError::into_inner).count(Instant::now()) {
        tracing::error!(count, "the database failed requests: {failure:#}");
    }
    problem.hint(hint).retry_after(Duration::from_secs(wait))
}
