use crate::Invalid;

/// Which page of a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// What stands on it, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last. Opaque to callers.
    pub next_cursor: Option<String>,
    /// How many the whole list has, where that was counted.
    pub total: Option<u64>,
}

impl Paging {
    /// The longest page.
    pub const MAX: u32 = 200;
    /// A page when nothing is said.
    pub const DEFAULT: u32 = 50;

    /// The page that begins where another ended; the first without a cursor.
    ///
    /// # Errors
    /// [`Invalid`] for a limit that is not 1 to [`Paging::MAX`].
    pub fn new(cursor: Option<String>, limit: Option<u32>) -> Result<Self, Invalid> {
        if limit.is_some_and(|limit| !(1..=Self::MAX).contains(&limit)) {
            return Err(Invalid::new("limit", format!("must be 1 to {}", Self::MAX)));
        }
        Ok(Self { cursor, limit })
    }

    /// The first page, with as many as may be had at once up to `limit`, and at least one.
    pub fn first(limit: u32) -> Self {
        Self { cursor: None, limit: Some(limit.clamp(1, Self::MAX)) }
    }

    /// The page after this one, of the same length.
    #[must_use]
    pub fn after(&self, cursor: String) -> Self {
        Self { cursor: Some(cursor), limit: self.limit }
    }

    /// Where the page before ended.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// How many rows to look for: one more than the page has tells whether there is another.
    pub fn rows(&self) -> u32 {
        self.limit() + 1
    }

    /// The page of the rows that were found, at most [`Paging::rows`]. `cursor` says where a row is in the list.
    pub fn page<T>(&self, mut rows: Vec<T>, cursor: impl FnOnce(&T) -> String) -> Paged<T> {
        let most = self.limit() as usize;
        let more = rows.len() > most;
        rows.truncate(most);
        let next_cursor = rows.last().filter(|_| more).map(cursor);
        Paged { items: rows, next_cursor, total: None }
    }

    fn limit(&self) -> u32 {
        self.limit.unwrap_or(Self::DEFAULT)
    }
}

impl<T> Paged<T> {
    /// The same page of something else.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Paged<U> {
        let Self { items, next_cursor, total } = self;
        Paged { items: items.into_iter().map(each).collect(), next_cursor, total }
    }

    /// The same page, with what the whole list has.
    #[must_use]
    pub fn of_all(self, total: Option<u64>) -> Self {
        Self { total, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Paging;

    #[test]
    fn a_page_says_where_the_next_begins_if_there_is_one() {
        for (limit, found, items, next) in [
            (Some(2), vec![1, 2, 3], vec![1, 2], Some("2")),
            (Some(2), vec![1, 2], vec![1, 2], None),
            (Some(2), vec![], vec![], None),
            (None, (0..51).collect(), (0..50).collect(), Some("49")),
            (Some(200), (0..200).collect(), (0..200).collect(), None),
        ] {
            let paging = Paging::new(None, limit).unwrap();
            assert_eq!(paging.rows(), limit.unwrap_or(50) + 1);
            let page = paging.page(found, ToString::to_string);
            assert_eq!((page.items, page.next_cursor.as_deref()), (items, next), "{limit:?}");
        }
    }

    #[test]
    fn a_limit_out_of_range_is_refused_by_name() {
        for limit in [0, 201, u32::MAX] {
            let invalid = Paging::new(None, Some(limit)).unwrap_err();
            assert_eq!((invalid.field, invalid.problem.as_str()), ("limit", "must be 1 to 200"));
        }
    }
}
