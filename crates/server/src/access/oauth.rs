//! `/api/v1/oauth/token`: service accounts ask for tokens by their client credentials (RFC 6749 §4.4), or by a token of an issuer that they
//! trust in place of a secret (RFC 7523 §2.2); and command lines fetch theirs by their device code (RFC 8628 §3.4). Answers and
//! errors are those of RFC 6749 §5, so that clients need nothing of ours.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_identity::Refusal;
use countersign_model::AssertionRefusal;
use countersign_seal::Secret;
use countersign_vault::{AssertionRequest, ClientTokenRequest, IssueError, IssuedToken};
use url::form_urlencoded;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    device_logins,
    oauth_form::{AccessTokenBody, Form, OAuthErrorBody, Refused, not_stored, unavailable},
};
use crate::{AppState, request::address::Address};

/// How soon it is worth to try again where an issuer's keys cannot be had.
const ISSUER_AGAIN: Duration = Duration::from_secs(30);
/// That the client shows a signed token (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// By which grant a command line fetches its token.
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How a token is asked for. The client is named by HTTP Basic, by `client_id` and `client_secret`, or by `client_id` and
/// `client_assertion`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it stands for the form in the description and is never made")]
pub(crate) struct TokenForm {
    /// `client_credentials`, or `urn:ietf:params:oauth:grant-type:device_code` for a command line.
    grant_type: String,
    /// Words of `see`, `token`, `reveal`, `session`, `change`, `edit`, `share`, `audit`, `credential:NAME` and `tag:TAG` with blanks
    /// between, names percent-encoded; everything that the account may ask for, when left out.
    scope: Option<String>,
    /// The id of the service account, where it does not come by HTTP Basic; of a command line, what it has said before.
    client_id: Option<String>,
    /// Its secret, where it does not come by HTTP Basic.
    client_secret: Option<String>,
    /// With `client_assertion`: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
    /// In place of a secret: a signed token of an issuer, as one of the account's federated identities says (RFC 7523 §2.2).
    client_assertion: Option<String>,
    /// What a command line keeps.
    device_code: Option<String>,
}

/// Gives a service account a token for ten minutes; and a command line, once, the API token that its person has approved.
#[utoipa::path(post, path = "/api/v1/oauth/token", tag = "service accounts",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = AccessTokenBody), (status = "4XX", body = OAuthErrorBody),
        (status = "5XX", body = OAuthErrorBody)))]
pub(crate) async fn token(State(state): State<AppState>, Address(address): Address, request: Request) -> Response {
    match issue(&state, address, request).await {
        Ok(body) => {
            let mut response = Json(body).into_response();
            not_stored(response.headers_mut());
            response
        }
        Err(refused) => refused.into_response(),
    }
}

async fn issue(
    state: &AppState,
    address: Option<std::net::IpAddr>,
    request: Request,
) -> Result<AccessTokenBody, Refused> {
    if let Err(wait) = state.0.client_throttle.check(address.unwrap_or(std::net::IpAddr::from([0, 0, 0, 0]))) {
        state.vault().note_refusal(Refusal::Throttled, address, None).await;
        let text = "too many requests from this address in the last minute";
        return Err(Refused::later(StatusCode::TOO_MANY_REQUESTS, wait, text));
    }
    let (headers, form) = Form::of(request).await?;
    if form.value("grant_type") == Some(DEVICE_CODE) {
        return device_logins::fetch(state, address, &form).await;
    }
    let Asked { client_id, shown, scope } = read(&headers, &form)?;
    let (client_id, scope) = (client_id.as_str(), scope.as_deref());
    let issued: IssuedToken = match shown {
        Shown::Secret(secret) => {
            let ask = ClientTokenRequest { client_id, secret, scope, address };
            state.vault().issue_access_token(ask).await
        }
        Shown::Assertion(assertion) => {
            let ask = AssertionRequest { client_id, assertion, scope, address, issuers: &state.0.issuers };
            state.vault().issue_for_assertion(ask).await
        }
    }
    .map_err(refused)?;
    Ok(AccessTokenBody {
        access_token: issued.token.expose().to_owned(),
        token_type: "Bearer",
        expires_in: issued.expires_in.as_secs(),
        scope: issued.scope,
        api_token: None,
    })
}

