//! HTTP: extract, call the vault, answer. Also the API's description, the web app and the metrics.
//!
//! Begin at [`router`], the whole API on one screen; each group of endpoints has its file, in the folder of its
//! subject; `request/` is what they take and what stands around them. An answer that holds a secret is built in the handler
//! from the vault's secret types, never logged, and answered with `no-store`.
//!
//! The only user of axum. May touch: `vault`, `live`, `provider`, and below it the words of the rooms that it shows.

mod access;
mod audit;
mod changes;
mod credentials;
mod description;
mod health;
mod keys;
mod live;
mod notices;
mod page;
mod problem;
mod request;
mod router;
mod scim;
mod serve;
mod sessions;
mod tokens;
mod users;

pub use credentials::automation::{Readiness, RecipeInfo};
pub use health::status::HealthCheck;
pub use page::base_path::{BasePath, ParseBasePathError};
pub use problem::Problem;
pub use request::audience::Audience;
pub use router::{api_description, router};
pub use serve::{ConnectionLimits, ServeError, ServerCertificate, TlsFileError, WrongTlsFile, serve};

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use countersign_live::{Hub, RunAs};
use countersign_model::Network;
use countersign_provider::{AllowPrivateProvider, FederatedIssuers, ProviderClient};
use countersign_sinks::AllowPrivateReceivers;
use countersign_vault::{Check, Vault};

use crate::{health::metric::Metrics, users::throttle::SignInThrottle};

/// What every handler can reach.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    vault: Vault,
    settings: Settings,
    throttle: SignInThrottle,
    client_throttle: SignInThrottle,
    scim_throttle: SignInThrottle,
    /// Where the server is, once it listens.
    own_origin: OnceLock<Option<String>>,
    metrics: Metrics,
    provider: ProviderClient,
    issuers: FederatedIssuers,
}

/// How the server runs.
pub struct Settings {
    /// Whether this is the demo, which the page says.
    pub demo: bool,
    /// The URL at which people open this server, where it is said. Passkeys belong to its host.
    pub address: Option<String>,
    /// Where a proxy has put this server, when not at the root of its host.
    pub base_path: BasePath,
    /// Whether cookies may only travel over TLS; off for plain HTTP on the own machine.
    pub secure_cookies: bool,
    /// With which the server ends TLS itself; it speaks plain HTTP without. Set `secure_cookies` beside it.
    pub certificate: Option<ServerCertificate>,
    /// Who may see figures at `/metrics`.
    pub metrics_for: Audience,
    /// Who may see the API's description and the page that shows it.
    pub docs: Audience,
    /// Networks of proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// What is known of sites beforehand.
    pub recipes: Box<dyn Fn() -> Vec<RecipeInfo> + Send + Sync>,
    /// Whether sites can be visited from here.
    pub readiness: Box<dyn Fn() -> Readiness + Send + Sync>,
    /// The sessions whose browsers run in this process.
    pub live: Option<Arc<Hub>>,
    /// Who the program that makes films runs as.
    pub run_as: RunAs,
    /// Whether a sign-in provider, or an issuer of federated identities, may send this server to private addresses other than its own.
    pub allow_private_provider: AllowPrivateProvider,
    /// Whether destinations of the audit log may be at private and loopback addresses, when they are tried.
    pub receivers: AllowPrivateReceivers,
    /// How many connections there may be, and how long their clients are waited for.
    pub connections: ConnectionLimits,
    /// What else `doctor` looks at: things of the machine that the vault does not know.
    pub machine_checks: Box<dyn Fn() -> Vec<Check> + Send + Sync>,
}

