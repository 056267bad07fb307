//! Seeing credentials: one, a page of a list, the tags. No secret is in any of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use countersign_model::{
    Action, Actor, ChangeState, CredentialStatus, Denied, Invalid, Paged, Paging, Role, Timestamp, decide_by_role,
    natural_order,
};
use countersign_store::{
    audit, automation, changes,
    credentials::{self, CredentialFilter, CredentialRow, ListPosition, Sort},
    engine::{Reader, Select},
};
use data_encoding::BASE64URL_NOPAD;

use super::{
    search::{Found, KnownList, Query, SearchMemory},
    view::{CredentialView, LastUsed, view},
};
use crate::{CredentialRef, Error, Object, Vault, credentials::places::places, vault::permit};

/// Which credentials to list, and how.
#[derive(Debug, Clone, Default)]
pub struct CredentialListRequest {
    /// Whose name, username, site or tag holds this text.
    pub search: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Whose site's host holds this text.
    pub site: Option<String>,
    /// With or without a seed.
    pub second_factor: Option<bool>,
    /// In use or not.
    pub status: Option<CredentialStatus>,
    /// In which order.
    pub sort: Sort,
    /// Which page of the list.
    pub paging: Paging,
}

const MAX_TAGS: u32 = 1_000;
/// More changes than these do not stand still at the same time; those beyond are still seen in the list of changes.
const MAX_IN_NEED: u32 = 5_000;
const MAX_SEARCH: usize = 200;
const AT_ONCE: u32 = 200;
/// Uses are counted once a minute. Of more records than these that minute is not yet over, and no last use is told.
const MAX_UNCOUNTED: u64 = 100_000;

impl Vault {
    /// A page of the credentials that the actor may see.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor of another list or a search of more than 200 characters; [`Error::Denied`] for an order by last
    /// use, for who may not know of all uses.
    pub async fn list_credentials(
        &self,
        actor: &Actor,
        ask: &CredentialListRequest,
    ) -> Result<Paged<CredentialView>, Error> {
        // Before the snapshot is opened, so that it is not newer than that.
        let known = self.inner.search.known();
        let (mut reader, actor) = self.reader(actor).await?;
        if ask.search.as_ref().is_some_and(|text| text.chars().count() > MAX_SEARCH) {
            return Err(Invalid::new("search", format!("is too long: at most {MAX_SEARCH} characters")).into());
        }
        let knows_uses = !is_limited(&actor) && self.permit_looking(&actor, None).is_ok();
        if ask.sort.is_by_use() && !knows_uses {
            return Err(Denied::plainly(Action::ReadAudit).into());
        }
        let filter = CredentialFilter {
            search: some_text(ask.search.as_deref()),
            tag: some_text(ask.tag.as_deref()),
            site: some_text(ask.site.as_deref()),
            second_factor: ask.second_factor,
            status: ask.status,
            granted_only: granted_only(actor.role),
        };
        let now = self.now();
        let after = ask.paging.cursor().map(|cursor| parse_cursor(ask.sort, cursor)).transpose()?;
        let wanted = Wanted { filter, sort: ask.sort, after, paging: &ask.paging, now };
        let known = self.inner.search.at(known, &self.inner.database, &mut reader).await?;
        let page = match known.filter(|_| SearchMemory::orders(ask.sort)) {
            Some(known) => self.page_from_memory(&mut reader, &actor, &wanted, known).await?,
            None => None,
        };
        let page = match page {
            Some(page) => page,
            None => page_from_database(&mut reader, &actor, &wanted).await?,
        };
        let need: HashMap<_, _> = changes::need_a_person(&mut reader, MAX_IN_NEED)
            .await?
            .into_iter()
            .map(|(credential, change, state)| (credential, (change, state)))
            .collect();
        let shown =
            |row: CredentialRow| CredentialView { attention: need.get(&row.id).copied(), ..view(&actor, row, now) };
        // What the list's indexes say of grants is no more than where to look.
        let may_see =
            |row: &CredentialRow| permit(&actor, Action::SeeCredential, &row.grants, &self.asked(&actor)).is_ok();
        let Paged { items, next_cursor, total } = page;
        // How many there are that a token was narrowed past is not told.
        let total = total.filter(|_| !is_limited(&actor));
        let mut items: Vec<_> = items.into_iter().filter(may_see).map(shown).collect();
        tell_last_uses(&mut reader, &mut items, knows_uses).await?;
        Ok(Paged { items, next_cursor, total })
    }

