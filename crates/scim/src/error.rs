use serde_json::{Value, json};

/// What kind of error it is, where the standard names it (RFC 7644 §3.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// A filter that cannot be read, or is not known.
    InvalidFilter,
    /// More than is looked at.
    TooMany,
    /// Somebody else has that name.
    Uniqueness,
    /// What may not be changed.
    Mutability,
    /// The body is not as it has to be.
    InvalidSyntax,
    /// A path that cannot be read, or leads nowhere.
    InvalidPath,
    /// A path that names nothing which is there.
    NoTarget,
    /// A value that cannot be.
    InvalidValue,
}

impl ScimType {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }
}

/// Why a request was not carried out, as identity providers are told (RFC 7644 §3.12).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// What kind of error it is, where the standard names it.
    pub kind: Option<ScimType>,
    /// What happened.
    pub detail: String,
}

impl ScimError {
    /// An error of that kind.
    pub fn new(kind: ScimType, detail: impl Into<String>) -> Self {
        let status = if kind == ScimType::Uniqueness { 409 } else { 400 };
        Self { status, kind: Some(kind), detail: detail.into() }
    }

    /// An error that has a status and no more.
    pub fn plain(status: u16, detail: impl Into<String>) -> Self {
        Self { status, kind: None, detail: detail.into() }
    }

    /// As it is answered.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = kind.name().into();
        }
        body
    }
}
