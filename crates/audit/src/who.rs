use countersign_model::{Actor, ActorKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who did something, as it stays in the log after the person has gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorRef {
    /// By what they came in.
    pub kind: AuditActorKind,
    /// The user's id; none for who was not recognised.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<Uuid>,
    /// The name at that time.
    pub name: String,
}

/// By what an actor came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditActorKind {
    /// A person in a browser.
    User,
    /// A program with an API token.
    ApiToken,
    /// A person by their browser extension.
    Extension,
    /// A service account.
    ServiceAccount,
    /// An identity provider.
    Scim,
    /// The server itself, or a command beside its data.
    System,
    /// Somebody who did not get in.
    Nobody,
}

impl AuditActorKind {
    /// The name in the export and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiToken => "api_token",
            Self::Extension => "extension",
            Self::ServiceAccount => "service_account",
            Self::Scim => "scim",
            Self::System => "system",
            Self::Nobody => "nobody",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::ApiToken, Self::Extension, Self::ServiceAccount, Self::Scim, Self::System, Self::Nobody]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

impl ActorRef {
    /// The server itself.
    pub fn system() -> Self {
        Self { kind: AuditActorKind::System, id: None, name: "countersign".to_owned() }
    }

    /// An identity provider, whichever token it has.
    pub fn scim() -> Self {
        Self { kind: AuditActorKind::Scim, id: None, name: "SCIM".to_owned() }
    }

    /// Somebody who claimed to be `name` and was not let in.
    pub fn nobody(name: &str) -> Self {
        Self { kind: AuditActorKind::Nobody, id: None, name: name.chars().take(100).collect() }
    }
}

impl From<&Actor> for ActorRef {
    fn from(actor: &Actor) -> Self {
        let kind = match actor.kind {
            ActorKind::Person(_) => AuditActorKind::User,
            ActorKind::Program(_) => AuditActorKind::ApiToken,
            ActorKind::Service(_) => AuditActorKind::ServiceAccount,
            ActorKind::Device(_) => AuditActorKind::Extension,
            ActorKind::Machine => AuditActorKind::System,
        };
        Self { kind, id: Some(actor.user.uuid()), name: actor.name.clone() }
    }
}
