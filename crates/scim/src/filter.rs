//! Filters (RFC 7644 §3.4.2.2): `userName eq "ana" and not (active eq false)`.

use serde_json::Value;

use crate::{
    ScimError, ScimType,
    names::{is_name, name_of, without_schema},
};

/// No filter of a provider is longer.
const LONGEST: usize = 2_000;
/// Nor nested deeper.
const DEEPEST: usize = 10;

/// Which resources are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// An attribute compared with a value.
    Is {
        /// The attribute, and its part where it has some: `name.givenName`.
        attribute: String,
        /// How.
        operator: Operator,
        /// With what.
        value: Value,
    },
    /// An attribute that is there.
    Present(String),
    /// Values of an attribute that pass a filter of their own: `emails[type eq "work"]`.
    Any(String, Box<Filter>),
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// One of both.
    Or(Box<Filter>, Box<Filter>),
    /// What does not pass.
    Not(Box<Filter>),
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The same.
    Eq,
    /// Another.
    Ne,
    /// Holds it.
    Co,
    /// Begins with it.
    Sw,
    /// Ends with it.
    Ew,
    /// Greater.
    Gt,
    /// Greater or the same.
    Ge,
    /// Less.
    Lt,
    /// Less or the same.
    Le,
}

const OPERATORS: [(&str, Operator); 9] = [
    ("eq", Operator::Eq),
    ("ne", Operator::Ne),
    ("co", Operator::Co),
    ("sw", Operator::Sw),
    ("ew", Operator::Ew),
    ("gt", Operator::Gt),
    ("ge", Operator::Ge),
    ("lt", Operator::Lt),
    ("le", Operator::Le),
];

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`ScimType::InvalidFilter`].
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        if text.len() > LONGEST {
            return Err(wrong(&format!("it is longer than {LONGEST} characters")));
        }
        let mut words = Words { left: tokens(text)?, depth: 0 };
        let filter = words.either()?;
        match words.next() {
            None => Ok(filter),
            Some(_) => Err(wrong("something stands behind its end")),
        }
    }

    /// The value that an attribute has to have for anything to pass, where there is one: by it resources are found at once.
    pub fn wanted(&self, wanted: &str) -> Option<&str> {
        match self {
            Self::Is { attribute, operator: Operator::Eq, value } if attribute == wanted => value.as_str(),
            Self::And(one, other) => one.wanted(wanted).or_else(|| other.wanted(wanted)),
            _ => None,
        }
    }

    /// Whether a resource, or one of several values, passes.
    pub fn matches(&self, resource: &Value) -> bool {
        match self {
            Self::Is { attribute, operator, value } => {
                let found = values(resource, attribute);
                match operator {
                    Operator::Ne => !found.iter().any(|it| compares(attribute, it, Operator::Eq, value)),
                    operator => found.iter().any(|it| compares(attribute, it, *operator, value)),
                }
            }
            Self::Present(attribute) => values(resource, attribute).iter().any(|it| is_there(it)),
            Self::Any(attribute, inner) => values(resource, attribute).iter().any(|it| inner.matches(it)),
            Self::And(one, other) => one.matches(resource) && other.matches(resource),
            Self::Or(one, other) => one.matches(resource) || other.matches(resource),
            Self::Not(inner) => !inner.matches(resource),
        }
    }
}

fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(parts) => !parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The values of an attribute: all of them where it has several, each one's `value` where no part is named.
fn values<'a>(resource: &'a Value, attribute: &str) -> Vec<&'a Value> {
    let mut found = vec![resource];
    for part in attribute.split('.') {
        found = found.into_iter().filter_map(|value| value.get(part)).flat_map(each).collect();
    }
    found
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

