//! Markup as a tree: text is escaped, every tag is closed, and a page can be changed as a whole before it is written.

use std::borrow::Cow;

/// An element, a text, or markup that was written by hand.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Element(El),
    Text(String),
    /// Script and style, where escaping would change the meaning.
    Raw(Cow<'static, str>),
}

/// One element under construction.
#[derive(Clone, Debug)]
pub(crate) struct El {
    tag: &'static str,
    attributes: Vec<(&'static str, Option<String>)>,
    kids: Vec<Node>,
}

pub(crate) fn el(tag: &'static str) -> El {
    El { tag, attributes: Vec::new(), kids: Vec::new() }
}

pub(crate) fn text(text: impl Into<String>) -> Node {
    Node::Text(text.into())
}

pub(crate) fn raw(markup: impl Into<Cow<'static, str>>) -> Node {
    Node::Raw(markup.into())
}

impl El {
    /// Sets an attribute; the later of two wins, as an attribute may stand only once.
    pub(crate) fn at(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.retain(|(known, _)| *known != name);
        self.attributes.push((name, Some(value.into())));
        self
    }

    pub(crate) fn flag(mut self, name: &'static str) -> Self {
        self.attributes.push((name, None));
        self
    }

    pub(crate) fn at_some(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.at(name, value),
            None => self,
        }
    }

    pub(crate) fn flag_if(self, condition: bool, name: &'static str) -> Self {
        if condition { self.flag(name) } else { self }
    }

    pub(crate) fn class(self, class: &str) -> Self {
        self.at("class", class)
    }

    pub(crate) fn text(mut self, content: impl Into<String>) -> Self {
        self.kids.push(text(content));
        self
    }

    pub(crate) fn kid(mut self, kid: impl Into<Node>) -> Self {
        self.kids.push(kid.into());
        self
    }

    pub(crate) fn kids<N: Into<Node>>(mut self, kids: impl IntoIterator<Item = N>) -> Self {
        self.kids.extend(kids.into_iter().map(Into::into));
        self
    }
}

impl From<El> for Node {
    fn from(element: El) -> Self {
        Self::Element(element)
    }
}

impl Node {
    /// Calls `change` for each attribute of the whole tree: tag, name, value.
    pub(crate) fn each_attribute(&mut self, change: &mut dyn FnMut(&str, &str, &mut String)) {
        if let Self::Element(element) = self {
            for (name, value) in &mut element.attributes {
                if let Some(value) = value {
                    change(element.tag, name, value);
                }
            }
            for kid in &mut element.kids {
                kid.each_attribute(change);
            }
        }
    }

    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Text(content) => escape(content, out),
            Self::Raw(markup) => out.push_str(markup),
            Self::Element(element) => element.write(out),
        }
    }
}

impl El {
    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.tag);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str("=\"");
                escape(value, out);
                out.push('"');
            }
        }
        out.push('>');
        if VOID.contains(&self.tag) {
            return;
        }
        for kid in &self.kids {
            kid.write(out);
        }
        out.push_str("</");
        out.push_str(self.tag);
        out.push('>');
    }
}

/// The markup of several nodes, one after another.
pub(crate) fn write_all(nodes: &[Node]) -> String {
    let mut out = String::new();
    for node in nodes {
        node.write(&mut out);
    }
    out
}

const VOID: &[&str] = &["br", "hr", "img", "input", "link", "meta", "wbr"];

fn escape(content: &str, out: &mut String) {
    for character in content.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{el, write_all};

    #[test]
    fn text_and_attributes_are_escaped_and_void_elements_stay_open() {
        let node = el("p").at("title", "a\"b").text("<script>&").kid(el("br")).kid(el("b").flag("hidden"));
        assert_eq!(write_all(&[node.into()]), "<p title=\"a&quot;b\">&lt;script&gt;&amp;<br><b hidden></b></p>");
    }
}
