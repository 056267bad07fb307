//! What a `PATCH` does to a resource (RFC 7644 §3.5.2), as Okta and Entra write it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::{
    Filter, PATCH_SCHEMA, ScimError, ScimType,
    filter::Operator,
    group::MAX_GROUP_MEMBERS,
    names::{is_name, name_of, without_schema},
    path::Path,
};

/// So many operations are in one `PATCH` at the most.
pub const MAX_OPERATIONS: usize = 100;

/// So many values stand in one list at the most, and in one operation.
const MAX_VALUES: usize = MAX_GROUP_MEMBERS;

/// What several values are told apart by; `members` without a type.
const LISTS: [&str; 2] = ["emails", "members"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Add,
    Replace,
    Remove,
}

/// Does to a resource what a `PATCH` body says: all of it, or none.
///
/// # Errors
/// [`ScimError`] names what cannot be read or done.
pub fn change(resource: &Value, body: &Value) -> Result<Value, ScimError> {
    let is_patch = |schema: &Value| schema.as_str().is_some_and(|text| text.eq_ignore_ascii_case(PATCH_SCHEMA));
    let schemas = body.get("schemas").and_then(Value::as_array);
    if !schemas.is_some_and(|schemas| schemas.iter().any(is_patch)) {
        return Err(ScimError::new(ScimType::InvalidSyntax, format!("schemas has to hold {PATCH_SCHEMA}")));
    }
    let operations = field(body, "Operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| ScimError::new(ScimType::InvalidSyntax, "Operations is no list"))?;
    if operations.len() > MAX_OPERATIONS {
        let text = format!("at most {MAX_OPERATIONS} operations in one request");
        return Err(ScimError { status: 413, ..ScimError::new(ScimType::TooMany, text) });
    }
    let mut changed = resource.clone();
    for operation in operations {
        let kind = match field(operation, "op").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
            Some("add") => Kind::Add,
            Some("replace") => Kind::Replace,
            Some("remove") => Kind::Remove,
            _ => return Err(ScimError::new(ScimType::InvalidSyntax, "op has to be add, replace or remove")),
        };
        let path = field(operation, "path").and_then(Value::as_str).filter(|path| !path.trim().is_empty());
        let value = field(operation, "value").unwrap_or(&Value::Null);
        match path {
            Some(path) => apply(&mut changed, kind, &Path::parse(path)?, value)?,
            None => without_path(&mut changed, kind, value)?,
        }
    }
    Ok(changed)
}

/// A field, whatever the case of its name.
fn field<'a>(object: &'a Value, wanted: &str) -> Option<&'a Value> {
    let mut fields = object.as_object()?.iter();
    fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// Names and values at once; a name may be a path itself, as Entra writes it.
fn without_path(resource: &mut Value, kind: Kind, value: &Value) -> Result<(), ScimError> {
    if kind == Kind::Remove {
        return Err(ScimError::new(ScimType::NoTarget, "remove needs a path"));
    }
    let Some(fields) = value.as_object() else {
        return Err(ScimError::new(ScimType::InvalidValue, "without a path, value has to be an object"));
    };
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        // What another schema brings is not kept.
        if without_schema(name).contains(':') {
            continue;
        }
        apply(resource, kind, &Path::parse(name)?, value)?;
    }
    Ok(())
}

