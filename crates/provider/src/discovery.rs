//! What a provider says of itself (OpenID Connect Discovery 1.0 §3), and whether it can be used.

use countersign_model::ProviderRefusal;
use serde::Deserialize;
use url::Url;

use crate::{ProviderAnswer, Refused, place::check_transport};

/// The part of it that is used here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Discovery {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) userinfo_endpoint: Option<Url>,
    #[serde(default)]
    response_types_supported: Vec<String>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// RFC 9207 §3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What a test has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestedProvider {
    /// Where people are sent.
    pub authorization_endpoint: String,
    /// How many keys it publishes that can be used here.
    pub keys: usize,
    /// What is not wrong, and still good to know.
    pub remarks: Vec<String>,
}

/// How tokens may be signed. None with a shared secret, and none not at all.
pub(crate) const SIGNED_BY: [&str; 9] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// Where a provider says it.
///
/// # Errors
/// [`ProviderRefusal::WrongAnswer`] for an issuer that is no address.
pub(crate) fn address(issuer: &str) -> Result<Url, Refused> {
    let text = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let url = Url::parse(&text).map_err(|_| Refused::because(ProviderRefusal::WrongAnswer, "the issuer is no URL"))?;
    check_transport("issuer", &url)?;
    Ok(url)
}

impl Discovery {
    /// Reads and judges it.
    ///
    /// # Errors
    /// [`ProviderRefusal::WrongAnswer`], with what is wrong.
    pub(crate) fn read(body: &[u8], issuer: &str) -> Result<Self, Refused> {
        let wrong = |detail: String| Refused::because(ProviderRefusal::WrongAnswer, detail);
        let read: Self = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        check_named(&read.issuer, issuer)?;
        check_transport("authorization endpoint", &read.authorization_endpoint)?;
        check_transport("token endpoint", &read.token_endpoint)?;
        check_transport("jwks_uri", &read.jwks_uri)?;
        if let Some(url) = &read.userinfo_endpoint {
            check_transport("userinfo endpoint", url)?;
        }
        let says = |list: &[String], one: &str| list.is_empty() || list.iter().any(|it| it == one);
        if !says(&read.response_types_supported, "code") {
            return Err(wrong("it does not support the authorization code flow".to_owned()));
        }
        let signs = &read.id_token_signing_alg_values_supported;
        if !signs.is_empty() && !signs.iter().any(|it| SIGNED_BY.contains(&it.as_str())) {
            return Err(wrong(format!("it signs tokens in no way that is accepted here ({})", SIGNED_BY.join(", "))));
        }
        Ok(read)
    }

    /// Whether the client secret goes into the body: where the provider says so, and not that it takes it in the header.
    pub(crate) fn takes_secret_in_body(&self) -> bool {
        let takes = |how: &str| {
            let methods = self.token_endpoint_auth_methods_supported.as_ref();
            methods.is_some_and(|methods| methods.iter().any(|it| it == how))
        };
        takes("client_secret_post") && !takes("client_secret_basic")
    }

    pub(crate) fn tested(&self, keys: usize) -> TestedProvider {
        let mut remarks = Vec::new();
        let pkce = self.code_challenge_methods_supported.as_ref().is_some_and(|it| it.iter().any(|it| it == "S256"));
        if !pkce {
            remarks.push("It does not say that it checks PKCE (S256), which is sent all the same.".to_owned());
        }
        if !self.authorization_response_iss_parameter_supported {
            remarks.push("It does not name itself in its answers (RFC 9207).".to_owned());
        }
        TestedProvider { authorization_endpoint: self.authorization_endpoint.to_string(), keys, remarks }
    }
}

