//! The backups that a server makes by itself, as the operator says.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use countersign_vault::{BackupFolder, BackupStore, Backups, Retention};

use crate::settings::bucket;

/// The settings, each as it was said or left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct BackupSettings {
    /// A folder, in the data folder where it is relative, or `s3://BUCKET/FOLDER`.
    pub(crate) place: Option<String>,
    /// The bucket's service's address.
    pub(crate) endpoint: Option<String>,
    /// The bucket's service's region.
    pub(crate) region: Option<String>,
    /// How often: `24h`, `90m`.
    pub(crate) every: Option<String>,
    /// How many days all of them stay.
    pub(crate) days: Option<u32>,
    /// Of how many weeks the newest stays.
    pub(crate) weeks: Option<u32>,
    /// Of how many months the newest stays.
    pub(crate) months: Option<u32>,
}

impl BackupSettings {
    /// Makes ready what is said; `None` where no place is. `data` is the folder in which they are put together.
    ///
    /// # Errors
    /// When a setting cannot be meant so.
    pub(crate) fn open(
        &self,
        data: &Path,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> anyhow::Result<Option<Backups>> {
        let Some(place) = &self.place else { return Ok(None) };
        let store: Arc<dyn BackupStore> = if place.starts_with("s3://") {
            Arc::new(bucket::open(place, self.endpoint.as_ref(), self.region.as_ref(), "backups", variable)?)
        } else {
            let path = Path::new(place);
            // As it is for each command and the server, wherever they are started.
            Arc::new(if path.is_absolute() {
                BackupFolder::at(path.to_owned())
            } else {
                BackupFolder::within(data, path)
            })
        };
        let usual = Retention::DEFAULT;
        let within = |name: &str, value: Option<u32>, usual: u32, least: u32, most: u32| {
            let value = value.unwrap_or(usual);
            anyhow::ensure!((least..=most).contains(&value), "{name} must be {least} to {most}");
            Ok(value)
        };
        let retention = Retention {
            days: within("backups_days", self.days, usual.days, 1, 3_650)?,
            weeks: within("backups_weeks", self.weeks, usual.weeks, 0, 520)?,
            months: within("backups_months", self.months, usual.months, 0, 240)?,
        };
        Ok(Some(Backups { store, every: every(self.every.as_deref())?, retention, scratch: data.to_owned() }))
    }
}

/// From a quarter of an hour to thirty days; a day where nothing is said.
fn every(text: Option<&str>) -> anyhow::Result<Duration> {
    let Some(text) = text.map(str::trim) else { return Ok(Duration::from_secs(86_400)) };
    let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
    let read = units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(*seconds)
    });
    let seconds = read.filter(|seconds| (900..=2_592_000).contains(seconds)).with_context(|| {
        format!("backups_every is \"{text}\": write a number with m, h or d, from 15m to 30d, such as \"24h\"")
    })?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(settings: &BackupSettings) -> anyhow::Result<Option<Backups>> {
        settings.open(Path::new("data"), |name| (name != "AWS_SESSION_TOKEN").then(|| "word".to_owned()))
    }

    fn at(place: &str) -> BackupSettings {
        BackupSettings { place: Some(place.to_owned()), ..BackupSettings::default() }
    }

    #[test]
    fn backups_lie_where_the_operator_says_and_nowhere_unasked() {
        assert!(opened(&BackupSettings::default()).unwrap().is_none());
        let folder = opened(&at("/srv/backups")).unwrap().unwrap();
        assert_eq!((folder.store.place().as_str(), folder.every.as_secs()), ("/srv/backups", 86_400));
        assert_eq!(folder.retention, Retention::DEFAULT);
        assert_eq!(opened(&at("s3://team/vault")).unwrap().unwrap().store.place(), "s3://team/vault");
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let told = |settings: &BackupSettings| opened(settings).err().unwrap().to_string();
        for every in ["", "1", "10m", "31d", "1w", "-1h", "99999999999999999999h"] {
            let text = told(&BackupSettings { every: Some(every.to_owned()), ..at("a") });
            assert!(text.starts_with("backups_every is"), "{every}: {text}");
        }
        assert!(told(&BackupSettings { days: Some(0), ..at("a") }).contains("backups_days"));
        assert!(told(&BackupSettings { months: Some(1_000), ..at("a") }).contains("backups_months"));
        let bucket = at("s3://team").open(Path::new("data"), |_| None).err().unwrap().to_string();
        assert!(bucket.contains("bucket of the backups"), "{bucket}");
    }
}
