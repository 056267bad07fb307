//! `/api/v1/vault-key`: which key the vault has, and putting another in its place.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::Timestamp;
use countersign_vault::{KeyView, NextKeyView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{AppState, Problem, request::extract::Caller};

/// The vault key by its name; the key itself is never shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct VaultKeyBody {
    /// Its name: sixteen hexadecimal digits that come from the key and lead nowhere back.
    #[schema(example = "6f1d0a5c9be37242")]
    id: String,
    /// Its number among the vault's keys, from 1.
    number: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What unlocked it when the server started: a key file, a passphrase or a command.
    #[schema(example = "key file /srv/vault.key")]
    unlocked_by: String,
    /// Whether the system keeps it out of swap.
    locked_in_memory: bool,
    /// The key that is taking its place.
    next: Option<NextVaultKeyBody>,
}

/// A key that is about to be the only one.
#[derive(Serialize, ToSchema)]
pub(crate) struct NextVaultKeyBody {
    /// Its name.
    id: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Since when secrets are sealed under it; null while other servers learn of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    active_at: Option<Timestamp>,
    /// How many secrets and parts of recordings are still under the former key.
    left: u64,
}

impl From<NextKeyView> for NextVaultKeyBody {
    fn from(next: NextKeyView) -> Self {
        let NextKeyView { id, created_at, active_at, left } = next;
        Self { id: id.to_string(), created_at, active_at, left }
    }
}

impl From<KeyView> for VaultKeyBody {
    fn from(key: KeyView) -> Self {
        let KeyView { id, number, created_at, unlocked_by, locked, next } = key;
        let next = next.map(Into::into);
        Self { id: id.to_string(), number, created_at, unlocked_by, locked_in_memory: locked, next }
    }
}

/// Which key the vault has, and how far its replacement is. For administrators.
#[utoipa::path(get, path = "/api/v1/vault-key", tag = "server",
    responses((status = 200, body = VaultKeyBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<VaultKeyBody>, Problem> {
    Ok(Json(state.vault().key(&actor).await?.into()))
}

/// Makes a new vault key and begins to put it in the former one's place, while everything goes on. For administrators, with a
/// token that may manage or a recent sign-in.
#[utoipa::path(post, path = "/api/v1/vault-key/rotate", tag = "server",
    responses((status = 202, body = VaultKeyBody), (status = "4XX", body = Problem)))]
pub(crate) async fn rotate(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<(StatusCode, Json<VaultKeyBody>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(state.vault().rotate_key(&actor).await?.into())))
}
