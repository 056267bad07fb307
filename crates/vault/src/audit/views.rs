//! Filters of the audit log that people keep. They are their own, show nobody anything, and are not recorded.

use countersign_model::{Action, Actor, Invalid, Timestamp, ViewId, ViewName};
use countersign_store::audit::views::{self, ViewRow};
use serde::{Deserialize, Serialize};

use crate::{Error, Object, Vault, vault::permit_by_role};

const MAX_VIEWS: u32 = 50;
const LONGEST_VALUE: usize = 200;

/// What a page filters by, as it stands in its address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SavedFilter {
    /// Whose actor's or object's name holds this text.
    pub search: Option<String>,
    /// Of this act.
    pub act: Option<String>,
    /// About this credential.
    pub credential: Option<String>,
    /// By this user.
    pub actor: Option<String>,
    /// From this day.
    pub since: Option<String>,
    /// To this day.
    pub until: Option<String>,
}

/// A filter that somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: ViewId,
    /// What its person calls it.
    pub name: ViewName,
    /// The filter.
    pub filter: SavedFilter,
    /// When it was kept.
    pub created_at: Timestamp,
}

impl SavedFilter {
    /// Without what says nothing.
    fn checked(self) -> Result<Self, Invalid> {
        let check = |field: &'static str, value: Option<String>| {
            let value = value.filter(|text| !text.trim().is_empty());
            let fits = |text: &String| text.len() <= LONGEST_VALUE && !text.chars().any(char::is_control);
            match value {
                Some(text) if !fits(&text) => Err(Invalid::new(field, "is too long, or holds what no filter holds")),
                value => Ok(value),
            }
        };
        Ok(Self {
            search: check("filter.search", self.search)?,
            act: check("filter.act", self.act)?,
            credential: check("filter.credential", self.credential)?,
            actor: check("filter.actor", self.actor)?,
            since: check("filter.since", self.since)?,
            until: check("filter.until", self.until)?,
        })
    }
}

impl Vault {
    /// The filters that the actor keeps, by name.
    ///
    /// # Errors
    /// [`Error::Denied`] for who may not read the log.
    pub async fn saved_views(&self, actor: &Actor) -> Result<Vec<SavedView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        let rows = views::of_person(&mut reader, actor.user, MAX_VIEWS).await?;
        let view = |row: ViewRow| SavedView {
            id: row.id,
            name: row.name,
            // What a later version kept and this one does not know shows everything.
            filter: serde_json::from_str(&row.filter).unwrap_or_default(),
            created_at: row.created_at,
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Keeps a filter for the actor.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it filters nothing, or there are too many; [`Error::Denied`].
    pub async fn save_view(&self, actor: &Actor, name: ViewName, filter: SavedFilter) -> Result<SavedView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        let filter = filter.checked()?;
        if filter == SavedFilter::default() {
            return Err(Invalid::new("filter", "filters nothing: choose something to filter by first").into());
        }
        if views::count(&mut tx, actor.user).await? >= i64::from(MAX_VIEWS) {
            return Err(Invalid::new("name", format!("is one too many: at most {MAX_VIEWS} saved views")).into());
        }
        let (id, created_at) = (ViewId::new(self.now(), self.chance()), self.now());
        let text = serde_json::to_string(&filter).map_err(|_| Error::Empty("filter"))?;
        views::insert(&mut tx, actor.user, &ViewRow { id, name: name.clone(), filter: text, created_at }).await?;
        tx.commit_without_record("a filter of one's own shows nothing new").await?;
        Ok(SavedView { id, name, filter, created_at })
    }

    /// Forgets one of the actor's.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`].
    pub async fn delete_view(&self, actor: &Actor, id: ViewId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        if !views::delete(&mut tx, actor.user, id).await? {
            return Err(Error::NotFound(Object::View));
        }
        tx.commit_without_record("a filter of one's own shows nothing new").await
    }
}
