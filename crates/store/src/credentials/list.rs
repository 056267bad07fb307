//! Lists of credentials: which, in which order, from where on; and the tags that group them.

use countersign_model::{CredentialId, CredentialStatus, GrantTarget, Timestamp, UserId, order_key, search_key};

use super::{
    credential::{CredentialRow, columns, credential},
    granted::fill,
    grants::granted,
};
use crate::{
    args,
    engine::{Error, Select, Statement, Value},
    like::contains,
    statements,
};

statements! {
    TAGS = concat!(granted!("$1", "$3", ""), "select t.tag, count(*) from credential_tag t \
        where ($1 is null or t.credential in (select credential from granted)) group by t.tag order by t.tag limit $2");
}

/// Which credentials to list.
#[derive(Debug, Clone, Default)]
pub struct CredentialFilter {
    /// Whose name, username, site or tag holds this text, whatever its case.
    pub search: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Whose site's host holds this text.
    pub site: Option<String>,
    /// With or without a seed.
    pub second_factor: Option<bool>,
    /// In use or not.
    pub status: Option<CredentialStatus>,
    /// Only those granted to the person who looks.
    pub granted_only: bool,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// By name, backwards.
    NameBackwards,
    /// The least recently edited first.
    Updated,
    /// The most recently edited first.
    UpdatedBackwards,
    /// By the host of the site, those without one first.
    Site,
    /// By the host of the site, backwards.
    SiteBackwards,
    /// The oldest password first, those without one before.
    Password,
    /// The newest password first.
    PasswordBackwards,
    /// The longest unused first, those that nobody has used before.
    LastUsed,
    /// The most recently used first.
    LastUsedBackwards,
}

impl Sort {
    /// Whether the order is the natural one of names.
    pub const fn is_by_name(self) -> bool {
        matches!(self, Self::Name | Self::NameBackwards)
    }

    /// Whether the order is one of moments; else it is one of texts.
    pub const fn is_by_time(self) -> bool {
        matches!(self, Self::Updated | Self::UpdatedBackwards | Self::Password | Self::PasswordBackwards)
            || self.is_by_use()
    }

    /// Whether the order is one of last uses, which not everybody may know.
    pub const fn is_by_use(self) -> bool {
        matches!(self, Self::LastUsed | Self::LastUsedBackwards)
    }
}

/// The last credential of the page before: where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPosition {
    /// By what a list of texts has it: its name in search form, or the host of its site.
    pub text: String,
    /// By what a list of moments has it: when it was last edited or used, or when its password last changed.
    pub at: Timestamp,
    /// Its id.
    pub id: CredentialId,
}

impl ListPosition {
    /// The place right after a credential, in a list of that order.
    pub fn after(sort: Sort, row: &CredentialRow) -> Self {
        let text = match sort {
            Sort::Site | Sort::SiteBackwards => row.host().unwrap_or_default(),
            _ => search_key(row.name.as_str()),
        };
        let at = match sort {
            Sort::Password | Sort::PasswordBackwards => row.password_changed_at.unwrap_or(Timestamp::from_micros(0)),
            _ => row.updated_at,
        };
        Self { text, at, id: row.id }
    }

    /// The place right after a credential that was last used then, in a list by last use.
    pub fn after_use(row: &CredentialRow, used_at: Option<Timestamp>) -> Self {
        Self { at: used_at.unwrap_or(Timestamp::from_micros(0)), ..Self::after(Sort::LastUsed, row) }
    }
}

// `$1` search and `$3` site as `like` patterns, `$2` tag, `$4` second factor, `$5` status, `$6` whether granted ones
// only, `$7` person, `$8` now. An address has no letters but ASCII's. The index `credential_list` holds what the first three
// look at, in the order of the list by name.
macro_rules! filter {
    () => {
        "($1 is null or c.search like $1 escape '\\') \
         and ($5 is null or c.status = $5) \
         and ($4 is null or (c.kind is not null) = $4) \
         and ($2 is null or exists (select 1 from credential_tag t where t.tag = $2 and t.credential = c.id)) \
         and ($3 is null or lower(c.site) like $3 escape '\\') \
         and (not $6 or c.id in (select credential from granted))"
    };
}

macro_rules! list {
    ($name:ident, $order:expr, $after:expr) => {
        static $name: Statement = Statement::one(
            concat!("credentials::", stringify!($name)),
            concat!(
                granted!("$7", "$8", ""),
                "select ",
                columns!(),
                " from credential c where ",
                filter!(),
                " and ",
                $after,
                " order by ",
                $order,
                " limit $11"
            ),
        );
    };
}

list!(BY_NAME_UP, "c.name_order, c.id", "($9 is null or (c.name_order, c.id) > ($9, $10))");
list!(BY_NAME_DOWN, "c.name_order desc, c.id desc", "($9 is null or (c.name_order, c.id) < ($9, $10))");
list!(BY_TIME_UP, "c.updated_at, c.id", "($9 is null or (c.updated_at, c.id) > ($9, $10))");
list!(BY_TIME_DOWN, "c.updated_at desc, c.id desc", "($9 is null or (c.updated_at, c.id) < ($9, $10))");

