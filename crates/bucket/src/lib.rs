//! Recordings and backups in an S3 bucket, at Amazon or wherever its API is spoken: the only user of `object_store`.
//!
//! Begin at [`BucketPath::parse`], which reads `s3://bucket/folder`, then [`Bucket::open`]; a [`Bucket`] is a
//! [`RecordingStore`] and, in `backups.rs`, a [`BackupStore`](countersign_vault::BackupStore). What lies there is sealed by the
//! vault before it comes here.
//! May touch: `vault` for those traits, `seal` for the keys.

mod backups;

use std::time::Duration;

use countersign_seal::Secret;
use countersign_vault::{RecordingStore, RecordingStoreError, StoreFuture};
use futures_util::TryStreamExt as _;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore as _, ObjectStoreExt as _, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use url::Url;

/// Where a service is expected that says nothing else.
pub const DEFAULT_REGION: &str = "us-east-1";

// A session waits for its recording, so a service that is away is told of soon.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
const LONGEST_CONNECT: Duration = Duration::from_secs(5);
const MAX_RETRIES: usize = 3;
const LONGEST_TEXT: usize = 300;

/// A bucket, and a folder in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPath {
    /// The bucket's name.
    pub bucket: String,
    /// What every name begins with; empty: nothing.
    pub folder: String,
}

/// What opens a bucket.
pub struct BucketAccess {
    /// The service's address; none: Amazon's of the region.
    pub endpoint: Option<String>,
    /// The region, as [`DEFAULT_REGION`].
    pub region: String,
    /// The name of the key.
    pub key_id: String,
    /// The key.
    pub key: Secret,
    /// What belongs to a key that is lent for a time.
    pub session_token: Option<Secret>,
}

/// The settings do not lead to a bucket.
#[derive(Debug, thiserror::Error)]
pub enum OpenBucketError {
    /// Not `s3://bucket` or `s3://bucket/folder`.
    #[error("\"{0}\" is no bucket: write s3://BUCKET or s3://BUCKET/FOLDER")]
    Address(String),
    /// The service's address cannot be one.
    #[error("the bucket's endpoint \"{0}\" is no address: write https://s3.example.org")]
    Endpoint(String),
    /// Anything else that can be told before the first request.
    #[error("the bucket cannot be used: {0}")]
    Settings(String),
}

/// A bucket that keeps recordings or backups.
pub struct Bucket {
    store: AmazonS3,
    place: BucketPath,
}

impl BucketPath {
    /// Reads `s3://bucket` or `s3://bucket/folder`.
    ///
    /// # Errors
    /// [`OpenBucketError::Address`].
    pub fn parse(text: &str) -> Result<Self, OpenBucketError> {
        let wrong = || OpenBucketError::Address(text.to_owned());
        let rest = text.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let folder = folder.trim_end_matches('/');
        let plain = |part: &str| part.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._".contains(&it));
        let good = !bucket.is_empty()
            && plain(bucket)
            && (folder.is_empty() || folder.split('/').all(|part| !part.is_empty() && part != ".." && plain(part)));
        if good { Ok(Self { bucket: bucket.to_owned(), folder: folder.to_owned() }) } else { Err(wrong()) }
    }

    fn path(&self, name: &str) -> Path {
        if self.folder.is_empty() { Path::from(name) } else { Path::from(format!("{}/{name}", self.folder)) }
    }
}

impl std::fmt::Display for BucketPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if self.folder.is_empty() { Ok(()) } else { write!(f, "/{}", self.folder) }
    }
}

