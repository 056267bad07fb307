//! Who may do what with a credential.

use axum::{Json, extract::State};
use countersign_model::{Extras, GrantPermissions, Level, UserId};
use countersign_vault::{GrantView, NewGrant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Wanted},
};

/// Who may use a credential.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrantsBody {
    items: Vec<GrantBody>,
}

/// What one person may do.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub(crate) struct GrantBody {
    user: GrantedUser,
    token: bool,
    reveal: bool,
    /// How far they may go in its sessions: `view`, `interact` (start one, take control when nobody holds it), `control`
    /// (take it from whoever holds it); null: not into any.
    session: Option<&'static str>,
    extras: ExtrasBody,
    /// Have its password changed at the site.
    change: bool,
    /// Edit it.
    edit: bool,
    /// Grant to others what they have themselves.
    share: bool,
    /// Read the records about it.
    audit: bool,
    /// Transfer its setup key to a phone; administrators alone grant it.
    transfer: bool,
}

/// What somebody may do in sessions beside pointing and typing.
#[derive(Serialize, Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub(crate) struct ExtrasBody {
    /// Open other addresses of the site's origins.
    address: bool,
    /// Put the clipboard into the page.
    paste: bool,
    /// Take what is selected out of the page.
    copy: bool,
    /// Give files to the page.
    upload: bool,
    /// Take files from the page.
    download: bool,
}

impl From<Extras> for ExtrasBody {
    fn from(it: Extras) -> Self {
        let Extras { address, paste, copy, upload, download } = it;
        Self { address, paste, copy, upload, download }
    }
}

impl From<ExtrasBody> for Extras {
    fn from(it: ExtrasBody) -> Self {
        let ExtrasBody { address, paste, copy, upload, download } = it;
        Self { address, paste, copy, upload, download }
    }
}

/// A person who was granted something.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrantedUser {
    id: String,
    name: String,
    role: String,
}

/// Who is to be allowed what; who is not named has no such grant any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGrantsBody {
    items: Vec<NewGrantBody>,
}

/// What one person is to be allowed.
#[derive(Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGrantBody {
    user_id: String,
    #[serde(default)]
    token: bool,
    #[serde(default)]
    reveal: bool,
    /// `view`, `interact` or `control`; left out or null: not into any session.
    session: Option<String>,
    #[serde(default)]
    extras: ExtrasBody,
    #[serde(default)]
    change: bool,
    #[serde(default)]
    edit: bool,
    #[serde(default)]
    share: bool,
    #[serde(default)]
    audit: bool,
    #[serde(default)]
    transfer: bool,
}

fn grants_body(grants: Vec<GrantView>) -> Json<GrantsBody> {
    let items = grants
        .into_iter()
        .map(|row| GrantBody {
            user: GrantedUser { id: row.person.to_string(), name: row.name, role: row.role },
            token: row.grant.token,
            reveal: row.grant.reveal,
            session: row.grant.session.map(Level::name),
            extras: row.grant.extras.into(),
            change: row.grant.change,
            edit: row.grant.edit,
            share: row.grant.share,
            audit: row.grant.audit,
            transfer: row.grant.transfer,
        })
        .collect();
    Json(GrantsBody { items })
}

/// What users were granted on a credential alone and without conditions; `/api/v1/grants` has every grant.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/grants", tag = "credentials",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GrantsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<GrantsBody>, Problem> {
    Ok(grants_body(state.vault().grants(&actor, &wanted).await?))
}

/// Says anew what users may do with a credential, by grants on it alone and without conditions. Other grants stay.
#[utoipa::path(put, path = "/api/v1/credentials/{id}/grants", tag = "credentials", request_body = NewGrantsBody,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = GrantsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn set(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    Body(body): Body<NewGrantsBody>,
) -> Result<Json<GrantsBody>, Problem> {
    let mut grants = Vec::with_capacity(body.items.len());
    for item in body.items {
        let person: UserId =
            item.user_id.parse().map_err(|error| Problem::invalid("user_id", format!("is {error}")))?;
        let level = item.session.as_deref().map(str::parse::<Level>).transpose();
        let session = level.map_err(|invalid| Problem::invalid("session", invalid.problem))?;
        let NewGrantBody { token, reveal, extras, change, edit, share, audit, transfer, .. } = item;
        let extras = extras.into();
        let grant = GrantPermissions { token, reveal, session, extras, change, edit, share, audit, transfer };
        grants.push(NewGrant { person, grant });
    }
    Ok(grants_body(state.vault().set_grants(&actor, &wanted, &grants).await?))
}
