//! Which credential a request is about.

use serde_json::Value;

/// The credential that a request names, and not by its id: in its path, its query or its body.
pub(super) fn asked(request: &reqwest::Request) -> Option<String> {
    let named = |text: &str| text.strip_prefix("name:").map(str::to_owned);
    let in_path = || {
        let mut parts = request.url().path().split('/').skip_while(|part| *part != "credentials").skip(1);
        let part = parts.next()?;
        let text = percent_encoding::percent_decode_str(part).decode_utf8().ok()?;
        named(&text)
    };
    let in_query = || request.url().query_pairs().find(|(key, _)| key == "credential").and_then(|(_, it)| named(&it));
    let in_body = || {
        let body: Value = serde_json::from_slice(request.body()?.as_bytes()?).ok()?;
        named(body.get("credential")?.as_str()?)
    };
    in_path().or_else(in_query).or_else(in_body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_is_read_from_where_a_request_names_it() {
        let client = reqwest::Client::new();
        let at = |path: &str| client.post(format!("http://127.0.0.1:1{path}"));
        let body =
            |json: Value| at("/api/v1/requests").header("content-type", "application/json").body(json.to_string());
        for (request, expected) in [
            (at("/api/v1/credentials/name:a%20b%2Fc/token"), Some("a b/c")),
            (at("/vault/api/v1/credentials/name:Shop"), Some("Shop")),
            (at("/api/v1/credentials/01938d1c-7a31-7000-8000-000000000000"), None),
            (at("/api/v1/grants?credential=name%3AShop+front"), Some("Shop front")),
            (body(serde_json::json!({"credential": "name:Shop"})), Some("Shop")),
            (body(serde_json::json!({"user": "name:Shop"})), None),
        ] {
            assert_eq!(asked(&request.build().unwrap()).as_deref(), expected);
        }
    }
}