impl Bucket {
    /// Makes ready to use a bucket; nothing is asked of it yet. Names go into the path, as every service understands.
    ///
    /// # Errors
    /// [`OpenBucketError`].
    pub fn open(place: BucketPath, access: &BucketAccess) -> Result<Self, OpenBucketError> {
        let text = |secret: &Secret| secret.expose_text().unwrap_or_default().to_owned();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&place.bucket)
            .with_region(&access.region)
            .with_access_key_id(&access.key_id)
            .with_secret_access_key(text(&access.key))
            // Not every service takes many names at once.
            .with_disable_bulk_delete(true)
            .with_client_options(
                ClientOptions::new().with_timeout(LONGEST_REQUEST).with_connect_timeout(LONGEST_CONNECT),
            )
            .with_retry(RetryConfig {
                backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
                max_retries: MAX_RETRIES,
                retry_timeout: LONGEST_REQUEST,
            });
        if let Some(endpoint) = &access.endpoint {
            let wrong = || OpenBucketError::Endpoint(endpoint.clone());
            let address = Url::parse(endpoint).map_err(|_| wrong())?;
            if !matches!(address.scheme(), "http" | "https") || !address.username().is_empty() {
                return Err(wrong());
            }
            builder = builder
                .with_endpoint(endpoint.trim_end_matches('/'))
                .with_allow_http(address.scheme() == "http")
                .with_virtual_hosted_style_request(false);
        }
        if let Some(token) = &access.session_token {
            builder = builder.with_token(text(token));
        }
        let store = builder.build().map_err(|error| OpenBucketError::Settings(error.to_string()))?;
        Ok(Self { store, place })
    }
}

impl RecordingStore for Bucket {
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.store.put(&self.place.path(name), bytes.into()).await.map(drop).map_err(|error| self.told(&error))
        })
    }

    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let found = match self.store.get(&self.place.path(name)).await {
                Ok(found) => found,
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(self.told(&error)),
            };
            let bytes = found.bytes().await.map_err(|error| self.told(&error))?;
            Ok(Some(bytes.to_vec()))
        })
    }

    fn remove<'a>(&'a self, folder: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            // A prefix is taken part by part: what begins with the same letters stays.
            let mut found = self.store.list(Some(&self.place.path(folder)));
            while let Some(object) = found.try_next().await.map_err(|error| self.told(&error))? {
                match self.store.delete(&object.location).await {
                    // Another node tidies up too.
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(self.told(&error)),
                }
            }
            Ok(())
        })
    }

    fn place(&self) -> String {
        self.place.to_string()
    }
}

impl Bucket {
    fn told(&self, error: &object_store::Error) -> RecordingStoreError {
        RecordingStoreError::Failed(self.words(error))
    }

    fn words(&self, error: &object_store::Error) -> String {
        let text = match error {
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                "the service refuses this key: see that it is right and may write there".to_owned()
            }
            object_store::Error::NotFound { .. } => "there is no such bucket".to_owned(),
            other => other.to_string().chars().take(LONGEST_TEXT).collect(),
        };
        format!("{}: {text}", self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_read_from_its_address() {
        for (text, bucket, folder, shown) in [
            ("s3://team", "team", "", "s3://team"),
            ("s3://team/", "team", "", "s3://team"),
            ("s3://team/vault/recordings/", "team", "vault/recordings", "s3://team/vault/recordings"),
        ] {
            let place = BucketPath::parse(text).unwrap();
            assert_eq!(
                (place.bucket.as_str(), place.folder.as_str(), place.to_string().as_str()),
                (bucket, folder, shown)
            );
        }
        for wrong in
            ["", "team", "s3://", "s3:///a", "S3://team", "s3://a b", "s3://a/../b", "s3://a//b", "https://a/b"]
        {
            let told = BucketPath::parse(wrong).unwrap_err().to_string();
            assert!(told.contains("s3://BUCKET/FOLDER"), "{wrong}: {told}");
        }
    }

    #[test]
    fn an_endpoint_that_is_none_is_told() {
        for endpoint in ["s3.example.org", "ftp://s3.example.org", "https://key:word@s3.example.org", ""] {
            let access = BucketAccess {
                endpoint: Some(endpoint.to_owned()),
                region: DEFAULT_REGION.to_owned(),
                key_id: "id".to_owned(),
                key: Secret::from("key".to_owned()),
                session_token: None,
            };
            let opened = Bucket::open(BucketPath::parse("s3://team").unwrap(), &access);
            assert!(matches!(opened, Err(OpenBucketError::Endpoint(_))), "{endpoint}");
        }
    }
}
