//! Reads a recipe, value by value, so that every mistake has its place.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Address, Recipe, RecipeError, Status,
    place::{self, PlaceError, shown},
};
use crate::{FieldHint, FieldRole, PasswordRules};

/// The longest file, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// The longest name.
const MAX_NAME: usize = 100;
/// The longest `rules`, `source` and `notes`.
const MAX_TEXT: usize = 2_000;
/// The most domains, origins and hints, of each.
const MAX_ITEMS: usize = 50;
/// The longest `html_name` and `html_id`.
const MAX_ATTRIBUTE: usize = 160;

const KEYS: &[&str] =
    &["name", "domains", "origins", "sign_in", "change", "rules", "hints", "status", "source", "notes"];
const HINT_KEYS: &[&str] = &["role", "html_name", "html_id"];
const ROLES: &[(&str, FieldRole)] = &[
    ("username", FieldRole::Username),
    ("current_password", FieldRole::CurrentPassword),
    ("new_password", FieldRole::NewPassword),
    ("repeat_password", FieldRole::RepeatPassword),
    ("token", FieldRole::Token),
    ("sent_code", FieldRole::SentCode),
    ("puzzle", FieldRole::Puzzle),
    ("trust_box", FieldRole::TrustBox),
];

type Value<'a> = Spanned<DeValue<'a>>;

