use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Invalid, SiteAddress};

/// Whether a credential is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialStatus {
    /// In use.
    Active,
    /// Kept for its history; gives no secrets.
    Inactive,
}

impl CredentialStatus {
    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

impl FromStr for CredentialStatus {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "active" => Ok(Self::Active),
            "inactive" => Ok(Self::Inactive),
            _ => Err(Invalid { field: "status", problem: "is neither active nor inactive".to_owned() }),
        }
    }
}

/// What kind of one-time code a credential gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactorKind {
    /// By time (RFC 6238).
    Totp,
    /// By counter (RFC 4226).
    Hotp,
    /// By time, in Steam's alphabet.
    Steam,
}

impl SecondFactorKind {
    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
            Self::Steam => "steam",
        }
    }
}

impl FromStr for SecondFactorKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Totp, Self::Hotp, Self::Steam]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| Invalid { field: "totp", problem: "has a kind that is not totp, hotp or steam".to_owned() })
    }
}

/// The hash under a one-time code, by its name in key URIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// HMAC-SHA-1, what nearly every site uses.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Algorithm {
    /// The name in key URIs, the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Sha1, Self::Sha256, Self::Sha512]
            .into_iter()
            .find(|algorithm| algorithm.name() == text)
            .ok_or_else(|| Invalid { field: "totp.algorithm", problem: "is not SHA1, SHA256 or SHA512".to_owned() })
    }
}

/// What may be seen of a credential's seed: never the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// How the code is made.
    pub kind: SecondFactorKind,
    /// The hash under it.
    pub algorithm: Algorithm,
    /// Characters of a code.
    pub digits: u8,
    /// Seconds of a time step; none for HOTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<u32>,
}

/// Where a credential signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Any address of the site, as the person gave it.
    pub url: SiteAddress,
}

/// Where one version of a password stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// The one that signs in.
    Current,
    /// Made for a change that has not been proven yet.
    Candidate,
    /// Was current once.
    Former,
    /// Was made for a change that did not happen: it never signed in.
    Unused,
}

impl VersionState {
    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Candidate => "candidate",
            Self::Former => "former",
            Self::Unused => "unused",
        }
    }
}

impl FromStr for VersionState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Current, Self::Candidate, Self::Former, Self::Unused]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| Invalid::new("version", "has a state that is not current, candidate, former or unused"))
    }
}
