//! SCIM 2.0 as far as it is only words (RFC 7643, RFC 7644): users and groups as JSON in and out, filters, changes, errors.
//!
//! Pure: no server, no vault. Begin at [`UserInput`] and [`GroupInput`], what an identity provider says of somebody; [`change`] is what its
//! `PATCH` does to a resource, [`Filter`] which resources it asks for. Providers write what the standard has in several ways (operations with
//! capitals, `"False"` for false, values without a path): each is understood here, with a line in a table of tests.
//!
//! May touch: nothing of ours.

mod change;
mod description;
mod error;
mod filter;
mod group;
mod names;
mod path;
mod user;

pub use change::{MAX_OPERATIONS, change};
pub use description::{resource_types, schemas, service_provider_config};
pub use error::{ScimError, ScimType};
pub use filter::Filter;
pub use group::{GroupInput, GroupResource, MAX_GROUP_MEMBERS};
pub use user::{UserInput, UserResource};

/// The schema of users (RFC 7643 §4.1).
pub const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups (RFC 7643 §4.2).
pub const GROUP_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// What a change is written as (RFC 7644 §3.5.2).
pub const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// What a list is answered as (RFC 7644 §3.4.2).
pub const LIST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// So many resources are on a page at the most.
pub const MAX_PAGE: usize = 200;

/// A page of resources (RFC 7644 §3.4.2.4): `start` counts from 1.
pub fn page(all: Vec<serde_json::Value>, start: usize, count: usize) -> serde_json::Value {
    let total = all.len();
    let start = start.max(1);
    let items: Vec<_> = all.into_iter().skip(start - 1).take(count.min(MAX_PAGE)).collect();
    serde_json::json!({
        "schemas": [LIST_SCHEMA],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": items.len(),
        "Resources": items,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn pages_count_from_one() {
        let all: Vec<Value> = (1..=5).map(|number| json!(number)).collect();
        let table =
            [(1, 2, json!([1, 2])), (4, 9, json!([4, 5])), (0, 1, json!([1])), (6, 2, json!([])), (1, 0, json!([]))];
        for (start, count, items) in table {
            let page = super::page(all.clone(), start, count);
            assert_eq!((&page["Resources"], &page["totalResults"]), (&items, &json!(5)), "{start} {count}");
        }
        let many: Vec<Value> = (0..300).map(|number| json!(number)).collect();
        assert_eq!(super::page(many, 1, 1_000)["itemsPerPage"], json!(200));
    }
}