    /// The page by the index; `None` where it turns out that the database has to be asked.
    async fn page_from_memory(
        &self,
        reader: &mut Reader,
        actor: &Actor,
        wanted: &Wanted<'_>,
        known: KnownList,
    ) -> Result<Option<Paged<CredentialRow>>, Error> {
        let memory = &self.inner.search;
        let granted = if wanted.filter.granted_only {
            let Some(granted) = SearchMemory::granted(reader, actor.user, wanted.now).await? else { return Ok(None) };
            Some(granted)
        } else {
            None
        };
        let (filter, sort, after) = (wanted.filter.clone(), wanted.sort, wanted.after.clone());
        let rows = wanted.paging.rows() as usize;
        let looked = tokio::task::spawn_blocking(move || {
            let (granted, after) = (granted.as_ref(), after.as_ref());
            known.find(&Query { filter: &filter, granted, sort, after, rows, count: after.is_none() })
        });
        let Found { ids, total } = looked.await.map_err(|_| Error::Closing)?;
        let page = wanted.paging.page(ids, |_| String::new());
        let person = wanted.filter.granted_only.then_some(actor.user);
        let found = credentials::find_some(reader, &page.items, person).await?;
        // Nothing is shown because memory says so: each is there, and granted where that is asked for.
        let granted = !wanted.filter.granted_only || found.iter().all(|row| !row.grants.is_empty());
        if found.len() != page.items.len() || !granted {
            memory.forget();
            return Ok(None);
        }
        let next_cursor =
            page.next_cursor.and_then(|_| found.last()).map(|row| write_cursor(sort, ListPosition::after(sort, row)));
        Ok(Some(Paged { items: found, next_cursor, total: total.map(|total| total as u64) }))
    }

    /// One credential.
    ///
    /// # Errors
    /// [`Error::NotFound`] also where the actor may not know of it.
    pub async fn credential(&self, actor: &Actor, wanted: &CredentialRef) -> Result<CredentialView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = self.visible(&mut reader, &actor, wanted).await?;
        let open = changes::open(&mut reader, row.id).await?;
        let stuck = |state| matches!(state, ChangeState::InDoubt | ChangeState::WaitingForAPerson);
        let attention = open.filter(|open| stuck(open.state)).map(|open| (open.id, open.state));
        let known = automation::find(&mut reader, row.id).await?;
        let not_automatable = places(row.site.as_ref(), &known).check_tls().err();
        let phones = self.phones_with(&mut reader, &actor, &row).await?;
        Ok(CredentialView { attention, not_automatable, phones, ..view(&actor, row, self.now()) })
    }

    /// The credential with what the actor was granted on it, when they may know of it.
    pub(crate) async fn visible(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        wanted: &CredentialRef,
    ) -> Result<CredentialRow, Error> {
        let row = match wanted {
            CredentialRef::Id(id) => credentials::find_as(db, *id, actor.user).await?,
            CredentialRef::Name(name) => credentials::find_by_name_as(db, name, actor.user).await?,
        };
        row.filter(|row| permit(actor, Action::SeeCredential, &row.grants, &self.asked(actor)).is_ok())
            .ok_or(Error::NotFound(Object::Credential))
    }

    /// The tags of the credentials that the actor may see, with how many have each.
    pub async fn tags(&self, actor: &Actor) -> Result<Vec<(String, u64)>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        if is_limited(&actor) {
            return self.tags_in_scope(&mut reader, &actor).await;
        }
        let person = granted_only(actor.role).then_some(actor.user);
        let mut tags = credentials::tags(&mut reader, person, self.now(), MAX_TAGS).await?;
        in_natural_order(&mut tags);
        Ok(tags.into_iter().map(|(tag, count)| (tag, count.try_into().unwrap_or(0))).collect())
    }

    /// The same of a token that was narrowed to some credentials: of those alone.
    async fn tags_in_scope(&self, reader: &mut Reader, actor: &Actor) -> Result<Vec<(String, u64)>, Error> {
        let (filter, now) = (CredentialFilter { granted_only: true, ..CredentialFilter::default() }, self.now());
        // Not by name: as in an export, none may be passed over.
        let (mut tags, mut seen, mut after) = (BTreeMap::<String, u64>::new(), HashSet::new(), None);
        loop {
            let rows =
                credentials::list(reader, &filter, (actor.user, now), Sort::Updated, after.as_ref(), AT_ONCE).await?;
            for row in &rows {
                if seen.insert(row.id) && permit(actor, Action::SeeCredential, &row.grants, &self.asked(actor)).is_ok()
                {
                    row.tags.iter().for_each(|tag| *tags.entry(tag.to_string()).or_default() += 1);
                }
            }
            after = rows.last().map(|row| ListPosition::after(Sort::Updated, row));
            if rows.len() < AT_ONCE as usize {
                let mut tags: Vec<_> = tags.into_iter().collect();
                in_natural_order(&mut tags);
                return Ok(tags);
            }
        }
    }
}

