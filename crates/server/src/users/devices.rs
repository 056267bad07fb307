//! `/api/v1/me/devices` and `/api/v1/devices`: browser extensions, and how they are paired.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use countersign_identity::DeviceRefusal;
use countersign_model::{DeviceId, DeviceName, Timestamp};
use countersign_seal::DeviceKey;
use countersign_vault::{DeviceView, Error, PairingRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::{
        address::Address,
        extract::{Body, Caller, Id},
    },
};

/// A browser extension that was paired.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceBody {
    id: String,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it has to be paired anew.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<DeviceView> for DeviceBody {
    fn from(it: DeviceView) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name,
            created_at: it.created_at,
            expires_at: it.expires_at,
            last_used_at: it.last_used_at,
        }
    }
}

/// The caller's browser extensions.
#[derive(Serialize, ToSchema)]
pub(crate) struct DevicesBody {
    items: Vec<DeviceBody>,
}

/// What pairs a browser extension.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairingCodeBody {
    /// Eight characters in two groups; serves once.
    code: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Where the server is: what the extension has to be told beside the code.
    address: String,
}

/// What a browser extension shows to be paired.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairBody {
    /// The code that the page has shown.
    code: String,
    /// What the extension is to be called, 1 to 100 characters.
    name: String,
    /// The public half of its key: an uncompressed point of P-256, 65 bytes in base64url.
    public_key: String,
    /// ECDSA with SHA-256 over the lines `countersign-pairing-1`, the server's origin, the code (upper case, no dash) and the name, and then the point: r and s, 64 bytes in base64url.
    signature: String,
}

/// A browser extension that was just paired.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairedBody {
    device: DeviceBody,
    /// Whose it is, by name.
    user: String,
}

/// Makes a code by which a browser extension is paired with the caller; the one before serves no more. In a browser, and recently
/// signed in.
#[utoipa::path(post, path = "/api/v1/me/devices/code", tag = "account",
    responses((status = 201, body = PairingCodeBody), (status = "4XX", body = Problem)))]
pub(crate) async fn code(State(state): State<AppState>, Caller(actor): Caller) -> Result<impl IntoResponse, Problem> {
    let origin = state.own_origin().ok_or(Error::DeviceRefused(DeviceRefusal::AddressUnknown))?;
    let (code, expires_at) = state.vault().make_pairing_code(&actor).await?;
    let address = format!("{origin}{}", state.0.settings.base_path.as_str());
    let body = PairingCodeBody { code: code.expose_text().unwrap_or_default().to_owned(), expires_at, address };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}

/// The caller's browser extensions.
#[utoipa::path(get, path = "/api/v1/me/devices", tag = "account",
    responses((status = 200, body = DevicesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<DevicesBody>, Problem> {
    let items = state.vault().devices(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(DevicesBody { items }))
}

/// Removes one of the caller's browser extensions.
#[utoipa::path(delete, path = "/api/v1/me/devices/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<DeviceId>,
) -> Result<StatusCode, Problem> {
    state.vault().remove_device(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pairs a browser extension with who made the code. Nobody has to be signed in where the extension is.
#[utoipa::path(post, path = "/api/v1/devices", tag = "account", request_body = PairBody,
    responses((status = 201, body = PairedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn pair(
    State(state): State<AppState>,
    Address(address): Address,
    Body(body): Body<PairBody, 4>,
) -> Result<impl IntoResponse, Problem> {
    if let Some(address) = address {
        state.0.throttle.check(address).map_err(Problem::rate_limited)?;
    }
    let origin = state.own_origin().ok_or(Error::DeviceRefused(DeviceRefusal::AddressUnknown))?;
    let name = DeviceName::parse(&body.name)?;
    let key = DeviceKey::from_text(&body.public_key);
    let key = key.ok_or_else(|| Problem::invalid("public_key", "is no uncompressed point of P-256 in base64url"))?;
    let signature = DeviceKey::signature_from_text(&body.signature);
    let signature = signature.ok_or_else(|| Problem::invalid("signature", "is no r and s in base64url"))?;
    let ask = PairingRequest { code: &body.code, name, key, signature, origin: &origin, address };
    let paired = state.vault().pair_device(ask).await?;
    let body = PairedBody { device: paired.device.into(), user: paired.user };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}
