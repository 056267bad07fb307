use std::collections::BTreeMap;

use super::{ListedDomain, Recipe, builtin::BUILTIN, place};
use crate::{PasswordRules, SiteKnowledge};

/// Many recipes and what the public lists say, looked up by a site's host.
#[derive(Debug, Clone, Default)]
pub struct RecipeBook {
    recipes: Vec<Recipe>,
    rules: BTreeMap<String, ListedDomain<PasswordRules>>,
    changes: BTreeMap<String, ListedDomain<String>>,
}

impl RecipeBook {
    /// The recipes that come with Countersign.
    pub fn builtin() -> Self {
        // Each of them is read in a test, so none is left out here.
        Self { recipes: BUILTIN.iter().filter_map(|text| Recipe::parse(text).ok()).collect(), ..Self::default() }
    }

    /// Adds a recipe. Where two serve a host equally closely, the later one holds.
    pub fn add(&mut self, recipe: Recipe) {
        self.recipes.push(recipe);
    }

    /// Adds what the public list of password rules says; recipes that have rules of their own come before it.
    pub fn add_rules(&mut self, listed: Vec<ListedDomain<PasswordRules>>) {
        self.rules.extend(listed.into_iter().map(|one| (one.domain.clone(), one)));
    }

    /// Adds what the public list of change addresses says; recipes that have an address come before it.
    pub fn add_change_addresses(&mut self, listed: Vec<ListedDomain<String>>) {
        self.changes.extend(listed.into_iter().map(|one| (one.domain.clone(), one)));
    }

    /// All recipes, in the order they were added.
    pub fn recipes(&self) -> &[Recipe] {
        &self.recipes
    }

    /// The recipe for a host such as `www.example.org`: the one with the longest domain that fits, then the latest.
    pub fn find(&self, host: &str) -> Option<&Recipe> {
        let fitting = self.recipes.iter().filter_map(|recipe| Some((recipe.serves(host)?, recipe)));
        fitting.max_by_key(|(closeness, _)| *closeness).map(|(_, recipe)| recipe)
    }

    /// Everything that is known of the site of a credential whose address is `address`.
    pub fn knowledge(&self, address: &str) -> SiteKnowledge {
        let Some(host) = place::host_of(address) else { return SiteKnowledge::at(address) };
        let mut site = self.find(&host).map_or_else(|| SiteKnowledge::at(address), |recipe| recipe.knowledge(address));
        if site.rules.is_none() {
            site.rules = listed(&self.rules, &host).cloned();
        }
        if site.change.is_none() {
            site.change = listed(&self.changes, &host).filter(|change| site.allows(change)).cloned();
        }
        site
    }
}

/// The entry for the host itself, else for the nearest domain above it that speaks for everything under it.
fn listed<'a, T>(list: &'a BTreeMap<String, ListedDomain<T>>, host: &str) -> Option<&'a T> {
    let above = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
    let own = list.get(host);
    own.or_else(|| above.filter_map(|domain| list.get(domain)).find(|one| !one.exact)).map(|one| &one.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{import_change_addresses, import_password_rules};

    fn recipe(name: &str, domain: &str) -> Recipe {
        Recipe::parse(&format!("name = \"{name}\"\ndomains = [\"{domain}\"]")).unwrap()
    }

    #[test]
    fn the_nearest_domain_holds_and_then_the_later_recipe() {
        let mut book = RecipeBook::default();
        for (name, domain) in [("one", "example.org"), ("two", "shop.example.org"), ("three", "example.org")] {
            book.add(recipe(name, domain));
        }
        let name = |host: &str| book.find(host).map(|recipe| recipe.name.as_str());
        assert_eq!(name("example.org"), Some("three"));
        assert_eq!(name("www.example.org"), Some("three"));
        assert_eq!(name("eu.shop.example.org"), Some("two"));
        assert_eq!(name("badexample.org"), None);
        assert_eq!(name("example.org.evil.example"), None);
    }

    #[test]
    fn lists_fill_what_recipes_leave_open() {
        let mut book = RecipeBook::default();
        book.add(Recipe::parse("name = \"A\"\ndomains = [\"a.example\"]\nrules = \"minlength: 20\"").unwrap());
        let rules = r#"{"a.example": {"password-rules": "minlength: 6"}, "b.example": {"password-rules": "minlength: 7"},
            "c.example": {"password-rules": "minlength: 9", "exact-domain-match-only": true}}"#;
        book.add_rules(import_password_rules(rules).unwrap().entries);
        let changes = r#"{"a.example": "https://www.a.example/pw", "b.example": "https://elsewhere.example/pw"}"#;
        book.add_change_addresses(import_change_addresses(changes).unwrap().entries);
        let least = |address: &str| book.knowledge(address).rules.and_then(|rules| rules.min_length);
        assert_eq!(least("https://a.example/"), Some(20));
        assert_eq!(least("https://www.b.example/"), Some(7));
        assert_eq!((least("https://c.example/"), least("https://www.c.example/")), (Some(9), None));
        assert_eq!(book.knowledge("https://a.example/").change.as_deref(), Some("https://www.a.example/pw"));
        assert_eq!(book.knowledge("https://b.example/").change, None, "a foreign address is not opened");
        assert_eq!(book.knowledge("not an address"), SiteKnowledge::at("not an address"));
    }
}