list!(BY_SITE_UP, "coalesce(c.site_host, ''), c.id", "($9 is null or (coalesce(c.site_host, ''), c.id) > ($9, $10))");
list!(
    BY_SITE_DOWN,
    "coalesce(c.site_host, '') desc, c.id desc",
    "($9 is null or (coalesce(c.site_host, ''), c.id) < ($9, $10))"
);
list!(
    BY_PASSWORD_UP,
    "coalesce(c.password_changed_at, 0), c.id",
    "($9 is null or (coalesce(c.password_changed_at, 0), c.id) > ($9, $10))"
);
list!(
    BY_PASSWORD_DOWN,
    "coalesce(c.password_changed_at, 0) desc, c.id desc",
    "($9 is null or (coalesce(c.password_changed_at, 0), c.id) < ($9, $10))"
);

// As far as uses are counted (`audit/uses.rs`).
macro_rules! used_at {
    () => {
        "coalesce((select u.used_at from last_use u where u.thing = c.id), 0)"
    };
}
list!(BY_USE_UP, concat!(used_at!(), ", c.id"), concat!("($9 is null or (", used_at!(), ", c.id) > ($9, $10))"));
list!(
    BY_USE_DOWN,
    concat!(used_at!(), " desc, c.id desc"),
    concat!("($9 is null or (", used_at!(), ", c.id) < ($9, $10))")
);

static COUNT: Statement = Statement::one(
    "credentials::COUNT",
    concat!(granted!("$7", "$8", ""), "select count(*) from credential c where ", filter!()),
);

static ON_TARGET: Statement = Statement::one(
    "credentials::ON_TARGET",
    concat!(
        "select ",
        columns!(),
        " from credential c where c.id in (select t.credential from credential_tag t where t.tag = $1) or c.site_host = $2 \
         order by c.name_order, c.id limit $3"
    ),
);

/// The statements that share their columns or filters, for the test that prepares all.
pub static SHARED: &[&Statement] = &[
    &BY_NAME_UP,
    &BY_NAME_DOWN,
    &BY_TIME_UP,
    &BY_TIME_DOWN,
    &BY_SITE_UP,
    &BY_SITE_DOWN,
    &BY_PASSWORD_UP,
    &BY_PASSWORD_DOWN,
    &BY_USE_UP,
    &BY_USE_DOWN,
    &COUNT,
    &ON_TARGET,
];

/// The credentials with the tag or at the site that a grant is on, by name; none for one that is on a single credential.
pub async fn on_target(db: &mut impl Select, target: &GrantTarget, limit: u32) -> Result<Vec<CredentialRow>, Error> {
    let (tag, site) = match target {
        GrantTarget::Credential(_) => (None, None),
        GrantTarget::Tag(tag) => (Some(tag.as_str()), None),
        GrantTarget::Site(host) => (None, Some(host.as_str())),
    };
    let rows = db.fetch_all(&ON_TARGET, args![tag, site, limit]).await?;
    rows.iter().map(|row| credential(db.keys(), row)).collect()
}

/// One page of a list, at most `limit`, beginning after `after`, with what `person` was granted where `filter` asks for that.
pub async fn list(
    db: &mut impl Select,
    filter: &CredentialFilter,
    (person, now): (UserId, Timestamp),
    sort: Sort,
    after: Option<&ListPosition>,
    limit: u32,
) -> Result<Vec<CredentialRow>, Error> {
    let statement = match sort {
        Sort::Name => &BY_NAME_UP,
        Sort::NameBackwards => &BY_NAME_DOWN,
        Sort::Updated => &BY_TIME_UP,
        Sort::UpdatedBackwards => &BY_TIME_DOWN,
        Sort::Site => &BY_SITE_UP,
        Sort::SiteBackwards => &BY_SITE_DOWN,
        Sort::Password => &BY_PASSWORD_UP,
        Sort::PasswordBackwards => &BY_PASSWORD_DOWN,
        Sort::LastUsed => &BY_USE_UP,
        Sort::LastUsedBackwards => &BY_USE_DOWN,
    };
    let mut values = filter_values(filter, person, now);
    values.push(match (after, sort.is_by_time()) {
        (Some(after), true) => after.at.into(),
        (None, true) => Value::NullInt,
        (Some(after), false) if sort.is_by_name() => order_key(&after.text).into(),
        (after, false) => after.map(|after| after.text.as_str()).into(),
    });
    values.push(after.map(|after| after.id.uuid()).into());
    values.push(limit.into());
    let rows = db.fetch_all(statement, values).await?;
    let mut rows = rows.iter().map(|row| credential(db.keys(), row)).collect::<Result<Vec<_>, _>>()?;
    if filter.granted_only {
        fill(db, person, &mut rows).await?;
    }
    Ok(rows)
}

/// How many credentials pass the filter.
pub async fn count(
    db: &mut impl Select,
    filter: &CredentialFilter,
    (person, now): (UserId, Timestamp),
) -> Result<i64, Error> {
    db.fetch_one(&COUNT, filter_values(filter, person, now)).await?.get(0)
}

fn filter_values(filter: &CredentialFilter, person: UserId, now: Timestamp) -> Vec<Value> {
    args![
        filter.search.as_deref().map(|text| contains(&search_key(text))),
        filter.tag.as_deref(),
        filter.site.as_deref().map(|text| contains(&search_key(text))),
        filter.second_factor,
        filter.status.map(CredentialStatus::name),
        filter.granted_only,
        person.uuid(),
        now,
    ]
    .to_vec()
}

/// Tags and how many credentials have each; only of those granted to `person` at `now` when one is given.
pub async fn tags(
    db: &mut impl Select,
    person: Option<UserId>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(String, i64)>, Error> {
    let rows = db.fetch_all(&TAGS, args![person.map(UserId::uuid), limit, now]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