pub(super) fn read(text: &str) -> Result<Recipe, RecipeError> {
    if text.len() > MAX_BYTES {
        let what = format!("the file has {} bytes", text.len());
        return Err(RecipeError::at(text, 0..0, what, format!("a recipe has at most {MAX_BYTES}")));
    }
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let what = format!("this is not TOML: {}", error.message());
        RecipeError::at(text, span, what, "write `key = \"value\"`, one a line".to_owned())
    })?;
    Reader { text }.recipe(table.get_ref())
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn recipe(&self, table: &DeTable<'_>) -> Result<Recipe, RecipeError> {
        self.no_others(table, KEYS)?;
        let (name_at, name) = self.needed(table, "name", "name = \"Example\"")?;
        let name = self.line(name, MAX_NAME)?;
        if name.is_empty() {
            return Err(self.wrong(name_at, "the name is empty", "write what people call the site"));
        }
        let (domains_at, domains) = self.needed(table, "domains", "domains = [\"example.org\"]")?;
        let domains = self.list(domains, place::host)?;
        if domains.is_empty() {
            return Err(self.wrong(domains_at, "no domain is named", "write whom it serves, as [\"example.org\"]"));
        }
        let origins = table.get("origins").map(|value| self.list(value, place::origin)).transpose()?;
        let origins = origins.unwrap_or_default();
        let address = |key| table.get(key).map(|value| self.address(value, &domains, &origins)).transpose();
        let text = |key| table.get(key).map(|value| self.lines(value, MAX_TEXT).map(str::to_owned)).transpose();
        Ok(Recipe {
            name: name.to_owned(),
            sign_in: address("sign_in")?,
            change: address("change")?,
            rules: table.get("rules").map(|value| self.rules(value)).transpose()?,
            hints: table.get("hints").map(|value| self.hints(value)).transpose()?.unwrap_or_default(),
            status: table.get("status").map(|value| self.status(value)).transpose()?.unwrap_or_default(),
            source: text("source")?.unwrap_or_default(),
            notes: text("notes")?.unwrap_or_default(),
            domains,
            origins,
        })
    }

    fn address(&self, value: &Value<'_>, domains: &[String], origins: &[String]) -> Result<Address, RecipeError> {
        let text = self.line(value, place::MAX_ADDRESS)?;
        if text.starts_with('/') && !text.starts_with("//") {
            return Ok(Address::Path(text.to_owned()));
        }
        let url = place::whole(text).map_err(|wrong| self.refuse(value.span(), wrong))?;
        let host = url.host_str().unwrap_or_default();
        let own = domains.iter().any(|domain| place::is_under(host, domain));
        if !own && !origins.contains(&url.origin().ascii_serialization()) {
            let what = format!("`{}` belongs neither to the domains nor to the origins", shown(text));
            let hint =
                format!("add \"{}\" to origins if secrets may be typed there", url.origin().ascii_serialization());
            return Err(self.wrong(value.span(), &what, &hint));
        }
        Ok(Address::Whole(url))
    }

    fn rules(&self, value: &Value<'_>) -> Result<PasswordRules, RecipeError> {
        let text = self.line(value, MAX_TEXT)?;
        let rules: PasswordRules = text.parse().map_err(|error: crate::RulesError| {
            self.wrong(value.span(), &error.to_string(), "such as \"minlength: 8; required: upper; required: digit\"")
        })?;
        if rules.min_length.zip(rules.max_length).is_some_and(|(least, most)| least > most) {
            return Err(self.wrong(value.span(), "minlength is greater than maxlength", "exchange them"));
        }
        Ok(rules)
    }

    fn status(&self, value: &Value<'_>) -> Result<Status, RecipeError> {
        match self.line(value, MAX_NAME)? {
            "unverified" => Ok(Status::Unverified),
            "verified" => Ok(Status::Verified),
            other => Err(self.wrong(
                value.span(),
                &format!("there is no status `{}`", shown(other)),
                "write \"unverified\", or \"verified\" once a rehearsal has succeeded",
            )),
        }
    }

    fn hints(&self, value: &Value<'_>) -> Result<Vec<FieldHint>, RecipeError> {
        let Some(hints) = value.get_ref().as_array() else {
            return Err(self.of_kind(value, "tables", "write [[hints]] on a line of its own, its keys below"));
        };
        if hints.len() > MAX_ITEMS {
            return Err(self.wrong(value.span(), "there are too many hints", &format!("at most {MAX_ITEMS}")));
        }
        hints.iter().map(|hint| self.hint(hint)).collect()
    }

    fn hint(&self, value: &Value<'_>) -> Result<FieldHint, RecipeError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.of_kind(value, "a table", "write [[hints]] on a line of its own, its keys below"));
        };
        self.no_others(table, HINT_KEYS)?;
        let Some(role) = table.get("role") else {
            return Err(self.wrong(value.span(), "the hint has no role", "add a line such as role = \"token\""));
        };
        let named = self.line(role, MAX_NAME)?;
        let Some((_, found)) = ROLES.iter().find(|(name, _)| *name == named) else {
            let roles: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
            let what = format!("there is no role `{}`", shown(named));
            return Err(self.wrong(role.span(), &what, &format!("write one of {}", roles.join(", "))));
        };
        let attribute =
            |key| table.get(key).map(|value| self.line(value, MAX_ATTRIBUTE).map(str::to_owned)).transpose();
        let (html_name, html_id) = (attribute("html_name")?, attribute("html_id")?);
        if html_name.as_deref().unwrap_or_default().is_empty() && html_id.as_deref().unwrap_or_default().is_empty() {
            return Err(self.wrong(
                value.span(),
                "the hint does not say which field it means",
                "add html_name = \"…\" or html_id = \"…\", as the page's source has it",
            ));
        }
        Ok(FieldHint { role: *found, html_name, html_id })
    }

    fn no_others(&self, table: &DeTable<'_>, keys: &[&str]) -> Result<(), RecipeError> {
        let Some(key) = table.keys().find(|key| !keys.contains(&key.get_ref().as_ref())) else { return Ok(()) };
        let hint = match nearest(key.get_ref(), keys) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", keys.join(", ")),
        };
        Err(self.wrong(key.span(), &format!("there is no key `{}`", shown(key.get_ref())), &hint))
    }

    fn needed<'a, 'b>(
        &self,
        table: &'a DeTable<'b>,
        key: &str,
        example: &str,
    ) -> Result<(Range<usize>, &'a Value<'b>), RecipeError> {
        let found = table.get(key).map(|value| (value.span(), value));
        found.ok_or_else(|| self.wrong(0..0, &format!("`{key}` is missing"), &format!("add a line such as {example}")))
    }

    fn list(
        &self,
        value: &Value<'_>,
        parse: impl Fn(&str) -> Result<String, PlaceError>,
    ) -> Result<Vec<String>, RecipeError> {
        let Some(items) = value.get_ref().as_array() else {
            return Err(self.of_kind(value, "a list", "write it in brackets, as [\"…\", \"…\"]"));
        };
        if items.len() > MAX_ITEMS {
            return Err(self.wrong(value.span(), "the list is too long", &format!("at most {MAX_ITEMS} entries")));
        }
        let mut read = Vec::new();
        for item in items.iter() {
            let one = parse(self.line(item, place::MAX_ADDRESS)?).map_err(|wrong| self.refuse(item.span(), wrong))?;
            if read.contains(&one) {
                return Err(self.wrong(item.span(), &format!("`{}` stands here twice", shown(&one)), "take one away"));
            }
            read.push(one);
        }
        Ok(read)
    }

    /// A text of one line.
    fn line<'b>(&self, value: &'b Value<'_>, most: usize) -> Result<&'b str, RecipeError> {
        let text = self.lines(value, most)?;
        if text.chars().any(char::is_control) {
            return Err(self.wrong(value.span(), "this has several lines or unprintable characters", "write one line"));
        }
        Ok(text)
    }

    fn lines<'b>(&self, value: &'b Value<'_>, most: usize) -> Result<&'b str, RecipeError> {
        let Some(text) = value.get_ref().as_str() else {
            return Err(self.of_kind(value, "a text", "write it in quotation marks"));
        };
        if text.chars().count() > most {
            let what = format!("this has {} characters", text.chars().count());
            return Err(self.wrong(value.span(), &what, &format!("at most {most} are allowed")));
        }
        Ok(text)
    }

    fn of_kind(&self, value: &Value<'_>, wanted: &str, hint: &str) -> RecipeError {
        self.wrong(value.span(), &format!("this wants {wanted}, not {}", kind(value.get_ref())), hint)
    }

    fn refuse(&self, span: Range<usize>, (what, hint): PlaceError) -> RecipeError {
        RecipeError::at(self.text, span, what, hint)
    }

    fn wrong(&self, span: Range<usize>, what: &str, hint: &str) -> RecipeError {
        self.refuse(span, (what.to_owned(), hint.to_owned()))
    }
}

