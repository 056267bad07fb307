//! Sending somebody to the provider, and exchanging the code that they bring back (RFC 6749 §4.1, RFC 7636).

use std::{pin::Pin, time::Duration};

use countersign_identity::RoundTripSecrets;
use countersign_model::{ProviderRefusal, ProviderSettings};
use countersign_seal::Secret;
use countersign_vault::ProviderAccess;
use openidconnect::{
    AsyncHttpClient, AuthType, AuthUrl, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _, TokenUrl,
    core::{CoreAuthPrompt, CoreClient, CoreResponseType},
};
use url::Url;

use crate::{
    Refused,
    discovery::Discovery,
    fetch::{Fetcher, NotFetched},
};

/// What the code is worth.
pub(crate) struct Tokens {
    pub(crate) id_token: String,
    pub(crate) access_token: String,
}

/// Where somebody's browser is sent. `fresh`: they have to sign in there anew.
pub(crate) fn address(
    discovery: &Discovery,
    settings: &ProviderSettings,
    secrets: &RoundTripSecrets,
    fresh: bool,
) -> Result<Url, Refused> {
    let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| not_a_url("issuer"))?;
    let client = CoreClient::new(ClientId::new(settings.client_id.clone()), issuer, JsonWebKeySet::new(Vec::new()))
        .set_auth_uri(AuthUrl::from_url(discovery.authorization_endpoint.clone()))
        .set_redirect_uri(redirect(settings)?);
    let (state, nonce, verifier) = (text(&secrets.state), text(&secrets.nonce), text(&secrets.verifier));
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
    let mut request = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .add_scopes(settings.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge);
    if fresh {
        request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
    }
    Ok(request.url().0)
}

/// Exchanges a code.
///
/// # Errors
/// [`ProviderRefusal::Unreachable`], [`ProviderRefusal::WrongAnswer`]; [`ProviderRefusal::ProviderError`] where the provider refuses.
pub(crate) async fn tokens(
    fetcher: &Fetcher,
    discovery: &Discovery,
    access: &ProviderAccess,
    secrets: &RoundTripSecrets,
    code: String,
) -> Result<Tokens, Refused> {
    let settings = &access.settings;
    let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| not_a_url("issuer"))?;
    let mut client = CoreClient::new(ClientId::new(settings.client_id.clone()), issuer, JsonWebKeySet::new(Vec::new()));
    if let Some(secret) = &access.secret {
        client = client.set_client_secret(ClientSecret::new(text(secret)));
        if discovery.takes_secret_in_body() {
            client = client.set_auth_type(AuthType::RequestBody);
        }
    }
    let client = client
        .set_token_uri(TokenUrl::from_url(discovery.token_endpoint.clone()))
        .set_redirect_uri(redirect(settings)?);
    let answered = client
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(PkceCodeVerifier::new(text(&secrets.verifier)))
        .request_async(&OfProvider { fetcher, issuer: &settings.issuer })
        .await;
    let response = answered.map_err(|error| match error {
        RequestTokenError::Request(NotFetched(refused)) => refused,
        RequestTokenError::ServerResponse(answer) => {
            let named = answer.error().to_string();
            let word: String = named.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '_').take(60).collect();
            Refused::because(ProviderRefusal::ProviderError, format!("the provider does not exchange the code: {word}"))
        }
        // What it holds may be a token.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Refused::because(ProviderRefusal::WrongAnswer, "its answer to the code cannot be read")
        }
    })?;
    let id_token = response
        .id_token()
        .ok_or_else(|| Refused::because(ProviderRefusal::WrongAnswer, "its answer to the code holds no ID token"))?;
    Ok(Tokens { id_token: id_token.to_string(), access_token: response.access_token().secret().clone() })
}

/// What the library asks by.
struct OfProvider<'a> {
    fetcher: &'a Fetcher,
    issuer: &'a str,
}

impl<'c> AsyncHttpClient<'c> for OfProvider<'_> {
    type Error = NotFetched;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NotFetched>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetcher.call(request, self.issuer))
    }
}

fn redirect(settings: &ProviderSettings) -> Result<RedirectUrl, Refused> {
    RedirectUrl::new(settings.callback()).map_err(|_| not_a_url("page's address"))
}

fn not_a_url(what: &str) -> Refused {
    Refused::because(ProviderRefusal::WrongAnswer, format!("the {what} is no URL"))
}

fn text(secret: &Secret) -> String {
    secret.expose_text().unwrap_or_default().to_owned()
}
