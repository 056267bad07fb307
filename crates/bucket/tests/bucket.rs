//! The bucket against a small service of the test's own, which speaks as much of S3 as recordings need.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use countersign_bucket::{Bucket, BucketAccess, BucketPath, DEFAULT_REGION};
use countersign_seal::{Secret, Sha256};
use countersign_vault::{BackupStore as _, RecordingStore, RecordingStoreError};

const KEY_ID: &str = "THE-KEYS-NAME";
const KEY: &str = "the key itself";

/// What lies in the bucket `team`, by name; `broken` answers every request with this status.
#[derive(Default)]
struct Service {
    objects: BTreeMap<String, Vec<u8>>,
    /// Of an upload under way, its pieces by their numbers.
    pieces: BTreeMap<u32, Vec<u8>>,
    broken: Option<StatusCode>,
    /// Takes everything and keeps nothing.
    forgets: bool,
    asked: Vec<String>,
}

type Shared = Arc<Mutex<Service>>;

async fn answer(State(shared): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut service = shared.lock().unwrap();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    service.asked.push(format!("{method} {uri}"));
    if let Some(status) = service.broken {
        return status.into_response();
    }
    let signed = header("authorization");
    let named = format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/");
    let hash = Sha256::of(&body).to_string();
    if !signed.starts_with(&named) || !signed.contains("Signature=") || signed.contains(KEY) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if method == Method::PUT && header("x-amz-content-sha256") != hash {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let Some(rest) = uri.path().strip_prefix("/team") else { return StatusCode::NOT_FOUND.into_response() };
    let name = rest.trim_start_matches('/').to_owned();
    let query = uri.query().unwrap_or_default().to_owned();
    match method {
        Method::POST if query.starts_with("uploads") => {
            "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>".into_response()
        }
        Method::PUT if query.contains("partNumber=") => {
            let number = query.split('&').find_map(|pair| pair.strip_prefix("partNumber=")).unwrap().parse().unwrap();
            service.pieces.insert(number, body.to_vec());
            [("etag", "\"1\"")].into_response()
        }
        Method::POST => {
            let whole = std::mem::take(&mut service.pieces).into_values().flatten().collect();
            service.objects.insert(name, whole);
            "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>".into_response()
        }
        Method::PUT if service.forgets => [("etag", "\"1\"")].into_response(),
        Method::PUT => {
            service.objects.insert(name, body.to_vec());
            [("etag", "\"1\"")].into_response()
        }
        Method::DELETE => {
            service.objects.remove(&name);
            StatusCode::NO_CONTENT.into_response()
        }
        Method::GET if name.is_empty() => list(&service, uri.query().unwrap_or_default()).into_response(),
        Method::GET | Method::HEAD => match service.objects.get(&name) {
            Some(bytes) => {
                let headers = [("etag", "\"1\""), ("last-modified", "Tue, 24 Nov 2026 10:00:00 GMT")];
                (headers, bytes.clone()).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn list(service: &Service, query: &str) -> String {
    let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default().replace("%2F", "/");
    let found: String = service
        .objects
        .iter()
        .filter(|(name, _)| name.starts_with(&prefix))
        .map(|(name, bytes)| {
            format!(
                "<Contents><Key>{name}</Key><Size>{}</Size><ETag>\"1\"</ETag>\
                 <LastModified>2026-11-24T10:00:00.000Z</LastModified></Contents>",
                bytes.len()
            )
        })
        .collect();
    format!("<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>")
}

async fn service() -> (Shared, String) {
    let shared = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&shared));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (shared, address)
}

fn open(address: &str, place: &str, key_id: &str) -> Bucket {
    let access = BucketAccess {
        endpoint: Some(address.to_owned()),
        region: DEFAULT_REGION.to_owned(),
        key_id: key_id.to_owned(),
        key: Secret::from(KEY.to_owned()),
        session_token: None,
    };
    Bucket::open(BucketPath::parse(place).unwrap(), &access).unwrap()
}

#[tokio::test]
async fn what_is_put_is_there_and_goes_with_its_folder() {
    let (shared, address) = service().await;
    let bucket = open(&address, "s3://team/vault", KEY_ID);
    assert_eq!(RecordingStore::place(&bucket), "s3://team/vault");
    assert_eq!(bucket.get("one/0").await.unwrap(), None);
    let sealed: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    bucket.put("one/0", sealed.clone()).await.unwrap();
    for name in ["one/1", "one/2", "one-more/0", "two/0"] {
        bucket.put(name, name.as_bytes().to_vec()).await.unwrap();
    }
    bucket.put("one/1", b"in its place".to_vec()).await.unwrap();
    assert_eq!(bucket.get("one/0").await.unwrap(), Some(sealed));
    assert_eq!(bucket.get("one/1").await.unwrap().as_deref(), Some(&b"in its place"[..]));
    assert_eq!(shared.lock().unwrap().objects.keys().next().unwrap(), "vault/one-more/0", "all in its folder");

    bucket.remove("one").await.unwrap();
    bucket.remove("nothing").await.unwrap();
    let left: Vec<String> = shared.lock().unwrap().objects.keys().cloned().collect();
    assert_eq!(left, ["vault/one-more/0", "vault/two/0"]);
    let asked = shared.lock().unwrap().asked.join("\n");
    assert!(!asked.contains(KEY) && !asked.contains("the%20key"), "the key is in no address");
}

#[tokio::test]
async fn a_bucket_without_a_folder_keeps_plain_names() {
    let (shared, address) = service().await;
    let bucket = open(&format!("{address}/"), "s3://team", KEY_ID);
    bucket.put("one/0", b"x".to_vec()).await.unwrap();
    assert_eq!(shared.lock().unwrap().objects.keys().collect::<Vec<_>>(), ["one/0"]);
}

#[tokio::test]
async fn a_service_that_does_not_serve_is_told_with_its_place() {
    let (shared, address) = service().await;
    let failed = |answer: Result<(), RecordingStoreError>| match answer {
        Err(RecordingStoreError::Failed(text)) => {
            assert!(text.starts_with("s3://") && text.len() < 400 && !text.contains(KEY), "{text}");
            text
        }
        other => panic!("{other:?}"),
    };
    let stranger = open(&address, "s3://team", "SOMEBODY-ELSE");
    assert!(failed(stranger.put("one/0", vec![1]).await).contains("refuses this key"));
    assert!(failed(stranger.get("one/0").await.map(drop)).contains("refuses this key"));
    let elsewhere = open(&address, "s3://nowhere", KEY_ID);
    assert!(failed(elsewhere.put("one/0", vec![1]).await).contains("no such bucket"));

    let bucket = open(&address, "s3://team", KEY_ID);
    shared.lock().unwrap().broken = Some(StatusCode::NOT_IMPLEMENTED);
    failed(bucket.put("one/0", vec![1]).await);
    failed(bucket.remove("one").await);
    shared.lock().unwrap().broken = None;
    bucket.put("one/0", vec![1]).await.unwrap();

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    failed(open(&closed, "s3://team", KEY_ID).put("one/0", vec![1]).await);
}

#[tokio::test]
async fn a_backup_is_kept_listed_given_back_and_removed() {
    let (shared, address) = service().await;
    let bucket = open(&address, "s3://team/backups", KEY_ID);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one");
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    std::fs::write(&file, &bytes).unwrap();
    bucket.put_file("one.backup", &file).await.unwrap();
    assert_eq!(shared.lock().unwrap().objects.keys().collect::<Vec<_>>(), ["backups/one.backup"]);
    assert_eq!(bucket.names().await.unwrap(), ["one.backup"]);
    let back = folder.path().join("back");
    bucket.get_file("one.backup", &back).await.unwrap();
    assert_eq!(std::fs::read(&back).unwrap(), bytes);
    let missing = bucket.get_file("two.backup", &back).await.unwrap_err().to_string();
    assert!(missing.starts_with("s3://team/backups"), "{missing}");
    bucket.remove_file("one.backup").await.unwrap();
    bucket.remove_file("one.backup").await.unwrap();
    assert!(bucket.names().await.unwrap().is_empty());
}

/// What a service says is not believed.
#[tokio::test]
async fn promise_10_a_backup_that_was_taken_and_is_not_there_is_told() {
    let (shared, address) = service().await;
    let bucket = open(&address, "s3://team", KEY_ID);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one");
    std::fs::write(&file, b"all of it").unwrap();
    shared.lock().unwrap().forgets = true;
    let told = bucket.put_file("one.backup", &file).await.unwrap_err().to_string();
    assert!(told.contains("said that it took one.backup, but it is not there"), "{told}");
    shared.lock().unwrap().objects.insert("one.backup".to_owned(), b"half".to_vec());
    let told = bucket.put_file("one.backup", &file).await.unwrap_err().to_string();
    assert!(told.contains("4 bytes are there of 9"), "{told}");
}

/// What is larger than a piece is put together by the service.
#[tokio::test]
async fn a_large_backup_goes_in_pieces() {
    let (shared, address) = service().await;
    let bucket = open(&address, "s3://team", KEY_ID);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one");
    let bytes: Vec<u8> = (0..=250).cycle().take(20 << 20).collect();
    std::fs::write(&file, &bytes).unwrap();
    bucket.put_file("one.backup", &file).await.unwrap();
    assert!(shared.lock().unwrap().objects.get("one.backup") == Some(&bytes));
    shared.lock().unwrap().broken = Some(StatusCode::FORBIDDEN);
    let refused = bucket.put_file("two.backup", &file).await.unwrap_err().to_string();
    assert!(refused.contains("refuses this key"), "{refused}");
}
