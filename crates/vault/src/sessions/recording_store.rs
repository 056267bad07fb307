//! Where the bytes of recordings lie: a folder by default, or whatever else keeps bytes under a name.

use crate::{Error, RecordingError};
use std::{
    fs::{self, OpenOptions},
    future::Future,
    io::{self, Write as _},
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a recording store answers.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, RecordingStoreError>> + Send + 'a>>;

/// Keeps sealed bytes under names such as `01938d1c-7a31-7000-8000-000000000000/12`.
pub trait RecordingStore: Send + Sync + 'static {
    /// Keeps them; what was there under that name is replaced. Done when they are durable.
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> StoreFuture<'a, ()>;
    /// Gives them; `None` when there is nothing of that name.
    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>>;
    /// Removes everything whose name begins with `folder/`.
    fn remove<'a>(&'a self, folder: &'a str) -> StoreFuture<'a, ()>;
    /// Where it is, for people.
    fn place(&self) -> String;
}

/// Why a recording store does not do what it was asked. Texts hold no recorded bytes and no keys.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordingStoreError {
    /// There is no room.
    #[error("there is no room left ({0})")]
    Full(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

/// Where recordings are kept, and for how long.
#[derive(Clone)]
pub struct Recordings {
    /// Where.
    pub store: Arc<dyn RecordingStore>,
    /// So long after the session has ended.
    pub kept: Duration,
    /// The oldest go when all together have more bytes than this.
    pub most_bytes: u64,
}

impl Recordings {
    /// How long recordings are kept when nothing is said, in days.
    pub const DEFAULT_DAYS: u32 = 90;
    /// How much all recordings may take when nothing is said, in MiB.
    pub const DEFAULT_MOST_MIB: u32 = 10_240;

    /// In this store, for the usual time and within the usual size.
    pub fn new(store: Arc<dyn RecordingStore>) -> Self {
        Self { store, kept: DAY * Self::DEFAULT_DAYS, most_bytes: u64::from(Self::DEFAULT_MOST_MIB) << 20 }
    }

    /// In a folder, for the usual time and within the usual size.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::new(Arc::new(RecordingFolder::new(path)))
    }

    /// The same, kept for so many days and within so many MiB.
    #[must_use]
    pub fn within(self, days: u32, most_mib: u32) -> Self {
        Self { kept: DAY * days, most_bytes: u64::from(most_mib) << 20, ..self }
    }
}

impl From<RecordingStoreError> for Error {
    fn from(error: RecordingStoreError) -> Self {
        match error {
            RecordingStoreError::Full(detail) => {
                tracing::error!(%detail, "no room left for recordings");
                RecordingError::Full.into()
            }
            RecordingStoreError::Failed(detail) => RecordingError::Failed(detail).into(),
        }
    }
}

/// A folder of recordings, each a folder of sealed parts; files are for their owner alone.
pub struct RecordingFolder {
    path: PathBuf,
}

impl RecordingFolder {
    /// The folder, made when the first recording is.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file of a name, which is ours and holds letters, digits, `-` and `/` only.
    fn file(&self, name: &str) -> Result<PathBuf, RecordingStoreError> {
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        if name.split('/').all(plain) {
            Ok(self.path.join(name))
        } else {
            Err(RecordingStoreError::Failed("the name is none of a recording".to_owned()))
        }
    }
}

impl RecordingStore for RecordingFolder {
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let file = self.file(name)?;
            in_thread(move || write(&file, &bytes).map_err(|error| told(&file, &error))).await
        })
    }

    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let file = self.file(name)?;
            in_thread(move || match fs::read(&file) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(told(&file, &error)),
            })
            .await
        })
    }

    fn remove<'a>(&'a self, folder: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let folder = self.file(folder)?;
            in_thread(move || match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(told(&folder, &error)),
                _ => Ok(()),
            })
            .await
        })
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }
}

async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RecordingStoreError> + Send + 'static,
) -> Result<T, RecordingStoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(RecordingStoreError::Failed("the server is shutting down".to_owned())))
}

/// Under another name first: a part is there whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    let half = file.with_extension("half");
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut out = options.open(&half)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        fs::rename(&half, file)?;
        fs::File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        // It takes room that may be short, and is of no use.
        let _ = fs::remove_file(&half);
    }
    written
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn told(path: &Path, error: &io::Error) -> RecordingStoreError {
    let text = format!("{}: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            RecordingStoreError::Full(text)
        }
        _ => RecordingStoreError::Failed(text),
    }
}