fn compares(attribute: &str, found: &Value, operator: Operator, wanted: &Value) -> bool {
    // A value of several stands for its `value`.
    let found = found.get("value").unwrap_or(found);
    match (found, wanted) {
        (Value::String(found), Value::String(wanted)) => {
            // Ids are compared as they are, everything else whatever the case (RFC 7643 §2.2, §3.1).
            let exact = matches!(attribute, "id" | "externalId" | "value" | "members" | "members.value");
            let folded = |text: &str| if exact { text.to_owned() } else { text.to_lowercase() };
            let (found, wanted) = (folded(found), folded(wanted));
            match operator {
                Operator::Eq => found == wanted,
                Operator::Ne => found != wanted,
                Operator::Co => found.contains(&wanted),
                Operator::Sw => found.starts_with(&wanted),
                Operator::Ew => found.ends_with(&wanted),
                Operator::Gt => found > wanted,
                Operator::Ge => found >= wanted,
                Operator::Lt => found < wanted,
                Operator::Le => found <= wanted,
            }
        }
        // Providers write truth as a text, too.
        (Value::Bool(found), Value::String(text)) => {
            operator == Operator::Eq && text.eq_ignore_ascii_case(if *found { "true" } else { "false" })
        }
        (found, wanted) => operator == Operator::Eq && found == wanted,
    }
}

fn wrong(why: &str) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, format!("the filter cannot be read: {why}"))
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    OpenInner,
    CloseInner,
}

fn tokens(text: &str) -> Result<std::collections::VecDeque<Token>, ScimError> {
    let mut found = std::collections::VecDeque::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '[' => Some(Token::OpenInner),
            ']' => Some(Token::CloseInner),
            _ => None,
        };
        if let Some(token) = single {
            found.push_back(token);
            rest = &rest[1..];
        } else if first == '"' {
            let end = text_end(rest).ok_or_else(|| wrong("a text has no end"))?;
            let text = serde_json::from_str(&rest[..end]).map_err(|_| wrong("a text is not written as in JSON"))?;
            found.push_back(Token::Text(text));
            rest = &rest[end..];
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(rest.len());
            found.push_back(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(found)
}

/// Behind the quote that ends a text which begins here.
fn text_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

struct Words {
    left: std::collections::VecDeque<Token>,
    depth: usize,
}

impl Words {
    fn next(&mut self) -> Option<Token> {
        self.left.pop_front()
    }

    /// Takes the word, whatever its case, if it is next.
    fn take(&mut self, wanted: &str) -> bool {
        let is_next = matches!(self.left.front(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        if is_next {
            self.left.pop_front();
        }
        is_next
    }

    fn either(&mut self) -> Result<Filter, ScimError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(wrong("it is nested too deeply"));
        }
        let mut filter = self.both()?;
        while self.take("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.both()?));
        }
        self.depth -= 1;
        Ok(filter)
    }

    fn both(&mut self) -> Result<Filter, ScimError> {
        let mut filter = self.one()?;
        while self.take("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.one()?));
        }
        Ok(filter)
    }

    fn one(&mut self) -> Result<Filter, ScimError> {
        if self.left.front() == Some(&Token::Open) {
            self.left.pop_front();
            return self.inside(&Token::Close);
        }
        if matches!(self.left.front(), Some(Token::Word(word)) if word.eq_ignore_ascii_case("not"))
            && self.left.get(1) == Some(&Token::Open)
        {
            self.left.drain(..2);
            return Ok(Filter::Not(Box::new(self.inside(&Token::Close)?)));
        }
        let Some(Token::Word(attribute)) = self.next() else { return Err(wrong("an attribute is missing")) };
        let attribute = attribute_of(&attribute)?;
        if self.left.front() == Some(&Token::OpenInner) {
            self.left.pop_front();
            return Ok(Filter::Any(attribute, Box::new(self.inside(&Token::CloseInner)?)));
        }
        let Some(Token::Word(operator)) = self.next() else { return Err(wrong("an operator is missing")) };
        if operator.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(attribute));
        }
        let operator = OPERATORS.iter().find(|(name, _)| operator.eq_ignore_ascii_case(name));
        let (_, operator) = operator.ok_or_else(|| wrong("there is no such operator"))?;
        let value = match self.next() {
            Some(Token::Text(text)) => Value::String(text),
            Some(Token::Word(word)) => literal(&word)?,
            _ => return Err(wrong("a value is missing")),
        };
        Ok(Filter::Is { attribute, operator: *operator, value })
    }

    fn inside(&mut self, end: &Token) -> Result<Filter, ScimError> {
        let filter = self.either()?;
        if self.next().as_ref() == Some(end) { Ok(filter) } else { Err(wrong("a bracket is not closed")) }
    }
}

