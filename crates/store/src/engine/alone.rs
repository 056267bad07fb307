use countersign_seal::Receipt;
use uuid::Uuid;

use super::{
    AnyEngine, Args, Database, Error, Statement,
    value::{for_postgres, for_sqlite},
};

impl Database {
    /// Runs a statement that writes records and is a transaction by itself: one question to the engine and one answer. On
    /// SQLite its text says `begin` and `commit`. It gives a row when it has written, and none when it has not.
    ///
    /// Gives a receipt for each record, in the order of `about`, what they are about; `None` where nothing was written.
    /// `happened` asks whether it was written after all: for a connection that is lost before it answers.
    ///
    /// # Errors
    /// See [`Error`]. After [`Error::Unavailable`] on PostgreSQL nobody knows.
    pub(crate) async fn record_alone(
        &self,
        statement: &Statement,
        args: impl Args,
        about: Vec<Option<Uuid>>,
        happened: (&Statement, impl Args),
    ) -> Result<Option<Vec<Receipt>>, Error> {
        let rows = match &*self.engine {
            AnyEngine::Sqlite(engine) => Some(engine.alone(statement, for_sqlite(args)).await?),
            AnyEngine::Postgres(engine) => engine.alone(statement, for_postgres(args)).await?,
        };
        let written = match rows {
            Some(rows) => !rows.is_empty(),
            None => self.fetch_optional(happened.0, happened.1).await?.is_some(),
        };
        Ok(written.then(|| receipts(about)))
    }
}

/// Of records that are durable: what each is about, in their order.
pub(super) fn receipts(about: Vec<Option<Uuid>>) -> Vec<Receipt> {
    about.into_iter().map(|about| Receipt::of_durable_record(about.map(Uuid::into_bytes))).collect()
}
