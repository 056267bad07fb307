//! Whether all is well: for people, for load balancers, for monitoring.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use countersign_model::Timestamp;
use countersign_vault::{Check, CheckState};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{AppState, Problem, request::extract::Caller, users::passkeys::PasskeysAtBody};

/// What a page needs to know before anybody has signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusBody {
    version: &'static str,
    /// Whether the first administrator is still to be made.
    setup_needed: bool,
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
    /// Whether this is the demo.
    demo: bool,
    /// With which provider people may sign in, by its name; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    passkeys: PasskeysAtBody,
}

/// What a page needs to know before anybody has signed in.
#[utoipa::path(get, path = "/api/v1/status", tag = "status",
    responses((status = 200, body = StatusBody), (status = 503, body = Problem)))]
pub(crate) async fn status(State(state): State<AppState>) -> Result<Json<StatusBody>, Problem> {
    Ok(Json(StatusBody {
        version: env!("CARGO_PKG_VERSION"),
        setup_needed: state.vault().needs_set_up().await?,
        server_time: state.vault().now(),
        demo: state.0.settings.demo,
        // Where its row is not right, the password signs in all the same.
        provider: state.vault().provider_name().await.unwrap_or_else(|error| {
            tracing::error!(%error, "the sign-in provider cannot be read");
            None
        }),
        passkeys: PasskeysAtBody::of(state.vault()),
    }))
}

/// What `doctor` found.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoctorBody {
    checks: Vec<HealthCheck>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthCheck {
    /// What was looked at.
    pub name: &'static str,
    /// `ok`, `warning` or `failed`.
    pub state: &'static str,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl From<Check> for HealthCheck {
    fn from(check: Check) -> Self {
        let state = match check.state {
            CheckState::Ok => "ok",
            CheckState::Warning => "warning",
            CheckState::Failed => "failed",
        };
        Self { name: check.name, state, detail: check.detail, hint: check.hint }
    }
}

/// Clock, database, key, disk, Chromium: what is wrong and what to do.
#[utoipa::path(get, path = "/api/v1/doctor", tag = "status",
    responses((status = 200, body = DoctorBody), (status = "4XX", body = Problem)))]
pub(crate) async fn doctor(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<DoctorBody>, Problem> {
    let mut checks = state.vault().check_health(&actor).await?;
    // Chromium may be started for it.
    let machine = tokio::task::spawn_blocking(move || (state.0.settings.machine_checks)());
    checks.extend(machine.await.map_err(|_| Problem::internal())?);
    Ok(Json(DoctorBody { checks: checks.into_iter().map(Into::into).collect() }))
}

/// The process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// A secret could be read: it tries what that takes, and leaves nothing.
pub(crate) async fn readyz(State(state): State<AppState>) -> impl IntoResponse {
    match state.vault().readiness().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

/// Figures in Prometheus' text form. They name no person and no credential, but the destinations of the audit log.
pub(crate) async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    let headers = [(axum::http::header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    // Without a database the other figures are of use all the more.
    if let Ok(counts) = state.vault().open_changes().await {
        state.0.metrics.changes_open(&counts);
    }
    if let Ok(figures) = state.vault().sink_figures().await {
        state.0.metrics.sinks(&figures);
    }
    (headers, state.0.metrics.render())
}
