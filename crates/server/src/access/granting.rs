//! Grants one by one: to a user or a group, on a credential or on all with a tag or at a site, with conditions.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{Grant, GrantId, GrantPermissions, GrantTarget, Level, Principal, Tag};
use countersign_vault::{
    GrantDetails, GrantDraft, GrantListRequest, GrantPreview, HolderRef, MovedAccess, TargetRef, WhoView,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    conditions::{ApprovalBody, ConditionsBody},
    grants::ExtrasBody,
    groups::{group_of, user_of},
    moved::PreviewedPersonBody,
};
use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Id, Listed, PagingParams, Wanted},
};

/// What is allowed. Whoever has any grant sees the credential.
#[derive(Serialize, Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub(crate) struct PermissionsBody {
    /// Take the token.
    token: bool,
    /// See the password.
    reveal: bool,
    /// How far into its sessions: `view`, `interact` or `control`; null: not into any.
    session: Option<String>,
    extras: ExtrasBody,
    /// Have the password changed at the site.
    change: bool,
    /// Edit the credential; its tags where they may share too, its site where they may also see the password.
    edit: bool,
    /// Grant to others what they have themselves.
    share: bool,
    /// Read the records about the credential.
    audit: bool,
    /// Transfer the setup key to a phone. Administrators alone grant it, to one user on one credential.
    transfer: bool,
}

/// A grant to make. One of `user` and `group`, and one of `credential`, `tag` and `site`; each by UUID or as `name:NAME`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantDraftBody {
    user: Option<String>,
    group: Option<String>,
    credential: Option<String>,
    /// On all credentials with this tag, now or later.
    tag: Option<String>,
    /// On all credentials whose site has this host, now or later.
    site: Option<String>,
    #[serde(default)]
    permissions: PermissionsBody,
    #[serde(default)]
    conditions: ConditionsBody,
}

/// A grant to look at before it is made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantPreviewAskBody {
    grant: GrantDraftBody,
    /// The id of the grant in whose place it would be.
    replaces: Option<String>,
}

/// Somebody or something by id and name.
#[derive(Serialize, ToSchema)]
pub(crate) struct NamedBody {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<&'static str>,
    /// Of a user: whether it is a service account.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) service_account: bool,
}

/// A grant. One of `user` and `group`, and one of `credential`, `tag` and `site`, is not null.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessGrantBody {
    id: String,
    user: Option<NamedBody>,
    group: Option<NamedBody>,
    credential: Option<NamedBody>,
    tag: Option<String>,
    site: Option<String>,
    permissions: PermissionsBody,
    conditions: ConditionsBody,
}

/// A page of grants.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessGrantsBody {
    items: Vec<AccessGrantBody>,
    next_cursor: Option<String>,
}

/// What would change.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrantPreviewBody {
    /// On how many credentials the grant is, or was.
    credentials: u64,
    /// Names of some of them.
    names: Vec<String>,
    /// Whether there are more credentials than were looked at.
    more: bool,
    /// How many users gain something.
    gains: u64,
    /// How many lose something.
    loses: u64,
    /// Users for whom something changes; empty for callers who may not know who is in the group.
    people: Vec<PreviewedPersonBody>,
}

/// Who may do what with a credential.
#[derive(Serialize, ToSchema)]
pub(crate) struct WhoBody {
    items: Vec<WhoMayBody>,
}

/// What one user may do, and why.
#[derive(Serialize, ToSchema)]
pub(crate) struct WhoMayBody {
    user: NamedBody,
    /// Whether their role allows it without a grant.
    by_role: bool,
    /// What they may do, if the conditions of the grants hold.
    permissions: PermissionsBody,
    /// The grants that they have, themselves or by a group.
    grants: Vec<AccessGrantBody>,
}

impl From<GrantPermissions> for PermissionsBody {
    fn from(it: GrantPermissions) -> Self {
        let GrantPermissions { token, reveal, session, extras, change, edit, share, audit, transfer } = it;
        let session = session.map(|level| level.name().to_owned());
        Self { token, reveal, session, extras: extras.into(), change, edit, share, audit, transfer }
    }
}

