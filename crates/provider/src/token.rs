//! Whether an ID token proves who somebody is (OpenID Connect Core 1.0 §3.1.3.7). Pure: time and keys are given.

use std::str::FromStr as _;

use chrono::DateTime;
use countersign_model::{ProviderRefusal, Timestamp};
use countersign_seal::Secret;
use data_encoding::BASE64URL_NOPAD;
use openidconnect::{
    ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::{Map, Value};

use crate::Refused;

/// How far the provider's clock may be off.
const SKEW_SECONDS: i64 = 60;
const LARGEST_TOKEN: usize = 64 * 1024;
const MOST_KEYS: usize = 100;
/// A token of a sign-in was issued for it, a moment ago.
const OLDEST_SECONDS: i64 = 10 * 60;
pub(crate) const BAD_SIGNATURE: &str = "the token's signature is not right";

/// What a token has to be of.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a Secret,
    pub(crate) now: Timestamp,
    /// Where they had to sign in anew at the provider: since when.
    pub(crate) signed_in_since: Option<Timestamp>,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotVerified {
    /// It names a key that is not among those known.
    KeyUnknown,
    /// The key that it names has not signed it; another may have its name by now.
    BadSignature,
    /// Anything else.
    Wrong(String),
    /// They did not sign in anew.
    NotFresh(&'static str),
}

impl NotVerified {
    pub(crate) fn refused(self) -> Refused {
        match self {
            Self::KeyUnknown => Refused::because(
                ProviderRefusal::WrongToken,
                "the token is signed with a key that the provider does not publish",
            ),
            Self::BadSignature => Refused::because(ProviderRefusal::WrongToken, BAD_SIGNATURE),
            Self::Wrong(detail) => Refused::because(ProviderRefusal::WrongToken, detail),
            Self::NotFresh(detail) => Refused::because(ProviderRefusal::NotFresh, detail),
        }
    }
}

/// The keys of a provider (RFC 7517 §5). Those of kinds that are not known are passed over.
///
/// # Errors
/// [`ProviderRefusal::WrongAnswer`].
pub(crate) fn keys(body: &[u8]) -> Result<CoreJsonWebKeySet, Refused> {
    let wrong = |detail: &str| Refused::because(ProviderRefusal::WrongAnswer, detail);
    let mut read: Value = serde_json::from_slice(body).map_err(|_| wrong("its keys cannot be read"))?;
    if let Some(keys) = read.get_mut("keys").and_then(Value::as_array_mut) {
        keys.retain(|key| !is_weak(key));
    }
    let read: CoreJsonWebKeySet = serde_json::from_value(read).map_err(|_| wrong("its keys cannot be read"))?;
    if read.keys().len() > MOST_KEYS {
        return Err(wrong("it publishes more keys than are looked at"));
    }
    Ok(read)
}

/// Whether it is an RSA key of less than 2048 bits (RFC 7518 §3.3): what such a key signs can be forged.
fn is_weak(key: &Value) -> bool {
    const LEAST_DIGITS: usize = 2048_usize.div_ceil(6);
    let modulus = key.get("n").and_then(Value::as_str).unwrap_or_default();
    key.get("kty").and_then(Value::as_str) == Some("RSA") && modulus.trim_start_matches('A').len() < LEAST_DIGITS
}

/// The claims of a token that this issuer has signed by one of these keys, names itself in, and does not say is over. For whom it is and
/// about whom, is for others to judge.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn signed(
    token: &str,
    keys: &CoreJsonWebKeySet,
    issuer: &str,
    now: Timestamp,
) -> Result<Map<String, Value>, NotVerified> {
    let read = read(token)?;
    let verifier = verifier(keys, issuer, "", now)?.require_audience_match(false);
    // A nonce is of a sign-in, and there is none.
    let any_nonce = |_: Option<&Nonce>| -> Result<(), String> { Ok(()) };
    read.claims(&verifier, any_nonce).map_err(of_library)?;
    payload(token).ok_or_else(|| NotVerified::Wrong("the token cannot be read".to_owned()))
}

/// The claims of a token that is for us, now, by one of these keys.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn verified(
    token: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, NotVerified> {
    let read = read(token)?;
    let verifier = verifier(keys, expected.issuer, expected.client_id, expected.now)?;
    let nonce = Nonce::new(expected.nonce.expose_text().unwrap_or_default().to_owned());
    let claims = read.claims(&verifier, &nonce).map_err(of_library)?;
    check_party(claims, expected.client_id)?;
    if let Some(since) = expected.signed_in_since {
        check_fresh(claims, since, expected.now)?;
    }
    if claims.issue_time().timestamp() < expected.now.seconds() - OLDEST_SECONDS {
        return Err(NotVerified::Wrong("the token was issued more than ten minutes ago (iat)".to_owned()));
    }
    let claims = payload(token).ok_or_else(|| NotVerified::Wrong("the token cannot be read".to_owned()))?;
    check_begun(&claims, expected.now)?;
    Ok(claims)
}

/// Not before its time (RFC 7519 §4.1.5), which the library does not look at.
fn check_begun(claims: &Map<String, Value>, now: Timestamp) -> Result<(), NotVerified> {
    let Some(from) = claims.get("nbf") else { return Ok(()) };
    #[expect(clippy::cast_precision_loss, reason = "seconds of this age")]
    let latest = (now.seconds() + SKEW_SECONDS) as f64;
    match from.as_f64() {
        Some(from) if from <= latest => Ok(()),
        Some(_) => Err(NotVerified::Wrong("the token is not valid yet (nbf)".to_owned())),
        None => Err(NotVerified::Wrong("the token does not say from when it is valid (nbf)".to_owned())),
    }
}

fn read(token: &str) -> Result<CoreIdToken, NotVerified> {
    if token.len() > LARGEST_TOKEN {
        return Err(NotVerified::Wrong("the token is too large".to_owned()));
    }
    CoreIdToken::from_str(token).map_err(|_| NotVerified::Wrong("the token cannot be read".to_owned()))
}

fn verifier(
    keys: &CoreJsonWebKeySet,
    issuer: &str,
    client_id: &str,
    now: Timestamp,
) -> Result<CoreIdTokenVerifier<'static>, NotVerified> {
    let wrong = |detail: &str| NotVerified::Wrong(detail.to_owned());
    let now = at(now).ok_or_else(|| wrong("the time is none"))?;
    let skew = chrono::Duration::seconds(SKEW_SECONDS);
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| wrong("the issuer is no URL"))?;
    // As for a client without a secret: no algorithm that shares one is taken, whatever is in the list below.
    let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new(client_id.to_owned()), issuer, keys.clone())
        .set_allowed_algs(algorithms())
        .set_time_fn(move || now - skew)
        .set_issue_time_verifier_fn(move |issued| {
            if issued <= now + skew { Ok(()) } else { Err("the token is from the future".to_owned()) }
        });
    Ok(verifier)
}

