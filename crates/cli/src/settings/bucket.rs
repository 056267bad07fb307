//! What opens a bucket, for recordings and for backups. Keys come from the environment alone.

use anyhow::Context as _;
use countersign_bucket::{Bucket, BucketAccess, BucketPath, DEFAULT_REGION};
use countersign_seal::Secret;

/// The bucket at `s3://BUCKET/FOLDER`; `what` is kept there, for words.
pub(crate) fn open(
    place: &str,
    endpoint: Option<&String>,
    region: Option<&String>,
    what: &str,
    variable: impl Fn(&'static str) -> Option<String>,
) -> anyhow::Result<Bucket> {
    let needed = |name| {
        variable(name).with_context(|| format!("{name} is not set: it holds what opens the bucket of the {what}"))
    };
    let access = BucketAccess {
        endpoint: endpoint.cloned(),
        region: region.cloned().unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        key_id: needed("AWS_ACCESS_KEY_ID")?,
        key: Secret::from(needed("AWS_SECRET_ACCESS_KEY")?),
        session_token: variable("AWS_SESSION_TOKEN").map(Secret::from),
    };
    // Installed twice it is refused and stays as it was.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Ok(Bucket::open(BucketPath::parse(place)?, &access)?)
}
