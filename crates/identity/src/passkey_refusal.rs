//! Why a passkey's answer does not count.

use webauthn_rs::prelude::WebauthnError;

/// Why a passkey is not added, or lets nobody in. As text it says what its owner can do, and no more: whether somebody has
/// such a passkey, or is kept out, is for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyRefusal {
    /// It is not what a browser sends.
    Unreadable,
    /// Nothing was asked in this browser, or too long ago, or it was answered before.
    NoChallenge,
    /// It answers something else than what was asked.
    OtherChallenge,
    /// It was made in a page of another site, or in one that another site has framed.
    OtherOrigin,
    /// It is one of another site.
    OtherSite,
    /// The authenticator did not make sure of who uses it.
    NotVerified,
    /// Nobody has it, or not any more.
    Unknown,
    /// It is another person's.
    NotTheirs,
    /// Its person is kept out.
    Disabled,
    /// It was not signed with the passkey's key.
    WrongSignature,
    /// It counts behind an answer that came before: there may be two of it.
    CounterBack,
    /// It says of itself something else than when it was added.
    Altered,
    /// Its kind of key is not taken.
    UnknownKind,
    /// It was added before.
    AddedBefore,
}

impl PasskeyRefusal {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Unreadable,
        Self::NoChallenge,
        Self::OtherChallenge,
        Self::OtherOrigin,
        Self::OtherSite,
        Self::NotVerified,
        Self::Unknown,
        Self::NotTheirs,
        Self::Disabled,
        Self::WrongSignature,
        Self::CounterBack,
        Self::Altered,
        Self::UnknownKind,
        Self::AddedBefore,
    ];

    /// The name in a record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "passkey: not readable",
            Self::NoChallenge => "passkey: nothing was asked, too long ago, or answered before",
            Self::OtherChallenge => "passkey: answers another challenge",
            Self::OtherOrigin => "passkey: from another origin",
            Self::OtherSite => "passkey: of another site",
            Self::NotVerified => "passkey: user not verified",
            Self::Unknown => "passkey: not known",
            Self::NotTheirs => "passkey: of somebody else",
            Self::Disabled => "passkey: user disabled",
            Self::WrongSignature => "passkey: signature",
            Self::CounterBack => "passkey: counter went back, it may have been copied",
            Self::Altered => "passkey: altered since it was added",
            Self::UnknownKind => "passkey: kind of key",
            Self::AddedBefore => "passkey: added before",
        }
    }

    /// What its owner is told.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Unreadable => "the passkey's answer cannot be read",
            Self::NoChallenge | Self::OtherChallenge => "this took too long or was answered before: try again",
            Self::OtherOrigin | Self::OtherSite => {
                "the passkey was used in a page of another site: open this server at its own address"
            }
            Self::NotVerified => {
                "the passkey did not check that it is you: use one with a PIN, a fingerprint or your face"
            }
            // Alike, for who has none of them.
            Self::Unknown | Self::Disabled | Self::WrongSignature => {
                "this passkey is not accepted: use another one, or your password"
            }
            Self::NotTheirs => "this passkey belongs to another account: use one of your own",
            Self::CounterBack | Self::Altered => {
                "this passkey is not accepted, because it may have been copied: remove it and add it again"
            }
            Self::UnknownKind => "this kind of passkey is not supported: use another one",
            Self::AddedBefore => "this passkey was added before: use another device, or name the one that is there",
        }
    }

    /// What the library's own reasons are here. Those of signatures alone are left over.
    pub(crate) fn of(error: &WebauthnError) -> Self {
        use WebauthnError as E;
        match error {
            E::MismatchedChallenge => Self::OtherChallenge,
            E::InvalidRPOrigin | E::CredentialCrossOrigin => Self::OtherOrigin,
            E::InvalidRPIDHash => Self::OtherSite,
            E::UserNotPresent | E::UserNotVerified => Self::NotVerified,
            E::CredentialNotFound => Self::Unknown,
            E::CredentialPossibleCompromise => Self::CounterBack,
            E::CredentialBackupEligibilityInconsistent | E::CredentialMayNotBeHardwareBound => Self::Altered,
            E::CredentialExcludedFromRequest | E::CredentialAlreadyExists => Self::AddedBefore,
            E::CredentialAlteredAlgFromRequest
            | E::CredentialInsecureCryptography
            | E::AttestationNotSupported
            | E::COSEKeyInvalidType
            | E::COSEKeyEDUnsupported
            | E::COSEKeyECDSAInvalidCurve
            | E::COSEKeyEDDSAInvalidCurve
            | E::COSEKeyInvalidAlgorithm => Self::UnknownKind,
            E::InvalidClientDataType
            | E::MissingAttestationCredentialData
            | E::ParseBase64Failure(_)
            | E::ParseCBORFailure(_)
            | E::ParseJSONFailure(_)
            | E::ParseNOMFailure
            | E::ParseInsufficientBytesAvailable
            | E::COSEKeyInvalidCBORValue
            | E::COSEKeyECDSAXYInvalid
            | E::COSEKeyRSANEInvalid
            | E::COSEKeyEDDSAXInvalid
            | E::EcdsaPointInvalid
            | E::AttestationStatementMapInvalid => Self::Unreadable,
            _ => Self::WrongSignature,
        }
    }
}

impl std::fmt::Display for PasskeyRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.told())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_record_tells_each_apart_and_the_answer_does_not_tell_who_is_there() {
        let names: BTreeSet<&str> = PasskeyRefusal::ALL.iter().map(|refusal| refusal.name()).collect();
        assert_eq!(names.len(), PasskeyRefusal::ALL.len());
        assert_eq!(PasskeyRefusal::Unknown.told(), PasskeyRefusal::Disabled.told());
        assert_eq!(PasskeyRefusal::Unknown.told(), PasskeyRefusal::WrongSignature.told());
    }
}
