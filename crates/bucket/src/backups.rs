//! Backups in the bucket. They may be large, so they go and come in pieces.

use std::{path::Path as FilePath, time::Duration};

use countersign_vault::{BackupFuture, BackupStore, BackupStoreError};
use futures_util::TryStreamExt as _;
use object_store::{ObjectStore as _, ObjectStoreExt as _, WriteMultipart, path::Path};
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use crate::Bucket;

/// What is smaller goes in one request, which every service takes.
const PIECE: usize = 8 << 20;
/// Pieces that are on their way at once.
const AT_ONCE: usize = 2;
/// A list of many thousands takes some pages.
const LONGEST_LIST: Duration = Duration::from_secs(120);

impl BackupStore for Bucket {
    fn put_file<'a>(&'a self, name: &'a str, file: &'a FilePath) -> BackupFuture<'a, ()> {
        Box::pin(async move {
            let mut file = File::open(file).await.map_err(|error| of_file(file, &error))?;
            let length = file.metadata().await.map_err(|error| self.of_reading(&error))?.len();
            if length <= PIECE as u64 {
                let mut bytes = Vec::with_capacity(PIECE);
                file.read_to_end(&mut bytes).await.map_err(|error| self.of_reading(&error))?;
                let kept = self.store.put(&self.place.path(name), bytes.into()).await;
                kept.map_err(|error| self.of_backup(&error))?;
            } else {
                self.put_in_pieces(name, file).await?;
            }
            self.look_for(name, length).await
        })
    }

    fn get_file<'a>(&'a self, name: &'a str, file: &'a FilePath) -> BackupFuture<'a, ()> {
        Box::pin(async move {
            let found = self.store.get(&self.place.path(name)).await.map_err(|error| self.of_backup(&error))?;
            let mut pieces = found.into_stream();
            let mut to = fs::OpenOptions::new();
            to.write(true).create(true).truncate(true).mode(0o600);
            let mut to = to.open(file).await.map_err(|error| of_file(file, &error))?;
            while let Some(piece) = pieces.try_next().await.map_err(|error| self.of_backup(&error))? {
                to.write_all(&piece).await.map_err(|error| of_file(file, &error))?;
            }
            to.sync_all().await.map_err(|error| of_file(file, &error))
        })
    }

    fn names(&self) -> BackupFuture<'_, Vec<String>> {
        Box::pin(async move {
            let folder = self.place.path("");
            let silent = |_| BackupStoreError(format!("{}: its list has no end", self.place));
            let listed = timeout(LONGEST_LIST, self.store.list_with_delimiter(Some(&folder))).await.map_err(silent)?;
            let listed = listed.map_err(|error| self.of_backup(&error))?;
            // Whatever a service answers, what is elsewhere is not here.
            let here = |path: &Path| path.prefix_match(&folder).is_some_and(|rest| rest.count() == 1);
            let objects = listed.objects.iter().filter(|it| it.size > 0 && here(&it.location));
            Ok(objects.filter_map(|it| it.location.filename().map(str::to_owned)).collect())
        })
    }

    fn remove_file<'a>(&'a self, name: &'a str) -> BackupFuture<'a, ()> {
        Box::pin(async move {
            match self.store.delete(&self.place.path(name)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(self.of_backup(&error)),
            }
        })
    }

    fn place(&self) -> String {
        self.place.to_string()
    }
}

impl Bucket {
    /// The service puts the pieces together at the end, so a backup is there as a whole or not at all.
    async fn put_in_pieces(&self, name: &str, mut file: File) -> Result<(), BackupStoreError> {
        let upload = self.store.put_multipart(&self.place.path(name)).await.map_err(|error| self.of_backup(&error))?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PIECE);
        let mut piece = vec![0; PIECE];
        let sent = async {
            loop {
                let length = file.read(&mut piece).await.map_err(|error| self.of_reading(&error))?;
                if length == 0 {
                    return Ok(());
                }
                upload.wait_for_capacity(AT_ONCE).await.map_err(|error| self.of_backup(&error))?;
                upload.write(&piece[..length]);
            }
        };
        match sent.await {
            Ok(()) => upload.finish().await.map(drop).map_err(|error| self.of_backup(&error)),
            Err(error) => {
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    /// Whether what was taken is there: some answer *done* to whatever they are sent, such as a proxy's page or a service that drops it.
    async fn look_for(&self, name: &str, length: u64) -> Result<(), BackupStoreError> {
        let problem = match self.store.head(&self.place.path(name)).await {
            Ok(found) if found.size == length => return Ok(()),
            // Who may write and not read cannot look.
            Err(object_store::Error::PermissionDenied { .. }) => return Ok(()),
            Ok(found) => format!("{} bytes are there of {length}", found.size),
            Err(object_store::Error::NotFound { .. }) => "it is not there".to_owned(),
            Err(error) => return Err(self.of_backup(&error)),
        };
        let place = &self.place;
        Err(BackupStoreError(format!(
            "{place}: the service said that it took {name}, but {problem}: see that the endpoint is that of a bucket"
        )))
    }

    fn of_backup(&self, error: &object_store::Error) -> BackupStoreError {
        BackupStoreError(self.words(error))
    }

    fn of_reading(&self, error: &std::io::Error) -> BackupStoreError {
        BackupStoreError(format!("{}: the backup to be kept there cannot be read: {error}", self.place))
    }
}

fn of_file(file: &FilePath, error: &std::io::Error) -> BackupStoreError {
    BackupStoreError(format!("{}: {error}", file.display()))
}
