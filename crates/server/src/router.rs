//! The whole API on one screen.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    body::Bytes,
    handler::Handler as _,
    http::header,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use tower::{ServiceBuilder, util::option_layer};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer};
use utoipa::{OpenApi, openapi::OpenApi as Description};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    AppState, Problem,
    access::{
        api_tokens, check_outs, device_logins, federated_identities, grant_many, granting, grants, groups, oauth,
        requests, reviews, service_accounts, ways_in,
    },
    audit::{activity, bundle, log, sinks, views},
    changes,
    credentials::{
        automation, bin, credential, export, export_requests, fill, import, policies, seeds, tags, transfer,
    },
    description::complete,
    health::{dashboard, status},
    keys, live, notices,
    page::web,
    request::guard::{self, guarded},
    scim, sessions, tokens,
    users::{account, devices, passkeys, people, preferences, provider, provisioning, round_trip, sign_in},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign",
        description = "A team's accounts, password and second factor together. Send an API token as \
                       `Authorization: Bearer cs_…`, or sign in and keep the cookie. Times are RFC 3339 in UTC. \
                       Errors are problem documents (RFC 9457) with a stable `type`.",
        license(name = "Apache-2.0")
    ),
    components(schemas(Problem))
)]
struct Head;

fn endpoints() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Head::openapi())
        .merge(of_ones_own_account())
        .merge(of_passkeys())
        .merge(of_devices())
        .merge(of_device_logins())
        .merge(of_provider())
        .merge(of_access())
        .merge(of_programs())
        .merge(of_groups())
        .merge(of_grants())
        .merge(of_requests())
        .merge(of_credentials())
        .merge(of_the_bin())
        .merge(of_transfers())
        .merge(of_changes())
        .merge(of_sessions())
        .merge(of_the_vault())
        .merge(of_the_log())
}

/// Signing in, and one's own account.
fn of_ones_own_account() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sign_in::set_up))
        .routes(routes!(sign_in::choose_password))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(sign_in::me))
        .routes(routes!(account::begin_second_factor))
        .routes(routes!(account::confirm_second_factor))
        .routes(routes!(account::make_recovery_codes))
        .routes(routes!(account::change_password))
        .routes(routes!(account::confirm_sign_in))
        .routes(routes!(account::web_sessions))
        .routes(routes!(account::end_web_session))
}

/// Passkeys, and what one does with them.
fn of_passkeys() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(passkeys::begin_sign_in))
        .routes(routes!(passkeys::sign_in))
        .routes(routes!(passkeys::list, passkeys::add))
        .routes(routes!(passkeys::begin))
        .routes(routes!(passkeys::remove))
        .routes(routes!(passkeys::begin_confirmation))
        .routes(routes!(passkeys::confirm))
}

/// Browser extensions, how they are paired, and what they ask.
fn of_devices() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(devices::pair))
        .routes(routes!(devices::list))
        .routes(routes!(devices::code))
        .routes(routes!(devices::remove))
        .routes(routes!(fill::list))
        .routes(routes!(fill::fill))
        .routes(routes!(fill::disconnect))
}

/// Command lines that are signed in from the page.
fn of_device_logins() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(device_logins::begin))
        .routes(routes!(device_logins::look_up))
        .routes(routes!(device_logins::approve))
        .routes(routes!(device_logins::deny))
}

/// Signing in with a provider, and which.
fn of_provider() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(round_trip::leave))
        .routes(routes!(round_trip::callback))
        .routes(routes!(round_trip::finish))
        .routes(routes!(round_trip::leave_signed_in, round_trip::disconnect))
        .routes(routes!(round_trip::finish_signed_in))
        .routes(routes!(provider::read, provider::write, provider::remove))
        .routes(routes!(provider::test))
        .routes(routes!(provider::disconnect_user))
}