impl PermissionsBody {
    pub(crate) fn understand(self) -> Result<GrantPermissions, Problem> {
        let Self { token, reveal, session, extras, change, edit, share, audit, transfer } = self;
        let level = session.as_deref().map(str::parse::<Level>).transpose();
        let session = level.map_err(|invalid| Problem::invalid("session", invalid.problem))?;
        Ok(GrantPermissions { token, reveal, session, extras: extras.into(), change, edit, share, audit, transfer })
    }
}

impl GrantDraftBody {
    fn understand(mut self) -> Result<GrantDraft, Problem> {
        Ok(GrantDraft {
            holder: one_holder(self.user.as_deref(), self.group.as_deref())?
                .ok_or_else(|| Problem::invalid("user", "or group is missing: name one of them"))?,
            target: one_target(self.credential.as_deref(), self.tag.as_deref(), self.site.as_deref())?
                .ok_or_else(|| Problem::invalid("credential", "or tag or site is missing: name one of them"))?,
            permissions: self.permissions.understand()?,
            approval: self.conditions.approval.take().map(ApprovalBody::understand).transpose()?,
            conditions: self.conditions.understand()?,
        })
    }
}

pub(super) fn one_holder(user: Option<&str>, group: Option<&str>) -> Result<Option<HolderRef>, Problem> {
    match (user, group) {
        (Some(user), None) => user_of(user).map(Some),
        (None, Some(group)) => Ok(Some(HolderRef::Group(group_of(group)?))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Problem::invalid("user", "and group are both there: name one of them")),
    }
}

fn one_target(credential: Option<&str>, tag: Option<&str>, site: Option<&str>) -> Result<Option<TargetRef>, Problem> {
    match (credential, tag, site) {
        (Some(credential), None, None) => Ok(Some(TargetRef::Credential(credential.parse()?))),
        (None, Some(tag), None) => {
            let tag = Tag::parse(tag).map_err(|invalid| Problem::invalid("tag", invalid.problem))?;
            Ok(Some(TargetRef::Tag(tag)))
        }
        (None, None, Some(site)) => Ok(Some(TargetRef::Site(site.parse()?))),
        (None, None, None) => Ok(None),
        _ => Err(Problem::invalid("credential", "and tag or site are there together: name one of them")),
    }
}

impl From<GrantDetails> for AccessGrantBody {
    fn from(details: GrantDetails) -> Self {
        let GrantDetails { grant, holder, credential, approvers } = details;
        let Grant { id, holder: principal, target, permissions, conditions } = grant;
        let (role, service_account) = (holder.role.map(|role| role.name()), holder.service_account);
        let named = |id: String| Some(NamedBody { id, name: holder.name.clone(), role, service_account });
        let (user, group) = match principal {
            Principal::User(id) => (named(id.to_string()), None),
            Principal::Group(id) => (None, named(id.to_string())),
        };
        let (credential, tag, site) = match target {
            GrantTarget::Credential(id) => {
                let name = credential.unwrap_or_default();
                (Some(NamedBody { id: id.to_string(), name, role: None, service_account: false }), None, None)
            }
            GrantTarget::Tag(tag) => (None, Some(tag.to_string()), None),
            GrantTarget::Site(host) => (None, None, Some(host.to_string())),
        };
        let (id, conditions) = (id.to_string(), ConditionsBody::of(&conditions, &approvers));
        Self { id, user, group, credential, tag, site, permissions: permissions.into(), conditions }
    }
}

/// Which grants to list. Those that are on a credential, also by its tags and site, come all at once.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantListParams {
    /// For this user, and not by a group: UUID, or `name:NAME`.
    user: Option<String>,
    /// For this group: UUID, or `name:NAME`.
    group: Option<String>,
    /// That are on this credential, also by tag and site: UUID, or `name:NAME`.
    credential: Option<String>,
    /// On exactly this tag.
    tag: Option<String>,
    /// On exactly this host.
    site: Option<String>,
}

