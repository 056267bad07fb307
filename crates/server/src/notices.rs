//! `/api/v1/notices`: where people are told outside the page, whether it works, and one's own address.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_model::Timestamp;
use countersign_seal::Secret;
use countersign_vault::{DeliveryView, FieldEdit, NoticeSettingsRequest, NoticeView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    credentials::seeds::SecretText,
    request::extract::{Body, Caller},
};

/// Where notices go.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticesBody {
    /// Whether the server's settings file says it, so that it cannot be changed here.
    fixed: bool,
    /// Where people find the page, for links.
    address: Option<String>,
    /// The mail server, without its password.
    smtp: Option<String>,
    /// Whom mails come from.
    sender: Option<String>,
    /// Who is told, beside whoever asked.
    recipients: Vec<String>,
    /// Whether whoever asked for a change is told, at the address in their account.
    tell_asker: bool,
    /// The webhook's origin; the rest of its URL is not shown.
    webhook: Option<String>,
    /// What signs the webhook, where it is new: it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_secret: Option<String>,
}

impl NoticesBody {
    fn new(view: NoticeView, signing: Option<&Secret>) -> Self {
        let NoticeView { fixed, address, smtp, sender, recipients, tell_asker, webhook } = view;
        let signing_secret = signing.and_then(Secret::expose_text).map(str::to_owned);
        Self { fixed, address, smtp, sender, recipients, tell_asker, webhook, signing_secret }
    }
}

/// Where notices are to go. `smtp` and `webhook` stay where they are left out; `null` takes them away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeSettingsBody {
    /// Where people find the page, as `https://vault.example.com`.
    address: Option<String>,
    /// The mail server: `smtp://user:password@mail.example.com:587` (STARTTLS) or `smtps://…`.
    #[serde(default, deserialize_with = "crate::credentials::credential::present")]
    #[schema(value_type = Option<String>)]
    smtp: Option<Option<SecretText>>,
    /// Whom mails come from.
    sender: Option<String>,
    /// Who is told, beside whoever asked: e-mail addresses.
    #[serde(default)]
    recipients: Vec<String>,
    /// Whether whoever asked for a change is told.
    tell_asker: bool,
    /// Where the webhook goes: `https://…`.
    #[serde(default, deserialize_with = "crate::credentials::credential::present")]
    #[schema(value_type = Option<String>)]
    webhook: Option<Option<SecretText>>,
    /// Make another secret to sign the webhook with.
    #[serde(default)]
    new_signing_secret: bool,
}

/// Where notices go.
#[utoipa::path(get, path = "/api/v1/notices/settings", tag = "notices",
    responses((status = 200, body = NoticesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<NoticesBody>, Problem> {
    Ok(Json(NoticesBody::new(state.vault().notice_settings(&actor).await?, None)))
}

/// Says anew where notices go.
#[utoipa::path(put, path = "/api/v1/notices/settings", tag = "notices", request_body = NoticeSettingsBody,
    responses((status = 200, body = NoticesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn write(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(wish): Body<NoticeSettingsBody>,
) -> Result<impl IntoResponse, Problem> {
    let secret = |wish: Option<Option<SecretText>>| match wish {
        None => FieldEdit::Keep,
        Some(None) => FieldEdit::Clear,
        Some(Some(text)) => FieldEdit::Set(text.into_secret()),
    };
    let ask = NoticeSettingsRequest {
        address: wish.address,
        smtp: secret(wish.smtp),
        sender: wish.sender,
        recipients: wish.recipients,
        tell_asker: wish.tell_asker,
        webhook: secret(wish.webhook),
        new_signing_secret: wish.new_signing_secret,
    };
    let (view, signing) = state.vault().set_notice_settings(&actor, ask).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(NoticesBody::new(view, signing.as_ref()))))
}

/// How many notices were put into the outbox.
#[derive(Serialize, ToSchema)]
pub(crate) struct TestedBody {
    notices: usize,
}

/// Sends a test by every way that is set up: to the recipients, to the caller's own address and to the webhook. What
/// became of it is in the log.
#[utoipa::path(post, path = "/api/v1/notices/test", tag = "notices",
    responses((status = 202, body = TestedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn test(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<(StatusCode, Json<TestedBody>), Problem> {
    let notices = state.vault().send_test_notice(&actor).await?;
    Ok((StatusCode::ACCEPTED, Json(TestedBody { notices })))
}

/// The last deliveries, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveriesBody {
    items: Vec<DeliveryBody>,
}

/// One notice to one recipient.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryBody {
    id: String,
    /// `waiting`, `in_doubt`, `failed`, `changed` or `test`.
    kind: String,
    /// The credential's name; empty for a test.
    credential: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    /// `mail` or `webhook`.
    way: String,
    /// The mail address; empty for the webhook.
    recipient: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `waiting`, `delivered` or `given_up`.
    state: &'static str,
    attempts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Timestamp>,
    /// What stood in the way the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

impl From<DeliveryView> for DeliveryBody {
    fn from(row: DeliveryView) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            credential: row.credential_name,
            change: row.change.map(|id| id.to_string()),
            way: row.way,
            recipient: row.recipient,
            at: row.created_at,
            state: match (row.delivered_at, row.given_up_at) {
                (Some(_), _) => "delivered",
                (None, None) => "waiting",
                (None, Some(_)) => "given_up",
            },
            attempts: row.attempts,
            delivered_at: row.delivered_at,
            next_try_at: row.next_try_at,
            last_error: row.last_error,
        }
    }
}

/// The last deliveries, the newest first, at most a hundred.
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices",
    responses((status = 200, body = DeliveriesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<DeliveriesBody>, Problem> {
    let log = state.vault().notice_log(&actor).await?;
    Ok(Json(DeliveriesBody { items: log.into_iter().map(Into::into).collect() }))
}

/// Where the caller is told of the changes that they asked for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailBody {
    /// An e-mail address; `null` for nowhere.
    email: Option<String>,
}

/// Where the caller is told of the changes that they asked for.
#[utoipa::path(get, path = "/api/v1/me/email", tag = "account",
    responses((status = 200, body = EmailBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read_email(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<EmailBody>, Problem> {
    Ok(Json(EmailBody { email: state.vault().own_email(&actor).await? }))
}

/// Says where the caller is told.
#[utoipa::path(put, path = "/api/v1/me/email", tag = "account", request_body = EmailBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn write_email(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<EmailBody>,
) -> Result<StatusCode, Problem> {
    state.vault().set_own_email(&actor, body.email.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