/// Whether somebody came in by a token that was narrowed to some credentials.
fn is_limited(actor: &Actor) -> bool {
    actor.service.as_ref().is_some_and(|service| service.scope.is_limited())
}

fn in_natural_order<N>(tags: &mut [(String, N)]) {
    tags.sort_by(|(one, _), (other, _)| natural_order(one.as_bytes(), other.as_bytes()));
}

/// Says when each was last used, of which the actor may know it: of all, or of those whose records they may read.
async fn tell_last_uses(reader: &mut Reader, items: &mut [CredentialView], all: bool) -> Result<(), Error> {
    let told: HashSet<_> = items.iter().filter(|it| all || it.may.audit).map(|it| it.id).collect();
    if told.is_empty() {
        return Ok(());
    }
    let (counted, size) = audit::uses_counted(reader).await?;
    if size.saturating_sub(counted) > MAX_UNCOUNTED {
        return Ok(());
    }
    let ids: Vec<_> = told.iter().map(|id| id.uuid()).collect();
    let used = audit::last_uses(reader, &ids).await?;
    for item in items.iter_mut().filter(|it| told.contains(&it.id)) {
        item.last_used = used.get(&item.id.uuid()).map_or(LastUsed::Never, |at| LastUsed::At(*at));
    }
    Ok(())
}

/// A page as it was asked for, in the words of the tables.
struct Wanted<'a> {
    filter: CredentialFilter,
    sort: Sort,
    after: Option<ListPosition>,
    paging: &'a Paging,
    /// When it is asked.
    now: Timestamp,
}

/// The page by the database alone: while there is no index, and where there is too much for one.
async fn page_from_database(
    reader: &mut Reader,
    actor: &Actor,
    wanted: &Wanted<'_>,
) -> Result<Paged<CredentialRow>, Error> {
    let Wanted { filter, sort, after, paging, now } = wanted;
    let rows = credentials::list(reader, filter, (actor.user, *now), *sort, after.as_ref(), paging.rows()).await?;
    let used = if sort.is_by_use() {
        audit::last_uses(reader, &rows.iter().map(|row| row.id.uuid()).collect::<Vec<_>>()).await?
    } else {
        HashMap::new()
    };
    let page = paging.page(rows, |row| {
        let place = if sort.is_by_use() {
            ListPosition::after_use(row, used.get(&row.id.uuid()).copied())
        } else {
            ListPosition::after(*sort, row)
        };
        write_cursor(*sort, place)
    });
    // A first page that holds everything has been counted already; a search that finds little stays one pass.
    let total = match (&after, &page.next_cursor) {
        (None, None) => Some(page.items.len() as u64),
        (None, Some(_)) => Some(credentials::count(reader, filter, (actor.user, *now)).await?.try_into().unwrap_or(0)),
        (Some(_), _) => None,
    };
    Ok(page.of_all(total))
}

/// Whether somebody sees only what was granted to them: so it is when the rule denies what has no grant.
/// Whether somebody of this role sees what was granted to them, and nothing else.
pub(crate) fn granted_only(role: Role) -> bool {
    decide_by_role(role, Action::SeeCredential).is_err()
}

fn some_text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Opaque to callers: the sort, the place, and the id of the last credential, each in its line.
fn write_cursor(sort: Sort, ListPosition { text, at, id }: ListPosition) -> String {
    let place = if sort.is_by_time() { at.micros().to_string() } else { text };
    BASE64URL_NOPAD.encode(format!("{}\n{id}\n{place}", sort_name(sort)).as_bytes())
}

fn parse_cursor(sort: Sort, cursor: &str) -> Result<ListPosition, Error> {
    let wrong = || Error::Invalid(Invalid::new("cursor", "is not one of this list: begin without a cursor"));
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let mut lines = text.splitn(3, '\n');
    let (Some(name), Some(id), Some(place)) = (lines.next(), lines.next(), lines.next()) else { return Err(wrong()) };
    if name != sort_name(sort) {
        return Err(wrong());
    }
    let id = id.parse().map_err(|_| wrong())?;
    let at = if sort.is_by_time() { place.parse().map_err(|_| wrong())? } else { 0 };
    Ok(ListPosition { text: place.to_owned(), at: Timestamp::from_micros(at), id })
}

const fn sort_name(sort: Sort) -> &'static str {
    match sort {
        // A cursor from before names were in natural order names another place.
        Sort::Name => "natural",
        Sort::NameBackwards => "-natural",
        Sort::Updated => "updated",
        Sort::UpdatedBackwards => "-updated",
        Sort::Site => "site",
        Sort::SiteBackwards => "-site",
        Sort::Password => "password_changed",
        Sort::PasswordBackwards => "-password_changed",
        Sort::LastUsed => "last_used",
        Sort::LastUsedBackwards => "-last_used",
    }
}
