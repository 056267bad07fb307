//! Within a room, too, nothing goes round in a circle: a file that uses another is not used by it, over however many others.
//!
//! Read from the sources: which files a `crate::` or `super::` path leads to. A file that only lists and re-exports what lies
//! in its folder is seen through.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Files of a room by their module's path, such as `page/input`, each with those that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn files_of_a_room_do_not_use_each_other_in_circles() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for room in fs::read_dir(crates).expect("the rooms").flatten() {
        let found = circles(&uses_of(&room.path().join("src")));
        let name = room.file_name().to_string_lossy().into_owned();
        assert!(found.is_empty(), "these files of {name} use each other in circles: {found:?}");
    }
}

fn uses_of(source: &Path) -> Uses {
    let mut texts = BTreeMap::new();
    read(source, "", &mut texts);
    let exported = texts.iter().map(|(module, text)| (module.clone(), re_exports(module, text, &texts))).collect();
    let mut uses = Uses::new();
    for (module, text) in &texts {
        let mine = uses.entry(module.clone()).or_default();
        for path in paths(text) {
            let used = lead(module, &path, &texts, &exported);
            mine.extend(used.filter(|used| used != module));
        }
    }
    uses
}

/// The sources by module path, without comments and without their tests.
fn read(folder: &Path, module: &str, texts: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let inner = if module.is_empty() { name.clone() } else { format!("{module}/{name}") };
        if path.is_dir() {
            read(&path, &inner, texts);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).expect("readable");
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
            let of = if matches!(name.as_str(), "lib" | "main" | "mod") { module.to_owned() } else { inner };
            texts.insert(of, lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// Every path that begins with `crate`, `super` or `self`, those in braces each by itself.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for head in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(head) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':') {
                continue;
            }
            branch(&text[at..], Vec::new(), &mut found);
        }
    }
    found
}

/// Reads one path, or a tree of them, from the beginning of a text. Gives what it took.
fn branch(text: &str, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if let Some(inner) = rest.strip_prefix('{') {
            let mut inside = 1;
            while let Some(letter) = inner[inside - 1..].chars().next() {
                if letter == '}' {
                    break;
                }
                let taken = if letter.is_alphanumeric() || letter == '_' {
                    branch(&inner[inside - 1..], path.clone(), found)
                } else {
                    letter.len_utf8()
                };
                inside += taken;
            }
            return at + inside + 1;
        }
        let word: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        at += word.len();
        if !word.is_empty() {
            path.push(word);
        }
        if !text[at..].starts_with("::") {
            found.push(path);
            return at.max(1);
        }
        at += 2;
    }
}

/// By module, what it gives out under its own name, with the path of what that is.
type Exports = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// What a module gives out of what lies in its folder.
fn re_exports(module: &str, text: &str, texts: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let mut exported = BTreeMap::new();
    for statement in text.split(';').map(str::trim) {
        let Some((_, tree)) = statement.rsplit_once("use ").filter(|(head, _)| head.trim_start().starts_with("pub"))
        else {
            continue;
        };
        let mut found = Vec::new();
        branch(tree, Vec::new(), &mut found);
        for path in found {
            let path: Vec<String> = path.into_iter().filter(|part| part != "self").collect();
            let mut whole = parts(module);
            whole.extend(path.iter().cloned());
            if let Some(name) =
                path.last().filter(|_| path.len() > 1 && texts.contains_key(&whole[..=parts(module).len()].join("/")))
            {
                exported.insert(name.clone(), whole);
            }
        }
    }
    exported
}

fn parts(module: &str) -> Vec<String> {
    module.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The file that a path leads to.
fn lead<'a>(
    module: &str,
    path: &[String],
    texts: &'a BTreeMap<String, String>,
    exported: &Exports,
) -> impl Iterator<Item = String> + use<'a> {
    let mut at = parts(module);
    let mut rest = path.iter().peekable();
    if rest.next_if(|part| *part == "crate").is_some() {
        at.clear();
    } else {
        rest.next_if(|part| *part == "self");
        while rest.next_if(|part| *part == "super").is_some() {
            at.pop();
        }
    }
    for part in rest {
        at.push(part.clone());
        if texts.contains_key(&at.join("/")) {
            continue;
        }
        // Not a file: something of the file before, or of a file that it re-exports from.
        at.pop();
        let mut name = part.clone();
        while let Some(whole) = exported.get(&at.join("/")).and_then(|names| names.get(&name)) {
            at.clone_from(whole);
            while !at.is_empty() && !texts.contains_key(&at.join("/")) {
                name = at.pop().unwrap_or_default();
            }
        }
        break;
    }
    Some(at.join("/")).filter(|file| !file.is_empty() && texts.contains_key(file)).into_iter()
}

/// Groups of files that reach each other.
fn circles(uses: &Uses) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&String, BTreeSet<String>> = uses.keys().map(|file| (file, reached(file, uses))).collect();
    let mut groups: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for (file, reached) in &reach {
        let group: BTreeSet<String> = reached.iter().filter(|other| reach[other].contains(*file)).cloned().collect();
        if group.len() > 1 {
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

fn reached(from: &str, uses: &Uses) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(file) = open.pop() {
        for next in uses.get(&file).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn a_circle_is_seen() {
    let file = |uses: &[&str]| uses.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>();
    let uses = Uses::from([
        ("a".to_owned(), file(&["b"])),
        ("b".to_owned(), file(&["c"])),
        ("c".to_owned(), file(&["a", "d"])),
        ("d".to_owned(), file(&[])),
    ]);
    assert_eq!(circles(&uses), [file(&["a", "b", "c"])]);
    let text = "use crate::{a::{One, deep::Two}, b};\nfn f() { super::c::call() }";
    let folder = BTreeMap::from([
        (String::new(), "pub use a::Deep;".to_owned()),
        ("a".to_owned(), "pub(crate) use inner::{Deep, self};".to_owned()),
        ("a/inner".to_owned(), "use crate::b::call;".to_owned()),
        ("b".to_owned(), "use crate::a::Deep;".to_owned()),
    ]);
    let exported = folder.iter().map(|(module, text)| (module.clone(), re_exports(module, text, &folder))).collect();
    let leads = |path: &[&str]| {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        lead("b", &path, &folder, &exported).collect::<Vec<_>>()
    };
    assert_eq!(leads(&["crate", "a", "Deep"]), ["a/inner"]);
    assert_eq!(leads(&["crate", "Deep"]), ["a/inner"]);
    assert_eq!(leads(&["crate", "a", "inner", "Deep", "new"]), ["a/inner"]);
    assert_eq!(leads(&["super", "a", "Other"]), ["a"]);
    let mut found: Vec<_> = paths(text).iter().map(|path| path.join("::")).collect();
    found.sort();
    assert_eq!(found, ["crate::a::One", "crate::a::deep::Two", "crate::b", "super::c::call"]);
}
