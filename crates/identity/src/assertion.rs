//! What a token of another issuer says of itself before anything of it was verified.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

/// More is no issuer that anybody has named here.
const LONGEST_ISSUER: usize = 500;

/// Who a signed JWT says has issued it (RFC 7519 §4.1.1), by which its keys are found. `None` for what is no JWT with a signature
/// (RFC 7515 §3.1). Nothing of it is verified.
pub fn claimed_issuer(assertion: &str) -> Option<String> {
    let mut parts = assertion.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    let claims: Map<String, Value> = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?).ok()?;
    let issuer = claims.get("iss")?.as_str()?;
    (!issuer.is_empty() && issuer.len() <= LONGEST_ISSUER).then(|| issuer.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_read_from_three_parts_alone() {
        let payload = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let good = payload(r#"{"iss":"https://a.example","sub":"x"}"#);
        let table = [
            (format!("h.{good}.s"), Some("https://a.example")),
            (format!("h.{good}"), None),
            (format!("h.{good}.s.more"), None),
            (format!("h.{good}=.s"), None),
            (format!("h.{}.s", payload("[]")), None),
            (format!("h.{}.s", payload(r#"{"iss":7}"#)), None),
            (format!("h.{}.s", payload(r#"{"iss":""}"#)), None),
            (format!("h.{}.s", payload(&format!(r#"{{"iss":"{}"}}"#, "a".repeat(501)))), None),
            (format!("h.{}.s", payload("{}")), None),
            (String::new(), None),
            ("..".to_owned(), None),
        ];
        for (assertion, issuer) in table {
            assert_eq!(claimed_issuer(&assertion).as_deref(), issuer, "{assertion}");
        }
    }
}