fn apply(resource: &mut Value, kind: Kind, path: &Path, value: &Value) -> Result<(), ScimError> {
    if matches!(path.attribute.as_str(), "id" | "meta" | "schemas") {
        // Okta sends the id with every replacement; the same is no change.
        if kind == Kind::Replace && resource.get(&path.attribute) == Some(value) {
            return Ok(());
        }
        return Err(ScimError::new(ScimType::Mutability, format!("{} cannot be changed", path.attribute)));
    }
    let Some(fields) = resource.as_object_mut() else {
        return Err(ScimError::new(ScimType::InvalidSyntax, "the resource is no object"));
    };
    if LISTS.contains(&path.attribute.as_str()) {
        return in_list(fields, kind, path, value);
    }
    if path.filter.is_some() {
        return Err(ScimError::new(ScimType::InvalidPath, format!("{} has no several values", path.attribute)));
    }
    match (&path.part, kind) {
        (None, Kind::Remove) => drop(fields.remove(&path.attribute)),
        (None, _) => match (fields.get_mut(&path.attribute), value) {
            // Of a value with parts, those that are not named stay.
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(named(more)),
            _ => drop(fields.insert(path.attribute.clone(), with_names(value))),
        },
        (Some(part), Kind::Remove) => {
            if let Some(Value::Object(there)) = fields.get_mut(&path.attribute) {
                there.remove(part);
            }
        }
        (Some(part), _) => {
            let there = fields.entry(path.attribute.clone()).or_insert_with(|| json!({}));
            let Some(there) = there.as_object_mut() else {
                return Err(ScimError::new(ScimType::InvalidPath, format!("{} has no parts", path.attribute)));
            };
            there.insert(part.clone(), value.clone());
        }
    }
    Ok(())
}

/// Names of parts as they are written.
fn named(fields: &Map<String, Value>) -> impl Iterator<Item = (String, Value)> + '_ {
    fields.iter().filter(|(name, _)| is_name(name)).map(|(name, value)| (name_of(name), value.clone()))
}

fn with_names(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(named(fields).collect()),
        Value::Array(items) => Value::Array(items.iter().map(with_names).collect()),
        other => other.clone(),
    }
}

/// One or several values, each as an object.
fn items(value: &Value) -> Result<Vec<Value>, ScimError> {
    let one = |value: &Value| match value {
        Value::Object(_) => Ok(with_names(value)),
        Value::String(text) => Ok(json!({"value": text})),
        _ => Err(ScimError::new(ScimType::InvalidValue, "a value of several has to be an object with value")),
    };
    match value {
        Value::Array(items) if items.len() > MAX_VALUES => Err(too_many()),
        Value::Array(items) => items.iter().map(one).collect(),
        Value::Null => Ok(Vec::new()),
        other => one(other).map(|item| vec![item]),
    }
}

fn too_many() -> ScimError {
    let text = format!("at most {MAX_VALUES} values in one list and in one operation");
    ScimError { status: 413, ..ScimError::new(ScimType::TooMany, text) }
}

/// By what values are the same.
fn values(items: &[Value]) -> HashSet<&Value> {
    items.iter().filter_map(|item| item.get("value")).collect()
}

fn in_list(fields: &mut Map<String, Value>, kind: Kind, path: &Path, value: &Value) -> Result<(), ScimError> {
    let there = fields.entry(path.attribute.clone()).or_insert_with(|| json!([]));
    let Some(there) = there.as_array_mut() else {
        return Err(ScimError::new(ScimType::InvalidPath, format!("{} has no several values", path.attribute)));
    };
    match (&path.filter, &path.part, kind) {
        (None, Some(_), _) => {
            Err(ScimError::new(ScimType::InvalidPath, format!("say which of {} by a filter", path.attribute)))
        }
        (None, None, Kind::Remove) => {
            // Entra names whom to remove in the value.
            let gone = items(value)?;
            let gone = values(&gone);
            there.retain(|item| !value.is_null() && !item.get("value").is_some_and(|value| gone.contains(value)));
            Ok(())
        }
        (None, None, Kind::Replace) => {
            *there = items(value)?;
            Ok(())
        }
        (None, None, Kind::Add) => {
            let more = items(value)?;
            let mut known = values(there).into_iter().cloned().collect::<HashSet<_>>();
            there.extend(
                more.into_iter().filter(|item| item.get("value").is_none_or(|value| known.insert(value.clone()))),
            );
            if there.len() > MAX_VALUES { Err(too_many()) } else { Ok(()) }
        }
        (Some(filter), None, Kind::Remove) => {
            there.retain(|item| !filter.matches(item));
            Ok(())
        }
        (Some(filter), part, _) => in_some(there, kind, (filter, part.as_deref()), value),
    }
}