fn refused(error: IssueError) -> Refused {
    let text = error.to_string();
    match error {
        IssueError::InvalidClient => Refused::client(text),
        IssueError::InvalidAssertion(AssertionRefusal::NoKeys(_)) => {
            Refused::later(StatusCode::SERVICE_UNAVAILABLE, ISSUER_AGAIN, text)
        }
        // RFC 7521 §4.2.1.
        IssueError::InvalidAssertion(_) => Refused::client(text),
        IssueError::InvalidScope(_) => Refused::new("invalid_scope", text),
        IssueError::TooMany { wait } => Refused::later(StatusCode::TOO_MANY_REQUESTS, wait, text),
        IssueError::Vault(error) => unavailable(error),
    }
}

/// What a client has sent.
struct Asked {
    client_id: String,
    shown: Shown,
    scope: Option<String>,
}

/// What it shows to be believed.
enum Shown {
    Secret(Secret),
    /// A token of an issuer.
    Assertion(Secret),
}

fn read(headers: &HeaderMap, form: &Form) -> Result<Asked, Refused> {
    let (client_id, shown) = match form.value("client_assertion").or(form.value("client_assertion_type")) {
        Some(_) => asserted(headers, form)?,
        None => client_of(headers, form).map(|(id, secret)| (id, Shown::Secret(secret)))?,
    };
    match form.value("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            let text = format!("grant_type must be client_credentials, or for a command line {DEVICE_CODE}");
            return Err(Refused::new("unsupported_grant_type", text));
        }
        None => return Err(Refused::new("invalid_request", "grant_type is missing: send client_credentials")),
    }
    Ok(Asked { client_id, shown, scope: form.value("scope").map(str::to_owned) })
}

/// Who asks: by HTTP Basic or by the form, never by both (RFC 6749 §2.3).
fn client_of(headers: &HeaderMap, form: &Form) -> Result<(String, Secret), Refused> {
    let (id, secret) = (form.value("client_id"), form.value("client_secret"));
    let secret_of = |text: &str| Secret::from(text.to_owned());
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    match (given.next(), given.next(), id, secret) {
        (Some(_), Some(_), ..) => Err(Refused::new("invalid_request", "there are two Authorization headers")),
        (Some(_), None, _, Some(_)) => {
            Err(Refused::new("invalid_request", "the client shows its secret twice: by HTTP Basic or in the form"))
        }
        (Some(value), None, id, None) => {
            let wrong = || Refused::client("the Authorization header is not HTTP Basic with client id and secret");
            let (name, secret) = value.to_str().ok().and_then(basic).ok_or_else(wrong)?;
            if id.is_some_and(|id| id != name) {
                return Err(Refused::new(
                    "invalid_request",
                    "client_id is another than that of the Authorization header",
                ));
            }
            Ok((name, secret))
        }
        (None, _, Some(id), Some(secret)) => Ok((id.to_owned(), secret_of(secret))),
        (None, ..) => Err(Refused::client("no client: send its id and secret by HTTP Basic or in the form")),
    }
}

/// Who asks by a token of an issuer, and by nothing else besides (RFC 7521 §4.2). Its subject is none of our ids, so the form names the
/// client.
fn asserted(headers: &HeaderMap, form: &Form) -> Result<(String, Shown), Refused> {
    let (Some(kind), Some(assertion)) = (form.value("client_assertion_type"), form.value("client_assertion")) else {
        return Err(Refused::new("invalid_request", "client_assertion and client_assertion_type come together"));
    };
    if kind != JWT_BEARER {
        return Err(Refused::client(format!("client_assertion_type must be {JWT_BEARER}: there is no other here")));
    }
    if headers.contains_key(header::AUTHORIZATION) || form.value("client_secret").is_some() {
        return Err(Refused::client("the client shows a secret and an assertion: send one of the two"));
    }
    let id = form
        .value("client_id")
        .ok_or_else(|| Refused::client("client_id is missing: send the service account's id"))?;
    Ok((id.to_owned(), Shown::Assertion(Secret::from(assertion.to_owned()))))
}

