//! `Security`: the certificate that a server shows. `Inspector`: the end of a page's process.

use serde::{Deserialize, Serialize};

use super::command::command;

#[derive(Serialize)]
pub(crate) struct Enable {}
command!(Enable, "Security.enable");

#[derive(Serialize)]
pub(crate) struct Disable {}
command!(Disable, "Security.disable");

/// From then on a crash is told.
#[derive(Serialize)]
pub(crate) struct EnableInspector {}
command!(EnableInspector, "Inspector.enable");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisibleSecurityStateChanged {
    visible_security_state: VisibleSecurityState,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VisibleSecurityState {
    certificate_security_state: Option<CertificateSecurityState>,
}

#[derive(Deserialize)]
struct CertificateSecurityState {
    #[serde(default)]
    certificate: Vec<String>,
}

impl VisibleSecurityStateChanged {
    /// The server's own certificate: DER in base64.
    pub(crate) fn certificate(&self) -> Option<&str> {
        let state = self.visible_security_state.certificate_security_state.as_ref()?;
        state.certificate.first().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cdp::command::json_of;

    #[test]
    fn commands_have_the_protocols_form() {
        for ((method, found), expected_method) in [
            (json_of(&Enable {}), "Security.enable"),
            (json_of(&Disable {}), "Security.disable"),
            (json_of(&EnableInspector {}), "Inspector.enable"),
        ] {
            assert_eq!((method, found), (expected_method, json!({})));
        }
    }

    #[test]
    fn the_first_certificate_is_the_servers() {
        for (state, expected) in [
            (json!({"certificateSecurityState": {"certificate": ["a", "b"], "protocol": "TLS 1.3"}}), Some("a")),
            (json!({"certificateSecurityState": {"certificate": []}}), None),
            (json!({"securityState": "insecure"}), None),
        ] {
            let changed: VisibleSecurityStateChanged =
                serde_json::from_value(json!({"visibleSecurityState": state})).unwrap();
            assert_eq!(changed.certificate(), expected);
        }
    }
}
