//! Where recordings are kept, as the operator says: a folder, or an S3 bucket.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_vault::Recordings;

use crate::settings::bucket;

/// The settings, each as it was said or left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordingSettings {
    /// A folder, or `s3://BUCKET/FOLDER`.
    pub(crate) place: Option<String>,
    /// The service's address.
    pub(crate) endpoint: Option<String>,
    /// The service's region.
    pub(crate) region: Option<String>,
    /// How many days they are kept.
    pub(crate) days: Option<u32>,
    /// How many MiB all together may have.
    pub(crate) most_mb: Option<u32>,
}

impl RecordingSettings {
    /// Makes ready what is said; in the data folder where nothing is. Keys come from the environment that `variable` reads.
    pub(crate) fn open(
        &self,
        data: &Path,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> anyhow::Result<Recordings> {
        let recordings = match &self.place {
            Some(place) if place.starts_with("s3://") => {
                let (endpoint, region) = (self.endpoint.as_ref(), self.region.as_ref());
                Recordings::new(Arc::new(bucket::open(place, endpoint, region, "recordings", variable)?))
            }
            Some(folder) => Recordings::folder(PathBuf::from(folder)),
            None => Recordings::folder(data.join("recordings")),
        };
        let (days, most) =
            (self.days.unwrap_or(Recordings::DEFAULT_DAYS), self.most_mb.unwrap_or(Recordings::DEFAULT_MOST_MIB));
        anyhow::ensure!((1..=36_500).contains(&days), "recordings_days must be 1 to 36500");
        anyhow::ensure!(most > 0, "recordings_most_mb must be at least 1");
        Ok(recordings.within(days, most))
    }
}

/// A variable of the environment that is set and not empty.
pub(crate) fn variable(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(name: &'static str) -> Option<String> {
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].contains(&name).then(|| "word".to_owned())
    }

    #[test]
    fn recordings_lie_where_the_operator_says() {
        let at = |place: Option<&str>| {
            let settings = RecordingSettings { place: place.map(str::to_owned), ..RecordingSettings::default() };
            settings.open(Path::new("data"), keys).map(|it| it.store.place())
        };
        assert_eq!(at(None).unwrap(), "data/recordings");
        assert_eq!(at(Some("/srv/films")).unwrap(), "/srv/films");
        assert_eq!(at(Some("s3://team/vault")).unwrap(), "s3://team/vault");
        assert!(at(Some("s3://")).err().unwrap().to_string().contains("write s3://BUCKET"));
    }

    #[test]
    fn what_is_missing_or_cannot_be_is_named() {
        let told = |settings: RecordingSettings| settings.open(Path::new("data"), |_| None).err().unwrap().to_string();
        let usual = RecordingSettings::default;
        let bucket = told(RecordingSettings { place: Some("s3://team".to_owned()), ..usual() });
        assert!(bucket.starts_with("AWS_ACCESS_KEY_ID is not set"), "{bucket}");
        assert!(told(RecordingSettings { days: Some(0), ..usual() }).contains("recordings_days"));
        assert!(told(RecordingSettings { most_mb: Some(0), ..usual() }).contains("recordings_most_mb"));
    }
}
