//! Writes pictures with what they were taken for.

use std::{collections::BTreeSet, fs, path::PathBuf};

use countersign_picture::PagePicture;
use countersign_recipe::Recognised;
use serde_json::json;

pub(crate) struct Recorder {
    folder: Option<PathBuf>,
    /// Goes into the files' names.
    pub(crate) name: String,
    /// What is true of the fields, by their names; empty when nobody knows.
    pub(crate) truth: Vec<(String, String)>,
    seen: BTreeSet<u64>,
    count: usize,
}

impl Recorder {
    pub(crate) fn from_environment() -> Self {
        let folder = std::env::var_os("RECORD").map(PathBuf::from);
        Self { folder, name: "site".into(), truth: Vec::new(), seen: BTreeSet::new(), count: 0 }
    }

    pub(crate) fn take(&mut self, picture: &PagePicture, recognised: &Recognised) {
        let Some(folder) = &self.folder else { return };
        if !self.seen.insert(picture.structure()) {
            return;
        }
        self.count += 1;
        let parts: Vec<_> = recognised
            .parts
            .iter()
            .map(|part| {
                let field = picture.frame(&part.element.frame).and_then(|frame| frame.field(part.element.node));
                json!({"role": part.role, "name": field.map_or("", |field| field.words.html_name.as_str())})
            })
            .collect();
        let file = json!({
            "about": self.name, "kind": recognised.kind, "parts": parts, "truth": self.truth,
            "picture": picture.clone().without_queries(),
        });
        fs::create_dir_all(folder).unwrap();
        let path = folder.join(format!("{}-{:02}.json", self.name, self.count));
        fs::write(path, serde_json::to_string(&file).unwrap()).unwrap();
    }

    pub(crate) fn next(&mut self, name: String) {
        self.name = name;
        self.count = 0;
        self.seen.clear();
    }
}