/// Those of several values that pass a filter; where none does, one is made that would, as Entra counts on.
fn in_some(
    there: &mut Vec<Value>,
    kind: Kind,
    (filter, part): (&Filter, Option<&str>),
    value: &Value,
) -> Result<(), ScimError> {
    if kind == Kind::Remove {
        for item in there.iter_mut().filter(|item| filter.matches(item)) {
            if let (Some(fields), Some(part)) = (item.as_object_mut(), part) {
                fields.remove(part);
            }
        }
        return Ok(());
    }
    if !there.iter().any(|item| filter.matches(item)) {
        let Filter::Is { attribute, operator: Operator::Eq, value } = filter else {
            return Err(ScimError::new(ScimType::NoTarget, "the path's filter finds nothing"));
        };
        if there.len() >= MAX_VALUES {
            return Err(too_many());
        }
        there.push(json!({attribute: value}));
    }
    for item in there.iter_mut().filter(|item| filter.matches(item)) {
        match (part, item.as_object_mut(), value) {
            (Some(part), Some(fields), value) => drop(fields.insert(part.to_owned(), value.clone())),
            (None, Some(fields), Value::Object(more)) => fields.extend(named(more)),
            _ => return Err(ScimError::new(ScimType::InvalidValue, "the value has to be an object")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(operations: &Value) -> Value {
        json!({"schemas": [PATCH_SCHEMA], "Operations": operations})
    }

    /// What is changed, by which operations, and what then stands where.
    type Case = (Value, Value, &'static str, Value);

    fn user() -> Value {
        json!({"id": "1", "userName": "ana", "active": true, "name": {"givenName": "Ana"},
            "emails": [{"value": "a@example.org", "type": "work", "primary": true}]})
    }

    fn group() -> Value {
        json!({"id": "g", "displayName": "Staff", "members": [{"value": "1"}, {"value": "2"}]})
    }

    fn all_come_out(table: Vec<Case>) {
        for (resource, operations, place, wanted) in table {
            let changed =
                change(&resource, &patch(&operations)).unwrap_or_else(|error| panic!("{operations}: {error}"));
            assert_eq!(changed.pointer(place), Some(&wanted), "{operations}");
        }
    }

    #[test]
    fn okta_writes_changes_in_its_own_way() {
        all_come_out(vec![
            (user(), json!([{"op": "replace", "value": {"active": false}}]), "/active", json!(false)),
            (user(), json!([{"op": "replace", "value": {"id": "1", "userName": "eva"}}]), "/userName", json!("eva")),
            (
                group(),
                json!([{"op": "add", "path": "members", "value": [{"value": "3", "display": "c"}]}]),
                "/members/2/value",
                json!("3"),
            ),
            (
                group(),
                json!([{"op": "add", "path": "members", "value": [{"value": "2"}]}]),
                "/members",
                json!([{"value": "1"}, {"value": "2"}]),
            ),
            (
                group(),
                json!([{"op": "remove", "path": "members[value eq \"1\"]"}]),
                "/members",
                json!([{"value": "2"}]),
            ),
            (
                group(),
                json!([{"op": "replace", "value": {"id": "g", "displayName": "All"}}]),
                "/displayName",
                json!("All"),
            ),
            (group(), json!([{"op": "replace", "path": "members", "value": []}]), "/members", json!([])),
        ]);
    }

    #[test]
    fn entra_writes_changes_in_its_own_way() {
        let core = "urn:ietf:params:scim:schemas:core:2.0:User";
        all_come_out(vec![
            (user(), json!([{"op": "Replace", "path": "active", "value": "False"}]), "/active", json!("False")),
            (
                user(),
                json!([{"op": "Replace", "value": {"name.familyName": "Ruiz", "active": true}}]),
                "/name/familyName",
                json!("Ruiz"),
            ),
            (
                user(),
                json!([{"op": "Add", "path": "name.familyName", "value": "Ruiz"}]),
                "/name",
                json!({"givenName": "Ana", "familyName": "Ruiz"}),
            ),
            (
                user(),
                json!([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "b@example.org"}]),
                "/emails/0/value",
                json!("b@example.org"),
            ),
            (
                user(),
                json!([{"op": "Add", "path": "emails[type eq \"home\"].value", "value": "h@example.org"}]),
                "/emails/1",
                json!({"type": "home", "value": "h@example.org"}),
            ),
            (
                user(),
                json!([{"op": "Replace", "path": format!("{core}:userName"), "value": "eva"}]),
                "/userName",
                json!("eva"),
            ),
            (
                group(),
                json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "2"}]}]),
                "/members",
                json!([{"value": "1"}]),
            ),
            (
                group(),
                json!([{"op": "Add", "path": "MEMBERS", "value": {"value": "9"}}]),
                "/members/2/value",
                json!("9"),
            ),
            (group(), json!([{"op": "remove", "path": "members"}]), "/members", json!([])),
            (user(), json!([{"op": "remove", "path": "name.givenName"}]), "/name", json!({})),
            (user(), json!([{"op": "remove", "path": "displayName"}]), "/active", json!(true)),
            (user(), json!([]), "/userName", json!("ana")),
        ]);
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let user = json!({"id": "1", "userName": "ana", "emails": []});
        let table = [
            (json!([{"op": "move", "path": "active"}]), ScimType::InvalidSyntax),
            (json!([{"path": "active", "value": true}]), ScimType::InvalidSyntax),
            (json!([{"op": "replace", "path": "id", "value": "2"}]), ScimType::Mutability),
            (json!([{"op": "replace", "path": "a b", "value": "2"}]), ScimType::InvalidPath),
            (json!([{"op": "replace", "path": "emails[type eq", "value": "2"}]), ScimType::InvalidPath),
            (json!([{"op": "replace", "path": "emails[type co \"w\"].value", "value": "2"}]), ScimType::NoTarget),
            (json!([{"op": "replace", "path": "userName[value eq \"a\"]", "value": "2"}]), ScimType::InvalidPath),
            (json!([{"op": "replace", "path": "userName.x", "value": "2"}]), ScimType::InvalidPath),
            (json!([{"op": "add", "path": "members", "value": [7]}]), ScimType::InvalidValue),
            (json!([{"op": "remove"}]), ScimType::NoTarget),
            (json!([{"op": "add", "value": "x"}]), ScimType::InvalidValue),
            (json!("x"), ScimType::InvalidSyntax),
        ];
        for (operations, kind) in table {
            let error = change(&user, &patch(&operations)).unwrap_err();
            assert_eq!(error.kind, Some(kind), "{operations}: {error}");
        }
        let many = vec![json!({"op": "add", "path": "active", "value": true}); MAX_OPERATIONS + 1];
        assert_eq!(change(&user, &patch(&json!(many))).unwrap_err().status, 413);
        assert!(change(&user, &json!({"Operations": []})).is_err(), "no schema");
    }

    #[test]
    fn lists_stay_short_whatever_is_sent() {
        let member = |number: usize| json!({"value": number.to_string()});
        let full: Vec<Value> = (0..MAX_VALUES).map(member).collect();
        let add = |value: &Value| json!({"op": "add", "path": "members", "value": value});
        let filled = change(&group(), &patch(&json!([add(&json!(full))]))).unwrap();
        assert_eq!(filled["members"].as_array().unwrap().len(), MAX_VALUES, "two of them were there");
        let again = change(&filled, &patch(&json!(vec![add(&json!(full)); MAX_OPERATIONS]))).unwrap();
        assert_eq!(again, filled);
        let more = json!([{"op": "add", "path": "members[type eq \"x\"].value", "value": "1"}]);
        for (resource, operations) in [
            (&filled, json!([add(&json!([{"value": "one more"}]))])),
            (&filled, more),
            (&group(), json!([add(&json!((0..=MAX_VALUES).map(member).collect::<Vec<_>>()))])),
            (
                &group(),
                json!([{"op": "remove", "path": "members", "value": (0..=MAX_VALUES).map(member).collect::<Vec<_>>()}]),
            ),
        ] {
            let error = change(resource, &patch(&operations)).unwrap_err();
            assert_eq!((error.status, error.kind), (413, Some(ScimType::TooMany)));
        }
    }
}