const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The key that was probably meant: the one with the fewest letters to exchange, at most a third of them.
fn nearest<'a>(typed: &str, keys: &[&'a str]) -> Option<&'a str> {
    let typed = typed.to_ascii_lowercase().replace('-', "_");
    let best = keys.iter().map(|key| (distance(&typed, key), *key)).min()?;
    (best.0 * 3 <= best.1.len() + 2).then_some(best.1)
}

/// How many letters have to be exchanged, added or taken away.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let exchange = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = exchange.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
name = "Example"
domains = ["example.org", "bücher.example"]
origins = ["https://login.partner.example", "https://id.example.net:8443/"]
sign_in = "https://login.partner.example/start"
change = "/settings#password"
rules = "minlength: 8; maxlength: 64; required: upper"
status = "verified"
source = "its help pages"
notes = """
Two lines
of notes"""

[[hints]]
role = "token"
html_name = "x7"

[[hints]]
role = "new_password"
html_id = "pw-2"
"#;

    #[test]
    fn a_whole_recipe_is_read() {
        let recipe = Recipe::parse(WHOLE).unwrap();
        assert_eq!(recipe.domains, ["example.org", "xn--bcher-kva.example"]);
        assert_eq!(recipe.origins[1], "https://id.example.net:8443");
        assert_eq!(recipe.hints[1].role, FieldRole::NewPassword);
        assert_eq!(recipe.status, Status::Verified);
        assert_eq!(recipe.rules.as_ref().unwrap().max_length, Some(64));
        let site = recipe.knowledge("https://shop.example.org/home?x=1");
        assert_eq!(site.change.as_deref(), Some("https://shop.example.org/settings#password"));
        assert_eq!(site.sign_in.as_deref(), Some("https://login.partner.example/start"));
        assert!(site.allows("https://login.partner.example") && site.allows("https://shop.example.org"));
    }

    #[test]
    fn little_is_needed() {
        let recipe = Recipe::parse("name = \"A\"\ndomains = [\"a.example\"]").unwrap();
        assert_eq!((recipe.status, recipe.hints.len(), recipe.sign_in), (Status::Unverified, 0, None));
        let near = "name = \"A\"\ndomains = [\"10.0.0.5\"]\nsign_in = \"http://10.0.0.5/\"";
        assert!(Recipe::parse(near).is_ok());
    }

    #[test]
    fn every_mistake_has_its_place_and_a_way_out() {
        let head = "name = \"A\"\ndomains = [\"a.example\"]\n";
        let long = format!("{head}notes = \"{}\"", "x".repeat(MAX_TEXT + 1));
        let many = format!("name = \"A\"\ndomains = [{}]", "\"a.example\",".repeat(MAX_ITEMS + 1));
        for (text, place, what, hint) in [
            ("", (1, 1), "`name` is missing", "name = \"Example\""),
            ("name = \"A\"", (1, 1), "`domains` is missing", "domains = ["),
            ("name = \"A\"\ndomains = [", (2, 12), "not TOML", "key"),
            ("name = 7\ndomains = []", (1, 8), "a text, not a number", "quotation marks"),
            ("name = \"\"\ndomains = []", (1, 8), "name is empty", "people call"),
            ("name = \"A\"\ndomains = []", (2, 11), "no domain", "[\"example.org\"]"),
            ("name = \"A\"\ndomains = \"a.example\"", (2, 11), "a list, not a text", "brackets"),
            (
                "name = \"A\"\ndomains = [\"ä.example\", \"https://b.example/x\"]",
                (2, 25),
                "not a host",
                "\"b.example\"",
            ),
            ("name = \"A\"\ndomains = [\"*.a.example\"]", (2, 12), "star", "\"a.example\""),
            ("name = \"A\"\ndomains = [\"a.example/x\"]", (2, 12), "more than a host", "\"a.example\""),
            ("name = \"A\"\ndomains = [\"co.uk\"]", (2, 12), "everybody", "example.co.uk"),
            ("name = \"A\"\ndomains = [\"a b\"]", (2, 12), "no host", "example.org"),
            ("name = \"A\"\ndomains = [\"a.example\", \"A.example\"]", (2, 25), "twice", "take one away"),
            ("sing_in = \"x\"", (1, 1), "no key `sing_in`", "did you mean `sign_in`?"),
            ("colour = \"x\"", (1, 1), "no key `colour`", "known are name, domains"),
            (
                &format!("{head}origins = [\"https://b.example/login\"]"),
                (3, 12),
                "more than an origin",
                "\"https://b.example\"",
            ),
            (&format!("{head}origins = [\"b.example\"]"), (3, 12), "no address", "\"https://b.example\""),
            (&format!("{head}sign_in = \"http://a.example/in\""), (3, 11), "unprotected", "\"https://a.example/in\""),
            (
                &format!("{head}sign_in = \"https://b.example/\""),
                (3, 11),
                "belongs neither",
                "add \"https://b.example\" to origins",
            ),
            (&format!("{head}change = \"javascript:1\""), (3, 10), "no address of a web page", "https://"),
            (&format!("{head}change = \"https://me:hunter2@a.example\""), (3, 10), "name or password", "before the @"),
            (&format!("{head}rules = \"minlenght: 8\""), (3, 9), "minlenght", "minlength: 8"),
            (&format!("{head}rules = \"minlength: 9; maxlength: 8\""), (3, 9), "greater", "exchange"),
            (&format!("{head}status = \"tested\""), (3, 10), "no status `tested`", "\"verified\""),
            (&format!("{head}hints = \"x\""), (3, 9), "tables", "[[hints]]"),
            (&format!("{head}[[hints]]\nhtml_id = \"x\""), (3, 1), "no role", "role = \"token\""),
            (&format!("{head}[[hints]]\nrole = \"pin\""), (4, 8), "no role `pin`", "username, current_password"),
            (&format!("{head}[[hints]]\nrole = \"token\""), (3, 1), "which field", "html_name"),
            (&format!("{head}[[hints]]\nrole = \"token\"\nname = \"x\""), (5, 1), "no key `name`", "html_name"),
            (&long, (3, 9), "2001 characters", "at most 2000"),
            (&many, (2, 11), "too long", "at most 50"),
            (&format!("name = \"{}\"", "x".repeat(MAX_BYTES)), (1, 1), "bytes", "at most"),
        ] {
            let error = Recipe::parse(text).unwrap_err();
            let shown: String = text.chars().take(120).collect();
            assert!(error.what.contains(what) && error.hint.contains(hint), "{shown}: {error:?}");
            assert_eq!((error.line, error.column), place, "{shown}: {error:?}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
