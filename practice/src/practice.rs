//! Starting and ending the site.

use crate::account::{NewUser, NewUserError};
use crate::clock::TimeSource;
use crate::control::{self, Control};
use crate::hurdles::Hurdles;
use crate::journal::Gate;
use crate::serve::{Shared, router};
use crate::world::{Origins, World};
use axum::Router;
use parking_lot::Mutex;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a practice site starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the site listens; port 0 takes a free one. The frame and the other origin take free ports beside it.
    pub listen: SocketAddr,
    /// Where the control API listens.
    pub control: SocketAddr,
    /// The accounts at the start.
    pub users: Vec<NewUser>,
    /// The hurdles at the start.
    pub hurdles: Hurdles,
    /// What cookies, codes and sums follow from.
    pub seed: u64,
    /// Where the time comes from.
    pub time: TimeSource,
}

impl Default for Config {
    fn default() -> Self {
        let free = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            listen: free,
            control: free,
            users: Vec::new(),
            hurdles: Hurdles::default(),
            seed: 1,
            time: TimeSource::System,
        }
    }
}

/// Why a practice site did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for a free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The site keeps passwords in the open, so it stays on this machine.
    #[error("{0} is no loopback address: the practice site keeps passwords in the open and serves this machine only")]
    NotLoopback(SocketAddr),
    /// An account cannot be opened.
    #[error(transparent)]
    User(#[from] NewUserError),
}

/// A practice site that runs. It ends with [`Practice::stop`], or when it is dropped.
#[derive(Debug)]
pub struct Practice {
    control: Control,
    origins: Origins,
    ending: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a practice site in the current Tokio runtime.
///
/// # Errors
/// When an address is not free or not loopback, or an account cannot be opened.
pub async fn start(config: Config) -> Result<Practice, StartError> {
    let mut world = World::new(config.time, config.seed, config.hurdles);
    for user in config.users {
        world.add_user(user)?;
    }
    let beside = SocketAddr::new(config.listen.ip(), 0);
    let (site, site_at) = listen(config.listen).await?;
    let (frame, frame_at) = listen(beside).await?;
    let (trap, trap_at) = listen(beside).await?;
    let (hand, hand_at) = listen(config.control).await?;
    let origins = Origins {
        site: format!("http://{site_at}"),
        frame: format!("http://localhost:{}", frame_at.port()),
        trap: format!("http://{trap_at}"),
        trap_other_host: format!("http://localhost:{}", trap_at.port()),
        control: format!("http://{hand_at}"),
    };
    world.origins = origins.clone();
    let world = Arc::new(Mutex::new(world));
    let (ending, ended) = watch::channel(false);
    let shared = Shared { world: Arc::clone(&world), ending: ended };
    let control = Control::new(world);
    let tasks = vec![
        serve(site, router(shared.clone(), Gate::Site), &shared),
        serve(frame, router(shared.clone(), Gate::Frame), &shared),
        serve(trap, router(shared.clone(), Gate::Trap), &shared),
        serve(hand, control::router(control.clone()), &shared),
    ];
    Ok(Practice { control, origins, ending, tasks })
}

impl Practice {
    /// The site's address: `http://127.0.0.1:…`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.origins.site
    }

    /// The address of the control API, with `/control/` at the end.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("{}/control/", self.origins.control)
    }

    /// All origins of the site and of the one that traps.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// The hand on the site; it may be cloned and outlive this.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Ends the site: no new connections, and those that are open get a second to end.
    pub async fn stop(mut self) {
        self.ending.send_replace(true);
        for mut task in std::mem::take(&mut self.tasks) {
            if tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.ending.send_replace(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let at = listener.local_addr().map_err(failed)?;
    Ok((listener, at))
}

fn serve(listener: TcpListener, router: Router, shared: &Shared) -> JoinHandle<()> {
    let mut ending = shared.ending.clone();
    tokio::spawn(async move {
        let ended = async move {
            // An error means that the site is gone already.
            let _gone = ending.wait_for(|ending| *ending).await.is_err();
        };
        // axum's accept loop gives no error: it waits and goes on.
        let _served = axum::serve(listener, router).with_graceful_shutdown(ended).await;
    })
}
