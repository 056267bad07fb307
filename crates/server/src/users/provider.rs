//! `/api/v1/provider`: the OpenID Connect provider with which people may sign in.

use axum::{Json, extract::State, http::StatusCode};
use countersign_model::{MatchBy, ProviderRefusal, Role, UserId};
use countersign_provider::{Refused, TestedProvider};
use countersign_vault::{Error, FieldEdit, GroupRef, ProviderRequest, ProviderView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    credentials::seeds::SecretText,
    request::extract::{Body, Caller, Id},
};

/// The provider, or none.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderStateBody {
    /// Left out where none is set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<ProviderBody>,
}

/// With which provider people sign in, and how.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderBody {
    /// What the button says: *Sign in with* this.
    name: String,
    /// Who issues the tokens.
    issuer: String,
    client_id: String,
    /// Whether there is a client secret. It is not shown.
    has_secret: bool,
    /// Where people find the page.
    address: String,
    /// Where the provider has to be told to send people back to.
    callback: String,
    /// What is asked for beside `openid`.
    scopes: Vec<String>,
    /// By what whoever was added for it is recognised at their first sign-in: `nothing`, `username` or `email`.
    match_by: &'static str,
    /// As what others are added at their first sign-in; left out: they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_users: Option<&'static str>,
    /// Whether the provider vouches for a second factor.
    trusts_second_factor: bool,
    /// The claim that holds somebody's groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups_claim: Option<String>,
    groups: Vec<ProviderGroupBody>,
    /// How many users are connected with it.
    connected: usize,
}

/// A value of the claim, and the group that it stands for.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderGroupBody {
    value: String,
    /// The group's id.
    group: String,
    /// Left out when the group is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl From<ProviderView> for ProviderBody {
    fn from(view: ProviderView) -> Self {
        let ProviderView { settings, has_secret, group_names, connected } = view;
        let callback = settings.callback();
        let groups = settings.groups.into_iter().zip(group_names);
        let group = |(mapping, name): (countersign_model::GroupMapping, Option<String>)| ProviderGroupBody {
            value: mapping.value,
            group: mapping.group.to_string(),
            name,
        };
        Self {
            name: settings.name,
            issuer: settings.issuer,
            client_id: settings.client_id,
            has_secret,
            address: settings.address,
            callback,
            scopes: settings.scopes,
            match_by: settings.match_by.name(),
            new_users: settings.new_users.map(Role::name),
            trusts_second_factor: settings.trusts_second_factor,
            groups_claim: settings.groups_claim,
            groups: groups.map(group).collect(),
            connected,
        }
    }
}

/// With which provider people are to sign in. `client_secret` stays where it is left out; `null` takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderSettingsBody {
    name: String,
    /// `https://login.example.com`, to the letter as the provider writes it.
    issuer: String,
    client_id: String,
    #[serde(default, deserialize_with = "crate::credentials::credential::present")]
    #[schema(value_type = Option<String>)]
    client_secret: Option<Option<SecretText>>,
    /// Where people find the page, as `https://vault.example.com`.
    address: String,
    /// `profile` and `email` where left out.
    scopes: Option<Vec<String>>,
    /// `nothing` (also where left out), `username` or `email`.
    match_by: Option<String>,
    /// `manager`, `member` or `auditor`.
    new_users: Option<String>,
    #[serde(default)]
    trusts_second_factor: bool,
    groups_claim: Option<String>,
    #[serde(default)]
    groups: Vec<NewProviderGroupBody>,
}

/// A value of the claim, and the group that it is to stand for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProviderGroupBody {
    value: String,
    /// The group's id, or `name:` and its name.
    group: String,
}

impl ProviderSettingsBody {
    fn into_request(self) -> Result<ProviderRequest, Problem> {
        let client_secret = match self.client_secret {
            None => FieldEdit::Keep,
            Some(None) => FieldEdit::Clear,
            Some(Some(text)) => FieldEdit::Set(text.into_secret()),
        };
        let group = |it: NewProviderGroupBody| Ok((it.value, it.group.parse::<GroupRef>()?));
        Ok(ProviderRequest {
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret,
            address: self.address,
            scopes: self.scopes.unwrap_or_else(|| vec!["profile".to_owned(), "email".to_owned()]),
            match_by: self.match_by.as_deref().map_or(Ok(MatchBy::Nothing), MatchBy::from_name)?,
            new_users: self.new_users.as_deref().map(str::parse::<Role>).transpose()?,
            trusts_second_factor: self.trusts_second_factor,
            groups_claim: self.groups_claim,
            groups: self.groups.into_iter().map(group).collect::<Result<_, Error>>()?,
        })
    }
}

/// The provider with which people sign in.
#[utoipa::path(get, path = "/api/v1/provider", tag = "users",
    responses((status = 200, body = ProviderStateBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<ProviderStateBody>, Problem> {
    Ok(Json(ProviderStateBody { provider: state.vault().provider(&actor).await?.map(Into::into) }))
}

/// Says anew with which provider people sign in. Asks for a recent sign-in, or a token that manages.
#[utoipa::path(put, path = "/api/v1/provider", tag = "users", request_body = ProviderSettingsBody,
    responses((status = 200, body = ProviderBody), (status = "4XX", body = Problem)))]
pub(crate) async fn write(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(wish): Body<ProviderSettingsBody>,
) -> Result<Json<ProviderBody>, Problem> {
    Ok(Json(state.vault().set_provider(&actor, wish.into_request()?).await?.into()))
}

/// Takes the provider away. Whoever came by it is signed out.
#[utoipa::path(delete, path = "/api/v1/provider", tag = "users",
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove(State(state): State<AppState>, Caller(actor): Caller) -> Result<StatusCode, Problem> {
    state.vault().remove_provider(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The issuer to try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderTestBody {
    issuer: String,
}

/// What a provider says of itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderTestedBody {
    /// Where people are sent.
    authorization_endpoint: String,
    /// How many keys it publishes that can be used here.
    keys: usize,
    /// What is not wrong, and still good to know.
    remarks: Vec<String>,
}

/// Fetches what a provider says of itself, and says whether it can be used here. Nothing is saved.
#[utoipa::path(post, path = "/api/v1/provider/test", tag = "users", request_body = ProviderTestBody,
    responses((status = 200, body = ProviderTestedBody), (status = "4XX", body = Problem)))]
pub(crate) async fn test(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ProviderTestBody>,
) -> Result<Json<ProviderTestedBody>, Problem> {
    let issuer = state.vault().test_provider(&actor, &body.issuer).await?;
    let tested = state.0.provider.test(&issuer, state.vault().now()).await;
    let TestedProvider { authorization_endpoint, keys, remarks } = tested.map_err(unusable)?;
    Ok(Json(ProviderTestedBody { authorization_endpoint, keys, remarks }))
}

/// An administrator is told what exactly is wrong.
fn unusable(refused: Refused) -> Problem {
    let detail = if refused.detail.is_empty() { refused.why.to_string() } else { refused.detail };
    let title = match refused.why {
        ProviderRefusal::Unreachable => "The provider cannot be reached",
        _ => "The provider cannot be used",
    };
    Problem::new("provider-unusable", StatusCode::UNPROCESSABLE_ENTITY, title, detail)
}

/// Connects a user with the provider no more, and signs them out where they came by it.
#[utoipa::path(delete, path = "/api/v1/users/{id}/provider", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn disconnect_user(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    state.vault().disconnect_person(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
