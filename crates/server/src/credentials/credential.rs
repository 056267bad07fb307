//! `/api/v1/credentials`: create, list, read, edit, remove, versions, grants, tags.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_model::{
    ChangeId, ChangeState, CredentialName, CredentialStatus, Notes, SecondFactor, SiteAddress, Tag, Timestamp, Username,
};
use countersign_vault::{CredentialListRequest, CredentialView, FieldEdit, LastUsed, NewCredential, Patch, PhoneView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    credentials::{
        automation::{ClockBody, clock},
        seeds::{SecretText, TotpBody},
        sorting::sort_of,
    },
    request::extract::{Body, Caller, Listed, PagingParams, Wanted},
};

/// A credential, without its secrets.
#[derive(Serialize, ToSchema)]
pub(crate) struct CredentialBody {
    #[serde(flatten)]
    summary: SummaryBody,
    notes: String,
    /// Moves with each edit; send it with an edit to be told when somebody was faster.
    revision: i64,
    /// On whose phones its setup key is, as far as it was transferred from here: all of them for who may share the credential or read its records, else one's
    /// own.
    phones: Vec<PhoneBody>,
    /// The change of its password that has not ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_change: Option<OpenChangeBody>,
    /// The site's clock beside ours, once it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockBody>,
    /// What to look at; only after creating or editing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A change that has not ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenChangeBody {
    id: String,
    state: &'static str,
}

/// A credential in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct SummaryBody {
    id: String,
    name: String,
    username: String,
    site: Option<SiteBody>,
    tags: Vec<String>,
    /// `active` or `inactive`.
    status: &'static str,
    has_password: bool,
    second_factor: Option<SecondFactorBody>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    password_changed_at: Option<Timestamp>,
    /// When somebody last used it (a token, its password, a session, an edit), as of a minute ago; null: nobody has. In lists alone, and for
    /// who may read the records about it or sees who may do what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Option<Timestamp>>,
    /// The open change of its password that cannot end without a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    attention: Option<AttentionBody>,
    /// Why Countersign does not sign in at its site by itself, such as `Not automatable: no TLS. …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_automatable: Option<String>,
    /// What the caller may do with it.
    may: MayBody,
}

/// Somebody who has a credential's setup key on a phone.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhoneBody {
    /// Their name at that time.
    name: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// A change that cannot end without a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttentionBody {
    /// The change's id.
    change: String,
    /// `in_doubt` or `waiting_for_a_person`.
    state: &'static str,
    /// What is the matter and what to do, in one sentence.
    text: &'static str,
}

impl AttentionBody {
    fn new((change, state): (ChangeId, ChangeState)) -> Self {
        let text = match state {
            ChangeState::InDoubt => {
                "It is not known whether the new or the old password signs in. Both are kept: try them at the site, then resolve the change."
            }
            _ => "The password change needs attention: open its page and do what the site asks.",
        };
        Self { change: change.to_string(), state: state.name(), text }
    }
}

/// Where a credential signs in.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteBody {
    /// Any address of the site.
    pub(super) url: String,
}

/// How a credential's tokens are made.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorBody {
    /// `totp`, `hotp` or `steam`.
    kind: &'static str,
    /// `SHA1`, `SHA256` or `SHA512`.
    algorithm: &'static str,
    digits: u8,
    /// Seconds of a step; none for `hotp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<u32>,
}

/// What the caller may do.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub(crate) struct MayBody {
    token: bool,
    reveal: bool,
    edit: bool,
    /// Have its password changed at the site.
    change: bool,
    /// Start a session at its site.
    session: bool,
    remove: bool,
    grant: bool,
    /// Read the records about it.
    audit: bool,
    /// Transfer its setup key to a phone; false also where it has none that can be.
    transfer: bool,
}

impl From<SecondFactor> for SecondFactorBody {
    fn from(it: SecondFactor) -> Self {
        Self { kind: it.kind.name(), algorithm: it.algorithm.name(), digits: it.digits, period: it.period }
    }
}

