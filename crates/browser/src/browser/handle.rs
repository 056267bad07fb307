use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    Error, Isolation, LaunchOptions, NetworkIsolation, PageEvent,
    cdp::{
        CdpSession, Connection, Event, Heard, Listener,
        browser::GetVersion,
        target::{AttachedToTarget, CloseTarget, SetAutoAttach},
    },
    chromium::{
        account::SystemUser,
        isolation::{LaunchFailure, LaunchPlan},
        launch::{self, Process},
        namespace::NetworkNamespace,
    },
    context::{inner::ContextInner, warm::WarmContexts},
    gate::pinned::GateKey,
    live::screens::Screens,
    page::workers::let_run,
};

/// How long Chromium may take to start; a second is usual, a busy machine takes several.
const START: Duration = Duration::from_secs(30);
/// How often it is asked whether it still lives, and how long it may take to say so.
const HEARTBEAT: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(15);

/// One running Chromium. Cloning it gives another hold of the same one; it ends when nobody holds it or a context of it.
#[derive(Clone)]
pub struct Browser {
    inner: Arc<BrowserInner>,
}

pub(crate) struct BrowserInner {
    pub(crate) root: CdpSession,
    /// By their ids, as Chromium names them.
    pub(crate) contexts: Mutex<HashMap<String, Weak<ContextInner>>>,
    /// The context that is there before anybody wants it.
    pub(crate) warm: WarmContexts,
    pub(crate) screens: Arc<Screens>,
    /// The only key that this Chromium trusts beside those that everybody does.
    pub(crate) gate_key: GateKey,
    isolation: Isolation,
    /// Who it runs as, where that is somebody else than us.
    pub(crate) account: Option<Arc<SystemUser>>,
    /// Where its gates have to listen.
    pub(crate) namespace: Option<NetworkNamespace>,
    process_id: Option<u32>,
    /// Closed when the process is gone, and its profile with it.
    over: watch::Receiver<()>,
    product: String,
    pub(crate) user_agent: String,
}

impl Browser {
    /// Starts Chromium and waits for its first answer. Where this process is root it runs as somebody else; what of that the
    /// system does not allow is given up, said in the log, and told by [`Browser::isolation`].
    ///
    /// # Errors
    /// [`Error::NoChromium`] when there is none; [`Error::NotStarted`] with Chromium's own words.
    pub async fn launch(options: &LaunchOptions) -> Result<Self, Error> {
        let mut plan = LaunchPlan::first(&options.run_as);
        loop {
            let (failure, error) = match Self::launch_by(options, &plan).await {
                Ok(browser) => return Ok(browser),
                Err(failed) => failed,
            };
            let Some(next) = plan.after(failure) else { return Err(error) };
            tracing::warn!(%error, next = ?next.sandbox(), "Chromium did not start as it should; starting it otherwise");
            plan = next;
        }
    }

    async fn launch_by(options: &LaunchOptions, plan: &LaunchPlan) -> Result<Self, (LaunchFailure, Error)> {
        let ended = |error| (LaunchFailure::Ended, error);
        let gate_key = GateKey::make().map_err(ended)?;
        // It waits a moment for the system.
        let wanted = options.clone();
        let made = tokio::task::spawn_blocking(move || network(&wanted)).await;
        let (namespace, network) = made.unwrap_or_else(|error| {
            (None, NetworkIsolation::Machine { why: format!("no namespace could be made: {error}") })
        });
        let (mut process, to, from) =
            launch::start(options, plan, namespace.as_ref(), &gate_key.spki_hash()).map_err(ended)?;
        let root = CdpSession::of(Connection::open(to, from));
        let version = match root.call_within(START, GetVersion {}).await {
            Ok(version) => version,
            Err(error) => {
                let words = process.last_words().await;
                let (failure, why) = match error {
                    Error::TimedOut { .. } => {
                        (LaunchFailure::Slow, format!("it gave no answer in {} s; it said: {words}", START.as_secs()))
                    }
                    _ if words.to_lowercase().contains("sandbox") => (LaunchFailure::NoSandbox, no_sandbox(&words)),
                    _ => (LaunchFailure::Ended, format!("it ended at once; it said: {words}")),
                };
                let program = process.program.clone();
                process.end().await;
                return Err((failure, Error::NotStarted { program, why }));
            }
        };
        let (alive, over) = watch::channel(());
        let inner = Arc::new(BrowserInner {
            contexts: Mutex::default(),
            warm: WarmContexts::default(),
            screens: Arc::default(),
            gate_key,
            isolation: plan.isolation(network),
            account: plan.account().map(Arc::clone),
            namespace,
            process_id: process.child.id(),
            over,
            product: version.product,
            user_agent: version.user_agent.replace("HeadlessChrome", "Chrome"),
            root: root.clone(),
        });
        let listener: Weak<dyn Listener> = Arc::downgrade(&inner) as Weak<dyn Listener>;
        root.connection().subscribe(Arc::clone(root.id()), listener);
        tokio::spawn(keep(process, root.clone(), alive));
        root.call(SetAutoAttach::with_workers(&["page"])).await.map_err(ended)?;
        Ok(Self { inner })
    }

