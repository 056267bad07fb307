//! `/api/v1/credentials/{id}/transfer`: one setup key, for a phone.

use axum::{Json, extract::State, http::header, response::IntoResponse};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_seal::{RecipientKey, SystemChance};
use countersign_vault::{TransferAnswer, TransferRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::export::ExportedFileBody;
use crate::{
    AppState, Problem,
    request::{
        extract::{Body, Caller, Wanted},
        purpose::{parse_reason, with_ticket},
    },
};

/// For whom to seal the setup key, and why it is transferred.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferBody {
    /// A public key on P-256 that was made for this transfer: its uncompressed point in base64.
    recipient: String,
    /// Why, for the record.
    reason: Option<String>,
    /// The number of a ticket, where access asks for one.
    ticket: Option<String>,
}

/// A setup key that only the key opens for which it was asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct TransferredBody {
    /// The `otpauth://` URL.
    uri: ExportedFileBody,
    /// The same as a QR code, an SVG picture.
    qr: ExportedFileBody,
    /// `totp` or `steam`, whose codes only some apps make.
    kind: &'static str,
    /// How long a page should show it.
    hide_after_seconds: u32,
}

const HIDE_AFTER_SECONDS: u32 = 60;

impl From<TransferAnswer> for TransferredBody {
    fn from(it: TransferAnswer) -> Self {
        Self {
            uri: it.uri.into(),
            qr: it.qr.into(),
            kind: it.second_factor.kind.name(),
            hide_after_seconds: HIDE_AFTER_SECONDS,
        }
    }
}

/// Transfers the setup key to a phone: for users who were granted that, signed in in the page, with a recent sign-in. No API token does it. The record is
/// durable before it is answered.
#[utoipa::path(post, path = "/api/v1/credentials/{id}/transfer", tag = "secrets", request_body = TransferBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = TransferredBody), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    Body(body): Body<TransferBody>,
) -> Result<impl IntoResponse, Problem> {
    let actor = with_ticket(actor, body.ticket.as_deref())?;
    let reason = parse_reason(body.reason)?;
    let recipient = BASE64_STANDARD.decode(&body.recipient).unwrap_or_default();
    let recipient = RecipientKey::parse(&recipient, &SystemChance);
    let recipient = recipient.map_err(|error| Problem::invalid("recipient", error.to_string()))?;
    let answer = state.vault().transfer_seed(&actor, &wanted, &TransferRequest { reason, recipient }).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(TransferredBody::from(answer))))
}
