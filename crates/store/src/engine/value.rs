use countersign_model::Timestamp;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, Row as _};
use uuid::Uuid;

use super::error::Error;

/// One bound argument. PostgreSQL has to know a null's type, so nulls are typed; `Option<T>` becomes the right one.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `boolean` on both.
    Bool(bool),
    /// `integer` on SQLite, `bigint` on PostgreSQL. Times are microseconds since 1970.
    Int(i64),
    /// `text` on both.
    Text(String),
    /// `blob` on SQLite, `bytea` on PostgreSQL.
    Bytes(Vec<u8>),
    /// 16 bytes in a `blob` on SQLite, `uuid` on PostgreSQL.
    Uuid(Uuid),
    /// No boolean.
    NullBool,
    /// No number.
    NullInt,
    /// No text.
    NullText,
    /// No bytes.
    NullBytes,
    /// No id.
    NullUuid,
}

/// Says the type alone: values belong in no log.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bool(_) => "Bool",
            Self::Int(_) => "Int",
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Uuid(_) => "Uuid",
            Self::NullBool => "NullBool",
            Self::NullInt => "NullInt",
            Self::NullText => "NullText",
            Self::NullBytes => "NullBytes",
            Self::NullUuid => "NullUuid",
        })
    }
}

/// The arguments of a statement, each converted by `Value::from`: `args![id, name, now]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::engine::Value::from($value)),*] };
}

