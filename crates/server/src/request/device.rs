//! Requests that a browser extension has signed. The only handlers that take them are those of `/api/v1/fill`, and the one by which
//! an extension takes itself away, so that it reaches nothing else: everywhere else its header is no bearer, and so nobody.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use countersign_identity::{DeviceClaim, DeviceRefusal, SignedRequest};
use countersign_model::Actor;
use countersign_vault::Error;
use serde::de::DeserializeOwned;

use crate::{
    AppState, Problem,
    request::{
        address::address_of,
        extract::{body_of_at_most, query, read_json},
        purpose::purpose_of,
    },
};

const MOST: usize = 16 * 1024;

/// Whose extension asks, with what it has signed.
pub(crate) struct Signed {
    pub(crate) actor: Actor,
    query: String,
    body: Bytes,
}

impl FromRequest<AppState> for Signed {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let text = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let claim = text.and_then(DeviceClaim::parse).ok_or(Error::NotSignedIn)?;
        let origin = state.own_origin().ok_or(Error::DeviceRefused(DeviceRefusal::AddressUnknown))?;
        let bytes = body_of_at_most(Request::from_parts(parts.clone(), body), MOST).await?;
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let signed = SignedRequest { method: parts.method.as_str(), origin: &origin, target, body: &bytes };
        let address = address_of(&parts, &state.0.settings.trusted_proxies);
        let actor = state.vault().recognise_device(&claim, &signed, address).await?;
        let actor = Actor { purpose: purpose_of(&parts.headers)?, ..actor };
        Ok(Self { actor, query: parts.uri.query().unwrap_or_default().to_owned(), body: bytes })
    }
}

impl Signed {
    /// The parameters of the query.
    pub(crate) fn params<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        query(&self.query)
    }

    /// The body as JSON.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        read_json(&self.body)
    }
}