impl From<CredentialView> for SummaryBody {
    fn from(view: CredentialView) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name.to_string(),
            username: view.username.to_string(),
            site: view.site.map(|url| SiteBody { url: url.to_string() }),
            tags: view.tags.iter().map(Tag::to_string).collect(),
            status: view.status.name(),
            has_password: view.has_password,
            second_factor: view.second_factor.map(Into::into),
            created_at: view.created_at,
            updated_at: view.updated_at,
            password_changed_at: view.password_changed_at,
            last_used_at: match view.last_used {
                LastUsed::Untold => None,
                LastUsed::Never => Some(None),
                LastUsed::At(at) => Some(Some(at)),
            },
            attention: view.attention.map(AttentionBody::new),
            not_automatable: view.not_automatable.map(|reason| reason.to_string()),
            may: MayBody {
                token: view.may.token,
                reveal: view.may.reveal,
                edit: view.may.edit,
                change: view.may.change,
                session: view.may.session,
                remove: view.may.remove,
                grant: view.may.grant,
                audit: view.may.audit,
                transfer: view.may.transfer,
            },
        }
    }
}

impl CredentialBody {
    pub(super) fn new(mut view: CredentialView, warnings: Vec<String>) -> Self {
        let phones = view.phones.drain(..).map(|PhoneView { name, since }| PhoneBody { name, since }).collect();
        let notes = view.notes.to_string();
        let revision = view.revision;
        let (open_change, clock) = (None, None);
        Self { summary: view.into(), notes, revision, phones, open_change, clock, warnings }
    }
}

/// A credential to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCredentialBody {
    name: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Option<SecretText>,
    #[serde(default)]
    site: Option<SiteBody>,
    #[serde(default)]
    totp: Option<TotpBody>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    notes: String,
}

/// What to change. A field that is left out stays; `null` takes password, site or totp away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchBody {
    name: Option<String>,
    username: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    password: Option<Option<SecretText>>,
    #[serde(default, deserialize_with = "present")]
    site: Option<Option<SiteBody>>,
    #[serde(default, deserialize_with = "present")]
    totp: Option<Option<TotpBody>>,
    tags: Option<Vec<String>>,
    notes: Option<String>,
    /// `active` or `inactive`.
    status: Option<String>,
    /// The revision that was read.
    revision: Option<i64>,
}

/// Tells `null`, which is `Some(None)`, from a field that is not there.
pub(crate) fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    value: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(value).map(Some)
}

fn edit<T, U>(field: Option<Option<T>>, make: impl FnOnce(T) -> Result<U, Problem>) -> Result<FieldEdit<U>, Problem> {
    Ok(match field {
        None => FieldEdit::Keep,
        Some(None) => FieldEdit::Clear,
        Some(Some(value)) => FieldEdit::Set(make(value)?),
    })
}

fn tags(tags: &[String]) -> Result<Vec<Tag>, Problem> {
    Ok(tags.iter().map(|tag| Tag::parse(tag)).collect::<Result<_, _>>()?)
}

/// Adds a credential.
#[utoipa::path(post, path = "/api/v1/credentials", tag = "credentials", request_body = NewCredentialBody,
    responses((status = 201, body = CredentialBody), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewCredentialBody>,
) -> Result<Response, Problem> {
    let seed = body.totp.as_ref().map(TotpBody::understand).transpose()?;
    let (seed, mut warnings) = seed.map_or((None, Vec::new()), |check| (Some(check.secret), check.warnings));
    let new = NewCredential {
        name: CredentialName::parse(&body.name)?,
        username: Username::parse(&body.username)?,
        password: body.password.map(SecretText::into_secret),
        site: body.site.map(|site| SiteAddress::parse(&site.url)).transpose()?,
        seed,
        tags: tags(&body.tags)?,
        notes: Notes::parse(&body.notes)?,
    };
    let (view, more) = state.vault().create_credential(&actor, new).await?;
    warnings.extend(more);
    let location = format!("/api/v1/credentials/{}", view.id);
    let body = Json(CredentialBody::new(view, warnings));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}

/// Which credentials to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    /// Whose name, username, site or tag holds this text.
    search: Option<String>,
    /// With this tag.
    tag: Option<String>,
    /// Whose site's host holds this text.
    site: Option<String>,
    /// With or without a seed.
    second_factor: Option<bool>,
    /// `active` or `inactive`.
    status: Option<String>,
    /// `name`, `updated`, `site`, `password_changed` or `last_used`; with `-` before it, backwards. Numbers in names count by their
    /// value. Those without a site, without a password, or that nobody has used are the first of their order. By last use for who
    /// sees who may do what.
    sort: Option<String>,
}

/// A page of credentials.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListBody {
    items: Vec<SummaryBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// How many pass the filter in all; on the first page only.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

