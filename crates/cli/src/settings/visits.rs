//! What an operator says about visiting sites.

use std::sync::Arc;

use countersign_browser::{LaunchOptions, RunAs};
use countersign_recipe::RecipeBook;

use crate::settings::private::PrivateSites;

/// What an operator says about visiting sites.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visits {
    pub(crate) private: PrivateSites,
    pub(crate) chromium: Option<std::path::PathBuf>,
    pub(crate) at_once: Option<usize>,
    pub(crate) waits_for_person: Option<std::time::Duration>,
    pub(crate) recipes: Arc<RecipeBook>,
    /// Who Chromium and ffmpeg run as.
    pub(crate) run_as: RunAs,
}

impl Visits {
    /// How Chromium is started.
    pub(crate) fn launch(&self) -> LaunchOptions {
        LaunchOptions { program: self.chromium.clone(), run_as: self.run_as.clone(), ..LaunchOptions::default() }
    }
}
