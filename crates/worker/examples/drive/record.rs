//! Writes snapshots with what is true of them, in the form of `tests/snapshots/README.md`.

use std::{collections::BTreeSet, fs, path::PathBuf};

use countersign_practice::{FieldRole, PageName, Truth};
use countersign_recipe::{Recognised, SiteKnowledge, recognise};
use countersign_snapshot::{ElementRef, PageSnapshot};
use serde_json::{Value, json};

pub(crate) struct Recorder {
    folder: Option<PathBuf>,
    /// Goes into the files' names.
    name: String,
    /// What the snapshots are of, in words.
    about: String,
    /// What the practice site says of itself; `None` for a site that does not.
    truth: Option<Truth>,
    seen: BTreeSet<u64>,
    count: usize,
}

impl Recorder {
    pub(crate) fn from_environment(name: String, about: String, truth: Option<Truth>) -> Self {
        let folder = std::env::var_os("RECORD").map(PathBuf::from);
        Self { folder, name, about, truth, seen: BTreeSet::new(), count: 0 }
    }

    pub(crate) fn take(&mut self, snapshot: &PageSnapshot, site: &SiteKnowledge) {
        let Some(folder) = &self.folder else { return };
        if !self.seen.insert(snapshot.structure()) {
            return;
        }
        let recognised = recognise(snapshot, site);
        let told = match &self.truth {
            Some(truth) => {
                let ours = snapshot.main().is_some_and(|main| site.allows(&main.origin));
                told(snapshot, truth).filter(|_| ours).map(|told| ("practice", json!(told.0), told.1))
            }
            None => None,
        };
        let unsettled = self.truth.is_none() || std::env::var_os("RECORD_ALL").is_some();
        // What it was taken for is not yet what is true: somebody has to look.
        let guess = || ("nobody", json!([recognised.kind]), guessed(snapshot, &recognised));
        let Some((from, kind, fields)) = told.or_else(|| unsettled.then(guess)) else { return };
        self.count += 1;
        let file = json!({
            "about": self.about, "site": site.address, "origins": site.origins,
            "truth_from": from, "kind": kind, "fields": fields, "snapshot": snapshot.clone().without_queries(),
        });
        fs::create_dir_all(folder).unwrap();
        let path = folder.join(format!("{}-{:02}.json", self.name, self.count));
        fs::write(path, serde_json::to_string(&file).unwrap()).unwrap();
    }
}

/// Prints what a recorded snapshot is taken for.
pub(crate) fn read(file: &str) {
    let recorded: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let snapshot: PageSnapshot = serde_json::from_value(recorded["snapshot"].clone()).unwrap();
    let site = SiteKnowledge::at(recorded["site"].as_str().unwrap_or_default());
    let read = recognise(&snapshot, &site);
    println!("{file}: {} is {}", recorded["about"], recorded["kind"]);
    println!("  read as {:?} {:.2}, signed in {} out {}", read.kind, read.score, read.signed_in, read.signed_out);
    guessed(&snapshot, &read).iter().for_each(|part| println!("  {part}"));
    println!("  submit {:?}", read.submit.map(|element| element.node));
    println!("  yes {:?} no {:?} overlays {:?}", read.yes, read.no, read.overlays);
}

fn guessed(snapshot: &PageSnapshot, recognised: &Recognised) -> Vec<Value> {
    let name = |element: &ElementRef| {
        let field = snapshot.frame(&element.frame).and_then(|frame| frame.field(element.node));
        field.map_or("", |field| field.words.html_name.as_str()).to_owned()
    };
    let line = |element: &ElementRef| json!({"frame": element.frame, "node": element.node, "name": name(element)});
    let parts = recognised.parts.iter().map(|part| {
        let mut field = line(&part.element);
        field["role"] = json!(part.role);
        field
    });
    parts.collect()
}

