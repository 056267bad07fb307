//! `/api/v1/export`: credentials with their secrets, as other programs' files.

use axum::{Json, extract::State, http::header, response::IntoResponse};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_model::{CredentialId, ExportChoice, Reason, Tag, VaultRequestId};
use countersign_seal::{RecipientKey, SystemChance};
use countersign_vault::{ExportAnswer, ExportRequest, SealedFile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller},
};

// A thousand ids.
const MAX_KIB: usize = 64;

/// What to export: all credentials, those with a tag, or these. One of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportBody {
    /// `otpauth`, `google`, `bitwarden`, `cxf` or `csv`.
    format: String,
    #[serde(default)]
    all: bool,
    tag: Option<String>,
    /// UUIDs, at most 1,000.
    credentials: Option<Vec<String>>,
    /// Why, for the record.
    reason: Option<String>,
    /// A public key on P-256 that was made for this export: its uncompressed point in base64.
    recipient: String,
    /// The id of the request by which another administrator has approved exactly this, where exports need that.
    request: Option<String>,
}

/// Files that only the key opens for which they were asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedBody {
    files: Vec<ExportedFileBody>,
    /// How many credentials are in the files.
    exported: usize,
    /// Credentials that are in none of them.
    left_out: Vec<ExportLeftOutBody>,
    /// What the format has no place for.
    without: Vec<ExportWithoutBody>,
}

/// A file: AES-256-GCM (nonce zero, its name as associated data) under HKDF-SHA256 of the ECDH secret on P-256, without salt, with the info
/// `countersign handover 1`, the sender's point and the recipient's.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedFileBody {
    name: String,
    media_type: &'static str,
    /// The point on P-256 that was made for this file, in base64.
    sender: String,
    /// The sealed file in base64.
    data: String,
}

/// A credential that the format cannot hold.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportLeftOutBody {
    name: String,
    reason: String,
}

/// What is not in the files although its credential is.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportWithoutBody {
    /// In the plural, such as `passwords`.
    what: &'static str,
    count: usize,
}

impl ExportBody {
    fn parse(self, host: String) -> Result<ExportRequest, Problem> {
        let format = self.format.parse().map_err(|error| Problem::invalid("format", format!("is wrong: {error}")))?;
        let choice = choice(self.all, self.tag.as_deref(), self.credentials.as_deref())?;
        let request = self.request.as_deref().map(str::parse::<VaultRequestId>).transpose();
        let reason = self.reason.filter(|text| !text.trim().is_empty());
        let recipient = BASE64_STANDARD.decode(&self.recipient).unwrap_or_default();
        let recipient = RecipientKey::parse(&recipient, &SystemChance);
        Ok(ExportRequest {
            format,
            choice,
            reason: reason.as_deref().map(Reason::parse).transpose()?,
            recipient: recipient.map_err(|error| Problem::invalid("recipient", error.to_string()))?,
            host,
            request: request.map_err(|error| Problem::invalid("request", format!("is {error}")))?,
        })
    }
}

/// Which credentials somebody means.
pub(crate) fn choice(all: bool, tag: Option<&str>, credentials: Option<&[String]>) -> Result<ExportChoice, Problem> {
    match (all, tag, credentials) {
        (true, None, None) => Ok(ExportChoice::All),
        (false, Some(tag), None) => Ok(ExportChoice::Tagged(Tag::parse(tag)?)),
        (false, None, Some(ids)) => {
            let ids = ids.iter().map(|id| id.parse::<CredentialId>());
            let ids = ids.collect::<Result<_, _>>();
            let wrong = |error| Problem::invalid("credentials", format!("name one that is {error}"));
            Ok(ExportChoice::Some(ids.map_err(wrong)?))
        }
        _ => Err(Problem::invalid("credentials", "are to be said in one way: all, a tag, or their ids")),
    }
}

impl From<SealedFile> for ExportedFileBody {
    fn from(SealedFile { name, media_type, sealed }: SealedFile) -> Self {
        Self {
            name,
            media_type,
            sender: BASE64_STANDARD.encode(sealed.sender),
            data: BASE64_STANDARD.encode(&sealed.bytes),
        }
    }
}

impl From<ExportAnswer> for ExportedBody {
    fn from(it: ExportAnswer) -> Self {
        let ExportAnswer { files, exported, left_out, without } = it;
        Self {
            files: files.into_iter().map(Into::into).collect(),
            exported,
            left_out: left_out.into_iter().map(|(name, reason)| ExportLeftOutBody { name, reason }).collect(),
            without: without.into_iter().map(|(what, count)| ExportWithoutBody { what, count }).collect(),
        }
    }
}

/// Takes credentials out, with passwords and setup keys: administrators only, with a recent sign-in or a token that may manage. Each has a
/// record before anything leaves. Where the vault asks for it, another administrator has approved the same export before (`request`).
#[utoipa::path(post, path = "/api/v1/export", tag = "import", request_body = ExportBody,
    responses((status = 200, body = ExportedBody), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ExportBody, MAX_KIB>,
) -> Result<impl IntoResponse, Problem> {
    let ask = body.parse(state.host())?;
    let answer = state.vault().export(&actor, &ask).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ExportedBody::from(answer))))
}
