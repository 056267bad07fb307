use countersign_model::Chance;
use countersign_seal::{Digest, Secret, Sha256};
use data_encoding::BASE64URL_NOPAD;

/// What somebody shows to be recognised: 256 random bits behind a prefix that says what it is for.
///
/// Only its hash is stored. A plain hash is enough, since nobody can guess 256 bits (unlike a password).
pub struct Bearer {
    kind: BearerKind,
    text: Secret,
}

/// What a bearer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerKind {
    /// A program's API token, `cs_…`.
    ApiToken,
    /// A token that a service account was given for some minutes, `ca_…`.
    AccessToken,
    /// What a service account asks for such tokens by, `cc_…`.
    ClientSecret,
    /// What an identity provider comes in by, `cp_…`.
    Scim,
    /// A browser's cookie, `cw_…`.
    WebSession,
    /// The one-time link that makes the first administrator, `cl_…`.
    SetupLink,
    /// The one-time link into a session, `cv_…`.
    SessionLink,
    /// The one-time link by which a person chooses their password, `ci_…`.
    PersonLink,
    /// What a browser keeps in which somebody has signed in before, `cb_…`.
    KnownBrowser,
    /// What a browser keeps while its person is at the provider, `co_…`.
    RoundTrip,
    /// What a browser keeps while a passkey is asked for at the sign-in, `ck_…`.
    PasskeyChallenge,
    /// What a command line keeps while it waits to be signed in, `cd_…`.
    DeviceCode,
}

impl BearerKind {
    const ALL: [Self; 12] = [
        Self::ApiToken,
        Self::AccessToken,
        Self::ClientSecret,
        Self::Scim,
        Self::WebSession,
        Self::SetupLink,
        Self::SessionLink,
        Self::PersonLink,
        Self::KnownBrowser,
        Self::RoundTrip,
        Self::PasskeyChallenge,
        Self::DeviceCode,
    ];

    const fn prefix(self) -> &'static str {
        match self {
            Self::ApiToken => "cs_",
            Self::AccessToken => "ca_",
            Self::ClientSecret => "cc_",
            Self::Scim => "cp_",
            Self::WebSession => "cw_",
            Self::SetupLink => "cl_",
            Self::SessionLink => "cv_",
            Self::PersonLink => "ci_",
            Self::KnownBrowser => "cb_",
            Self::RoundTrip => "co_",
            Self::PasskeyChallenge => "ck_",
            Self::DeviceCode => "cd_",
        }
    }
}

// Three characters of prefix and 43 of base64.
const LENGTH: usize = 46;

impl Bearer {
    /// A new one.
    pub fn new(kind: BearerKind, chance: &dyn Chance) -> Self {
        let mut bytes = [0; 32];
        chance.fill(&mut bytes);
        let bytes = Secret::from(&mut bytes);
        let text = Secret::from(format!("{}{}", kind.prefix(), BASE64URL_NOPAD.encode(bytes.expose())));
        Self { kind, text }
    }

    /// Takes what somebody sent, when it has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let kind = BearerKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))?;
        (text.len() == LENGTH && text.is_ascii()).then(|| Self { kind, text: Secret::from(text.to_owned()) })
    }

    /// What it is for.
    pub const fn kind(&self) -> BearerKind {
        self.kind
    }

    /// The text, to hand to its owner once.
    pub fn expose(&self) -> &str {
        self.text.expose_text().unwrap_or_default()
    }

    /// What is stored of it.
    pub fn hash(&self) -> Digest {
        Sha256::of(self.text.expose())
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::CountingChance;

    use super::*;

    #[test]
    fn what_was_handed_out_is_recognised() {
        let chance = CountingChance::default();
        for kind in BearerKind::ALL {
            let bearer = Bearer::new(kind, &chance);
            let again = Bearer::parse(bearer.expose()).unwrap();
            assert_eq!((again.kind(), again.hash()), (kind, bearer.hash()));
            assert_ne!(Bearer::new(kind, &chance).hash(), bearer.hash());
        }
        for wrong in [
            "",
            "cs_",
            "xx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "cs_äAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(Bearer::parse(wrong).is_none(), "{wrong}");
        }
    }
}
