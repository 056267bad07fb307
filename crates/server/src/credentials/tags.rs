//! `/api/v1/credentials/tags`: tags of many credentials at once.

use axum::{Json, extract::State};
use countersign_model::{CredentialId, Tag};
use countersign_vault::{TagChange, TagEdit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    access::moved::MovedAccessBody,
    request::extract::{Body, Caller},
};

/// More are refused before what is said of all is copied to each.
const MOST_CREDENTIALS: usize = 1_000;

/// Tags to give to credentials and to take from them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagsEditBody {
    /// 1 to 1000.
    credentials: Vec<TagEditBody>,
    /// Tags that each of them gets. Who has one already keeps it.
    #[serde(default)]
    add: Vec<String>,
    /// Tags that each of them loses.
    #[serde(default)]
    remove: Vec<String>,
    /// Only say what would change.
    #[serde(default)]
    preview: bool,
}

/// One of the credentials.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagEditBody {
    id: String,
    /// As a preview said it; only a preview needs none. Where one has another by now, nothing is changed, and the answer is 409.
    revision: Option<i64>,
    /// Tags that this one gets as well.
    #[serde(default)]
    add: Vec<String>,
    /// Tags that this one loses as well.
    #[serde(default)]
    remove: Vec<String>,
}

/// What has changed, or would.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagsEditedBody {
    /// In the order in which they were named.
    items: Vec<TagChangeBody>,
    /// Only of a preview: who gains or loses by it what was granted by tag; null where nobody does.
    access: Option<MovedAccessBody>,
}

/// What has changed of one credential, or would: nothing where it is as it is to be already.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagChangeBody {
    id: String,
    /// Null where the caller knows of none.
    name: Option<String>,
    /// Its revision now. Send it back to change exactly what was previewed, or to undo what was changed.
    revision: Option<i64>,
    /// The tags that it gets.
    added: Vec<String>,
    /// The tags that it loses.
    removed: Vec<String>,
    /// Why its tags cannot be changed; only of a preview.
    refused: Option<String>,
}

impl TagsEditBody {
    fn understand(self) -> Result<Vec<TagEdit>, Problem> {
        let tags = |field: &'static str, texts: &[String]| {
            if texts.len() > TagEdit::MOST_TAGS {
                let problem = format!("holds too many tags: at most {} at a time", TagEdit::MOST_TAGS);
                return Err(Problem::invalid(field, problem));
            }
            let tags = texts.iter().map(|text| Tag::parse(text)).collect::<Result<Vec<_>, _>>();
            tags.map_err(|invalid| Problem::invalid(field, format!("holds a tag that {}", invalid.problem)))
        };
        if self.credentials.len() > MOST_CREDENTIALS {
            return Err(Problem::invalid("credentials", format!("are too many: at most {MOST_CREDENTIALS} at a time")));
        }
        let (add, remove) = (tags("add", &self.add)?, tags("remove", &self.remove)?);
        let edit = |one: TagEditBody| -> Result<TagEdit, Problem> {
            let id = one.id.parse::<CredentialId>();
            let id = id.map_err(|error| Problem::invalid("credentials", format!("hold an id that is {error}")))?;
            let add = add.iter().cloned().chain(tags("add", &one.add)?).collect();
            let remove = remove.iter().cloned().chain(tags("remove", &one.remove)?).collect();
            Ok(TagEdit { id, revision: one.revision, add, remove })
        };
        self.credentials.into_iter().map(edit).collect()
    }
}

impl From<TagChange> for TagChangeBody {
    fn from(it: TagChange) -> Self {
        let texts = |tags: Vec<Tag>| tags.iter().map(Tag::to_string).collect();
        let TagChange { id, name, revision, added, removed, refused } = it;
        let (id, name) = (id.to_string(), name.map(|name| name.to_string()));
        Self { id, name, revision, added: texts(added), removed: texts(removed), refused }
    }
}

/// Gives credentials tags and takes tags from them: all of it, or nothing. With `preview` it only says what would change, which are
/// refused, and who would gain or lose by it what was granted by tag.
#[utoipa::path(post, path = "/api/v1/credentials/tags", tag = "credentials", request_body = TagsEditBody,
    responses((status = 200, body = TagsEditedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn edit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<TagsEditBody, 1024>,
) -> Result<Json<TagsEditedBody>, Problem> {
    let preview = body.preview;
    let edits = body.understand()?;
    let (items, access) = if preview {
        let found = state.vault().preview_tags(&actor, &edits).await?;
        (found.items, MovedAccessBody::of(found.access))
    } else {
        (state.vault().edit_tags(&actor, &edits).await?, None)
    };
    Ok(Json(TagsEditedBody { items: items.into_iter().map(Into::into).collect(), access }))
}
