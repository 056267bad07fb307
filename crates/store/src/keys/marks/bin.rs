//! The marked rows of credentials that were removed and can be restored.

use super::{
    rows::{with_grant, with_removed},
    table::Table,
};
use crate::statements;

statements! {
    REMOVED = "select id, mark, name, username, site, status, tags, counter, settings, redirected_at, removed_at, removed_by, \
               deleted_at from removed_credential";
    MARK_REMOVED = "update removed_credential set mark = $2 where id = $1";
    REMARK_REMOVED = "update removed_credential set mark = $3 where id = $1 and mark = $2";
    REMOVED_GRANTS = "select id, mark, person, grp, credential, cast(null as text), cast(null as text), token, reveal, session, \
                      extras, change, edit, share, audit, conditions, transfer from removed_grant";
    MARK_REMOVED_GRANT = "update removed_grant set mark = $2 where id = $1";
    REMARK_REMOVED_GRANT = "update removed_grant set mark = $3 where id = $1 and mark = $2";
}

/// As [`super::tables`] has the others.
pub(super) static BIN: &[Table] = &[
    Table {
        what: "removed credential",
        all: &REMOVED,
        set: &MARK_REMOVED,
        again: &REMARK_REMOVED,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_removed(row),
    },
    Table {
        what: "grant on a removed credential",
        all: &REMOVED_GRANTS,
        set: &MARK_REMOVED_GRANT,
        again: &REMARK_REMOVED_GRANT,
        bearer: None,
        find: |_| Ok(Vec::new()),
        marked: |row, _| with_grant(row, |grant| grant.row()),
    },
];