/// API tokens, the people of the vault, and by what they come in.
fn of_access() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(api_tokens::list, api_tokens::create))
        .routes(routes!(api_tokens::revoke))
        .routes(routes!(people::list, people::create))
        .routes(routes!(people::patch, people::remove))
        .routes(routes!(people::setup_link))
        .routes(routes!(provisioning::read, provisioning::patch, provisioning::disconnect))
        .routes(routes!(provisioning::make_token))
        .routes(routes!(ways_in::list, ways_in::end_all))
        .routes(routes!(ways_in::end_session))
        .routes(routes!(ways_in::revoke_token))
        .routes(routes!(ways_in::remove_device))
}

/// Service accounts, and the tokens that they ask for.
fn of_programs() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(service_accounts::list, service_accounts::create))
        .routes(routes!(service_accounts::read, service_accounts::patch, service_accounts::remove))
        .routes(routes!(service_accounts::add_secret))
        .routes(routes!(service_accounts::rotate))
        .routes(routes!(service_accounts::remove_secret))
        .routes(routes!(federated_identities::add))
        .routes(routes!(federated_identities::remove))
        .routes(routes!(oauth::token))
}

/// Groups of people.
fn of_groups() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::read, groups::rename, groups::remove))
        .routes(routes!(groups::add_user, groups::remove_user))
        .routes(routes!(groups::add_group, groups::remove_group))
}

/// What was granted to whom.
fn of_grants() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(granting::list, granting::create))
        .routes(routes!(granting::preview))
        .routes(routes!(grant_many::create))
        .routes(routes!(reviews::list, reviews::review))
        .routes(routes!(reviews::set))
        .routes(routes!(granting::read, granting::replace, granting::remove))
        .routes(routes!(granting::who))
}

/// Requests for what others have to approve, and what people have checked out.
fn of_requests() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(requests::requestable))
        .routes(routes!(requests::list, requests::create))
        .routes(routes!(requests::read))
        .routes(routes!(requests::approve))
        .routes(routes!(requests::reject))
        .routes(routes!(requests::cancel))
        .routes(routes!(requests::revoke))
        .routes(routes!(check_outs::read, check_outs::create, check_outs::extend, check_outs::remove))
        .routes(routes!(check_outs::wait, check_outs::leave))
}

/// Credentials, what is taken from them, and to whom they are granted.
fn of_credentials() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(credential::list, credential::create))
        .routes(routes!(credential::read, credential::patch, credential::remove))
        .routes(routes!(tokens::token, tokens::take_token))
        .routes(routes!(tokens::reveal))
        .routes(routes!(transfer::create))
        .routes(routes!(credential::versions))
        .routes(routes!(grants::list, grants::set))
        .routes(routes!(credential::all_tags))
        .routes(routes!(tags::edit))
        .routes(routes!(policies::edit))
        .routes(routes!(automation::read, automation::write))
        .routes(routes!(seeds::check))
}

/// Credentials that were removed.
fn of_the_bin() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(bin::list)).routes(routes!(bin::delete)).routes(routes!(bin::restore))
}

/// Credentials in from other programs, and out to them.
fn of_transfers() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(import::preview))
        .routes(routes!(import::commit))
        .routes(routes!(export::create))
        .routes(routes!(export_requests::read_approval, export_requests::write_approval))
        .routes(routes!(export_requests::list, export_requests::create))
        .routes(routes!(export_requests::read))
        .routes(routes!(export_requests::approve))
        .routes(routes!(export_requests::reject))
        .routes(routes!(export_requests::cancel))
}

/// Changes of passwords, and what they may do at a site.
fn of_changes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(changes::ask))
        .routes(routes!(changes::list))
        .routes(routes!(changes::read))
        .routes(routes!(changes::cancel))
        .routes(routes!(changes::retry))
        .routes(routes!(changes::settle))
        .routes(routes!(changes::picture))
        .routes(routes!(automation::recipes))
        .routes(routes!(automation::readiness))
}

/// Sessions of people in a browser that is signed in for them.
fn of_sessions() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sessions::start))
        .routes(routes!(sessions::open_waiting))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::read))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::link, sessions::links))
        .routes(routes!(sessions::use_link))
        .routes(routes!(sessions::withdraw_links))
        .routes(routes!(sessions::recording))
        .routes(routes!(sessions::part))
        .routes(routes!(live::live))
        .routes(routes!(live::upload))
        .routes(routes!(live::download))
        .routes(routes!(live::film))
}