fn algorithms() -> [CoreJwsSigningAlgorithm; 9] {
    use CoreJwsSigningAlgorithm as A;
    [
        A::RsaSsaPkcs1V15Sha256,
        A::RsaSsaPkcs1V15Sha384,
        A::RsaSsaPkcs1V15Sha512,
        A::RsaSsaPssSha256,
        A::RsaSsaPssSha384,
        A::RsaSsaPssSha512,
        A::EcdsaP256Sha256,
        A::EcdsaP384Sha384,
        A::EdDsa,
    ]
}

/// Whom the token was issued to, where it says so: to us. The library leaves that to whoever uses it.
fn check_party(claims: &CoreIdTokenClaims, client_id: &str) -> Result<(), NotVerified> {
    match claims.authorized_party() {
        Some(party) if party.as_str() != client_id => {
            Err(NotVerified::Wrong("the token was issued to another client (azp)".to_owned()))
        }
        _ => Ok(()),
    }
}

/// OpenID Connect Core 1.0 §3.1.2.1: a provider that was asked with `max_age` has to say when the person signed in.
fn check_fresh(claims: &CoreIdTokenClaims, since: Timestamp, now: Timestamp) -> Result<(), NotVerified> {
    let signed_in =
        claims.auth_time().ok_or(NotVerified::NotFresh("the provider does not say when you signed in (auth_time)"))?;
    let signed_in = signed_in.timestamp();
    if signed_in < since.seconds() - SKEW_SECONDS {
        return Err(NotVerified::NotFresh("the provider has not asked anew who it is (auth_time)"));
    }
    if signed_in > now.seconds() + SKEW_SECONDS {
        return Err(NotVerified::NotFresh("the provider's auth_time is in the future"));
    }
    Ok(())
}

/// All claims of a token whose signature was verified.
fn payload(token: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn at(time: Timestamp) -> Option<DateTime<chrono::Utc>> {
    DateTime::from_timestamp(time.seconds(), 0)
}

fn of_library(error: ClaimsVerificationError) -> NotVerified {
    let detail = match error {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            return NotVerified::KeyUnknown;
        }
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::DisallowedAlg(_) | SignatureVerificationError::UnsupportedAlg(_),
        ) => "the token is signed in a way that is not accepted",
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoSignature) => {
            "the token is not signed"
        }
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::AmbiguousKeyId(_)) => {
            "the token does not say which of the provider's keys has signed it"
        }
        ClaimsVerificationError::SignatureVerification(_) => return NotVerified::BadSignature,
        ClaimsVerificationError::Expired(text) if text.contains("future") => "the token is from the future",
        ClaimsVerificationError::Expired(_) => "the token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the token is for another client (aud)",
        ClaimsVerificationError::InvalidIssuer(_) => "the token is of another issuer (iss)",
        ClaimsVerificationError::InvalidNonce(_) => "the token is not of this sign-in (nonce)",
        ClaimsVerificationError::Unsupported(_) => "the token is of a kind that is not accepted",
        _ => "the token is not right",
    };
    NotVerified::Wrong(detail.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BASE64URL_NOPAD, keys};

    /// A modulus of so many bits, and of how many bytes it is written: with noughts before it, or without.
    fn key(bits: usize, bytes: usize) -> serde_json::Value {
        let mut modulus = vec![0; bytes];
        modulus[bytes - bits / 8..].fill(0xa5);
        json!({"kty": "RSA", "kid": bits.to_string(), "alg": "RS256", "n": BASE64URL_NOPAD.encode(&modulus), "e": "AQAB"})
    }

    #[test]
    fn an_rsa_key_that_can_be_broken_counts_for_nothing() {
        let published = [key(512, 64), key(1024, 128), key(1024, 256), key(2040, 256), key(2048, 256), key(3072, 384)];
        let body = json!({"keys": published}).to_string();
        let kept = keys(body.as_bytes()).unwrap();
        assert_eq!(serde_json::to_value(&kept).unwrap()["keys"].as_array().unwrap().len(), 2);
    }
}
