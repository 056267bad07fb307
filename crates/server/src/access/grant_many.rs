//! `/api/v1/credentials/grants`: the same grant on each of many credentials.

use axum::{Json, extract::State};
use countersign_model::{CredentialId, Timestamp};
use countersign_vault::{CredentialGrant, ManyGrantsDraft};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    conditions::{ApprovalBody, ConditionsBody},
    granting::{PermissionsBody, one_holder},
    moved::MovedAccessBody,
};
use crate::{
    AppState, Problem,
    request::extract::{Body, Caller},
};

/// What to grant on each of some credentials, to one of `user` and `group`; each by UUID or as `name:NAME`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManyGrantsBody {
    /// UUIDs of 1 to 1000.
    credentials: Vec<String>,
    user: Option<String>,
    group: Option<String>,
    #[serde(default)]
    permissions: PermissionsBody,
    #[serde(default)]
    conditions: ConditionsBody,
    /// Only say what would change.
    #[serde(default)]
    preview: bool,
}

/// What has been granted, or would.
#[derive(Serialize, ToSchema)]
pub(crate) struct ManyGrantedBody {
    /// In the order in which they were named.
    items: Vec<CredentialGrantBody>,
    /// Only of a preview: who could do more by it; null where nobody could.
    access: Option<MovedAccessBody>,
}

/// What has been granted on one credential, or would.
#[derive(Serialize, ToSchema)]
pub(crate) struct CredentialGrantBody {
    id: String,
    /// Null where the caller knows of none.
    name: Option<String>,
    /// The id of the grant that was made; null in a preview, and where none is made.
    grant: Option<String>,
    /// As of when it was decided on. `POST /api/v1/grants/reviews` with both, and `keep` false, takes it back as long as nobody has edited it.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// Whether the very same was granted before, so that none is made.
    already: bool,
    /// Why it cannot be granted; only of a preview.
    refused: Option<String>,
}

impl ManyGrantsBody {
    fn understand(mut self) -> Result<ManyGrantsDraft, Problem> {
        let id = |text: &String| {
            let id = text.parse::<CredentialId>();
            id.map_err(|error| Problem::invalid("credentials", format!("hold an id that is {error}")))
        };
        Ok(ManyGrantsDraft {
            credentials: self.credentials.iter().map(id).collect::<Result<_, _>>()?,
            holder: one_holder(self.user.as_deref(), self.group.as_deref())?
                .ok_or_else(|| Problem::invalid("user", "or group is missing: name one of them"))?,
            permissions: self.permissions.understand()?,
            approval: self.conditions.approval.take().map(ApprovalBody::understand).transpose()?,
            conditions: self.conditions.understand()?,
        })
    }
}

impl From<CredentialGrant> for CredentialGrantBody {
    fn from(it: CredentialGrant) -> Self {
        let CredentialGrant { id, name, made, already, refused } = it;
        let (grant, decided_at) = made.map(|(grant, at)| (grant.to_string(), at)).unzip();
        Self { id: id.to_string(), name: name.map(|name| name.to_string()), grant, decided_at, already, refused }
    }
}

/// Grants the same on each of some credentials: on all of them, or on none. With `preview` it only says on which it would be granted,
/// which are refused, and for whom something would change.
#[utoipa::path(post, path = "/api/v1/credentials/grants", tag = "access", request_body = ManyGrantsBody,
    responses((status = 200, body = ManyGrantedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ManyGrantsBody, 1024>,
) -> Result<Json<ManyGrantedBody>, Problem> {
    let preview = body.preview;
    let draft = body.understand()?;
    let (items, access) = if preview {
        let found = state.vault().preview_many_grants(&actor, &draft).await?;
        (found.items, MovedAccessBody::of(found.access))
    } else {
        (state.vault().create_many_grants(&actor, &draft).await?, None)
    };
    Ok(Json(ManyGrantedBody { items: items.into_iter().map(Into::into).collect(), access }))
}
