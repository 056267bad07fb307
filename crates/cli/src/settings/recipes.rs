//! What is known of sites beforehand: the recipes that come with Countersign, then those of the data folder.

use std::{fs, path::Path, sync::Arc};

use countersign_recipe::{Address, Recipe, RecipeBook, Status, import_change_addresses, import_password_rules};
use countersign_server::RecipeInfo;

/// The names under which the public lists are published; whoever wants them puts them into the folder.
const RULES: &str = "password-rules.json";
const ADDRESSES: &str = "change-password-URLs.json";
const LARGEST: u64 = 8 << 20;

/// Reads `recipes/` in the data folder. A file that cannot be read is named in the log and left out: the others hold.
pub(crate) fn book(data: Option<&Path>) -> Arc<RecipeBook> {
    let mut book = RecipeBook::builtin();
    let Some(folder) = data.map(|data| data.join("recipes")).filter(|folder| folder.is_dir()) else {
        return Arc::new(book);
    };
    let mut files: Vec<_> = match fs::read_dir(&folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "the recipes cannot be read");
            return Arc::new(book);
        }
    };
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_recipe = file.extension().is_some_and(|kind| kind == "toml");
        if !is_recipe && name != RULES && name != ADDRESSES {
            continue;
        }
        if let Err(why) = add(&mut book, &file, &name) {
            tracing::warn!(file = %file.display(), why, "left out; `countersign recipe check` says more");
        }
    }
    Arc::new(book)
}

fn add(book: &mut RecipeBook, file: &Path, name: &str) -> Result<(), String> {
    let size = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    match name {
        RULES => book.add_rules(import_password_rules(&text).map_err(|error| error.to_string())?.entries),
        ADDRESSES => {
            book.add_change_addresses(import_change_addresses(&text).map_err(|error| error.to_string())?.entries);
        }
        _ => book.add(Recipe::parse(&text).map_err(|error| error.to_string())?),
    }
    Ok(())
}

/// For the page.
pub(crate) fn infos(book: &RecipeBook) -> Vec<RecipeInfo> {
    let own = RecipeBook::builtin().recipes().len();
    let address = |address: &Option<Address>| {
        address.as_ref().map(|address| match address {
            Address::Whole(url) => url.to_string(),
            Address::Path(path) => path.clone(),
        })
    };
    book.recipes()
        .iter()
        .enumerate()
        .map(|(index, recipe)| RecipeInfo {
            name: recipe.name.clone(),
            domains: recipe.domains.clone(),
            status: match recipe.status {
                Status::Verified => "verified",
                Status::Unverified => "unverified",
            },
            source: if index < own { "built in" } else { "folder" },
            sign_in: address(&recipe.sign_in),
            change: address(&recipe.change),
            rules: recipe.rules.as_ref().map(ToString::to_string),
        })
        .collect()
}
