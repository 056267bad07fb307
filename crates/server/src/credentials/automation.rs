//! How a credential's site is dealt with, what is known of sites, and whether this server can visit any.

use axum::{Json, extract::State};
use countersign_model::{
    ChangePolicy, ExtraField, Invalid, SessionSettings, SiteAddress, SitePlaces, SiteSettings, Timestamp, Trust, Window,
};
use countersign_vault::AutomationView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller, Wanted},
};

/// How a credential's site is dealt with.
#[derive(Serialize, ToSchema)]
pub(crate) struct AutomationBody {
    /// Origins beside the site's own into which its secrets may be typed.
    origins: Vec<String>,
    sign_in: Option<String>,
    change: Option<String>,
    /// Password rules, such as `minlength: 12; required: digit`.
    rules: Option<String>,
    /// `do_not_trust`, `trust` or `ask` (a person): the answer when the site asks whether to trust this browser.
    trust: &'static str,
    heartbeat: bool,
    changes_per_day: u8,
    policy: PolicyBody,
    session: SessionSettingsBody,
    /// What the sign-in form asks beside name, password and token, with the answers.
    extra_fields: Vec<ExtraFieldBody>,
    /// The SHA-256 fingerprint of the one certificate that the site's own origin may show; none: one that browsers trust.
    certificate: Option<String>,
    /// The recipe that serves this site.
    recipe: Option<RecipeNameBody>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_change_at: Option<Timestamp>,
    last_heartbeat: Option<HeartbeatBody>,
    clock: Option<ClockBody>,
    /// Whether a browser state is kept for this credential.
    remembered: bool,
    /// What has moved at the site since the last success.
    moved: Vec<String>,
    /// Why Countersign does not sign in at the site by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_automatable: Option<String>,
    /// Since when heartbeats and the policy wait for a test run, because the site's URL, origins or trusted certificate were changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    waits_for_rehearsal_since: Option<Timestamp>,
}

/// When the password is changed without anybody asking.
#[derive(Serialize, Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PolicyBody {
    /// When it is so many days old.
    every_days: Option<u16>,
    /// An hour after somebody saw it.
    after_reveal: bool,
    window: Option<WindowBody>,
}

/// How sessions are run.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SessionSettingsBody {
    /// A session in which nobody does anything ends after so many minutes: 1 to 240, 15 when left out.
    idle_minutes: u16,
    /// A session ends after so many minutes in any case: 1 to 1440, 120 when left out.
    longest_minutes: u16,
    /// Whether a reason is needed to start one.
    reason: bool,
}

impl From<ChangePolicy> for PolicyBody {
    fn from(it: ChangePolicy) -> Self {
        let ChangePolicy { every_days, after_reveal, window } = it;
        let window = window.map(|it| WindowBody { from: it.from.to_string(), to: it.to.to_string() });
        Self { every_days, after_reveal, window }
    }
}

impl PolicyBody {
    pub(super) fn understand(self) -> Result<ChangePolicy, Problem> {
        let Self { every_days, after_reveal, window } = self;
        let window = window.map(|it| Ok::<_, Invalid>(Window { from: it.from.parse()?, to: it.to.parse()? }));
        Ok(ChangePolicy { every_days, after_reveal, window: window.transpose()? })
    }
}

impl Default for SessionSettingsBody {
    fn default() -> Self {
        SessionSettings::default().into()
    }
}

impl From<SessionSettings> for SessionSettingsBody {
    fn from(it: SessionSettings) -> Self {
        Self { idle_minutes: it.idle_minutes, longest_minutes: it.longest_minutes, reason: it.reason }
    }
}

/// A line of a sign-in form that is neither name nor secret, and what to write into it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtraFieldBody {
    /// What the site calls it.
    label: String,
    /// The `name` or `id` of its element; may be empty.
    #[serde(default)]
    html_name: String,
    /// What to write. No secret.
    value: String,
}

/// Hours of the day, UTC.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowBody {
    /// Such as `22:00`.
    from: String,
    /// Such as `05:00`.
    to: String,
}