/// Where an issuer publishes its keys whose tokens are all that is wanted of it. Those of CI systems sign nobody in, and name no other
/// endpoint.
///
/// # Errors
/// [`ProviderRefusal::WrongAnswer`], with what is wrong.
pub(crate) fn keys_address(body: &[u8], issuer: &str) -> Result<Url, Refused> {
    #[derive(Deserialize)]
    struct Described {
        issuer: String,
        jwks_uri: Url,
    }
    let read: Described = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    check_named(&read.issuer, issuer)?;
    check_transport("jwks_uri", &read.jwks_uri)?;
    Ok(read.jwks_uri)
}

fn unreadable(error: &serde_json::Error) -> Refused {
    // Not what was there: it may be anything of anybody's.
    let missing = Some(error.to_string()).filter(|text| text.starts_with("missing field"));
    let missing = missing.map(|text| format!(" ({text})")).unwrap_or_default();
    let detail = format!("its openid-configuration is not what an OpenID Connect provider publishes{missing}");
    Refused::because(ProviderRefusal::WrongAnswer, detail)
}

fn check_named(named: &str, issuer: &str) -> Result<(), Refused> {
    if named == issuer {
        return Ok(());
    }
    let named: String = named.chars().filter(|it| !it.is_control()).take(200).collect();
    let detail = format!("it calls itself \"{named}\", not \"{issuer}\": give the issuer to the letter");
    Err(Refused::because(ProviderRefusal::WrongAnswer, detail))
}

