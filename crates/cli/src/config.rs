use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use countersign_server::BasePath;
use serde::Deserialize;

use crate::{
    args::DataArgs,
    recordings::{RecordingSettings, variable},
    work::Visits,
};

/// The settings file. Every setting has a flag or a variable of the same meaning, which wins.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The address to listen on.
    pub(crate) listen: Option<String>,
    /// The path at which a proxy has put the server.
    pub(crate) base_path: Option<String>,
    /// The data folder.
    pub(crate) data: Option<PathBuf>,
    /// The database's address.
    pub(crate) database: Option<String>,
    /// The key file.
    pub(crate) key_file: Option<PathBuf>,
    /// A file with the passphrase.
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Whether sites may live on private and loopback addresses.
    pub(crate) allow_private: Option<bool>,
    /// The Chromium to visit sites with.
    pub(crate) chromium: Option<PathBuf>,
    /// How many changes at once.
    pub(crate) changes_at_once: Option<usize>,
    /// Where recordings of sessions are kept: a folder, or `s3://BUCKET/FOLDER`.
    pub(crate) recordings: Option<String>,
    /// The address of the bucket's service.
    pub(crate) recordings_endpoint: Option<String>,
    /// The region of the bucket's service.
    pub(crate) recordings_region: Option<String>,
    /// How many days recordings are kept.
    pub(crate) recordings_days: Option<u32>,
    /// How many MiB all recordings together may have.
    pub(crate) recordings_most_mb: Option<u32>,
    /// Whether cookies travel over TLS only; for a server behind a proxy that ends TLS.
    pub(crate) secure_cookies: Option<bool>,
}

impl Config {
    /// Reads the file that the arguments name; the usual settings when they name none.
    pub(crate) fn read(args: &DataArgs) -> anyhow::Result<Self> {
        match &args.config {
            None => Ok(Self::default()),
            Some(path) => Self::parse(path),
        }
    }

    fn parse(path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("the settings file {} cannot be read", path.display()))?;
        // The error shows line, column and the known names.
        toml::from_str(&text).with_context(|| format!("the settings file {} is not right", path.display()))
    }

    /// The path at which a proxy has put the server; the root of its host when nothing is said.
    pub(crate) fn base_path(&self) -> anyhow::Result<BasePath> {
        Ok(self.base_path.as_deref().unwrap_or_default().parse()?)
    }

    /// What is said about visiting sites; `COUNTERSIGN_ALLOW_PRIVATE=1` and `COUNTERSIGN_CHROMIUM` win.
    pub(crate) fn visits(&self) -> Visits {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let allowed = variable("COUNTERSIGN_ALLOW_PRIVATE").map(|value| value != "0" && value != "false");
        Visits {
            allow_private: allowed.or(self.allow_private).unwrap_or(false),
            chromium: variable("COUNTERSIGN_CHROMIUM").map(PathBuf::from).or_else(|| self.chromium.clone()),
            recipes: Arc::default(),
            at_once: self.changes_at_once.map(|count| count.clamp(1, 32)),
        }
    }

    /// Where recordings are kept, and for how long; `COUNTERSIGN_RECORDINGS` and its like win.
    pub(crate) fn recordings(&self) -> RecordingSettings {
        RecordingSettings {
            place: variable("COUNTERSIGN_RECORDINGS").or_else(|| self.recordings.clone()),
            endpoint: variable("COUNTERSIGN_RECORDINGS_ENDPOINT").or_else(|| self.recordings_endpoint.clone()),
            region: variable("COUNTERSIGN_RECORDINGS_REGION").or_else(|| self.recordings_region.clone()),
            days: self.recordings_days,
            most_mb: self.recordings_most_mb,
        }
    }

    /// The file's settings with the arguments' in front.
    pub(crate) fn data(&self, args: &DataArgs) -> DataArgs {
        DataArgs {
            data: args.data.clone().or_else(|| self.data.clone()),
            database: args.database.clone().or_else(|| self.database.clone()),
            key_file: args.key_file.clone().or_else(|| self.key_file.clone()),
            passphrase_file: args.passphrase_file.clone().or_else(|| self.passphrase_file.clone()),
            config: None,
        }
    }
}
