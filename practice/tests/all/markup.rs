//! A strict reader of markup: what is not well-formed is an error with its place.

use std::collections::BTreeMap;

/// An element with its attributes and what is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Element {
    pub(crate) tag: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) kids: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// The element and all under it, in document order.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        for kid in &self.kids {
            all.extend(kid.all());
        }
        all
    }

    pub(crate) fn tags(&self, tag: &str) -> Vec<&Self> {
        self.all().into_iter().filter(|element| element.tag == tag).collect()
    }

    /// All text under the element.
    pub(crate) fn words(&self) -> String {
        let own = if ["script", "style"].contains(&self.tag.as_str()) { "" } else { &self.text };
        self.kids.iter().fold(own.to_owned(), |words, kid| format!("{words} {}", kid.words()))
    }
}

const VOID: &[&str] = &["br", "hr", "img", "input", "link", "meta", "wbr"];

/// Reads a document or a piece of one.
///
/// # Errors
/// When a tag is not closed, closes another, or carries an attribute twice.
pub(crate) fn read(html: &str) -> Result<Element, String> {
    let mut open = vec![Element { tag: "#root".into(), ..Element::default() }];
    let mut rest = html.strip_prefix("<!doctype html>").unwrap_or(html);
    while let Some(at) = rest.find('<') {
        push_text(&mut open, &rest[..at])?;
        rest = &rest[at..];
        let end = tag_end(rest).ok_or_else(|| format!("a tag without end: {}", head(rest)))?;
        let inside = &rest[1..end];
        if let Some(name) = inside.strip_prefix('/') {
            let closed = open.pop().ok_or("nothing is open")?;
            if closed.tag != name {
                return Err(format!("</{name}> closes <{}>: {}", closed.tag, head(rest)));
            }
            open.last_mut().ok_or("more is closed than was open")?.kids.push(closed);
            rest = &rest[end + 1..];
            continue;
        }
        let own_end = inside.ends_with('/');
        let element = element(inside.trim_end_matches('/'))?;
        rest = &rest[end + 1..];
        if VOID.contains(&element.tag.as_str()) || own_end {
            open.last_mut().ok_or("nothing is open")?.kids.push(element);
        } else if ["script", "style"].contains(&element.tag.as_str()) {
            let close = format!("</{}>", element.tag);
            let end = rest.find(&close).ok_or_else(|| format!("{close} is missing"))?;
            let element = Element { text: rest[..end].to_owned(), ..element };
            open.last_mut().ok_or("nothing is open")?.kids.push(element);
            rest = &rest[end + close.len()..];
        } else {
            open.push(element);
        }
    }
    push_text(&mut open, rest)?;
    let root = open.pop().ok_or("nothing was read")?;
    if open.is_empty() { Ok(root) } else { Err(format!("<{}> is never closed", root.tag)) }
}

fn head(text: &str) -> String {
    text.chars().take(60).collect()
}

fn push_text(open: &mut [Element], text: &str) -> Result<(), String> {
    if text.contains('>') {
        return Err(format!("a stray > in {}", head(text)));
    }
    let last = open.last_mut().ok_or("nothing is open")?;
    last.text.push_str(&plain(text)?);
    Ok(())
}

/// Where a tag ends: at the first `>` outside quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn element(inside: &str) -> Result<Element, String> {
    let (tag, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut element = Element { tag: tag.to_owned(), ..Element::default() };
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let value = if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').ok_or_else(|| format!("an open quote in <{tag}>"))?;
            rest = &quoted[end + 1..];
            plain(&quoted[..end])?
        } else {
            String::new()
        };
        if element.attributes.insert(name.clone(), value).is_some() {
            return Err(format!("<{tag}> has {name} twice"));
        }
    }
    Ok(element)
}

fn plain(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')];
        let found = known.iter().find(|(entity, _)| rest[at..].starts_with(entity));
        let (entity, character) = found.ok_or_else(|| format!("an unknown entity: {}", head(&rest[at..])))?;
        out.push(*character);
        rest = &rest[at + entity.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for bad in ["<p>", "<p></div>", "</p>", "<p a=\"1\" a=\"2\"></p>", "<p>a & b</p>", "<script>", "<p a=\"></p>"] {
        assert!(read(bad).is_err(), "{bad}");
    }
    let root = read("<p class=\"x\">a &amp; b<br><input name=\"n\"></p>").unwrap();
    assert_eq!(root.tags("input")[0].attribute("name"), "n");
    assert_eq!(root.tags("p")[0].text, "a & b");
}
