//! The control over HTTP, on a listener of its own, JSON in and out.

use super::Control;
use crate::account::NewUser;
use crate::hurdles::Hurdles;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// The whole control API.
pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .route("/control/", get(index))
        .route("/control/origins", get(|State(control): State<Control>| async move { Json(control.origins()) }))
        .route("/control/hurdles", get(hurdles).post(patch_hurdles).put(put_hurdles))
        .route("/control/truth", get(truth))
        .route("/control/users", get(users).post(add_user))
        .route("/control/check", post(check))
        .route("/control/password", post(set_password))
        .route("/control/token", get(token))
        .route("/control/unlock", post(unlock))
        .route("/control/sign-out", post(sign_out))
        .route("/control/forget-browsers", post(forget_browsers))
        .route("/control/sittings", get(|State(control): State<Control>| async move { Json(control.sittings()) }))
        .route("/control/typed", get(|State(control): State<Control>| async move { Json(control.typed()) }))
        .route("/control/trapped", get(|State(control): State<Control>| async move { Json(control.trapped()) }))
        .route("/control/mails", get(mails))
        .route("/control/events", get(|State(control): State<Control>| async move { Json(control.events()) }))
        .route("/control/clear-logs", post(clear_logs))
        .route("/control/clock", get(clock).post(set_clock))
        .with_state(control)
}

/// `?user=`, where an answer depends on somebody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForUser {
    user: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WithPassword {
    user: String,
    password: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    user: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ClockMove {
    OffsetSeconds(i64),
    AdvanceSeconds(i64),
}

async fn index(State(control): State<Control>) -> Json<Value> {
    let users: Vec<String> = control.users().into_iter().map(|user| user.name).collect();
    Json(json!({ "origins": control.origins(), "users": users, "now": control.now() }))
}

async fn hurdles(State(control): State<Control>, Query(of): Query<ForUser>) -> Json<Hurdles> {
    Json(control.hurdles(of.user.as_deref()))
}

async fn patch_hurdles(
    State(control): State<Control>,
    Query(of): Query<ForUser>,
    Json(patch): Json<Value>,
) -> Response {
    match control.patch_hurdles(of.user.as_deref(), &patch) {
        Ok(hurdles) => Json(hurdles).into_response(),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &error),
    }
}

async fn put_hurdles(State(control): State<Control>, Json(hurdles): Json<Value>) -> Response {
    match Hurdles::from_json(&hurdles.to_string()) {
        Ok(hurdles) => {
            control.set_hurdles(hurdles.clone());
            Json(hurdles).into_response()
        }
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &error),
    }
}

async fn truth(State(control): State<Control>, Query(of): Query<ForUser>) -> Response {
    Json(control.truth(of.user.as_deref())).into_response()
}

async fn users(State(control): State<Control>) -> Response {
    Json(control.users()).into_response()
}

async fn add_user(State(control): State<Control>, Json(user): Json<NewUser>) -> Response {
    match control.add_user(user) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &error),
    }
}

async fn check(State(control): State<Control>, Json(asked): Json<WithPassword>) -> Json<Value> {
    Json(json!({ "right": control.check(&asked.user, &asked.password) }))
}

async fn set_password(State(control): State<Control>, Json(asked): Json<WithPassword>) -> StatusCode {
    found(control.set_password(&asked.user, &asked.password))
}

async fn token(State(control): State<Control>, Query(of): Query<Named>) -> Response {
    match control.token(&of.user) {
        Some(token) => Json(json!({ "token": token })).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn unlock(State(control): State<Control>, Json(of): Json<Named>) -> StatusCode {
    found(control.unlock(&of.user))
}

async fn sign_out(State(control): State<Control>, Json(of): Json<Named>) -> StatusCode {
    control.sign_out(&of.user);
    StatusCode::NO_CONTENT
}

async fn forget_browsers(State(control): State<Control>) -> StatusCode {
    control.forget_browsers();
    StatusCode::NO_CONTENT
}

async fn mails(State(control): State<Control>, Query(of): Query<ForUser>) -> Response {
    Json(control.mails(of.user.as_deref())).into_response()
}

async fn clear_logs(State(control): State<Control>) -> StatusCode {
    control.clear_logs();
    StatusCode::NO_CONTENT
}

async fn clock(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "now": control.now(), "offset_seconds": control.hurdles(None).clock.offset_seconds }))
}

async fn set_clock(State(control): State<Control>, Json(moved): Json<ClockMove>) -> Json<Value> {
    match moved {
        ClockMove::OffsetSeconds(seconds) => control.set_clock(seconds),
        ClockMove::AdvanceSeconds(seconds) => control.advance(seconds),
    }
    clock(State(control)).await
}

fn found(found: bool) -> StatusCode {
    if found { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

fn refused(status: StatusCode, error: &dyn std::error::Error) -> Response {
    (status, Json(json!({ "error": error.to_string() }))).into_response()
}