/// A page of grants, for who may say who uses what; of one credential also for who may share it.
#[utoipa::path(get, path = "/api/v1/grants", tag = "access", params(GrantListParams, PagingParams),
    responses((status = 200, body = AccessGrantsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<GrantListParams>,
) -> Result<Json<AccessGrantsBody>, Problem> {
    let ask = GrantListRequest {
        holder: one_holder(params.user.as_deref(), params.group.as_deref())?,
        target: one_target(None, params.tag.as_deref(), params.site.as_deref())?,
        on: params.credential.as_deref().map(str::parse).transpose()?,
        paging,
    };
    let page = state.vault().list_grants(&actor, &ask).await?.map(Into::into);
    Ok(Json(AccessGrantsBody { items: page.items, next_cursor: page.next_cursor }))
}

/// Grants something.
#[utoipa::path(post, path = "/api/v1/grants", tag = "access", request_body = GrantDraftBody,
    responses((status = 201, body = AccessGrantBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<GrantDraftBody>,
) -> Result<(StatusCode, Json<AccessGrantBody>), Problem> {
    let details = state.vault().create_grant(&actor, body.understand()?).await?;
    Ok((StatusCode::CREATED, Json(details.into())))
}

/// What would change if a grant were saved. Nothing is.
#[utoipa::path(post, path = "/api/v1/grants/preview", tag = "access", request_body = GrantPreviewAskBody,
    responses((status = 200, body = GrantPreviewBody), (status = "4XX", body = Problem)))]
pub(crate) async fn preview(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<GrantPreviewAskBody>,
) -> Result<Json<GrantPreviewBody>, Problem> {
    let replaces = body.replaces.as_deref().map(str::parse::<GrantId>).transpose();
    let replaces = replaces.map_err(|error| Problem::invalid("replaces", format!("is {error}")))?;
    let found = state.vault().preview_grant(&actor, body.grant.understand()?, replaces).await?;
    let GrantPreview { credentials, names, access: MovedAccess { gains, loses, people, more } } = found;
    let people = people.into_iter().map(Into::into).collect();
    Ok(Json(GrantPreviewBody { credentials, names, more, gains, loses, people }))
}

/// One grant.
#[utoipa::path(get, path = "/api/v1/grants/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 200, body = AccessGrantBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GrantId>,
) -> Result<Json<AccessGrantBody>, Problem> {
    Ok(Json(state.vault().grant(&actor, id).await?.into()))
}

/// Puts another grant in the place of one.
#[utoipa::path(put, path = "/api/v1/grants/{id}", tag = "access", request_body = GrantDraftBody,
    params(("id" = String, Path)),
    responses((status = 200, body = AccessGrantBody), (status = "4XX", body = Problem)))]
pub(crate) async fn replace(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GrantId>,
    Body(body): Body<GrantDraftBody>,
) -> Result<Json<AccessGrantBody>, Problem> {
    Ok(Json(state.vault().edit_grant(&actor, id, body.understand()?).await?.into()))
}

/// Takes a grant back: from the next request on it is not served, whichever server has it cached.
#[utoipa::path(delete, path = "/api/v1/grants/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GrantId>,
) -> Result<StatusCode, Problem> {
    state.vault().remove_grant(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may do what with a credential, by role or by which grant.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/who", tag = "access",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = WhoBody), (status = "4XX", body = Problem)))]
pub(crate) async fn who(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<WhoBody>, Problem> {
    let view = |it: WhoView| WhoMayBody {
        user: NamedBody {
            id: it.person.to_string(),
            name: it.name,
            role: Some(it.role.name()),
            service_account: it.service_account,
        },
        by_role: it.by_role,
        permissions: it.permissions.into(),
        grants: it.grants.into_iter().map(Into::into).collect(),
    };
    let items = state.vault().who(&actor, &wanted).await?.into_iter().map(view).collect();
    Ok(Json(WhoBody { items }))
}
