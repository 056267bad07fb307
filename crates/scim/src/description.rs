//! What the service says of itself (RFC 7643 §5 to §7).

use serde_json::{Value, json};

use crate::{GROUP_SCHEMA, MAX_PAGE, USER_SCHEMA};

/// What it can do.
pub fn service_provider_config() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": MAX_PAGE},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": false},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The provisioning token that an administrator creates under Settings, Provisioning.",
            "primary": true,
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": "ServiceProviderConfig"},
    })
}

/// Which resources there are.
pub fn resource_types() -> Vec<Value> {
    [("User", "/Users", USER_SCHEMA), ("Group", "/Groups", GROUP_SCHEMA)]
        .into_iter()
        .map(|(name, endpoint, schema)| {
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": name,
                "name": name,
                "endpoint": endpoint,
                "schema": schema,
                "meta": {"resourceType": "ResourceType", "location": format!("ResourceTypes/{name}")},
            })
        })
        .collect()
}

/// Their attributes.
pub fn schemas() -> Vec<Value> {
    let user = json!([
        attribute("userName", "string", (true, "server")),
        attribute("externalId", "string", (false, "none")),
        attribute("displayName", "string", (false, "none")),
        attribute("active", "boolean", (false, "none")),
        with_parts("name", false, &["givenName", "familyName"]),
        with_parts("emails", true, &["value", "type"]),
    ]);
    let group = json!([
        attribute("displayName", "string", (true, "server")),
        attribute("externalId", "string", (false, "none")),
        with_parts("members", true, &["value", "display"]),
    ]);
    [(USER_SCHEMA, "User", user), (GROUP_SCHEMA, "Group", group)]
        .into_iter()
        .map(|(id, name, attributes)| {
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
                "id": id,
                "name": name,
                "attributes": attributes,
                "meta": {"resourceType": "Schema", "location": format!("Schemas/{id}")},
            })
        })
        .collect()
}

fn attribute(name: &str, kind: &str, (required, uniqueness): (bool, &str)) -> Value {
    json!({
        "name": name,
        "type": kind,
        "multiValued": false,
        "required": required,
        "caseExact": name == "externalId",
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": uniqueness,
    })
}

fn with_parts(name: &str, several: bool, parts: &[&str]) -> Value {
    let mut made = attribute(name, "complex", (false, "none"));
    made["multiValued"] = several.into();
    made["subAttributes"] = parts.iter().map(|part| attribute(part, "string", (false, "none"))).collect();
    made
}