/// The audit log, and where it also goes.
fn of_the_log() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(log::records))
        .routes(routes!(log::records_csv))
        .routes(routes!(activity::read))
        .routes(routes!(log::checkpoint))
        .routes(routes!(log::export))
        .routes(routes!(bundle::create))
        .routes(routes!(views::list, views::create))
        .routes(routes!(views::remove))
        .routes(routes!(sinks::list, sinks::create))
        .routes(routes!(sinks::read, sinks::replace, sinks::remove))
        .routes(routes!(sinks::pause))
        .routes(routes!(sinks::resume))
        .routes(routes!(sinks::rewind))
        .routes(routes!(sinks::test))
}

/// Notices, the vault's key, and how it does.
fn of_the_vault() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(status::status))
        .routes(routes!(status::doctor))
        .routes(routes!(dashboard::read))
        .routes(routes!(dashboard::list))
        .routes(routes!(notices::read, notices::write))
        .routes(routes!(notices::test))
        .routes(routes!(notices::list))
        .routes(routes!(notices::read_email, notices::write_email))
        .routes(routes!(preferences::change))
        .routes(routes!(keys::read))
        .routes(routes!(keys::rotate))
}

/// Everything that the server answers.
pub fn router(state: AppState) -> Router {
    let (api, description) = endpoints().split_for_parts();
    // The description's address as the page of the docs sees it, wherever a proxy has put it.
    let docs = SwaggerUi::new("/api/docs").config(utoipa_swagger_ui::Config::new(["../openapi.json"]));
    let described = Described::new(description);
    let quick = Router::new()
        .route("/healthz", get(status::healthz))
        .route("/readyz", get(status::readyz))
        .route("/metrics", get(status::metrics).layer(from_fn_with_state(state.clone(), guard::figures)));
    let secure = state.0.settings.secure_cookies;
    // The page's files alone are compressed: beside secrets, the size of an answer could tell of them.
    let page = web::file.layer(CompressionLayer::new());
    let app =
        api.merge(quick).merge(scim::routes()).fallback(page).method_not_allowed_fallback(method_not_allowed).layer(
            ServiceBuilder::new()
                .layer(CatchPanicLayer::custom(|_| Problem::internal().into_response()))
                .map_response(move |response: Response| guarded(response, guard::APP_POLICY, secure))
                .layer(from_fn_with_state(state.clone(), guard::note_refusals))
                .layer(CsrfLayer::new().with_rejection_response(|_| Problem::cross_site().into_response())),
        );
    let docs = Router::new()
        .merge(docs)
        .route("/api/openapi.json", get(async move || described.answer()))
        .layer(from_fn_with_state(state.clone(), guard::docs));
    let base = state.0.settings.base_path.clone();
    // Without a proxy there is nothing to tell apart.
    let proxies = !state.0.settings.trusted_proxies.is_empty();
    let located = option_layer(proxies.then(|| from_fn_with_state(state.clone(), guard::located)));
    base.around(docs.merge(app).layer(located).with_state(state))
}

/// The API's description, written out when somebody asks for it first: half a megabyte is not made for each who asks, nor at each start.
#[derive(Clone)]
struct Described(Arc<(Description, OnceLock<Bytes>)>);

impl Described {
    fn new(description: Description) -> Self {
        Self(Arc::new((description, OnceLock::new())))
    }

    fn answer(&self) -> Response {
        let (description, written) = &*self.0;
        // A description that cannot be written would be found by the test that compares it.
        let text = written.get_or_init(|| complete(description.clone()).to_json().unwrap_or_default().into());
        ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response()
    }
}

/// The API's description as JSON, the same that the server answers at `/api/openapi.json`.
pub fn api_description() -> Description {
    complete(endpoints().split_for_parts().1)
}

async fn method_not_allowed() -> Problem {
    Problem::method("other methods")
}
