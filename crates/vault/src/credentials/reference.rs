use std::str::FromStr;

use countersign_model::CredentialId;

use crate::{Error, Object};

/// Which credential: by id, or by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialRef {
    /// By id.
    Id(CredentialId),
    /// By name, whatever the case of its letters.
    Name(String),
}

impl FromStr for CredentialRef {
    type Err = Error;

    /// A UUID, or `name:` and a name that may hold any characters.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix("name:") {
            Some(name) => Ok(Self::Name(name.to_owned())),
            None => text.parse().map(Self::Id).map_err(|_| Error::NotFound(Object::Credential)),
        }
    }
}
