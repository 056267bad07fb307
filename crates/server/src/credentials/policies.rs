//! `/api/v1/credentials/policies`: when passwords are changed without anybody asking, for many credentials at once.

use axum::{Json, extract::State};
use countersign_model::{CredentialId, Timestamp};
use countersign_vault::{PolicyChange, PolicyEdit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::automation::PolicyBody;
use crate::{
    AppState, Problem,
    request::extract::{Body, Caller},
};

/// Policies to give to credentials.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoliciesEditBody {
    /// 1 to 1000.
    credentials: Vec<PolicyEditBody>,
    /// What each of them gets that names none of its own.
    policy: Option<PolicyBody>,
    /// Only say what would change.
    #[serde(default)]
    preview: bool,
}

/// One of the credentials.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyEditBody {
    id: String,
    /// As a preview said it; only a preview needs none. Where one has another by now, nothing is changed, and the answer is 409.
    before: Option<PolicyBody>,
    /// What this one gets.
    policy: Option<PolicyBody>,
}

/// What has changed, or would.
#[derive(Serialize, ToSchema)]
pub(crate) struct PoliciesEditedBody {
    /// In the order in which they were named.
    items: Vec<PolicyChangeBody>,
}

/// What has changed of one credential, or would: nothing where `before` and `after` are the same.
#[derive(Serialize, ToSchema)]
pub(crate) struct PolicyChangeBody {
    id: String,
    /// Null where the caller knows of none.
    name: Option<String>,
    /// Null where the caller knows of none.
    before: Option<PolicyBody>,
    /// Null where it is refused.
    after: Option<PolicyBody>,
    /// When its password is changed next without anybody asking.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_change_at: Option<Timestamp>,
    /// Why its policy cannot be changed; only of a preview.
    refused: Option<String>,
}

impl PoliciesEditBody {
    fn understand(self) -> Result<Vec<PolicyEdit>, Problem> {
        let all = self.policy.map(PolicyBody::understand).transpose()?;
        let edit = |one: PolicyEditBody| -> Result<PolicyEdit, Problem> {
            let id = one.id.parse::<CredentialId>();
            let id = id.map_err(|error| Problem::invalid("credentials", format!("hold an id that is {error}")))?;
            let own = one.policy.map(PolicyBody::understand).transpose()?;
            let missing = || Problem::invalid("policy", "is missing: say when passwords are to be changed");
            let policy = own.or_else(|| all.clone()).ok_or_else(missing)?;
            Ok(PolicyEdit { id, before: one.before.map(PolicyBody::understand).transpose()?, policy })
        };
        self.credentials.into_iter().map(edit).collect()
    }
}

impl From<PolicyChange> for PolicyChangeBody {
    fn from(it: PolicyChange) -> Self {
        let PolicyChange { id, name, before, after, next_change, refused } = it;
        let (before, after) = (before.map(Into::into), after.map(Into::into));
        let name = name.map(|name| name.to_string());
        Self { id: id.to_string(), name, before, after, next_change_at: next_change, refused }
    }
}

/// Gives credentials other policies: all of them, or none. With `preview` it only says what would change, and which are refused.
#[utoipa::path(post, path = "/api/v1/credentials/policies", tag = "credentials", request_body = PoliciesEditBody,
    responses((status = 200, body = PoliciesEditedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn edit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<PoliciesEditBody, 1024>,
) -> Result<Json<PoliciesEditedBody>, Problem> {
    let preview = body.preview;
    let edits = body.understand()?;
    let items = if preview {
        state.vault().preview_policies(&actor, &edits).await?
    } else {
        state.vault().edit_policies(&actor, &edits).await?
    };
    Ok(Json(PoliciesEditedBody { items: items.into_iter().map(Into::into).collect() }))
}
