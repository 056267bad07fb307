use crate::engine::{Args, Error, MarkKeys, Row, Select, Statement};

/// Counts the questions that go through it.
pub struct CountedSelect<S> {
    inner: S,
    asked: usize,
}

impl<S> CountedSelect<S> {
    /// None yet.
    pub const fn new(inner: S) -> Self {
        Self { inner, asked: 0 }
    }

    /// How many so far.
    pub const fn asked(&self) -> usize {
        self.asked
    }
}

impl<S: Select> Select for CountedSelect<S> {
    fn keys(&self) -> &MarkKeys {
        self.inner.keys()
    }

    async fn fetch_all(&mut self, statement: &Statement, args: impl Args) -> Result<Vec<Row>, Error> {
        self.asked += 1;
        self.inner.fetch_all(statement, args).await
    }

    async fn fetch_optional(&mut self, statement: &Statement, args: impl Args) -> Result<Option<Row>, Error> {
        self.asked += 1;
        self.inner.fetch_optional(statement, args).await
    }
}