/// Judges what came back with somebody's browser, before anything of it is used.
///
/// # Errors
/// [`ProviderRefusal::WrongIssuer`], [`ProviderRefusal::Declined`], [`ProviderRefusal::ProviderError`].
pub(crate) fn check_answer(discovery: &Discovery, answer: &ProviderAnswer) -> Result<(), Refused> {
    match &answer.issuer {
        Some(issuer) if *issuer != discovery.issuer => {
            return Err(Refused::because(ProviderRefusal::WrongIssuer, "the answer names another issuer"));
        }
        None if discovery.authorization_response_iss_parameter_supported => {
            return Err(Refused::because(
                ProviderRefusal::WrongIssuer,
                "the answer names no issuer, though the provider says it does",
            ));
        }
        _ => {}
    }
    let Some(error) = &answer.error else { return Ok(()) };
    // OpenID Connect Core 1.0 §3.1.2.6 and RFC 6749 §4.1.2.1: one word. It comes by the browser, so by anybody.
    let word: String = error.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '_').take(60).collect();
    let why = match word.as_str() {
        "access_denied"
        | "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => ProviderRefusal::Declined,
        "temporarily_unavailable" | "server_error" => ProviderRefusal::Unreachable,
        _ => ProviderRefusal::ProviderError,
    };
    Err(Refused::because(why, format!("the provider answered {word}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://login.example.com";

    fn usual() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.com/auth",
            "token_endpoint": "https://login.example.com/token",
            "jwks_uri": "https://login.example.com/keys",
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256"],
        })
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<Discovery, Refused> {
        let mut value = usual();
        change(&mut value);
        Discovery::read(value.to_string().as_bytes(), ISSUER)
    }

    #[test]
    fn the_description_is_believed_of_the_issuer_alone_and_says_what_is_wrong() {
        assert!(read(|_| ()).is_ok());
        type Change = fn(&mut Value);
        let table: [(&str, Change); 9] = [
            ("to the letter", |it| it["issuer"] = json!("https://login.example.com/")),
            ("to the letter", |it| it["issuer"] = json!("https://evil.example.com")),
            ("missing field", |it| {
                it.as_object_mut().unwrap().remove("token_endpoint");
            }),
            ("token endpoint", |it| it["token_endpoint"] = json!("http://login.example.com/token")),
            ("authorization endpoint", |it| it["authorization_endpoint"] = json!("javascript:alert(1)")),
            ("jwks_uri", |it| it["jwks_uri"] = json!("file:///etc/passwd")),
            ("userinfo", |it| it["userinfo_endpoint"] = json!("http://login.example.com/me")),
            ("code flow", |it| it["response_types_supported"] = json!(["id_token"])),
            ("no way", |it| it["id_token_signing_alg_values_supported"] = json!(["HS256", "none"])),
        ];
        for (words, change) in table {
            let refused = read(change).unwrap_err();
            assert_eq!(refused.why, ProviderRefusal::WrongAnswer);
            assert!(refused.detail.contains(words), "{words}: {}", refused.detail);
        }
        for body in ["", "[]", "<html>", "null"] {
            assert!(Discovery::read(body.as_bytes(), ISSUER).is_err(), "{body}");
        }
        assert_eq!(address("https://a.example/x/").unwrap().path(), "/x/.well-known/openid-configuration");
        assert!(address("http://a.example").is_err());
    }

    #[test]
    fn of_an_issuer_of_tokens_its_name_and_its_keys_are_enough() {
        let read = |value: &Value| keys_address(value.to_string().as_bytes(), ISSUER);
        let described = json!({"issuer": ISSUER, "jwks_uri": "https://keys.example.com/all", "response_types_supported": ["id_token"]});
        assert_eq!(read(&described).unwrap().as_str(), "https://keys.example.com/all");
        for (field, value, words) in [
            ("issuer", json!("https://evil.example.com"), "to the letter"),
            ("issuer", json!(null), "openid-configuration"),
            ("jwks_uri", json!("http://keys.example.com"), "jwks_uri"),
            ("jwks_uri", json!("data:,{}"), "jwks_uri"),
        ] {
            let mut changed = described.clone();
            changed[field] = value;
            let refused = read(&changed).unwrap_err();
            assert!(refused.detail.contains(words), "{words}: {}", refused.detail);
        }
        assert!(read(&json!({"issuer": ISSUER})).unwrap_err().detail.contains("missing field"));
    }

    #[test]
    fn the_client_secret_goes_into_the_header_unless_only_the_body_will_do() {
        for (methods, in_body) in [
            (json!(null), false),
            (json!(["client_secret_basic", "client_secret_post"]), false),
            (json!(["client_secret_post"]), true),
            (json!(["private_key_jwt"]), false),
        ] {
            let discovery = read(|it| it["token_endpoint_auth_methods_supported"] = methods.clone()).unwrap();
            assert_eq!(discovery.takes_secret_in_body(), in_body, "{methods}");
        }
    }

    #[test]
    fn what_came_back_is_judged_before_it_is_used() {
        use ProviderRefusal::{Declined, ProviderError, Unreachable, WrongIssuer};
        let names_itself = read(|it| it["authorization_response_iss_parameter_supported"] = json!(true)).unwrap();
        let silent = read(|_| ()).unwrap();
        let answer = |issuer: Option<&str>, error: Option<&str>| ProviderAnswer {
            code: Some("code".to_owned()),
            issuer: issuer.map(str::to_owned),
            error: error.map(str::to_owned),
        };
        let table = [
            (&silent, None, None, None),
            (&silent, Some(ISSUER), None, None),
            (&silent, Some("https://evil.example.com"), None, Some(WrongIssuer)),
            (&names_itself, Some(ISSUER), None, None),
            (&names_itself, None, None, Some(WrongIssuer)),
            (&names_itself, None, Some("access_denied"), Some(WrongIssuer)),
            (&silent, None, Some("access_denied"), Some(Declined)),
            (&silent, None, Some("temporarily_unavailable"), Some(Unreachable)),
            (&silent, None, Some("invalid_scope"), Some(ProviderError)),
            (&silent, None, Some("<script>"), Some(ProviderError)),
        ];
        for (discovery, issuer, error, why) in table {
            let found = check_answer(discovery, &answer(issuer, error)).map_err(|refused| refused.why);
            assert_eq!(found.err(), why, "{issuer:?} {error:?}");
        }
        let shown = check_answer(&silent, &answer(None, Some("a b\n<c>"))).unwrap_err().detail;
        assert_eq!(shown, "the provider answered abc");
    }
}
