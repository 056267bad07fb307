//! Paths of attributes, as changes and filters name them (RFC 7644 §3.5.2, §3.10).

use crate::{
    Filter, ScimError, ScimType,
    names::{is_name, name_of, without_schema},
};

/// `attribute`, `attribute.part`, `attribute[filter]` or `attribute[filter].part`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) attribute: String,
    pub(crate) filter: Option<Filter>,
    pub(crate) part: Option<String>,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Result<Self, ScimError> {
        let wrong = || {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
            ScimError::new(ScimType::InvalidPath, format!("\"{shown}\" is no path that is known here"))
        };
        let plain = without_schema(text.trim());
        let (head, filter, rest) = match plain.split_once('[') {
            Some((head, rest)) => {
                let (inside, rest) = rest.rsplit_once(']').ok_or_else(wrong)?;
                (head, Some(Filter::parse(inside).map_err(|_| wrong())?), rest)
            }
            None => match plain.split_once('.') {
                Some((head, part)) => return Self::of(head, None, Some(part)).ok_or_else(wrong),
                None => (plain, None, ""),
            },
        };
        let part = match rest {
            "" => None,
            _ => Some(rest.strip_prefix('.').ok_or_else(wrong)?),
        };
        Self::of(head, filter, part).ok_or_else(wrong)
    }

    fn of(head: &str, filter: Option<Filter>, part: Option<&str>) -> Option<Self> {
        let fits = is_name(head) && part.is_none_or(is_name);
        fits.then(|| Self { attribute: name_of(head), filter, part: part.map(name_of) })
    }
}