    pub(crate) fn of(inner: &Arc<BrowserInner>) -> Self {
        Self { inner: Arc::clone(inner) }
    }

    pub(crate) const fn inner(&self) -> &Arc<BrowserInner> {
        &self.inner
    }

    pub(crate) fn downgrade(&self) -> Weak<BrowserInner> {
        Arc::downgrade(&self.inner)
    }

    /// How many contexts of it are somebody's.
    pub(crate) fn contexts(&self) -> usize {
        self.inner.living().iter().filter(|context| context.is_taken()).count()
    }

    /// The `User-Agent` of an ordinary Chromium of this version.
    pub fn user_agent(&self) -> &str {
        &self.inner.user_agent
    }

    /// Name and version, such as `HeadlessChrome/156.0.8078.79`.
    pub fn product(&self) -> &str {
        &self.inner.product
    }

    /// How it is kept apart from this machine.
    pub fn isolation(&self) -> &Isolation {
        &self.inner.isolation
    }

    /// The process's id, as long as it was known to run.
    pub fn process_id(&self) -> Option<u32> {
        self.inner.process_id
    }

    /// Why it is no more; `None` while it runs.
    pub fn ended(&self) -> Option<Error> {
        self.inner.root.connection().gone().map(|why| Error::BrowserGone { why })
    }

    /// Ends it, also for whoever else holds it, and waits until its process is gone.
    pub async fn close(&self) {
        self.inner.root.connection().end("it was closed");
        let mut over = self.inner.over.clone();
        while over.changed().await.is_ok() {}
    }

    /// Waits until it is no more.
    pub async fn wait(&self) -> Error {
        Error::BrowserGone { why: self.inner.root.connection().ended().await }
    }
}

impl Drop for BrowserInner {
    fn drop(&mut self) {
        self.root.connection().end("it was closed");
    }
}

impl BrowserInner {
    fn context(&self, id: &str) -> Option<Arc<ContextInner>> {
        let mut contexts = self.contexts.lock();
        contexts.retain(|_, context| context.strong_count() > 0);
        contexts.get(id)?.upgrade()
    }

    fn living(&self) -> Vec<Arc<ContextInner>> {
        self.contexts.lock().values().filter_map(Weak::upgrade).collect()
    }

    /// A target has come to be, and waits for us.
    fn attached(&self, attached: &AttachedToTarget) {
        let target = &attached.target_info;
        let context = target.browser_context_id.as_deref().and_then(|id| self.context(id));
        if target.is_worker() {
            // Shared by pages, so it belongs to none of them.
            let session = self.root.named(attached.session_id.as_str().into());
            return let_run(&session, context.as_ref().map(|context| &*context.surroundings.identity));
        }
        match context {
            Some(context) if target.kind == "page" => context.page_attached(attached),
            // The tab that Chromium opens at its start, or one of a context that is gone.
            _ => self.root.cast(&CloseTarget { target_id: &target.target_id }),
        }
    }
}

impl Listener for BrowserInner {
    fn event(&self, _session: &Arc<str>, event: &Event<'_>) -> Heard {
        match event {
            Event::AttachedToTarget(attached) => self.attached(attached),
            Event::DetachedFromTarget(detached) => {
                self.living().iter().for_each(|context| context.page_detached(&detached.session_id));
            }
            Event::DownloadWillBegin(download) => {
                let page = self.living().iter().find_map(|context| context.page_with_frame(&download.frame_id));
                if let Some(page) = page {
                    page.inner.happened(PageEvent::Download);
                }
            }
            _ => {}
        }
        Heard::Left
    }
}

/// The network that Chromium comes into. Without a namespace it is as safe as Chromium's switches are, so that is no reason
/// not to start.
fn network(options: &LaunchOptions) -> (Option<NetworkNamespace>, NetworkIsolation) {
    let why = if options.machine_network {
        "as it was asked for".to_owned()
    } else {
        match NetworkNamespace::with_links() {
            Ok(namespace) => return (Some(namespace), NetworkIsolation::Namespace),
            Err(error) => format!("no namespace could be made: {error}"),
        }
    };
    (None, NetworkIsolation::Machine { why })
}

/// Holds the process, and ends the connection when it dies or falls silent, and the process when the connection ends.
async fn keep(mut process: Process, root: CdpSession, alive: watch::Sender<()>) {
    let connection = Arc::clone(root.connection());
    let silent = async {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            if let Err(error) = root.call_within(SILENCE, GetVersion {}).await {
                return error;
            }
        }
    };
    tokio::select! {
        status = process.child.wait() => {
            let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            connection.end(&format!("it ended by itself ({how})"));
        }
        error = silent => connection.end(&format!("it does not answer ({error})")),
        why = connection.ended() => tracing::debug!(why, "Chromium is ended"),
    }
    process.end().await;
    drop(alive);
}

fn no_sandbox(last_words: &str) -> String {
    format!(
        "its sandbox cannot be used here ({last_words}); allow unprivileged user namespaces \
         (sysctl kernel.unprivileged_userns_clone=1) or install the setuid sandbox (Debian: chromium-sandbox)"
    )
}
