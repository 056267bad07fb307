//! `docs/socket.md` says what there is: each message and event with its fields, each closing code, and nothing else.

use std::{collections::BTreeSet, fs, path::Path};

use countersign_wire::CloseCode;

use crate::{Form, forms_of};

const TABLES: [(&str, &str, &str); 3] = [
    ("## From the server", "ServerMessage", "t"),
    ("## From the page", "ClientMessage", "t"),
    ("## In a recording", "RecordingEvent", "kind"),
];

#[test]
fn the_document_names_every_form_and_field_and_nothing_that_does_not_exist() {
    let text = document();
    for (section, union, tag) in TABLES {
        let forms = forms_of(union, tag);
        let mut told = BTreeSet::new();
        for (names, fields) in rows(&text, section) {
            let here: Vec<&Form> = names.iter().map(|name| form(&forms, name, section)).collect();
            for form in &here {
                assert!(told.insert(form.name.clone()), "{section}: `{}` stands twice", form.name);
                let missing: Vec<&String> = form.fields.difference(&fields).collect();
                assert!(missing.is_empty(), "{section}: `{}` has {missing:?}, which its row does not name", form.name);
            }
            for field in &fields {
                let known = here.iter().any(|form| form.fields.contains(field) || form.within.contains(field));
                assert!(known, "{section}: {names:?} have no `{field}`");
            }
        }
        let untold: Vec<&str> = forms.iter().map(|form| &*form.name).filter(|name| !told.contains(*name)).collect();
        assert!(untold.is_empty(), "{section} says nothing of {untold:?}");
    }
}

#[test]
fn the_document_names_every_closing_code() {
    let text = document();
    let (_, closing) = text.split_once("Closing codes:").expect("a paragraph about closing codes");
    let closing = closing.split("\n\n").next().unwrap_or_default();
    let told: Vec<u16> =
        closing.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
    assert_eq!(told, CloseCode::ALL.map(CloseCode::number));
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/socket.md");
    fs::read_to_string(path).expect("docs/socket.md")
}

/// The rows of a section's table: the names in the first column, and every name between backticks in the others.
fn rows(text: &str, section: &str) -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let (_, rest) = text.split_once(&format!("{section}\n")).unwrap_or_else(|| panic!("no section {section}"));
    let section = rest.split("\n## ").next().unwrap_or_default();
    // The first row is the head.
    let rows = section.lines().filter(|line| line.starts_with("| `")).skip(1);
    let rows: Vec<_> = rows
        .map(|row| {
            let (first, others) = row.trim_matches('|').split_once('|').expect("two columns");
            (names(first), names(others))
        })
        .collect();
    assert!(rows.len() > 5, "a table");
    rows
}

/// The names between backticks.
fn names(text: &str) -> BTreeSet<String> {
    let code = text.split('`').skip(1).step_by(2);
    let words = code.flat_map(|code| code.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_'));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn form<'a>(forms: &'a [Form], name: &str, section: &str) -> &'a Form {
    forms.iter().find(|form| form.name == name).unwrap_or_else(|| panic!("{section}: there is no `{name}`"))
}