/// What a page of the practice site is, and its fields; `None` where the site's own word does not settle it.
fn told(snapshot: &PageSnapshot, truth: &Truth) -> Option<(Vec<&'static str>, Vec<Value>)> {
    let main = snapshot.main()?;
    let path = main.address.split_once("://")?.1;
    let path = path.find('/').map_or("", |at| &path[at..]).split(['?', '#']).next()?;
    let is = |name: &str| truth.paths.get(name).is_some_and(|one| one == path);
    let status = snapshot.answer.as_ref().map_or(200, |answer| answer.status);
    if status == 429 {
        return Some((vec!["rate_limited"], Vec::new()));
    }
    if status == 404 {
        return Some((vec!["missing"], Vec::new()));
    }
    let asks: [(PageName, bool, &[&str]); 9] = [
        (PageName::SignIn, is("sign_in") || is("home"), &["sign_in"]),
        (PageName::Password, is("password"), &["sign_in"]),
        (PageName::Captcha, is("captcha"), &["captcha"]),
        (PageName::MailCode, is("mail_code"), &["device_code"]),
        (PageName::Token, is("token"), &["token"]),
        (PageName::Reauth, is("reauth"), &["reauthenticate", "sign_in"]),
        (PageName::OldPassword, is("old_password"), &["reauthenticate", "sign_in"]),
        (PageName::Change, is("change"), &["change"]),
        (PageName::Change, path == truth.change_page, &["change"]),
    ];
    for (page, here, kinds) in asks {
        let fields = fields(snapshot, truth, page)?;
        // Without navigation the address says nothing; a token alone is then not what stands at the sign-in's address.
        let whole = page != PageName::SignIn || fields.iter().any(|field| field["role"] == "username");
        if here && !fields.is_empty() && !whole {
            return None;
        }
        if here && !fields.is_empty() {
            return Some((kinds.to_vec(), fields));
        }
    }
    let inside: &[&str] = &["signed_in", "unknown"];
    let table: [(&str, &[&str]); 11] = [
        ("trust", &["trust"]),
        ("location", &["location"]),
        ("change_confirm", &["confirm_change"]),
        ("feed", inside),
        ("profile", inside),
        ("settings", inside),
        ("security", inside),
        ("sessions", inside),
        ("about", &["unknown", "signed_in"]),
        ("home", &["unknown"]),
        ("sign_up", &["unknown"]),
    ];
    let kinds = table.iter().find(|(name, _)| is(name)).map(|(_, kinds)| kinds.to_vec())?;
    let says = |what: &str| main.texts.iter().any(|text| text.text.contains(what));
    if is("change_confirm") && says(&truth.success_text) {
        return Some((vec!["changed"], Vec::new()));
    }
    if kinds == inside && says(&truth.success_text) {
        return Some((vec!["changed", "signed_in", "unknown"], Vec::new()));
    }
    Some((kinds, Vec::new()))
}

/// The fields of a page that can be seen, by their true names; `None` when a name stands for two fields.
fn fields(snapshot: &PageSnapshot, truth: &Truth, page: PageName) -> Option<Vec<Value>> {
    let mut wanted = truth.fields.get(&page).cloned().unwrap_or_default();
    if matches!(page, PageName::SignIn | PageName::Password | PageName::Reauth) {
        // The token may appear in the form once the password was right.
        wanted.extend(truth.fields.get(&PageName::Token).cloned().unwrap_or_default());
    }
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    for (_, frame) in snapshot.visible_frames() {
        for field in frame.fields.iter().filter(|field| field.usable()) {
            let name = &field.words.html_name;
            let role = match wanted.iter().find(|one| one.name == *name).map(|one| one.role) {
                Some(role) => role_name(role)?,
                None if name == "trust" && !wanted.is_empty() => "trust_box",
                None => continue,
            };
            if role != "token" && !names.insert(name.clone()) {
                return None;
            }
            found.push(json!({"frame": frame.id, "node": field.node, "name": name, "role": role}));
        }
    }
    if found.iter().all(|one| one["role"] == "trust_box") {
        found.clear();
    }
    Some(found)
}

const fn role_name(role: FieldRole) -> Option<&'static str> {
    match role {
        FieldRole::Username => Some("username"),
        FieldRole::Password | FieldRole::Old => Some("current_password"),
        FieldRole::Token => Some("token"),
        FieldRole::Captcha => Some("puzzle"),
        FieldRole::MailCode => Some("sent_code"),
        FieldRole::New => Some("new_password"),
        FieldRole::Repeat => Some("repeat_password"),
        FieldRole::Decoy | FieldRole::Other => None,
    }
}
