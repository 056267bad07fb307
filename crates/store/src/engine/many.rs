//! Many rows at once, through the few prepared statements of a [`Bulk`].

use super::{Bulk, Error, Row, Select, Transaction, Value};

impl Transaction {
    /// Inserts many rows; `values` holds them one after the other. Says how many were inserted.
    ///
    /// # Errors
    /// See [`Error`]; afterwards the transaction is spoiled, so that never a part stays.
    pub async fn execute_bulk(&mut self, bulk: &'static Bulk, values: Vec<Value>) -> Result<u64, Error> {
        let mut inserted = 0;
        let mut parts = Parts::new(bulk, values);
        while let Some((statement, values)) = parts.next() {
            inserted += self.execute(statement, values).await?;
        }
        Ok(inserted)
    }
}

/// All rows that a statement of many rows gives: a select of what stands under many keys, or an insert that says what it has
/// inserted. `values` holds rows or keys one after the other.
///
/// # Errors
/// See [`Error`].
pub(crate) async fn fetch_bulk(
    db: &mut impl Select,
    bulk: &'static Bulk,
    values: Vec<Value>,
) -> Result<Vec<Row>, Error> {
    let mut found = Vec::new();
    let mut parts = Parts::new(bulk, values);
    while let Some((statement, values)) = parts.next() {
        found.extend(db.fetch_all(statement, values).await?);
    }
    Ok(found)
}

/// What is left of the rows, and by which statements it goes.
struct Parts {
    bulk: &'static Bulk,
    values: std::vec::IntoIter<Value>,
}

impl Parts {
    fn new(bulk: &'static Bulk, values: Vec<Value>) -> Self {
        debug_assert_eq!(values.len() % bulk.columns(), 0, "a row of {bulk:?} is incomplete");
        Self { bulk, values: values.into_iter() }
    }

    fn next(&mut self) -> Option<(&'static super::Statement, Vec<Value>)> {
        let left = self.values.len() / self.bulk.columns();
        if left == 0 {
            return None;
        }
        let (statement, rows) = self.bulk.at_most(left);
        Some((statement, self.values.by_ref().take(rows * self.bulk.columns()).collect()))
    }
}
