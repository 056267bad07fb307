//! Credentials in use that somebody should look at: without a second factor, with an old password, not used for long, whose site has moved.

use countersign_model::{CredentialId, Timestamp, order_key};

use super::credential::{CredentialRow, columns, credential};
use crate::{
    args,
    engine::{Error, Select, Statement},
};

/// Why a credential should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Concern {
    /// It has no second factor.
    NoSecondFactor,
    /// Its password is older than a time.
    OldPassword,
    /// Nobody has used it since a time, and it was there before.
    Unused,
    /// Something at its site is not where it was.
    SiteMoved,
    /// The last change of its password did not happen.
    ChangeFailed,
    /// It is not known which of two passwords holds.
    Unverified,
    /// Somebody has it for themselves at a time.
    CheckedOut,
}

impl Concern {
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::NoSecondFactor,
        Self::OldPassword,
        Self::Unused,
        Self::SiteMoved,
        Self::ChangeFailed,
        Self::Unverified,
        Self::CheckedOut,
    ];

    const fn statements(self) -> (&'static Statement, &'static Statement) {
        match self {
            Self::NoSecondFactor => (&COUNT_NO_SECOND_FACTOR, &LIST_NO_SECOND_FACTOR),
            Self::OldPassword => (&COUNT_OLD_PASSWORD, &LIST_OLD_PASSWORD),
            Self::Unused => (&COUNT_UNUSED, &LIST_UNUSED),
            Self::SiteMoved => (&COUNT_SITE_MOVED, &LIST_SITE_MOVED),
            Self::ChangeFailed => (&COUNT_CHANGE_FAILED, &LIST_CHANGE_FAILED),
            Self::Unverified => (&COUNT_UNVERIFIED, &LIST_UNVERIFIED),
            Self::CheckedOut => (&COUNT_CHECKED_OUT, &LIST_CHECKED_OUT),
        }
    }
}

/// A credential, and since when that is so: when it was made, its password changed, somebody used it, the site moved,
/// its last change ended; until when somebody has it; where that is known.
#[derive(Debug, Clone)]
pub struct ConcernedCredential {
    /// The credential.
    pub row: CredentialRow,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// Something of the changes of a credential that people see.
macro_rules! last_change {
    ($what:literal) => {
        concat!("(select ", $what, " from shown_change s where s.credential = c.id)")
    };
}

/// Whether the last change of a credential is in that state.
macro_rules! last_change_is {
    ($state:literal) => {
        concat!(
            "exists (select 1 from shown_change s where s.credential = c.id and s.state = '",
            $state,
            "' and not exists (select 1 from shown_change l where l.credential = c.id and l.created_at > s.created_at)) \
             and coalesce(c.created_at, $1) is not null"
        )
    };
}

// `$1` is the time before which something is old. In the order of names, after the key of a name in it `$2` and the id `$3`.
macro_rules! concern {
    ($count:ident, $list:ident, $since:expr, $which:expr) => {
        static $count: Statement = Statement::one(
            concat!("attention::", stringify!($count)),
            concat!(
                "select count(*) from credential c left join last_use u on u.thing = c.id \
                 left join automation a on a.credential = c.id where c.status = 'active' and ",
                $which
            ),
        );
        static $list: Statement = Statement::one(
            concat!("attention::", stringify!($list)),
            concat!(
                "select ",
                columns!(),
                ", ",
                $since,
                " from credential c left join last_use u on u.thing = c.id left join automation a on a.credential = c.id \
                 where c.status = 'active' and ",
                $which,
                " and ($2 is null or (c.name_order, c.id) > ($2, $3)) order by c.name_order, c.id limit $4"
            ),
        );
    };
}

// Those that ask for no time name it, too, so that all are asked alike.
concern!(
    COUNT_NO_SECOND_FACTOR,
    LIST_NO_SECOND_FACTOR,
    "c.created_at",
    "c.kind is null and coalesce(c.created_at, $1) is not null"
);
concern!(
    COUNT_OLD_PASSWORD,
    LIST_OLD_PASSWORD,
    "coalesce(c.password_changed_at, c.created_at)",
    "c.has_password and coalesce(c.password_changed_at, c.created_at) < $1"
);
concern!(COUNT_UNUSED, LIST_UNUSED, "u.used_at", "c.created_at < $1 and (u.used_at is null or u.used_at < $1)");
concern!(
    COUNT_SITE_MOVED,
    LIST_SITE_MOVED,
    "a.redirected_at",
    "(a.redirected_at is not null or a.moved is not null and a.moved <> '[]') and coalesce(c.created_at, $1) is not null"
);
concern!(COUNT_CHANGE_FAILED, LIST_CHANGE_FAILED, last_change!("max(s.ended_at)"), last_change_is!("failed"));
concern!(COUNT_UNVERIFIED, LIST_UNVERIFIED, last_change!("max(s.started_at)"), last_change_is!("in_doubt"));
concern!(
    COUNT_CHECKED_OUT,
    LIST_CHECKED_OUT,
    "(select o.due_at from check_out o where o.credential = c.id)",
    "exists (select 1 from check_out o where o.credential = c.id and o.holder is not null and o.due_at > $1)"
);

/// All of them, for the test that prepares each.
pub static STATEMENTS: &[&Statement] = &[
    &COUNT_NO_SECOND_FACTOR,
    &LIST_NO_SECOND_FACTOR,
    &COUNT_OLD_PASSWORD,
    &LIST_OLD_PASSWORD,
    &COUNT_UNUSED,
    &LIST_UNUSED,
    &COUNT_SITE_MOVED,
    &LIST_SITE_MOVED,
    &COUNT_CHANGE_FAILED,
    &LIST_CHANGE_FAILED,
    &COUNT_UNVERIFIED,
    &LIST_UNVERIFIED,
    &COUNT_CHECKED_OUT,
    &LIST_CHECKED_OUT,
];

/// How many credentials there are of which that is so; `before` is when something is old.
pub async fn count(db: &mut impl Select, concern: Concern, before: Timestamp) -> Result<i64, Error> {
    db.fetch_one(concern.statements().0, args![before]).await?.get(0)
}

/// A page of them by name, behind a name in search form and an id.
pub async fn list(
    db: &mut impl Select,
    concern: Concern,
    before: Timestamp,
    after: Option<(&str, CredentialId)>,
    limit: u32,
) -> Result<Vec<ConcernedCredential>, Error> {
    const SINCE: usize = 17;
    let (name, id) = after.unzip();
    let name = name.map(order_key);
    let values = args![before, name.as_deref(), id.map(CredentialId::uuid), limit];
    let rows = db.fetch_all(concern.statements().1, values).await?;
    rows.iter()
        .map(|row| Ok(ConcernedCredential { row: credential(db.keys(), row)?, since: row.get(SINCE)? }))
        .collect()
}
