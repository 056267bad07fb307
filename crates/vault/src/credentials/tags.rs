//! Tags of many credentials at once: what would change by it and for whom, and to change exactly that, all of it or nothing.

use std::collections::BTreeSet;

use countersign_model::{Action, Actor, AllowedBy, CredentialId, CredentialName, GrantTarget, Invalid, Tag};
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select,
    vault as vault_row,
};

use crate::{
    Error, MovedAccess, Object, Vault,
    credentials::{
        create::tidy_tags,
        many::{each_once, edited, of_one},
        moving::GrantedBy,
    },
    unit::Unit,
    vault::{allowed_by, permit},
};

/// Which tags one of the credentials is to get and to lose. Those that it has, or has not, already are no change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagEdit {
    /// The credential.
    pub id: CredentialId,
    /// Its revision as it was seen; a preview needs none.
    pub revision: Option<i64>,
    /// What it is to get.
    pub add: Vec<Tag>,
    /// What it is to lose.
    pub remove: Vec<Tag>,
}

impl TagEdit {
    /// As many tags as come or go at once, of all credentials together.
    pub const MOST_TAGS: usize = 64;
}

/// What becomes of one of the credentials. Where nothing comes or goes and nothing is refused, it is as it is to be already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagChange {
    /// The credential.
    pub id: CredentialId,
    /// Its name; `None` where the actor knows of none.
    pub name: Option<CredentialName>,
    /// Its revision now.
    pub revision: Option<i64>,
    /// The tags that it gets.
    pub added: Vec<Tag>,
    /// The tags that it loses.
    pub removed: Vec<Tag>,
    /// Why its tags cannot be changed.
    pub refused: Option<String>,
}

/// What would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagsPreview {
    /// Each credential, in the order in which they were named.
    pub items: Vec<TagChange>,
    /// Who gains or loses by it what was granted by tag.
    pub access: MovedAccess,
}

/// One of the credentials as it is, and as it is to be.
struct Planned {
    id: CredentialId,
    before: Option<CredentialRow>,
    /// `None` where it is that already.
    after: Result<Option<(CredentialRow, AllowedBy)>, Error>,
}

impl Planned {
    /// As somebody sees it.
    fn shown(&self) -> TagChange {
        let after = self.after.as_ref().ok().and_then(Option::as_ref).map(|(row, _)| row);
        let beyond = |one: Option<&CredentialRow>, other: Option<&CredentialRow>| -> Vec<Tag> {
            let (Some(one), Some(other)) = (one, other) else { return Vec::new() };
            one.tags.iter().filter(|tag| !other.tags.contains(tag)).cloned().collect()
        };
        let before = self.before.as_ref();
        TagChange {
            id: self.id,
            name: before.map(|row| row.name.clone()),
            revision: after.or(before).map(|row| row.revision),
            added: beyond(after, before),
            removed: beyond(before, after),
            refused: self.after.as_ref().err().map(Error::to_string),
        }
    }
}

impl Vault {
    /// What would change by giving credentials tags and taking tags from them. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many credentials or tags.
    pub async fn preview_tags(&self, actor: &Actor, edits: &[TagEdit]) -> Result<TagsPreview, Error> {
        check(edits)?;
        let (mut reader, actor) = self.reader(actor).await?;
        let planned = self.plan_tags(&mut reader, &actor, edits).await?;
        let moved: Vec<_> = planned
            .iter()
            .filter_map(|one| match (&one.before, &one.after) {
                (Some(before), Ok(Some((after, _)))) => Some((before, after)),
                _ => None,
            })
            .collect();
        let access = self.moved_access(&mut reader, &actor, &moved).await?;
        Ok(TagsPreview { items: planned.iter().map(Planned::shown).collect(), access })
    }

