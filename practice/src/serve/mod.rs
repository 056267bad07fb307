//! How the site meets its browsers: pages over HTTP, pieces for `fetch`, messages over a WebSocket.
//!
//! All of them go through [`exchange`], so that every hurdle and every fault holds for each way alike.

mod exchange;
mod http;
mod live;

pub(crate) use http::router;

use crate::world::World;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::watch;

/// What all listeners share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) world: Arc<Mutex<World>>,
    /// Becomes true when the site ends.
    pub(crate) ending: watch::Receiver<bool>,
}
