//! By what a list of credentials is sorted, as it is asked for.

use countersign_vault::Sort;

use crate::Problem;

const SORTS: [(&str, Sort); 10] = [
    ("name", Sort::Name),
    ("-name", Sort::NameBackwards),
    ("updated", Sort::Updated),
    ("-updated", Sort::UpdatedBackwards),
    ("site", Sort::Site),
    ("-site", Sort::SiteBackwards),
    ("password_changed", Sort::Password),
    ("-password_changed", Sort::PasswordBackwards),
    ("last_used", Sort::LastUsed),
    ("-last_used", Sort::LastUsedBackwards),
];

/// By name where nothing is asked for.
pub(super) fn sort_of(asked: Option<&str>) -> Result<Sort, Problem> {
    let asked = asked.unwrap_or("name");
    let known = SORTS.iter().find(|(name, _)| *name == asked).map(|(_, sort)| *sort);
    known.ok_or_else(|| Problem::invalid("sort", format!("is none of {}", SORTS.map(|(name, _)| name).join(", "))))
}