macro_rules! value_from {
    ($($type:ty => $value:ident | $null:ident, |$it:ident| $convert:expr;)*) => { $(
        impl From<$type> for Value {
            fn from($it: $type) -> Self { Self::$value($convert) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self { value.map_or(Self::$null, Self::from) }
        }
    )* };
}

value_from! {
    bool => Bool | NullBool, |it| it;
    i64 => Int | NullInt, |it| it;
    i32 => Int | NullInt, |it| i64::from(it);
    u32 => Int | NullInt, |it| i64::from(it);
    u16 => Int | NullInt, |it| i64::from(it);
    u8 => Int | NullInt, |it| i64::from(it);
    Timestamp => Int | NullInt, |it| it.micros();
    String => Text | NullText, |it| it;
    &str => Text | NullText, |it| it.to_owned();
    &String => Text | NullText, |it| it.clone();
    Vec<u8> => Bytes | NullBytes, |it| it;
    &[u8] => Bytes | NullBytes, |it| it.to_vec();
    &Vec<u8> => Bytes | NullBytes, |it| it.clone();
    Uuid => Uuid | NullUuid, |it| it;
    &Uuid => Uuid | NullUuid, |it| *it;
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

/// What a statement takes: an array or a vector of [`Value`] (moved), or a slice of them (copied).
pub trait Args: Send {
    /// How many there are.
    fn count(&self) -> usize;
    /// Hands each of them over, in order.
    fn each(self, take: &mut dyn FnMut(Value));
}

impl<const N: usize> Args for [Value; N] {
    fn count(&self) -> usize {
        N
    }
    fn each(self, take: &mut dyn FnMut(Value)) {
        self.into_iter().for_each(take);
    }
}

impl Args for Vec<Value> {
    fn count(&self) -> usize {
        self.len()
    }
    fn each(self, take: &mut dyn FnMut(Value)) {
        self.into_iter().for_each(take);
    }
}

impl Args for &[Value] {
    fn count(&self) -> usize {
        self.len()
    }
    fn each(self, take: &mut dyn FnMut(Value)) {
        self.iter().cloned().for_each(take);
    }
}

impl<const N: usize> Args for &[Value; N] {
    fn count(&self) -> usize {
        N
    }
    fn each(self, take: &mut dyn FnMut(Value)) {
        self.iter().cloned().for_each(take);
    }
}

impl Args for &Vec<Value> {
    fn count(&self) -> usize {
        self.len()
    }
    fn each(self, take: &mut dyn FnMut(Value)) {
        self.iter().cloned().for_each(take);
    }
}

macro_rules! encode {
    ($name:ident, $arguments:ty) => {
        /// The arguments in the engine's own form. Encoding one of our types fails on neither engine short of 2 GiB; a
        /// failure leaves one argument too few, which the engine then refuses.
        pub(super) fn $name(args: impl Args) -> $arguments {
            let mut encoded = <$arguments>::default();
            let count = args.count();
            encoded.reserve(count, count * 16);
            args.each(&mut |value| {
                let _ = match value {
                    Value::Bool(it) => encoded.add(it),
                    Value::Int(it) => encoded.add(it),
                    Value::Text(it) => encoded.add(it),
                    Value::Bytes(it) => encoded.add(it),
                    Value::Uuid(it) => encoded.add(it),
                    Value::NullBool => encoded.add(None::<bool>),
                    Value::NullInt => encoded.add(None::<i64>),
                    Value::NullText => encoded.add(None::<String>),
                    Value::NullBytes => encoded.add(None::<Vec<u8>>),
                    Value::NullUuid => encoded.add(None::<Uuid>),
                };
            });
            encoded
        }
    };
}

encode!(for_sqlite, SqliteArguments);
encode!(for_postgres, PgArguments);

/// One row of a result; columns are read by their place in the `select` or `returning` list.
pub struct Row(pub(super) Engine);

pub(super) enum Engine {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The column at `index`, counted from 0.
    ///
    /// `i64` reads `bigint` alone on PostgreSQL: columns are declared so, `count(*)` is one, `sum` is not (cast it:
    /// `cast(sum(x) as bigint)` means the same on both engines).
    ///
    /// # Errors
    /// [`Error::Corrupt`] when there is no such column, it is null where `T` is no `Option`, or of another type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, Error> {
        T::read(self, index)
    }
}

/// A type that both engines can give back. Implemented for `bool`, `i64`, `String`, `Vec<u8>`, `Uuid` and `Option` of them,
/// and for `Timestamp`, which is an `i64` of microseconds.
pub trait Column: Sized {
    /// Reads it; use [`Row::get`].
    ///
    /// # Errors
    /// As [`Row::get`].
    fn read(row: &Row, index: usize) -> Result<Self, Error>;
}

macro_rules! column {
    ($($type:ty),*) => { $(
        impl Column for Option<$type> {
            fn read(row: &Row, index: usize) -> Result<Self, Error> {
                match &row.0 {
                    Engine::Sqlite(row) => row.try_get(index),
                    Engine::Postgres(row) => row.try_get(index),
                }
                .map_err(|error| Error::from_sqlx("reading a row", &error))
            }
        }

        impl Column for $type {
            fn read(row: &Row, index: usize) -> Result<Self, Error> {
                // Asked for the bare type, the SQLite driver would read a null as 0, false or nothing.
                Option::<$type>::read(row, index)?.ok_or_else(|| unexpected_null(index))
            }
        }
    )* };
}

column!(bool, i64, String, Vec<u8>, Uuid);

impl Column for Option<Timestamp> {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        Ok(Option::<i64>::read(row, index)?.map(Timestamp::from_micros))
    }
}

impl Column for Timestamp {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        i64::read(row, index).map(Self::from_micros)
    }
}

fn unexpected_null(index: usize) -> Error {
    Error::Corrupt { detail: format!("reading a row: column {index} is null and should not be") }
}

#[cfg(test)]
mod tests {
    use super::{Args as _, Value};

    #[test]
    fn options_become_typed_nulls() {
        assert_eq!(Value::from(None::<&str>), Value::NullText);
        assert_eq!(Value::from(Some("a")), Value::Text("a".to_owned()));
        assert_eq!(Value::from(None::<i64>), Value::NullInt);
        assert_eq!(Value::from(None::<uuid::Uuid>), Value::NullUuid);
        assert_eq!(Value::from(None::<Vec<u8>>), Value::NullBytes);
        assert_eq!(Value::from(None::<bool>), Value::NullBool);
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", args!["hunter2", 7_i64]), "[Text, Int]");
    }

    #[test]
    fn arguments_keep_their_order_and_count() {
        let mut seen = Vec::new();
        let args = args![1_i64, "two", None::<bool>];
        assert_eq!(args.count(), 3);
        args.each(&mut |value| seen.push(value));
        assert_eq!(seen, [Value::Int(1), Value::Text("two".to_owned()), Value::NullBool]);
    }
}
