//! Requests to export as administrators see them: one with how many credentials it is for, and lists.

use countersign_model::{
    Action, Actor, ExportChoice, Invalid, Paged, Paging, VaultRequest, VaultRequestId, VaultRequestState,
    VaultRequestSubject,
};
use countersign_store::{
    credentials,
    engine::{Lane, Select},
    vault_requests,
};

use super::export_approval::administrators;
use crate::{Error, Object, RequestScope, Vault, access::approvers::person_name, vault::permit_by_role};

/// So many open ones are looked through for those that await somebody; no more may be open.
pub(super) const MAX_OPEN: u32 = 1_000;

/// A request about the vault as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultRequestView {
    /// The request.
    pub request: VaultRequest,
    /// Where it stands now.
    pub state: VaultRequestState,
    /// Who asked.
    pub person_name: String,
    /// How many credentials it is for now; not in lists.
    pub count: Option<usize>,
    /// The names of those that it names and that are there; not in lists.
    pub names: Vec<String>,
    /// What the actor may do about it.
    pub may: VaultRequestPermissions,
    /// Whether who asked is an administrator who is let in: where they are not, it serves nothing.
    pub applies: bool,
}

/// What somebody may do about a request about the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VaultRequestPermissions {
    /// Approve or reject it now.
    pub decide: bool,
    /// Take it back.
    pub cancel: bool,
    /// Do what was approved.
    pub export: bool,
}

/// Which requests about the vault to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultRequestListRequest {
    /// Whose.
    pub scope: RequestScope,
    /// Which page of the list, the latest first; those that await somebody come the first asked first.
    pub paging: Paging,
}

impl Vault {
    /// One request, with how many credentials it is for now.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn vault_request(&self, actor: &Actor, id: VaultRequestId) -> Result<VaultRequestView, Error> {
        let (mut reader, actor) = self.reader_on(Lane::Export, actor).await?;
        permit_by_role(&actor, Action::ExportCredentials)?;
        let found = vault_requests::find(&mut reader, id).await?.ok_or(Error::NotFound(Object::Request))?;
        let mut view = self.show_vault_request(&mut reader, &actor, found).await?;
        if let VaultRequestSubject::Export { choice, .. } = &view.request.terms.subject {
            if let ExportChoice::Some(ids) = choice {
                let rows = credentials::find_some(&mut reader, ids, None).await?;
                view.names = rows.iter().map(|row| row.name.to_string()).collect();
                view.count = Some(rows.len());
            } else {
                // None at all, and too many, are said when it is used.
                view.count = self.chosen(&mut reader, actor.user, choice).await.ok().map(|rows| rows.len());
            }
        }
        Ok(view)
    }

    /// A page of requests; how many await the actor, where that was asked for.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`] for a cursor of another list.
    pub async fn list_vault_requests(
        &self,
        actor: &Actor,
        ask: &VaultRequestListRequest,
    ) -> Result<Paged<VaultRequestView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ExportCredentials)?;
        let wrong = |_| Invalid::new("cursor", "is not one of this list: begin without a cursor");
        let cursor = ask.paging.cursor().map(str::parse::<VaultRequestId>).transpose().map_err(wrong)?;
        let now = self.now();
        let (rows, total) = if ask.scope == RequestScope::ToDecide {
            let active = administrators(&mut reader).await?;
            let open = vault_requests::open(&mut reader, now, None, MAX_OPEN).await?;
            let awaits = |one: &VaultRequest| {
                let present = one.with_present_approver(now, |person| active.contains(&person));
                present.awaits(actor.user, now) && active.contains(&one.person)
            };
            let awaiting: Vec<VaultRequest> = open.into_iter().filter(awaits).collect();
            let total = u64::try_from(awaiting.len()).ok();
            let after = awaiting.into_iter().filter(|one| cursor.is_none_or(|last| one.id > last));
            (after.take(ask.paging.rows() as usize).collect(), total)
        } else {
            let person = (ask.scope == RequestScope::Mine).then_some(actor.user);
            (vault_requests::list(&mut reader, person, cursor, ask.paging.rows()).await?, None)
        };
        let page = ask.paging.page(rows, |one: &VaultRequest| one.id.to_string());
        let mut items = Vec::with_capacity(page.items.len());
        for request in page.items {
            items.push(self.show_vault_request(&mut reader, &actor, request).await?);
        }
        Ok(Paged { items, next_cursor: page.next_cursor, total })
    }

    pub(super) async fn show_vault_request(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        request: VaultRequest,
    ) -> Result<VaultRequestView, Error> {
        let now = self.now();
        let active = administrators(db).await?;
        let request = request.with_present_approver(now, |person| active.contains(&person));
        let state = request.state(now);
        let open = matches!(state, VaultRequestState::Pending | VaultRequestState::Approved);
        let applies = !open || active.contains(&request.person);
        let own = request.person == actor.user;
        let may = VaultRequestPermissions {
            decide: applies && !actor.is_service() && request.awaits(actor.user, now),
            cancel: own && open,
            export: own && applies && state == VaultRequestState::Approved,
        };
        let person_name = person_name(db, request.person).await?;
        Ok(VaultRequestView { state, person_name, count: None, names: Vec::new(), may, applies, request })
    }
}