    /// Gives credentials tags and takes tags from them: all of it, or nothing. Gives each as it is then.
    ///
    /// # Errors
    /// [`crate::Conflict::OneEdited`] where one is not as it was seen; [`Error::Denied`], [`Error::NotFound`] where one may not be changed;
    /// [`Error::Invalid`] for too many credentials or tags.
    pub async fn edit_tags(&self, actor: &Actor, edits: &[TagEdit]) -> Result<Vec<TagChange>, Error> {
        check(edits)?;
        let (mut tx, actor) = self.writer(actor).await?;
        let mut planned = self.plan_tags(&mut tx, &actor, edits).await?;
        for (one, edit) in planned.iter().zip(edits) {
            let seen = edit.revision.ok_or_else(|| {
                Invalid::new("credentials", "are without the revision that was seen: take it from a preview")
            })?;
            if let Some(row) = &one.before
                && row.revision != seen
            {
                return Err(edited(row));
            }
        }
        // On PostgreSQL whoever writes the same rows waits for them in this order.
        let mut order: Vec<&mut Planned> = planned.iter_mut().collect();
        order.sort_by_key(|one| one.id);
        let mut any = false;
        for one in order {
            any |= self.write_tags(&mut tx, &actor, one).await?;
        }
        let shown = planned.iter().map(Planned::shown).collect();
        if any {
            vault_row::bump(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(shown)
    }

    /// Writes one of them with its record; says whether there was anything to write.
    async fn write_tags(&self, tx: &mut Unit, actor: &Actor, one: &mut Planned) -> Result<bool, Error> {
        let (row, by) = match &mut one.after {
            Ok(Some((row, by))) => (row, *by),
            Ok(None) => return Ok(false),
            Err(error) => return Err(of_one(error.clone(), one.before.as_ref())),
        };
        let before = one.before.as_ref().ok_or(Error::NotFound(Object::Credential))?;
        row.updated_at = self.now();
        if !credentials::update(tx, row, true).await? {
            return Err(edited(row));
        }
        row.revision += 1;
        tx.record(allowed_by(self.edited_entry(actor, before, row, vec!["tags".to_owned()]), by));
        Ok(true)
    }

    async fn plan_tags(&self, db: &mut impl Select, actor: &Actor, edits: &[TagEdit]) -> Result<Vec<Planned>, Error> {
        let ids: Vec<CredentialId> = edits.iter().map(|edit| edit.id).collect();
        let mut rows = self.visible_of_many(db, actor, &ids).await?;
        let tags = tags_of(edits).into_iter().cloned().map(GrantTarget::Tag);
        let granted = GrantedBy::of(db, actor, tags).await?;
        let plan = |edit: &TagEdit| {
            let before = rows.remove(&edit.id);
            let after = match &before {
                Some(row) => self.retagged(actor, row, edit, &granted),
                None => Err(Error::NotFound(Object::Credential)),
            };
            Planned { id: edit.id, before, after }
        };
        Ok(edits.iter().map(plan).collect())
    }

    /// As it is to be, by the same rules as for one that is edited alone.
    fn retagged(
        &self,
        actor: &Actor,
        before: &CredentialRow,
        edit: &TagEdit,
        granted: &GrantedBy,
    ) -> Result<Option<(CredentialRow, AllowedBy)>, Error> {
        let comes = edit.add.iter().any(|tag| !before.tags.contains(tag));
        let goes = edit.remove.iter().any(|tag| before.tags.contains(tag));
        if !comes && !goes {
            return Ok(None);
        }
        let by = permit(actor, Action::EditCredential, &before.grants, &self.asked(actor))?;
        let stays = before.tags.iter().filter(|tag| !edit.remove.contains(tag));
        let tags = tidy_tags(stays.chain(&edit.add).cloned().collect())?;
        let after = CredentialRow { tags, ..before.clone() };
        self.permit_moving(actor, before, &after, granted)?;
        Ok(Some((after, by)))
    }
}

/// All tags that come or go.
fn tags_of(edits: &[TagEdit]) -> BTreeSet<&Tag> {
    edits.iter().flat_map(|edit| edit.add.iter().chain(&edit.remove)).collect()
}

fn check(edits: &[TagEdit]) -> Result<(), Invalid> {
    each_once(edits.iter().map(|edit| edit.id))?;
    for edit in edits {
        if edit.add.is_empty() && edit.remove.is_empty() {
            return Err(Invalid::new("add", "or remove is missing: name at least one tag"));
        }
        // Before they are compared with each other.
        if edit.add.len() > TagEdit::MOST_TAGS || edit.remove.len() > TagEdit::MOST_TAGS {
            return Err(too_many_tags());
        }
        if let Some(tag) = edit.add.iter().find(|tag| edit.remove.contains(tag)) {
            return Err(Invalid::new("add", format!("and remove both name the tag {tag}")));
        }
    }
    if tags_of(edits).len() > TagEdit::MOST_TAGS { Err(too_many_tags()) } else { Ok(()) }
}

fn too_many_tags() -> Invalid {
    let most = TagEdit::MOST_TAGS;
    Invalid::new("add", format!("and remove name too many tags: at most {most} at a time"))
}