fn literal(word: &str) -> Result<Value, ScimError> {
    // Providers write `True` as well.
    serde_json::from_str(&word.to_ascii_lowercase()).map_err(|_| wrong("a value is neither a text nor a number"))
}

fn attribute_of(text: &str) -> Result<String, ScimError> {
    let parts: Vec<&str> = without_schema(text).split('.').collect();
    if parts.len() > 2 || !parts.iter().all(|part| is_name(part)) {
        return Err(wrong("an attribute's name is none"));
    }
    Ok(parts.into_iter().map(name_of).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_pass_filters() {
        let ana = json!({
            "id": "01938d1c", "userName": "Ana@example.org", "externalId": "X-1", "active": true,
            "displayName": "Ana \"A\" Ruiz", "name": {"givenName": "Ana"},
            "emails": [{"value": "ana@example.org", "type": "work", "primary": true}],
            "members": [{"value": "m1"}, {"value": "m2"}],
        });
        let table = [
            (r#"userName eq "ana@EXAMPLE.org""#, true),
            (r#"USERNAME Eq "ana@example.org""#, true),
            (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ana@example.org""#, true),
            (r#"userName eq "bob""#, false),
            (r#"externalId eq "X-1""#, true),
            (r#"externalId eq "x-1""#, false),
            (r#"displayName eq "ana \"a\" ruiz""#, true),
            ("active eq true", true),
            (r#"active eq "True""#, true),
            ("active eq False", false),
            (r#"name.givenName sw "an" and active eq true"#, true),
            (r#"userName eq "bob" or externalId eq "X-1""#, true),
            (r#"userName eq "bob" or externalId eq "X-1" and active eq false"#, false),
            (r#"(userName eq "bob" or externalId eq "X-1") and active eq true"#, true),
            (r#"not (userName eq "bob")"#, true),
            (r#"userName ne "bob""#, true),
            ("title pr", false),
            ("emails pr", true),
            (r#"emails eq "ana@example.org""#, true),
            (r#"emails.value co "@EXAMPLE""#, true),
            (r#"emails[type eq "work" and value ew "example.org"]"#, true),
            (r#"emails[type eq "home"]"#, false),
            (r#"members eq "m2""#, true),
            (r#"members[value eq "m3"]"#, false),
        ];
        for (text, passes) in table {
            assert_eq!(Filter::parse(text).unwrap().matches(&ana), passes, "{text}");
        }
        assert_eq!(Filter::parse(r#"active eq true and userName eq "a""#).unwrap().wanted("userName"), Some("a"));
        assert_eq!(Filter::parse(r#"active eq true or userName eq "a""#).unwrap().wanted("userName"), None);
    }

    #[test]
    fn what_is_no_filter_is_said() {
        let deep = format!("{}active eq true{}", "(".repeat(20), ")".repeat(20));
        let long = format!(r#"userName eq "{}""#, "a".repeat(3_000));
        let table = [
            "",
            "userName",
            "userName eq",
            r#"userName is "a""#,
            r#"userName eq "a"#,
            r#"userName eq "a" and"#,
            r#"(userName eq "a""#,
            r#"userName eq "a")"#,
            r#"emails[type eq "work""#,
            r#"a.b.c eq "x""#,
            r#"user name eq "a""#,
            "userName eq ana",
            "1=1",
            &deep,
            &long,
        ];
        for text in table {
            assert_eq!(Filter::parse(text).unwrap_err().kind, Some(ScimType::InvalidFilter), "{text:.60}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall(text in ".{0,200}") {
            if let Ok(filter) = Filter::parse(&text) {
                filter.matches(&json!({"userName": "a"}));
            }
        }
    }
}
