use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use countersign_browser::LaunchOptions;
use countersign_model::Clock;
use countersign_recipe::{RecipeBook, SiteKnowledge};
use countersign_snapshot::PageSnapshot;

use crate::{AllowedNetwork, parked::most_awake, site::AllowPrivate};

/// How a worker runs.
pub struct WorkerOptions {
    /// How many changes at once. One that waits for a person does not count.
    pub slots: usize,
    /// How many may wait for a person beside them with a browser that is awake. Then the one that has waited longest sleeps
    /// until somebody comes.
    pub most_waiting: usize,
    /// How many sessions of people at once, beside them.
    pub sessions: usize,
    /// How Chromium is started.
    pub launch: LaunchOptions,
    /// Whether sites may live on private and loopback addresses.
    pub allow_private: AllowPrivate,
    /// Private networks that sites may live on where the rest is refused.
    pub allowed_networks: Arc<[AllowedNetwork]>,
    /// How long a change waits for a person.
    pub waits_for_person: Duration,
    /// How long a change stays with a worker that is not heard of.
    pub lease: Duration,
    /// The machine's clock, by which the browser says when an answer came.
    pub machine: Arc<dyn Clock>,
    /// How a step of the token is waited for. Tests move their clocks instead.
    pub pause: Pause,
    /// What is known of sites beforehand.
    pub recipes: Arc<RecipeBook>,
    /// Told of each point that a change passes. For tests, which end the process there.
    pub at_point: Option<Arc<dyn Fn(&'static str) + Send + Sync>>,
    /// Shown each page that is looked at. For whoever records pages.
    pub at_page: Option<PageObserver>,
}

/// Looks at pages as the worker sees them, and at what is known of their site.
pub type PageObserver = Arc<dyn Fn(&PageSnapshot, &SiteKnowledge) + Send + Sync>;

/// Waits for a duration, or makes it pass.
pub type Pause = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

impl WorkerOptions {
    /// Two changes at once, as many that wait as there is memory for, an hour for a person, in real time, without recipes.
    pub fn new(machine: Arc<dyn Clock>) -> Self {
        Self {
            slots: 2,
            most_waiting: most_awake(),
            sessions: 10,
            launch: LaunchOptions::default(),
            allow_private: AllowPrivate(false),
            allowed_networks: Arc::default(),
            waits_for_person: Duration::from_secs(60 * 60),
            lease: Duration::from_secs(30),
            machine,
            pause: Arc::new(|wait| Box::pin(tokio::time::sleep(wait))),
            recipes: Arc::new(RecipeBook::default()),
            at_point: None,
            at_page: None,
        }
    }
}
