//! `Storage`: the cookies of a context. They sign in, so they are secrets.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroize as _;

use super::command::command;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetCookies<'a> {
    pub(crate) browser_context_id: &'a str,
}
command!(GetCookies<'a>, "Storage.getCookies", Cookies);

#[derive(Deserialize)]
pub(crate) struct Cookies {
    pub(crate) cookies: Vec<Cookie>,
}

/// As Chromium gives it; sizes and marks that follow from the rest are left out. Its value is wiped when it is dropped.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) domain: String,
    pub(crate) path: String,
    /// Seconds since 1970; −1 for one that ends with the browser.
    pub(crate) expires: f64,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) same_site: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) partition_key: Option<Value>,
}

impl Drop for Cookie {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetCookies<'a> {
    pub(crate) browser_context_id: &'a str,
    pub(crate) cookies: Vec<CookieParam<'a>>,
}
command!(SetCookies<'a>, "Storage.setCookies");

/// A cookie as Chromium takes it back.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CookieParam<'a> {
    name: &'a str,
    value: &'a str,
    domain: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<f64>,
    http_only: bool,
    secure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_key: Option<&'a Value>,
}

impl<'a> From<&'a Cookie> for CookieParam<'a> {
    fn from(cookie: &'a Cookie) -> Self {
        Self {
            name: &cookie.name,
            value: &cookie.value,
            domain: &cookie.domain,
            path: &cookie.path,
            expires: Some(cookie.expires).filter(|expires| *expires >= 0.0),
            http_only: cookie.http_only,
            secure: cookie.secure,
            same_site: cookie.same_site.as_deref(),
            partition_key: cookie.partition_key.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        let get = GetCookies { browser_context_id: "c" };
        assert_eq!(json_of(&get), ("Storage.getCookies", json!({"browserContextId": "c"})));
        let (session, lasting) = (cookie(-1.0), cookie(5.5));
        let set = SetCookies { browser_context_id: "c", cookies: vec![(&session).into(), (&lasting).into()] };
        let (method, found) = json_of(&set);
        assert_eq!(method, "Storage.setCookies");
        let one = json!({
            "name": "n", "value": "v", "domain": "d", "path": "/", "httpOnly": true, "secure": false,
            "sameSite": "Lax",
        });
        let mut other = one.clone();
        other["expires"] = 5.5.into();
        assert_eq!(found, json!({"browserContextId": "c", "cookies": [one, other]}));
    }

    fn cookie(expires: f64) -> Cookie {
        serde_json::from_value(json!({
            "name": "n", "value": "v", "domain": "d", "path": "/", "expires": expires, "size": 2, "httpOnly": true,
            "secure": false, "session": true, "sameSite": "Lax", "priority": "Medium",
        }))
        .unwrap()
    }
}