/// Client id and secret of HTTP Basic, each encoded as in a form (RFC 6749 §2.3.1).
fn basic(value: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (id, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    let decoded = |text: &str| -> Option<String> {
        // As a form with one name and no value.
        form_urlencoded::parse(text.as_bytes())
            .next()
            .map_or(Some(String::new()), |(name, value)| value.is_empty().then(|| name.into_owned()))
    };
    Some((decoded(id)?, Secret::from(decoded(secret)?)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ask(authorization: &[&str], body: &str) -> Result<(String, String, Option<String>), &'static str> {
        let mut headers = HeaderMap::new();
        for value in authorization {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        match Form::read(body.as_bytes()).and_then(|form| read(&headers, &form)) {
            Ok(Asked { client_id, shown: Shown::Secret(secret), scope }) => {
                Ok((client_id, secret.expose_text().unwrap().to_owned(), scope))
            }
            Ok(Asked { client_id, shown: Shown::Assertion(token), scope }) => {
                Ok((client_id, format!("token {}", token.expose_text().unwrap()), scope))
            }
            Err(refused) => Err(refused.error),
        }
    }

    #[test]
    fn a_client_is_named_in_one_of_two_ways() {
        let one = |scope: Option<&str>| Ok(("id".to_owned(), "se:cret".to_owned(), scope.map(str::to_owned)));
        let basic = format!("Basic {}", STANDARD.encode("id:se%3Acret"));
        let plain = format!("basic {}", STANDARD.encode("id:se:cret"));
        let none = format!("Basic {}", STANDARD.encode("no colon"));
        let table: Vec<(Vec<&str>, &str, _)> = vec![
            (vec![&basic], "grant_type=client_credentials", one(None)),
            (vec![&plain], "grant_type=client_credentials&scope=", one(None)),
            (vec![&basic], "grant_type=client_credentials&client_id=id&scope=see+token", one(Some("see token"))),
            (vec![], "grant_type=client_credentials&client_id=id&client_secret=se%3Acret&scope=see", one(Some("see"))),
            (vec![], "grant_type=client_credentials&client_id=id&client_secret=se%3Acret&other=1", one(None)),
            (vec![&basic], "grant_type=client_credentials&client_id=other", Err("invalid_request")),
            (vec![&basic], "grant_type=client_credentials&client_secret=se%3Acret", Err("invalid_request")),
            (vec![&basic, &basic], "grant_type=client_credentials", Err("invalid_request")),
            (vec![&basic], "grant_type=client_credentials&scope=a&scope=b", Err("invalid_request")),
            (vec![&basic], "", Err("invalid_request")),
            (vec![&basic], "grant_type=password", Err("unsupported_grant_type")),
            (vec![], "grant_type=client_credentials", Err("invalid_client")),
            (vec![], "grant_type=client_credentials&client_id=id", Err("invalid_client")),
            (vec![&none], "grant_type=client_credentials", Err("invalid_client")),
            (vec!["Bearer ca_x"], "grant_type=client_credentials", Err("invalid_client")),
            (vec!["Basic !"], "grant_type=client_credentials", Err("invalid_client")),
        ];
        for (authorization, body, wanted) in table {
            assert_eq!(ask(&authorization, body), wanted, "{authorization:?} {body}");
        }
    }

    #[test]
    fn a_client_that_shows_a_token_of_an_issuer_shows_nothing_else() {
        let basic = format!("Basic {}", STANDARD.encode("id:se%3Acret"));
        let kind = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let granted = "grant_type=client_credentials";
        let right = format!("{granted}&{kind}&client_id=id&client_assertion=a.b.c");
        let taken = |scope: Option<&str>| Ok(("id".to_owned(), "token a.b.c".to_owned(), scope.map(str::to_owned)));
        let table: Vec<(Vec<&str>, String, _)> = vec![
            (vec![], right.clone(), taken(None)),
            (vec![], format!("{right}&scope=see+token"), taken(Some("see token"))),
            (vec![&basic], right.clone(), Err("invalid_client")),
            (vec!["Bearer x"], right.clone(), Err("invalid_client")),
            (vec![], format!("{right}&client_secret=x"), Err("invalid_client")),
            (vec![], format!("{right}&client_assertion=d.e.f"), Err("invalid_request")),
            (vec![], format!("{granted}&{kind}&client_assertion=a.b.c"), Err("invalid_client")),
            (vec![], format!("{granted}&{kind}&client_id=id"), Err("invalid_request")),
            (vec![], format!("{granted}&client_assertion=a.b.c&client_id=id"), Err("invalid_request")),
            (vec![], right.replace("jwt-bearer", "saml2-bearer"), Err("invalid_client")),
            (vec![], right.replace("client_credentials", "password"), Err("unsupported_grant_type")),
        ];
        for (authorization, body, wanted) in table {
            assert_eq!(ask(&authorization, &body), wanted, "{authorization:?} {body}");
        }
    }
}
