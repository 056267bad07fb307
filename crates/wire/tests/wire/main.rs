//! The contract is a snapshot: whoever changes the wire sees it in the diff, and the web app makes its types from it.

mod document;
mod forms;
mod samples;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

#[test]
fn the_schema_is_the_one_that_the_page_was_made_from() {
    compare("schema.json", &countersign_wire::description());
}

/// Holds `now` against a file of this room, or writes the file when that is asked for.
fn compare(file: &str, now: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let now = format!("{now:#}\n");
    if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
        fs::write(&path, &now).expect("the snapshot can be written");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let first_difference = kept.lines().zip(now.lines()).position(|(kept, now)| kept != now);
    assert!(
        kept == now,
        "the wire differs from crates/wire/{file} (first in line {}). If that is meant, renew it with\n\
         UPDATE_SNAPSHOT=1 cargo test -p countersign-wire --test wire\n\
         and make the web app's types anew with `npm run schema` in web/.",
        first_difference.unwrap_or_else(|| kept.lines().count().min(now.lines().count())) + 1
    );
}

/// One form of a tagged union in the schema: its name, its fields, and every name within them.
struct Form {
    name: String,
    fields: BTreeSet<String>,
    /// Fields of fields, and the texts that a field may be.
    within: BTreeSet<String>,
}

/// The forms of a union, which are told apart by the field `tag`.
fn forms_of(union: &str, tag: &str) -> Vec<Form> {
    let schema = countersign_wire::description();
    let forms = schema["components"]["schemas"][union]["oneOf"].as_array().expect("a union").clone();
    forms
        .iter()
        .map(|form| {
            let mut found = Form { name: String::new(), fields: BTreeSet::new(), within: BTreeSet::new() };
            for (field, of) in properties(&schema, form) {
                if field == tag {
                    found.name = of["enum"][0].as_str().expect("a name").to_owned();
                } else {
                    names_within(&schema, &of, &mut found.within);
                    found.fields.insert(field);
                }
            }
            assert!(!found.name.is_empty(), "a form of {union} without {tag}");
            found
        })
        .collect()
}

/// The properties of an object, also where it is put together from others.
fn properties(schema: &Value, of: &Value) -> Vec<(String, Value)> {
    let of = resolved(schema, of);
    let own = of["properties"].as_object().into_iter().flatten().map(|(name, of)| (name.clone(), of.clone()));
    let parts = of["allOf"].as_array().into_iter().flatten().flat_map(|part| properties(schema, part));
    own.chain(parts).collect()
}

fn names_within(schema: &Value, of: &Value, names: &mut BTreeSet<String>) {
    let of = resolved(schema, of);
    names.extend(of["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    for (name, of) in properties(schema, &of) {
        names.insert(name);
        names_within(schema, &of, names);
    }
    for inner in of.get("items").into_iter().chain(of["oneOf"].as_array().into_iter().flatten()) {
        names_within(schema, inner, names);
    }
}

fn resolved(schema: &Value, of: &Value) -> Value {
    let Some(path) = of["$ref"].as_str() else { return of.clone() };
    let found = schema.pointer(path.trim_start_matches('#'));
    found.unwrap_or_else(|| panic!("{path} is not in the schema")).clone()
}
