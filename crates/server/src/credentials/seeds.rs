//! Seeds as they come in, and `/api/v1/seeds/check`, which shows their tokens before they are saved.

use axum::{Json, extract::State, http::header, response::IntoResponse};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_model::Timestamp;
use countersign_seal::Secret;
use countersign_vault::{SeedCheck, SeedRequest, TokenPreview};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller},
};

/// A text from a request that becomes a [`Secret`] as it is read.
pub(crate) struct SecretText(Secret);

impl SecretText {
    pub(crate) fn into_secret(self) -> Secret {
        self.0
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::from(text)))
    }
}

/// A seed: either a whole `uri`, or a `secret` with what differs from the usual.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpBody {
    /// `otpauth://…` or `steam://…`.
    #[schema(value_type = Option<String>)]
    uri: Option<SecretText>,
    /// The bare seed, in any case, with or without blanks, dashes and padding.
    #[schema(value_type = Option<String>)]
    secret: Option<SecretText>,
    /// How the bare seed is written: `base32` (usual), `hex` or `base64`.
    encoding: Option<String>,
    /// `SHA1` (usual), `SHA256` or `SHA512`.
    algorithm: Option<String>,
    /// 5 to 10; usually 6.
    digits: Option<u64>,
    /// Seconds of a step, 1 to 86400; usually 30.
    period: Option<u64>,
    /// `steam` for Steam's alphabet.
    encoder: Option<String>,
    /// `totp` (usual), `hotp` or `steam`.
    kind: Option<String>,
    /// For `hotp` the counter of the next code.
    counter: Option<u64>,
}

impl TotpBody {
    pub(crate) fn understand(&self) -> Result<SeedCheck, Problem> {
        let text = match (&self.uri, &self.secret) {
            (Some(SecretText(text)), None) | (None, Some(SecretText(text))) => text,
            _ => return Err(Problem::invalid("totp", "needs either uri or secret")),
        };
        let ask = SeedRequest {
            text: Some(Secret::from(text.expose())),
            image: None,
            encoding: self.encoding.clone(),
            algorithm: self.algorithm.clone(),
            digits: self.digits,
            period: self.period,
            encoder: self.encoder.clone(),
            kind: self.kind.clone(),
            counter: self.counter,
        };
        Ok(ask.understand()?)
    }
}

/// What to check: a text, or a picture with a QR code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckBody {
    /// A seed or a whole URI.
    #[schema(value_type = Option<String>)]
    text: Option<SecretText>,
    /// A PNG, JPEG or WebP in base64.
    #[schema(value_type = Option<String>)]
    image: Option<SecretText>,
    encoding: Option<String>,
    algorithm: Option<String>,
    digits: Option<u64>,
    period: Option<u64>,
    encoder: Option<String>,
    kind: Option<String>,
    counter: Option<u64>,
}

/// What was understood, with tokens to compare.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckedBody {
    kind: &'static str,
    algorithm: &'static str,
    digits: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// The same as one URI, ready to be sent as `totp.uri`.
    uri: String,
    warnings: Vec<String>,
    current: PreviewBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<PreviewBody>,
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
}

/// A token made of what was sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreviewBody {
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    begins_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
}

impl From<TokenPreview> for PreviewBody {
    fn from(preview: TokenPreview) -> Self {
        let times = preview.times;
        Self {
            token: preview.text.expose().to_owned(),
            step: times.map(|(step, ..)| step),
            begins_at: times.map(|(_, begins_at, _)| begins_at),
            ends_at: times.map(|(.., ends_at)| ends_at),
        }
    }
}

/// Understands a seed, a URI or a QR code and shows its tokens. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/seeds/check", tag = "credentials", request_body = CheckBody,
    responses((status = 200, body = CheckedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn check(
    State(state): State<AppState>,
    Caller(_): Caller,
    // A picture of eight MiB is four thirds of that in base64.
    Body(body): Body<CheckBody, 11_264>,
) -> Result<impl IntoResponse, Problem> {
    let image = match body.image {
        None => None,
        Some(SecretText(text)) => {
            let bytes =
                BASE64_STANDARD.decode(text.expose()).map_err(|_| Problem::invalid("image", "is not base64"))?;
            Some(bytes)
        }
    };
    let ask = SeedRequest {
        text: body.text.map(SecretText::into_secret),
        image,
        encoding: body.encoding,
        algorithm: body.algorithm,
        digits: body.digits,
        period: body.period,
        encoder: body.encoder,
        kind: body.kind,
        counter: body.counter,
    };
    let (check, server_time) = state.vault().check_seed(&ask)?;
    let mut previews = check.previews(server_time).into_iter();
    let current = previews.next().ok_or_else(Problem::internal)?.into();
    let next = previews.next().map(Into::into);
    let second_factor = check.second_factor();
    let uri = check.uri()?;
    let body = CheckedBody {
        kind: second_factor.kind.name(),
        algorithm: second_factor.algorithm.name(),
        digits: second_factor.digits,
        period: second_factor.period,
        counter: check.secret.counter(),
        issuer: check.label.as_ref().and_then(|label| label.issuer().map(str::to_owned)),
        account: check.label.as_ref().map(|label| label.account().to_owned()).filter(|account| !account.is_empty()),
        uri: uri.expose_text().unwrap_or_default().to_owned(),
        warnings: check.warnings,
        current,
        next,
        server_time,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)))
}