/// Which recipe serves a site.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecipeNameBody {
    name: String,
    /// `unverified` or `verified`.
    status: &'static str,
}

/// How the last look at the site went.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeartbeatBody {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `passed` or `failed`.
    state: &'static str,
    text: String,
}

/// The site's clock beside ours.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClockBody {
    /// The site's clock less ours.
    offset_seconds: i64,
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
}

/// What the owner wishes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutomationSettingsRequest {
    #[serde(default)]
    origins: Vec<String>,
    sign_in: Option<String>,
    change: Option<String>,
    rules: Option<String>,
    /// `do_not_trust`, `trust` or `ask`.
    trust: Option<String>,
    #[serde(default)]
    heartbeat: bool,
    /// 1 to 10; 2 when left out.
    changes_per_day: Option<u8>,
    #[serde(default)]
    policy: PolicyBody,
    #[serde(default)]
    session: SessionSettingsBody,
    /// What the sign-in form asks beside name, password and token, such as a tenant; at most 8. Left out: as before.
    extra_fields: Option<Vec<ExtraFieldBody>>,
    /// The SHA-256 fingerprint of the one certificate that the site's own origin (the credential's site, `https`) may show: 64
    /// hexadecimal digits with or without colons. An empty text: none but what browsers trust. Left out: as before.
    certificate: Option<String>,
}

pub(crate) fn clock(seen: Option<(i64, Timestamp)>) -> Option<ClockBody> {
    seen.map(|(offset_seconds, seen_at)| ClockBody { offset_seconds, seen_at })
}

fn body(state: &AppState, site: Option<&SiteAddress>, view: AutomationView) -> AutomationBody {
    let not_automatable = SitePlaces { site, settings: &view.settings }.check_tls().err();
    let settings = view.settings;
    let recipe = site.and_then(|site| {
        let host = site.host();
        (state.0.settings.recipes)().into_iter().find(|recipe| recipe.serves(&host))
    });
    AutomationBody {
        origins: settings.origins,
        sign_in: settings.sign_in.map(|address| address.to_string()),
        change: settings.change.map(|address| address.to_string()),
        rules: settings.rules,
        trust: match settings.trust {
            Trust::DoNotTrust => "do_not_trust",
            Trust::Trust => "trust",
            Trust::Ask => "ask",
        },
        heartbeat: settings.heartbeat,
        changes_per_day: settings.changes_per_day,
        policy: settings.policy.into(),
        session: settings.session.into(),
        extra_fields: settings.extra_fields.into_iter().map(Into::into).collect(),
        certificate: settings.certificate.map(|it| it.to_string()),
        recipe: recipe.map(|recipe| RecipeNameBody {
            name: recipe.name,
            // Somebody has got as far as the form here.
            status: if view.form_known { "verified" } else { recipe.status },
        }),
        next_change_at: view.next_change.map(|(at, _)| at),
        last_heartbeat: view.last_heartbeat.map(|beat| HeartbeatBody {
            at: beat.at,
            state: if beat.passed { "passed" } else { "failed" },
            text: beat.text,
        }),
        clock: clock(view.clock),
        remembered: view.remembered,
        moved: view.moved,
        not_automatable: not_automatable.map(|reason| reason.to_string()),
        waits_for_rehearsal_since: view.redirected_at,
    }
}

impl From<ExtraField> for ExtraFieldBody {
    fn from(field: ExtraField) -> Self {
        Self { label: field.label, html_name: field.html_name, value: field.value }
    }
}

/// How a credential's site is dealt with, and what was learnt there.
#[utoipa::path(get, path = "/api/v1/credentials/{id}/automation", tag = "changes",
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = AutomationBody), (status = "4XX", body = Problem)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
) -> Result<Json<AutomationBody>, Problem> {
    let credential = state.vault().credential(&actor, &wanted).await?;
    let view = state.vault().automation(&actor, &wanted).await?;
    Ok(Json(body(&state, credential.site.as_ref(), view)))
}

