//! Users as resources (RFC 7643 §4.1).

use serde_json::{Map, Value, json};

use crate::{ScimError, ScimType, USER_SCHEMA, names::name_of};

/// No attribute that is kept is longer.
const LONGEST: usize = 1_000;

/// What a provider says of a user. Attributes beside these are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserInput {
    /// The name with which they sign in.
    pub user_name: String,
    /// What the provider calls them.
    pub external_id: Option<String>,
    /// What people call them.
    pub display_name: Option<String>,
    /// Their given name.
    pub given_name: Option<String>,
    /// Their family name.
    pub family_name: Option<String>,
    /// Where mail reaches them: the primary address, or the first.
    pub email: Option<String>,
    /// Whether they may come in; none where nothing is said of it, which changes nothing: a leaver is let in by a *yes* alone.
    pub active: Option<bool>,
}

/// A user as told to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserResource<'a> {
    /// Our id.
    pub id: &'a str,
    /// What is known of them.
    pub user: &'a UserInput,
    /// When they were made, RFC 3339.
    pub created: &'a str,
    /// When they were last changed.
    pub modified: &'a str,
    /// Their address.
    pub location: &'a str,
}

impl UserInput {
    /// Reads a resource. Names of attributes are taken whatever their case.
    ///
    /// # Errors
    /// [`ScimType::InvalidValue`], [`ScimType::InvalidSyntax`].
    pub fn read(resource: &Value) -> Result<Self, ScimError> {
        let fields = fields_of(resource)?;
        let user_name = text(&fields, "userName")?.filter(|name| !name.trim().is_empty());
        let user_name = user_name.ok_or_else(|| ScimError::new(ScimType::InvalidValue, "userName is missing"))?;
        let name = match fields.get("name") {
            Some(Value::Object(_)) => fields_of(&fields["name"])?,
            Some(Value::Null) | None => Map::new(),
            Some(_) => return Err(ScimError::new(ScimType::InvalidValue, "name has to be an object")),
        };
        Ok(Self {
            user_name,
            external_id: text(&fields, "externalId")?,
            display_name: text(&fields, "displayName")?,
            given_name: text(&name, "givenName")?,
            family_name: text(&name, "familyName")?,
            email: email(&fields)?,
            active: truth(&fields, "active")?,
        })
    }
}

impl UserResource<'_> {
    /// As it is answered.
    pub fn json(&self) -> Value {
        let user = self.user;
        let mut resource = json!({
            "schemas": [USER_SCHEMA],
            "id": self.id,
            "userName": user.user_name,
            "active": user.active.unwrap_or(true),
            "meta": {
                "resourceType": "User",
                "created": self.created,
                "lastModified": self.modified,
                "location": self.location,
            },
        });
        for (name, value) in [("externalId", &user.external_id), ("displayName", &user.display_name)] {
            if let Some(value) = value {
                resource[name] = value.as_str().into();
            }
        }
        for (name, value) in [("givenName", &user.given_name), ("familyName", &user.family_name)] {
            if let Some(value) = value {
                resource["name"][name] = value.as_str().into();
            }
        }
        if let Some(email) = &user.email {
            resource["emails"] = json!([{"value": email, "type": "work", "primary": true}]);
        }
        resource
    }
}

/// The fields of a resource, by their names as they are written.
pub(crate) fn fields_of(resource: &Value) -> Result<Map<String, Value>, ScimError> {
    let fields =
        resource.as_object().ok_or_else(|| ScimError::new(ScimType::InvalidSyntax, "a resource is an object"))?;
    Ok(fields.iter().map(|(name, value)| (name_of(name), value.clone())).collect())
}

/// A text that is kept; an empty one is none.
pub(crate) fn text(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() > LONGEST || text.chars().any(char::is_control) => {
            let problem = format!("{name} has more than {LONGEST} characters, or control characters");
            Err(ScimError::new(ScimType::InvalidValue, problem))
        }
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(ScimError::new(ScimType::InvalidValue, format!("{name} has to be a text"))),
    }
}

/// True or false, also as the texts that some providers send.
fn truth(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, ScimError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(ScimError::new(ScimType::InvalidValue, format!("{name} has to be true or false"))),
    }
}

fn email(fields: &Map<String, Value>) -> Result<Option<String>, ScimError> {
    let Some(list) = fields.get("emails") else { return Ok(None) };
    let wrong = || ScimError::new(ScimType::InvalidValue, "emails has to be a list of objects with value");
    let list = match list {
        Value::Null => return Ok(None),
        Value::Array(list) => list.iter().map(fields_of).collect::<Result<Vec<_>, _>>().map_err(|_| wrong())?,
        _ => return Err(wrong()),
    };
    let is_primary = |item: &&Map<String, Value>| truth(item, "primary").ok().flatten() == Some(true);
    let chosen = list.iter().find(is_primary).or_else(|| list.first());
    chosen.map_or(Ok(None), |item| text(item, "value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_as_providers_write_them() {
        let okta = json!({
            "schemas": [USER_SCHEMA], "userName": "ana@example.org", "externalId": "00u1",
            "name": {"givenName": "Ana", "familyName": "Ruiz"}, "displayName": "Ana Ruiz", "locale": "en-US",
            "emails": [{"value": "other@example.org"}, {"primary": true, "value": "ana@example.org", "type": "work"}],
            "groups": [], "password": "1mz050nq", "active": true,
        });
        let user = UserInput::read(&okta).unwrap();
        assert_eq!((user.user_name.as_str(), user.active), ("ana@example.org", Some(true)));
        assert_eq!((user.email.as_deref(), user.family_name.as_deref()), (Some("ana@example.org"), Some("Ruiz")));
        let told = UserResource { id: "1", user: &user, created: "c", modified: "m", location: "l" };
        assert!(!told.json().to_string().contains("1mz050nq"), "a password is not kept");
        assert_eq!(UserInput::read(&told.json()).unwrap(), user, "what is told is read");

        let entra = json!({"USERNAME": "bob", "active": "False", "name": null, "emails": null, "externalId": ""});
        let user = UserInput::read(&entra).unwrap();
        assert_eq!(user, UserInput { user_name: "bob".to_owned(), active: Some(false), ..UserInput::default() });
        for silent in [json!({"userName": "a"}), json!({"userName": "a", "active": null})] {
            assert_eq!(UserInput::read(&silent).unwrap().active, None, "{silent}");
        }
        for wrong in [
            json!([]),
            json!({}),
            json!({"userName": " "}),
            json!({"userName": 7}),
            json!({"userName": "a", "active": "perhaps"}),
            json!({"userName": "a", "emails": "a@example.org"}),
            json!({"userName": "a", "name": "Ana"}),
            json!({"userName": "a\u{0}b"}),
            json!({"userName": "a", "displayName": "x".repeat(2_000)}),
        ] {
            assert!(UserInput::read(&wrong).is_err(), "{wrong}");
        }
    }
}