impl Settings {
    /// What cookies' names begin with: over TLS, browsers take such a one from this very host for the whole of it, or at
    /// least over TLS alone where the page lives at a path (RFC 6265bis §4.1.3).
    pub(crate) fn cookie_prefix(&self) -> &'static str {
        match (self.secure_cookies, self.base_path.cookie_path()) {
            (false, _) => "",
            (true, "/") => "__Host-",
            (true, _) => "__Secure-",
        }
    }

    /// The URL to which passkeys belong: the one that was said, or, where people can only be on this machine and come without a proxy,
    /// the machine's own name for itself.
    pub(crate) fn own_address(&self, listening: SocketAddr) -> Option<String> {
        let alone = listening.ip().to_canonical().is_loopback()
            && self.trusted_proxies.is_empty()
            && self.secure_cookies == self.certificate.is_some();
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        let local = alone.then(|| format!("{scheme}://localhost:{}", listening.port()));
        self.address.clone().or(local)
    }

    /// No demo, no checks of the machine, and nothing that visits sites.
    pub fn plain() -> Self {
        Self {
            demo: false,
            address: None,
            base_path: BasePath::default(),
            secure_cookies: false,
            certificate: None,
            metrics_for: Audience::default(),
            docs: Audience::default(),
            trusted_proxies: Vec::new(),
            recipes: Box::new(Vec::new),
            readiness: Box::new(|| Readiness {
                ready: false,
                problem: Some("no worker runs in this server: start one with `countersign work`".to_owned()),
                sandboxed: None,
                workers: 0,
            }),
            live: None,
            run_as: RunAs::Automatic,
            allow_private_provider: AllowPrivateProvider(false),
            receivers: AllowPrivateReceivers(false),
            connections: ConnectionLimits::default(),
            machine_checks: Box::new(Vec::new),
        }
    }
}

impl AppState {
    /// Joins a vault and settings. Call once a process: it installs the metrics.
    pub fn new(vault: Vault, settings: Settings) -> Self {
        Self(Arc::new(Shared {
            provider: ProviderClient::new(settings.allow_private_provider),
            issuers: FederatedIssuers::new(settings.allow_private_provider),
            vault,
            settings,
            throttle: SignInThrottle::default(),
            client_throttle: SignInThrottle::of_programs(),
            scim_throttle: SignInThrottle::of_programs(),
            own_origin: OnceLock::new(),
            metrics: Metrics::default(),
        }))
    }

    /// The vault.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// The host under which this server is reached, as far as that was said.
    pub(crate) fn host(&self) -> String {
        let url = self.own_origin().and_then(|origin| url::Url::parse(&origin).ok());
        let host = url.as_ref().and_then(url::Url::host_str);
        host.unwrap_or("countersign.local").to_owned()
    }

    /// Says where the server is, once it is known on what it listens.
    pub(crate) fn is_at(&self, address: Option<&str>) {
        let _ = self.0.own_origin.set(address.and_then(origin_of));
    }

    /// The origin of the server's own address, which browser extensions sign; never what a request's `Host` says.
    pub(crate) fn own_origin(&self) -> Option<String> {
        let said = || self.0.settings.address.as_deref().and_then(origin_of);
        self.0.own_origin.get().cloned().unwrap_or_else(said)
    }

    /// The sessions whose browsers run in this process.
    pub(crate) fn hub(&self) -> Option<&Arc<Hub>> {
        self.0.settings.live.as_ref()
    }
}

fn origin_of(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_what_was_said_or_to_the_machine_itself() {
        const SAID: &str = "https://vault.example.com";
        // Said, listening on, behind a proxy, secure cookies without a certificate.
        let table = [
            (Some(SAID), "127.0.0.1:7117", false, false, Some(SAID)),
            (Some(SAID), "0.0.0.0:443", true, true, Some(SAID)),
            (None, "127.0.0.1:7117", false, false, Some("http://localhost:7117")),
            (None, "[::1]:80", false, false, Some("http://localhost:80")),
            (None, "[::ffff:127.0.0.1]:80", false, false, Some("http://localhost:80")),
            (None, "0.0.0.0:7117", false, true, None),
            (None, "192.0.2.1:7117", false, false, None),
            (None, "127.0.0.1:7117", true, false, None),
            (None, "127.0.0.1:7117", false, true, None),
        ];
        for (said, listening, proxy, secure_cookies, expected) in table {
            let settings = Settings {
                address: said.map(str::to_owned),
                trusted_proxies: if proxy { vec!["127.0.0.1".parse().unwrap()] } else { Vec::new() },
                secure_cookies,
                ..Settings::plain()
            };
            let found = settings.own_address(listening.parse().unwrap());
            assert_eq!(found.as_deref(), expected, "{said:?} {listening} {proxy} {secure_cookies}");
        }
    }
}
