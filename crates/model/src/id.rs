use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Chance, Timestamp};

/// The text is no UUID.
#[derive(Debug, thiserror::Error)]
#[error("not an id: ids look like 01938d1c-7a31-7000-8000-000000000000")]
pub struct ParseIdError;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// A UUID of version 7 (RFC 9562 §5.7): it sorts by its making and says when that was, so it is never a secret.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, made at `now`.
            pub fn new(now: Timestamp, chance: &dyn Chance) -> Self {
                Self(version_7(now, chance))
            }

            /// From a stored UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID to store.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| ParseIdError)
            }
        }
    )*};
}

ids! {
    /// One vault: a key and the database it opens.
    VaultId;
    /// One account somewhere.
    CredentialId;
    /// One version of a sealed secret.
    VersionId;
    /// One person who signs in.
    UserId;
    /// One browser in which a person is signed in.
    WebSessionId;
    /// One token with which a program asks.
    ApiTokenId;
    /// One secret of a service account.
    ClientSecretId;
    /// One federated identity of a service account: whose tokens it takes in place of a secret.
    FederatedIdentityId;
    /// One token that a service account was given for a few minutes.
    AccessTokenId;
    /// One token with which an identity provider comes in.
    ScimTokenId;
    /// One grant: what a person or a group may do with some credentials.
    GrantId;
    /// One group of people.
    GroupId;
    /// One request for what others have to approve.
    RequestId;
    /// One request about the vault that another administrator has to approve.
    VaultRequestId;
    /// One run of replacing a password at its site.
    ChangeId;
    /// One thing told to one recipient outside the page.
    NoticeId;
    /// One browser signed in by Countersign, watched and used by people.
    SessionId;
    /// One place where the audit log also goes.
    SinkId;
    /// One filter of the audit log that a person has kept.
    ViewId;
    /// With what a person signs in beside, or in place of, password and code.
    PasskeyId;
    /// One browser extension that a person has paired with the vault.
    DeviceId;
    /// One command line that waits to be signed in.
    DeviceLoginId;
}

fn version_7(now: Timestamp, chance: &dyn Chance) -> Uuid {
    let mut random = [0; 10];
    chance.fill(&mut random);
    let millis = u64::try_from(now.micros() / 1_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CountingChance;

    #[test]
    fn ids_sort_by_their_making_and_read_back() {
        let chance = CountingChance::default();
        let early = CredentialId::new(Timestamp::from_seconds(1), &chance);
        let late = CredentialId::new(Timestamp::from_seconds(2), &chance);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<CredentialId>().unwrap(), early);
        assert!("name:x".parse::<CredentialId>().is_err());
    }
}