/// The credentials that the caller may see.
#[utoipa::path(get, path = "/api/v1/credentials", tag = "credentials", params(ListParams, PagingParams),
    responses((status = 200, body = ListBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<ListParams>,
) -> Result<Json<ListBody>, Problem> {
    let ask = CredentialListRequest {
        search: params.search,
        tag: params.tag,
        site: params.site,
        second_factor: params.second_factor,
        status: params.status.as_deref().map(str::parse::<CredentialStatus>).transpose()?,
        sort: sort_of(params.sort.as_deref())?,
        paging,
    };
    let page = state.vault().list_credentials(&actor, &ask).await?.map(Into::into);
    Ok(Json(ListBody { items: page.items, next_cursor: page.next_cursor, total: page.total }))
}

/// One credential.
#[utoipa::path(get, path = "/api/v1/credentials/{id}", tag = "credentials",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CredentialBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<CredentialBody>, Problem> {
    let view = state.vault().credential(&actor, &wanted).await?;
    let change = state.vault().open_change(&actor, &wanted).await?;
    let automation = state.vault().automation(&actor, &wanted).await?;
    let mut body = CredentialBody::new(view, Vec::new());
    body.open_change = change.map(|it| OpenChangeBody { id: it.id.to_string(), state: it.state.name() });
    body.clock = clock(automation.clock);
    Ok(Json(body))
}

/// Edits a credential.
#[utoipa::path(patch, path = "/api/v1/credentials/{id}", tag = "credentials", request_body = PatchBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = CredentialBody), (status = "4XX", body = Problem)))]
pub(crate) async fn patch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    Body(body): Body<PatchBody>,
) -> Result<Json<CredentialBody>, Problem> {
    let mut warnings = Vec::new();
    let seed = edit(body.totp, |totp| {
        let check = totp.understand()?;
        warnings.extend(check.warnings);
        Ok(check.secret)
    })?;
    let patch = Patch {
        name: body.name.as_deref().map(CredentialName::parse).transpose()?,
        username: body.username.as_deref().map(Username::parse).transpose()?,
        password: edit(body.password, |password| Ok(password.into_secret()))?,
        site: edit(body.site, |site| Ok(SiteAddress::parse(&site.url)?))?,
        seed,
        tags: body.tags.as_deref().map(tags).transpose()?,
        notes: body.notes.as_deref().map(Notes::parse).transpose()?,
        status: body.status.as_deref().map(str::parse).transpose()?,
        revision: body.revision,
    };
    let (view, more) = state.vault().edit_credential(&actor, &wanted, patch).await?;
    warnings.extend(more);
    Ok(Json(CredentialBody::new(view, warnings)))
}

/// Removes a credential: it goes into the bin (`/api/v1/bin`), from which it can be restored for thirty days.
#[utoipa::path(delete, path = "/api/v1/credentials/{id}", tag = "credentials",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<StatusCode, Problem> {
    state.vault().remove_credential(&actor, &wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Versions of a password, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct VersionsBody {
    items: Vec<VersionBody>,
}

/// A version of a password, without the password.
#[derive(Serialize, ToSchema)]
pub(crate) struct VersionBody {
    version: i64,
    /// `current`, `candidate`, `former` or `unused`.
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
    /// When a change last saw it sign in at the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    proven_at: Option<Timestamp>,
    /// That change's id; none when the credential was removed and restored since, which its changes are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    proven_by_change: Option<String>,
    /// When a person last said that it signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    confirmed_at: Option<Timestamp>,
    /// Who said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_by: Option<String>,
}

/// The versions of a credential's password.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/versions", tag = "credentials",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = VersionsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn versions(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<VersionsBody>, Problem> {
    let versions = state.vault().versions(&actor, &wanted).await?;
    let items = versions
        .into_iter()
        .map(|it| VersionBody {
            version: it.version,
            state: it.state.name(),
            created_at: it.created_at,
            created_by: it.created_by,
            proven_at: it.proven.map(|(at, _)| at),
            proven_by_change: it.proven.and_then(|(_, change)| change).map(|change| change.to_string()),
            confirmed_at: it.confirmed.as_ref().map(|(at, _)| *at),
            confirmed_by: it.confirmed.map(|(_, by)| by),
        })
        .collect();
    Ok(Json(VersionsBody { items }))
}

/// Tags in use.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagsBody {
    items: Vec<TagBody>,
}

/// A tag and how many credentials have it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagBody {
    tag: String,
    count: u64,
}

/// The tags of the credentials that the caller may see.
#[utoipa::path(get, path = "/api/v1/tags", tag = "credentials",
    responses((status = 200, body = TagsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn all_tags(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<TagsBody>, Problem> {
    let tags = state.vault().tags(&actor).await?;
    Ok(Json(TagsBody { items: tags.into_iter().map(|(tag, count)| TagBody { tag, count }).collect() }))
}
