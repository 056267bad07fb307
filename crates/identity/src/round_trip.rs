use std::time::Duration;

use countersign_seal::{MacHash, Secret, hmac};
use data_encoding::BASE64URL_NOPAD;

use crate::Bearer;

/// How long somebody may be away at the provider, with everything that they do there.
pub const ROUND_TRIP_LASTS: Duration = Duration::from_secs(10 * 60);

/// What ties a person's way to the provider and back to their browser. All of it follows from the bearer that the browser
/// keeps in a cookie, so the server keeps nothing but that bearer's hash, and who can read its database learns none of it.
pub struct RoundTripSecrets {
    /// Goes to the provider and comes back with the person's browser (RFC 6749 §10.12).
    pub state: Secret,
    /// Goes to the provider and comes back in its token (OpenID Connect Core 1.0 §15.5.2).
    pub nonce: Secret,
    /// Goes to the provider as a hash, and by itself when the code is exchanged (RFC 7636 §4.1).
    pub verifier: Secret,
}

impl RoundTripSecrets {
    /// Of the browser that has this bearer.
    pub fn of(bearer: &Bearer) -> Self {
        let key = Secret::from(bearer.expose().to_owned());
        let derived = |label: &str| {
            let tag = hmac(MacHash::Sha256, &key, format!("countersign round trip {label}").as_bytes());
            Secret::from(BASE64URL_NOPAD.encode(tag.expose()))
        };
        Self { state: derived("state"), nonce: derived("nonce"), verifier: derived("verifier") }
    }

    /// Whether this is the state that the browser was sent with.
    pub fn is_state(&self, shown: &str) -> bool {
        self.state == Secret::from(shown.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::CountingChance;

    use super::*;
    use crate::BearerKind;

    #[test]
    fn each_browser_has_its_own_and_none_tells_of_another() {
        let chance = CountingChance::default();
        let all = |bearer: &Bearer| {
            let RoundTripSecrets { state, nonce, verifier } = RoundTripSecrets::of(bearer);
            [state, nonce, verifier].map(|secret| secret.expose_text().unwrap().to_owned())
        };
        let (one, other) = (Bearer::new(BearerKind::RoundTrip, &chance), Bearer::new(BearerKind::RoundTrip, &chance));
        assert_eq!(all(&one), all(&Bearer::parse(one.expose()).unwrap()));
        let mut seen: Vec<String> = all(&one).into_iter().chain(all(&other)).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6);
        // As long as a verifier has to be, and of letters that need no escapes in an address.
        assert!(
            seen.iter().all(
                |text| text.len() == 43 && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
            )
        );
        let [state, nonce, _] = all(&one);
        let secrets = RoundTripSecrets::of(&one);
        assert!(secrets.is_state(&state));
        assert!(!secrets.is_state(&nonce) && !secrets.is_state("") && !secrets.is_state(&format!("{state}a")));
    }
}
