//! The recipes that come with Countersign.

pub(super) const BUILTIN: &[&str] = &[
    include_str!("../../../../recipes/bluesky.toml"),
    include_str!("../../../../recipes/facebook.toml"),
    include_str!("../../../../recipes/github.toml"),
    include_str!("../../../../recipes/google.toml"),
    include_str!("../../../../recipes/instagram.toml"),
    include_str!("../../../../recipes/linkedin.toml"),
    include_str!("../../../../recipes/mastodon.toml"),
    include_str!("../../../../recipes/pinterest.toml"),
    include_str!("../../../../recipes/reddit.toml"),
    include_str!("../../../../recipes/tiktok.toml"),
    include_str!("../../../../recipes/x.toml"),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{Recipe, RecipeBook, file::Status};

    #[test]
    fn every_file_is_here_and_whole() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), BUILTIN.len());
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            assert!(BUILTIN.contains(&text.as_str()), "{} is not embedded", file.display());
            let recipe =
                Recipe::parse(&text).unwrap_or_else(|error| panic!("{}: {error}; {}", file.display(), error.hint));
            assert_eq!(recipe.status, Status::Unverified, "{}: nobody has rehearsed with it here", file.display());
            assert!(recipe.sign_in.is_some() && recipe.change.is_some() && !recipe.source.is_empty());
            for domain in &recipe.domains {
                let address = format!("https://www.{domain}/");
                let site = recipe.knowledge(&address);
                for there in site.sign_in.iter().chain(&site.change) {
                    assert!(
                        site.allows(there),
                        "{}: a credential at {address} may not type at {there}",
                        file.display()
                    );
                }
                let password =
                    crate::generate(site.rules.as_ref(), None, &countersign_model::CountingChance::default());
                assert!(site.rules.is_some() && password.is_ok(), "{}", file.display());
            }
        }
    }

    #[test]
    fn they_are_found_by_host() {
        let book = RecipeBook::builtin();
        let name = |host: &str| book.find(host).map(|recipe| recipe.name.as_str());
        assert_eq!(book.recipes().len(), BUILTIN.len());
        assert_eq!(name("www.youtube.com"), Some("Google and YouTube"));
        assert_eq!(name("m.facebook.com"), Some("Facebook"));
        assert_eq!(name("netflix.com"), None);
        let site = book.knowledge("https://mastodon.social/@team");
        assert_eq!(site.change.as_deref(), Some("https://mastodon.social/auth/edit"));
    }
}
