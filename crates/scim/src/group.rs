//! Groups as resources (RFC 7643 §4.2).

use serde_json::{Value, json};

use crate::{
    GROUP_SCHEMA, ScimError, ScimType,
    user::{fields_of, text},
};

/// So many are in a group at the most.
pub const MAX_GROUP_MEMBERS: usize = 1_000;

/// What a provider says of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupInput {
    /// What it is called.
    pub display_name: String,
    /// What the provider calls it.
    pub external_id: Option<String>,
    /// Who is in it, by our ids, each once.
    pub members: Vec<String>,
}

/// A group as told to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupResource<'a> {
    /// Our id.
    pub id: &'a str,
    /// What it is called.
    pub display_name: &'a str,
    /// What the provider calls it.
    pub external_id: Option<&'a str>,
    /// Who is in it: ids and names.
    pub members: &'a [(String, String)],
    /// When it was made, RFC 3339.
    pub created: &'a str,
    /// Its address.
    pub location: &'a str,
}

impl GroupInput {
    /// Reads a resource.
    ///
    /// # Errors
    /// [`ScimType::InvalidValue`], [`ScimType::InvalidSyntax`], [`ScimType::TooMany`].
    pub fn read(resource: &Value) -> Result<Self, ScimError> {
        let fields = fields_of(resource)?;
        let display_name = text(&fields, "displayName")?.filter(|name| !name.trim().is_empty());
        let display_name =
            display_name.ok_or_else(|| ScimError::new(ScimType::InvalidValue, "displayName is missing"))?;
        let wrong = || ScimError::new(ScimType::InvalidValue, "members has to be a list of objects with value");
        let mut members: Vec<String> = Vec::new();
        match fields.get("members") {
            None | Some(Value::Null) => {}
            Some(Value::Array(list)) if list.len() > 2 * MAX_GROUP_MEMBERS => return Err(too_many()),
            Some(Value::Array(list)) => {
                for item in list {
                    let member = text(&fields_of(item).map_err(|_| wrong())?, "value")?.ok_or_else(wrong)?;
                    if !members.contains(&member) {
                        members.push(member);
                    }
                }
            }
            Some(_) => return Err(wrong()),
        }
        if members.len() > MAX_GROUP_MEMBERS {
            return Err(too_many());
        }
        Ok(Self { display_name, external_id: text(&fields, "externalId")?, members })
    }
}

fn too_many() -> ScimError {
    ScimError::new(ScimType::TooMany, format!("at most {MAX_GROUP_MEMBERS} members in a group"))
}

impl GroupResource<'_> {
    /// As it is answered; without its members where they were not asked for.
    pub fn json(&self, with_members: bool) -> Value {
        let mut resource = json!({
            "schemas": [GROUP_SCHEMA],
            "id": self.id,
            "displayName": self.display_name,
            "meta": {"resourceType": "Group", "created": self.created, "location": self.location},
        });
        if let Some(external) = self.external_id {
            resource["externalId"] = external.into();
        }
        if with_members {
            let member = |(id, name): &(String, String)| json!({"value": id, "display": name, "type": "User"});
            resource["members"] = self.members.iter().map(member).collect();
        }
        resource
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_they_are_told() {
        let members = [("1".to_owned(), "ana".to_owned()), ("2".to_owned(), "bob".to_owned())];
        let told = GroupResource {
            id: "g",
            display_name: "Staff",
            external_id: Some("x"),
            members: &members,
            created: "c",
            location: "l",
        };
        let read = GroupInput::read(&told.json(true)).unwrap();
        assert_eq!(read.members, ["1", "2"]);
        assert_eq!((read.display_name.as_str(), read.external_id.as_deref()), ("Staff", Some("x")));
        assert!(told.json(false).get("members").is_none());
        let twice = json!({"displayName": "S", "members": [{"value": "1"}, {"value": "1"}]});
        assert_eq!(GroupInput::read(&twice).unwrap().members, ["1"]);
        let many: Vec<Value> = (0..=MAX_GROUP_MEMBERS).map(|number| json!({"value": number.to_string()})).collect();
        for wrong in [
            json!({}),
            json!({"displayName": ""}),
            json!({"displayName": "S", "members": "1"}),
            json!({"displayName": "S", "members": [{}]}),
            json!({"displayName": "S", "members": many}),
        ] {
            assert!(GroupInput::read(&wrong).is_err());
        }
    }
}