/// Says anew how a credential's site is dealt with.
#[utoipa::path(put, path = "/api/v1/credentials/{id}/automation", tag = "changes", request_body = AutomationSettingsRequest,
    params(("id" = String, Path, description = "UUID, or `name:NAME`")),
    responses((status = 200, body = AutomationBody), (status = "4XX", body = Problem)))]
pub(crate) async fn write(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Wanted(wanted): Wanted,
    Body(wish): Body<AutomationSettingsRequest>,
) -> Result<Json<AutomationBody>, Problem> {
    let address = |field: &'static str, text: Option<String>| {
        let text = text.filter(|text| !text.trim().is_empty());
        let address = text.map(|text| SiteAddress::parse(&text)).transpose();
        address.map_err(|invalid| Problem::invalid(field, invalid.problem))
    };
    let usual = SiteSettings::default();
    let stored = state.vault().automation(&actor, &wanted).await?.settings;
    let settings = SiteSettings {
        origins: wish.origins,
        sign_in: address("sign_in", wish.sign_in)?,
        change: address("change", wish.change)?,
        rules: wish.rules.filter(|rules| !rules.trim().is_empty()),
        trust: match wish.trust.as_deref() {
            None | Some("do_not_trust") => Trust::DoNotTrust,
            Some("trust") => Trust::Trust,
            Some("ask") => Trust::Ask,
            Some(_) => return Err(Problem::invalid("trust", "is none of trust, do_not_trust and ask")),
        },
        heartbeat: wish.heartbeat,
        changes_per_day: wish.changes_per_day.unwrap_or(usual.changes_per_day),
        policy: wish.policy.understand()?,
        session: SessionSettings {
            idle_minutes: wish.session.idle_minutes,
            longest_minutes: wish.session.longest_minutes,
            reason: wish.session.reason,
        },
        // Who knows nothing of them leaves them as they are.
        extra_fields: wish.extra_fields.map_or(stored.extra_fields, |fields| {
            let field =
                |one: ExtraFieldBody| ExtraField { label: one.label, html_name: one.html_name, value: one.value };
            fields.into_iter().map(field).collect()
        }),
        certificate: match wish.certificate.as_deref().map(str::trim) {
            None => stored.certificate,
            Some("") => None,
            Some(text) => Some(text.parse()?),
        },
    };
    let credential = state.vault().credential(&actor, &wanted).await?;
    let view = state.vault().set_automation(&actor, &wanted, settings).await?;
    Ok(Json(body(&state, credential.site.as_ref(), view)))
}

/// What is known of a site beforehand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecipeInfo {
    /// What it is called.
    pub name: String,
    /// The domains that it serves, with everything under them.
    pub domains: Vec<String>,
    /// `unverified` or `verified`.
    pub status: &'static str,
    /// Where it comes from: `built in` or `folder`.
    pub source: &'static str,
    /// The page to sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
    /// The page to change the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// Password rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
}

impl RecipeInfo {
    fn serves(&self, host: &str) -> bool {
        self.domains
            .iter()
            .any(|domain| host == domain || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.')))
    }
}

/// All recipes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecipesBody {
    items: Vec<RecipeInfo>,
}

/// What is known of sites beforehand.
#[utoipa::path(get, path = "/api/v1/recipes", tag = "changes",
    responses((status = 200, body = RecipesBody), (status = "4XX", body = Problem)))]
pub(crate) async fn recipes(State(state): State<AppState>, Caller(_): Caller) -> Json<RecipesBody> {
    Json(RecipesBody { items: (state.0.settings.recipes)() })
}

/// Whether sites can be visited from here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether there is a Chromium that runs, and a worker.
    pub ready: bool,
    /// What is missing and what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Whether Chromium's sandbox is on; unknown before its first use.
    pub sandboxed: Option<bool>,
    /// How many changes may run at once here.
    pub workers: usize,
}

/// Whether sites can be visited from here.
#[utoipa::path(get, path = "/api/v1/automation", tag = "changes",
    responses((status = 200, body = Readiness), (status = "4XX", body = Problem)))]
pub(crate) async fn readiness(State(state): State<AppState>, Caller(_): Caller) -> Json<Readiness> {
    Json((state.0.settings.readiness)())
}
