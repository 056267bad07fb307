use std::sync::OnceLock;

/// A named SQL text, prepared once per connection.
///
/// Declare them with [`statements!`](crate::statements), which also registers them for the test that prepares all.
#[derive(Debug)]
pub struct Statement {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    two: bool,
}

impl Statement {
    /// One text for both engines; parameters are `$1`, `$2`, …
    pub const fn one(name: &'static str, sql: &'static str) -> Self {
        Self { name, sqlite: sql, postgres: sql, two: false }
    }

    /// Two texts, where the dialects part. They take the same parameters and give the same columns.
    pub const fn two(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self { name, sqlite, postgres, two: true }
    }

    /// `module::NAME`, for errors and tests.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text for SQLite.
    pub const fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text for PostgreSQL.
    pub const fn postgres(&self) -> &'static str {
        self.postgres
    }

    /// Whether somebody wrote it twice, once for each engine.
    pub const fn is_two(&self) -> bool {
        self.two
    }
}

/// Declares statements as statics and registers them in the module's `STATEMENTS: &[&Statement]`.
///
/// `NAME = text;` serves both engines, `NAME = text, postgres: text;` gives PostgreSQL its own. A text is any constant
/// expression, so `concat!` may share a list of columns.
///
/// ```
/// countersign_store::statements! {
///     /// One user by name.
///     pub(crate) BY_NAME = "select id from users where name = $1";
///     /// The next job, passed over by nobody else.
///     pub(crate) NEXT_JOB =
///         "select id from jobs order by due limit 1",
///         postgres: "select id from jobs order by due limit 1 for update skip locked";
/// }
/// assert_eq!(STATEMENTS.len(), 2);
/// assert!(!BY_NAME.is_two() && NEXT_JOB.is_two());
/// ```
#[macro_export]
macro_rules! statements {
    (@of $name:ident $sql:expr) => {
        $crate::engine::Statement::one(concat!(module_path!(), "::", stringify!($name)), $sql)
    };
    (@of $name:ident $sqlite:expr, $postgres:expr) => {
        $crate::engine::Statement::two(concat!(module_path!(), "::", stringify!($name)), $sqlite, $postgres)
    };
    ($($(#[$doc:meta])* $vis:vis $name:ident = $text:expr $(, postgres: $postgres:expr)?;)*) => {
        $(
            $(#[$doc])*
            $vis static $name: $crate::engine::Statement = $crate::statements!(@of $name $text $(, $postgres)?);
        )*

        /// All statements of this module.
        pub static STATEMENTS: &[&$crate::engine::Statement] = &[$(&$name),*];
    };
}

/// A statement of many rows at once: `head values (…), (…) tail`. An `insert`, or a select of what stands under many keys:
/// `select … where key in (`, `values (…), (…)`, `)`.
///
/// Its texts are made once for 64, 32, and each number up to 16 rows and kept, so few rows are one statement, many go through
/// those of 64, and no text is built per call.
#[derive(Debug)]
pub struct Bulk {
    name: &'static str,
    head: &'static str,
    columns: usize,
    /// What kind of values they are, where PostgreSQL cannot see it.
    kind: Option<&'static str>,
    tail: &'static str,
    sizes: [OnceLock<Statement>; Self::SIZES],
}

impl Bulk {
    // Up to as many rows as that there is a statement for each number, because each statement is a wait of its own.
    const EACH: usize = 16;
    const SIZES: usize = Self::EACH + 2;

    /// `head` is `insert into t (a, b)`, `columns` how many values a row has, `tail` `on conflict do nothing` or empty.
    pub const fn new(name: &'static str, head: &'static str, columns: usize, tail: &'static str) -> Self {
        Self { name, head, columns, kind: None, tail, sizes: [const { OnceLock::new() }; Self::SIZES] }
    }

    /// A select: `head` is `select … where a in (`, `kind` what PostgreSQL calls the type of a, `tail` `)` and what comes then.
    pub const fn of_keys(name: &'static str, head: &'static str, kind: &'static str, tail: &'static str) -> Self {
        Self { name, head, columns: 1, kind: Some(kind), tail, sizes: [const { OnceLock::new() }; Self::SIZES] }
    }

    /// How many values a row has.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The largest statement for at most `rows` rows, and how many rows it takes. `rows` is at least 1.
    pub fn at_most(&'static self, rows: usize) -> (&'static Statement, usize) {
        let rows = rows.max(1);
        let (place, rows) = if rows >= 64 {
            (Self::EACH + 1, 64)
        } else if rows >= 32 {
            (Self::EACH, 32)
        } else {
            let rows = rows.min(Self::EACH);
            (rows - 1, rows)
        };
        (self.sizes[place].get_or_init(|| self.make(rows)), rows)
    }

    /// Every statement it can run, for the test that prepares all.
    pub fn all(&'static self) -> impl Iterator<Item = &'static Statement> {
        (1..=Self::EACH).chain([32, 64]).map(|rows| self.at_most(rows).0)
    }

    fn make(&self, rows: usize) -> Statement {
        // SQLite looks up a parameter's name by walking through all names, 64 rows would pay as the square of their values;
        // parameters without a name cost nothing.
        let sqlite = self.text(rows, |_| "?".to_owned());
        let postgres = self.text(rows, |place| match self.kind {
            None => format!("${place}"),
            Some(kind) => format!("${place}::{kind}"),
        });
        Statement { name: self.name, sqlite, postgres, two: false }
    }

    /// Eighteen texts per `Bulk` and engine, kept for the life of the process as the literals are.
    fn text(&self, rows: usize, parameter: impl Fn(usize) -> String) -> &'static str {
        let row = |row: usize| {
            let places = (1..=self.columns).map(|column| parameter(row * self.columns + column));
            format!("({})", places.collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<_> = (0..rows).map(row).collect();
        Box::leak(format!("{} values {} {}", self.head, rows.join(", "), self.tail).into_boxed_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Bulk;

    static PAIRS: Bulk = Bulk::new("pairs", "insert into pairs (a, b)", 2, "on conflict do nothing");

    #[test]
    fn a_bulk_takes_the_largest_size_that_fits() {
        for (rows, taken) in
            [(1, 1), (2, 2), (3, 3), (16, 16), (17, 16), (31, 16), (32, 32), (63, 32), (64, 64), (1000, 64)]
        {
            assert_eq!(PAIRS.at_most(rows).1, taken, "{rows} rows");
        }
        let two = PAIRS.at_most(2).0;
        assert_eq!(two.sqlite(), "insert into pairs (a, b) values (?, ?), (?, ?) on conflict do nothing");
        assert_eq!(two.postgres(), "insert into pairs (a, b) values ($1, $2), ($3, $4) on conflict do nothing");
    }
}
