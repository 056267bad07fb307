//! The script that lives beside each document, in a world of its own, and how it is called.

/// The world's name. No page can see it.
pub(crate) const WORLD: &str = "inside";

/// What the script calls to tell that the document changes or rests.
pub(crate) const TELL: &str = "insideTell";

/// What the page's own `print` is replaced by, so that no dialog opens.
pub(crate) const NO_PRINT: &str = "window.print = () => {};";

/// The whole script: one scope, so that the page's elements are all it shares with the document.
pub(crate) const SCRIPT: &str = concat!(
    "(() => { 'use strict';\n",
    include_str!("inside/begin.js"),
    include_str!("inside/rest.js"),
    include_str!("inside/tree.js"),
    include_str!("inside/sight.js"),
    include_str!("inside/names.js"),
    include_str!("inside/mask.js"),
    include_str!("inside/addresses.js"),
    include_str!("inside/drawn.js"),
    include_str!("inside/busy.js"),
    include_str!("inside/news.js"),
    include_str!("inside/look.js"),
    include_str!("inside/touch.js"),
    include_str!("inside/typing.js"),
    include_str!("inside/redaction.js"),
    include_str!("inside/pickers.js"),
    include_str!("inside/live.js"),
    include_str!("inside/end.js"),
    "\n})()"
);
